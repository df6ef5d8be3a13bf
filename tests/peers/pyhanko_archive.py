#!/usr/bin/env python3
"""Signs with pyHanko as Adobe's readers do, the revocation data within the signature.

``pyhanko_archive.py PKI_FOLDER TSA_URL IN OUT``: the seal ``signer`` of ``ladder.py``, in the form of
ISO 32000-1, with a timestamp and the attribute ``adbe-revocationInfoArchival``.
"""

import sys
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator import ValidationContext
from pyhanko_judge import anchors


def main():
    folder, tsa, source, out = Path(sys.argv[1]), *sys.argv[2:]
    password = (folder / "password").read_bytes()
    meta = PdfSignatureMetadata(
        field_name="Archive",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
        embed_validation_info=True,
        validation_context=ValidationContext(
            trust_roots=anchors(folder / "root.pem"), allow_fetching=True, revocation_mode="hard-fail"
        ),
    )
    signer = signers.SimpleSigner.load_pkcs12(folder / "signer.p12", passphrase=password)
    with open(source, "rb") as handle, open(out, "wb") as target:
        PdfSigner(meta, signer=signer, timestamper=timestamps.HTTPTimeStamper(tsa)).sign_pdf(
            IncrementalPdfFileWriter(handle), output=target
        )


if __name__ == "__main__":
    main()
