"""The record: what is written before an answer is sent, read back, repeated, erased, verified, purged and replayed; and
what happens to it when the database is away."""
import json
import os
import subprocess
import threading
import time
import urllib.parse
import uuid

from support import (CLEAN, Postgres, Server, Tap, api_key, binary_argument, edit_json, edited_copy, make_clinic, run,
                     wait_until)

tap = Tap()
binary = binary_argument()
pg = Postgres()


def intake(ref=None, **more):
    subject = dict(CLEAN["subject"], **({"ref": ref} if ref else {}))
    return {**CLEAN, "subject": subject, **more}


def at_once(calls):
    """Runs them all in threads; their results in order."""
    results = [None] * len(calls)

    def one(i):
        try:
            results[i] = calls[i]()
        except OSError as e:
            results[i] = e
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(calls))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def as_clinic(clinic, statement):
    return pg.sql(f"select set_config('palpate.clinic', '{clinic}', false); {statement}").split("\n", 1)[-1]


def holding_the_head(clinic, seconds):
    """Keeps whoever records for this clinic waiting: a session that has its head."""
    p = subprocess.Popen([os.path.join(pg.bin, "psql"), "-h", pg.dir, "-U", "palpate", "-d", "palpate", "-AtX", "-c",
                          f"begin; select 'held' from palpate.record_chain where clinic = '{clinic}' for update",
                          "-c", f"select pg_sleep({seconds})", "-c", "rollback"], stdout=subprocess.PIPE, text=True)
    while p.stdout.readline().strip() != "held":
        pass
    return p


def recorded_and_read(s):
    status, fields, answer = s.post(intake("bk-1"))
    tap.equal(status, 200, "a decision is answered")
    tap.equal(list(answer)[:2], ["id", "recorded"], "its id stands first, then whether it is recorded")
    tap.ok(answer["recorded"] is True and uuid.UUID(answer["id"]).version == 7, "it is, under a UUIDv7", answer["id"])
    tap.equal(fields["location"], f"/v1/screenings/{answer['id']}", "with its place")
    status, fields, record = s.get(fields["location"])
    tap.equal((status, record["id"], record["ref"]), (200, answer["id"], "bk-1"), "it can be read there")
    tap.equal((record["disposition"], record["booking"], record["as_of"], record["catalogue"]["digest"]),
              (answer["disposition"], answer["booking"], answer["as_of"], answer["catalogue"]["digest"]),
              "and says what was decided")
    tap.equal({(t["code"], t["verdict"]) for t in record["techniques"]},
              {(t["code"], t["verdict"]) for t in answer["techniques"]}, "of every technique")
    tap.equal(record["warnings"], [w["code"] for w in answer["warnings"]], "with the codes of the warnings")
    tap.ok("request" not in record, "the request itself is not kept unless the clinic asks for it", record)
    tap.equal(fields["cache-control"], "no-store", "and nobody in between keeps it")
    for wrong in (str(uuid.uuid4()), "x", answer["id"][:-1], answer["id"] + "0", "%00"):
        tap.equal(s.get(f"/v1/screenings/{wrong}")[0], 404, f"there is nothing at {wrong[:8]}")
    refused = s.post({"subject": {}})
    tap.ok(refused[0] == 422 and "location" not in refused[1], "what is refused is no decision", refused)
    tap.equal(as_clinic("one", "select count(*) from palpate.screening"), "1", "and is not recorded")


def commits_are_shared(s):
    holder = holding_the_head("one", 1)
    answers = at_once([lambda i=i: s.post(intake(f"crowd-{i}")) for i in range(40)])
    holder.wait()
    tap.equal([a[0] for a in answers], [200] * 40, "forty at once are all answered")
    tap.equal(len({a[2]["id"] for a in answers}), 40, "each with its own id")
    commits = int(as_clinic("one", "select count(distinct xmin::text) from palpate.screening"
                                   " where subject_ref like 'crowd-%'"))
    print(f"# 40 records in {commits} transactions")
    tap.ok(commits <= 5, "in a few transactions", commits)
    tap.equal(as_clinic("one", "select count(*) from palpate.screening where subject_ref like 'crowd-%'"), "40",
              "and each is there once")


def a_poisoned_row_fails_alone(s):
    pg.sql("create function public.refuse() returns trigger language plpgsql as $$ begin raise check_violation"
           " using message = 'secret-of-the-row'; end $$;"
           "create trigger poison before insert on palpate.screening for each row when (new.subject_ref like 'poison%')"
           " execute function public.refuse()")
    holder = holding_the_head("one", 1)
    answers = at_once([lambda i=i: s.post(intake(f"{'poison' if i in (7, 20) else 'beside'}-{i}")) for i in range(30)])
    holder.wait()
    tap.equal([i for i in range(30) if answers[i][0] != 200], [7, 20], "of thirty the two that are refused fail alone")
    bad = answers[7]
    tap.ok(bad[0] == 503 and bad[2]["type"] == "/problems/record_unavailable" and int(bad[1]["retry-after"]) > 0
           and "secret" not in json.dumps(bad[2]), "with 503 and no word of what the database said", bad)
    tap.equal(as_clinic("one", "select count(*) from palpate.screening where subject_ref like 'beside-%'"), "28",
              "the others are there")
    log = s.log_text()
    tap.ok("record_refused" in log and "23514" in log and "secret" not in log and "poison" not in log,
           "a line says that one was refused, and nothing of it", log)
    pg.sql("drop trigger poison on palpate.screening")


def the_time_is_bounded():
    with Server(binary, database=database, key=keys["one"], record_timeout=500) as s:
        s.post(intake())
        holder = holding_the_head("one", 2)
        begin = time.monotonic()
        answer = s.post(intake("too-late"))
        took = time.monotonic() - begin
        tap.ok(answer[0] == 503 and 0.4 < took < 1.5, "who waits too long is told so", answer, took)
        # the first batch is at the database: this one still waits in the queue, and is withdrawn
        answer = s.post(intake("withdrawn"))
        tap.equal(answer[0], 503, "and so is who waits behind that")
        holder.wait()
        tap.ok(wait_until(lambda: s.post(intake())[0] == 200), "then it goes on")
        tap.equal(as_clinic("one", "select count(*) from palpate.screening where subject_ref = 'withdrawn'"), "0",
                  "what was withdrawn in time is not recorded")


def idempotency(s):
    first = s.request("POST", "/v1/screenings", json.dumps(intake("repeated")),
                      {"Content-Type": "application/json", "Idempotency-Key": '"key one"'})
    again = s.request("POST", "/v1/screenings", json.dumps(intake("repeated")),
                      {"Content-Type": "application/json", "Idempotency-Key": '"key one"'})
    tap.ok(first[0] == again[0] == 200 and first[2] == again[2], "the same key and request: the same bytes", first, again)
    tap.equal(first[1]["location"], again[1]["location"], "and the same record")
    other = s.post(intake("another"), Idempotency_Key='"key one"')
    tap.equal((other[0], other[2]["type"]), (422, "/problems/idempotency_key_reused"), "another request is refused")
    other = s.post(intake("repeated"), Idempotency_Key='"key one"', Accept_Language="ko")
    tap.equal(other[0], 422, "also the same in another language")
    tap.equal(s.post(intake("repeated"), Idempotency_Key="plain-key")[0], 200, "a key needs no quotes")
    tap.equal(s.post(intake("repeated"), Idempotency_Key='"plain-key"')[2]["id"],
              s.post(intake("repeated"), Idempotency_Key="plain-key")[2]["id"], "and is the same with them")
    for n, status in ((255, 200), (256, 400)):
        tap.equal(s.post(intake("repeated"), Idempotency_Key="k" * n)[0], status, f"a key of {n} characters: {status}")
    for wrong in ('""', '"open', 'a b', 'a,b', '"a"b', '"\\x"', 'a"b', "a;b", "\x01"):
        answer = s.post(intake("repeated"), Idempotency_Key=wrong)
        tap.equal((answer[0], answer[2]["type"]), (400, "/problems/malformed_request"), f"{wrong!r} is no key")
    before = int(as_clinic("one", "select count(*) from palpate.screening"))
    answers = at_once([lambda: s.post(intake("race"), Idempotency_Key="race") for _ in range(24)])
    tap.equal(({a[0] for a in answers}, len({a[2]["id"] for a in answers})), ({200}, 1), "twenty-four at once: one answer")
    tap.equal(int(as_clinic("one", "select count(*) from palpate.screening")) - before, 1, "and one record")
    with Server(binary, database=database, key=keys["two"]) as two:
        tap.equal(two.post(intake("bk-2"), Idempotency_Key='"key one"')[0], 200, "another clinic has keys of its own")
    with Server(binary, database=database, key=keys["one"]) as second:
        holder = holding_the_head("one", 1)
        answers = at_once([lambda i=i: (s, second)[i % 2].post(intake("race2"), Idempotency_Key="race2")
                           for i in range(20)])
        holder.wait()
        tap.equal(({a[0] for a in answers}, len({a[2]["id"] for a in answers})), ({200}, 1),
                  "the same with two processes")
    as_clinic("one", "update palpate.idempotency set recorded_at = recorded_at - interval '25 hours'")
    late = s.post(intake("repeated"), Idempotency_Key='"key one"')
    tap.ok(late[0] == 200 and late[2]["id"] != json.loads(first[2])["id"], "after a day the key is forgotten", late)
    for i in range(3):
        s.post(intake(), Idempotency_Key=f"sweep-{i}")
    tap.ok(int(as_clinic("one", "select count(*) from palpate.idempotency where recorded_at < now() - interval '1 day'"))
           <= 1, "and taken away when others come")


def another_day():
    """What was answered yesterday, by other rules, is answered so again."""
    request = json.dumps({k: v for k, v in intake("old-rules").items() if k != "as_of"}, indent=1)
    fields = {"Content-Type": "application/json", "Idempotency-Key": "old", "Accept-Language": "ko"}
    with Server(binary, database=database, key=keys["keeps"]) as s:
        first = s.request("POST", "/v1/screenings", request, fields)
        record = json.loads(first[2])["id"]
    changed = edited_copy(lambda d: edit_json(d, "techniques/01-techniques.json",
                                              lambda j: j["techniques"][0].update(name="Another name")))
    tap.ok("stored as version 2" in run(binary, "catalogue", "load", database=database, catalogue=changed).stdout,
           "another catalogue is put in force")
    with Server(binary, database=database, key=keys["keeps"]) as s:
        again = s.request("POST", "/v1/screenings", request, fields)
        tap.ok(first[0] == again[0] == 200 and first[2] == again[2], "the key still has the answer of then", again)
        fresh = s.request("POST", "/v1/screenings", request, {**fields, "Idempotency-Key": "new"})
        tap.ok(json.loads(fresh[2])["catalogue"] != json.loads(first[2])["catalogue"], "a new one is by the new rules")
        kept = s.get(f"/v1/screenings/{record}")[2]
        tap.equal((kept["language"], kept["request"]), ("ko", json.loads(request)), "the request is kept where asked for")
    r = run(binary, "records", "replay", record, database=database)
    tap.ok(r.returncode == 0 and "the same, to the byte" in r.stdout, "replayed, it is the same to the byte", r)
    tap.equal(run(binary, "records", "replay", record, "--clinic", "one", database=database).returncode, 66,
              "but not as one of another clinic")
    shown = run(binary, "records", "show", record, database=database)
    tap.equal(json.loads(shown.stdout), kept, "and shown on the command line as on HTTP")
    exported = run(binary, "records", "export", "--clinic", "keeps", database=database)
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    tap.equal([line["id"] for line in lines],
              as_clinic("keeps", "select id from palpate.screening where payload is not null order by seq").split(),
              "the kept requests are exported, one a line")
    tap.ok({"id": record, "as_of": kept["as_of"], "request": json.loads(request)} in lines and "\n" in request,
           "whole, with the day they were judged for", lines)
    r = run(binary, "catalogue", "impact", changed, "--requests", "-", "--generate", "1", "--json", database=database,
            stdin=exported.stdout)
    tap.ok(r.returncode == 0 and json.loads(r.stdout)["kept"]["judged"] == len(lines),
           "and are what a draft's impact is measured on", r)
    without = as_clinic("one", "select id from palpate.screening limit 1")
    r = run(binary, "records", "replay", without, database=database)
    tap.ok(r.returncode == 1 and "not kept" in r.stderr, "where the request was not kept it says so", r)
    pg.sql("set session_replication_role = replica; update palpate.screening"
           f" set answer_digest = sha256('x') where id = '{record}'")
    r = run(binary, "records", "replay", record, database=database)
    tap.ok(r.returncode == 1 and "ANOTHER" in r.stdout, "another answer is told", r)
    for wrong, status in ((str(uuid.uuid4()), 66), ("x", 64)):
        tap.equal(run(binary, "records", "replay", wrong, database=database).returncode, status, f"{wrong[:4]}: {status}")


def lists(s):
    ref = "a b&c=d/é+%"
    ids = [s.post(intake(ref))[2]["id"] for _ in range(7)]
    subject = urllib.parse.urlencode({"subject": ref})
    page = s.get(f"/v1/screenings?{subject}")
    tap.equal([r["id"] for r in page[2]["screenings"]], ids[::-1], "the records of a subject, newest first")
    tap.ok("next" not in page[2] and "link" not in page[1], "on one page", page[1])
    found, path = [], f"/v1/screenings?{subject}&limit=3"
    for _ in range(3):
        page = s.get(path)
        found += [r["id"] for r in page[2]["screenings"]]
        if "next" in page[2]:
            path = page[1]["link"].partition(">")[0][1:]
            tap.contains(path, page[2]["next"], "a page names the next one")
    tap.equal((found, "next" in page[2]), (ids[::-1], False), "page by page they are the same")
    everything = s.get("/v1/screenings?limit=200")[2]["screenings"]
    times = [r["recorded_at"] for r in everything]
    tap.ok(len(everything) > 80 and times == sorted(times, reverse=True), "without a subject, all of the clinic")
    tap.equal(s.get("/v1/screenings?subject=nobody")[2], {"screenings": []}, "none of nobody")
    for wrong in ("limit=0", "limit=201", "limit=x", "limit=1&limit=1", "cursor=x", "subject=", "subject=%zz",
                  "subject=a%00b", "subject=a&subject=b", "subjekt=a", "limit", "subject=" + "x" * 129, "subject=%ff",
                  "subject=%ed%a0%80"):
        answer = s.get(f"/v1/screenings?{wrong}")
        tap.equal((answer[0], answer[2]["type"]), (400, "/problems/malformed_request"), f"{wrong[:20]} is refused")
    for longest in ("x", "%E2%82%AC"):
        tap.equal(s.get(f"/v1/screenings?subject={longest * 128}")[0], 200, f"128 times {longest} is a ref")
    return ref


def erasure(s, ref):
    for wrong in ("", "?subject=", "?subject=%FF", "?subject=a%00", "?subject=a&limit=1"):
        tap.equal(s.request("DELETE", f"/v1/screenings{wrong}")[0], 400, f"nobody is erased by {wrong!r}")
    one = s.get("/v1/screenings?" + urllib.parse.urlencode({"subject": ref}))[2]["screenings"][0]
    s.post(intake(ref), Idempotency_Key="of-the-erased")
    status, _, body = s.request("DELETE", "/v1/screenings?" + urllib.parse.urlencode({"subject": ref}))
    tap.equal((status, json.loads(body)), (200, {"erased": 8}), "all records of a subject are erased")
    tap.equal(s.get("/v1/screenings?" + urllib.parse.urlencode({"subject": ref}))[2], {"screenings": []}, "none is found")
    stone = s.get(f"/v1/screenings/{one['id']}")[2]
    tap.equal(sorted(stone), ["chain_digest", "erased_at", "id", "recorded_at", "seq"], "what is left is a tombstone")
    tap.equal(stone["chain_digest"], one["chain_digest"], "at its place in the chain")
    left = as_clinic("one", "select count(*) from palpate.screening s where erased_at is not null"
                            f" and (s::text like '%{ref[:5]}%' or salt is not null or request_digest is not null)")
    tap.equal(left, "0", "with nothing of the person in it")
    tap.equal(as_clinic("one", "select records, key <> '' from palpate.erasure"), "8|t", "the erasure is noted")
    again = s.post(intake(ref), Idempotency_Key="of-the-erased")
    tap.ok(again[0] == 200 and s.get(f"/v1/screenings/{again[2]['id']}")[2]["ref"] == ref,
           "a key of an erased record is free", again)
    r = run(binary, "records", "verify", "--clinic", "one", database=database)
    tap.ok(r.returncode == 0 and "8 of them erased, whole" in r.stdout, "and the chain is whole", r)
    tap.equal(json.loads(s.request("DELETE", "/v1/screenings?subject=nobody")[2]), {"erased": 0}, "nobody has none")


def isolation(s):
    one = s.post(intake("mine"))[2]["id"]
    with Server(binary, database=database, key=keys["two"]) as two:
        tap.equal(two.get(f"/v1/screenings/{one}")[0], 404, "another clinic does not find it")
        tap.equal(two.get("/v1/screenings?subject=mine")[2], {"screenings": []}, "nor lists it")
        tap.equal(json.loads(two.request("DELETE", "/v1/screenings?subject=mine")[2]), {"erased": 0}, "nor erases it")
        tap.equal(two.get(f"/v1/screenings/{one}", Authorization=f"Bearer {keys['one']}")[0], 200, "whose it is does")
        weak = api_key(binary, database, "two", ("screen",))
        for method, path in (("GET", f"/v1/screenings/{one}"), ("GET", "/v1/screenings"),
                             ("DELETE", "/v1/screenings?subject=x")):
            wait_until(lambda: two.post(intake(), Authorization=f"Bearer {weak}")[0] == 200)
            tap.equal(two.request(method, path, headers={"Authorization": f"Bearer {weak}"})[0], 403,
                      f"a key for screenings only may not {method} records")
            tap.equal(two.request(method, path, headers={"Authorization": None})[0], 401, "nor may anybody")


def modes():
    for settings, say in (({"record": "required", "auth": "off", "database": database}, "auth"),
                          ({"record": "best_effort"}, "database"), ({"record": "perhaps"}, "best_effort")):
        r = run(binary, "serve", port=0, **settings)
        tap.ok(r.returncode == 78 and say in r.stderr, f"refused: {settings}", r)
    with Server(binary, database=database, key=keys["one"], record="off") as s:
        answer = s.post(intake("unrecorded"), Idempotency_Key="ignored")
        tap.ok(answer[0] == 200 and "id" not in answer[2] and "location" not in answer[1], "off: nothing is recorded",
               answer)
        tap.equal(s.get("/v1/screenings?subject=bk-1")[2]["screenings"][0]["ref"], "bk-1", "but can be read")
    with Server(binary, database=database, auth="off") as s:
        tap.ok("id" not in s.post(intake())[2], "without authentication nothing is recorded")
        tap.equal(s.get("/v1/screenings")[0], 404, "and nothing is read")
    with Server(binary) as s:
        tap.equal((s.get("/v1/screenings")[0], s.request("DELETE", "/v1/screenings?subject=x")[0]), (404, 404),
                  "nor without a database")


def the_database_is_away():
    def quick(server):
        begin = time.monotonic()
        answer = server.post(intake("away"))
        return answer, time.monotonic() - begin
    with Server(binary, database=database, key=keys["one"]) as strict, \
            Server(binary, database=database, key=keys["one"], record="best_effort") as easy:
        tap.equal((strict.post(intake())[0], easy.post(intake())[2]["recorded"]), (200, True), "both record")
        pg.stop("immediate")
        quick(strict), quick(easy)
        time.sleep(0.5)
        (status, fields, body), took = quick(strict)
        tap.ok(status == 503 and body["type"] == "/problems/record_unavailable" and int(fields["retry-after"]) > 0
               and took < 1, "required: no answer, at once", status, body, took)
        (status, fields, body), took = quick(easy)
        tap.ok(status == 200 and body["recorded"] is False and "location" not in fields and took < 1,
               "best effort: an answer that says that it is not recorded, at once", status, str(body)[:200], took)
        tap.equal(strict.get("/v1/screenings")[0], 503, "records cannot be read")
        tap.equal(strict.get("/v1/techniques")[0], 200, "what needs no record is answered")
        pg.start()
        tap.ok(wait_until(lambda: strict.post(intake())[0] == 200), "recorded again when it is back")
        tap.ok(wait_until(lambda: easy.post(intake())[2]["recorded"]), "by both")
        tap.equal(strict.get("/v1/screenings")[0], 200, "and read")
        for _ in range(5):
            pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'palpate'")
            answer = strict.post(intake())
            tap.equal(answer[0], 200, "a connection that was cut is made anew before anybody notices")
        log = strict.log_text()
        tap.ok("recorder_interrupted" in log, "the log says so", log)
        tap.equal((strict.stop(), easy.stop()), (0, 0), "both stop cleanly")
    r = run(binary, "records", "verify", "--clinic", "one", database=database)
    tap.equal(r.returncode, 0, "and the chain is whole")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    run(binary, "catalogue", "load", database=database)
    make_clinic(binary, database, "keeps", "--keep-payload")
    keys = {name: api_key(binary, database, name) for name in ("one", "two", "keeps")}
    with Server(binary, database=database, key=keys["one"]) as server:
        recorded_and_read(server)
        commits_are_shared(server)
        a_poisoned_row_fails_alone(server)
        idempotency(server)
        erasure(server, lists(server))
        isolation(server)
        tap.equal(server.stop(), 0, "it stops cleanly")
    the_time_is_bounded()
    another_day()
    modes()
    the_database_is_away()
finally:
    pg.close()
tap.done()
