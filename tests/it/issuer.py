"""An identity provider for tests: keys, key sets, tokens, and an address that serves the keys."""
import base64
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils


def b64(data):
    if isinstance(data, int):
        data = data.to_bytes((data.bit_length() + 7) // 8, "big")
    elif not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    def __init__(self, kid, alg="ES256"):
        self.kid, self.alg = kid, alg
        self.key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) if alg.startswith("RS")
                    else ec.generate_private_key(ec.SECP256R1()))

    def jwk(self):
        n = self.key.public_key().public_numbers()
        numbers = ({"kty": "RSA", "n": b64(n.n), "e": b64(n.e)} if self.alg.startswith("RS") else
                   {"kty": "EC", "crv": "P-256", "x": b64(n.x.to_bytes(32, "big")), "y": b64(n.y.to_bytes(32, "big"))})
        return {"kid": self.kid, "use": "sig", **numbers}

    def token(self, clinic="test", scope="screen", **claims):
        now = int(time.time())
        body = {"iss": "https://id.example", "sub": "platform", "aud": "palpate", "exp": now + 300, "nbf": now - 10,
                "clinic": clinic, "scope": scope, **claims}
        text = f"{b64({'alg': self.alg, 'kid': self.kid})}.{b64({k: v for k, v in body.items() if v is not None})}"
        if self.alg.startswith("RS"):
            signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = utils.decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{text}.{b64(signature)}"


def key_set(*keys):
    return json.dumps({"keys": [k.jwk() for k in keys]})


class KeyServer:
    """Serves `text` at any path. `mode`: "good", "error" (500), "moved" (to a good one), "slow", "large", "page" (HTML)."""

    def __init__(self, text, port=0):
        outer = self
        self.text, self.mode, self.asked = text, "good", 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                body = outer.text.encode()
                if outer.mode == "large":
                    body = b" " * 300_000 + body
                if outer.mode == "page":
                    body = b"<html>back soon</html>"
                moved = outer.mode == "moved" and self.path != "/elsewhere"
                self.send_response(302 if moved else 500 if outer.mode == "error" else 200)
                if moved:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    for _ in range(100 if outer.mode == "slow" else 0):
                        self.wfile.write(b" ")
                        time.sleep(0.1)
                    self.wfile.write(body)
                except OSError:
                    pass  # they have had enough

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
