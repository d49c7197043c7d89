"""The tables of the record by themselves: whose rows are whose, the chain and every way to break it, retention and its
partitions."""
import json
import random
import time
import uuid

from support import Postgres, Tap, binary_argument, make_clinic, run

tap = Tap()
binary = binary_argument()
pg = Postgres()
DAY = 86400


def make_id(when):
    ms = int(when * 1000)
    return str(uuid.UUID(int=ms << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0x2 << 62 | random.getrandbits(62)))


def row(clinic, when=None, **more):
    return {"clinic": clinic, "id": make_id(when or time.time()), "key": "k", "catalogue_digest": "0" * 64,
            "as_of": "2026-11-20", "language": "en", "request_digest": "\\x" + "11" * 32,
            "answer_digest": "\\x" + "22" * 32, "disposition": "proceed", "booking": "book",
            "verdicts": {"swedish": "allowed"}, "warnings": ["a", "b"], "subject_ref": "s1", "duration_us": 5, **more}


def service(statement, clinic="", check=True, role="palpate_service"):
    """As the service, in a transaction for that clinic."""
    out = pg.sql(f"begin; set local role {role}; select set_config('palpate.clinic', '{clinic}', true); {statement};"
                 " commit", check=check)
    return "\n".join(line for line in out.splitlines() if line not in ("BEGIN", "SET", "COMMIT"))[len(clinic):].strip()


def record(rows, again=False):
    return service(f"select ord, same, id from palpate.record_screenings($json${json.dumps(rows)}$json$, {again})")


def verify(clinic):
    r = run(binary, "records", "verify", "--clinic", clinic, database=database)
    return r.returncode, r.stdout.strip()


# ---- whose rows are whose -------------------------------------------------------------------------------------------

def every_tenant_table_is_forced():
    record([row("a"), row("b")])
    open_tables = pg.sql("""
        set search_path = '';
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'clinic'
        where c.relnamespace = 'palpate'::regnamespace and c.relkind in ('r', 'p') and not a.attisdropped
            and not (c.relrowsecurity and c.relforcerowsecurity and exists (
                select from pg_policy p where p.polrelid = c.oid
                    and pg_get_expr(p.polqual, p.polrelid) = '((clinic)::text = palpate.current_clinic())'
            ))""").removeprefix("SET")
    tap.equal(open_tables, "", "every table with a clinic is forced and has the policy, partitions included")
    tables = pg.sql("""
        select count(*) filter (where c.relname like 'screening\\_%'), count(*)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'clinic'
        where c.relnamespace = 'palpate'::regnamespace and c.relkind in ('r', 'p')""").split("|")
    tap.ok(int(tables[0]) >= 1 and int(tables[1]) >= 7, "and there are such tables", tables)
    wide = pg.sql("""
        select c.relname, p.polname from pg_policy p join pg_class c on c.oid = p.polrelid
        where c.relnamespace = 'palpate'::regnamespace
            and pg_get_expr(p.polqual, p.polrelid) not like '%current_clinic()%'
            and (c.relname <> 'catalogue_event' or p.polcmd <> 'r' -- what was done for all is for all to read
                or pg_get_expr(p.polqual, p.polrelid) <> '(clinic IS NULL)')
            and (p.polroles = '{0}' or p.polroles && array(
                select oid from pg_roles where rolname in ('palpate_service', 'palpate_reader')))""")
    tap.equal(wide, "", "no policy gives the service or the reader more")


def the_service_is_confined():
    tap.equal(pg.sql("select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin"
                     " from pg_roles where rolname in ('palpate_service', 'palpate_reader') group by 1"), "f",
              "neither the service nor the reader has an attribute that lifts anything")
    tap.equal(pg.sql("select rolname from pg_roles where pg_has_role('palpate_service', oid, 'member')"
                     " and rolname <> 'palpate_service'"), "", "the service may act as nobody else")
    tap.equal(pg.sql("select has_schema_privilege('palpate_service', 'palpate', 'create'),"
                     " has_database_privilege('palpate_service', current_database(), 'create')"), "f|f",
              "it may make nothing")
    tap.equal(pg.sql("""
        select count(*) from (
            select relowner as owner from pg_class where relnamespace = 'palpate'::regnamespace
            union all select proowner from pg_proc where pronamespace = 'palpate'::regnamespace
            union all select typowner from pg_type where typnamespace = 'palpate'::regnamespace
            union all select nspowner from pg_namespace where nspname = 'palpate'
        ) o where pg_has_role('palpate_service', owner, 'member')"""), "0", "it owns nothing")
    tap.equal(pg.sql("""
        select c.relname, p.privilege from pg_class c
        cross join unnest(array['delete', 'truncate', 'trigger', 'references']) as p (privilege)
        where c.relnamespace = 'palpate'::regnamespace and c.relkind in ('r', 'p')
            and has_table_privilege('palpate_service', c.oid, p.privilege)"""), "idempotency|delete",
              "it takes nothing away but what is kept for a day")
    tap.equal(pg.sql("""
        select p.proname from pg_proc p where p.pronamespace = 'palpate'::regnamespace and p.prosecdef
            and has_function_privilege('public', p.oid, 'execute')"""), "", "no function of others' rights is for everybody")


def nothing_without_a_clinic():
    for table in ("screening", "record_chain", "record_anchor", "erasure", "idempotency"):
        for role in ("palpate_service", "palpate_reader", "palpate_owner"):
            tap.equal(service(f"select count(*) from palpate.{table}", role=role), "0", f"{role} sees no row of {table}")
    statement = "insert into palpate.screening select (json_populate_record(null::palpate.screening, '%s')).*"
    whole = {**row("a"), "recorded_at": "2026-11-20T10:00:00Z", "seq": 99, "salt": "\\x00", "content_digest": "\\x00",
             "chain_digest": "\\x00"}
    service(f"select palpate.make_partition('{whole['recorded_at']}')")
    for clinic in ("", "b"):
        out = service(statement % json.dumps(whole), clinic, check=False)
        tap.contains(out, "row-level security", f"a row of a cannot be written as {clinic or 'nobody'}")
    tap.contains(service(statement % json.dumps({**whole, "clinic": ""}), check=False), "code", "nor one of nobody")
    refused = service(f"select * from palpate.record_screenings('{json.dumps([row('')])}', false)", check=False)
    tap.contains(refused, "ERROR", "nor is one of nobody recorded")
    refused = service(f"select * from palpate.record_screenings('{json.dumps([row('nowhere')])}', false)", check=False)
    tap.contains(refused, "record_chain_clinic_fkey", "nor one of a clinic that is not there")


def others_are_out_of_reach():
    tap.equal(service("select count(*) from palpate.screening", "a"), "1", "a sees its own")
    tap.equal(service("select count(*) from palpate.screening where clinic = 'a'", "b"), "0", "b does not see a's")
    tap.equal(service("update palpate.record_chain set seq = 0 where clinic = 'a'", "b"), "UPDATE 0", "nor changes it")
    tap.equal(service("select palpate.erase_subject('s1', 'k', null)", "b"), "1", "an erasure of b takes b's")
    tap.equal(service("select count(*) from palpate.screening where erased_at is null", "a"), "1", "and not a's")
    part = pg.sql("select max(c.relname) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                  " where i.inhparent = 'palpate.screening'::regclass")
    tap.contains(service(f"select * from palpate.{part}", "a", check=False), "permission denied", "partitions are not read apart")
    for what in ("set seq = 7", "set clinic = 'b'", "set chain_digest = '\\x00'"):
        tap.contains(service(f"update palpate.screening {what}", "a", check=False), "permission denied",
                     f"the service cannot {what} of a record")
    tap.contains(service("update palpate.screening set booking = 'refuse'", "a", check=False), "only erased",
                 "nor alter what it says")
    tap.contains(service("update palpate.screening set booking = 'refuse'", "a", check=False, role="palpate_owner"),
                 "only erased", "nor can the owner")
    for statement in ("delete from palpate.screening", "truncate palpate.screening", "drop table palpate.screening",
                      "create table palpate.x ()", "delete from palpate.record_chain", "delete from palpate.erasure",
                      "update palpate.erasure set records = 0", "insert into palpate.record_anchor values ('a', 1, '', now(), 1)",
                      "select palpate.purge_records()", "alter table palpate.screening disable row level security"):
        tap.ok("ERROR" in service(statement, "a", check=False), f"the service cannot {statement[:44]}")


# ---- the chain ------------------------------------------------------------------------------------------------------

def appends():
    first = [row("chain") for _ in range(3)]
    tap.equal(record(first), "", "a list is appended")
    tap.equal(record(first, True), "", "again: what is there stays")
    tap.equal(service("select count(*), max(seq) from palpate.screening", "chain"), "3|3", "once each")
    tap.equal(record(first + [row("chain")], True), "", "what is not there is added")
    tap.equal(service("select count(*), max(seq) from palpate.screening", "chain"), "4|4", "with the next number")
    tap.contains(service("select * from palpate.record_screenings("
                         f"$json${json.dumps([row('chain'), first[0]])}$json$, false)", check=False),
                 "duplicate key", "an id is not recorded twice")
    tap.equal(service("select count(*), max(seq) from palpate.screening", "chain"), "4|4", "and all of that list is not")
    keyed = {"key_hash": "\\x01", "fingerprint": "\\x02"}
    one, two, three = row("chain", **keyed), row("chain", **keyed), row("chain", key_hash="\\x01", fingerprint="\\x03")
    tap.equal(record([one, two, three]), f"2|t|{one['id']}\n3|f|{one['id']}", "a key counts within one list, too")
    tap.equal(record([one, two], True), f"2|t|{one['id']}", "also when it is sent again")
    mixed = [row(c) for c in ("two", "chain", "two", "chain", "a", "b")]
    record(mixed)
    tap.equal([verify(c)[0] for c in ("chain", "two", "a", "b")], [0] * 4, "lists of many clinics make whole chains")


def computed_elsewhere():
    """The digests are those that the comments in the database describe."""
    import hashlib
    out = service("""select row_to_json(s) from palpate.screening s order by seq""", "chain")
    before = hashlib.sha256(b"palpate chain 1:chain").digest()
    wrong = []
    for line in out.splitlines():
        r = json.loads(line)

        def field(value):
            return "-" if value is None else f"{len(str(value).encode())}:{value},"
        text = "palpate screening 1" + "".join(map(field, (
            r["clinic"], r["id"], r["key"], r["catalogue_version"], r["catalogue_digest"], r["as_of"], r["language"],
            r["request_digest"][2:], r["answer_digest"][2:], r["disposition"], r["booking"],
            json.dumps(r["verdicts"]), ",".join(r["warnings"]), r["subject_ref"], r["duration_us"], r["payload"])))
        content = hashlib.sha256(bytes.fromhex(r["salt"][2:]) + text.encode()).digest()
        before = hashlib.sha256(before + r["seq"].to_bytes(8, "big") + uuid.UUID(r["id"]).bytes + content).digest()
        if "\\x" + content.hex() != r["content_digest"] or "\\x" + before.hex() != r["chain_digest"]:
            wrong.append(r["seq"])
    tap.ok(not wrong and len(out.splitlines()) == 7, "anybody can compute the chain from its description", wrong, out)


def tampering():
    cases = (
        ("altered", "update palpate.screening set booking = 'refuse' where seq = 3", "broken at 3: altered"),
        ("dated", "update palpate.screening set duration_us = 6 where seq = 1", "broken at 1: altered"),
        ("salted", "update palpate.screening set salt = '\\x00' where seq = 5", "broken at 5: altered"),
        ("refit", "update palpate.screening s set booking = 'refuse', content_digest = palpate.content_digest("
                  "json_populate_record(s, '{\"booking\": \"refuse\"}')) where seq = 3", "broken at 3: not the one"),
        ("missing", "delete from palpate.screening where seq = 3", "broken at 3: missing"),
        ("headless", "delete from palpate.screening where seq <= 2", "broken at 1: missing"),
        ("cut", "delete from palpate.screening where seq >= 4", "broken at 4: cut off"),
        ("all", "delete from palpate.screening", "broken at 1: cut off"),
        ("inserted", "insert into palpate.screening select (json_populate_record(s, '{\"id\": \"%s\","
                     " \"recorded_at\": \"2026-11-20T10:00:00Z\"}')).* from palpate.screening s where seq = 2", "broken at 2: "),
        ("beyond", "insert into palpate.screening select (json_populate_record(s, '{\"id\": \"%s\", \"seq\": 6}')).* from"
                   " palpate.screening s where seq = 5", "broken at 6: "),
        ("swapped", "update palpate.screening set seq = 99 where seq = 2; update palpate.screening set seq = 2 where seq"
                    " = 3; update palpate.screening set seq = 3 where seq = 99", "broken at 2: "),
        ("emptied", "update palpate.screening set key = null, catalogue_version = null, catalogue_digest = null, as_of = null,"
                    " language = null, request_digest = null, answer_digest = null, disposition = null, booking = null,"
                    " verdicts = null, warnings = null, subject_ref = null, duration_us = null, payload = null, salt = null,"
                    " erased_at = now(), erasure = 12345 where seq = 4", "broken at 4: erased without an entry"),
        ("moved", "update palpate.screening set recorded_at = recorded_at + interval '1 second' where seq = 2",
         "broken at 2: altered"),
        ("unheaded", "delete from palpate.record_chain", "broken at 5: beyond the end"),
        ("reheaded", "update palpate.record_chain set digest = '\\x00'", "broken at 5: not the end"),
        ("rewound", "delete from palpate.screening where seq = 5; update palpate.record_chain set seq = 4",
         "broken at 4: not the end"),
    )
    for clinic, statement, said in cases:
        make_clinic(binary, database, clinic)
        record([row(clinic, payload="{}") for _ in range(5)])
        whole = verify(clinic)
        tap.ok(whole[0] == 0 and f"{clinic}: 5 records (1 to 5), whole" in whole[1], f"{clinic}: whole before", whole)
        statement = statement.replace("%s", make_id(time.time()))
        mine = f"{clinic!r}"
        parts = [f"{part} {'and' if ' where ' in part else 'where'} clinic = {mine}" for part in statement.split("; ")]
        done = pg.sql(f"begin; set local session_replication_role = replica; {'; '.join(parts)}; commit", check=False)
        broken = verify(clinic)
        tap.ok(broken[0] == 1 and said in broken[1], f"{clinic}: {said}", broken, done)
    r = run(binary, "records", "verify", database=database)
    tap.ok(r.returncode == 1 and "chain: 7 records (1 to 7), whole" in r.stdout, "the other chains are whole", r.stdout)


# ---- erasure and retention ------------------------------------------------------------------------------------------

def retention():
    make_clinic(binary, database, "short", "--retention-days", "30")
    make_clinic(binary, database, "long", "--retention-days", "400")
    now = time.time()
    record([row("short", now - 100 * DAY + i) for i in range(4)] + [row("short", now - 40 * DAY + i) for i in range(3)])
    record([row("short", now - 5 * DAY), row("short", now - 35 * DAY), row("short", now)])
    record([row("long", now - 100 * DAY), row("long", now)])
    service("select palpate.erase_subject('s1', 'k', null)", "short")
    months = int(pg.sql("select count(*) from pg_inherits where inhparent = 'palpate.screening'::regclass"))
    r = run(binary, "records", "purge", "--clinic", "short", database=database)
    tap.ok(r.returncode == 0 and "short: 7 records purged" in r.stdout and "long" not in r.stdout,
           "from the front, what is older than the clinic keeps is purged", r)
    tap.equal(service("select string_agg(seq::text, ' ' order by seq) from palpate.screening", "short"), "8 9 10",
              "but not what stands behind a younger one")
    tap.equal(service("select seq, records from palpate.record_anchor", "short"), "7|7", "an anchor is left")
    tap.equal(verify("short"), (0, verify("short")[1]), "and the chain is whole")
    tap.contains(verify("short")[1], "3 records (8 to 10), 3 of them erased, whole", "from there on")
    r = run(binary, "records", "purge", database=database)
    tap.ok(r.returncode == 0 and "short: 0 records" in r.stdout and "long: 0 records" in r.stdout, "then nothing is left to purge", r)
    tap.equal(service("select count(*) from palpate.screening", "long"), "2", "others keep theirs")
    pg.sql("update palpate.clinic set retention_days = 30 where id = 'long'")
    r = run(binary, "records", "purge", database=database)
    tap.ok("long: 1 records purged" in r.stdout and "dropped" in r.stdout, "a month without records is dropped", r)
    left = int(pg.sql("select count(*) from pg_inherits where inhparent = 'palpate.screening'::regclass"))
    tap.ok(left < months, "so there are fewer", left, months)
    record([row("long", now), row("short", now)])
    tap.equal((verify("long")[0], verify("short")[0]), (0, 0), "after which both go on")
    pg.sql("update palpate.clinic set retention_days = 1 where id = 'long'")
    make_clinic(binary, database, "gone", "--retention-days", "1")
    record([row("gone", now - 3 * DAY) for _ in range(3)])
    run(binary, "records", "purge", database=database)
    tap.contains(verify("gone")[1], "no records, whole", "a chain of which nothing is left is whole")
    record([row("gone", now)])
    tap.contains(verify("gone")[1], "1 records (4 to 4), whole", "and goes on")
    pg.sql("delete from palpate.record_anchor where clinic = 'gone'")
    tap.contains(verify("gone")[1], "broken at 1: missing", "without its anchor it is broken")
    for command in ("verify", "purge"):
        tap.equal(run(binary, "records", command, "--clinic", "nowhere", database=database).returncode, 66,
                  f"{command} of a clinic that is not there")
        tap.equal(run(binary, "records", command).returncode, 78, f"{command} without a database")


def months_are_made_when_needed():
    far = time.time() - 4000 * DAY
    service(f"select palpate.make_partition(to_timestamp({far}))")
    service(f"select palpate.make_partition(to_timestamp({far}))")
    bounds = pg.sql("select string_agg(pg_get_expr(c.relpartbound, c.oid), ' ' order by c.relname) from pg_class c"
                    " join pg_inherits i on i.inhrelid = c.oid where i.inhparent = 'palpate.screening'::regclass")
    tap.equal(bounds.count("FROM"), len(set(bounds.split("FOR"))) - 1, "each month once")
    for when, name in (("2027-02-28T23:59:59.999Z", "2027_02"), ("2027-03-01T00:00:00Z", "2027_03"),
                       ("2027-12-31T23:59:59.999Z", "2027_12"), ("2028-02-29T12:00:00Z", "2028_02")):
        pg.sql(f"set timezone = 'Pacific/Kiritimati'; set role palpate_service; select palpate.make_partition('{when}')")
        tap.equal(pg.sql(f"select to_regclass('palpate.screening_{name}') is not null"), "t",
                  f"{when} lies in {name}, wherever the server is")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    for name in ("a", "b", "chain", "two"):
        make_clinic(binary, database, name)
    every_tenant_table_is_forced()
    the_service_is_confined()
    nothing_without_a_clinic()
    others_are_out_of_reach()
    appends()
    computed_elsewhere()
    tampering()
    retention()
    months_are_made_when_needed()
finally:
    pg.close()
tap.done()
