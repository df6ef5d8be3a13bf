#!/usr/bin/env python3
"""Signs one PDF in the forms that are met elsewhere and that Sceau never makes.

``pyhanko_forms.py OUT_DIR BASE_PDF`` writes ``root.pem`` and, signed under it with an RSA key:
``pss.pdf`` (PAdES, RSASSA-PSS with the longest salt), ``plain.pdf`` (adbe.pkcs7.detached without
``/M``, its time in the CMS attribute signing-time), ``silent.pdf`` (the same without any time) and
``ber.pdf`` (adbe.pkcs7.detached whose CMS comes from ``openssl cms -stream``, with indefinite lengths).
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import (
    PdfSignatureMetadata,
    PdfSigner,
    SignatureObject,
    cms_embedder,
)
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from pyhanko_maker import NOW, Pki

PEM = serialization.Encoding.PEM
PLAIN = fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED


def pss(pki, base, out):
    signer = pki.signer()
    signer.prefer_pss = True
    meta = PdfSignatureMetadata(
        field_name="Ailleurs", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    with open(base, "rb") as source, open(out, "wb") as target:
        PdfSigner(meta, signer=signer).sign_pdf(IncrementalPdfFileWriter(source), output=target)


def embedded(base, out, make):
    """A signature dictionary without ``/M`` around the CMS that ``make(digest, covered)`` gives."""
    out.write_bytes(base.read_bytes())
    with open(out, "r+b") as handle:
        steps = cms_embedder.PdfCMSEmbedder().write_cms(
            field_name="Ailleurs", writer=IncrementalPdfFileWriter(handle)
        )
        next(steps)
        holder = SignatureObject(subfilter=PLAIN, bytes_reserved=16384)
        steps.send(cms_embedder.SigObjSetup(sig_placeholder=holder))
        digest, _ = steps.send(cms_embedder.SigIOSetup(md_algorithm="sha256", in_place=True))
        handle.seek(0)
        whole = handle.read()
        covered = whole[: digest.reserved_region_start] + whole[digest.reserved_region_end :]
        steps.send(make(digest.document_digest, covered))


def by_pyhanko(pki, **attributes):
    settings = PdfCMSSignedAttributes(**attributes)

    def make(digest, _):
        signing = pki.signer().async_sign(digest, "sha256", signed_attr_settings=settings)
        return asyncio.run(signing)

    return make


def by_openssl(pki, folder):
    key = pki.seal_key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "seal.key").write_bytes(key)
    (folder / "seal.pem").write_bytes(pki.seal.public_bytes(PEM))

    def make(_, covered):
        (folder / "covered").write_bytes(covered)
        command = ["openssl", "cms", "-sign", "-binary", "-stream", "-md", "sha256"]
        command += ["-in", folder / "covered", "-inkey", folder / "seal.key"]
        command += ["-signer", folder / "seal.pem", "-outform", "DER"]
        return detached(subprocess.run(command, check=True, capture_output=True).stdout, covered)

    return make


def detached(message, content):
    """What OpenSSL streams without the content, which it puts in whatever it is told."""
    begin = message.index(b"\xa0\x80\x24\x80")
    end = message.index(content[-64:], begin) + 64
    # The ends of the constructed string and of the element around it.
    assert message[end : end + 4] == bytes(4)
    return message[:begin] + message[end + 4 :]


def main():
    folder, base = Path(sys.argv[1]), Path(sys.argv[2])
    pki = Pki(rsa.generate_private_key(public_exponent=65537, key_size=3072))
    (folder / "root.pem").write_bytes(pki.root.public_bytes(PEM))
    pss(pki, base, folder / "pss.pdf")
    embedded(base, folder / "plain.pdf", by_pyhanko(pki, signing_time=NOW))
    embedded(base, folder / "silent.pdf", by_pyhanko(pki))
    embedded(base, folder / "ber.pdf", by_openssl(pki, folder))


if __name__ == "__main__":
    main()
