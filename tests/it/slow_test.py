"""A thousand slow clients, who send a header or a body byte by byte or do not take their answers, and come again as soon as
they are cut; meanwhile others are answered in time, and next to none loses its connection.  slow_test.py PALPATE [SECONDS]"""
import http.client
import json
import multiprocessing
import socket
import sys
import threading
import time

import prometheus
from support import CLEAN, Server, Tap, binary_argument

tap = Tap()
binary = binary_argument()
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 12
CLIENTS = 1000
HEADER = b"POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
KINDS = ("header", "body", "answer")
TICK = 0.5


class Slow:
    def __init__(self, kind, address, to):
        self.kind, self.address, self.to, self.cut = kind, address, to, 0
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
                self.socket.send(b"GET /v1/rules HTTP/1.1\r\nHost: x\r\n\r\n" * (40 if self.sent == 0 else 1))
            elif self.kind == "header":
                self.socket.send(b"GET /v1/facts HTTP/1.1\r\nHost: x\r\nX-A: " if self.sent == 0 else b"a")
            else:
                self.socket.send(HEADER + b"Content-Length: 5000\r\n\r\n" if self.sent == 0 else b" ")
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


def crowd(to, connected, stop, told):
    """All of the slow ones, in a process of their own."""
    clients = [Slow(KINDS[i % 3], f"127.0.0.{2 + i % 8}", to) for i in range(CLIENTS)]
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


def normal(s, end, times, faults, again, fresh):
    c = None
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            if c is None:
                c = http.client.HTTPConnection(s.host, s.port, timeout=15)
            c.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})
            r = c.getresponse()
            body = json.loads(r.read())
            if r.status != 200 or body["disposition"] != "proceed":
                faults.append((r.status, body))
            times.append(time.monotonic() - began)
        except (ConnectionError, http.client.HTTPException) as e:  # where a connection is no more, a client makes another
            again.append(repr(e))
            c = None
        except OSError as e:
            faults.append(repr(e))
            c = None
        if fresh and c:
            c.close()
            c = None
        time.sleep(0.02)


def measure(name, s):
    times, faults, again, end = [], [], [], time.monotonic() + SECONDS
    threads = [threading.Thread(target=normal, args=(s, end, times, faults, again, i % 2 == 0)) for i in range(4)]
    for t in threads:
        t.start()
    most = 0
    while time.monotonic() < end:
        try:
            body = s.request("GET", "/metrics")[2]
            most = max(most, prometheus.value(prometheus.read(body.decode()), "palpate_http_connections"))
        except ConnectionError as e:
            again.append(repr(e))
        time.sleep(0.5)
    for t in threads:
        t.join()
    times.sort()
    figures = {"requests": len(times), "p50_ms": round(times[len(times) // 2] * 1e3, 1),
               "p99_ms": round(times[len(times) * 99 // 100] * 1e3, 1), "max_ms": round(times[-1] * 1e3, 1),
               "connections": int(most), "sent_again": len(again)}
    print(f"# {name}: {figures}")
    tap.ok(not faults and len(again) <= len(times) / 50, f"{name}: each of {len(times)} requests is answered", *faults[:5], *again[:5])
    return figures


with Server(binary, header_timeout=3, body_timeout=3, answer_timeout=3) as server:
    calm = measure("nobody else", server)
    connected, stop, told = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    process = multiprocessing.Process(target=crowd, args=((server.host, server.port), connected, stop, told))
    process.start()
    tap.ok(connected.wait(30), f"{CLIENTS} slow clients are there")
    figures = measure(f"{CLIENTS} slow clients", server)
    stop.set()
    cut = told.get(timeout=30)
    process.join(30)
    families = prometheus.read(server.request("GET", "/metrics")[2].decode())
    refused = {k: int(prometheus.value(families, "palpate_http_refused_total", kind=k))
               for k in ("header_timeout", "body_timeout", "answer_timeout", "crowded")}
    print(f"# cut: {refused}; slow clients noticed {cut}")
    tap.ok(figures["p50_ms"] < 500 and figures["p99_ms"] < 2500 and figures["max_ms"] < 5000,
           "in time: half of them at once, the others after the second it takes to make room", calm, figures)
    tap.ok(figures["requests"] > calm["requests"] / 10, "and in number", calm, figures)
    tap.ok(figures["connections"] <= 1000, "there are never more connections than there may be", figures)
    tap.ok(sum(refused.values()) > CLIENTS and all(cut[k] > 100 for k in KINDS), "slow ones are cut", refused, cut)
    memory = prometheus.value(families, "process_resident_memory_bytes")
    print(f"# memory afterwards: {memory / 1e6:.0f} MB")
    time.sleep(1)
    tap.ok(server.post(CLEAN)[0] == 200, "when they are gone it serves on")
    tap.equal(server.stop(), 0, "and stops")
tap.done()
