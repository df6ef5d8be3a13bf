#!/usr/bin/env python3
"""Judges PDFs with pyHanko: one question a line on stdin, one JSON answer a line on stdout.

Question: ``file TAB anchors.pem [TAB long-term]``. Nothing is fetched; absent revocation data is no
fault ("soft-fail"). ``bottom_line`` is pyHanko's own verdict: intact, valid, trusted, nothing but
permitted changes since, and its timestamp likewise. With ``long-term`` the member ``ades`` is the
outcome of its validation after EN 319 102-1 clause 5.6.3, where revocation data is required; what
the last timestamp's own chain needs today is fetched. A file over which pyHanko computes for more than
``LONGEST`` seconds is answered with an error.
"""

import asyncio
import json
import logging
import signal
import sys
import traceback

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades, policy_decl, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager


LONGEST = 100


def too_long(*_):
    raise TimeoutError(f"pyHanko computes for more than {LONGEST} s")


def anchors(path):
    with open(path, "rb") as handle:
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(handle.read(), multiple=True)]


def context(path):
    return ValidationContext(
        trust_roots=anchors(path), allow_fetching=False, revocation_mode="soft-fail"
    )


def attribute_oids(signer_info, which):
    return [attribute["type"].dotted for attribute in signer_info[which] or ()]


def claimed_roles(signer_info):
    roles = []
    for attribute in signer_info["signed_attrs"]:
        if attribute["type"].dotted == "1.2.840.113549.1.9.16.2.61" or attribute[
            "type"
        ].dotted == "0.4.0.19122.1.1":
            for value in attribute["values"]:
                claimed = value["claimed_attributes"].native or []
                roles += [text for entry in claimed for text in entry["values"]]
    return [str(role) for role in roles]


def timestamp(validity):
    if validity is None:
        return None
    return {
        "intact": validity.intact,
        "valid": validity.valid,
        "trusted": validity.trusted,
        "time": validity.timestamp.isoformat(),
        "subject": validity.signing_cert.subject.human_friendly,
    }


def long_term(embedded, path):
    """The sub-indication of EN 319 102-1, or ``PASSED``."""
    spec = policy_decl.PdfSignatureValidationSpec(
        policy_decl.SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(anchors(path)),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=policy_decl.RevocationInfoGatheringSpec(
                # What is fetched is of today, and tells nothing of a past for which the file holds
                # answers: of an ended certificate it would lead to a moment after its end.
                online_fetching_rule=policy_decl.RevinfoOnlineFetchingRule.NO_HISTORICAL_FETCH
            ),
        )
    )
    result = asyncio.run(ades.ades_lta_validation(embedded, spec))
    return getattr(result.ades_subindic, "standard_name", str(result.ades_subindic))


def signature(embedded, path, mode):
    status = validate_pdf_signature(
        embedded,
        signer_validation_context=context(path),
        ts_validation_context=context(path),
    )
    info = embedded.signer_info
    certificate = embedded.signer_cert
    judged = {"ades": long_term(embedded, path)} if mode else {}
    return {
        **judged,
        "field": embedded.field_name,
        "sub_filter": str(embedded.sig_object.get("/SubFilter")),
        "bottom_line": status.bottom_line,
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "coverage": status.coverage.name,
        "modification_level": getattr(status.modification_level, "name", None),
        "mechanism": status.pkcs7_signature_mechanism,
        "digest_algorithm": status.md_algorithm,
        "timestamp": timestamp(status.timestamp_validity),
        "subject": certificate.subject.human_friendly,
        "fingerprint": certificate.sha256.hex(),
        "signed_attributes": attribute_oids(info, "signed_attrs"),
        "unsigned_attributes": attribute_oids(info, "unsigned_attrs"),
        "claimed_roles": claimed_roles(info),
        "pretty": status.pretty_print_details(),
    }


def judge(path, anchor_path, mode=None):
    with open(path, "rb") as handle:
        reader = PdfFileReader(handle, strict=False)
        if reader.encrypted:
            reader.decrypt(b"")
        return {
            "pages": int(reader.root["/Pages"]["/Count"]),
            "signatures": [
                signature(embedded, anchor_path, mode)
                for embedded in reader.embedded_regular_signatures
            ],
        }


def main():
    logging.disable(logging.CRITICAL)  # its verdicts are what is asked for
    signal.signal(signal.SIGPROF, too_long)
    for line in sys.stdin:
        path, *question = line.rstrip("\n").split("\t")
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        try:
            answer = {"error": None, **judge(path, *question)}
        except Exception as error:  # every fault of pyHanko is an answer about the file
            answer = {"error": repr(error), "trace": traceback.format_exc(), "signatures": []}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps({"file": path, **answer}), flush=True)


if __name__ == "__main__":
    main()
