#!/usr/bin/env python3
"""pyHanko's library on the same file: seconds of each B-T seal, keys loaded, in one process.

``pyhanko_bench.py BASE_PDF COUNT KEY OUT_DIR``, KEY being ``p256`` or ``rsa3072``. The timestamp is
made in the process, without HTTP; each output is written and fsynced. Prints a list of seconds.
"""

import io
import os
import sys
import time

from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko_maker import Pki


def pki_with(kind):
    if kind == "p256":
        return Pki()
    return Pki(rsa.generate_private_key(public_exponent=65537, key_size=3072))


def main():
    base, count, kind, out = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    pki = pki_with(kind)
    meta = PdfSignatureMetadata(
        field_name="Cachet", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signer, stamper = pki.signer(), pki.timestamper()
    times = []
    for _ in range(count + 1):
        began = time.perf_counter()
        with open(base, "rb") as handle:
            source = io.BytesIO(handle.read())
        target = io.BytesIO()
        PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(
            IncrementalPdfFileWriter(source, strict=False), output=target
        )
        with open(os.path.join(out, "pyhanko.pdf"), "wb") as handle:
            handle.write(target.getvalue())
            os.fsync(handle.fileno())
        times.append(time.perf_counter() - began)
    print(times[1:])  # the first one warms up


if __name__ == "__main__":
    main()
