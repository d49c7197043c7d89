"""The examples of api/clients/README.md, on clients made from the OpenAPI document, against the running service; and
against answers as a later version may give them: with codes and members that the document does not have, and without
all that it does not promise. What they print is held against the answers themselves."""
import http.client
import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from support import ROOT, Postgres, Server, Tap, api_key, binary_argument, run

tap = Tap()
binary = binary_argument()
MADE = os.path.join(ROOT, "build", "clients")
PROGRAMS = {"typescript": ["node", "typescript/example.js"],
            "python": ["python/venv/bin/python", "python/example.py"],
            "java": ["java", "-cp", "java/classes:jars/*", "Example"],
            "go": ["go/example"],
            "c": ["c/example"]}
with open(os.path.join(ROOT, "api", "openapi.yaml")) as f:
    doc = yaml.safe_load(f)


# ---- answers of a later version ----------------------------------------------------------------------------------

def altered(schema, value, alter):
    """The value with alter(schema, value) done to all of its parts."""
    while "$ref" in schema:
        schema = doc["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict):
        members = schema.get("properties", {})
        value = {k: altered(members.get(k, {}), v, alter) for k, v in value.items()}
    elif isinstance(value, list):
        value = [altered(schema.get("items", {}), v, alter) for v in value]
    return alter(schema, value)


def tomorrow(schema, value):
    """Every code is one that nobody knows, and every object has members that nobody knows."""
    if isinstance(value, dict) and schema.get("properties"):
        return {"tomorrow": {"is": [1, 2.5, {"another": "day"}]}, **value, "tomorrows": ["a", "b"]}
    if isinstance(value, str) and schema.get("type") == "string" and "examples" in schema and "format" not in schema:
        return value + "_tomorrow"
    return value


def least(schema, value):
    """Nothing that may be left out, but the id by which the record is found."""
    if isinstance(value, dict) and schema.get("properties"):
        return {k: v for k, v in value.items() if k in schema.get("required", ()) or k == "id"}
    return value


def unrecorded(schema, value):
    value = least(schema, value)
    if isinstance(value, dict) and "booking" in value:
        value.pop("id", None)
    return value


ALTERATIONS = {"tomorrow": tomorrow, "least": least, "unrecorded": unrecorded}
SCHEMAS = {("POST", 200): "Screening", ("GET", 200): "Record", ("POST", 422): "Problem"}
PASSED_ON = ("accept-language", "authorization", "content-type", "idempotency-key")


class Later(BaseHTTPRequestHandler):
    """Passes on to the service what is asked below /ALTERATION, and gives back its answer so altered, with no more than
    the header fields that an answer needs."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, alteration, path = self.path.split("/", 2)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fields = {k: v for k, v in self.headers.items() if k.lower() in PASSED_ON}
        c = http.client.HTTPConnection(self.server.behind.host, self.server.behind.port, timeout=20)
        c.request(self.command, "/" + path, body, fields)
        r = c.getresponse()
        answer, kind = json.loads(r.read()), r.getheader("Content-Type")
        c.close()
        schema = doc["components"]["schemas"][SCHEMAS[self.command, r.status]]
        answer = altered(schema, answer, ALTERATIONS[alteration])
        self.server.given.append(answer)
        text = json.dumps(answer).encode()
        self.send_response(r.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET

    def log_message(self, *unused):
        pass


# ---- what the examples print -------------------------------------------------------------------------------------

def of_decision(decision, record):
    booking = decision["booking"]
    word = {"book": "confirm", "book_with_changes": "confirm", "hold": "ask"}.get(booking, "refuse")
    best = decision["techniques"][0]
    lines = [f"{word} {booking}", f"technique {best['code']} {best['verdict']}"]
    lines += [f"modification {m['kind']} {json.dumps(m['value'])}" for m in best["modifications"]]
    lines += [f"warning {w['code']} {w['severity']}" for w in decision["warnings"]]
    return lines + [f"record {record['id']} {record.get('booking', 'erased')}"] if record else lines


def of_problem(problem):
    return [f"problem {problem['status']} {problem['type']}"] + [f"fault {e['pointer']} {e['code']}"
                                                                 for e in problem.get("errors", [])]


def printed_by(language, url, key):
    command = PROGRAMS[language]
    if "/" in command[0]:
        command = [os.path.join(MADE, command[0]), *command[1:]]
    done = subprocess.run(command, cwd=MADE, env={**os.environ, "PALPATE_URL": url, "PALPATE_KEY": key}, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):  # languages leave different space in lists
        match = re.fullmatch(r"(modification \S+ )([\[{].*)", line)
        if match:
            lines[i] = match.group(1) + json.dumps(json.loads(match.group(2)))
    return lines if done.returncode == 0 else [*lines, f"status {done.returncode}"]


def against_the_service(s, key):
    intake = {"subject": {"age_years": 34, "sex": "female"}, "complaints": [{"region": "lower_back", "pain": 6}],
              "history": {"conditions": [{"id": "pregnancy", "gestation_weeks": 26}],
                          "medications": [{"system": "atc", "code": "B01AF01"}]},
              "preferences": {"techniques": ["swedish"], "session_minutes": 60}, "unlisted": "absent", "as_of": "2026-11-20"}
    decision = s.post(intake)[2]
    kinds = {type(m["value"]) for m in decision["techniques"][0]["modifications"]}
    tap.equal(kinds, {int, bool, str, list}, "the intake of the examples has modifications with every kind of value")
    problem = s.post({"subject": {"age_years": 340}, "goals": ["sleep"], "preferences": {"session_minutes": 0}})[2]
    tap.equal(sorted(e["pointer"] for e in problem["errors"]), ["/preferences/session_minutes", "/subject/age_years"],
              "and their faults are two")
    for language in PROGRAMS:
        before = s.get("/v1/screenings")[2]["screenings"]
        lines = printed_by(language, f"http://{s.host}:{s.port}", key)
        after = s.get("/v1/screenings")[2]["screenings"]
        tap.equal(len(after), len(before) + 1, f"{language}: one screening is recorded")
        tap.equal(lines, of_decision(decision, after[0]) + of_problem(problem),
                  f"{language}: a screening, its record and a problem, of the service itself")


def against_later_answers(s, key):
    later = ThreadingHTTPServer(("127.0.0.1", 0), Later)
    later.behind, later.given = s, []
    threading.Thread(target=later.serve_forever, daemon=True).start()
    try:
        for language in PROGRAMS:
            for alteration in ALTERATIONS:
                later.given.clear()
                lines = printed_by(language, f"http://127.0.0.1:{later.server_port}/{alteration}", key)
                asked = 2 if alteration == "unrecorded" else 3
                if tap.ok(len(later.given) == asked, f"{language}: {alteration}: all was asked", *lines):
                    wanted = of_decision(later.given[0], later.given[1] if asked == 3 else None) + of_problem(later.given[-1])
                    tap.equal(lines, wanted, f"{language}: {alteration}: understood")
    finally:
        later.shutdown()


pg = Postgres()
try:
    database = pg.fresh_database()
    for command in (("migrate",), ("catalogue", "load")):
        run(binary, *command, database=database)
    key = api_key(binary, database)
    with Server(binary, key=key, database=database) as s:
        against_the_service(s, key)
        against_later_answers(s, key)
finally:
    pg.close()
tap.done()
