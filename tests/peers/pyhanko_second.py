#!/usr/bin/env python3
"""Signs a signed PDF once more with pyHanko, or extends it.

``pyhanko_second.py KIND FOLDER IN OUT``: FOLDER is what ``pyhanko_maker.py`` wrote, KIND one of
``invisible``, ``visible``, ``pkcs7`` (of the form of ISO 32000-1), ``timestamp`` and ``lta``.
"""

import sys
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko_certvalidator import ValidationContext

from pyhanko_maker import PASSWORD, Pki, to_asn1


def sign(kind, folder, writer, target):
    signer = signers.SimpleSigner.load_pkcs12(folder / "seal.p12", passphrase=PASSWORD)
    authority = Pki.load(folder / "tsa.p12")
    context = ValidationContext(
        trust_roots=[to_asn1(authority.root)], allow_fetching=False, revocation_mode="soft-fail"
    )
    if kind == "timestamp":
        PdfTimeStamper(authority.timestamper()).timestamp_pdf(
            writer, md_algorithm="sha256", validation_context=context, output=target
        )
        return
    if kind == "visible":
        spec = fields.SigFieldSpec("Second", on_page=0, box=(60, 60, 260, 110))
        fields.append_signature_field(writer, spec)
    lta = kind == "lta"
    meta = PdfSignatureMetadata(
        field_name="Second",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
        if kind == "pkcs7"
        else fields.SigSeedSubFilter.PADES,
        embed_validation_info=lta,
        use_pades_lta=lta,
        validation_context=context if lta else None,
    )
    PdfSigner(meta, signer=signer, timestamper=authority.timestamper()).sign_pdf(
        writer, output=target
    )


def main():
    kind, folder, source, out = sys.argv[1:]
    with open(source, "rb") as handle, open(out, "w+b") as target:
        sign(kind, Path(folder), IncrementalPdfFileWriter(handle, strict=False), target)


if __name__ == "__main__":
    main()
