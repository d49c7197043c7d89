"""The HTTP API as a client meets it, on the real program without a database."""
import json
import os
import subprocess
import sys

from support import AS_OF, CATALOGUE, CLEAN, GENERATE, Server, Tap, binary_argument, items

tap = Tap()
binary = binary_argument()


def problem(answer, status, name, kind):
    code, fields, body = answer
    good = (code == status and fields.get("content-type") == "application/problem+json" and
            fields.get("cache-control") == "no-store" and isinstance(body, dict) and body.get("status") == status and
            body.get("type") == f"/problems/{kind}" and body.get("title"))
    tap.ok(good, name, answer)
    return body if isinstance(body, dict) else {}


def faults(body):
    return sorted((e["pointer"], e["code"]) for e in body.get("errors", []))


def screening(s):
    status, fields, answer = s.post(CLEAN)
    tap.equal(status, 200, "a clean client is judged")
    tap.equal(answer["disposition"], "proceed", "and may proceed")
    tap.equal(answer["booking"], "book", "and be booked")
    tap.equal(answer["complete"], True, "with nothing left to ask")
    tap.equal(answer["techniques"][0]["code"], "deep_tissue", "the wished technique comes first")
    tap.ok("course" in answer and answer["course"]["technique"] == "deep_tissue", "with a course", answer)
    tap.equal(fields["cache-control"], "no-store", "an answer is not kept by caches")
    tap.equal(fields["content-type"], "application/json", "it is JSON")
    again = s.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})[2]
    more = s.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})[2]
    tap.ok(again == more, "the same request gives the same bytes")
    status, _, answer = s.post({"subject": {"age_years": 30}, "goals": ["relaxation"]})
    tap.equal((status, answer["disposition"], answer["complete"]), (200, "needs_answers", False),
              "a request that answers nothing is never told to proceed")
    tap.ok(len(answer["questions"]) >= 25, "and is asked the gates", len(answer["questions"]))
    tap.ok(all(t["verdict"] not in ("allowed", "modified") for t in answer["techniques"]), "and no technique is free")
    red = dict(CLEAN, symptoms=[{"id": "saddle_numbness", "date": AS_OF}])
    _, _, answer = s.post(red)
    tap.equal((answer["disposition"], answer["booking"]), ("emergency", "refuse"), "a red flag is an emergency")
    warning = answer["warnings"][0]
    tap.equal(warning["triggered_by"], ["/symptoms/0"], "its warning points at the finding")
    tap.ok(warning["evidence"] and warning["evidence"][0]["citation"], "and carries its evidence", warning)
    both = dict(CLEAN, symptoms=[{"id": "fever", "state": "absent"}, {"id": "fever", "date": AS_OF}])
    _, _, answer = s.post(both)
    tap.equal(answer["conflicts"], [{"fact": "fever", "state": "present", "pointers": ["/symptoms/0", "/symptoms/1"]}],
              "of contradictory findings the graver stands and the answer says so")
    code = dict(CLEAN, history={"conditions": [{"system": "icd-10-cm", "code": "zz9.9"}]})
    _, _, answer = s.post(code)
    tap.equal(answer["unrecognised"], [{"pointer": "/history/conditions/0", "system": "icd-10-cm", "code": "zz9.9"}],
              "a code that is not known is reported")
    tap.equal(answer["booking"], "book_with_changes", "and the booking says to look")


def bad_bodies(s):
    rows = [
        ("empty", b""), ("binary", bytes(range(256))), ("text", b"hello"), ("cut short", b'{"subject": {"age_years": 4'),
        ("trailing bytes", b'{"subject":{"age_years":4},"goals":["sleep"]} x'), ("two documents", b"{}{}"),
        ("bad UTF-8", b'{"subject":{"ref":"\xff","age_years":4},"goals":["sleep"]}'), ("NaN", b'{"subject":{"age_years":NaN}}'),
        ("a number too large", b'{"subject":{"age_years":1e999}}'), ("an integer too large", b'{"subject":{"age_years":' + b"9" * 40 + b"}}"),
        ("a member twice", b'{"subject":{"age_years":4,"age_years":5},"goals":["sleep"]}'),
        ("1,000 levels", b"[" * 1000 + b"]" * 1000), ("U+0000", b'{"subject":{"ref":"a\\u0000b","age_years":4}}'),
        ("a byte order mark", b'\xef\xbb\xbf{"subject":{"age_years":4},"goals":["sleep"]}'),
    ]
    for name, body in rows:
        problem(s.post(body), 400, f"400: {name}", "malformed_json")
    for name, body in (("null", b"null"), ("a list", b"[]"), ("a number", b"7")):
        problem(s.post(body), 422, f"422: {name} is no request", "invalid_request")


def faulty_requests(s):
    body = problem(s.post({
        "subject": {"age_years": 131, "sex": "woman", "name": "x"}, "complaints": [{"region": "back", "pain": 11}],
        "symptoms": [{"id": "no_such_fact"}, {"system": "icd-9", "code": "1"}, {"id": "fever", "date": "2026-11-21"},
                     {"id": "fever", "since": "2026-02-30"}, {"state": "present"}],
        "clearances": [{"for": "fever"}], "as_of": AS_OF, "unlisted": "none"}),
        422, "422: every fault of a request at once", "invalid_request")
    tap.equal(faults(body), sorted([
        ("/subject/age_years", "out_of_range"), ("/subject/sex", "unknown_value"), ("/subject/name", "unknown_member"),
        ("/complaints/0/region", "unknown_value"), ("/complaints/0/pain", "out_of_range"),
        ("/symptoms/2/date", "date_in_future"), ("/symptoms/3/since", "invalid_date"), ("/symptoms/4", "missing_member"),
        ("/clearances/0/by", "missing_member"), ("/clearances/0/date", "missing_member"),
        ("/unlisted", "unknown_value")]), "each with its place and kind")
    tap.ok(all(e["detail"] and e["remedy"] for e in body["errors"]), "and with a remedy", body)
    body = problem(s.post({"subject": {"age_years": 30}, "complaints": [], "goals": []}), 422,
                   "422: empty lists count as missing", "invalid_request")
    tap.equal(faults(body), [("/complaints", "missing_member")], "and the place says so")
    body = problem(s.post(dict(CLEAN, symptoms=[{"id": "no_such_fact"}, {"system": "icd-9", "code": "1"}],
                               clearances=[{"for": "nobody", "by": "physician", "date": AS_OF}],
                               preferences={"techniques": ["levitation"]})), 422, "422: unknown names", "invalid_request")
    tap.equal(faults(body), [("/clearances/0/for", "unknown_id"), ("/preferences/techniques/0", "unknown_id"),
                             ("/symptoms/0/id", "unknown_id"), ("/symptoms/1/system", "unknown_value")], "each by its place")
    marker = "zQ7marker"
    _, _, body = s.post({"subject": {"age_years": 30, "sex": marker}, "goals": [marker], "symptoms": [{"id": marker}],
                         "complaints": [{"region": marker}], "as_of": marker})
    texts = json.dumps([{k: v for k, v in e.items() if k != "pointer"} for e in body["errors"]])
    tap.ok(marker not in texts and body["errors"], "an error text never repeats what a request says", body)
    many = dict(CLEAN, symptoms=[{"id": "x%d" % i} for i in range(400)])
    body = problem(s.post(many), 422, "422: more faults than are listed", "invalid_request")
    tap.equal((len(body["errors"]), body["errors_total"]), (100, 400), "the first hundred, and how many there are")


def sizes(s):
    def padded(n):
        text = json.dumps(dict(CLEAN, subject=dict(CLEAN["subject"])))
        return text + " " * (n - len(text))
    tap.equal(s.post(padded(65535))[0], 200, "a body one byte below the limit")
    tap.equal(s.post(padded(65536))[0], 200, "a body at the limit")
    problem(s.post(padded(65537)), 413, "413: a body one byte above the limit", "body_too_large")
    problem(s.post(b"x" * 10_000_000), 413, "413: 10 MB", "body_too_large")
    tap.equal(s.post(CLEAN)[0], 200, "and the service goes on")


def protocol(s):
    problem(s.post(CLEAN, content_type="text/plain"), 415, "415: not JSON", "unsupported_media_type")
    problem(s.post(CLEAN, content_type=None), 415, "415: no type", "unsupported_media_type")
    problem(s.post(CLEAN, Content_Encoding="gzip"), 415, "415: compressed", "unsupported_media_type")
    tap.equal(s.post(CLEAN, content_type="Application/JSON; charset=UTF-8")[0], 200, "a charset of UTF-8 is fine")
    problem(s.post(CLEAN, content_type="application/json; charset=latin1"), 415, "415: another charset", "unsupported_media_type")
    problem(s.post(CLEAN, Accept="text/html"), 406, "406: an answer in HTML", "not_acceptable")
    tap.equal(s.post(CLEAN, Accept="text/html, application/*;q=0.5")[0], 200, "a wildcard is enough")
    for path in ("/v1", "/v1/", "/v1/screenings/", "/v2/screenings", "/v1/rules/", "/v1/rules/a/b", "/v1/rules/none",
                 "/v1/evidence/none", "/v1/rules/%", "/v1/rules/%00", "/../etc/passwd", "/" + "a" * 5000):
        problem(s.get(path), 404, f"404: {path[:40]}", "not_found")
    for method in ("PUT", "PATCH", "QUERY", "BREW"):
        code, fields, _ = s.request(method, "/v1/screenings")
        tap.equal((code, fields.get("allow")), (405, "GET, HEAD, POST, DELETE, OPTIONS"),
                  f"405: {method} of screenings, with Allow")
    for method in ("GET", "HEAD", "DELETE"):
        tap.equal(s.request(method, "/v1/screenings?subject=x")[0], 404, f"404: {method} of records where none are kept")
    code, fields, _ = s.request("POST", "/v1/facts", "{}", {"Content-Type": "application/json"})
    tap.equal((code, fields.get("allow")), (405, "GET, HEAD, OPTIONS"), "405: POST of facts, with Allow")
    code, fields, body = s.request("OPTIONS", "/v1/facts")
    tap.equal((code, fields.get("allow"), body), (204, "GET, HEAD, OPTIONS", b""), "OPTIONS says what there is")
    tap.contains(s.raw(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode(), " 204 ", "OPTIONS *")
    text = json.dumps(CLEAN).encode()
    head = b"POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = s.raw(head + b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n" % (len(text), len(text)) + text)
    tap.contains(answer.decode(), " 400 ", "400: two lengths")
    answer = s.raw(head + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(text) + b"%x\r\n" % len(text) +
                   text + b"\r\n0\r\n\r\n")
    tap.contains(answer.decode(), " 400 ", "400: a length and chunks")
    answer = s.raw(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"%x\r\n" % len(text) + text +
                   b"\r\n0\r\n\r\n")
    tap.contains(answer.decode(), " 200 ", "a body in chunks")
    answer = s.raw(head + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
    tap.ok(b" 100 " in answer and b" 200 " in answer, "Expect: 100-continue", answer[:300])
    answer = s.raw(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    tap.equal(answer.count(b"HTTP/1.1 200"), 2, "two requests at once on one connection")
    tap.contains(s.raw(b"GET /health/live HTTP/1.0\r\n\r\n").decode(), "200", "HTTP/1.0")
    tap.contains(s.raw(b"GET /health/live HTTP/1.1\r\n\r\n").decode(), " 400 ", "400: HTTP/1.1 without a host")
    answer = s.raw(b"GET http://x/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    tap.contains(answer.decode(), " 200 ", "a target may be a whole URI")
    answer = s.raw(b"GET /v1/\xff\"x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    tap.contains(answer.decode(), '"instance":"/v1/%FF%22x"', "a path that is no text comes back encoded")
    s.raw(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    tap.equal(s.get("/health/live")[0], 200, "bytes of another protocol, and the service goes on")


def peak_kb(s):
    with open(f"/proc/{s.process.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))


def forms(s):
    """No resource takes a form; ulfius would keep all of one in memory."""
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
                 "application/x-www-form-urlencoded"):
        problem(s.post(b"a=b", content_type=kind), 415, f"415: {kind}", "unsupported_media_type")
    before = peak_kb(s)
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"):
        code, _, _ = s.post(b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"a" * 50_000_000, content_type=kind)
        tap.equal(code, 413, f"413: 50 MB of {kind}")
    with open(binary, "rb") as f:
        room = 400_000 if b"__asan_init" in f.read() else 8_000  # ASan keeps what is freed for a while
    tap.ok(peak_kb(s) - before < room, "which is read past, not kept", before, peak_kb(s))


def resources(s):
    _, _, summary = s.get("/v1/catalogue")
    digest = summary["digest"]
    counts = {kind: len(items(kind)) for kind in ("facts", "rules", "evidence", "courses")}
    tap.ok(len(digest) == 64 and all(summary["counts"][k] == n for k, n in counts.items()), "the catalogue has its counts",
           summary, counts)
    _, _, rules = s.get("/v1/rules")
    _, _, evidence = s.get("/v1/evidence")
    for path in ("/v1/catalogue", "/v1/facts", "/v1/techniques", "/v1/rules", "/v1/evidence", "/v1/rules/em_chest_pain",
                 "/v1/evidence/ev_cherkin_2011", "/openapi.json", "/openapi.yaml"):
        code, fields, _ = s.get(path)
        etag = fields.get("etag", "")
        tap.ok(code == 200 and etag.startswith('"') and len(etag) == 66, f"{path} has a strong tag", fields)
        if path.startswith("/v1"):
            tap.equal(etag, f'"{digest}"', f"{path}: the tag is the digest")
        code, fields, body = s.get(path, If_None_Match=f'"x", W/{etag}')
        tap.equal((code, fields.get("etag"), body), (304, etag, b""), f"{path}: 304 when nothing has changed")
        code, fields, body = s.request("HEAD", path)
        tap.ok(code == 200 and body == b"" and int(fields["content-length"]) > 0, f"{path}: HEAD", fields)
    tap.equal(s.get("/v1/evidence/cherkin-2011-lbp")[2]["id"], "ev_cherkin_2011", "a source answers to its other name")
    tap.equal(s.get("/v1/rules/em%5Fchest_pain")[2]["id"], "em_chest_pain", "paths may be percent-encoded")
    bad = [r["id"] for r in rules["rules"] if s.get("/v1/rules/" + r["id"])[0] != 200]
    tap.equal((len(rules["rules"]), bad), (counts["rules"], []), "every rule can be read")
    bad = [e["id"] for e in evidence["evidence"] if s.get("/v1/evidence/" + e["id"])[0] != 200]
    tap.equal((len(evidence["evidence"]), bad), (counts["evidence"], []), "every source can be read")
    _, _, form = s.get("/v1/facts")
    facts = form["facts"]
    tap.ok([f["order"] for f in facts] == list(range(counts["facts"])), "the form has every fact in order")
    covered = {c for f in facts for c in f.get("covers", [])}
    tap.ok(all((f["id"] in covered) == ("covered_by" in f) for f in facts), "umbrellas and what they cover agree")
    tap.ok(all(f.get("clearance_only") or f["question"] for f in facts), "whatever is asked has a question")
    asked = [json.loads(f["ask_if"]) for f in facts if "ask_if" in f]
    tap.equal(len(asked), 2, "conditions of questions are JsonLogic in a string")
    tap.equal(s.get("/health/live")[2], {"status": "live"}, "alive")
    ready = s.get("/health/ready")
    tap.equal((ready[0], ready[2]["status"], ready[2]["database"]), (200, "ready", "none"), "ready without a database")


WORDS = {"name", "label", "text", "message", "note", "action", "rationale", "title", "intent", "only_if", "replan_message",
         "expected_change", "if_improving", "if_unchanged", "if_worse", "no_course_reason"}
LINES = {"advice", "stop_if", "self_care", "co_care"}


def shape(value, member=None):
    """The answer without its texts: how many lines each list has, but not what they say."""
    if isinstance(value, dict):
        return {k: shape(v, k) for k, v in value.items() if k not in ("language", "translation_review")}
    if isinstance(value, list):
        return len(value) if member in LINES else [shape(v) for v in value]
    return "a text" if member in WORDS else value


def differing(one, other, found):
    """The members whose texts differ."""
    if isinstance(one, dict):
        for k, v in one.items():
            if k in WORDS | LINES and v != other.get(k):
                found.add(k)
            differing(v, other.get(k), found)
    elif isinstance(one, list):
        for a, b in zip(one, other):
            differing(a, b, found)
    return found


def languages(s):
    _, _, catalogue = s.get("/v1/catalogue")
    tap.equal(catalogue["languages"], ["en"] + [t["language"] for t in catalogue["translations"]],
              "the catalogue names its languages")
    whole = [t["language"] for t in catalogue["translations"] if t["texts"] >= 0.9 * t["texts_in_all"]]
    tap.ok({"ko", "vi", "es"} <= set(whole), "these are translated, but perhaps for the latest texts", catalogue["translations"])
    tap.ok(all(t["review"]["status"] == "draft" for t in catalogue["translations"]), "and are drafts",
           catalogue["translations"])
    requests = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", "11", "--count", "300"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.splitlines()
    wrong, found = [], {language: set() for language in whole}
    for i, line in enumerate(requests):
        plain = s.post(line)
        for language in whole + ["de"]:
            code, fields, body = s.post(line, Accept_Language=f"{language}-XX, en;q=0.1")
            if code != 200 or fields.get("content-language") != language or body.get("language") != language:
                wrong.append(f"request {i} in {language}: {code} {fields}")
            elif shape(body) != shape(plain[2]):
                wrong.append(f"request {i} in {language}: another decision")
            if language in found:
                differing(plain[2], body, found[language])
    tap.ok(not wrong, f"{len(requests)} random requests are decided the same in every language", *wrong[:5])
    for language, members in found.items():
        tap.equal(sorted((WORDS | LINES) - members), ["note", "rationale"], f"{language}: every text for clients differs")
    for path in ("/v1/facts", "/v1/techniques", "/v1/rules", "/v1/rules/em_chest_pain"):
        plain, korean = s.get(path), s.get(path, Accept_Language="ko")
        tap.ok(korean[1]["content-language"] == "ko" and plain[1]["content-language"] == "en" and
               korean[1]["etag"] == plain[1]["etag"][:-1] + '-ko"' and korean[2] != plain[2] and
               shape_of_resource(korean[2]) == shape_of_resource(plain[2]), f"{path} in Korean: other texts and another tag",
               korean[1])
        code, fields, body = s.request("HEAD", path, headers={"Accept-Language": "ko"})
        tap.equal((code, fields["content-language"], fields["vary"], fields["etag"], body),
                  (200, "ko", "Accept, Accept-Language", korean[1]["etag"], b""), f"{path} in Korean: HEAD")
    for accept in ("xx", "*;q=0", "ko;q=0", "ko_KR", "ko;q=7", "ko-KR;q=abc, ko", "\"", ";"):
        code, fields, body = s.post(CLEAN, Accept_Language=accept)
        tap.equal((code, fields.get("content-language"), "language" in body), (200, "en", False),
                  f"Accept-Language: {accept} gets English")
    answer = s.raw(b"GET /v1/rules/em_chest_pain HTTP/1.1\r\nHost: x\r\nAccept-Language: xx\r\nAccept-Language: ko\r\n"
                   b"Connection: close\r\n\r\n").decode()
    tap.contains(answer, "Content-Language: ko", "the field may stand twice")


def shape_of_resource(value):
    if isinstance(value, dict):
        return {k: shape_of_resource(v) for k, v in value.items()
                if k not in WORDS | {"question", "answer_meaning", "summary"}}
    return [shape_of_resource(v) for v in value] if isinstance(value, list) else value


def log_is_clean(s):
    marker = "marker-in-a-request"
    s.post(dict(CLEAN, subject={"age_years": 30, "ref": marker}))
    s.post({"subject": {"age_years": 30, "ref": marker, marker: 1}, "goals": [marker]})
    s.get("/v1/rules/" + marker)
    s.raw(b"POST /v1/screenings HTTP/1.1\r\n" + marker.encode() + b"\r\n\r\n")
    text = s.log_text()
    tap.ok(marker not in text and all(json.loads(line) for line in text.splitlines()),
           "the log is JSON and holds nothing of a request", text)


with Server(binary, log_level="debug") as server:
    for part in (screening, bad_bodies, faulty_requests, sizes, protocol, forms, resources, languages, log_is_clean):
        part(server)
    tap.equal(server.stop(), 0, "SIGTERM ends it cleanly")
if os.path.getsize("/proc/net/if_inet6") or open("/proc/net/if_inet6").read():  # this machine has IPv6
    with Server(binary, listen="::1") as server:
        tap.equal(server.get("/health/live")[0], 200, "it listens on IPv6")
tap.done()
