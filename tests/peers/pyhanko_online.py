#!/usr/bin/env python3
"""Judges one PDF as a recipient's machine does: pyHanko fetches what the certificates point at.

``pyhanko_online.py FILE.pdf ANCHORS.pem``. A certificate whose status cannot be found out is refused
("hard-fail"). Prints one JSON object: what holds for signature and timestamp, and where each answer
that was fetched says it comes from.
"""

import json
import logging
import sys
from datetime import timedelta

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_judge import anchors


# The moment of judgement is that of the question; the answers are made after it, on a busy machine.
TOLERANCE = timedelta(seconds=60)


def context(path):
    return ValidationContext(
        trust_roots=anchors(path),
        allow_fetching=True,
        revocation_mode="hard-fail",
        time_tolerance=TOLERANCE,
    )


def status_of(status):
    problem = status.trust_problem_indic
    return {
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "revoked": bool(status.revocation_details),
        "problem": None if problem is None else str(problem),
    }


def main():
    logging.disable(logging.CRITICAL)
    pdf, anchor_path = sys.argv[1:]
    seal, stamp = context(anchor_path), context(anchor_path)
    with open(pdf, "rb") as handle:
        embedded, = PdfFileReader(handle).embedded_regular_signatures
        status = validate_pdf_signature(
            embedded, signer_validation_context=seal, ts_validation_context=stamp
        )
    fetched = [{"ocsp": len(one.ocsps), "crl": len(one.crls)} for one in (seal, stamp)]
    answer = {
        "signature": status_of(status),
        "timestamp": status_of(status.timestamp_validity),
        "fetched": {"signature": fetched[0], "timestamp": fetched[1]},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
