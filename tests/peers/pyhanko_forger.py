#!/usr/bin/env python3
"""What a forger with keys of his own makes: his authorities bear the names of the true ones.

``pyhanko_forger.py TRUE FALSE``: two folders that ``pyhanko_maker.py`` wrote. Into TRUE come
``forged-time.pdf`` (the true seal, stamped by the false authority), ``false-issuer.pdf`` (the true seal,
the false root beside it) and ``false-seal.pdf`` (a seal of the false root, the true root beside it); and ``false-issuer.p12`` and ``false-seal.p12``, with which others may sign the same.
"""

import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from pyhanko_maker import PASSWORD, Pki


def seal_of(folder):
    key, certificate, others = pkcs12.load_key_and_certificates(
        (folder / "seal.p12").read_bytes(), PASSWORD
    )
    return key, certificate, others


def keep(path, key, certificate, others):
    encryption = serialization.BestAvailableEncryption(PASSWORD)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"cachet", key, certificate, others, encryption)
    )


def sign(folder, p12, authority, name):
    meta = PdfSignatureMetadata(
        field_name="Cachet",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    signer = signers.SimpleSigner.load_pkcs12(folder / p12, passphrase=PASSWORD)
    with open(folder / "base.pdf", "rb") as source, open(folder / name, "wb") as target:
        PdfSigner(meta, signer=signer, timestamper=authority.timestamper()).sign_pdf(
            IncrementalPdfFileWriter(source, strict=False), output=target
        )


def main():
    true, false = (Path(folder) for folder in sys.argv[1:])
    own, forged = seal_of(true), seal_of(false)
    keep(true / "false-issuer.p12", own[0], own[1], forged[2])
    keep(true / "false-seal.p12", forged[0], forged[1], own[2])
    authority, forger = Pki.load(true / "tsa.p12"), Pki.load(false / "tsa.p12")
    sign(true, "seal.p12", forger, "forged-time.pdf")
    sign(true, "false-issuer.p12", authority, "false-issuer.pdf")
    sign(true, "false-seal.p12", authority, "false-seal.pdf")


if __name__ == "__main__":
    main()
