"""palpate catalogue impact, and --overlay: what a draft or a clinic's own rules change, as people and pipelines see it."""
import copy
import json
import os
import re
import subprocess
import tempfile

from support import AS_OF, CATALOGUE, CLEAN, GENERATE, Postgres, Tap, binary_argument, edit_json, edited_copy, run

tap = Tap()
binary = binary_argument()
folder = tempfile.mkdtemp(prefix="palpate-impact-")

OSTEOPOROSIS = {"subject": {"age_years": 61, "sex": "female", "ref": "secret-ref-4711"}, "goals": ["sleep"],
                "history": {"conditions": [{"id": "osteoporosis"}]}, "unlisted": "absent", "as_of": AS_OF}


def file(name, content):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(content if isinstance(content, str) else json.dumps(content))
    return path


def weaker(folder):
    def edit(j):
        for rule in j["rules"]:
            if rule["id"] == "osteo_deep":
                rule["effect"] = "modified"
                for member in ("disposition", "clearable_by", "clearance_for", "cleared_effect"):
                    rule.pop(member, None)
    edit_json(folder, "rules/12-bone.json", edit)


def stricter(folder):
    edit_json(folder, "rules/12-bone.json", lambda j: j["rules"].append({
        "id": "osteo_thai", "when": {"var": "osteoporosis"}, "target": {"==": [{"var": "code"}, "swedish"]},
        "effect": "not_allowed", "severity": "absolute", "regions": "systemic", "message": "No.", "note": "n",
        "action": "a", "rationale": "r", "evidence": ["ev_nice_cg95"], "certainty": "expert"}))


def impact(*args, **settings):
    return run(binary, "catalogue", "impact", *args, **settings)


def drafts():
    r = impact(CATALOGUE, "--generate", "40", "--json")
    same = json.loads(r.stdout)
    tap.ok(r.returncode == 0 and same["changes"] == [] and not same["milder"] and same["generated"]["judged"] == 40,
           "the catalogue against itself: nothing differs", r)
    draft = edited_copy(weaker)
    r = impact(draft, "--json")
    found = json.loads(r.stdout)
    changes = found["changes"]
    tap.ok(r.returncode == 1 and found["milder"] and found["generated"]["milder"] > 20,
           "something gets milder: status 1", found["generated"])
    tap.equal([c["direction"] for c in changes], sorted((c["direction"] for c in changes),
              key=["milder", "graver", "other"].index), "milder stands first")
    tap.ok({c["rule"] for c in changes if c["direction"] == "milder"} == {"osteo_deep"} and
           all(c["rule_is"] == "changed" for c in changes if c.get("rule") == "osteo_deep"),
           "and the rule that was changed is named", {c.get("rule") for c in changes})
    tap.ok(found["generated"]["judged"] > 2000 and "unmet" not in found, "every rule was met")
    verdicts = [c for c in changes if c["aspect"] == "verdict" and c["technique"] == "deep_tissue"]
    shown = 0
    for c in verdicts:
        before = json.loads(run(binary, "screen", stdin=json.dumps(c["example"])).stdout)
        after = json.loads(run(binary, "screen", stdin=json.dumps(c["example"]), catalogue=draft).stdout)
        pair = [next(t["verdict"] for t in a["techniques"] if t["code"] == "deep_tissue") for a in (before, after)]
        shown += pair == [c["from"], c["to"]]
    tap.ok(verdicts and shown == len(verdicts), f"each of {len(verdicts)} examples shows what it is for", verdicts)
    r = impact(draft)
    head = r.stdout.index("What gets milder")
    tap.ok(r.returncode == 1 and head < r.stdout.index("osteo_deep (changed by the draft)")
           < r.stdout.index("What gets graver") < r.stdout.index("What else differs"), "the page begins with what gets milder", r)
    tap.contains(r.stdout, "needs a clearance -> allowed with changes (deep_tissue ", "in words")
    prose = [line for line in r.stdout.splitlines() if not line.startswith("  {")]
    tap.ok(max(map(len, prose)) <= 80, "nothing but an example is wider than 80 columns")
    r = impact(CATALOGUE, "--against", draft, "--generate", "400")
    tap.ok(r.returncode == 0 and "What gets milder\n----------------\nNothing." in r.stdout,
           "the other way round it gets graver: status 0", r)
    r = impact(edited_copy(stricter), "--json")
    found = json.loads(r.stdout)
    tap.ok(r.returncode == 0 and found["generated"]["graver"] > 0 and
           {(c["rule"], c["rule_is"]) for c in found["changes"] if c["direction"] == "graver"} == {("osteo_thai", "new")},
           "a further rule: graver only, and its own", r.stdout[:500])
    tap.equal(impact(draft, "--generate", "100", "--seed", "5").stdout,
              impact(draft, "--generate", "100", "--seed", "5").stdout, "the same seed gives the same page")


def kept():
    draft = edited_copy(weaker)
    lines = [json.dumps(CLEAN), "", json.dumps(OSTEOPOROSIS),
             json.dumps({"id": "0198c2f0-0000-7000-8000-000000000001", "as_of": AS_OF, "request":
                         {k: v for k, v in OSTEOPOROSIS.items() if k != "as_of"}}),
             json.dumps({"subject": {}, "goals": ["sleep"]})]
    path = file("kept.jsonl", "\n".join(lines) + "\n")
    r = impact(draft, "--requests", path, "--generate", "0", "--json")
    found = json.loads(r.stdout)
    milder = [c for c in found["changes"] if c["direction"] == "milder"]
    tap.ok(r.returncode == 1 and found["kept"] == {"judged": 3, "refused": 1, "milder": 2, "graver": 0, "other": 0} and
           found["generated"]["judged"] == 0, "kept requests are judged and counted", found)
    tap.ok(milder and all(c["records"] == ["line 3", "0198c2f0-0000-7000-8000-000000000001"] and "example" not in c
                          for c in milder), "by line or id, without an example", milder[:2])
    r = impact(draft, "--requests", "-", "--generate", "0", stdin="\n".join(lines))
    text = " ".join(r.stdout.split())
    tap.ok(r.returncode == 1 and "2 of 3 kept ones" in text and "kept: line 3, 0198c2f0" in text and
           "1 of the kept ones cannot be judged" in text, "on the page too, from standard input", r)
    tap.ok("secret-ref-4711" not in r.stdout + r.stderr and '"subject"' not in r.stdout,
           "nothing that they say is shown", r.stdout)
    r = impact(draft, "--requests", "-", stdin=lines[0] + "\n{\"subject\": \"SECRET\n")
    tap.ok(r.returncode == 65 and "line 2" in r.stderr and "SECRET" not in r.stderr and not r.stdout,
           "a line that is no JSON is named", r)
    r = impact(draft, "--requests", "/nonexistent")
    tap.ok(r.returncode == 66 and "/nonexistent" in r.stderr, "no such file: status 66", r)
    for args in ((), (draft, "--generate", "x"), (draft, "--seed", "-1"), (draft, "--generate", "99999999999"), (draft, draft)):
        r = impact(*args)
        tap.ok(r.returncode == 64 and len(r.stderr.splitlines()) == 1, f"impact {' '.join(args[1:])}: wrong use", r)
    tap.equal(impact("/nonexistent").returncode, 66, "no such draft: status 66")
    broken = edited_copy(lambda d: edit_json(d, "rules/12-bone.json", lambda j: j["rules"][0].update(effect="maybe")))
    r = impact(broken)
    tap.ok(r.returncode == 1 and "/effect" in r.stderr and not r.stdout, "a draft with faults: every fault", r)


OVERLAY = {
    "overlay": {"name": "seoul", "version": "3", "title": "Rules of our clinic", "who": "N. N., physiotherapist"},
    "rules": [
        {"id": "x_thai_over_70", "when": {">": [{"var": "age_years"}, 70]}, "target": {"==": [{"var": "code"}, "thai"]},
         "effect": "not_allowed", "severity": "absolute", "regions": "systemic",
         "message": "We do not offer Thai massage to clients over 70.", "note": "House rule.",
         "action": "Offer another technique.", "rationale": "Decided after two falls.", "evidence": ["x_protocol"],
         "certainty": "expert"},
        {"id": "x_osteo", "when": {"var": "osteoporosis"}, "effect": "clearance_required",
         "disposition": "clearance_required", "severity": "clearance", "regions": "systemic", "if_unknown": "hold",
         "clearable_by": "physician", "clearance_for": ["osteoporosis"], "cleared_effect": "modified",
         "modifications": [{"kind": "max_pressure", "value": 1}], "message": "Please ask your doctor first.",
         "note": "n", "action": "a", "rationale": "r", "evidence": ["ev_nice_cg95"], "certainty": "expert"}],
    "evidence": [{"id": "x_protocol", "design": "protocol", "title": "House protocol 7", "finding": "Falls.",
                  "certainty": "expert", "verified": "read"}],
}


def changed(edit):
    overlay = copy.deepcopy(OVERLAY)
    edit(overlay)
    return file("changed.json", overlay)


def overlays():
    path = file("overlay.json", OVERLAY)
    r = run(binary, "catalogue", "check", "--strict", "--overlay", path)
    tap.ok(r.returncode == 0 and "+seoul.3: " in r.stdout and "no faults" in r.stdout, "an overlay is checked, and reviewed with the rest", r)
    digest = re.search(r"^[0-9a-f]{64}$", r.stdout, re.M).group(0)
    tap.equal(re.search(r"^[0-9a-f]{64}$", run(binary, "catalogue", "check", "--overlay", path, catalogue=CATALOGUE).stdout,
                        re.M).group(0), digest, "its digest is that of both, wherever they come from")
    plain = json.loads(run(binary, "screen", stdin=json.dumps(OSTEOPOROSIS)).stdout)
    answer = json.loads(run(binary, "screen", "--overlay", path, stdin=json.dumps(OSTEOPOROSIS)).stdout)
    tap.ok(plain["disposition"] == "proceed_modified" and answer["disposition"] == "clearance_required" and
           answer["booking"] == "hold" and answer["catalogue"]["digest"] == digest and
           answer["catalogue"]["version"].endswith("+seoul.3"), "screen judges with it", answer["catalogue"])
    tap.ok([w["code"] for w in answer["warnings"] if w["code"].startswith("x_")] == ["x_osteo"], "and its rule warns")
    r = run(binary, "explain", "--overlay", path, stdin=json.dumps(OSTEOPOROSIS))
    tap.ok(r.returncode == 0 and "Please ask your doctor first." in r.stdout, "explain too", r)
    r = run(binary, "catalogue", "show", "--rule", "x_thai_over_70", "--overlay", path)
    tap.ok(r.returncode == 0 and "more than 70 years" in r.stdout and "House protocol 7" in r.stdout, "a rule of it in words", r)
    r = impact("--overlay", path, "--json")
    found = json.loads(r.stdout)
    tap.ok(r.returncode == 0 and not found["milder"] and found["generated"]["graver"] > 50 and
           {c.get("rule") for c in found["changes"] if c["direction"] == "graver"} == {"x_osteo", "x_thai_over_70"},
           "its impact: graver only, by its rules", found["generated"])
    r = impact(edited_copy(weaker), "--overlay", path, "--generate", "300")
    tap.ok("+seoul.3" in r.stdout.splitlines()[0] and "+seoul.3" in r.stdout.splitlines()[1],
           "beside a draft it is on both", r.stdout[:300])


def refusals():
    rows = [
        ("a rule of the catalogue", lambda o: o["rules"][1].update(id="osteo_deep"), "osteo_deep /id: ", True),
        ("no prefix", lambda o: o["rules"][0].update(id="no_thai"), "no_thai /id: ", False),
        ("a fact", lambda o: o.update(facts=[]), "/facts: ", False),
        ("an adjustment", lambda o: o.update(adjustments=[]), "/adjustments: ", False),
        ("a text of the catalogue", lambda o: o.update(texts={"ko": {}}), "/texts: ", False),
        ("an unknown position", lambda o: o["rules"][1]["modifications"].append({"kind": "position", "value": "prone"}),
         "x_osteo /modifications/1/value: ", False),
        ("a clearance for more", lambda o: o["rules"][1].update(clearance_for=["severe_pain"]), "x_osteo /clearance_for/0: ", False),
        ("no head", lambda o: o.pop("overlay"), "/overlay: ", False),
        ("a condition on nothing", lambda o: o["rules"][0].update(when={"var": "nothing"}), "x_thai_over_70 /when", False),
    ]
    for name, edit, fault, example in rows:
        for command in (("catalogue", "check"), ("screen",)):
            r = run(binary, *command, "--overlay", changed(edit), stdin=json.dumps(OSTEOPOROSIS))
            tap.ok(r.returncode == 1 and any(line.startswith(fault) for line in r.stderr.splitlines()) and not r.stdout
                   and ("more mildly" in r.stderr) >= example, f"{' '.join(command)}: {name} is refused, and named", r)
    r = run(binary, "catalogue", "check", "--overlay", changed(rows[0][1]))
    request = next(line for line in r.stderr.splitlines() if line.startswith("{"))
    subject = re.search(r"more mildly \((\w+), (\w+): (\w+), not (\w+)\)", r.stderr)
    answer = json.loads(run(binary, "screen", stdin=request).stdout)
    verdict = next(t["verdict"] for t in answer["techniques"] if t["code"] == subject.group(1))
    tap.ok(subject.group(2) == "verdict" and verdict == subject.group(4) and len(request) < 400,
           "the example is judged as it says, and short", r.stderr)
    r = run(binary, "screen", "--overlay", file("no.json", "{"), stdin=json.dumps(CLEAN))
    tap.equal(r.returncode, 65, "no JSON: status 65")
    r = run(binary, "screen", "--overlay", file("big.json", " " * (1024 * 1024 + 1)), stdin=json.dumps(CLEAN))
    tap.ok(r.returncode == 65 and "larger" in r.stderr, "too large: status 65", r)
    tap.equal(run(binary, "screen", "--overlay", "/nonexistent").returncode, 66, "no such file: status 66")
    tap.equal(run(binary, "serve", "--overlay", "x").returncode, 64, "serve takes none")


def generated_requests_agree():
    """What the impact says of made requests is what two runs of screen say."""
    path = file("overlay.json", OVERLAY)
    made = subprocess.run([GENERATE, "--seed", "11", "--count", "30"], capture_output=True, text=True, check=True).stdout
    kept_file = file("made.jsonl", made)
    found = json.loads(impact("--overlay", path, "--requests", kept_file, "--generate", "0", "--json").stdout)
    graver = 0
    for line in made.splitlines():
        a, b = (json.loads(run(binary, "screen", *args, stdin=line).stdout) for args in ((), ("--overlay", path)))
        before = {t["code"]: t["verdict"] for t in a["techniques"]}
        graver += any(before[t["code"]] != t["verdict"] for t in b["techniques"])
    names = {n for c in found["changes"] if c["aspect"] == "verdict" for n in c["records"]}
    tap.ok(found["kept"]["judged"] == 30 and found["kept"]["graver"] >= graver and (graver > 0) == bool(names),
           f"{graver} of 30 change, by screen and by impact", found["kept"])


def versions():
    pg = Postgres()
    try:
        database = pg.fresh_database()
        tap.ok(run(binary, "migrate", database=database).returncode == 0 and
               run(binary, "catalogue", "load", database=database, catalogue=CATALOGUE).returncode == 0,
               "a database with a catalogue")
        r = impact("1", "--generate", "20", database=database)
        tap.ok(r.returncode == 0 and "20 made requests" in r.stdout, "a version is compared with the one in force", r)
        r = impact(edited_copy(weaker), "--against", "1", "--generate", "1500", database=database)
        tap.ok(r.returncode == 1 and "osteo_deep (changed" in r.stdout, "a folder with a version", r)
        r = impact("77", database=database)
        tap.ok(r.returncode == 66 and "77" in r.stderr, "a version that is not there", r)
    finally:
        pg.close()


drafts()
kept()
overlays()
refusals()
generated_requests_agree()
versions()
tap.done()
