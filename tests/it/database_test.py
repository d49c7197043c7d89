"""The program on a real PostgreSQL: migrations, catalogue versions, a database that goes away."""
import json
import subprocess
import time

from support import (CATALOGUE, CLEAN, Postgres, Server, Tap, api_key, binary_argument, edit_json, edited_copy, run,
                     wait_until)

tap = Tap()
binary = binary_argument()
pg = Postgres()


def migrations():
    db = pg.fresh_database()
    r = run(binary, "catalogue", "load", database=db)
    tap.ok(r.returncode == 69 and "run palpate migrate" in r.stderr, "loading into an empty database says what to do", r)
    r = run(binary, "serve", database=db, port=0)
    tap.ok(r.returncode == 69 and "run palpate migrate" in r.stderr, "and so does serving from it", r)
    r = run(binary, "migrate", database=db)
    tap.ok(r.returncode == 0 and r.stdout.startswith("applied 0001_catalogue.sql"), "migrations are applied in order", r)
    count = int(pg.sql("select count(*) from palpate.migration"))
    r = run(binary, "migrate", database=db)
    tap.contains(r.stdout, f"0 migrations applied, {count} in all", "a second time there is nothing to do")
    r = run(binary, "catalogue", "list", database=db)
    tap.equal((r.returncode, len(r.stdout.splitlines())), (0, 1), "no version yet")
    r = run(binary, "serve", database=db, port=0)
    tap.ok(r.returncode == 69 and "catalogue load" in r.stderr, "serving without a catalogue says what to do", r)
    r = run(binary, "catalogue", "load", "--first", database=db)
    tap.ok(r.returncode == 0 and "stored as version 1, in force" in r.stdout, "load --first loads into an empty database", r)
    r = run(binary, "catalogue", "load", "--first", database=db, catalogue="/nonexistent")
    tap.ok(r.returncode == 0 and "version 1 is in force, left as it was" in r.stdout, "and into no other", r)
    pg.sql("insert into palpate.migration values (9001, '9001_later.sql', 'x')")
    r = run(binary, "migrate", database=db)
    tap.ok(r.returncode == 78 and "9001_later.sql" in r.stderr, "the database of a later program is refused", r)
    r = run(binary, "migrate", "--allow-newer", database=db)
    tap.ok(r.returncode == 0 and r.stdout.startswith("0 migrations applied"), "or left as it is, when told so", r)
    pg.sql("delete from palpate.migration where number = 5")
    r = run(binary, "migrate", "--allow-newer", database=db)
    tap.ok(r.returncode == 78 and "0005_document_read.sql has not been applied" in r.stderr, "but not with a gap", r)
    pg.sql("update palpate.migration set checksum = 'x' where number = 2")
    r = run(binary, "migrate", database=db)
    tap.ok(r.returncode == 78 and "0002_seal.sql has changed" in r.stderr, "a changed migration is refused by name", r)
    pg.sql("update palpate.migration set name = '0002_other.sql' where number = 2")
    r = run(binary, "migrate", database=db)
    tap.ok(r.returncode == 78 and "0002_other.sql" in r.stderr and "missing" in r.stderr, "a missing one as well", r)
    pg.sql("delete from palpate.migration where number = 2")
    r = run(binary, "migrate", database=db)
    tap.ok(r.returncode == 78 and "0002_seal.sql has not been applied" in r.stderr, "and one out of order", r)
    db = pg.fresh_database()
    several = [subprocess.Popen([binary, "migrate", "--database", db], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True) for _ in range(4)]
    outs = [p.communicate(timeout=60) + (p.returncode,) for p in several]
    tap.equal((sum("applied 0001" in o[0] for o in outs), [o[2] for o in outs]), (1, [0] * 4),
              "four at once: one applies, all succeed")


def versions(db):
    first = run(binary, "catalogue", "load", database=db)
    tap.ok(first.returncode == 0 and first.stdout.startswith("stored as version "), "a catalogue is stored", first)
    reviewed = json.loads(first.stderr)
    tap.ok(reviewed["event"] == "catalogue_reviewed" and reviewed["findings"] == 0 and reviewed["accepted"] > 0,
           "one line says what a review of it found", first.stderr)
    again = run(binary, "catalogue", "load", database=db)
    tap.ok(again.returncode == 0 and again.stdout.startswith("already stored as version "), "the same once more: no new version", again)
    tap.equal(first.stdout.splitlines()[1], again.stdout.splitlines()[1], "with the same digest")
    reordered = edited_copy(lambda d: edit_json(d, "adjustments.json", lambda j: j["adjustments"][0].update(no_course=False)))
    r = run(binary, "catalogue", "load", database=db, catalogue=reordered)
    tap.ok(r.stdout.startswith("already stored"), "other spacing and explicit defaults are the same content", r)
    changed = edited_copy(lambda d: edit_json(d, "rules/03-infection-and-pain.json",
                                              lambda j: j["rules"][0].update(message="Another message.")))
    r = run(binary, "catalogue", "load", database=db, catalogue=changed)
    tap.ok(r.stdout.startswith("stored as version 2, in force"), "other content is a new version, in force", r)
    r = run(binary, "catalogue", "list", database=db)
    tap.ok(len(r.stdout.splitlines()) == 3 and r.stdout.splitlines()[1].split()[:2] == ["2", "yes"], "both are listed", r.stdout)
    r = run(binary, "catalogue", "load", database=db)
    tap.contains(r.stdout, "already stored as version 1, in force", "loading the first again puts it back in force")
    files = run(binary, "catalogue", "show", catalogue=CATALOGUE).stdout
    stored = run(binary, "catalogue", "show", database=db).stdout
    tap.equal(json.loads(stored)["digest"], json.loads(files)["digest"], "what comes out of the database is what went in")
    request = json.dumps(CLEAN)
    tap.equal(run(binary, "screen", "-", stdin=request, database=db).stdout,
              run(binary, "screen", "-", stdin=request).stdout, "and decides the same, to the byte")
    rule = ("catalogue", "show", "--rule", "calf_clot_risk")
    words = run(binary, *rule, database=db)
    tap.ok(words.returncode == 0 and "It fires when" in words.stdout
           and words.stdout == run(binary, *rule, catalogue=CATALOGUE).stdout, "a rule reads the same from both", words)
    for language in ("ko", "vi", "es", "de"):
        stored = run(binary, "screen", "-", stdin=request, database=db, language=language).stdout
        tap.ok(json.loads(stored)["language"] == language and
               stored == run(binary, "screen", "-", stdin=request, language=language).stdout, f"also in {language}", stored)
    shown = [run(binary, "catalogue", "show", **where).stdout for where in ({"database": db}, {"catalogue": CATALOGUE})]
    tap.ok(shown[0] == shown[1] and len(json.loads(shown[0])["translations"]) >= 7, "with every translation", *shown)
    with Server(binary, database=db, key=api_key(binary, db)) as s:
        rule, form = s.get("/v1/rules/em_chest_pain", Accept_Language="ko"), s.get("/v1/facts", Accept_Language="ko")
    with Server(binary) as s:
        tap.ok(rule[2] == s.get("/v1/rules/em_chest_pain", Accept_Language="ko")[2] and
               form[2] == s.get("/v1/facts", Accept_Language="ko")[2] and rule[1]["content-language"] == "ko",
               "and serves the same texts in Korean", rule)


def broken(db):
    def wrong(d):
        edit_json(d, "rules/04-clots.json", lambda j: j["rules"][0].update(when={"var": "no_such_fact"}))
        edit_json(d, "rules/05-injuries.json", lambda j: j["rules"][3].update(effect="perhaps", evidence=["nowhere"]))
        edit_json(d, "facts/01-emergency.json", lambda j: j["facts"][0].update(valid_days="many"))
        edit_json(d, "texts/ko/courses.json", lambda j: j["courses"]["lbp_radicular"]["stop_if"].pop())
        edit_json(d, "texts/ko/rules.json", lambda j: j["rules"].update(no_such_rule={"message": "x"}))
    folder = edited_copy(wrong)
    r = run(binary, "catalogue", "check", catalogue=folder)
    lines = r.stderr.splitlines()
    tap.ok(r.returncode == 1 and len(lines) == 7, "a broken catalogue is refused with every fault at once", r)
    tap.ok(any("ur_limb_swelling /when" in line and "no_such_fact" in line for line in lines), "the rule, the place and the name", r.stderr)
    tap.ok(any(line.startswith("ko /courses/lbp_radicular/stop_if") for line in lines) and
           any(line.startswith("ko /rules/no_such_rule") for line in lines), "and of translations the language", r.stderr)
    before = run(binary, "catalogue", "list", database=db).stdout
    r = run(binary, "catalogue", "load", database=db, catalogue=folder)
    tap.equal((r.returncode, run(binary, "catalogue", "list", database=db).stdout), (1, before), "nothing of it is stored")
    r = run(binary, "serve", catalogue=folder, port=0)
    tap.equal(r.returncode, 1, "and it is not served")


def database_goes_away(db):
    key = api_key(binary, db)
    with Server(binary, database=db, key=key, record="best_effort") as s, Server(binary, database=db, key=key) as strict:
        tap.equal(s.get("/health/ready")[2]["database"], "reachable", "ready with a database")
        tap.equal((s.post(CLEAN)[0], strict.post(CLEAN)[0], strict.get("/health/ready")[0]), (200,) * 3, "answers")
        pg.stop("immediate")
        tap.ok(wait_until(lambda: strict.get("/health/ready")[0] == 503), "where decisions must be recorded it is not ready without it")
        tap.ok(wait_until(lambda: s.get("/health/ready")[2]["database"] == "unreachable"), "it sees that the database is gone")
        tap.equal(s.get("/health/ready")[0], 200, "and is ready still")
        tap.equal(s.post(CLEAN)[0], 200, "for it answers from memory")
        tap.equal(s.get("/health/live")[0], 200, "and lives")
        pg.start()
        tap.ok(wait_until(lambda: s.get("/health/ready")[2]["database"] == "reachable"), "it sees when the database is back")
        tap.ok(wait_until(lambda: strict.get("/health/ready")[0] == 200), "and is ready again where it was not")
        for _ in range(3):
            pg.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'palpate'")
            time.sleep(0.2)
        tap.ok(wait_until(lambda: s.get("/health/ready")[2]["database"] == "reachable"), "a connection cut by the server is made anew")
        log = s.log_text()
        tap.ok("database_lost" in log and "database_back" in log, "the log tells of both", log)


def database_unreachable():
    for conninfo in ("host=/nonexistent dbname=x", "postgresql://u:secret-word@127.0.0.1:1/x", "not a conninfo"):
        r = run(binary, "catalogue", "list", database=conninfo)
        tap.ok(r.returncode == 69 and len(r.stderr.splitlines()) == 1 and "secret-word" not in r.stderr,
               f"a database that is not there: one sentence and no secret ({conninfo[:12]}...)", r)
        with Server(binary, database=conninfo, auth="off") as s:
            answered, log = s.post(CLEAN)[0], s.log_text()
        tap.ok(answered == 200 and "started_without_database" in log and "secret-word" not in log,
               "a service starts without it all the same, and says so", log)


try:
    migrations()
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    versions(database)
    broken(database)
    database_goes_away(database)
    database_unreachable()
finally:
    pg.close()
tap.done()
