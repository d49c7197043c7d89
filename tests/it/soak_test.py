"""What production sees, for a while, of a service that records and of one that has no database: decisions, repeated ones,
records read and erased, keys good and bad, bad requests, clients that go away, while catalogues, overlays and keys change.
Every answer is the right one, and once it is warm memory, threads and open files stay flat.
soak_test.py PALPATE [SECONDS]   (by hand: 600)"""
import collections
import hashlib
import http.client
import json
import multiprocessing
import random
import socket
import subprocess
import sys
import time
import uuid

from support import (CATALOGUE, CLEAN, GENERATE, Postgres, Server, Tap, api_key, binary_argument, edit_json, edited_copy,
                     make_clinic, overlay, private, run, wait_until)

tap = Tap()
binary = binary_argument()
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10  # when it is warm
CHANGES = (("catalogue", "activate", "2"), ("overlay", "load", "--clinic", "one"), ("catalogue", "activate", "1"),
           ("overlay", "withdraw", "--clinic", "one"))
WARM = 2 * len(CHANGES)  # then a service holds all the catalogues that it ever will
REST, SOON = 3, 30  # seconds
WORKERS = 3
# from half to the end; a catalogue, more or less of which may be held, has six megabytes
MORE = {"recording": {"rss_mb": 10, "threads": WORKERS, "fds": WORKERS},
        "without a database": {"rss_mb": 2, "threads": WORKERS, "fds": WORKERS}}
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


class Worker:
    """Sends one request after the other, each of a kind that is drawn, and knows what must be answered."""

    def __init__(self, number, keys, requests, recording, alone):
        self.rng, self.number, self.keys, self.requests = random.Random(number), number, keys, requests
        self.recording, self.alone = recording, alone  # (host, port)
        self.plain, self.connections = others(), {}
        self.counts, self.wrong, self.n, self.recorded = collections.Counter(), [], 0, 0
        self.stored = collections.deque(maxlen=200)    # (clinic, id)
        self.repeatable = collections.deque(maxlen=100)  # (clinic, Idempotency-Key, body, digest of its answer)

    def ask(self, wanted, method, path, body=None, fields=None, clinic="one", to=None):
        """The answer's body, when it is the right one, else None."""
        to = to or self.recording
        key = {"Authorization": f"Bearer {self.keys.get(clinic, clinic)}"} if to == self.recording else {}
        try:
            c = self.connections.pop(to, None) or http.client.HTTPConnection(*to, timeout=30)
            c.request(method, path, body.encode("latin-1") if body is not None else None, {**key, **(fields or {})})
            r = c.getresponse()
            text = r.read()
            if self.rng.random() < 0.05:
                c.close()
            else:
                self.connections[to] = c
            if r.status == wanted:
                return text
            self.wrong.append(f"{method} {path[:60]}: {r.status}, not {wanted}: {text[:200]}")
        except (OSError, http.client.HTTPException) as e:
            self.wrong.append(f"{method} {path[:60]}: {e!r}")
        return None

    def right(self, good, what):
        if not good:
            self.wrong.append(what)

    def decided(self, body, fields, clinic):
        """One more record: the answer and its id."""
        answer = self.ask(200, "POST", "/v1/screenings", body, {**JSON, **fields}, clinic)
        if answer is None:
            return None, None
        self.recorded += 1
        told = json.loads(answer)
        self.right(told["recorded"], "an answer that is not recorded")
        return answer, told["id"]

    def clinic(self):
        return self.rng.choice(("one", "keeps"))

    def screening(self):
        clinic = self.clinic()
        fields = {"Accept-Language": "ko"} if self.rng.random() < 0.2 else {}
        found = self.decided(self.rng.choice(self.requests), fields, clinic)[1]
        if found:
            self.stored.append((clinic, found))

    def without_a_database(self):
        self.ask(200, "POST", "/v1/screenings", self.rng.choice(self.requests), JSON, to=self.alone)

    def keyed(self):
        self.n += 1
        clinic, key, body = self.clinic(), f"{self.number}-{self.n}", self.rng.choice(self.requests)
        answer = self.decided(body, {"Idempotency-Key": key}, clinic)[0]
        if answer:
            self.repeatable.append((clinic, key, body, hashlib.sha256(answer).digest()))

    def repeated(self):
        """Also what was decided under another catalogue."""
        if self.repeatable:
            clinic, key, body, digest = self.rng.choice(self.repeatable)
            answer = self.ask(200, "POST", "/v1/screenings", body, {**JSON, "Idempotency-Key": key}, clinic)
            self.right(answer is None or hashlib.sha256(answer).digest() == digest, "a repeated request has another answer")
            self.ask(422, "POST", "/v1/screenings", body + " ", {**JSON, "Idempotency-Key": key}, clinic)

    def read(self):
        if self.stored:
            clinic, found = self.rng.choice(self.stored)
            record = self.ask(200, "GET", f"/v1/screenings/{found}", clinic=clinic)
            self.right(record is None or json.loads(record)["id"] == found, "another record")
            self.ask(404, "GET", f"/v1/screenings/{found}", clinic="keeps" if clinic == "one" else "one")

    def listed(self):
        page = self.ask(200, "GET", f"/v1/screenings?limit={self.rng.randint(1, 50)}", clinic=self.clinic())
        self.right(page is None or "screenings" in json.loads(page), "a page without records")

    def erased(self):
        self.n += 1
        ref, clinic = f"marker-{self.number}-{self.n}", self.clinic()
        found = self.decided(json.dumps(dict(CLEAN, subject={"age_years": 50, "ref": ref})), {}, clinic)[1]
        gone = self.ask(200, "DELETE", f"/v1/screenings?subject={ref}", clinic=clinic)
        stone = found and self.ask(200, "GET", f"/v1/screenings/{found}", clinic=clinic)
        self.right(not stone or (json.loads(gone) == {"erased": 1} and "erased_at" in json.loads(stone)), "not erased")

    def strangers(self):
        self.ask(401, "POST", "/v1/screenings", json.dumps(CLEAN), JSON, f"plp_{uuid.uuid4().hex}")
        self.ask(403, "GET", "/v1/screenings", clinic="weak")

    def rest(self):
        method, path, body, fields, status = self.rng.choice(self.plain)
        self.ask(status, method, path, body, fields, to=self.rng.choice((self.recording, self.alone)))

    def broken(self):
        """A client that goes away in the middle."""
        text = (f"POST /v1/screenings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.keys['one']}\r\n"
                "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n" + " " * 400).encode()
        with socket.create_connection(self.rng.choice((self.recording, self.alone)), timeout=10) as c:
            c.sendall(text[:self.rng.randrange(len(text))])
            if self.rng.random() < 0.5:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    KINDS = {screening: 30, without_a_database: 15, keyed: 6, repeated: 4, read: 6, listed: 3, erased: 2, strangers: 3, rest: 25,
             broken: 3}

    def work(self, pause, stop, told):
        while not stop.is_set() and len(self.wrong) < 5:
            if pause.is_set():
                time.sleep(0.05)
                continue
            kind = self.rng.choices(list(self.KINDS), self.KINDS.values())[0]
            kind(self)
            self.counts[kind.__name__] += 1
        told.put((self.counts, self.recorded, self.wrong))


def command(*words, **settings):
    r = run(binary, *words, database=database, **settings)
    if r.returncode != 0:
        raise RuntimeError(str(r))


def asked(s, key):
    return s.request("POST", "/v1/screenings", json.dumps(CLEAN), {**JSON, "Idempotency-Key": key})[::2]


def change(n, s, answers):
    """What those who run a service change now and then: the catalogue in force, a clinic's own rules, a key. What the
    service has not heard of in time, or does not repeat as it answered it under the catalogues before."""
    before, was = s.get("/v1/catalogue")[2]["digest"], n % len(CHANGES)
    command(*CHANGES[was], "--as", "Ben", stdin=json.dumps(overlay("1")))
    heard = {"catalogue": wait_until(lambda: s.get("/v1/catalogue")[2]["digest"] != before, SOON)}
    key = api_key(binary, database, "one", ("screen",))
    s.sent.add(key)
    bearer = {"Authorization": f"Bearer {key}"}
    heard["key"] = wait_until(lambda: s.request("GET", "/v1/catalogue", headers=bearer)[0] == 200, SOON)
    command("key", "revoke", key[8:20])
    heard["revocation"] = wait_until(lambda: s.request("GET", "/v1/catalogue", headers=bearer)[0] == 401, SOON)
    answers.setdefault(was, asked(s, f"catalogue-{was}"))
    for k, answer in answers.items():
        heard[f"answer {k}"] = asked(s, f"catalogue-{k}") == answer and answer[0] == 200
    return [f"{n}: {what}" for what, good in heard.items() if not good]


def flat(name, warm, half, end):
    for what in warm:
        print(f"# {name}: {what} {warm[what]:.4g} when warm, {half[what]:.4g} at half, {end[what]:.4g} at the end")
    tap.ok(all(end[what] <= half[what] + more for what, more in MORE[name].items()),
           f"{name}: memory, threads and open files stay flat", warm, half, end)


def at_rest(name, s, half):
    """What it holds while nobody asks: what is not needed any more it gives back within seconds."""
    wait_until(lambda: not half or s.holds()["rss_mb"] <= half["rss_mb"] + MORE[name]["rss_mb"])
    return s.holds()


def watched(servers, pause):
    """Changes now and then; and what each service holds: when it is warm, at half and at the end."""
    found, answers, changes, missed, until = {name: [] for name in servers}, {}, 0, [], 0
    while len(found["recording"]) < 3:
        missed += change(changes, servers["recording"], answers)
        changes += 1
        if changes < WARM or changes % len(CHANGES) or time.monotonic() < until:
            time.sleep(SECONDS / 200 if until else 0)
            continue
        pause.set()
        time.sleep(REST)
        for name, s in servers.items():
            found[name].append(at_rest(name, s, found[name][1:] and found[name][1]))
        pause.clear()
        until = time.monotonic() + SECONDS / 2
    tap.ok(not missed, f"each of {changes} changes of catalogue, overlay and key is heard of", *missed)
    return found


def soak(servers):
    recording, alone = servers.values()
    told, pause, stop, began = multiprocessing.Queue(), multiprocessing.Event(), multiprocessing.Event(), time.monotonic()
    workers = [multiprocessing.Process(target=Worker(i, keys, requests, *((s.host, s.port) for s in servers.values())).work,
                                       args=(pause, stop, told)) for i in range(WORKERS)]
    for w in workers:
        w.start()
    try:
        found = watched(servers, pause)
    finally:
        stop.set()
    results = [told.get(timeout=60) for _ in workers]
    for w in workers:
        w.join()
    counts, recorded = sum((r[0] for r in results), collections.Counter()), sum(r[1] for r in results)
    wrong = [w for r in results for w in r[2]]
    print(f"# {counts.total()} in {time.monotonic() - began:.0f} s: {dict(counts)}; {recorded} records")
    tap.ok(not wrong and counts.total() > 10 * SECONDS and len(counts) == len(Worker.KINDS),
           f"{counts.total()} requests of all kinds are answered as they should be", counts, *wrong)
    for name, held in found.items():
        flat(name, *held)
    tap.equal(pg.sql("select count(*) from palpate.screening"), str(recorded + len(CHANGES)), "what was answered is recorded, and nothing else")
    for clinic in ("one", "keeps"):
        r = run(binary, "records", "verify", "--clinic", clinic, database=database)
        tap.ok(r.returncode == 0 and "whole" in r.stdout, f"the chain of {clinic} is whole", r)
    tap.equal([recording.stop(), alone.stop()], [0, 0], "both stop")
    log = recording.log_text()
    tap.ok('"level":"error"' not in log and "_refused" not in log, "nothing of ours failed", log[-2000:])


requests = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", "3", "--count", "500"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.splitlines()
pg = Postgres()
try:
    database = pg.fresh_database()
    command("migrate")
    changed = edited_copy(lambda d: edit_json(d, "rules/03-infection-and-pain.json",
                                              lambda j: j["rules"][0].update(message="Another message.")))
    command("catalogue", "load")
    command("catalogue", "load", catalogue=changed)
    command("catalogue", "activate", "1")
    make_clinic(binary, database, "keeps", "--keep-payload")
    keys = {name: api_key(binary, database, name) for name in ("one", "keeps")}
    keys["weak"] = api_key(binary, database, "one", ("screen",))
    with Server(binary, database=database, key=keys["one"], record="required") as first, Server(binary) as second:
        for server in (first, second):
            for request in requests + [o[2] for o in others() if o[2]]:
                server.sent |= private(request)
            server.sent |= {"marker", *keys.values()}
        soak({"recording": first, "without a database": second})
finally:
    pg.close()
tap.done()
