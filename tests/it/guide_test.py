"""The integrator's guide does what it says: its examples are pasted into a shell one after the other, and what they print is what
stands below them. Then the packs: forms of other systems, what unticked means, and forms that do not fit."""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from support import ROOT, Postgres, Server, Tap, api_key, binary_argument, run

tap = Tap()
binary = binary_argument()
sys.path.insert(0, os.path.join(ROOT, "api", "mapping"))
import map as mapping  # noqa: E402


def load(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return json.load(f)


def examples(server, key):
    """Where the guide says what is printed, in a folder that looks like a clone of the repository."""
    with open(os.path.join(ROOT, "api", "README.md"), encoding="utf-8") as f:
        blocks = re.findall(r"```sh\n(.*?)```\n(?:```\n(.*?)```\n)?", f.read(), re.S)
    folder = tempfile.mkdtemp(prefix="palpate-guide-")
    try:
        for name in ("api", "tests"):
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
        for script, wanted in blocks:
            first = script.strip().splitlines()[0][:60]
            r = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, timeout=60, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=dict(os.environ, PALPATE_URL=f"http://{server.host}:{server.port}", PALPATE_KEY=key))
            tap.ok(r.returncode == 0 and (r.stdout == wanted or not wanted), f"the guide's example: {first}", r, f"wanted {wanted!r}")
        tap.ok(len(blocks) > 7 and sum(bool(wanted) for _, wanted in blocks) > 6, f"{len(blocks)} of them")
    finally:
        shutil.rmtree(folder)


def mapped(system, change=lambda pack, form: None, base=None):
    pack, form = copy.deepcopy(PACKS[system]), copy.deepcopy(FORMS[system])
    change(pack, form)
    try:
        return mapping.map_form(pack, form, base or {"subject": {"age_years": 52}})
    except mapping.Misfit as why:
        return str(why)


def states(request):
    found = request.get("symptoms", []) + [f for group in request.get("history", {}).values() for f in group]
    return {f["id"]: f["state"] for f in found}


def question(form, begins):
    return next(q for s in form["content"]["sections"] for q in s["questions"] if q["name"].startswith(begins))


def tick(form, begins, *boxes):
    for a in question(form, begins)["answers"]:
        a.pop("selected", None)
        if a["value"] in boxes:
            a["selected"] = True


def cliniko(server):
    request, for_a_person = mapped("cliniko")
    tap.equal(request["complaints"], [{"region": "shoulder", "side": "left", "pain": 4}, {"region": "lower_back", "pain": 4}],
              "cliniko: boxes and a number become complaints")
    tap.equal(request["goals"], ["pain_relief"], "cliniko: and a goal")
    tap.equal(states(request), {
        "fever": "absent", "headache": "present", "breathlessness": "absent", "saddle_numbness": "absent",
        "unilateral_limb_swelling": "absent", "osteoporosis": "absent", "diabetes": "absent", "hypertension": "absent",
        "cancer_active": "absent", "pregnancy": "absent", "anticoagulant": "unknown", "surgery_recent": "present"},
        "cliniko: unticked means what the pack says, box by box")
    tap.equal(request["history"]["procedures"][0]["date"], "2026-09-01", "cliniko: a date is the finding's")
    tap.ok(for_a_person == ["Anything else that we should know?"] and "marker" not in json.dumps(request),
           "cliniko: free text is for a person, and is not sent")
    tap.equal(server.post(request)[0], 200, "cliniko: the service takes it")
    request = mapped("cliniko", lambda _, form: tick(form, "Do you have any of these"))[0]
    tap.ok("osteoporosis" not in states(request), "cliniko: no box of a question that has \"none of these\": it is asked")
    request = mapped("cliniko", lambda _, form: tick(form, "Are you pregnant?"))[0]
    tap.ok("pregnancy" not in states(request), "cliniko: no choice: it is asked")
    for change, part, name in (
            (lambda _, form: form.update(completed_at=None), "has not been completed", "a form that is not finished"),
            (lambda _, form: tick(form, "Do you have any of these", "Diabetes", "None of these"), "ticked beside others", "none and some"),
            (lambda _, form: question(form, "Where")["answers"].append({"value": "Knee"}), 'no box "Knee"', "a new box"),
            (lambda _, form: question(form, "Where")["answers"].pop(), "has no box", "a box that is gone"),
            (lambda _, form: question(form, "Where").update(name="Where?"), 'know the question "Where?"', "another question"),
            (lambda pack, _: pack["items"].append({"question": "Shoe size", "number": "x/y"}), '"Shoe size"', "a question that is gone"),
            (lambda _, form: question(form, "How strong").update(answer="marker"), "no whole number", "a number that is none"),
            (lambda _, form: question(form, "How strong").update(answer="4.5"), "no whole number", "half a number"),
            (lambda _, form: question(form, "If you had").update(answer="marker"), "no date", "a date that is none")):
        said = mapped("cliniko", change)
        tap.ok(isinstance(said, str) and part in said and "marker" not in said, f"cliniko: refused with its place: {name}", said)
    all_ticked = mapped("cliniko", lambda _, form: tick(form, "Which", *(a["value"] for a in question(form, "Which")["answers"])))[0]
    tap.ok(states(all_ticked)["bladder_dysfunction_new"] == "present" and server.post(all_ticked)[2]["booking"] == "refuse",
           "cliniko: every symptom ticked is no booking")


def acuity(server):
    request, for_a_person = mapped("acuity", base={"subject": {"ref": "a-1"}})
    tap.equal(request["subject"], {"ref": "a-1", "age_years": 46}, "acuity: a number goes to what the system knew already")
    tap.equal(request["complaints"], [{"region": "shoulder", "side": "right", "pain": 6}, {"region": "lower_back", "pain": 6}],
              "acuity: boxes with commas of their own")
    tap.equal(states(request), {"pregnancy": "absent", "osteoporosis": "absent", "diabetes": "absent", "vte_history": "present",
                                "asthma": "present"}, "acuity: states; a lone box that is empty is asked")
    tap.equal((server.post(request)[0], for_a_person), (200, ["Medicines"]), "acuity: the service takes it")

    def answer(name, value):
        return lambda _, form: next(v for v in form["forms"][0]["values"] if v["name"].startswith(name)).update(value=value)
    tap.equal(states(mapped("acuity", answer("I have a fever", "yes"))[0])["fever"], "present", "acuity: a lone box that is ticked")
    for name, value in (("Conditions", "Osteoporosis, marker"), ("Are you", "marker"), ("Pain", "marker")):
        said = mapped("acuity", answer(name, value))
        tap.ok(isinstance(said, str) and name in said and "marker" not in said, f"acuity: refused without the answer: {name}", said)


def command():
    tool = os.path.join(ROOT, "api", "mapping", "map.py")
    pack, form = (os.path.join(ROOT, *p) for p in (("api", "mapping", "acuity.json"), ("tests", "it", "forms", "acuity.json")))
    r = run("/usr/bin/python3", tool, pack, form)
    tap.ok(r.returncode == 0 and json.loads(r.stdout)["goals"] == ["pain_relief", "sleep"] and "Medicines" in r.stderr and
           "marker" not in r.stderr, "the command prints the request", r)
    r = run("/usr/bin/python3", tool, pack, "-", stdin='{"forms": []}')
    tap.ok(r.returncode == 1 and not r.stdout and "does not have the question" in r.stderr, "or says why not", r)
    tap.equal(run("/usr/bin/python3", tool).returncode, 2, "or how it is called")


PACKS = {system: load("api", "mapping", f"{system}.json") for system in ("cliniko", "acuity")}
FORMS = {system: load("tests", "it", "forms", f"{system}.json") for system in PACKS}
pg = Postgres()
try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    run(binary, "catalogue", "load", database=database)
    secret = api_key(binary, database)
    with Server(binary, database=database, key=secret) as s:
        examples(s, secret)
        cliniko(s)
        acuity(s)
    command()
finally:
    pg.close()
tap.done()
