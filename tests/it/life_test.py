"""The life of a catalogue on running services: activation reaches them, what fails its checks changes nothing, a clinic
has its own, nothing is lost in a swap, and the database may be gone at the start and later."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from support import (CLEAN, ROOT, Postgres, Server, Tap, api_key, binary_argument, edit_json, edited_copy, run,
                     wait_until)

tap = Tap()
binary = binary_argument()
pg = Postgres()


def figure(text):
    print(f"# {text}", flush=True)


# ---- versions ----------------------------------------------------------------------------------------------------

def folder_saying(message):
    return edited_copy(lambda d: edit_json(d, "rules/03-infection-and-pain.json",
                                           lambda j: j["rules"][0].update(message=message)))


def command(*words, **settings):
    return run(binary, "catalogue", *words, database=database, **settings)


def published(message):
    folder = folder_saying(message)
    r = command("load", "--draft", "--as", "Anna", catalogue=folder)
    number = re.search(r"version (\d+)", r.stdout).group(1)
    for words in (("check", number, "--as", "Anna"), ("publish", number, "--signed-by", "Ben", "--as", "Ben")):
        r = command(*words)
        if r.returncode != 0:
            raise RuntimeError(str(r))
    return number


def digest_of(number):
    return pg.sql(f"select digest from palpate.catalogue_version where version = {number}")


def shows(server, digest, **headers):
    return server.get("/v1/catalogue", **headers)[2].get("digest") == digest


def activate(number, *words):
    r = command("activate", number, "--as", "Ben", *words)
    if r.returncode != 0:
        raise RuntimeError(str(r))


def stored_by_hand(edit, digest=None):
    """A version that the database takes and the program does not, published and in force."""
    script = os.path.join(ROOT, "tests", "it", "catalogue_doc.py")
    with tempfile.TemporaryDirectory() as folder:
        doc = subprocess.run(["/usr/bin/python3", script, edit], check=True, stdout=subprocess.PIPE).stdout
        with open(os.path.join(folder, "doc.json"), "wb") as f:
            f.write(doc)
        digest = digest or hashlib.sha256(doc).hexdigest()
        statements = f"""\\set doc `cat doc.json`
            select version from palpate.catalogue_draft(:'doc', '{digest}', 'Anna') \\gset
            select palpate.catalogue_checked(:version, 'Anna', 0, 0);
            select palpate.catalogue_publish(:version, 'Ben', 'Ben');
            select 'version ' || :version;"""
        out = subprocess.run([os.path.join(pg.bin, "psql"), "-h", pg.dir, "-U", "palpate", "-d", "palpate", "-AtqX", "-v",
                              "ON_ERROR_STOP=1"], cwd=folder, input=statements, text=True, check=True,
                             stdout=subprocess.PIPE).stdout
    return re.search(r"version (\d+)", out).group(1)


# ---- what is tested ----------------------------------------------------------------------------------------------

def on_the_command_line():
    r = command("load", "--as", "Olga")
    tap.ok(r.returncode == 0 and "stored as version 1, in force" in r.stdout, "the first catalogue goes into force in one step", r)
    folder = folder_saying("Another message.")
    r = command("load", "--draft", "--as", "Anna", catalogue=folder)
    tap.ok("stored as version 2, a draft" in r.stdout, "a changed one is a draft", r)
    tap.ok("already stored as version 2, left as it was" in command("load", "--draft", "--as", "Ben", catalogue=folder).stdout,
           "and stays the draft of its author")
    r = command("activate", "2", "--as", "Ben")
    tap.ok(r.returncode == 1 and "is draft" in r.stderr, "a draft is not put in force", r)
    r = command("check", "2", "--accepted", "/dev/null", "--as", "Anna")
    tap.ok(r.returncode == 2 and "stays a draft" in r.stdout, "a check that finds something leaves a draft", r.stdout[-300:])
    r = command("check", "2", "--as", "Anna")
    tap.ok(r.returncode == 0 and "version 2 is checked" in r.stdout, "with what is accepted it is checked", r)
    r = command("publish", "2", "--signed-by", "anna", "--as", "Anna")
    tap.ok(r.returncode == 1 and "other than its author" in r.stderr, "its author cannot sign it off", r)
    r = command("publish", "2", "--signed-by", "Ben", "--as", "Ben")
    tap.ok(r.returncode == 0 and "version 2 is published" in r.stdout, "someone else can", r)
    activate("2")
    r = command("load", "--only-new")
    tap.ok("already stored as version 1, left as it was" in r.stdout, "loading what was there before changes nothing when told so", r)
    lines = command("list").stdout.splitlines()
    tap.ok(len(lines) == 3 and lines[1].split()[:4] == ["2", "yes", "0", "active"] and lines[1].endswith("Anna, Ben")
           and lines[2].split()[:4] == ["1", "-", "0", "published"], "the list shows states and people", *lines)
    activate("1")
    r = command("retire", "1", "--as", "Ben")
    tap.ok(r.returncode == 1 and "is in force" in r.stderr, "what is in force is not retired", r)
    r = command("retire", "99", "--as", "Ben")
    tap.ok(r.returncode == 66 and "no catalogue version 99" in r.stderr, "what is not there neither", r)
    history = command("history", "2").stdout.splitlines()
    found = [re.sub(r"\d+ findings|\d+ accepted", "N", re.sub(r"\S+Z  version 2  (\w+) +by (.*)", r"\1 \2", x)) for x in history]
    tap.equal(found, ["stored Anna", "checked Anna; N, N", "checked Anna; N, N", "published Ben; signed off by Ben",
                      "activated Ben; in place of version 1"], "the history says who did what")


def reaches_everyone():
    two, three = published("Two."), published("Three.")
    with Server(binary, database=database, auth="off") as a, Server(binary, database=database, auth="off") as b:
        slowest = 0
        for number in (two, three, two, three):
            digest, since = digest_of(number), time.monotonic()
            activate(number)
            good = wait_until(lambda: shows(a, digest) and shows(b, digest), 10)
            slowest = max(slowest, time.monotonic() - since)
            tap.ok(good, f"version {number} reaches both services", a.log_text()[-2000:])
        figure(f"activation seen by two services after {slowest:.2f} s at most, the command included")
        digest, since = digest_of(two), time.monotonic()
        pg.sql(f"update palpate.catalogue_active set version = {two}")  # nobody is told
        tap.ok(wait_until(lambda: shows(a, digest) and shows(b, digest), 10), "and so does one that nobody is told of")
        figure(f"a missed notification was healed after {time.monotonic() - since:.2f} s")
        pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'palpate'")
        activate(three)
        tap.ok(wait_until(lambda: shows(a, digest_of(three)) and shows(b, digest_of(three)), 15),
               "and one that comes while the connection is cut", a.log_text()[-2000:])
        activate(two)
        tap.ok(wait_until(lambda: shows(a, digest_of(two)) and shows(b, digest_of(two)), 10),
               "which is heard again afterwards: a rollback")
    return two, three


def refused_changes_nothing(good):
    with Server(binary, database=database, auth="off") as s:
        broken = stored_by_hand("rule('em_chest_pain')['when'] = {'var': 'no_such_fact'}")
        activate(broken)
        tap.ok(wait_until(lambda: "refused" in s.get("/health/ready")[2]), "a version that does not compile shows in /health/ready")
        status, _, body = s.get("/health/ready")
        tap.ok(status == 200 and body["refused"]["version"] == int(broken) and "1 fault" in body["refused"]["why"]
               and body["catalogue"]["digest"] == digest_of(good) and body["database"] == "reachable",
               "with its number and why; the service is ready with the one before", body)
        tap.ok(shows(s, digest_of(good)) and s.post(CLEAN)[0] == 200, "which goes on answering")
        time.sleep(5)
        tap.equal(s.log_text().count("catalogue_refused"), 1, "the log tells of it once")
        tap.contains(s.log_text(), "no_such_fact", "and of what is wrong")
        false = stored_by_hand("rule('em_chest_pain')['note'] += ' X.'", "f" * 64)
        activate(false)
        tap.ok(wait_until(lambda: s.get("/health/ready")[2].get("refused", {}).get("version") == int(false)),
               "a version whose content is not what its digest says is refused", s.get("/health/ready"))
        tap.contains(s.get("/health/ready")[2]["refused"]["why"], "digest", "for that reason")
        activate(good)
        tap.ok(wait_until(lambda: "refused" not in s.get("/health/ready")[2]), "rolling back clears it")
        activate(broken)
        wait_until(lambda: "refused" in s.get("/health/ready")[2])
    r = run(binary, "serve", database=database, port=0, auth="off")
    tap.ok(r.returncode == 1 and "in force but refused" in r.stderr, "a service that has nothing else does not start with it", r)
    activate(good)


def one_clinic_alone(all_, own):
    keys = {c: api_key(binary, database, c) for c in ("north", "south")}
    with Server(binary, database=database) as s:
        def of(clinic):
            return s.get("/v1/catalogue", Authorization=f"Bearer {keys[clinic]}")[2].get("digest")
        wait_until(lambda: of("north") == digest_of(all_))
        tap.equal((of("north"), of("south")), (digest_of(all_),) * 2, "both clinics follow the version for all")
        activate(own, "--clinic", "north")
        tap.ok(wait_until(lambda: of("north") == digest_of(own)), "a version for one clinic reaches that clinic")
        tap.equal(of("south"), digest_of(all_), "and no other")
        answer = s.post(CLEAN, Authorization=f"Bearer {keys['north']}")[2]
        tap.equal(answer["catalogue"]["digest"], digest_of(own), "its screenings are judged by it")
        body = s.get("/health/ready")[2]
        tap.equal(body["catalogue"]["digest"], digest_of(all_), "readiness shows the one for all")
        r = command("deactivate", own, "--clinic", "north", "--as", "Ben")
        tap.ok(r.returncode == 0 and wait_until(lambda: of("north") == digest_of(all_)), "it can go back", r)
        r = command("activate", own, "--clinic", "nowhere", "--as", "Ben")
        tap.ok(r.returncode != 0 and "nowhere" in r.stderr, "there must be such a clinic", r)


def over_http(good):
    """The same steps with keys, and what is refused."""
    keys = {name: api_key(binary, database, clinic, scopes, "--holder", holder) for name, clinic, scopes, holder in (
        ("Anna", "north", ("catalogue:write",), "Anna Kim"), ("Anna's other", "north", ("catalogue:write",), "anna  kim"),
        ("Ben", "north", ("catalogue:write",), "Ben Ruiz"), ("boss", "south", ("catalogue:write", "admin"), "Olga"),
        ("screens", "north", ("screen",), "Front desk"))}
    with Server(binary, database=database) as s:
        doc = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "tests", "it", "catalogue_doc.py"),
                              "rule('em_chest_pain')['note'] += ' Over HTTP.'"], check=True, stdout=subprocess.PIPE).stdout

        def store(name, body=doc, **fields):
            return s.post(body, "/v1/catalogues", Authorization=f"Bearer {keys[name]}", **fields)

        def look(path, name="Anna"):
            return s.get(f"/v1/catalogues{path}", Authorization=f"Bearer {keys[name]}")

        def step(name, body, tag="now"):
            path = f"/v1/catalogues/{number}"
            fields = {"If_Match": look(f"/{number}")[1].get("etag", "") if tag == "now" else tag} if tag else {}
            return s.post(body, path, Authorization=f"Bearer {keys[name]}", **fields)

        tap.equal(store("screens")[0], 403, "a key without the scope stores nothing")
        status, _, body = s.post(doc[:1000], "/v1/catalogues", Authorization="Bearer nobody")
        tap.equal(status, 401, "and nobody is nobody")
        status, fields, body = store("Anna")
        number = body.get("version")
        tap.ok(status == 201 and body["state"] == "draft" and fields["location"] == f"/v1/catalogues/{number}" and
               fields["etag"] == f'"{number}-1"', f"a document of {len(doc)} bytes is stored as a draft", status, body, fields)
        tap.equal(store("Ben")[0], 200, "stored again it is found")
        tap.equal(look(f"/{number}")[2]["stored"]["by"], body["stored"]["by"], "and stays the draft of its author")
        status, _, body = store("Anna", doc.replace(b'"var":"fever"', b'"var":"fewer"', 1))
        tap.ok(status == 422 and body["errors"] and any("fewer" in e["detail"] for e in body["errors"]),
               "one with faults is refused with all of them", status, body)
        tap.equal((store("Anna", b"{")[0], store("Anna", b"{}")[0], store("Anna", b"x" * 5_000_000)[0]), (400, 422, 413),
                  "and so is what is no catalogue, or too much")
        tap.equal(step("Anna", {"step": "check"}, None)[0], 428, "a step needs If-Match")
        tap.equal([step("Anna", {"step": "check"}, t)[0] for t in ('"x"', f'W/"{number}-1"', f'"{number}-99"', '"1-1"')],
                  [412] * 4, "with the tag of the present state")
        tap.equal([step("Anna", b)[0] for b in ({}, {"step": "fly"}, {"step": "activate"}, {"step": "check", "for": "own_clinic"},
                                                {"step": "publish", "accepted": []}, {"step": "check", "x": 1})], [422] * 6,
                  "a step that is none is refused")
        tap.equal(step("Ben", {"step": "publish"})[0], 409, "a draft is not published")
        status, _, body = step("Anna", {"step": "check", "accepted": []})
        tap.ok(status == 200 and body["state"] == "draft" and body["checked"]["findings"] > 0, "a check with findings leaves a draft", body)
        old = look(f"/{number}")[1]["etag"]
        status, fields, body = step("Anna", {"step": "check"})
        tap.ok(status == 200 and body["state"] == "checked" and fields["etag"] != old, "what is accepted is accepted", body)
        tap.equal(step("Ben", {"step": "publish"}, old)[0], 412, "an old tag changes nothing")
        status, _, body = step("Anna", {"step": "publish"})
        tap.ok(status == 409 and "other than its author" in body["detail"], "the author does not sign off", body)
        tap.equal(step("Anna's other", {"step": "publish"})[0], 409, "nor with another key of hers")
        status, _, body = step("Ben", {"step": "publish"})
        tap.equal((status, body["state"], body["stored"]["by"], body["signed_off"]["by"]), (200, "published", "Anna Kim", "Ben Ruiz"),
                  "another person does")
        tap.equal(step("Ben", {"step": "activate", "for": "all_clinics"})[0], 403, "all clinics need the scope admin")
        tap.equal(step("Ben", {"step": "retire"})[0], 403, "and so does retiring")
        status, _, body = step("Ben", {"step": "activate", "for": "own_clinic"})
        tap.ok(status == 200 and body["in_force_for_own_clinic"] and not body["in_force_for_all"] and body["state"] == "active",
               "the own clinic does not", body)
        tap.ok(wait_until(lambda: s.get("/v1/catalogue", Authorization=f"Bearer {keys['screens']}")[2]["digest"] == body["digest"]),
               "whose other keys have it within seconds")
        tap.equal(look(f"/{number}", "boss")[2]["state"], "published", "another clinic does not see it")
        tap.equal(step("Ben", {"step": "deactivate"})[0], 200, "it can be ended")
        tap.equal(step("Ben", {"step": "deactivate"})[0], 404, "once")
        tap.equal(step("boss", {"step": "activate", "for": "all_clinics"})[2].get("in_force_for_all"), True, "admin puts it in force for all")
        tap.equal(step("boss", {"step": "retire"})[0], 409, "what is in force is not retired")
        activate(good)
        status, _, body = step("boss", {"step": "retire"}, "*")
        tap.ok(status == 200 and body["state"] == "retired" and body["retired"]["by"], "what is not is", body)
        listed = look("")[2]["catalogues"]
        tap.ok([c["version"] for c in listed] == sorted((c["version"] for c in listed), reverse=True) and
               listed[0]["version"] == number, "the list has all of them, the newest first")
        tap.equal([look(f"/{x}")[0] for x in ("0", "01", "x", "-1", "99999", "99999999999", "%00")], [404] * 7, "what is not there is not there")
        actors = pg.sql(f"select string_agg(distinct actor, ', ') from palpate.catalogue_event where version = {number}")
        tap.equal(actors, "Anna Kim, Ben Ruiz, Olga", "the history has the holders of the keys")
        pg.stop("immediate")
        tap.equal((look("")[0], store("Anna")[0]), (503, 503), "without the database they say so")
        pg.start()
        tap.ok(wait_until(lambda: look("")[0] == 200), "and work again when it is back")
    with Server(binary, database=database, auth="off") as s:
        tap.equal((s.post(doc, "/v1/catalogues")[0], s.post({"step": "retire"}, f"/v1/catalogues/{number}", If_Match="*")[0],
                   s.get("/v1/catalogues")[0]), (403, 403, 200), "nobody changes anything where nobody has a name")
    with Server(binary) as s:
        tap.equal(s.get("/v1/catalogues")[0], 404, "without a database there are none")


def storm(one, other):
    digests = {digest_of(one), digest_of(other)}
    count, wrong, on = [0], [], [True]
    with Server(binary, database=database, auth="off") as s:
        def ask():
            while on[0]:
                try:
                    status, _, body = s.post(CLEAN)
                    if status != 200 or body["catalogue"]["digest"] not in digests:
                        wrong.append(f"{status} {body}")
                except OSError as e:
                    wrong.append(repr(e))
                count[0] += 1
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for t in threads:
            t.start()
        swaps, until = 0, time.monotonic() + 8
        while time.monotonic() < until:
            for number in (one, other):
                pg.sql(f"select palpate.catalogue_activate({number})")
                swaps += wait_until(lambda: shows(s, digest_of(number)), 10)
        on[0] = False
        for t in threads:
            t.join()
        loads = s.log_text().count('"catalogue_in_force"')
    tap.ok(s.process.returncode == 0 and "Sanitizer" not in s.log_text(), "the service ends well after it", s.log_text()[-3000:])
    figure(f"{count[0]} requests during {swaps} swaps, {len(wrong)} wrong")
    tap.ok(not wrong and swaps >= 4 and count[0] > 100 and loads >= swaps, "no request is lost in a storm of swaps", *wrong[:3])


def gone_at_the_start(number):
    cache = os.path.join(tempfile.mkdtemp(prefix="palpate-cache-"), "cache")
    activate(number)
    with Server(binary, database=database, auth="off", cache=cache) as s:
        tap.ok(shows(s, digest_of(number)), "with a cache a service serves what the database says")
    digest = digest_of(number)
    tap.equal(sorted(os.listdir(cache)), sorted(["in-force", f"{digest}.json"]), "and keeps it")
    pg.stop("immediate")
    try:
        with Server(binary, database=database, auth="off", cache=cache) as s:
            body = s.get("/health/ready")[2]
            tap.equal((body["status"], body["database"], body["catalogue_from"], body["catalogue"]["digest"]),
                      ("ready", "unreachable", "cache", digest), "without the database it starts from the cache")
            tap.equal(s.post(CLEAN)[0], 200, "and answers")
            tap.contains(s.log_text(), "started_without_database", "and says so")
        with Server(binary, database=database, auth="off") as s:
            body = s.get("/health/ready")[2]
            tap.equal((body["status"], body["database"], body["catalogue_from"]), ("ready", "unreachable", "files"),
                      "without a cache it starts from its files")
            pg.start()
            tap.ok(wait_until(lambda: shows(s, digest)), "and takes up what the database says when it is back", s.log_text())
            body = s.get("/health/ready")[2]
            tap.equal((body["database"], body["catalogue_from"]), ("reachable", "database"), "which readiness says")
        pg.stop("immediate")
        for name, damage in (("a damaged catalogue", lambda: open(os.path.join(cache, f"{digest}.json"), "a").write(" x")),
                             ("a damaged note", lambda: open(os.path.join(cache, "in-force"), "a").write("x")),
                             ("no folder", lambda: shutil.rmtree(cache))):
            damage()
            with Server(binary, database=database, auth="off", cache=cache) as s:
                tap.equal(s.get("/health/ready")[2]["catalogue_from"], "files", f"{name}: the cache is not used")
    finally:
        pg.start()


def gone_while_running(one, other):
    activate(one)
    with Server(binary, database=database, auth="off") as s:
        for round_ in (1, 2):
            pg.stop("immediate")
            tap.ok(wait_until(lambda: s.get("/health/ready")[2]["database"] == "unreachable"), f"{round_}: the loss is seen")
            status, _, body = s.get("/health/ready")
            tap.ok(status == 200 and body["status"] == "ready", f"{round_}: it is ready still", body)
            tap.equal(s.post(CLEAN)[0], 200, f"{round_}: and answers")
            pg.start()
            pg.sql(f"select palpate.catalogue_activate({other if round_ == 1 else one})")
            digest, since = digest_of(other if round_ == 1 else one), time.monotonic()
            tap.ok(wait_until(lambda: shows(s, digest)), f"{round_}: what changed meanwhile is there without a restart", s.log_text()[-1500:])
            figure(f"{round_}: up to date {time.monotonic() - since:.2f} s after the database was back")
        tap.equal(s.log_text().count('"database_lost"'), 2, "one line for each loss")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    on_the_command_line()
    first, second = reaches_everyone()
    refused_changes_nothing(first)
    one_clinic_alone(first, second)
    over_http(first)
    storm(first, second)
    gone_at_the_start(second)
    gone_while_running(first, second)
finally:
    pg.close()
tap.done()
