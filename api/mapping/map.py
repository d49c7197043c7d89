#!/usr/bin/env python3
"""Makes a screening request from a filled-in form of another system.

    map.py PACK FORM [BASE]    prints the request; FORM may be - for standard input

PACK says, as data, what each question of the form means (see README.md beside this file). FORM is what the system's API
gave. BASE is a request to begin with: what the system knows outside of the form, such as the age.

Nothing is left out in silence: a question, a box or a choice that the pack does not know is an error that names it. What a
person has to read is listed on standard error, without what was written there. Exit status 1: the form and the pack do not
fit, and nothing is printed. Python 3.8 or later, without other packages."""
import json
import re
import sys


class Misfit(Exception):
    """What the form has and the pack has not, or the other way round."""


# ---- the systems: each yields (question, all its boxes or None, those ticked or the text) ------------------------------


def cliniko(form):
    """A patient form: GET /v1/patient_forms/{id}."""
    if not form.get("completed_at"):
        raise Misfit("the form has not been completed: completed_at is empty")
    for section in (form.get("content") or {}).get("sections", []):
        for question in section.get("questions", []):
            if question["type"] in ("checkboxes", "radiobuttons"):
                answers = list(question.get("answers", []))
                other = question.get("other") or {}
                if other.get("selected"):
                    raise Misfit(f'"{question["name"]}": the client ticked "other": a person has to read it')
                yield question["name"], [a["value"] for a in answers], [a["value"] for a in answers if a.get("selected")]
            elif question["type"] != "signature":
                yield question["name"], None, question.get("answer") or ""


def acuity(appointment):
    """An appointment: GET /api/v1/appointments/{id}. The ticked boxes of a list are one text, with commas between."""
    for form in appointment.get("forms", []):
        for value in form["values"]:
            yield value["name"], None, value["value"] or ""


SYSTEMS = {"cliniko": cliniko, "acuity": acuity}


# ---- what is read into what ------------------------------------------------------------------------------------------


def split(text, known, question):
    """The boxes in a text that has commas between them; a box may have commas of its own."""
    found, rest = [], text.strip()
    while rest:
        fits = [box for box in known if rest == box or rest.startswith(box + ",")]
        if not fits:
            raise Misfit(f'"{question}": the pack knows no such box or choice')
        found.append(max(fits, key=len))
        rest = rest[len(found[-1]):].lstrip(", ")
    return found


def member(request, path):
    """The list or object that a path such as history/conditions names, made where it is not there."""
    *outer, last = path.split("/")
    for name in outer:
        request = request.setdefault(name, {})
    return request.setdefault(last, [])


def find(request, finding):
    """The finding history/conditions/asthma: one that is there already, or a new one."""
    path, fact = finding.rsplit("/", 1)
    findings = member(request, path)
    for f in findings:
        if f["id"] == fact:
            return f
    findings.append({"id": fact})
    return findings[-1]


STATES = {"present": 2, "unknown": 1, "absent": 0}


def note(request, finding, state):
    """Asked twice, what speaks for it counts."""
    f = find(request, finding)
    if STATES[state] >= STATES.get(f.get("state"), -1):
        f["state"] = state


def tick(request, meaning, ticked, unticked):
    if "finding" in meaning:
        if ticked:
            note(request, meaning["finding"], "present")
        elif meaning.get("unticked", unticked) == "absent":
            note(request, meaning["finding"], "absent")
    elif ticked and "region" in meaning:
        complaint = {key: meaning[key] for key in ("region", "side") if key in meaning}
        if complaint not in member(request, "complaints"):
            member(request, "complaints").append(complaint)
    elif ticked and "goal" in meaning and meaning["goal"] not in member(request, "goals"):
        member(request, "goals").append(meaning["goal"])


def read_boxes(request, item, boxes, value):
    known, question = item["boxes"], item["question"]
    for box in boxes or []:
        if box not in known:
            raise Misfit(f'"{question}": the pack knows no box "{box}"')
    for box in known:
        if boxes is not None and box not in boxes:
            raise Misfit(f'"{question}": the form has no box "{box}" any more')
    ticked = split(value, known, question) if boxes is None else value
    for box in ticked:
        if known[box].get("none"):
            if len(ticked) > 1:
                raise Misfit(f'"{question}": "{box}" is ticked beside others')
    none = bool(ticked) and known[ticked[0]].get("none", False)
    for box, meaning in known.items():
        tick(request, meaning, box in ticked, "absent" if none else item["unticked"])


def read_choice(request, item, boxes, value):
    chosen = value if isinstance(value, list) else [value] if value else []
    for choice in (boxes or []) + chosen:
        if choice not in item["choices"]:
            raise Misfit(f'"{item["question"]}": the pack knows no such box or choice')
    if chosen:  # not answered: it is asked
        note(request, item["finding"], item["choices"][chosen[0]])


def read_number(request, item, _boxes, value):
    text = value[0] if isinstance(value, list) and value else value or ""
    number = re.match(r"\s*(\d{1,6})\s*(?:$|[^\d.,])", text)
    if text and not number:
        raise Misfit(f'"{item["question"]}": this is no whole number')
    if number and item["number"] == "complaints/pain":
        for complaint in member(request, "complaints"):
            complaint["pain"] = int(number.group(1))
    elif number:
        outer, name = item["number"].rsplit("/", 1)
        request.setdefault(outer, {})[name] = int(number.group(1))


def read_date(request, item, _boxes, value):
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise Misfit(f'"{item["question"]}": this is no date such as 2026-11-20')
    if value:
        find(request, item["date"]).update(state="present", date=value)


READERS = {"boxes": read_boxes, "choices": read_choice, "number": read_number, "date": read_date}


def map_form(pack, form, base):
    """(request, questions that a person has to read)"""
    items = {item["question"]: item for item in pack["items"]}
    request, for_a_person, met = json.loads(json.dumps(base)), [], set()
    answers = list(SYSTEMS[pack["system"]](form))
    for question, boxes, value in sorted(answers, key=lambda a: items.get(a[0], {}).get("number") == "complaints/pain"):
        item = items.get(question)
        if item is None:
            raise Misfit(f'the pack does not know the question "{question}"')
        met.add(question)
        if item.get("for_a_person") and value:
            for_a_person.append(question)
        for kind, read in READERS.items():
            if kind in item:
                read(request, item, boxes, value)
    missing = [q for q, item in items.items() if q not in met and not item.get("optional")]
    if missing:
        raise Misfit("the form does not have the question " + ", ".join(f'"{q}"' for q in missing))
    return request, for_a_person


def load(path):
    if path == "-":
        return json.load(sys.stdin)
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main(arguments):
    if len(arguments) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        request, for_a_person = map_form(load(arguments[0]), load(arguments[1]), load(arguments[2]) if arguments[2:] else {})
    except Misfit as why:
        print(f"map.py: {why}", file=sys.stderr)
        return 1
    for question in for_a_person:
        print(f'map.py: for a person to read: "{question}"', file=sys.stderr)
    json.dump(request, sys.stdout, indent=1, ensure_ascii=False)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
