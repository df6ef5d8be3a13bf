#!/usr/bin/env python3
"""Signs or edits PDFs with pyHanko: one request a line on stdin, one JSON answer a line on stdout.

Request: ``KIND TAB FOLDER TAB IN TAB OUT``. FOLDER is what ``pyhanko_maker.py`` wrote. KIND is
``untimed`` or ``timed`` (a first signature), ``second`` or ``archived`` (a further one; the latter
with validation data and a document timestamp), or an edit in a revision of its own, written in the
file's own form: ``content``, ``note``, ``field``, ``script``, ``title``, ``touched``, ``turned``.
"""

import json
import logging
import sys
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator import ValidationContext

from pyhanko_maker import PASSWORD, Pki, to_asn1

name = generic.NameObject
SIGNERS = {}


def keys(folder):
    """The seal and the authority of a folder, read once."""
    if folder not in SIGNERS:
        seal = signers.SimpleSigner.load_pkcs12(Path(folder) / "seal.p12", passphrase=PASSWORD)
        SIGNERS[folder] = seal, Pki.load(Path(folder) / "tsa.p12")
    return SIGNERS[folder]


def sign(kind, folder, writer):
    seal, authority = keys(folder)
    context = ValidationContext(
        trust_roots=[to_asn1(authority.root)], allow_fetching=False, revocation_mode="soft-fail"
    )
    archived = kind == "archived"
    meta = PdfSignatureMetadata(
        field_name="Premier" if kind in ("untimed", "timed") else "Second",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=archived,
        use_pades_lta=archived,
        validation_context=context if archived else None,
    )
    stamper = None if kind == "untimed" else authority.timestamper()
    return PdfSigner(meta, signer=seal, timestamper=stamper).sign_pdf(writer).getvalue()


def first_page(writer):
    return writer.find_page_for_modification(0)[0].get_object()


def content(writer):
    data = b"BT 30 30 Td ET 0 0 1 rg 20 20 400 400 re f"
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=data)))


def note(writer):
    box = generic.ArrayObject([generic.NumberObject(n) for n in (20, 20, 400, 400)])
    keys = {"/Type": name("/Annot"), "/Subtype": name("/FreeText"), "/Rect": box}
    keys["/Contents"] = generic.TextStringObject("autre chose")
    writer.register_annotation(
        writer.find_page_for_modification(0)[0],
        writer.add_object(generic.DictionaryObject({name(k): v for k, v in keys.items()})),
    )


def field(writer):
    added = generic.DictionaryObject(
        {name("/FT"): name("/Tx"), name("/T"): generic.TextStringObject("Ajout")}
    )
    form = writer.root["/AcroForm"]
    listed = form["/Fields"]
    listed.append(writer.add_object(added))
    writer.update_container(listed)


def script(writer):
    action = {name("/S"): name("/JavaScript"), name("/JS"): generic.TextStringObject("app.beep(0)")}
    writer.root[name("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def title(writer):
    writer.document_meta.title = "Un autre titre"
    writer.update_root()


def touched(writer):
    writer.update_container(first_page(writer))


def turned(writer):
    page = first_page(writer)
    page[name("/Rotate")] = generic.NumberObject(90)
    writer.update_container(page)


EDITS = {edit.__name__: edit for edit in (content, note, field, script, title, touched, turned)}


def answer(kind, folder, source, target):
    Path(target).write_bytes(Path(source).read_bytes())
    with open(target, "r+b") as handle:
        writer = IncrementalPdfFileWriter(handle, strict=False)
        if writer.prev.encrypted:
            writer.encrypt(b"")
        if kind in EDITS:
            EDITS[kind](writer)
            writer.write_in_place()
            return
        signed = sign(kind, folder, writer)
    Path(target).write_bytes(signed)


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            answer(*line.rstrip("\n").split("\t"))
            error = None
        except Exception as fault:  # it is an answer: this file is not for pyHanko
            error = repr(fault)
        print(json.dumps({"error": error}), flush=True)


if __name__ == "__main__":
    main()
