"""The states of a version in the database: who may do what, in which order, and what is noted of it."""
import glob
import hashlib
import os
import subprocess
import tempfile

from support import ROOT, Postgres, Tap, binary_argument, edit_json, edited_copy, run

tap = Tap()
binary = binary_argument()
pg = Postgres()


def refused(statement, part, name):
    tap.contains(pg.sql(statement, check=False), part, name)


def state(version):
    return pg.sql(f"select state from palpate.catalogue_list where version = {version}")


def draft(author, message):
    folder = edited_copy(lambda d: edit_json(d, "rules/03-infection-and-pain.json",
                                             lambda j: j["rules"][0].update(message=message)))
    r = run(binary, "catalogue", "load", "--draft", "--as", author, database=database, catalogue=folder)
    assert r.returncode == 0, r
    return int(r.stdout.split()[3].rstrip(","))


def states():
    one = draft("Anna", "One.")
    tap.equal(pg.sql(f"select state, author, revision from palpate.catalogue_life where version = {one}"), "draft|Anna|1",
              "what is stored is a draft of its author")
    refused(f"select palpate.catalogue_publish({one}, 'Ben', 'Ben')", "only one that is checked", "a draft is not published")
    refused(f"select palpate.catalogue_activate({one}, 'Ben', false)", "is draft: only one that is published", "nor put in force")
    tap.equal(pg.sql(f"select palpate.catalogue_checked({one}, 'Ben', 3, 7)"), "draft", "a review with open findings leaves a draft")
    tap.equal(pg.sql(f"select findings, accepted, checked_by from palpate.catalogue_life where version = {one}"), "3|7|Ben",
              "but its outcome is kept")
    tap.equal(pg.sql(f"select palpate.catalogue_checked({one}, 'Anna', 0, 10)"), "checked", "one without makes it checked")
    refused(f"select palpate.catalogue_activate({one}, 'Ben', false)", "is checked: only one", "checked is not yet published")
    for signer in ("Anna", " anna", "ANNA "):
        refused(f"select palpate.catalogue_publish({one}, 'Ben', '{signer}')", "ERROR", f"{signer!r} does not sign off her own version")
    refused(f"update palpate.catalogue_life set state = 'published', published_at = now(), signed_off_by = 'aNNa' where version = {one}",
            "catalogue_life_signed_off_by_another", "nor by hand: it is a constraint")
    refused(f"update palpate.catalogue_life set state = 'published' where version = {one}", "published_by_sign_off",
            "nothing is published without a sign-off")
    refused(f"select palpate.catalogue_publish({one}, 'Ben', 'Ben', 1)", "has changed since it was read", "an old revision changes nothing")
    revision = pg.sql(f"select revision from palpate.catalogue_life where version = {one}")
    tap.equal(pg.sql(f"select palpate.catalogue_publish({one}, 'Carl', 'Ben', {revision})"), "", "someone else does, at the revision he saw")
    tap.equal((state(one), pg.sql(f"select signed_off_by from palpate.catalogue_life where version = {one}")), ("published", "Ben"),
              "it is published")
    for change, part in (("signed_off_by = 'Dora'", "sign-off"), ("author = 'Dora'", "author"), ("state = 'checked'", "cannot become"),
                         ("findings = 9", "sign-off"), ("version = 99", "author")):
        refused(f"update palpate.catalogue_life set {change} where version = {one}", part, f"a published one stays: {change}")
    refused(f"select palpate.catalogue_checked({one}, 'Anna', 0, 0)", "is published already", "it is not checked again")
    refused(f"delete from palpate.catalogue_life where version = {one}", "refused", "no state is taken away")
    refused("truncate palpate.catalogue_life", "refused", "nor all of them")
    tap.equal(pg.sql(f"select palpate.catalogue_activate({one}, 'Ben', false)"), "t", "it is put in force")
    tap.equal(state(one), "active", "it is active")
    refused(f"select palpate.catalogue_retire({one}, 'Ben')", "is in force", "what is in force is not retired")
    two = draft("Ben", "Two.")
    pg.sql(f"select palpate.catalogue_checked({two}, 'Ben', 0, 0), palpate.catalogue_publish({two}, 'Anna', 'Anna')")
    seen = pg.sql(f"select revision from palpate.catalogue_life where version = {one}")
    tap.equal(pg.sql(f"select palpate.catalogue_activate({two}, 'Ben', false)"), "t", "another one takes its place")
    tap.equal((state(one), state(two)), ("published", "active"), "the one before is published still")
    tap.ok(pg.sql(f"select revision from palpate.catalogue_life where version = {one}") != seen, "and its revision tells of it")
    tap.equal(pg.sql(f"select palpate.catalogue_activate({one}, 'Ben', false)"), "t", "rolling back is activating it again")
    pg.sql(f"select palpate.catalogue_retire({two}, 'Ben')")
    tap.equal(state(two), "retired", "what nobody uses is retired")
    refused(f"select palpate.catalogue_activate({two}, 'Ben', false)", "is retired: only one that is published", "and never in force again")
    refused(f"update palpate.catalogue_life set state = 'published', retired_by = null, retired_at = null where version = {two}",
            "cannot become", "retired is for good")
    for name in ("", " x", "x" * 201, "a\tb"):
        refused(f"select palpate.catalogue_retire({one}, '{name}')", "ERROR", f"{name[:5]!r}... names nobody")
    refused("select palpate.catalogue_retire(999, 'x')", "no catalogue version 999", "what is not there is not retired")
    return one, two


def history(one, two):
    tap.equal(pg.sql(f"select string_agg(actor || ' ' || action, ', ' order by id) from palpate.catalogue_event where version = {two}"),
              "Ben stored, Ben checked, Anna published, Ben activated, Ben retired", "who did what is noted in order")
    tap.equal(pg.sql(f"select detail from palpate.catalogue_event where version = {one} and action = 'published'"),
              "signed off by Ben", "with who signed off")
    for statement in ("update palpate.catalogue_event set actor = 'x'", "delete from palpate.catalogue_event",
                      "truncate palpate.catalogue_event"):
        refused(statement, "history is only added to", f"history stays: {statement.split()[0]}")


def clinics(one):
    pg.sql("insert into palpate.clinic (id, name) values ('north', 'North'), ('south', 'South')")
    three = draft("Anna", "Three.")
    pg.sql(f"select palpate.catalogue_checked({three}, 'Anna', 0, 0), palpate.catalogue_publish({three}, 'Ben', 'Ben')")
    as_service = "set role palpate_service; "
    refused(as_service + f"select palpate.catalogue_activate({three}, 'Ben', true)", "no clinic is named",
            "without a clinic nothing is activated for one")
    north = as_service + "set palpate.clinic = 'north'; "
    tap.equal(pg.sql(north + f"select palpate.catalogue_activate({three}, 'key1', true)").splitlines()[-1], "t",
              "a clinic puts a version in force for itself")
    tap.equal(pg.sql(as_service + "select clinic, version, digest from palpate.catalogue_in_force()").splitlines()[1:],
              [f"|{one}|" + pg.sql(f"select digest from palpate.catalogue_version where version = {one}"),
               f"north|{three}|" + pg.sql(f"select digest from palpate.catalogue_version where version = {three}")],
              "whoever serves sees both")
    seen = "select state, own, clinics from palpate.catalogue_list where version = "
    tap.equal(pg.sql(north + seen + str(three)).splitlines()[-1], "active|t|1", "the clinic sees it as active")
    south = as_service + "set palpate.clinic = 'south'; "
    tap.equal(pg.sql(south + seen + str(three)).splitlines()[-1], "published|f|0", "another clinic does not see it")
    events = f"select count(*) from palpate.catalogue_event where version = {three} and action = 'activated'"
    tap.equal([pg.sql(x + events).splitlines()[-1] for x in (north, south, "")], ["1", "0", "1"], "nor that it was done")
    refused(f"select palpate.catalogue_retire({three}, 'Ben')", "is in force", "it is not retired while a clinic uses it")
    refused(south + f"select palpate.catalogue_deactivate({three}, 'key2')", "not in force for this clinic", "nor ended by another clinic")
    pg.sql(north + f"select palpate.catalogue_deactivate({three}, 'key1')")
    tap.equal(pg.sql("select count(*) from palpate.catalogue_in_force()"), "1", "the clinic ends it itself")
    pg.sql("set palpate.clinic = 'south'; update palpate.clinic set closed_at = now() where id = 'south'")
    refused(south + f"select palpate.catalogue_activate({three}, 'key2', true)", 'no clinic "south"', "a closed clinic does nothing")


def service_role():
    for statement in ("update palpate.catalogue_life set author = 'x'", "delete from palpate.catalogue_clinic_active",
                      "insert into palpate.catalogue_event (actor, action, version) values ('x', 'retired', 1)",
                      "insert into palpate.catalogue_active (version) values (1)",
                      "select palpate.catalogue_take(1, null)",
                      "select palpate.catalogue_load('{}', '', 'x', 0, 0, false)"):
        refused("set role palpate_service; " + statement, "permission denied", f"who serves may not: {statement[:48]}")


def stored_before():
    """Versions of a database from before states were kept are published, and go on as they were."""
    pg.fresh_database("old")
    files = sorted(glob.glob(os.path.join(ROOT, "sql", "migrations", "*.sql")))
    psql = [os.path.join(pg.bin, "psql"), "-h", pg.dir, "-U", "palpate", "-d", "old", "-AtqX", "-v", "ON_ERROR_STOP=1"]

    def apply(names):
        for name in names:
            subprocess.run([*psql, "-1", "-f", name], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    pg.sql("create schema palpate", "old")
    apply(f for f in files if os.path.basename(f) < "0011")
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(ROOT, "tests", "it", "catalogue_doc.py")
        doc = subprocess.run(["/usr/bin/python3", script, "del doc['texts']"], check=True, stdout=subprocess.PIPE).stdout
        with open(os.path.join(folder, "doc.json"), "wb") as f:
            f.write(doc)
        subprocess.run(psql, cwd=folder, check=True, text=True, stdout=subprocess.DEVNULL, input=f"""\\set doc `cat doc.json`
            select palpate.catalogue_store(:'doc', '{hashlib.sha256(doc).hexdigest()}');
            select palpate.catalogue_activate(1);""")
    apply(f for f in files if os.path.basename(f) >= "0011")
    tap.equal(pg.sql("select state, signed_off_by from palpate.catalogue_list", "old"), "active|palpate migrate",
              "what was in force before states were kept is in force still")
    tap.equal(pg.sql("select action, version from palpate.catalogue_event", "old"), "published|1", "and its history begins")
    tap.equal(pg.sql("select version from palpate.catalogue_in_force()", "old"), "1", "whoever serves finds it")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    one_two = states()
    history(*one_two)
    clinics(one_two[0])
    service_role()
    stored_before()
finally:
    pg.close()
tap.done()
