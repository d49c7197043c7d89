"""Does the OpenAPI document break clients that were made from the released one (api/released/openapi.yaml)?

changes_test.py OASDIFF: compares the two, then changes of each kind with the document itself, to see that the comparison
finds those that break and lets the others pass."""
import copy
import os
import subprocess
import sys
import tempfile

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "it"))
from support import Tap  # noqa: E402

DOCUMENT = os.path.join(ROOT, "api", "openapi.yaml")
RELEASED = os.path.join(ROOT, "api", "released", "openapi.yaml")
tap = Tap()


def breaks(base, revision):
    """What oasdiff has against the revision; nothing when no client breaks."""
    r = subprocess.run([sys.argv[1], "breaking", base, revision, "--fail-on", "WARN", "--color", "never"], text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if r.returncode not in (0, 1):
        raise SystemExit(f"oasdiff: {r}")
    return r.stdout if r.returncode else ""


def schema(doc, name):
    return doc["components"]["schemas"][name]


def remove(node, *path):
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]


# what it does to the document, and what breaks
BREAKING = {
    "an operation is gone": lambda d: remove(d, "paths", "/v1/overlay", "delete"),
    "a path is gone": lambda d: remove(d, "paths", "/v1/rules/{id}"),
    "an answer is gone": lambda d: remove(d, "paths", "/v1/screenings", "post", "responses", "200"),
    "a member of an answer is gone": lambda d: remove(schema(d, "Screening"), "properties", "booking"),
    "a member of an answer may be missing": lambda d: schema(d, "Screening")["required"].remove("booking"),
    "a member of an answer has another type": lambda d: schema(d, "Screening")["properties"]["complete"].update(type="string"),
    "a member of a request is demanded": lambda d: schema(d, "Subject")["required"].append("sex"),
    "a member of a request is gone": lambda d: remove(schema(d, "Subject"), "properties", "sex"),
    "a word of a request is gone": lambda d: schema(d, "Subject")["properties"]["sex"]["enum"].remove("other"),
    "a bound of a request is tighter": lambda d: schema(d, "Subject")["properties"]["age_years"].update(maximum=99),
    "a field of a request is demanded": lambda d: d["components"]["parameters"]["IdempotencyKey"].update(required=True),
    "a field of an answer is gone": lambda d: remove(d, "paths", "/v1/rules", "get", "responses", "200", "headers", "ETag"),
}
HARMLESS = {
    "nothing": lambda d: None,
    "a member more in an answer": lambda d: schema(d, "Screening")["properties"].update(more={"type": "string"}),
    "a member more that a request may have": lambda d: schema(d, "Subject")["properties"].update(more={"type": "string"}),
    "a word more that a request may have": lambda d: schema(d, "Subject")["properties"]["sex"]["enum"].append("more"),
    "an example more of a code": lambda d: schema(d, "Screening")["properties"]["booking"]["examples"].append("more"),
    "a path more": lambda d: d["paths"].update({"/v1/more": copy.deepcopy(d["paths"]["/health/live"])}),
    "other words": lambda d: d["info"].update(description="Shorter."),
}

found = breaks(RELEASED, DOCUMENT)
tap.ok(not found, "clients of the released document go on working", found)
with open(DOCUMENT) as f:
    document = yaml.safe_load(f)
with tempfile.TemporaryDirectory() as folder:
    revision = os.path.join(folder, "openapi.yaml")
    for changes, breaking in ((BREAKING, True), (HARMLESS, False)):
        for name, change in changes.items():
            changed = copy.deepcopy(document)
            change(changed)
            with open(revision, "w") as f:
                yaml.safe_dump(changed, f)
            found = breaks(DOCUMENT, revision)
            tap.equal(bool(found), breaking, f"{name}: {'found' if breaking else 'let pass'}")
tap.done()
