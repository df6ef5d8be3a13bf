#!/usr/bin/env python3
"""A foreign time-stamping authority (RFC 3161 over HTTP, loopback only), and a seal to sign with.

``tsa.py OUT_DIR BASE_PDF PORT`` writes what ``pyhanko_maker.py`` writes, prints ``ready`` and
serves until it is killed. The path of a request chooses its fate: ``/`` answers well, ``/refuse``
answers 503, ``/lie`` stamps something else, ``/flood`` never stops answering, ``/big`` puts some
forty kilobytes of certificates into its token that have nothing to do with it.
"""

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko_maker import Pki, certify, name, to_asn1, write


def ballast(count=80):
    """Certificates of nobody, each under itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [name(f"Lest {number} de l'essai") for number in range(count)]
    return [to_asn1(certify(one, key, one, key, [], 30)) for one in names]


def weighed(answer):
    """What a signer sends along is not signed (RFC 5652, 5.1)."""
    certificates = answer["time_stamp_token"]["content"]["certificates"]
    for certificate in ballast():
        certificates.append(cms.CertificateChoices("certificate", certificate))
    return answer


def handler(stamper):
    # asn1crypto reads and writes its values when they are first asked for, and two threads at once
    # do so to the same certificate.
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/refuse":
                self.send_error(503)
                return
            request = tsp.TimeStampReq.load(body)
            if self.path == "/lie":
                imprint = request["message_imprint"]
                imprint["hashed_message"] = hashlib.sha256(b"something else").digest()
            with one_at_a_time:
                answer = stamper.request_tsa_response(request)
                if self.path == "/big":
                    answer = weighed(answer)
                answer = answer.dump(force=True)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            if self.path == "/flood":
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b"\x30" * 65536)
                except OSError:
                    return
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


def main():
    out, base, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    kept = Path(out) / "pki.p12"
    if kept.exists():  # started again: the same authority
        pki = Pki.load(kept)
    else:
        pki = Pki()
        write(pki, out, base)
        pki.save(kept)
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(pki.timestamper()))
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
