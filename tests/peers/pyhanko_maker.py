#!/usr/bin/env python3
"""Makes known-good files for the judges: a throw-away PKI, and a PDF sealed by pyHanko as B-T.

``pyhanko_maker.py OUT_DIR BASE_PDF`` writes ``root.pem``, ``sealed.pdf`` (B-T), ``untimed.pdf``
(B-B), ``seal.p12`` (password ``essai``), ``tsa.pem`` and ``tsa.p12`` (no password). The judges are
judged by these: a judge that accepts everything, or nothing, is found out before it is believed
about Sceau.
"""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509 as cx509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
import loaded_keys  # noqa: F401
from asn1crypto import keys as akeys
from asn1crypto import x509 as ax509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

PASSWORD = b"essai"
NOW = datetime.now(timezone.utc)


def name(common_name, identifier=None):
    parts = [
        cx509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        cx509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cabinet de l'essai"),
    ]
    if identifier:
        parts.append(cx509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, identifier))
    return cx509.Name(parts + [cx509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(**given):
    flags = dict.fromkeys(
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
        " key_cert_sign crl_sign encipher_only decipher_only".split(),
        False,
    )
    return cx509.KeyUsage(**{**flags, **given})


def certify(subject, key, issuer, issuer_key, extensions, days):
    builder = (
        cx509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(cx509.random_serial_number())
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(cx509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            cx509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def to_asn1(certificate):
    return ax509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def key_to_asn1(key):
    return akeys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


class Pki:
    def __init__(self, seal_key=None):
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.seal_key = seal_key or ec.generate_private_key(ec.SECP256R1())
        # pyHanko's in-process timestamper knows RSA only.
        self.tsa_key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        root = name("Racine de l'essai")
        self.root = certify(
            root,
            self.root_key,
            root,
            self.root_key,
            [
                (cx509.BasicConstraints(True, None), True),
                (usage(key_cert_sign=True, crl_sign=True), True),
            ],
            3650,
        )
        self.seal = certify(
            name("Cachet de l'essai", "NTRFR-732829320"),
            self.seal_key,
            root,
            self.root_key,
            [(cx509.BasicConstraints(False, None), True), (usage(content_commitment=True), True)],
            730,
        )
        self.tsa = certify(
            name("Horodatage de l'essai"),
            self.tsa_key,
            root,
            self.root_key,
            [
                (cx509.BasicConstraints(False, None), True),
                (usage(digital_signature=True), True),
                (cx509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
            ],
            730,
        )

    def save(self, path):
        """Keeps what the authority needs to go on after a restart."""
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(
                None, self.tsa_key, self.tsa, [self.root], serialization.NoEncryption()
            )
        )

    @classmethod
    def load(cls, path):
        """The authority alone, as it was saved."""
        pki = cls.__new__(cls)
        pki.tsa_key, pki.tsa, (pki.root,) = pkcs12.load_key_and_certificates(
            path.read_bytes(), None
        )
        return pki

    def signer(self):
        registry = SimpleCertificateStore()
        registry.register(to_asn1(self.root))
        return signers.SimpleSigner(
            signing_cert=to_asn1(self.seal),
            signing_key=key_to_asn1(self.seal_key),
            cert_registry=registry,
            embed_roots=False,
        )

    def timestamper(self):
        registry = SimpleCertificateStore()
        registry.register(to_asn1(self.root))
        return timestamps.DummyTimeStamper(
            to_asn1(self.tsa), key_to_asn1(self.tsa_key), certs_to_embed=registry
        )


def seal(pki, base, out, timestamper):
    meta = PdfSignatureMetadata(
        field_name="Cachet",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    with open(base, "rb") as source, open(out, "wb") as target:
        PdfSigner(meta, signer=pki.signer(), timestamper=timestamper).sign_pdf(
            IncrementalPdfFileWriter(source, strict=False), output=target
        )


def write(pki, out, base):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    pem = serialization.Encoding.PEM
    (out / "root.pem").write_bytes(pki.root.public_bytes(pem))
    (out / "tsa.pem").write_bytes(pki.tsa.public_bytes(pem))
    (out / "seal.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"cachet",
            pki.seal_key,
            pki.seal,
            [pki.root],
            serialization.BestAvailableEncryption(PASSWORD),
        )
    )
    pki.save(out / "tsa.p12")
    seal(pki, base, out / "sealed.pdf", pki.timestamper())
    seal(pki, base, out / "untimed.pdf", None)


def main():
    write(Pki(), sys.argv[1], sys.argv[2])


if __name__ == "__main__":
    main()
