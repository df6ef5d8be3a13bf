#!/usr/bin/env python3
"""The PKI of ``ladder.yml`` over HTTP on loopback: OCSP, revocation lists, issuers, time-stamps.

``ladder.py OUT_DIR PORT [keys]`` writes ``root.pem``, ``brief.pem``, ``stranger.pem``, ``password`` and ``NAME.p12`` for every seal,
prints ``ready`` with the moment from which all others count, and serves until it is killed; with
``keys``, which take their time to be made, there is also a seal for each kind of key. What a seal's name
promises befalls its OCSP requests: ``silent`` gets no answer, ``lying`` one about another certificate,
``flooding`` one without end, ``get-only`` one to GET alone. The seals of ``BARE`` lack their authority in
their files. What certificates of strangers may point at is there too: an answer without end, a large one of
nothing, a redirect that leads to itself, and the authority's certificate in a PKCS#7 message, behind a redirect.
"""

import base64
import re
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

from asn1crypto import ocsp
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs7, pkcs12
import loaded_keys  # noqa: F401
import yaml
from werkzeug.serving import run_simple
from werkzeug.wrappers import Response

SEALS = "signer crl-only checked revoked revoked-later expired ending wrong-usage unentitled".split()
SEALS += ["silent", "lying", "flooding", "get-only", "endless-list", "looping-list", "large-list"]
BARE = ["bare", "bare-bundle", "endless-issuer", "looping-issuer"]
SEALS += BARE
KINDS = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
}
OTHERS = ["root", "interm", "brief", "brief-ocsp", "interm-ocsp", "checked-ocsp", "unentitled-ocsp", "tsa", "tsa2"]
OTHERS += ["stranger"]
PASSWORD = b"essai"
# Bytes of the large answer: within what is read of a revocation list.
LARGE = 44 << 20


def new_key(name):
    kind = "rsa3072" if name in ("tsa", "tsa2", "crl-only") else name
    return KINDS.get(kind, lambda: ec.generate_private_key(ec.SECP256R1()))()


def keys(folder, seals):
    made = {}
    for name in OTHERS + seals:
        made[name] = key = new_key(name)
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


def configuration(folder, port, seals):
    text = (Path(__file__).parent / "ladder.yml").read_text()
    listed = {name: {"path": f"{name}.key.pem"} for name in OTHERS + seals}
    text = text.replace("@URL@", f"http://127.0.0.1:{port}").replace("@KEYS@", str(folder))
    text = text.replace("@KEYLIST@", yaml.safe_dump(listed, default_flow_style=True).strip())
    text = re.sub(r"@([+-]\d+)([dhs])@", moment, text)
    read = yaml.safe_load(text)
    for name in set(KINDS) - set(seals):
        del read["pki-architectures"]["ladder"]["certs"][name]
    return CertomancerConfig(read, key_search_dir="/")


def write(arch, made, folder, seals):
    def certificate(label):
        return x509.load_der_x509_certificate(arch.get_cert(CertLabel(label)).dump())

    for name in seals:
        above = certificate("brief" if name == "ending" else "interm")
        chain = [] if name in BARE else [above]
        sealed = pkcs12.serialize_key_and_certificates(
            name.encode(), made[name], certificate(name), chain, BestAvailableEncryption(PASSWORD)
        )
        (folder / f"{name}.p12").write_bytes(sealed)
    for name in ["root", "brief", "stranger"]:
        one = certificate(name)
        (folder / f"{name}.pem").write_bytes(one.public_bytes(serialization.Encoding.PEM))
    (folder / "password").write_bytes(PASSWORD)
    (folder / "password").chmod(0o600)
    return {certificate(name).serial_number: name for name in seals}


def asked_for(environ):
    """The request, which stands in the path where it is asked by ``GET`` (RFC 6960, A.1)."""
    if environ["REQUEST_METHOD"] == "POST":
        return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    path, _, encoded = environ["PATH_INFO"].removeprefix("/ladder/ocsp/").partition("/")
    environ["PATH_INFO"] = f"/ladder/ocsp/{path}"
    environ.update(REQUEST_METHOD="POST", CONTENT_TYPE="application/ocsp-request")
    return base64.b64decode(encoded)


class WholeSeconds(Animator):
    """Without fractions of seconds, which RFC 5280 (4.1.2.5.2) forbids and NSS does not read.

    One request at a time, for what ``tsa.py`` says of asn1crypto.
    """

    one_at_a_time = threading.Lock()

    def __call__(self, environ, start_response):
        with self.one_at_a_time:
            return super().__call__(environ, start_response)

    def at_time(self, request):
        return super().at_time(request).replace(microsecond=0)


def endless():
    return (b"\x30" * 65536 for _ in iter(int, 1))


def fate(path, bundle):
    """What an address of a stranger's certificate leads to; none for one that is not among these."""
    if path in ("/fates/loop", "/ladder/crls/loop/latest.crl"):
        return Response(status=302, headers={"Location": "?again"})
    if path in ("/fates/endless", "/ladder/crls/endless/latest.crl"):
        return Response(endless(), mimetype="application/octet-stream")
    if path == "/ladder/crls/large/latest.crl":
        return Response(bytes(LARGE), mimetype="application/pkix-crl")
    if path == "/fates/elsewhere":
        return Response(status=302, headers={"Location": "authority.p7c"})
    if path == "/fates/authority.p7c":
        return Response(bundle, mimetype="application/pkcs7-mime")
    return None


def misbehaving(app, names, other, bundle):
    """What befalls an OCSP request, by the seal that it is about, and what strangers' addresses lead to."""

    def serve(environ, start):
        answer = fate(environ["PATH_INFO"], bundle)
        if answer is not None:
            return answer(environ, start)
        if not environ["PATH_INFO"].startswith("/ladder/ocsp/"):
            return app(environ, start)
        posted = environ["REQUEST_METHOD"] == "POST"
        body = asked_for(environ)
        asked = ocsp.OCSPRequest.load(body)["tbs_request"]["request_list"][0]["req_cert"]
        name = names.get(asked["serial_number"].native)
        if name == "silent":
            time.sleep(600)
        if name == "flooding":
            return Response(endless(), mimetype="application/ocsp-response")(environ, start)
        if name == "get-only" and posted:
            return Response(status=405)(environ, start)
        if name == "lying":
            asked["serial_number"] = other
            request = ocsp.OCSPRequest.load(body)
            request["tbs_request"]["request_list"][0]["req_cert"]["serial_number"] = other
            body = request.dump(force=True)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return app(environ, start)

    return serve


def main():
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    seals = SEALS + (list(KINDS) if sys.argv[3:] == ["keys"] else [])
    made = keys(folder, seals)
    begin = time.time()
    config = configuration(folder, port, seals)
    arch = config.get_pki_arch(ArchLabel("ladder"))
    names = write(arch, made, folder, seals)
    other = next(serial for serial, name in names.items() if name == "signer")
    app = WholeSeconds(AnimatorArchStore(config.pki_archs), with_web_ui=False)
    authority = x509.load_der_x509_certificate(arch.get_cert(CertLabel("interm")).dump())
    bundle = pkcs7.serialize_certificates([authority], serialization.Encoding.DER)
    print(f"ready {begin}", flush=True)
    run_simple("127.0.0.1", port, misbehaving(app, names, other, bundle), threaded=True)


if __name__ == "__main__":
    main()
