"""A strict reader of Prometheus' text format 0.0.4: what a careful scraper would refuse raises ValueError here."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (-?[0-9.eE+-]+|[+-]Inf|NaN)")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}


def read(text):
    """{family: (kind, {(sample, labels as a frozenset of pairs): value})}, families as they come."""
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    families, family, helped = {}, None, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            helped, _, words = line[7:].partition(" ")
            if not re.fullmatch(NAME, helped) or not words or helped in families:
                raise ValueError(f"help: {line}")
        elif line.startswith("# TYPE "):
            family, _, kind = line[7:].partition(" ")
            if family != helped or kind not in SUFFIXES or (kind == "counter") != family.endswith("_total"):
                raise ValueError(f"type: {line}")
            families[family] = (kind, {})
        else:
            match = SAMPLE.fullmatch(line)
            if not match or family is None:
                raise ValueError(f"sample: {line!r}")
            kind, samples = families[family]
            name, labels = match.group(1), re.findall(LABEL, match.group(2) or "")
            if name not in [family + s for s in SUFFIXES[kind]]:
                raise ValueError(f"{name} does not belong to {family}")
            if len({k for k, _ in labels}) != len(labels):
                raise ValueError(f"a label stands twice: {line}")
            key = (name, frozenset(labels))
            if key in samples:
                raise ValueError(f"a series stands twice: {line}")
            samples[key] = float(match.group(match.lastindex))
    for family, (kind, samples) in families.items():
        if not samples and family not in ("palpate_http_requests_total",):
            raise ValueError(f"{family} is empty")
        if kind == "counter" and any(v < 0 for v in samples.values()):
            raise ValueError(f"{family} is below 0")
        if kind == "histogram":
            check_histogram(family, samples)
    return families


def check_histogram(family, samples):
    groups = {}
    for (name, labels), value in samples.items():
        bound = dict(labels).get("le")
        rest = frozenset(p for p in labels if p[0] != "le")
        if (bound is not None) != name.endswith("_bucket"):
            raise ValueError(f"{family}: le of {name}")
        groups.setdefault(rest, {})[name if bound is None else float(bound)] = value
    for rest, group in groups.items():
        bounds = [b for b in group if isinstance(b, float)]  # as they came
        values = [group[b] for b in bounds]
        if bounds != sorted(bounds) or values != sorted(values) or bounds[-1] != float("inf"):
            raise ValueError(f"{family}{set(rest)}: buckets {group}")
        if values[-1] != group[f"{family}_count"] or f"{family}_sum" not in group:
            raise ValueError(f"{family}{set(rest)}: count and sum {group}")


def value(families, family, sample=None, **labels):
    """One value; 0 where there is no such series."""
    return families[family][1].get((sample or family, frozenset(labels.items())), 0)
