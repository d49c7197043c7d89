"""Mixed load, good and bad, for a while: every answer is the right one, and resident memory stays flat.
soak_test.py PALPATE [SECONDS]   (by hand: 600)"""
import http.client
import json
import multiprocessing
import random
import socket
import subprocess
import sys
import time

import prometheus
from support import CATALOGUE, CLEAN, GENERATE, Server, Tap, binary_argument, private

tap = Tap()
binary = binary_argument()
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 15
WORKERS = 3
JSON = {"Content-Type": "application/json"}


def others():
    """(method, path, body, fields, status)"""
    clean = json.dumps(CLEAN)
    unknown = json.dumps(dict(CLEAN, symptoms=[{"id": "marker-unknown"}]))
    deep = "[" * 5000
    return [("GET", "/v1/facts", None, {}, 200), ("GET", "/v1/rules", None, {"Accept-Language": "ko"}, 200),
            ("HEAD", "/v1/techniques", None, {}, 200), ("GET", "/v1/rules/em_chest_pain", None, {}, 200),
            ("GET", "/v1/rules/marker-none", None, {}, 404), ("GET", "/marker?x=" + "y" * 3000, None, {}, 404),
            ("GET", "/health/ready", None, {}, 200), ("GET", "/openapi.json", None, {}, 200), ("GET", "/metrics", None, {}, 200),
            ("PUT", "/v1/rules", clean, JSON, 405), ("POST", "/v1/screenings", clean, {}, 415),
            ("POST", "/v1/screenings", "{", JSON, 400), ("POST", "/v1/screenings", deep, JSON, 400),
            ("POST", "/v1/screenings", "\xff" * 9000, JSON, 400), ("POST", "/v1/screenings", " " * 70000, JSON, 413),
            ("POST", "/v1/screenings", unknown, JSON, 422), ("POST", "/v1/screenings", "{}", JSON, 422),
            ("POST", "/v1/screenings", clean, dict(JSON, Accept="text/html"), 406),
            ("GET", "/v1/facts", None, {"X-Junk": "marker" * 500}, 200)]


def broken(s, rng):
    """A client that goes away in the middle."""
    text = b"POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + b" " * 400
    with socket.create_connection(s, timeout=10) as c:
        c.sendall(text[:rng.randrange(len(text))])
        if rng.random() < 0.5:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def work(to, seed, requests, end, told):
    rng, count, wrong, c = random.Random(seed), 0, [], None
    plain = others()
    while time.monotonic() < end and len(wrong) < 5:
        if c is None:
            c = http.client.HTTPConnection(*to, timeout=30)
        kind = rng.random()
        if kind < 0.03:
            broken(to, rng)
            continue
        method, path, body, fields, status = (rng.choice(plain) if kind < 0.4 else
                                              ("POST", "/v1/screenings", rng.choice(requests), JSON, 200))
        try:
            c.request(method, path, body.encode("latin-1") if isinstance(body, str) else None, fields)
            r = c.getresponse()
            r.read()
            count += 1
            if r.status != status:
                wrong.append(f"{method} {path[:60]}: {r.status}, not {status}")
        except (OSError, http.client.HTTPException) as e:
            wrong.append(f"{method} {path[:60]}: {e!r}")
            c = None
            continue
        if rng.random() < 0.05:
            c.close()
            c = None
    told.put((count, wrong))


def memory(s):
    return prometheus.value(prometheus.read(s.request("GET", "/metrics")[2].decode()), "process_resident_memory_bytes") / 1e6


requests = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", "3", "--count", "500"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.splitlines()
with Server(binary) as server:
    for request in requests + [o[2] for o in others() if o[2]]:
        server.sent |= private(request)
    server.sent |= {"marker"}
    told, end, samples = multiprocessing.Queue(), time.monotonic() + SECONDS, []
    workers = [multiprocessing.Process(target=work, args=((server.host, server.port), i, requests, end, told))
               for i in range(WORKERS)]
    for w in workers:
        w.start()
    while time.monotonic() < end:
        samples.append(memory(server))
        time.sleep(SECONDS / 60)
    results = [told.get(timeout=60) for _ in workers]
    for w in workers:
        w.join()
    count, wrong = sum(n for n, _ in results), [w for _, ws in results for w in ws]
    third = len(samples) // 3
    before, after = max(samples[third // 2:third]), max(samples[-third:])
    print(f"# {count} requests in {SECONDS} s; resident memory {samples[0]:.1f} MB at first, {before:.1f} MB when warm, "
          f"{after:.1f} MB in the last third")
    tap.ok(not wrong and count > 100 * SECONDS / 10, f"{count} requests are answered as they should be", *wrong)
    tap.ok(after <= before * 1.05 + 2, "resident memory stays flat", samples)
    tap.equal(server.stop(), 0, "it stops")
tap.done()
