"""What is said to allow a technique does (S19): on random requests every set of `would_allow` is applied and judged
again, and again without each of its members; `earliest_date` is judged on that day and the day before; where nothing
is said to help, everything at once does not.

Usage: would_allow_test.py JUDGE [SEED COUNT]"""
import copy
import datetime
import json
import os
import re
import subprocess
import sys

from support import CATALOGUE, GENERATE, Tap, binary_argument

tap = Tap()
judge = binary_argument()
seed, count = (int(a) for a in (sys.argv[2:4] or (1, 1500)))
LISTS = ("conditions", "medications", "procedures", "injuries")


def judged(requests):
    said = "".join(json.dumps(r) + "\n" for r in requests)
    run = subprocess.run([judge, CATALOGUE], input=said, check=True, text=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]


def load(folder):
    for name in sorted(os.listdir(os.path.join(CATALOGUE, folder))):
        with open(os.path.join(CATALOGUE, folder, name)) as f:
            yield from json.load(f)[folder]


facts = {f["id"]: f for f in load("facts")}
codes = {}  # system -> prefix -> facts
for fact in facts.values():
    for system, prefixes in fact.get("codes", {}).items():
        for prefix in prefixes:
            codes.setdefault(system, {}).setdefault(prefix.replace(".", ""), []).append(fact["id"])


def above(fact):
    """The fact and all that are present when it is."""
    found, todo = set(), [fact]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += facts[one].get("implies", [])
            todo += [f["id"] for f in facts.values() if one in f.get("covers", [])]
    return found


def facts_of(finding):
    if "id" in finding:
        return [finding["id"]]
    code = re.sub(r"[^A-Z0-9]", "", finding["code"].upper())
    known = codes.get(finding["system"], {})
    return next((known[code[:n]] for n in range(len(code), 0, -1) if code[:n] in known), [])


def findings(request):
    yield from request.get("symptoms", [])
    for name in LISTS:
        yield from request.get("history", {}).get(name, [])


def value_of(answer):
    attribute, text = answer["attribute"], answer["answer"]
    if attribute == "controlled":
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def answer_attribute(request, answer):
    fact, attribute = answer["fact"], answer["attribute"]
    given = False
    for finding in findings(request):
        if finding.get("state", "present") != "present" or attribute in finding:
            continue
        if attribute == "date" and "since" in finding:
            continue
        if any(fact in above(n) and attribute in facts[n].get("attributes", []) for n in facts_of(finding)):
            finding[attribute] = value_of(answer)
            given = True
    if not given:
        request.setdefault("symptoms", []).append({"id": fact, attribute: value_of(answer)})


def without(finding, fact):
    """What is left of an unknown finding once one of its facts is answered: the others that its code names."""
    named = facts_of(finding)
    if finding.get("state") != "unknown" or fact not in named:
        return [finding]
    return [{"id": other, "state": "unknown"} for other in named if other != fact]


def apply(request, clearances, answers, date):
    changed = copy.deepcopy(request)
    if date:
        changed["as_of"] = date
    for a in answers:
        if a.get("attribute"):
            answer_attribute(changed, a)
    for a in answers:
        if a.get("attribute"):
            continue
        if a["fact"] == "sex":
            changed["subject"]["sex"] = a["answer"]
        elif a["fact"] == "pain_max":
            for complaint in changed["complaints"]:
                complaint.setdefault("pain", int(a["answer"]))
        else:
            for where, name in [(changed, "symptoms")] + [(changed.get("history", {}), n) for n in LISTS]:
                if name in where:
                    where[name] = [left for f in where[name] for left in without(f, a["fact"])]
            changed.setdefault("symptoms", []).append({"id": a["fact"], "state": a["answer"]})
    for c in clearances:
        changed.setdefault("clearances", []).append({"for": c["for"], "by": c["by"], "date": changed["as_of"]})
    return changed


def all_changed(request, answer):
    """Every clearance that a warning could be lifted by, and every question of a fact answered with no."""
    clearances = [{"for": f, "by": w["clearable_by"]} for w in answer["warnings"] if w.get("clearable_by")
                  for f in w["clearance_for"]]
    answers = [{"fact": q["fact"], "answer": "absent"} for q in answer["questions"]
               if q["fact"] in facts and not q.get("attribute")]
    return apply(request, clearances, answers, None)


def day_before(date):
    return (datetime.date.fromisoformat(date) - datetime.timedelta(days=1)).isoformat()


generated = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", str(seed), "--count", str(count)], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
requests = [json.loads(line) for line in generated.splitlines()]
trials = []  # (what, request, technique, should be allowed, of which request, set)
blocked = stuck = cut = 0
for request, answer in zip(requests, judged(requests)):
    request.setdefault("as_of", answer.get("as_of"))
    for technique in answer.get("techniques", []):
        if technique["verdict"] not in ("needs_answers", "clearance_required", "not_allowed") or \
                technique.get("not_offered"):
            continue
        blocked += 1
        code, sets = technique["code"], technique["would_allow"]
        cut += technique.get("more_would_allow", False)
        if not sets:
            stuck += 1
            if not technique.get("more_would_allow"):
                trials.append(("nothing is missed", all_changed(request, answer), code, False, request, None))
            if not technique.get("cannot_change") and not technique.get("more_would_allow"):
                trials.append(("says nothing", request, code, None, request, None))
        for s in sets:
            c, a, d = s.get("clearances", []), s.get("answers", []), s.get("date")
            trials.append(("a set works", apply(request, c, a, d), code, True, request, s))
            for i in range(len(c)):
                trials.append(("a set is smallest", apply(request, c[:i] + c[i + 1:], a, d), code, False, request, s))
            for i in range(len(a) if len(a) < 8 else 0):
                trials.append(("a set is smallest", apply(request, c, a[:i] + a[i + 1:], d), code, False, request, s))
            if d and (c or a):
                trials.append(("a set is smallest", apply(request, c, a, None), code, False, request, s))
        if "earliest_date" in technique:
            date = technique["earliest_date"]
            trials.append(("earliest_date", apply(request, [], [], date), code, True, request, date))
            trials.append(("the day before", apply(request, [], [], day_before(date)), code, False, request, date))

unique = {}
for t in trials:
    unique.setdefault(json.dumps(t[1], sort_keys=True), t[1])
answers = dict(zip(unique, judged(list(unique.values()))))
names = ("a set works", "a set is smallest", "earliest_date", "the day before", "nothing is missed", "says nothing")
tried, wrong = dict.fromkeys(names, 0), {name: [] for name in names}
for what, changed, code, expected, request, s in trials:
    tried[what] += 1
    answer = answers[json.dumps(changed, sort_keys=True)]
    verdict = next((t["verdict"] for t in answer.get("techniques", []) if t["code"] == code), str(answer))
    if expected is None or (verdict in ("allowed", "modified")) != expected:
        wrong[what].append((code, s, verdict, request))
for name in names:
    tap.ok(not wrong[name], f"{name}: {len(wrong[name])} of {tried[name]} are wrong",
           *(json.dumps(w) for w in sorted(wrong[name], key=lambda w: len(json.dumps(w[3])))[:3]))
print(f"# {blocked} techniques blocked, {stuck} by what cannot change, {cut} with more sets than are listed")
tap.ok(min(tried[n] for n in names[:5]) > count // 20, "there was enough to try", tried)
tap.done()
