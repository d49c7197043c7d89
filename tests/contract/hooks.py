"""What a schema cannot say of a request: names that the catalogue has, days that are not in the future, members that go
together. Of the requests that Schemathesis means to be valid these make ones that must be accepted; those that it means
to be invalid are sent as they are."""
import itertools
import json
import pathlib
import re
import subprocess

import schemathesis

ROOT = pathlib.Path(__file__).resolve().parents[2]
TODAY = "2026-11-20"


def items(kind):
    return [item for path in sorted((ROOT / "sql/catalogue" / kind).glob("*.json")) for item in json.loads(path.read_text())[kind]]


FACTS = [fact["id"] for fact in items("facts") if fact["kind"] != "derived"]
TECHNIQUES = [technique["code"] for technique in items("techniques")]
SYSTEMS = ["icd-10-cm", "atc"]
CATALOGUE = json.loads(subprocess.run(["/usr/bin/python3", ROOT / "tests/it/catalogue_doc.py"], check=True, stdout=subprocess.PIPE).stdout)

ACCEPTED = [a for a in json.loads((ROOT / "sql/catalogue/accepted.json").read_text())["accepted"] if "item" in a]
OVERLAY = {
    "overlay": {"name": "seoul", "version": "3", "title": "Rules of our clinic", "who": "N. N., physiotherapist"},
    "rules": [{"id": "x_thai_over_70", "when": {">": [{"var": "age_years"}, 70]}, "target": {"==": [{"var": "code"}, "thai"]},
               "effect": "not_allowed", "severity": "absolute", "regions": "systemic", "message": "Not over 70.",
               "note": "House rule.", "action": "Offer another technique.", "rationale": "Decided after two falls.",
               "evidence": ["x_protocol"], "certainty": "expert"}],
    "evidence": [{"id": "x_protocol", "design": "protocol", "title": "House protocol 7", "finding": "Falls in older clients.",
                  "certainty": "expert", "verified": "read"}]}
numbers = itertools.count()


def one_of(names, drawn):
    """The name that stands for what was drawn: the same for the same, and all of them in the end."""
    return names[sum(map(ord, str(drawn))) % len(names)]


def finding(f, as_of):
    if "id" in f or not ("system" in f or "code" in f):
        f["id"] = one_of(FACTS, f.get("id", ""))
        f.pop("system", None)
        f.pop("code", None)
    else:
        f["system"] = one_of(SYSTEMS, f.get("system", ""))
        f.setdefault("code", "E11.40")
    for day in ("date", "since"):
        if day in f:
            f[day] = min(f[day], as_of)


def intake(body):
    as_of = body.get("as_of", TODAY)
    if not body.get("complaints") and not body.get("goals"):
        body["goals"] = ["sleep"]
    left = 500  # in all
    for lists in (body, body.get("history", {})):
        for kind in ("symptoms", "conditions", "medications", "procedures", "injuries"):
            if kind in lists:
                lists[kind] = lists[kind][:left]
                left -= len(lists[kind])
                for f in lists[kind]:
                    finding(f, as_of)
    for clearance in body.get("clearances", []):
        clearance["for"] = one_of(FACTS, clearance["for"])
    wishes = body.get("preferences", {})
    if "techniques" in wishes:
        wishes["techniques"] = [one_of(TECHNIQUES, t) for t in wishes["techniques"]]
    for session in body.get("progress", []):
        if "technique" in session:
            session["technique"] = one_of(TECHNIQUES, session["technique"])


def step(body):
    if body["step"] == "activate":
        body.setdefault("for", "own_clinic")
    else:
        body.pop("for", None)
    if body["step"] != "check":
        body.pop("accepted", None)
    elif "accepted" in body:
        body["accepted"] = [one_of(ACCEPTED, a) for a in body["accepted"][:100]]  # 64 KiB


def tag(headers):
    """What the service never gave as a tag is none that was read."""
    if "If-Match" in headers and not re.fullmatch(r'"(\d+-\d+|[0-9a-f]{64})"', headers["If-Match"]):
        headers["If-Match"] = "*"


def own_overlay(headers):
    """An overlay takes the place of the one that was read, or there was none."""
    tag(headers)
    if "If-Match" not in headers:
        headers["If-None-Match"] = "*"
    else:
        headers.pop("If-None-Match", None)


def fresh(key):
    """Not the key of another request of this run."""
    key = key.strip('"')[:200]
    return f'"{next(numbers)} {key}"' if " " in key else f"{next(numbers)}{key}"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    name = case.operation.definition.raw["operationId"]
    if name == "screen":
        intake(case.body)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = fresh(case.headers["Idempotency-Key"])
    elif name == "changeStoredCatalogue":
        step(case.body)
        tag(case.headers)
    elif name == "storeCatalogue":
        case.body = dict(CATALOGUE, version=f"2026.12.{next(numbers) % 5}")
    elif name == "putOverlay":
        case.body = dict(OVERLAY, overlay=dict(OVERLAY["overlay"], version=str(next(numbers) % 5)))
        own_overlay(case.headers)
    elif name == "deleteOverlay":
        tag(case.headers)
