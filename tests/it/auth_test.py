"""Clinics, API keys and tokens on the real program: who may call, what the others are told, and how soon a change counts."""
import hashlib
import json
import os
import random
import tempfile
import time

import support
from issuer import KeyServer, SigningKey, key_set
from support import CLEAN, Postgres, Tap, api_key, binary_argument, make_clinic, run, wait_until

tap = Tap()
binary = binary_argument()
pg = Postgres()
SOON = 10  # seconds in which a change must count everywhere


class Server(support.Server):
    """One whose end is looked at: a sanitizer that found something speaks there."""

    def stop(self, *how):
        running = self.process.poll() is None
        ended = super().stop(*how)
        if running:
            tap.ok(ended == 0, "the service ends well", ended, self.log_text())
        return ended


def bearer(credential):
    return {"Authorization": f"Bearer {credential}"}


def status(server, credential=None, path="/v1/screenings"):
    fields = {"Authorization": f"Bearer {credential}" if credential else None}
    return server.post(CLEAN, **fields)[0] if path == "/v1/screenings" else server.get(path, **fields)[0]


# ---- the command line --------------------------------------------------------------------------------------------

def commands(db):
    r = run(binary, "clinic", "create", "riverside", "--name", "Riverside Massage", "--keep-payload", "--retention-days", "400",
            database=db)
    tap.equal((r.returncode, r.stdout), (0, "made the clinic riverside\n"), "a clinic is made")
    r = run(binary, "clinic", "create", "riverside", "--name", "Another", database=db)
    tap.ok(r.returncode == 65 and "there is a clinic riverside already" in r.stderr, "but not twice", r)
    make_clinic(binary, db, "hill")
    r = run(binary, "clinic", "list", "--json", database=db)
    clinics = {c["id"]: c for c in json.loads(r.stdout)["clinics"]}
    c = clinics["riverside"]
    tap.equal((c["name"], c["keeps_payload"], c["retention_days"], clinics["hill"]["keeps_payload"], "closed_at" in c),
              ("Riverside Massage", True, 400, False, False), "the list says what was asked for")
    tap.contains(run(binary, "clinic", "list", database=db).stdout, "Riverside Massage", "also as a table")

    r = run(binary, "key", "create", "--clinic", "riverside", "--name", "booking", "--expires", "30", database=db)
    key = r.stdout.strip()
    tap.ok(r.returncode == 0 and len(key) == 64 and r.stdout == key + "\n" and key[:8] == "palpate_", "a key is printed, alone", r)
    tap.ok(key not in r.stderr and key[8:20] in r.stderr, "what is said beside it does not repeat it", r.stderr)
    stored = pg.sql("select encode(hash, 'hex') || ' ' || scopes::text || ' ' || (expires_at - now() between"
                    f" '29 days 23:00' and '30 days')::text from palpate.api_key where id = '{key[8:20]}'")
    tap.equal(stored, f"{hashlib.sha256(key.encode()).hexdigest()} {{screen}} true", "the database has its SHA-256, scope and end")
    tap.ok(key[21:] not in pg.sql("select string_agg(k::text, ' ') from palpate.api_key k"), "and not the key")
    last = run(binary, "key", "create", "--clinic", "riverside", "--name", "x", "--expires", "2999-12-31", "--scope",
               "admin,records:read", database=db).stdout.strip()
    tap.equal(pg.sql("select expires_at at time zone 'UTC' || ' ' || scopes::text from palpate.api_key"
                     f" where id = '{last[8:20]}'"), "3000-01-01 00:00:00 {records:read,admin}", "a date is the last day of a key")
    r = run(binary, "key", "list", "--json", database=db)
    keys = json.loads(r.stdout)["keys"]
    tap.equal([(k["id"], k["clinic"], k["works"]) for k in keys], [(key[8:20], "riverside", True), (last[8:20], "riverside", True)],
              "keys are listed")
    tap.ok(key[21:] not in r.stdout and "hash" not in r.stdout, "without what makes them keys")
    tap.equal(json.loads(run(binary, "key", "list", "--clinic", "hill", "--json", database=db).stdout), {"keys": []},
              "by clinic as well")
    for args, code, words in (
            (("key", "list", "--clinic", "nowhere"), 66, "there is no clinic nowhere"),
            (("key", "create", "--clinic", "nowhere", "--name", "x"), 66, "there is no clinic nowhere"),
            (("key", "create", "--clinic", "hill"), 64, "--clinic and --name are needed"),
            (("key", "create", "--name", "hill"), 64, "--clinic and --name are needed"),
            (("key", "create", "--clinic", "hill", "--name", "a\nb"), 64, "--clinic and --name are needed"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--scope", "screen,root"), 64, "--scope is no list"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--scope", ""), 64, "--scope is no list"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--scope", "catalogue:write"), 64, "needs --holder"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--holder", "h" * 201), 64, "--holder is a person's name"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--expires", "0"), 64, "--expires is neither"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--expires", "36501"), 64, "--expires is neither"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--expires", "2020-01-01"), 64, "--expires is neither"),
            (("key", "create", "--clinic", "hill", "--name", "x", "--expires", "2999-02-30"), 64, "--expires is neither"),
            (("key", "revoke"), 64, "the key's id is missing"),
            (("key", "revoke", key), 64, "the key's id is missing or none"),
            (("key", "revoke", "aaaaaaaaaaaa"), 66, "no clinic has a key aaaaaaaaaaaa"),
            (("clinic", "create"), 64, "a clinic's id is missing"),
            (("clinic", "create", "Hill", "--name", "x"), 64, "a clinic's id is missing or none"),
            (("clinic", "create", "h" * 65, "--name", "x"), 64, "a clinic's id is missing or none"),
            (("clinic", "create", "new"), 64, "--name is missing"),
            (("clinic", "create", "new", "--name", ""), 64, "--name is missing"),
            (("clinic", "create", "new", "--name", "x", "--retention-days", "0"), 64, "--retention-days is not"),
            (("clinic", "close", "nowhere"), 66, "there is no clinic nowhere"),
            (("clinic", "close"), 64, "a clinic's id is missing"),
            (("clinic", "list", "--clinic", "x"), 64, "there is no option --clinic")):
        r = run(binary, *args, database=db)
        tap.ok(r.returncode == code and words in r.stderr and len(r.stderr.splitlines()) == 1 and not r.stdout,
               f"{' '.join(args)[:60]!r} is refused", r)
    for args in (("clinic", "list"), ("key", "list"), ("key", "check"), ("clinic", "create", "x", "--name", "x"),
                 ("key", "create", "--clinic", "x", "--name", "x"), ("key", "revoke", "aaaaaaaaaaaa"), ("clinic", "close", "x")):
        r = run(binary, *args)
        tap.ok(r.returncode == 78 and "no database is set" in r.stderr, f"{' '.join(args)} needs a database", r)
    r = run(binary, "key", "check", "-", stdin=key + "\n", database=db)
    tap.equal((r.returncode, r.stdout), (0, f"the key {key[8:20]} of the clinic riverside works: screen\n"), "a key is checked")
    r = run(binary, "key", "revoke", key[8:20], database=db)
    tap.equal(r.stdout, f"revoked the key {key[8:20]}\n", "a key is revoked")
    tap.contains(run(binary, "key", "revoke", key[8:20], database=db).stdout, "revoked already", "once")
    for text in (key, last[:-1] + "x", "", "nonsense", key[:-1]):
        r = run(binary, "key", "check", "-", stdin=text, database=db)
        tap.ok(r.returncode == 1 and "does not work" in r.stderr and (not text or text not in r.stderr), "what is no key does not work", r)
    run(binary, "clinic", "close", "hill", database=db)
    r = run(binary, "key", "create", "--clinic", "hill", "--name", "x", database=db)
    tap.ok(r.returncode == 65 and "the clinic hill is closed" in r.stderr, "a closed clinic gets no keys", r)


# ---- what callers are told ---------------------------------------------------------------------------------------

def refusals(db):
    key, weak = api_key(binary, db), api_key(binary, db, "test", ("records:read", "catalogue:write", "admin"))
    other = api_key(binary, db, "other")
    with Server(binary, database=db) as s:
        bad = [None, "", "x", key[:-1], key + "A", key[:21] + other[21:], key.upper(), "palpate_", key[21:], key[8:20],
               "null", "e30.e30.e30", "A" * 9000, key.replace("_", "-")]
        answers = [s.post(CLEAN, Authorization=None if c is None else f"Bearer {c}") for c in bad]
        answers += [s.post(CLEAN, Authorization=v) for v in
                    (key, f"Basic {key}", f"Bearer{key}", f"Token {key}", "Bearer", "Basic dTpw", f"Bearer {key} {key}",
                     f"Bearer \t{key}", f"\"Bearer {key}\"")]
        tap.equal({a[0] for a in answers}, {401}, "whatever is no good gets 401")
        same = [(a[1].get("www-authenticate"), a[1].get("cache-control"), json.dumps(a[2])) for a in answers]
        tap.ok(len(set(same)) == 1 and same[0][:2] == ("Bearer", "no-store"), "in the very same words", *set(same))
        tap.equal(answers[0][2]["type"], "/problems/unauthorized", "as a problem document")
        for value in (f"Bearer {key}", f"bearer {key}", f"BEARER   {key}"):
            tap.equal(s.post(CLEAN, Authorization=value)[0], 200, f"{value[:9]!r} is a scheme that is known")
        one, line = f"Authorization: Bearer {key}\r\n", "POST /v1/screenings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        for fields in (one + one, one + one.lower(), one + "AUTHORIZATION: x\r\n", "authorization: \r\n" + one,
                       f"Authorization: Bearer {key}, Bearer {key}\r\n"):
            answer = s.raw((line + fields + "Content-Length: 0\r\n\r\n").encode())
            tap.ok(answer.startswith(b"HTTP/1.1 400"), "two credentials are none", fields, answer)
        answer = s.post(CLEAN, **bearer(weak))
        tap.equal((answer[0], answer[1].get("www-authenticate"), answer[2]["type"]),
                  (403, 'Bearer error="insufficient_scope"', "/problems/forbidden"), "a key without the scope gets 403")
        for path in ("/v1/catalogue", "/v1/facts", "/v1/techniques", "/v1/rules", "/v1/rules/em_chest_pain", "/v1/evidence"):
            tap.equal([status(s, c, path) for c in (None, weak, key)], [401, 200, 200], f"{path} is for every key")
            tap.equal(s.request("HEAD", path)[0], 401, f"also HEAD {path}")
            tap.equal(s.request("OPTIONS", path)[0], 204, f"but not OPTIONS {path}")
        tap.equal(s.get("/v1/rules/nothing")[0], 401, "what there is is not told to strangers")
        for path in ("/health/live", "/health/ready", "/openapi.json", "/openapi.yaml"):
            tap.equal([status(s, c, path) for c in (None, "x", key)], [200] * 3, f"{path} is for everyone")
        tap.equal(s.get("/nothing")[0], 404, "so is that a path is none")
        tap.equal(s.request("PUT", "/v1/screenings")[0], 405, "and a method")
        for body, kind in ((b"{", "application/json"), (b"x" * 70_000, "application/json"), (b"{}", "text/plain")):
            tap.equal(s.post(body, content_type=kind)[0], 401, "who may not call is not told what is wrong with the body")
        tap.equal(s.get("/v1/facts", Accept="text/html")[0], 401, "nor which types there are")
        chance = random.Random(5)
        noise = [bytes(chance.choice([c for c in range(33, 256) if c not in b","]) for _ in range(chance.randrange(1, 200)))
                 for _ in range(300)]
        got = {s.raw(line.encode() + b"Authorization: Bearer " + n + b"\r\nContent-Length: 0\r\n\r\n")[:12] for n in noise[:60]}
        tap.equal(got, {b"HTTP/1.1 401"}, "noise gets 401")
        tap.equal(status(s, key), 200, "and does no harm")
        log = s.log_text()
        tap.ok(all(k[21:] not in log and k not in log for k in (key, weak, other)), "no key stands in the log", log)


# ---- changes -----------------------------------------------------------------------------------------------------

def seconds_until(condition, limit=20):
    began = time.monotonic()
    return time.monotonic() - began if wait_until(condition, limit) else float("inf")


def changes(db):
    with Server(binary, database=db) as a, Server(binary, database=db) as b:
        both = (a, b)
        key, second = api_key(binary, db, "one"), api_key(binary, db, "one")
        took = seconds_until(lambda: all(status(s, key) == 200 for s in both))
        tap.ok(took < SOON, f"a new key works in two processes after {took:.1f} s")
        run(binary, "key", "revoke", key[8:20], database=db)
        took = seconds_until(lambda: all(status(s, key) == 401 for s in both))
        tap.ok(took < SOON, f"a revoked one is refused by both after {took:.1f} s")
        tap.equal([status(s, second) for s in both], [200, 200], "the other keys go on working")
        pg.sql(f"update palpate.api_key set expires_at = now() + interval '2 seconds' where id = '{second[8:20]}'")
        took = seconds_until(lambda: all(status(s, second) == 401 for s in both))
        tap.ok(0.5 < took < 2 + SOON, f"one that expires in 2 s is refused after {took:.1f} s")
        third = api_key(binary, db, "two")
        wait_until(lambda: all(status(s, third) == 200 for s in both))
        run(binary, "clinic", "close", "two", database=db)
        took = seconds_until(lambda: all(status(s, third) == 401 for s in both))
        tap.ok(took < SOON, f"the keys of a closed clinic are refused after {took:.1f} s")

        fourth = api_key(binary, db, "one", ("admin",))
        wait_until(lambda: all(status(s, fourth) == 403 for s in both))
        pg.sql("alter table palpate.api_key disable trigger tell_keyring")
        pg.sql(f"update palpate.api_key set scopes = '{{screen}}' where id = '{fourth[8:20]}'")
        took = seconds_until(lambda: all(status(s, fourth) == 200 for s in both))
        pg.sql("alter table palpate.api_key enable trigger tell_keyring")
        tap.ok(took < 2 * SOON, f"what nobody tells of is found after {took:.1f} s")
        pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'palpate'")
        run(binary, "key", "revoke", fourth[8:20], database=db)
        took = seconds_until(lambda: all(status(s, fourth) == 401 for s in both))
        tap.ok(took < 2 * SOON, f"also when the connections are cut meanwhile: {took:.1f} s")
    used = api_key(binary, db, "one")
    with Server(binary, database=db) as s:
        for _ in range(3):
            tap.equal(status(s, used), 200, "a key is used")
        tap.equal(pg.sql(f"select last_used_at is null from palpate.api_key where id = '{used[8:20]}'"), "t",
                  "which is not written for each request")
    tap.equal(pg.sql(f"select now() - last_used_at < '1 minute' from palpate.api_key where id = '{used[8:20]}'"), "t",
              "but is by the end")
    tap.equal(pg.sql(f"select count(*) from palpate.api_key where last_used_at is not null and id <> '{used[8:20]}'"
                     " and clinic = 'other'"), "0", "unused ones are not")


def database_gone(db):
    key, revoked = api_key(binary, db), api_key(binary, db)
    with Server(binary, database=db, record="best_effort") as s:
        tap.equal([status(s, key), status(s, revoked)], [200, 200], "two keys work")
        pg.stop("immediate")
        tap.ok(wait_until(lambda: s.get("/health/ready")[2]["database"] == "unreachable"), "the database is gone")
        tap.equal([status(s, key), status(s, None), status(s, key[:-1] + "~")], [200, 401, 401], "keys go on working, others do not")
        tap.equal(s.get("/health/ready")[2]["keys"], "known", "as the service says")
        time.sleep(3)
        tap.equal(status(s, revoked), 200, "still")
        pg.start()
        run(binary, "key", "revoke", revoked[8:20], database=db)
        took = seconds_until(lambda: status(s, revoked) == 401, 30)
        tap.ok(took < 15, f"a revocation while it was away counts {took:.1f} s after it is back")
        tap.equal(status(s, key), 200, "for that key alone")
        log = s.log_text()
        tap.equal((log.count("keyring_stale"), log.count("keyring_read")), (1, 1), "the log tells of both, once")


# ---- where it listens --------------------------------------------------------------------------------------------

def starts(db):
    jwks = os.path.join(tempfile.mkdtemp(), "jwks.json")
    with open(jwks, "w") as f:
        f.write(key_set(SigningKey("a")))
    token = {"jwks": jwks, "jwt_audience": "palpate"}
    for settings, words in (
            ({"listen": "0.0.0.0"}, "refusing to answer anyone"),
            ({"listen": "::"}, "refusing to answer anyone"),
            ({"listen": "192.0.2.1"}, "refusing to answer anyone"),
            ({"listen": "0.0.0.0", "database": db, "auth": "off"}, "refusing to answer anyone"),
            ({"listen": "0.0.0.0", **token, "auth": "off"}, "refusing to answer anyone"),
            ({"auth": "required"}, "neither a database with API keys nor a jwks"),
            ({"auth": "yes"}, "PALPATE_AUTH is not one of its values: required or off"),
            ({"jwks": jwks}, "jwks needs jwt-audience"),
            ({**token, "jwks": "http://192.0.2.1/keys"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "http://localhost.example/keys"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "http://127.0.0.1@example.com/"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "https://user:s3cret@id.example/keys"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "ftp://127.0.0.1/keys"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "file:///etc/passwd"}, "jwks is neither a file nor an address"),
            ({**token, "jwks": "/nonexistent"}, "cannot read the key set /nonexistent"),
            ({**token, "jwks": "/"}, "is no file"),
            ({**token, "jwks": "/dev/zero"}, "is no file"),
            ({**token, "jwks": os.path.abspath(__file__)}, "the key set is not a JSON object")):
        r = run(binary, "serve", port=0, **settings)
        tap.ok(r.returncode in (66, 78) and words in r.stderr and "s3cret" not in r.stderr and
               len([l for l in r.stderr.splitlines() if l.startswith("palpate: ")]) == 1 and not r.stdout,
               f"{settings} is refused in a sentence", r)
    for settings, answers in (({}, 200), ({"database": db, "auth": "off"}, 200), ({"database": db}, 401), (token, 401),
                              ({"listen": "0.0.0.0", "database": db}, 401), ({"listen": "127.9.9.9"}, 200)):
        with Server(binary, **settings) as s:
            tap.equal((s.post(CLEAN)[0], s.get("/health/ready")[2]["keys"]),
                      (answers, "none" if answers == 200 else "known"), f"serving with {settings}")


# ---- tokens ------------------------------------------------------------------------------------------------------

def tokens_from_a_file(db):
    first, second = SigningKey("first"), SigningKey("second", "RS256")
    path = os.path.join(tempfile.mkdtemp(), "jwks.json")

    def write(text):
        with open(path + ".new", "w") as f:
            f.write(text)
        os.rename(path + ".new", path)
    write(key_set(first))
    make_clinic(binary, db)
    key = api_key(binary, db)
    with Server(binary, database=db, jwks=path, jwt_audience="palpate", jwt_issuer="https://id.example") as s:
        now = int(time.time())
        for claims, wanted in (({}, 200), ({"clinic": "nowhere"}, 401), ({"clinic": None}, 401), ({"scope": "admin"}, 403),
                               ({"scope": None}, 403), ({"aud": "other"}, 401), ({"iss": "https://other.example"}, 401),
                               ({"exp": now - 61}, 401), ({"exp": now - 30}, 200), ({"exp": None}, 401),
                               ({"nbf": now + 120}, 401), ({"scope": "openid screen"}, 200)):
            tap.equal(status(s, first.token(**claims)), wanted, f"a token with {claims or 'all that it needs'}")
        tap.equal(status(s, first.token(scope=None), "/v1/catalogue"), 200, "one without scopes reads the catalogue")
        tap.equal(status(s, key), 200, "keys work beside tokens")
        tap.equal(status(s, second.token()), 401, "another's token does not")
        write(key_set(first, second))
        took = seconds_until(lambda: status(s, second.token()) == 200)
        tap.ok(took < SOON, f"a key that is added counts after {took:.1f} s")
        tap.equal(status(s, first.token()), 200, "the one before as well")
        write("{")
        time.sleep(3)
        tap.equal(status(s, second.token()), 200, "a broken file changes nothing")
        os.remove(path)
        time.sleep(2)
        tap.equal(status(s, second.token()), 200, "nor does one that is gone")
        tap.equal(s.log_text().count("jwks_stale"), 1, "which is told once")
        write(key_set(second))
        took = seconds_until(lambda: status(s, first.token()) == 401, 30)
        tap.ok(took < 25, f"a key that is taken away is refused after {took:.1f} s")
        tap.equal(status(s, second.token()), 200, "and the one that stays is not")
        run(binary, "clinic", "close", "test", database=db)
        took = seconds_until(lambda: status(s, second.token()) == 401)
        tap.ok(took < SOON, f"tokens of a closed clinic are refused after {took:.1f} s")
    write(key_set(first))
    with Server(binary, jwks=path, jwt_audience="palpate", jwt_clinic_claim="tenant") as s:
        tap.equal([status(s, first.token(tenant="anyone")), status(s, first.token()), status(s, key)], [200, 401, 401],
                  "without a database every clinic may call, by tokens alone")


def tokens_from_an_address():
    first, second, third = SigningKey("first"), SigningKey("second"), SigningKey("third")
    issuer = KeyServer(key_set(first))
    settings = {"jwks": issuer.url, "jwt_audience": "palpate"}
    try:
        with Server(binary, **settings) as s:
            tap.equal([status(s, first.token()), status(s, second.token())], [200, 401], "keys come from an address")
            issuer.text = key_set(first, second)
            took = seconds_until(lambda: status(s, second.token()) == 200)
            tap.ok(took < 12, f"a key that is added counts after {took:.1f} s, for a token asked for it")
            asked = issuer.asked
            for i in range(200):
                status(s, SigningKey(f"no{i}", "ES256").token() if i < 5 else third.token())
            tap.ok(issuer.asked - asked <= 2, "tokens with names of their own do not decide how often it is asked",
                   issuer.asked - asked)
            issuer.close()
            tap.equal([status(s, first.token()), status(s, second.token())], [200, 200], "the keys go on counting without it")
            time.sleep(6)
            status(s, third.token())
            time.sleep(6)
            tap.equal([status(s, first.token()), status(s, second.token())], [200, 200], "also when it was asked in vain")
            began = time.monotonic()
            s.stop()
            tap.ok(time.monotonic() - began < 3, "and the service stops at once")
        with Server(binary, **settings) as s:
            answer = s.post(CLEAN, **bearer(first.token()))
            tap.equal((answer[0], answer[2]["type"]), (503, "/problems/store_unavailable"),
                      "an address that gives no keys at the start: no token can be judged yet")
            tap.equal((s.post(CLEAN)[0], s.get("/health/ready")[2]["keys"], s.get("/health/ready")[0]), (401, "unknown", 503),
                      "and the service says that it is not ready")
            issuer = KeyServer(key_set(first), issuer.port)
            took = seconds_until(lambda: status(s, first.token()) == 200, 30)
            tap.ok(took < 25, f"it asks again, and is ready after {took:.1f} s")
            tap.equal(s.get("/health/ready")[0], 200, "as it says")
            log = s.log_text()
            tap.equal((log.count("jwks_stale"), log.count("jwks_read")), (1, 1), "the log tells of both, once")
        for mode in ("error", "moved", "large", "page", "slow"):
            issuer.mode = mode
            began = time.monotonic()
            with Server(binary, **settings) as s:
                tap.ok(time.monotonic() - began < 15, f"{mode}: the start does not wait for ever")
                tap.equal((status(s, first.token()), "jwks_stale" in s.log_text()), (503, True), f"{mode}: no keys come of it")
                began = time.monotonic()
                s.stop()
                tap.ok(time.monotonic() - began < 3, f"{mode}: the service stops at once")
    finally:
        issuer.close()


try:
    for part in (commands, refusals, changes, database_gone, starts, tokens_from_a_file):
        database = pg.fresh_database()
        run(binary, "migrate", database=database)
        run(binary, "catalogue", "load", database=database)
        part(database)
    tokens_from_an_address()
finally:
    pg.close()
tap.done()
