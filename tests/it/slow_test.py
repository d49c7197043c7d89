"""A thousand slow clients, who send a header or a body byte by byte or do not take their answers, and come again as soon as
they are cut; meanwhile others are answered in time, and next to none loses its connection. Once with a few threads for all
connections, and once with a thread for each, as where decisions are recorded.  slow_test.py PALPATE [SECONDS]"""
import http.client
import json
import multiprocessing
import socket
import sys
import threading
import time

import prometheus
from support import CLEAN, Postgres, Server, Tap, api_key, binary_argument, run, wait_until

tap = Tap()
binary = binary_argument()
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 8
CLIENTS = 1000
KINDS = ("header", "body", "answer")
CUTS = {"header_timeout": "header", "body_timeout": "body", "answer_timeout": "answer", "crowded": "crowded"}
TICK = 0.5
MB_MAX, MB_KEPT = 200, 25


class Slow:
    def __init__(self, kind, address, to, fields):
        self.kind, self.address, self.to, self.cut = kind, address, to, 0
        self.fields = b" HTTP/1.1\r\nHost: x\r\n" + fields
        self.socket = None

    def connect(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind((self.address, 0))
        self.socket.setblocking(False)
        self.socket.connect_ex(self.to)
        self.sent = 0

    def step(self):
        """One byte more; those who do not read ask for megabytes. False when the server has cut it."""
        try:
            if self.kind == "answer":
                self.socket.send((b"GET /v1/rules" + self.fields + b"\r\n") * (40 if self.sent == 0 else 1))
            elif self.kind == "header":
                self.socket.send(b"GET /v1/facts" + self.fields + b"X-A: " if self.sent == 0 else b"a")
            else:
                self.socket.send(b"POST /v1/screenings" + self.fields + b"Content-Type: application/json\r\n"
                                 b"Content-Length: 5000\r\n\r\n" if self.sent == 0 else b" ")
            self.sent += 1
            return self.kind == "answer" or not self.ended()
        except BlockingIOError:
            return True
        except OSError:
            return False

    def ended(self):
        try:
            return self.socket.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


def crowd(to, fields, connected, stop, told):
    """All of the slow ones, in a process of their own."""
    clients = [Slow(KINDS[i % 3], f"127.0.0.{2 + i % 8}", to, fields) for i in range(CLIENTS)]
    for c in clients:
        c.connect()
    first = True
    while not stop.is_set():
        began = time.monotonic()
        for c in clients:
            if not c.step():
                c.cut += 1
                c.socket.close()
                c.connect()
        if first:
            connected.set()
            first = False
        time.sleep(max(0, TICK - (time.monotonic() - began)))
    told.put({kind: sum(c.cut for c in clients if c.kind == kind) for kind in KINDS})
    for c in clients:
        c.socket.close()


def normal(s, end, told, fresh):
    c, key = None, {"Authorization": f"Bearer {s.key}"} if s.key else {}
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            if c is None:
                c = http.client.HTTPConnection(s.host, s.port, timeout=15)
            c.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json", **key})
            r = c.getresponse()
            body = json.loads(r.read())
            if r.status != 200 or body["disposition"] != "proceed" or body.get("recorded", False) != bool(s.key):
                told["faults"].append((r.status, body))
            told["times"].append(time.monotonic() - began)
            told["ids"].append(body.get("id"))
        except (ConnectionError, http.client.HTTPException) as e:  # where a connection is no more, a client makes another
            told["again"].append(repr(e))
            c = None
        except OSError as e:
            told["faults"].append(repr(e))
            c = None
        if fresh and c:
            c.close()
            c = None
        time.sleep(0.02)


def measure(name, s, seconds):
    end, told, most = time.monotonic() + seconds, {k: [] for k in ("times", "faults", "again", "ids")}, {}
    threads = [threading.Thread(target=normal, args=(s, end, told, i % 2 == 0)) for i in range(4)]
    for t in threads:
        t.start()
    while time.monotonic() < end:
        held = s.holds()
        try:
            held["connections"] = prometheus.value(prometheus.read(s.request("GET", "/metrics")[2].decode()),
                                                   "palpate_http_connections")
        except ConnectionError as e:
            told["again"].append(repr(e))
        most = {k: max(v, most.get(k, 0)) for k, v in held.items()}
        time.sleep(0.5)
    for t in threads:
        t.join()
    times, again = sorted(told["times"]), told["again"]
    figures = {"requests": len(times), "p50_ms": round(times[len(times) // 2] * 1e3, 1),
               "p99_ms": round(times[len(times) * 99 // 100] * 1e3, 1), "max_ms": round(times[-1] * 1e3, 1),
               "sent_again": len(again), **{k: round(v) for k, v in most.items()}}
    print(f"# {name}: {figures}")
    tap.ok(not told["faults"] and len(again) <= len(times) / 50, f"{name}: each of {len(times)} requests is answered",
           *told["faults"][:5], *again[:5])
    return figures, told["ids"]


def slow_clients(name, server):
    calm, before = measure(f"{name}, nobody else", server, SECONDS / 2)
    connected, stop, told = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    fields = f"Authorization: Bearer {server.key}\r\n".encode() if server.key else b""
    process = multiprocessing.Process(target=crowd, args=((server.host, server.port), fields, connected, stop, told))
    began = time.monotonic()
    process.start()
    tap.ok(connected.wait(30), f"{name}: {CLIENTS} slow clients are there")
    figures, ids = measure(f"{name}, {CLIENTS} slow clients", server, SECONDS)
    stop.set()
    cut = told.get(timeout=30)
    process.join(30)
    tap.ok(figures["p50_ms"] < 500 and figures["p99_ms"] < 2500 and figures["max_ms"] < 5000,
           "in time: half of them at once, the others after the second it takes to make room", calm, figures)
    tap.ok(figures["requests"] > calm["requests"] / 5, "and in number", calm, figures)
    tap.ok(figures["connections"] <= 1000, "there are never more connections than there may be", figures)
    tap.ok(figures["threads"] <= calm["threads"] + (1000 if server.key else 0), "nor threads", calm, figures)
    tap.ok(figures["rss_mb"] < MB_MAX, "memory has its bound", calm, figures)
    more = {"threads": 0, "fds": 0, "rss_mb": MB_KEPT}
    back = wait_until(lambda: all(server.holds()[k] <= calm[k] + more[k] for k in more))
    print(f"# {name}, afterwards: {server.holds()}")
    tap.ok(back, "when they are gone so are their threads, sockets and memory", calm, server.holds())
    families = prometheus.read(server.request("GET", "/metrics")[2].decode())
    refused = {k: int(prometheus.value(families, "palpate_http_refused_total", kind=k)) for k in CUTS}
    tap.ok(server.post(CLEAN)[0] == 200, "it serves on")
    tap.equal(server.stop(), 0, "and stops")
    seconds = time.monotonic() - began
    lines = [json.loads(line) for line in server.log_text().splitlines() if '"slow_clients"' in line]
    print(f"# {name}, cut: {refused}, told in {len(lines)} lines; slow clients noticed {cut}")
    tap.ok(sum(refused.values()) > CLIENTS and all(cut[k] > 100 for k in KINDS), "slow ones are cut", refused, cut)
    tap.ok(len(lines) <= seconds + 2 and [sum(x[CUTS[k]] for x in lines) for k in CUTS] == list(refused.values()),
           "the log tells of all of them in a line a second", refused, *lines)
    return before + ids


SHORT = {"header_timeout": 3, "body_timeout": 3, "answer_timeout": 3}
with Server(binary, **SHORT) as few:
    slow_clients("a few threads", few)
pg = Postgres()
try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    run(binary, "catalogue", "load", database=database)
    with Server(binary, database=database, record="required", key=api_key(binary, database), **SHORT) as many:
        ids = slow_clients("a thread for each", many)
    recorded = set(pg.sql("select id from palpate.screening").split())
    tap.ok(len(set(ids)) == len(ids) and set(ids) <= recorded, f"each of {len(ids)} answers has its record",
           [i for i in ids if i not in recorded][:5])
finally:
    pg.close()
tap.done()
