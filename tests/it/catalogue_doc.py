#!/usr/bin/env python3
"""Prints the catalogue document that the files under sql/catalogue make, as one line of canonical JSON.

STATEMENT is Python that changes the document before it is printed: `doc` is the document, and fact(id),
technique(code), rule(id), course(id), adjustment(id), replanning(id), evidence(id) and attribute(id) are its items.
"""
import argparse
import json
import pathlib
import sys

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "sql" / "catalogue"
CONDITIONS = {"when", "target", "ask_if", "offer_when"}  # kept as they are
MEANT_EMPTY = {"complaint_regions"}  # an empty list of these says "every complaint"


def read(name):
    return json.loads((CATALOGUE / name).read_text(encoding="utf-8"))


def items(section, *from_file):
    """The items of all files of a folder, in the order of the files' names, with members of the file added."""
    for path in sorted((CATALOGUE / section).glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for item in file[section]:
            yield {**item, **{member: file[member] for member in from_file}}


def says_nothing(member, value):
    return value is None or value is False or value == [] and member not in MEANT_EMPTY


def canonical(value):
    """Without the members that say what is so anyway, and with whole numbers written as such."""
    if isinstance(value, dict):
        return {member: inner if member in CONDITIONS else canonical(inner) for member, inner in value.items()
                if not says_nothing(member, inner)}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def document():
    lists = {
        "attributes": read("attributes.json")["attributes"],
        "facts": items("facts", "group"),
        "techniques": items("techniques"),
        "rules": items("rules", "topic"),
        "courses": items("courses", "topic"),
        "adjustments": read("adjustments.json")["adjustments"],
        "replanning": read("replanning.json")["replanning"],
        "evidence": items("evidence"),
    }
    doc = read("catalogue.json")
    doc["definitions"] = read("definitions.json")["definitions"]
    for section, found in lists.items():
        doc[section] = list(found)
    doc["texts"] = {}
    for path in sorted((CATALOGUE / "texts").glob("*/*.json")):
        words = json.loads(path.read_text(encoding="utf-8"))
        doc["texts"].setdefault(words.pop("language"), {}).update(words)
    return canonical(doc)


def finder(doc, section, key="id"):
    return lambda name: next(item for item in doc[section] if item[key] == name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("statement", nargs="*")
    args = parser.parse_args()
    doc = document()
    names = {"doc": doc, "technique": finder(doc, "techniques", "code")}
    for name, section in (("fact", "facts"), ("rule", "rules"), ("course", "courses"), ("adjustment", "adjustments"),
                          ("replanning", "replanning"), ("evidence", "evidence"), ("attribute", "attributes")):
        names[name] = finder(doc, section)
    for statement in args.statement:
        exec(statement, names)
    sys.stdout.reconfigure(encoding="utf-8")
    json.dump(doc, sys.stdout, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    main()
