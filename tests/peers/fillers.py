#!/usr/bin/env python3
"""Fills the form of the tests as people's programs do, in an incremental revision.

``fillers.py PROGRAM IN OUT ...``: PROGRAM is ``pypdf``, ``PyMuPDF`` or ``PDFium`` (the library of Chromium, into
whose fields the text is typed). The fields are those of ``fixtures::form``; ``dss/Filler.java`` has the same.
"""

import ctypes
import sys
from pathlib import Path

TEXTS = {"Nom": "Élodie Lefèvre, née Noël", "Siret": "73282932000074", "Date": "12/03/2026"}
CHOICE = "Société civile"


def by_pypdf(source, target):
    from pypdf import PdfWriter

    writer = PdfWriter(source, incremental=True)
    values = {**TEXTS, "Forme": CHOICE, "Accord": "/Oui"}
    writer.update_page_form_field_values(writer.pages[0], values, auto_regenerate=False)
    writer.write(target)


def by_pymupdf(source, target):
    import pymupdf

    Path(target).write_bytes(Path(source).read_bytes())
    with pymupdf.open(target) as document:
        values = {**TEXTS, "Forme": CHOICE, "Accord": True}
        for widget in document[0].widgets():
            if widget.field_name in values:
                widget.field_value = values[widget.field_name]
                widget.update()
        document.saveIncr()


def by_pdfium(source, target):
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(source)
    document.init_forms()
    page, form = document[0], document.formenv

    def click(y):
        place = (form, page, 0, 160, y)
        raw.FORM_OnMouseMove(*place)
        raw.FORM_OnLButtonDown(*place)
        raw.FORM_OnLButtonUp(*place)

    def put(y, text):
        click(y)
        wide = (text + "\0").encode("utf-16-le")
        raw.FORM_SelectAllText(form, page)
        raw.FORM_ReplaceSelection(form, page, ctypes.cast(wide, raw.FPDF_WIDESTRING))

    put(710, TEXTS["Nom"])
    put(670, TEXTS["Siret"])
    put(550, TEXTS["Date"])
    click(630)
    click(590)
    raw.FORM_SetIndexSelected(form, page, 2, True)
    raw.FORM_ForceToKillFocus(form)
    document.save(target, flags=raw.FPDF_INCREMENTAL)


def main():
    program, *files = sys.argv[1:]
    fill = {"pypdf": by_pypdf, "PyMuPDF": by_pymupdf, "PDFium": by_pdfium}[program]
    for source, target in zip(files[::2], files[1::2]):
        fill(source, target)


if __name__ == "__main__":
    main()
