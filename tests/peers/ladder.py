#!/usr/bin/env python3
"""The PKI of ``ladder.yml`` over HTTP on loopback: OCSP, revocation lists, issuers, time-stamps.

``ladder.py OUT_DIR PORT`` writes ``root.pem``, ``password`` and ``NAME.p12`` for every seal, prints
``ready`` and serves until it is killed. What a seal's name promises befalls its OCSP requests:
``silent`` gets no answer, ``lying`` one about another certificate, ``flooding`` one without end.
"""

import re
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from asn1crypto import ocsp
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
import yaml
from werkzeug.serving import run_simple
from werkzeug.wrappers import Response

SEALS = ["signer", "crl-only", "checked", "revoked", "silent", "lying", "flooding"]
OTHERS = ["root", "interm", "interm-ocsp", "checked-ocsp", "tsa", "tsa2"]
PASSWORD = b"essai"


def keys(folder):
    made = {}
    for name in OTHERS + SEALS:
        rsa_key = name in ("tsa", "tsa2", "crl-only")
        key = rsa.generate_private_key(65537, 3072) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        made[name] = key
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key.pem").write_bytes(pem)
    return made


def moment(match):
    count, unit = int(match[1]), {"d": "days", "h": "hours", "s": "seconds"}[match[2]]
    at = datetime.now(timezone.utc) + timedelta(**{unit: count})
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def configuration(folder, port):
    text = (Path(__file__).parent / "ladder.yml").read_text()
    listed = {name: {"path": f"{name}.key.pem"} for name in OTHERS + SEALS}
    text = text.replace("@URL@", f"http://127.0.0.1:{port}").replace("@KEYS@", str(folder))
    text = text.replace("@KEYLIST@", yaml.safe_dump(listed, default_flow_style=True).strip())
    text = re.sub(r"@([+-]\d+)([dhs])@", moment, text)
    return CertomancerConfig(yaml.safe_load(text), key_search_dir="/")


def write(arch, made, folder):
    def certificate(label):
        return x509.load_der_x509_certificate(arch.get_cert(CertLabel(label)).dump())

    interm, root = certificate("interm"), certificate("root")
    for name in SEALS:
        sealed = pkcs12.serialize_key_and_certificates(
            name.encode(), made[name], certificate(name), [interm], BestAvailableEncryption(PASSWORD)
        )
        (folder / f"{name}.p12").write_bytes(sealed)
    (folder / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (folder / "password").write_bytes(PASSWORD)
    (folder / "password").chmod(0o600)
    return {certificate(name).serial_number: name for name in SEALS}


def misbehaving(app, names, other):
    """What befalls an OCSP request, by the seal that it is about."""

    def serve(environ, start):
        if not environ["PATH_INFO"].startswith("/ladder/ocsp/"):
            return app(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = ocsp.OCSPRequest.load(body)["tbs_request"]["request_list"][0]["req_cert"]
        name = names.get(asked["serial_number"].native)
        if name == "silent":
            time.sleep(600)
        if name == "flooding":
            endless = (b"\x30" * 65536 for _ in iter(int, 1))
            return Response(endless, mimetype="application/ocsp-response")(environ, start)
        if name == "lying":
            asked["serial_number"] = other
            request = ocsp.OCSPRequest.load(body)
            request["tbs_request"]["request_list"][0]["req_cert"]["serial_number"] = other
            body = request.dump(force=True)
        from io import BytesIO

        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return app(environ, start)

    return serve


def main():
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    made = keys(folder)
    config = configuration(folder, port)
    arch = config.get_pki_arch(ArchLabel("ladder"))
    names = write(arch, made, folder)
    other = next(serial for serial, name in names.items() if name == "signer")
    app = Animator(AnimatorArchStore(config.pki_archs), with_web_ui=False)
    print("ready", flush=True)
    run_simple("127.0.0.1", port, misbehaving(app, names, other), threaded=True)


if __name__ == "__main__":
    main()
