"""A client that answers questions: posts a request, answers the first question as openapi.yaml says (with the finding
that it is about, else with a new one), posts again, until nothing is left to ask."""
import copy
import datetime
import http.client
import json
import os
import random
import sys

import contract
from support import CATALOGUE, ROOT

sys.path.insert(0, os.path.join(ROOT, "tests", "reference"))
from catalogue import facts_of_code, load_catalogue  # noqa: E402
from vocabulary import REGIONS  # noqa: E402

QUESTIONS_MAX = 300
LISTS = (("symptoms",), ("history", "conditions"), ("history", "medications"), ("history", "procedures"),
         ("history", "injuries"))
NUMBERS = {"severity": (0, 10), "gestation_weeks": (4, 42), "grade": (1, 5), "systolic": (90, 220),
           "diastolic": (50, 130), "platelets": (5, 400)}
catalogue = load_catalogue(CATALOGUE)


def findings(request):
    """(list, finding, its pointer) of each."""
    for path in LISTS:
        at = request
        for name in path:
            at = at.get(name, {} if name != path[-1] else [])
        for i, f in enumerate(at):
            yield at, f, f"/{'/'.join(path)}/{i}"


def present_findings(request):
    return [f for _, f, _ in findings(request) if f.get("state", "present") == "present"]


def names(finding):
    """The facts that a finding names."""
    if "id" in finding:
        return [finding["id"]]
    return facts_of_code(catalogue, finding["system"].lower(), finding["code"])


def directly_below(fact):
    return list(catalogue.facts[fact].get("covers", ())) + [
        f for f in catalogue.fact_order if fact in catalogue.facts[f].get("implies", ())]


def below(fact):
    """Those that make `fact` present when they are, without `fact` itself."""
    found, rest = [], directly_below(fact)
    while rest:
        f = rest.pop()
        if f not in found:
            found.append(f)
            rest += directly_below(f)
    return found


def lacks(finding, attribute):
    return attribute not in finding and not (attribute == "date" and "since" in finding)


class Stuck(Exception):
    pass


# A known defect: a fact that was denied is asked again, and for ever, while one below it is stated unknown. This client
# then says no once more and takes the unknown back. Whoever mends it sets this to True, sees the test pass, and takes
# it away.
FIXED_DENIED_IS_ASKED = True


def deny_again(request, fact):
    """True where the fact has been denied; the unknowns below it are then denied with it."""
    if FIXED_DENIED_IS_ASKED or not any(f.get("id") == fact and f.get("state") == "absent" for _, f, _ in findings(request)):
        return False
    low = below(fact)
    unclear = [(at, f) for at, f, _ in findings(request)
               if f.get("state") == "unknown" and any(n in low for n in names(f))]
    for at, f in unclear:
        at.remove(f)
    return bool(unclear)


class Answers:
    """What is answered, at random but for the seed."""

    def __init__(self, seed, present=0.2, unknown=0.0, attributes=0.5, outdated=0.0):
        self.rng = random.Random(seed)
        self.present, self.unknown, self.attributes, self.outdated = present, unknown, attributes, outdated

    def state(self):
        r = self.rng.random()
        return "present" if r < self.present else "unknown" if r < self.present + self.unknown else "absent"

    def value(self, fact, attribute, as_of):
        if attribute == "region":
            return self.rng.choice(REGIONS)
        if attribute == "side":
            return self.rng.choice(["left", "right", "both", "midline"])
        if attribute == "controlled":
            return self.rng.random() < 0.5
        if attribute == "date":
            most = catalogue.facts[fact].get("valid_days", 800)
            days = most + 1 if self.rng.random() < self.outdated else self.rng.choice(
                [0, 1, min(10, most), min(50, most), self.rng.randint(0, most)])
            return (datetime.date.fromisoformat(as_of) - datetime.timedelta(days=days)).isoformat()
        if attribute == "stage":
            return 1
        return self.rng.randint(*NUMBERS[attribute])

    def sex(self):
        return self.rng.choice(["female", "male", "other"])

    def pain(self):
        return self.rng.randint(0, 10)

    def finding(self, fact, as_of):
        """A finding that says so, with some of its attributes."""
        found = {"id": fact}
        for a in catalogue.facts[fact].get("attributes", ()):
            if a != "stage" and self.rng.random() < self.attributes:
                found[a] = self.value(fact, a, as_of)
        return found


class Healthy(Answers):
    """Says no to everything."""

    def __init__(self):
        super().__init__(0, present=0)

    def pain(self):
        return 4

    def sex(self):
        return "female"


def answer_state(request, fact, state, answers, outdated):
    """In place of the findings that name the fact already, save those that tell of the past."""
    new = answers.finding(fact, request["as_of"]) if state == "present" else {"id": fact, "state": state}
    for at, f, pointer in list(findings(request)):
        if pointer in outdated:
            continue
        if f.get("id") == fact:
            at.remove(f)
        elif fact in names(f) and f.get("state") == "unknown":  # by code: it was not clear, now it is
            at.remove(f)
    request.setdefault("symptoms", []).append(new)


def answer_attribute(request, fact, attribute, answers):
    """In the findings that name the fact, or else in those from below, or else in one of its own."""
    present = [f for f in present_findings(request) if lacks(f, attribute)]
    own = [f for f in present if fact in names(f)]
    if not own:
        own = [f for f in present for n in names(f)
               if n in below(fact) and attribute in catalogue.facts[n].get("attributes", ())]
    if not own:
        own = [{"id": fact}]
        request.setdefault("symptoms", []).extend(own)
    for f in own:
        f[attribute] = answers.value(fact, attribute, request["as_of"])


class Connection:
    """One connection kept alive: an interview is many requests, whose answers look alike."""

    def __init__(self, server):
        self.http = contract.watched(http.client.HTTPConnection(server.host, server.port, timeout=20), 200)

    def screen(self, request):
        self.http.request("POST", "/v1/screenings", json.dumps(request), {"Content-Type": "application/json"})
        r = self.http.getresponse()
        body = r.read()
        if r.status != 200:
            raise RuntimeError(f"{r.status}: {body.decode()[:500]}")
        return json.loads(body)


def interview(screen, request, answers, after_each=None):
    """Returns (request as it was at the end, list of (key, reply), last answer), where a key is (fact, attribute or
    None). after_each is called with every answer and raises when it does not like it. What was answered with "unknown"
    this client does not ask again."""
    request = copy.deepcopy(request)
    request.setdefault("as_of", "2026-11-20")
    asked, replies, unclear = {}, [], set()
    while True:
        answer = screen(request)
        if after_each:
            after_each(request, answer)
        left = [k for k in ((q["fact"], q.get("attribute")) for q in answer["questions"]) if k not in unclear]
        if not left:
            return request, replies, answer
        key = fact, attribute = left[0]
        # a fact may be asked once more where the answer told of the past; an attribute, of findings that are new
        past = {o["pointer"] for o in answer.get("outdated", ()) if o["fact"] == fact}
        again = key in asked
        if not attribute and deny_again(request, fact):
            continue
        if again and not (asked[key] < len(present_findings(request)) if attribute else past - asked[key]):
            raise Stuck(f"asked again: {key}", request, replies)
        if len(replies) >= QUESTIONS_MAX:
            raise Stuck("too many questions", request, replies)
        reply = None
        if fact == "sex":
            reply = request["subject"]["sex"] = answers.sex()
        elif fact == "pain_max":
            for c in request["complaints"]:
                reply = c.setdefault("pain", answers.pain())
        elif attribute:
            answer_attribute(request, fact, attribute, answers)
        else:
            reply = "absent" if again else answers.state()
            answer_state(request, fact, reply, answers, past)
            if reply == "unknown":
                unclear.add(key)
        asked[key] = len(present_findings(request)) if attribute else past
        replies.append((key, reply))
