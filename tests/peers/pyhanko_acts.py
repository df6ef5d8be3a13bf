#!/usr/bin/env python3
"""What each signature of some PDFs signs: SHA-256 of its signed attributes as a DER SET (RFC 5652, 5.4).

Usage: ``pyhanko_acts.py PDF...``. Prints one JSON object: the digests of each file's signatures, in their
order, document timestamps left out.
"""

import hashlib
import json
import sys

from pyhanko.pdf_utils.reader import PdfFileReader


def acts(path):
    with open(path, "rb") as file:
        signatures = PdfFileReader(file).embedded_regular_signatures
        signed = [one.signer_info["signed_attrs"].untag().dump() for one in signatures]
        return [hashlib.sha256(bytes).hexdigest() for bytes in signed]


print(json.dumps({path: acts(path) for path in sys.argv[1:]}))
