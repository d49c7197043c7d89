"""Overlays of clinics on running services: only the own clinic's answers tighten, a refused one changes nothing, and what
was decided under one is decided again."""
import hashlib
import json
import os
import subprocess
import tempfile

from support import (CLEAN, ROOT, Postgres, Server, Tap, api_key, binary_argument, make_clinic, overlay, run, wait_until)

tap = Tap()
binary = binary_argument()
pg = Postgres()
folder = tempfile.mkdtemp(prefix="palpate-overlay-")


def command(*words, stdin=""):
    return run(binary, "overlay", *words, database=database, stdin=stdin)


def load(clinic, doc, who="Anna"):
    return command("load", "--clinic", clinic, "--as", who, stdin=json.dumps(doc))


def answer(server, key, **headers):
    return server.post(CLEAN, Authorization=f"Bearer {key}", **headers)


def verdict(server, key, technique="deep_tissue"):
    status, _, body = answer(server, key)
    return {t["code"]: t["verdict"] for t in body["techniques"]}[technique] if status == 200 else body


def label(server, key):
    return server.get("/v1/catalogue", Authorization=f"Bearer {key}")[2]["version"]


def refused_by_sql(statement, part, name):
    said = pg.sql(statement, check=False)
    tap.ok("ERROR" in said and part in said, name, said)


def new_base(edit):
    """Another version of the catalogue, in force for all."""
    script = os.path.join(ROOT, "tests", "it", "catalogue_doc.py")
    doc = subprocess.run(["/usr/bin/python3", script, edit], check=True, stdout=subprocess.PIPE).stdout
    with open(os.path.join(folder, "doc.json"), "wb") as f:
        f.write(doc)
    statements = f"""\\set doc `cat doc.json`
        select version from palpate.catalogue_load(:'doc', '{hashlib.sha256(doc).hexdigest()}', 'Ben', 0, 0, false);"""
    return subprocess.run([os.path.join(pg.bin, "psql"), "-h", pg.dir, "-U", "palpate", "-d", "palpate", "-AtqX", "-v",
                           "ON_ERROR_STOP=1"], cwd=folder, input=statements, text=True, check=True,
                          stdout=subprocess.PIPE).stdout.strip()


def on_the_command_line(s, north, south):
    before = label(s, north)
    tap.ok(verdict(s, north) != "not_allowed" and command("list", "--clinic", "north").stdout == "",
           "without an overlay the catalogue alone decides")
    replayed = answer(s, north, Idempotency_Key="before")[2]["id"]
    r = load("north", overlay("1"))
    tap.ok(r.returncode == 0 and "overlay 1 is in force for clinic north, on version 1" in r.stdout, "an overlay is put in force", r)
    tap.ok(wait_until(lambda: label(s, north) == f"{before}+own.1"), "a running service takes it up", s.log_text()[-2000:])
    tap.equal((verdict(s, north), label(s, south), verdict(s, south) != "not_allowed"), ("not_allowed", before, True),
              "for that clinic only")
    status, _, body = answer(s, north, Idempotency_Key="under")
    tap.ok(status == 200 and any(w["code"] == "x_over_40" for w in body["warnings"]), "an answer names the rule", body)
    shown = s.get(f"/v1/screenings/{body['id']}", Authorization=f"Bearer {north}")[2]["catalogue"]
    tap.equal(shown, {"number": 1, "overlay": 1, "digest": body["catalogue"]["digest"]}, "its record says which version and which overlay")
    tap.equal(load("north", overlay("1")).stdout.split()[1], "1", "loaded again it is the same one")
    r = load("north", overlay("2", "swedish"))
    tap.ok("overlay 2 is" in r.stdout and wait_until(lambda: label(s, north).endswith("own.2")), "another one takes its place", r)
    tap.ok(verdict(s, north, "swedish") == "not_allowed" and verdict(s, north) != "not_allowed", "and decides")
    again = answer(s, north, Idempotency_Key="under")
    tap.equal((again[0], again[2]), (200, body), "a repeated request has the answer that it had under the first")
    lines = command("list", "--clinic", "north").stdout.splitlines()
    tap.ok([line.split()[:2] for line in lines[1:]] == [["2", "yes"], ["1", "-"]] and lines[1].endswith("Anna"), "both are listed", *lines)
    r = command("withdraw", "--clinic", "north", "--as", "Ben")
    tap.ok(r.returncode == 0 and wait_until(lambda: label(s, north) == before), "withdrawn, it is gone within seconds", r)
    tap.ok(verdict(s, north, "swedish") != "not_allowed", "and decides no more")
    for record, name in ((body["id"], "under an overlay"), (replayed, "without one")):
        r = run(binary, "records", "replay", record, database=database)
        tap.ok(r.returncode == 0 and "the same, to the byte" in r.stdout, f"a record made {name} is decided again", r)
    history = run(binary, "catalogue", "history", database=database).stdout
    tap.ok(all(part in history for part in ("overlaid", "overlay_withdrawn", "for clinic north; overlay 1",
                                            "overlay 2, in place of 1")), "the history tells of it", history)


def refusals(s, north):
    r = load("north", overlay("3", id="em_chest_pain"))
    tap.ok(r.returncode == 1 and "/id" in r.stderr, "what could loosen is refused, with its place", r)
    tap.equal(load("north", []).returncode, 1, "so is what is none")
    tap.equal(command("load", "--clinic", "north", stdin="{").returncode, 65, "or is not JSON")
    r = load("nobody", overlay("1"))
    tap.ok(r.returncode == 66 and 'no clinic "nobody"' in r.stderr, "or is for nobody", r)
    r = command("withdraw", "--clinic", "north", "--as", "Ben")
    tap.ok(r.returncode == 66 and "no overlay is in force" in r.stderr, "and what is not in force is not withdrawn", r)
    tap.ok(command("list").returncode == 64 and command("load").returncode == 64, "a clinic has to be named")
    tap.ok(len(command("list", "--clinic", "north").stdout.splitlines()) == 3, "nothing of that is stored")
    loosening = json.dumps(overlay("9", id="em_chest_pain")).replace("'", "''")
    pg.sql(f"begin; select set_config('palpate.clinic', 'north', true); "
           f"select palpate.overlay_put('{loosening}', repeat('0', 64), palpate.catalogue_of_clinic(), 'Eve'); commit")
    refused = lambda: s.get("/health/ready")[2].get("refused", {}).get("why", "")
    tap.ok(wait_until(lambda: "overlay" in refused()), "one that the program did not check is refused by the service", s.log_text()[-2000:])
    tap.ok("north" not in refused(), "where anyone can read it, without the clinic's name", refused())
    tap.contains(s.log_text(), '"clinic":"north"', "which the log has")
    tap.ok(verdict(s, north) != "not_allowed", "the clinic goes on with the catalogue")
    with Server(binary, database=database) as fresh:
        tap.ok("overlay" in fresh.get("/health/ready")[2].get("refused", {}).get("why", ""), "also at the start it is said")
        tap.equal(answer(fresh, north)[0], 200, "and the clinic is served")


def new_versions(s, north, south):
    load("north", overlay("4"))
    tap.ok(wait_until(lambda: label(s, north).endswith("own.4")) and wait_until(lambda: "refused" not in s.get("/health/ready")[2]),
           "a good one ends that", s.get("/health/ready"))
    held = answer(s, north)[2]
    two = new_base("doc['version'] = '2027.1'")
    tap.ok(wait_until(lambda: label(s, south) == "2027.1"), "another version is in force for all", s.log_text()[-2000:])
    tap.ok(wait_until(lambda: label(s, north) == "2027.1+own.4") and verdict(s, north) == "not_allowed", "the overlay goes with it")
    later = answer(s, north)[2]
    for body in (held, later):
        r = run(binary, "records", "replay", body["id"], database=database)
        tap.ok(r.returncode == 0 and "the same" in r.stdout, f"records under {body['catalogue']['version']} are decided again", r)
    tap.ok(later["catalogue"]["digest"] != held["catalogue"]["digest"], "which have digests of their own")
    three = new_base("doc['version'] = '2027.2'; "
                     "doc['evidence'].append(dict(doc['evidence'][0], id='x_protocol'))")
    tap.ok(wait_until(lambda: label(s, south) == "2027.2"), "one that the overlay does not fit is in force for the others", s.log_text()[-2000:])
    tap.ok(label(s, north) == "2027.1+own.4" and verdict(s, north) == "not_allowed", "its clinic keeps what it had")
    tap.ok("overlay 4" in s.get("/health/ready")[2]["refused"]["why"], "and readiness says so")
    r = run(binary, "catalogue", "activate", two, "--as", "Ben", database=database)
    tap.ok(three != two and wait_until(lambda: label(s, south) == "2027.1" and "refused" not in s.get("/health/ready")[2]),
           "rolled back all is well", r)


def repeated(s, north):
    """A request that the catalogue of today refuses."""
    base = pg.sql("select version from palpate.catalogue_active")
    new_base("doc['version'] = '2027.3'; "
             "doc['facts'].append(dict(next(f for f in doc['facts'] if f['id'] == 'fever'), id='brief_fact'))")
    tap.ok(wait_until(lambda: label(s, north).startswith("2027.3")), "a version knows one more fact", s.log_text()[-2000:])
    request = dict(CLEAN, symptoms=[{"id": "brief_fact"}])
    ask = lambda key: s.post(request, Authorization=f"Bearer {north}", Idempotency_Key=key)
    first = ask("brief")
    run(binary, "catalogue", "activate", base, "--as", "Ben", database=database)
    tap.ok(first[0] == 200 and wait_until(lambda: not label(s, north).startswith("2027.3")), "which is gone again", first)
    tap.equal((ask("other")[0], ask("brief")[0], ask("brief")[2]), (422, 200, first[2]),
              "what is refused now has the answer that its Idempotency-Key had")
    request["symptoms"] = []
    tap.equal(ask("brief")[0], 422, "another request with that key has not")


def without_room(north):
    with Server(binary, database=database, catalogues="2") as s:
        other = api_key(binary, database, "west")
        r = run(binary, "overlay", "load", "--clinic", "west", "--as", "Ben", database=database, catalogues="2", stdin=json.dumps(overlay("5")))
        tap.ok(r.returncode != 0 and "3 catalogues would be in force" in r.stderr, "there is room for so many catalogues", r)
        tap.equal(label(s, other), "2027.1", "and one more changes nothing")
        r = run(binary, "overlay", "load", "--clinic", "west", "--as", "Ben", database=database, catalogues="2", stdin=json.dumps(overlay("4")))
        tap.ok(r.returncode == 0 and wait_until(lambda: label(s, other) == "2027.1+own.4"), "clinics with the same rules share one", r)
        tap.ok("refused" not in s.get("/health/ready")[2], "and nothing is refused")
        run(binary, "overlay", "withdraw", "--clinic", "west", "--as", "Ben", database=database)


def from_the_cache(north):
    cache = os.path.join(folder, "cache")
    settings = {"database": database, "cache": cache, "record": "off"}
    with Server(binary, **settings) as s:
        tap.equal(label(s, north), "2027.1+own.4", "a service begins with the overlay")
    with open(os.path.join(cache, "in-force")) as f:
        tap.ok("+4 " in f.read() and len(os.listdir(cache)) == 3, "and keeps it in its cache", os.listdir(cache))
    pg.stop("immediate")
    with Server(binary, **settings) as s:
        tap.equal(s.get("/health/ready")[2]["catalogue_from"], "cache", "without the database it begins with the cache")
        said = s.log_text()
        tap.contains(said, '"overlay":4,"label":"2027.1+own.4"', "and the overlay in it")
        pg.start()
        tap.ok(wait_until(lambda: s.get("/health/ready")[2].get("catalogue_from") == "database"), "until the database is back")
        tap.ok(wait_until(lambda: s.get("/v1/catalogue", Authorization=f"Bearer {north}")[2].get("version") == "2027.1+own.4"),
               "which says the same", s.log_text())


def isolation():
    as_service = "set role palpate_service; "
    for clinic, wanted in (("north", "t"), ("south", "f"), ("", "f")):
        for table in ("overlay", "overlay_active", "overlay_joined"):
            tap.equal(pg.sql(f"{as_service} set palpate.clinic = '{clinic}'; select exists (select from palpate.{table})")
                      .splitlines()[-1], wanted, f"{table}: seen by {clinic or 'nobody'}: {wanted}")
    for statement in ("insert into palpate.overlay (clinic, number, document, digest, author) values ('north', 9, '{}', 'a', 'x')",
                      "delete from palpate.overlay_active", "update palpate.overlay_joined set version = 1",
                      "select palpate.overlay_expect(1)"):
        refused_by_sql(as_service + "set palpate.clinic = 'north'; " + statement, "permission denied", f"who serves may not: {statement[:45]}")
    for statement in ("update palpate.overlay set document = '{}'", "delete from palpate.overlay", "truncate palpate.overlay cascade",
                      "update palpate.overlay_joined set version = 1"):
        refused_by_sql("set palpate.clinic = 'north'; " + statement, "only added to", f"nobody can: {statement}")
    north = as_service + "set palpate.clinic = 'north'; "
    refused_by_sql(north + "select palpate.overlay_put('{}', repeat('0', 64), 1, 'x')", "has changed since",
                   "an overlay is put on what it was checked on")
    refused_by_sql(north + "select palpate.overlay_withdraw('x', 1)", "has changed since it was read", "by who has read what is there")
    refused_by_sql(as_service + "set palpate.clinic = 'south'; select palpate.overlay_withdraw('x')", "no overlay is in force",
                   "another clinic withdraws nothing")
    refused_by_sql(as_service + "select palpate.overlay_withdraw('x')", "no clinic is named", "nor does nobody")
    pg.sql("set palpate.clinic = 'north'; update palpate.clinic set closed_at = now() where id = 'north'")
    tap.equal(pg.sql("select count(*) from palpate.catalogue_in_force()"), "1", "a closed clinic has none in force")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    run(binary, "catalogue", "load", "--as", "Olga", database=database)
    for name in ("north", "south"):
        make_clinic(binary, database, name, "--keep-payload")
    keys = [api_key(binary, database, name) for name in ("north", "south")]
    with Server(binary, database=database) as server:
        on_the_command_line(server, *keys)
        refusals(server, keys[0])
        new_versions(server, *keys)
        repeated(server, keys[0])
    without_room(keys[0])
    from_the_cache(keys[0])
    isolation()
finally:
    pg.close()
tap.done()
