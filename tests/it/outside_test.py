"""The service as its operators see it: metrics, log, ids, limits, and how it starts and stops."""
import http.client
import json
import re
import resource
import signal
import socket
import subprocess
import threading
import time

import contract
import prometheus
from support import CLEAN, Postgres, Server, Tap, api_key, binary_argument, environment, run, wait_until

tap = Tap()
binary = binary_argument()
HEX = re.compile(r"[0-9a-f]{32}")


def scrape(s):
    status, fields, body = s.request("GET", "/metrics")
    assert (status, fields["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8"), (status, fields)
    return prometheus.read(body.decode())


def reader_is_strict():
    good = "# HELP a_total x\n# TYPE a_total counter\na_total 1\n"
    for name, text in (("no end", good[:-1]), ("no type", "a 1\n"), ("twice", good + "a_total 2\n"),
                       ("a stranger", good + "b 1\n"), ("no number", good.replace(" 1", " one")),
                       ("a raw quote", good.replace("a_total 1", 'a_total{l="""} 1')),
                       ("a falling bucket", '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\n'
                        'h_sum 1\nh_count 1\n')):
        try:
            prometheus.read(text)
            tap.ok(False, f"the reader of these tests refuses {name}")
        except ValueError:
            tap.ok(True, f"the reader of these tests refuses {name}")


def metrics(s):
    first = scrape(s)
    series = sum(len(samples) for _, samples in first.values())
    for _ in range(3):
        s.post(CLEAN)
    s.post({"subject": {"age_years": 30}, "goals": ["relaxation"]})
    s.post(b"{")
    for i in range(50):
        s.get(f"/v1/rules/nothing-{i}")
        s.get(f"/nothing/{i}")
        s.request(f"FROB{i}", "/v1/rules")
    s.get("/v1/rules/em_chest_pain")
    now = scrape(s)

    def grown(family, sample=None, **labels):
        return prometheus.value(now, family, sample, **labels) - prometheus.value(first, family, sample, **labels)
    requests = "palpate_http_requests_total"
    tap.equal([grown(requests, route="/v1/screenings", status="200"), grown(requests, route="/v1/screenings", status="400"),
               grown(requests, route="/v1/rules/{id}", status="200"), grown(requests, route="/v1/rules/{id}", status="404"),
               grown(requests, route="/v1/rules", status="405"), grown(requests, route="other", status="404")],
              [4, 1, 1, 50, 50, 50], "requests are counted by the pattern of their route and their status")
    duration = "palpate_http_request_duration_seconds"
    tap.equal([grown(duration, f"{duration}_count", group="screenings"), grown(duration, f"{duration}_count", group="rules"),
               grown(duration, f"{duration}_count", group="other")], [5, 101, 50], "so are their times, by group")
    bounds = sorted({float(dict(labels)["le"]) for (name, labels) in now[duration][1] if name.endswith("_bucket")})
    tap.equal((bounds[0], bounds[-2], len(bounds)), (0.0001, 10, 17), "from 100 microseconds to 10 seconds")
    tap.equal([grown("palpate_decisions_total", disposition=d) for d in ("proceed", "needs_answers", "emergency")], [3, 1, 0],
              "decisions are counted by disposition")
    tap.equal(prometheus.value(now, "palpate_http_requests_in_flight"), 1, "this request is in flight")
    tap.ok(1 <= prometheus.value(now, "palpate_http_connections") <= 20, "connections are counted")
    ready = s.get("/health/ready")[2]
    tap.equal(prometheus.value(now, "palpate_catalogue_info", version=ready["catalogue"]["version"],
                               digest=ready["catalogue"]["digest"]), 1, "the catalogue in force is named")
    tap.equal(len(now["palpate_catalogue_info"][1]), 1, "and no other")
    tap.ok("palpate_database_reachable" not in now, "without a database there is no word of one")
    tap.ok(5e6 < prometheus.value(now, "process_resident_memory_bytes") < 2e9, "resident memory is told")
    tap.ok(0 <= time.time() - prometheus.value(now, "process_start_time_seconds") < 300, "and when it began")
    grew = sum(len(samples) for _, samples in now.values()) - series
    tap.equal(grew, 7, "a hundred and fifty different paths and methods make no series of their own")
    labels = {v for _, samples in now.values() for (_, ls) in samples for k, v in ls if k != "le"}
    tap.ok(not [v for v in labels if "nothing" in v or "FROB" in v], "nothing of a request is a label", labels)
    tap.equal(s.request("HEAD", "/metrics")[0], 200, "HEAD is served")
    tap.equal(s.get("/metrics", Accept="application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,"
                    "*/*;q=0.1")[0], 200, "Prometheus' own Accept is accepted")


def lines_of(s, request_id):
    return [l for l in map(json.loads, s.log_text().splitlines()) if l.get("request_id") == request_id]


def ids_and_log(s):
    _, fields, _ = s.post(CLEAN)
    tap.ok(HEX.fullmatch(fields["x-request-id"]), "an answer has an id", fields)
    tap.ok(fields["x-request-id"] != s.post(CLEAN)[1]["x-request-id"], "each its own")
    tap.equal(lines_of(s, fields["x-request-id"]), [], "what went well leaves no line")
    time.sleep(1.1)  # the client's failures have ten lines a second
    mine = "01890a5d-ac96-774b-bcce-b302099a8057"
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    _, fields, _ = s.get("/v1/rules/nothing", X_Request_Id=mine, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    tap.equal(fields["x-request-id"], mine, "the client's own id comes back")
    lines = lines_of(s, mine)
    tap.equal(len(lines), 1, "a failure leaves one line")
    line = lines[0]
    tap.equal({k: line[k] for k in ("level", "event", "trace_id", "method", "route", "status", "type")},
              {"level": "info", "event": "request_failed", "trace_id": trace, "method": "GET", "route": "/v1/rules/{id}",
               "status": 404, "type": "not_found"}, "which says what failed, and in which trace")
    tap.ok(0 <= line["duration_us"] < 10e6, "and how long it took", line)
    for bad in ("marker-in-an-id", "x" * 36, mine + "0"):
        _, fields, _ = s.get("/nothing", X_Request_Id=bad, traceparent=bad)
        tap.ok(HEX.fullmatch(fields["x-request-id"]), f"an id such as {bad[:16]} is not taken", fields)
        tap.ok(bad not in s.log_text(), "nor written")
    time.sleep(1.1)
    at_once(s, 60)
    time.sleep(1.1)
    _, fields, _ = s.get("/nothing")
    told = [l for l in map(json.loads, s.log_text().splitlines()) if l["event"] == "request_failed" and l["route"] == "other"]
    last = lines_of(s, fields["x-request-id"])[0]
    tap.ok(len(told) < 50 and sum(l["left_out"] for l in told) + len(told) >= 61 and last["left_out"] >= 20,
           "many failures of clients do not flood the log, and it says how many it left out", len(told), last)


def at_once(s, n):
    """So many requests for what is not there, sent before any is answered."""
    key = f"Authorization: Bearer {s.key}\r\n" if s.key else ""
    with socket.create_connection((s.host, s.port), timeout=20) as c, c.makefile("rb") as answers:
        c.sendall(f"GET /nothing HTTP/1.1\r\nHost: x\r\n{key}\r\n".encode() * (n - 1) +
                  f"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{key}\r\n".encode())
        answers.read()


def rate(tap_name, s, burst):
    codes, refused = [], None
    for _ in range(burst + 5):
        answer = s.get("/v1/catalogue")
        codes.append(answer[0])
        refused = answer if answer[0] == 429 else refused
    tap.ok(codes[:burst] == [200] * burst and 429 in codes, f"{tap_name}: after the burst come 429s", codes)
    return refused


def limits():
    with Server(binary, rate_limit=2, rate_burst=5) as s:
        _, fields, _ = s.get("/v1/catalogue")
        tap.equal((fields["ratelimit-policy"], fields["ratelimit"]), ('"caller";q=5;w=3', '"caller";r=4;t=1'),
                  "an answer says what is left")
        status, fields, body = rate("an address", s, 4)
        tap.equal((status, fields["retry-after"], fields["ratelimit"], body["type"]),
                  (429, "1", '"caller";r=0;t=1', "/problems/rate_limited"), "and a refusal when to come again")
        tap.equal({s.get(p)[0] for p in ("/health/live", "/health/ready", "/metrics") for _ in range(10)}, {200},
                  "health and metrics have no limit")
        time.sleep(int(fields["retry-after"]))
        tap.equal(s.get("/v1/catalogue")[0], 200, "who waits that long is served")
        c = http.client.HTTPConnection(s.host, s.port, source_address=("127.0.0.9", 0))
        rate("again", s, 0)
        c.request("GET", "/v1/catalogue")
        tap.equal(c.getresponse().status, 200, "another address has its own")
        c.close()
        tap.ok(prometheus.value(scrape(s), "palpate_http_refused_total", kind="rate") >= 5, "refusals are counted")
    with Server(binary) as s:
        tap.ok("ratelimit" not in s.get("/v1/catalogue")[1], "without a limit nothing is said of one")


def with_database():
    pg = Postgres()
    try:
        db = pg.fresh_database()
        for command in (("migrate",), ("catalogue", "load")):
            run(binary, *command, database=db)
        keys = [api_key(binary, db, clinic) for clinic in ("one", "one", "other")]
        with Server(binary, database=db, key=keys[0]) as s:
            codes = [s.post(CLEAN)[0] for _ in range(20)]
            now = scrape(s)
            tap.equal((set(codes), prometheus.value(now, "palpate_records_total", outcome="stored"),
                       prometheus.value(now, "palpate_database_reachable"), prometheus.value(now, "palpate_recorder_connected")),
                      ({200}, 20, 1, 1), "records are counted")
            commits = prometheus.value(now, "palpate_recorder_commit_seconds", "palpate_recorder_commit_seconds_count")
            tap.ok(0 < commits <= 20 and prometheus.value(now, "palpate_recorder_commit_seconds",
                   "palpate_recorder_commit_seconds_sum") > 0, "and the time of their transactions", commits)
            tap.equal(prometheus.value(now, "palpate_recorder_batch_records", "palpate_recorder_batch_records_sum"), 20,
                      "and their batches")
            slow = Slow(s, 1)
            time.sleep(0.2)
            tap.equal(s.stop(), 0, "a thread a connection stops as well")
            slow.join()
            tap.equal(slow.answer, (200, "close", "proceed"), "and finishes what is in flight")
        with Server(binary, database=db, key=keys[0], rate_limit=1, rate_burst=3) as s:
            rate("a key", s, 3)
            for key, whose in ((keys[1], "another key of the same clinic"), (keys[2], "a key of another clinic")):
                tap.equal(s.get("/v1/catalogue", Authorization=f"Bearer {key}")[0], 200, f"{whose} has its own")
            codes = [s.get("/v1/catalogue", Authorization="Bearer guess")[0] for _ in range(8)]
            tap.ok(codes[:3] == [401] * 3 and codes[-1] == 429, "who guesses at keys is slowed down by address", codes)
            tap.equal(s.get("/v1/catalogue", Authorization=f"Bearer {keys[2]}")[0], 200, "which holds nobody else back")
            tap.ok("palpate_" not in "".join(str(ls) for _, samples in scrape(s).values() for (_, ls) in samples),
                   "no key is a label")
            s.sent |= set(keys)
    finally:
        pg.close()


def starts_only_when_it_can():
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    p = subprocess.run([binary, "serve", "--connections", "100", "--port", "0"], env=environment(), preexec_fn=few_files,
                       text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, timeout=30)
    tap.ok(p.returncode == 78 and "100 connections need 120 open files, and the limit is 100" in p.stderr,
           "too few open files for its connections are refused", p)

    def low_soft():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    p = subprocess.Popen([binary, "serve", "--connections", "100", "--port", "0"], env=environment(), preexec_fn=low_soft,
                         text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    tap.contains(p.stdout.readline(), "listens", "a low soft limit is raised")
    p.send_signal(signal.SIGTERM)
    tap.equal(p.wait(20), 0, "and it stops")
    p.stdout.close()
    for args in (("--tls-key", "/x"), ("--tls-certificate", "/x")):
        p = run(binary, "serve", *args)
        tap.ok(p.returncode == 78 and "belong together" in p.stderr, f"{args[0]} alone is refused", p)


class Slow(threading.Thread):
    """A POST whose body comes in two halves, the second one after a while."""

    def __init__(self, s, seconds):
        super().__init__()
        self.body = json.dumps(CLEAN).encode()
        self.c = http.client.HTTPConnection(s.host, s.port, timeout=30)
        self.c.putrequest("POST", "/v1/screenings")
        self.c.putheader("Content-Type", "application/json")
        if s.key:
            self.c.putheader("Authorization", f"Bearer {s.key}")
        self.c.putheader("Content-Length", str(len(self.body)))
        self.c.endheaders()
        self.c.send(self.body[:20])
        self.seconds, self.answer = seconds, None
        self.start()

    def run(self):
        time.sleep(self.seconds)
        try:
            self.c.send(self.body[20:])
            r = self.c.getresponse()
            self.answer = (r.status, r.getheader("Connection"), json.loads(r.read())["disposition"])
        except (OSError, http.client.HTTPException) as e:
            self.answer = e
        self.c.close()


def connects(s):
    try:
        http.client.HTTPConnection(s.host, s.port, timeout=5).connect()
        return True
    except ConnectionError:
        return False


def stopping():
    s = Server(binary, stop_timeout=10, drain_delay=2)
    idle = contract.watched(http.client.HTTPConnection(s.host, s.port, timeout=20))
    idle.request("GET", "/health/live")
    idle.getresponse().read()
    slow = Slow(s, 3.5)
    began = time.monotonic()
    s.process.send_signal(signal.SIGTERM)
    tap.ok(wait_until(lambda: s.get("/health/ready")[0] == 503, 2), "asked to stop, it is not ready")
    body = s.get("/health/ready")[2]
    tap.equal((body["status"], body.get("stopping")), ("not_ready", True), "and says why")
    status, fields, _ = s.post(CLEAN)
    tap.equal((status, fields.get("connection")), (200, "close"), "it serves on, and closes after each answer")
    time.sleep(max(0, began + 2.6 - time.monotonic()))
    tap.ok(not connects(s), "after the delay it takes no more connections")
    slow.join()
    tap.equal(slow.answer, (200, "close", "proceed"), "what was in flight is finished")
    tap.equal(s.process.wait(10), 0, "and it ends with status 0")
    took = time.monotonic() - began
    tap.ok(3.4 < took < 7, "as soon as that is done", took)
    idle.close()
    s.stop()

    s = Server(binary, stop_timeout=1)
    slow, began = Slow(s, 8), time.monotonic()
    tap.equal((s.stop(), time.monotonic() - began < 5), (0, True), "it does not wait longer than it was told")
    slow.join()
    tap.ok(isinstance(slow.answer, Exception), "and cuts what is left", slow.answer)

    s = Server(binary, stop_timeout=30)
    slow, began = Slow(s, 5), time.monotonic()
    s.process.send_signal(signal.SIGTERM)
    time.sleep(0.7)
    tap.ok(s.process.poll() is None, "it waits for a request")
    tap.equal((s.stop(signal.SIGINT), time.monotonic() - began < 4), (-signal.SIGINT, True), "a second signal ends it at once")
    slow.join()

    for keep, delay in ((True, 1), (False, 0)):
        under_load(keep, delay)


def under_load(keep, delay):
    """Clients that go on until they are told that the connection closes, or that nobody listens any more."""
    s, dropped, answered = Server(binary, drain_delay=delay), [], []

    def ask():
        c = None
        while True:
            try:
                if not c:
                    c = contract.watched(http.client.HTTPConnection(s.host, s.port, timeout=10))
                    c.connect()
            except ConnectionRefusedError:
                return
            except OSError as e:
                return dropped.append(e)
            try:
                c.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})
                r = c.getresponse()
                r.read()
                answered.append(r.status)
                if not keep or r.getheader("Connection") == "close":
                    c.close()
                    c = None
            except (OSError, http.client.HTTPException) as e:
                return dropped.append(e)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    time.sleep(0.5)
    status = s.stop()
    for t in threads:
        t.join()
    kind = "kept open" if keep else "made for each request"
    tap.ok(status == 0 and not dropped and set(answered) == {200} and len(answered) > 100,
           f"stopped under load it drops none of {len(answered)} requests, on connections {kind}", status, dropped)


reader_is_strict()
with Server(binary) as server:
    for part in (metrics, ids_and_log):
        part(server)
limits()
with_database()
starts_only_when_it_can()
stopping()
tap.done()
