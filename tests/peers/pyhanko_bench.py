#!/usr/bin/env python3
"""pyHanko's library on the same file: the cost of each seal, keys loaded, in one process.

``pyhanko_bench.py BASE_PDF COUNT KEY OUT_DIR LEVEL``, KEY being ``p256`` or ``rsa3072``, LEVEL ``B-B``
or ``B-T``. The timestamp is made in the process, without HTTP; each output is written and fsynced.
Prints ``{"elapsed": [seconds, ...], "cpu": [seconds, ...]}``, the latter being computing time.
"""

import io
import json
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
    base, count, kind, out, level = sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]
    pki = pki_with(kind)
    meta = PdfSignatureMetadata(
        field_name="Cachet", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signer, stamper = pki.signer(), pki.timestamper() if level == "B-T" else None
    elapsed, cpu = [], []
    for _ in range(count + 1):
        began, computed = time.perf_counter(), time.process_time()
        with open(base, "rb") as handle:
            source = io.BytesIO(handle.read())
        target = io.BytesIO()
        PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(
            IncrementalPdfFileWriter(source, strict=False), output=target
        )
        with open(os.path.join(out, "pyhanko.pdf"), "wb") as handle:
            handle.write(target.getvalue())
            os.fsync(handle.fileno())
        elapsed.append(time.perf_counter() - began)
        cpu.append(time.process_time() - computed)
    print(json.dumps({"elapsed": elapsed[1:], "cpu": cpu[1:]}))  # the first one warms up


if __name__ == "__main__":
    main()
