"""How many questions an interview takes: over the requests of tests/cases with nothing told but what they tell, and for a
healthy client with simple low back pain, with the number of gates as the floor. Figures are printed, never tested.

Usage: python3 tests/bench/interviews.py PALPATE [SEEDS]"""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "it"))
from interviewer import Answers, Connection, Healthy, Stuck, catalogue, interview  # noqa: E402
from support import CATALOGUE, ROOT, Server, binary_argument  # noqa: E402

WAYS = {"all no": {"present": 0.0}, "one in ten yes": {"present": 0.1}, "one in three yes": {"present": 0.33}}
HEALTHY = {"subject": {"age_years": 35, "sex": "female"}, "complaints": [{"region": "lower_back"}]}


def figures(counts):
    counts = sorted(counts)
    return f"median {counts[len(counts) // 2]}, p95 {counts[len(counts) * 95 // 100]}, worst {counts[-1]}"


def requests():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*.json"))):
        with open(path) as f:
            for case in json.load(f)["cases"]:
                yield case["id"], dict(case["request"], unlisted="unknown")


binary = binary_argument()
seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
with Server(binary, catalogue=CATALOGUE) as server:
    c = Connection(server)
    for way, how in WAYS.items():
        counts, stuck = [], 0
        for name, request in requests():
            for seed in range(seeds):
                try:
                    counts.append(len(interview(c.screen, request, Answers(f"{name} {seed}", **how))[1]))
                except Stuck:
                    stuck += 1
        print(f"{len(counts)} interviews, {way}: {figures(counts)} questions" + (f"; {stuck} never end" if stuck else ""))
    gates = [f for f in catalogue.fact_order if catalogue.facts[f].get("gate")]
    for told in ({}, {"pain": 4, "duration_days": 20, "onset": "gradual", "cause": "strain"}):
        request = dict(HEALTHY, complaints=[dict(HEALTHY["complaints"][0], **told)])
        _, replies, answer = interview(c.screen, request, Healthy())
        beyond = [".".join(filter(None, key)) for key, _ in replies if key[0] not in gates]
        print(f"healthy, low back pain{' told in full' if told else ''}: {len(replies)} questions, {len(gates)} gates, "
              f"{answer['disposition']}; beyond the gates: {' '.join(beyond) or 'none'}")
