"""Whole interviews with the real program: whoever answers the first question until none is left comes to an end, is
never asked the same thing twice, and never ends worse than the answers before said it could.

What a failure prints, the name of the case or the seed and the way of answering, is enough to replay it:
interview_test.py PALPATE NAME."""
import glob
import json
import os
import subprocess
import sys

from interviewer import Answers, Connection, Stuck, interview
from support import CATALOGUE, GENERATE, ROOT, Server, Tap, binary_argument

VERDICTS = ["allowed", "modified", "needs_answers", "clearance_required", "not_allowed"]
DISPOSITIONS = ["proceed", "proceed_modified", "needs_answers", "clearance_required", "do_not_treat", "refer_urgently",
                "emergency"]
RANDOM = 500
WAYS = {  # how clients answer
    "no": {"present": 0.0},
    "mostly no": {"present": 0.06, "attributes": 0.8},
    "often yes": {"present": 0.4, "attributes": 0.3},
    "unsure": {"present": 0.1, "unknown": 0.25},
    "of the past": {"present": 0.2, "attributes": 1.0, "outdated": 0.3},
}

tap = Tap()
binary = binary_argument()
only = sys.argv[2] if len(sys.argv) > 2 else None


class Worse(Exception):
    pass


class Watch:
    """What earlier answers said could become of each technique, and of the disposition."""

    def __init__(self, past):
        self.past, self.could, self.gravest = past, {}, None

    def __call__(self, request, answer):
        for t in answer["techniques"]:
            if self.past and t.get("not_offered"):
                continue  # a finding that is told to be past no longer calls for it
            verdict, could = VERDICTS.index(t["verdict"]), VERDICTS.index(t["could_become"])
            bound = self.could.get(t["code"], 4)
            # could_become counts no needs_answers (S8)
            if could > bound or verdict > bound and t["verdict"] != "needs_answers":
                raise Worse(f"{t['code']} is {t['verdict']}, could become {t['could_become']}, above {VERDICTS[bound]}",
                           request)
            self.could[t["code"]] = min(bound, could)
        now = DISPOSITIONS.index(answer["disposition"])
        if self.gravest is not None and now > self.gravest and answer["disposition"] != "needs_answers":
            raise Worse(f"{answer['disposition']} is above {DISPOSITIONS[self.gravest]}", request)
        gravest = max([now] + [DISPOSITIONS.index(q["could_change"]["disposition"]) for q in answer["questions"]
                               if "disposition" in q["could_change"]])
        self.gravest = gravest if self.gravest is None else min(self.gravest, gravest)
        if answer["complete"] != (not answer["questions"]):
            raise Worse("complete, and questions", request)
        if answer["complete"] and any(t["verdict"] != t["could_become"] for t in answer["techniques"]):
            raise Worse("complete, and yet could become something else", request)


class Count:
    interviews = questions = longest = complete = unsure = open_ = yes = attributes = 0


def hold(connection, name, request, way, count):
    answers = Answers(f"{name} {way}", **WAYS[way])
    watch = Watch(past=way == "of the past")
    try:
        after, replies, answer = interview(connection.screen, request, answers, watch)
    except (Stuck, Worse, RuntimeError) as e:
        tap.ok(False, f"{name}, {way}: {e.args[0]}", *(json.dumps(a) for a in e.args[1:]))
        return None
    count.interviews += 1
    count.questions += len(replies)
    count.longest = max(count.longest, len(replies))
    count.complete += answer["complete"]
    count.yes += sum(r == "present" for _, r in replies)
    count.attributes += sum(k[1] is not None for k, _ in replies)
    unsure = any(r == "unknown" for _, r in replies)
    count.unsure += unsure
    count.open_ += not answer["complete"]
    if not answer["complete"] and not unsure:
        tap.ok(False, f"{name}, {way}: ends without being complete", json.dumps(after))
    return answer


def cases():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*.json"))):
        with open(path) as f:
            for case in json.load(f)["cases"]:
                yield case["id"], case["request"]
                if case["request"].get("unlisted") == "absent":
                    yield case["id"] + ", nothing else told", dict(case["request"], unlisted="unknown")


def random_requests():
    made = subprocess.run([GENERATE, "--catalogue", CATALOGUE, "--seed", "7", "--count", str(RANDOM)], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    for i, line in enumerate(made.splitlines()):
        yield f"random {i}", json.loads(line)


def hold_all(connection, what, requests):
    count = Count()
    failed = tap.failed
    for name, request in requests:
        for way in WAYS:
            if only in (None, name) and tap.failed < failed + 10:
                hold(connection, name, request, way, count)
    if only:
        return
    tap.ok(tap.failed == failed, f"{what}: {count.interviews} interviews of {count.questions} questions end as foretold")
    tap.ok(count.longest < 300, f"{what}: none is longer than {count.longest} questions")
    tap.ok(count.questions > 3000 and count.yes > 500 and count.attributes > 100 and count.unsure > 100,
           f"{what}: there was much to ask", vars(count))
    print(f"# {vars(count)}")


def unlisted_makes_no_difference(connection):
    """Who has said no to every question is where a form that asked everything has come at once."""
    n = 0
    for name, request in cases():
        if request.get("unlisted") != "unknown" or "nothing else told" not in name or only not in (None, name):
            continue
        try:
            _, replies, answer = interview(connection.screen, request, Answers(name, **WAYS["no"]))
        except (Stuck, RuntimeError):
            continue  # told above
        if any(k[1] is not None or k[0] in ("sex", "pain_max") for k, _ in replies):
            continue
        n += 1
        whole = connection.screen(dict(request, unlisted="absent"))
        if not whole["complete"]:
            continue
        found, wanted = ({k: a.get(k) for k in ("disposition", "booking")} | {
            t["code"]: (t["verdict"], t.get("modifications")) for t in a["techniques"]} for a in (answer, whole))
        if found != wanted:
            tap.ok(False, f"{name}: all no is not as unlisted absent", json.dumps(request),
                   {k: (found[k], wanted[k]) for k in found if found[k] != wanted[k]}, replies)
    if not only:
        tap.ok(n > 200, f"{n} clients who say no to all are where a whole form comes at once")


with Server(binary, catalogue=CATALOGUE) as server:
    c = Connection(server)
    hold_all(c, "cases", list(cases()))
    hold_all(c, "random", list(random_requests()))
    unlisted_makes_no_difference(c)
tap.done()
