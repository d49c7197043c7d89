"""Random requests judged by the program and by the reference in tests/reference: every decision must agree."""
import json
import os
import subprocess
import sys
import tempfile

from support import CATALOGUE, GENERATE, ROOT, Tap, binary_argument

tap = Tap()
judge = binary_argument()  # reads one request a line, writes one answer a line
seed, count = (int(a) for a in (sys.argv[2:4] or (1, 3000)))
reference = os.path.join(ROOT, "tests", "reference")
reference_py = os.path.join(reference, "reference.py")
requests = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", str(seed), "--count", str(count)],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
lines = requests.splitlines()
half = (len(lines) + 1) // 2


def start(part):
    given, answers = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
    given.write("".join(line + "\n" for line in part))
    given.seek(0)
    return subprocess.Popen([sys.executable, reference_py, CATALOGUE], stdin=given,
                            stdout=answers), answers


def finish(worker):
    process, answers = worker
    if process.wait() != 0:
        raise SystemExit("the reference failed")
    answers.seek(0)
    return [json.loads(line) for line in answers]


workers = [start(lines[:half]), start(lines[half:])]  # both cores
ours = [json.loads(line) for line in subprocess.run([judge, CATALOGUE], input=requests, check=True, text=True,
                                                    stdout=subprocess.PIPE).stdout.splitlines()]
theirs = [answer for w in workers for answer in finish(w)]


def modifications(t):
    """Without sides: of several caps on one region's sides the lowest stands for the region."""
    capped, found = set(), []
    for m in sorted(t["modifications"], key=lambda m: (m["kind"], m["value"] if isinstance(m["value"], int) else 0)):
        m = {k: v for k, v in m.items() if k != "places"}
        if m["kind"] == "max_pressure" and "regions" in m:
            m["regions"] = [r for r in m["regions"] if r not in capped]
            capped.update(m["regions"])
            if not m["regions"]:
                continue
        found.append(json.dumps(m, sort_keys=True))
    return sorted(found)


def phases(course):
    names = ("name", "sessions", "per_week", "minutes", "pressure", "focus", "only_if")
    return [{k: p[k] for k in names if k in p} for p in course["phases"]]


def without_sides(value):
    if isinstance(value, dict):
        return {k: without_sides(v) for k, v in value.items() if k != "side"}
    return [without_sides(v) for v in value] if isinstance(value, list) else value


def questions_of(program, request):
    answer = subprocess.run([*program, CATALOGUE], input=json.dumps(request) + "\n", check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return [(q["fact"], q.get("attribute")) for q in json.loads(answer)["questions"]]


def finer(asked, wanted, i):
    """True where the program looks closer than the reference: at the sides of regions, and at several findings of one
    fact, which the reference reads one at a time and so asks more."""
    request = without_sides(json.loads(lines[i]))
    asked_now, wanted_now = (questions_of(p, request) for p in ([judge], [sys.executable, reference_py]))
    if asked_now == wanted_now:
        return True
    found = [f for part in (*request.get("history", {}).values(), request.get("symptoms", [])) for f in part]
    named = [f["id"] for f in found if "id" in f]
    several = len(set(named)) < len(found)  # twice the same, or a code, which may name what another names
    return several and set(asked_now) < set(wanted_now)


def differences(a, b, i):
    if "errors" in b or "disposition" not in a:
        return [("refused", a.get("errors"), b.get("errors"))] if ("errors" in b) == ("disposition" in a) else []
    found = [(k, a.get(k), b.get(k)) for k in ("disposition", "booking", "complete", "no_course_because") if a.get(k) != b.get(k)]

    def compare(what, x, y):
        if x != y:
            found.append((what, x, y))
    compare("order of techniques", [t["code"] for t in a["techniques"]], [t["code"] for t in b["techniques"]])
    mine = {t["code"]: t for t in a["techniques"]}
    for t in b["techniques"]:
        for k in ("verdict", "could_become", "because"):
            compare(f"{k} of {t['code']}", mine[t["code"]][k], t[k])
        compare(f"modifications of {t['code']}", modifications(mine[t["code"]]), modifications(t))
    compare("warnings", [w["code"] for w in a["warnings"]], [w["code"] for w in b["warnings"]])
    of = {w["code"]: w for w in b["warnings"]}
    partly = {c["for"] for c in json.loads(lines[i]).get("clearances", [])}
    for w in a["warnings"]:
        for k in ("severity", "cleared", "clearable_by") + (() if w.get("cleared") else ("scope", "regions")):
            compare(f"{k} of warning {w['code']}", w.get(k), of.get(w["code"], {}).get(k))
        if not partly:  # what is left of a rule that is cleared in part may be told in two ways
            compare(f"triggers of {w['code']}", w["triggered_by"], of.get(w["code"], {}).get("triggered_by"))
    asked = [(q["fact"], q.get("attribute")) for q in a["questions"]]
    wanted = [(q["fact"], q.get("attribute")) for q in b["questions"]]
    if any(q[1] == "date" for q in asked) and partly:
        # S9.4 asks the date of an undated finding first; the reference asks what follows from it at once
        compare("questions", set(asked) <= set(wanted), True)
    elif asked != wanted and not finer(asked, wanted, i):
        compare("questions", asked, wanted)
    x, y = a.get("course"), b.get("course")
    compare("course", bool(x), bool(y))
    if x and y:
        for k in ("id", "technique", "total_sessions", "weeks", "reassess_after_sessions", "replan"):
            compare(f"{k} of the course", x.get(k), y.get(k))
        compare("phases", phases(x), phases(y))
    for k in ("unrecognised", "outdated"):
        compare(k, sorted(map(json.dumps, a[k])), sorted(map(json.dumps, b.get(k, []))))
    return found


tap.equal(len(ours), len(theirs), f"seed {seed}: {count} requests judged by both")
wrong = 0
for i, (a, b) in enumerate(zip(ours, theirs)):
    found = differences(a, b, i)
    if found:
        wrong += 1
        if wrong <= 5:
            tap.ok(False, f"seed {seed}, request {i}", lines[i], *found)
tap.equal(wrong, 0, f"seed {seed}: no answer differs")
tap.done()
