"""The OpenAPI document against the running service: every example is sent, and every answer, of examples, of error
paths and of a thousand random requests, is checked against the schemas, its header fields against those described."""
import json
import os
import subprocess

from jsonschema import Draft202012Validator

from contract import doc, faults_of, faults_of_answer
from support import (CATALOGUE, CLEAN, GENERATE, ROOT, SCOPES, Postgres, Server, Tap, api_key, binary_argument, make_clinic,
                     run)

tap = Tap()
binary = binary_argument()


def check(path, method, answer, name):
    """Is this answer one that the document describes?"""
    status, fields, body = answer
    response = doc["paths"][path][method]["responses"].get(str(status))
    if not tap.ok(response is not None, f"{name}: {method} {path} describes {status}", body):
        return
    wrong = faults_of_answer(response, fields, json.dumps(body).encode() if isinstance(body, (dict, list)) else body or b"")
    tap.ok(not wrong, f"{name}: the answer of {status} is as described", *wrong[:10])


def document_is_valid():
    for name, schema in doc["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
    tap.ok(True, "every schema is a schema")
    wrong = []

    def visit(node, where):
        if isinstance(node, dict):
            if "examples" in node and "schema" in node:
                for name, example in node["examples"].items():
                    wrong.extend(f"{where}/{name}{f}" for f in faults_of(node["schema"], example["value"]))
            for k, v in node.items():
                visit(v, f"{where}/{k}")
    visit(doc["paths"], "")
    visit(doc["components"]["responses"], "")
    tap.ok(not wrong, "every example fits its schema", *wrong[:20])


def examples_are_real(s):
    operation = doc["paths"]["/v1/screenings"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    answers = operation["responses"]["200"]["content"]["application/json"]["examples"]
    translated = []
    tap.ok(len(examples) >= 5, "there are examples")
    for name, example in examples.items():
        answer = s.post(example["value"])
        tap.equal(answer[0], 200, f"{name}: accepted")
        check("/v1/screenings", "post", answer, name)
        shown = answers.get(name, {}).get("value")
        if shown:
            got = answer[2]
            for part in ("ref", "as_of", "disposition", "booking", "complete"):
                tap.equal(shown.get(part), got.get(part), f"{name}: the {part} shown is the {part} given")
            tap.equal([(t["code"], t["verdict"]) for t in shown["techniques"]],
                      [(t["code"], t["verdict"]) for t in got["techniques"]][:len(shown["techniques"])],
                      f"{name}: the verdicts shown are those given")
        for shown, language in ((f"{name}InKorean", "ko"),):
            if shown in answers:
                translated.append(shown)
                answer = s.post(example["value"], Accept_Language=language)
                check("/v1/screenings", "post", answer, shown)
                wanted, got = answers[shown]["value"], answer[2]
                wrong = [part for part in wanted if part not in ("catalogue", "techniques", "course") and
                         wanted[part] != got.get(part)]
                wrong += [f"course/{part}" for part in wanted["course"] if part != "evidence" and
                          wanted["course"][part] != got["course"].get(part)]
                wrong += [f"technique {t['code']}" for t in wanted["techniques"] if t not in got["techniques"]]
                tap.ok(not wrong, f"{shown}: what is shown is what is given", *wrong)
    tap.equal(translated, ["simpleBackPainInKorean"], "an example is in another language")


def resources_are_as_described(s):
    ids = {"/v1/rules/{id}": [r["id"] for r in s.get("/v1/rules")[2]["rules"]],
           "/v1/evidence/{id}": [e["id"] for e in s.get("/v1/evidence")[2]["evidence"]]}
    for path, item in doc["paths"].items():
        for method in item:
            if method != "get":
                continue
            for one in ids.get(path, [""])[:: 7 if path in ids else 1]:
                target = path.replace("{id}", one)
                check(path, "get", s.get(target), target)
            target = path.replace("{id}", ids[path][0] if path in ids else "")
            answer = s.get(target)
            if "etag" in answer[1]:
                check(path, "get", s.get(target, If_None_Match=answer[1]["etag"]), f"{target} held already")
            check(path, "get", s.get(target, Accept_Language="ko"), f"{target} in Korean")
            check(path, "get", s.get(target, Accept="image/png"), f"{target} as a picture")
            status, fields, body = s.request("PUT", target)
            check(path, "get", (status, fields, json.loads(body)), f"PUT {target}")
            if path in ids:
                check(path, "get", s.get(path.replace("{id}", "none")), f"{path}: unknown id")
        status, fields, body = s.request("OPTIONS", path.replace("{id}", "x"))
        allowed = {m.upper() for m in item if m in ("get", "post", "put", "delete")} | {"OPTIONS"} | ({"HEAD"} if "get" in item else set())
        tap.ok(status == 204 and set(fields["allow"].split(", ")) == allowed, f"OPTIONS {path} names the methods described",
               fields)


def errors_are_as_described(s):
    for name, body, fields in (
            ("not JSON", b"{", {}), ("no text", b"\xff", {}), ("a member twice", b'{"a":1,"a":2}', {}),
            ("a list", b"[]", {}), ("nothing", b"{}", {}), ("too large", b" " * 70_000, {}),
            ("another type", b"{}", {"content_type": "text/plain"}), ("no HTML", b"{}", {"Accept": "text/html"}),
            ("an unknown id", json.dumps({"subject": {"age_years": 1}, "goals": ["sleep"],
                                          "symptoms": [{"id": "x"}]}).encode(), {})):
        check("/v1/screenings", "post", s.post(body, **fields), name)
    check("/v1/screenings", "get", s.get("/v1/screenings"), "a service without records")


def refusals_are_as_described():
    """With a database: what each operation answers to strangers and to keys without the scope it names."""
    pg = Postgres()
    try:
        db = pg.fresh_database()
        for command in (("migrate",), ("catalogue", "load")):
            run(binary, *command, database=db)
        schemes = doc["components"]["securitySchemes"]
        every = api_key(binary, db)
        keys = {scope: api_key(binary, db, "test", (scope,)) for scope in ("screen", "records:read", "catalogue:write", "admin")}
        with Server(binary, database=db) as s:
            for path, item in doc["paths"].items():
                for method, operation in item.items():
                    ways = operation.get("security", doc["security"])
                    wanted = {scope for way in ways for scopes in way.values() for scope in scopes}
                    tap.ok({name for way in ways for name in way} in (set(), set(schemes)), f"{method} {path}: every way, or none")
                    if method not in ("get", "post", "put", "delete"):
                        continue

                    def ask(key):
                        target, fields = path.replace("{id}", "x"), {"Authorization": f"Bearer {key}"}
                        if method in ("put", "delete"):
                            status, fields, body = s.request(method.upper(), target, headers=fields)
                            return status, fields, json.loads(body)
                        return s.get(target, **fields) if method == "get" else s.post(CLEAN, target, **fields)
                    stranger = ask("palpate_")
                    tap.equal(stranger[0] == 401, bool(ways), f"{method} {path}: strangers are refused where it says so")
                    if ways:
                        check(path, method, stranger, "a stranger")
                    for scope, key in keys.items():
                        answer = ask(key)
                        refused = bool(wanted) and scope not in wanted
                        tap.equal(answer[0] == 403, refused, f"{method} {path}: {scope} is {'not ' * refused}enough")
                        if refused:
                            check(path, method, answer, f"a key with {scope}")
                    tap.ok(ask(every)[0] not in (401, 403), f"{method} {path}: a key with every scope is enough")
    finally:
        pg.close()


def limits_are_as_described():
    with Server(binary, rate_limit=1, rate_burst=1) as s:
        check("/v1/catalogue", "get", s.get("/v1/catalogue"), "the first of one caller")
        for path, item in doc["paths"].items():
            method = "get" if "get" in item else "post"
            answer = s.get(path.replace("{id}", "x")) if method == "get" else s.post({})
            if path.split("/")[1] in ("health", "metrics"):
                tap.equal(answer[0], 200, f"{path} has no limit")
            elif tap.equal(answer[0], 429, f"{path} has one"):
                check(path, method, answer, "too many")


def random_answers_fit(s):
    requests = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", "5", "--count", "1000"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.splitlines()
    operation = doc["paths"]["/v1/screenings"]["post"]
    wanted = operation["requestBody"]["content"]["application/json"]["schema"]
    given = operation["responses"]["200"]["content"]["application/json"]["schema"]
    wrong = []
    languages = ("en", "ko", "es", "de", "vi;q=0.1, xx")
    for i, line in enumerate(requests):
        request = json.loads(line)
        status, _, body = s.post(request, Accept_Language=languages[i % len(languages)])
        if status != 200:
            wrong.append(f"request {i}: {status} {body}")
        wrong += [f"request {i}{f}" for f in faults_of(wanted, request)]
        wrong += [f"answer {i}{f}" for f in faults_of(given, body)]
    tap.ok(not wrong, f"{len(requests)} random requests and their answers fit the schemas", *wrong[:10])


def records_are_as_described():
    path, one = "/v1/screenings", "/v1/screenings/{id}"
    pg = Postgres()
    try:
        database = pg.fresh_database()
        run(binary, "migrate", database=database)
        run(binary, "catalogue", "load", database=database)
        make_clinic(binary, database, "keeps", "--keep-payload")
        with Server(binary, database=database, key=api_key(binary, database, "keeps")) as s:
            answers = [s.post(dict(CLEAN, subject=dict(CLEAN["subject"], ref="bk-1")), Idempotency_Key=f"key-{i}")
                       for i in (0, 1, 1)]
            once, again = ([status, {k: v for k, v in fields.items() if k not in ("date", "x-request-id")}, body]
                           for status, fields, body in answers[1:])
            tap.equal(once, again, "a repeated request has the same answer, with the same fields")
            for answer in answers:
                check(path, "post", answer, "recorded")
            check(path, "post", s.post(CLEAN, Idempotency_Key="key-0"), "a key for another request")
            check(path, "post", s.post(CLEAN, Idempotency_Key="a b"), "no key")
            place = answers[0][1]["location"]
            check(one, "get", s.get(place), "a record")
            check(one, "get", s.get(f"{path}/01a1fb53-dcf0-72e6-ac01-7066e984fbaf"), "no record")
            for query in ("", "?subject=bk-1&limit=1", "?limit=0", "?cursor=x", "?subject=nobody"):
                check(path, "get", s.get(path + query), f"a list{query}")
            for query in ("?subject=bk-1", "?subject=bk-1", ""):
                status, fields, body = s.request("DELETE", path + query)
                check(path, "delete", (status, fields, json.loads(body)), f"erased{query}")
            check(one, "get", s.get(place), "a tombstone")
            check(path, "get", s.get(path), "a list of tombstones")
            pg.stop("immediate")
            check(path, "post", s.post(CLEAN), "without the database")
            check(path, "get", s.get(path), "without the database")
            check(one, "get", s.get(place), "without the database")
            status, fields, body = s.request("DELETE", f"{path}?subject=bk-1")
            check(path, "delete", (status, fields, json.loads(body)), "without the database")
    finally:
        pg.close()


def catalogues_are_as_described():
    path, one = "/v1/catalogues", "/v1/catalogues/{id}"
    pg = Postgres()
    try:
        database = pg.fresh_database()
        run(binary, "migrate", database=database)
        run(binary, "catalogue", "load", database=database)
        doc = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "tests", "it", "catalogue_doc.py"),
                              "rule('em_chest_pain')['note'] += ' X.'"], check=True, stdout=subprocess.PIPE).stdout
        with Server(binary, database=database, key=api_key(binary, database)) as s:
            signer = {"Authorization": f"Bearer {api_key(binary, database, 'test', SCOPES, '--holder', 'Ben Ruiz')}"}
            screens = {"Authorization": f"Bearer {api_key(binary, database, 'test', ('screen',))}"}
            for name, body, fields in (("new", doc, {}), ("known", doc, {}), ("empty", b"{}", {}), ("not JSON", b"{", {}),
                                       ("a form", b"a=b", {"content_type": "text/plain"}), ("no scope", doc, screens),
                                       ("nobody", doc, {"Authorization": "Bearer x"}), ("too much", b" " * 4_200_000, {}),
                                       ("a picture", doc, {"Accept": "image/png"})):
                check(path, "post", s.post(body, path, **fields), name)
            check(path, "get", s.get(path), "the list")
            check(path, "get", s.get(path, **screens), "the list without the scope")
            place = f"{path}/{s.get(path)[2]['catalogues'][0]['version']}"
            for target in (place, f"{path}/999", f"{path}/x"):
                check(one, "get", s.get(target), target)

            def step(body, tag="*", **fields):
                fields.update({"If_Match": tag} if tag else {})
                answer = s.post(body, place, **fields)
                check(one, "post", answer, f"{body} with {tag}")
                return answer[0]

            wanted = {"step": "activate", "for": "own_clinic"}
            tap.equal([step(wanted, None), step(wanted, '"1-1"'), step(wanted), step({}), step(b"{"), step(b" " * 70_000)],
                      [428, 412, 409, 422, 400, 413], "steps that are refused")
            tap.equal([step({"step": "check", "accepted": []}), step({"step": "check"}), step({"step": "publish"}),
                       step({"step": "publish"}, **signer), step(wanted), step({"step": "deactivate"}),
                       step({"step": "deactivate"}), step({"step": "retire"}), step({"step": "retire"}, **screens)],
                      [200, 200, 409, 200, 200, 200, 404, 200, 403], "the whole life of a version")
            check(one, "get", s.get(place), "a retired version")
            check("/health/ready", "get", s.get("/health/ready"), "with a database")
            pg.stop("immediate")
            for target in (path, place):
                check(path if target == path else one, "get", s.get(target), "without the database")
            check(path, "post", s.post(doc, path), "without the database")
            step(wanted)
            check("/health/ready", "get", s.get("/health/ready"), "without the database")
    finally:
        pg.close()


def overlays_are_as_described():
    path = "/v1/overlay"
    pg = Postgres()
    own = {"overlay": {"name": "own", "version": "1", "title": "Ours", "who": "N. N."}, "rules": [], "evidence": []}
    own["rules"] = [{"id": "x_over_40", "when": {">": [{"var": "age_years"}, 40]}, "effect": "not_allowed",
                     "target": {"==": [{"var": "code"}, "thai"]}, "severity": "absolute", "regions": "systemic",
                     "message": "Not here.", "note": "House rule.", "action": "Offer another.", "rationale": "Two falls.",
                     "evidence": ["x_protocol"], "certainty": "expert"}]
    own["evidence"] = [{"id": "x_protocol", "design": "protocol", "title": "Protocol", "finding": "Falls.",
                        "certainty": "expert", "verified": "read"}]
    good = json.dumps(own).encode()
    other, bad = good.replace(b"x_over_40", b"x_over_30"), good.replace(b"x_over_40", b"em_chest_pain")
    try:
        database = pg.fresh_database()
        run(binary, "migrate", database=database)
        run(binary, "catalogue", "load", database=database)
        with Server(binary, database=database, key=api_key(binary, database)) as s:
            def ask(method, name, body=None, **fields):
                fields = {k.replace("_", "-"): v for k, v in fields.items()}
                if body is not None:
                    fields.setdefault("Content-Type", "application/json")
                status, got, text = s.request(method.upper(), path, body, fields)
                check(path, method, (status, got, json.loads(text) if text else None), name)
                return status, got, text
            none = {"If_None_Match": "*"}
            for name, wanted, body, fields in (("unseen", 428, good, {}), ("of none", 412, good, {"If_Match": "*"}),
                                               ("bad", 422, bad, none), ("not JSON", 400, b"{", none), ("empty", 422, b"{}", none),
                                               ("too much", 413, b" " * 1_100_000, none),
                                               ("a form", 415, b"a=b", {**none, "Content-Type": "text/plain"}),
                                               ("a picture", 406, good, {**none, "Accept": "image/png"}),
                                               ("of nobody", 401, good, {**none, "Authorization": "Bearer x"})):
                tap.equal(ask("put", name, body, **fields)[0], wanted, f"an overlay that is {name}: {wanted}")
            tap.equal((ask("get", "none")[0], ask("delete", "none")[0]), (404, 404), "and nothing is stored")
            status, fields, text = ask("put", "the first", good, **none)
            tap.equal((status, text), (201, good), "the first is stored")
            tag = fields["etag"]
            status, fields, text = ask("get", "stored")
            tap.equal((status, fields["etag"], text), (200, tag, good), "and read as it was sent")
            tap.equal(ask("get", "held", If_None_Match=tag)[0], 304, "what is held is not sent again")
            tap.equal([ask("put", "again", other, **f)[0] for f in (none, {"If_Match": '"x"'}, {"If_Match": "W/" + tag})], [412] * 3,
                      "what is there is not replaced unseen")
            status, fields, _ = ask("put", "another", other, If_Match=f'"x", {tag}')
            tap.ok(status == 200 and fields["etag"] != tag, "by who has seen it it is", fields)
            tap.equal([ask("delete", "unseen")[0], ask("delete", "old", If_Match=tag)[0],
                       ask("delete", "seen", If_Match=fields["etag"])[0], ask("delete", "gone", If_Match="*")[0]],
                      [428, 412, 204, 404], "and withdrawn likewise")
            tap.equal(pg.sql("select count(*) from palpate.overlay"), "2", "both stay stored")
            pg.stop("immediate")
            tap.equal([ask("get", "gone")[0], ask("put", "gone", good, **none)[0], ask("delete", "gone", If_Match="*")[0]],
                      [503] * 3, "without the database they say so")
    finally:
        pg.close()


document_is_valid()
with Server(binary) as server:
    for part in (examples_are_real, resources_are_as_described, errors_are_as_described, random_answers_fit):
        part(server)
refusals_are_as_described()
records_are_as_described()
catalogues_are_as_described()
overlays_are_as_described()
limits_are_as_described()
tap.done()
