"""TLS by certificate files: handshakes, what is refused, and certificates that change while the service runs."""
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import contract
import prometheus
from support import CLEAN, Server, Tap, binary_argument, run, wait_until

tap = Tap()
binary = binary_argument()
work = tempfile.mkdtemp(prefix="palpate-tls-")


def make(name, days=30, kind=("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
    """A self-signed certificate for localhost and its key."""
    cert, key = (os.path.join(work, f"{name}.{end}") for end in ("crt", "key"))
    subprocess.run(["openssl", "req", "-x509", *kind, "-nodes", "-keyout", key, "-out", cert, "-days", str(days),
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, stderr=subprocess.DEVNULL)
    return cert, key


def shown(s, **limits):
    """The certificate that a client is shown, in PEM, and the protocol."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for k, v in limits.items():
        setattr(context, k, v)
    with socket.create_connection((s.host, s.port), timeout=10) as raw, context.wrap_socket(raw) as t:
        return ssl.DER_cert_to_PEM_cert(t.getpeercert(True)), t.version()


def trusting(cert):
    return ssl.create_default_context(cafile=cert)


def read(path):
    with open(path) as f:
        return f.read()


def put(path, text):
    with open(path + ".new", "w") as f:
        f.write(text)
    os.replace(path + ".new", path)


def normal(pem):
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pem))


def get(c, path="/health/ready"):
    c.request("GET", path)
    r = c.getresponse()
    return r.status, r.read()


def handshakes(s, first):
    c = contract.watched(http.client.HTTPSConnection("localhost", s.port, context=trusting(first[0]), timeout=10))
    c.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})
    r = c.getresponse()
    tap.equal((r.status, json.loads(r.read())["disposition"]), (200, "proceed"), "a screening over TLS")
    c.close()
    curl = subprocess.run(["curl", "-sS", "--cacert", first[0], f"https://localhost:{s.port}/health/live"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.equal(curl.stdout, '{"status":"live"}', "curl trusts the certificate")
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        tap.equal(shown(s, minimum_version=version, maximum_version=version)[1], name, f"{name} is spoken")
    for old in ("-tls1", "-tls1_1"):
        p = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{s.port}", old, "-cipher", "ALL:@SECLEVEL=0"],
                           stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        tap.ok(p.returncode != 0 and "CONNECTED" in p.stdout and "Cipher is (NONE)" in p.stdout, f"openssl s_client {old} is refused", p.stdout)
    for weak in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "NULL"):
        p = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{s.port}", "-tls1_2", "-cipher",
                            f"{weak}:@SECLEVEL=0"], stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=20)
        tap.ok(p.returncode != 0 and "Cipher is (NONE)" in p.stdout, f"so is {weak}", p.stdout)
    answer = s.raw(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    tap.ok(b"200" not in answer, "plain HTTP is not answered", answer)


def reload(s, files, first, second):
    def refused():
        return s.log_text().count('"reload_refused"')

    def reloaded():
        return s.log_text().count('"reloaded"')
    kept = contract.watched(http.client.HTTPSConnection("localhost", s.port, context=trusting(first[0]), timeout=20))
    tap.equal(get(kept)[0], 200, "a connection is open")
    local, errors, answers, go = second, [], [], threading.Event()

    def ask():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        while not go.is_set():
            try:
                c = contract.watched(http.client.HTTPSConnection("localhost", s.port, context=context, timeout=20))
                answers.append(get(c, "/health/live")[0])
                c.close()
            except (OSError, http.client.HTTPException) as e:
                errors.append(e)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for t in threads:
        t.start()
    for i in range(6):
        before, new = reloaded(), (second, first)[i % 2]
        put(files[0], read(new[0]))
        put(files[1], read(new[1]))
        s.process.send_signal(signal.SIGHUP)
        wait_until(lambda b=before: reloaded() > b, 5)
    put(files[0], read(local[0]))
    put(files[1], read(local[1]))
    before = reloaded()
    s.process.send_signal(signal.SIGHUP)
    wait_until(lambda: reloaded() > before, 5)
    go.set()
    for t in threads:
        t.join()
    tap.ok(not errors and len(answers) > 20 and set(answers) == {200},
           f"{len(answers)} connections made while it changes: all are answered", errors[:3])
    tap.equal(shown(s)[0], normal(read(second[0])), "SIGHUP shows the new certificate")
    tap.equal(get(kept)[0], 200, "the open connection goes on")
    for name, cert, key in (("no certificate", "not a certificate\n", read(second[1])), ("another key", read(second[0]), read(first[1])),
                            ("half of one", read(second[0])[:200], read(second[1])), ("nothing", "", "")):
        put(files[0], cert)
        put(files[1], key)
        before = refused()
        s.process.send_signal(signal.SIGHUP)
        tap.ok(wait_until(lambda b=before: refused() > b, 5), f"{name}: the log says that it was refused")
        tap.equal(shown(s)[0], normal(read(second[0])), f"{name}: the old one stays")
    os.remove(files[1])
    before = refused()
    s.process.send_signal(signal.SIGHUP)
    wait_until(lambda: refused() > before, 5)
    tap.equal(shown(s)[0], normal(read(second[0])), "no file: the old one stays")
    tap.equal(get(kept)[0], 200, "the open connection still goes on")
    families = prometheus.read(get(kept, "/metrics")[1].decode())
    tap.equal([prometheus.value(families, "palpate_tls_reloads_total", result=r) for r in ("taken", "refused")], [7, 5],
              "reloads are counted")
    days = (prometheus.value(families, "palpate_tls_certificate_expires_seconds") - time.time()) / 86400
    tap.ok(8.9 < days < 9.1, "metrics say when the certificate ends", days)
    kept.close()


def slow_handshake(first):
    with Server(binary, tls_certificate=first[0], tls_key=first[1], header_timeout=1) as s:
        began = time.monotonic()
        with socket.create_connection((s.host, s.port), timeout=10) as c:
            c.sendall(b"\x16\x03\x01")
            try:
                end = c.recv(100)
            except ConnectionResetError:
                end = b""
        tap.ok(end == b"" and time.monotonic() - began < 4, "a handshake that does not go on is cut", end)
        tap.equal(shown(s)[1], "TLSv1.3", "and hinders nobody")


one, other = make("one"), make("other", 9, ("-newkey", "rsa:2048"))
live = (os.path.join(work, "live.crt"), os.path.join(work, "live.key"))
put(live[0], read(one[0]))
put(live[1], read(one[1]))
with Server(binary, tls_certificate=live[0], tls_key=live[1]) as server:
    handshakes(server, one)
    reload(server, live, one, other)
    tap.ok(server.stop() == 0, "it stops", server.log_text()[-3000:])
slow_handshake(one)
for cert, key, words in ((one[0], other[1], "certificate"), (one[0], "/nowhere", "/nowhere"), ("/nowhere", one[1], "/nowhere")):
    p = run(binary, "serve", "--port", "0", "--tls-certificate", cert, "--tls-key", key)
    tap.ok(p.returncode == 78 and words in p.stderr and len(p.stderr.splitlines()) == 1,
           "files that do not fit are refused at the start", p)
with Server(binary) as server:
    server.process.send_signal(signal.SIGHUP)
    tap.ok(wait_until(lambda: "reloaded" in server.log_text(), 5) and server.get("/health/live")[0] == 200,
           "without TLS SIGHUP does no harm")
tap.done()
