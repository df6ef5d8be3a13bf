#!/usr/bin/env python3
"""Signs a signed PDF once more with pyHanko, or extends it.

``pyhanko_second.py KIND FOLDER IN OUT``: FOLDER is what ``pyhanko_maker.py`` wrote, KIND one of
``invisible``, ``visible``, ``pkcs7`` (of the form of ISO 32000-1), ``timestamp`` and ``lta``; ``sneaky``
and ``hiding``, which show another text over the first line of the page, the second on white paper; and
``certify2``, ``certify3`` and ``certify2-awaited``, which certify for filling, for notes, and with a field
that waits for a second signature.
"""

import sys
from pathlib import Path

from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext

from pyhanko_maker import PASSWORD, Pki, to_asn1


LINE = (60, 690, 460, 730)
ASIDE = (60, 60, 260, 110)
# Where what is shown stands.
BOXES = {"visible": ASIDE, "certify2-awaited": ASIDE, "sneaky": LINE, "hiding": LINE}


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
    if kind in BOXES:
        spec = fields.SigFieldSpec("Second", on_page=0, box=BOXES[kind])
        fields.append_signature_field(writer, spec)
    lta = kind == "lta"
    certify = kind.startswith("certify")
    meta = PdfSignatureMetadata(
        field_name="First" if certify else "Second",
        certify=certify,
        docmdp_permissions=fields.MDPPerm.ANNOTATE
        if kind == "certify3"
        else fields.MDPPerm.FILL_FORMS,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
        if kind == "pkcs7"
        else fields.SigSeedSubFilter.PADES,
        embed_validation_info=lta,
        use_pades_lta=lta,
        validation_context=context if lta else None,
    )
    PdfSigner(
        meta, signer=signer, timestamper=authority.timestamper(), stamp_style=look(kind)
    ).sign_pdf(writer, output=target)


def look(kind):
    if kind not in ("sneaky", "hiding"):
        return None
    paper = RawContent(b"1 g 0 0 400 40 re f", box=BoxConstraints(width=400, height=40))
    return TextStampStyle(
        stamp_text="Honoraires : 900 euros",
        background=paper if kind == "hiding" else None,
        background_opacity=1,
    )


def main():
    kind, folder, source, out = sys.argv[1:]
    with open(source, "rb") as handle, open(out, "w+b") as target:
        sign(kind, Path(folder), IncrementalPdfFileWriter(handle, strict=False), target)


if __name__ == "__main__":
    main()
