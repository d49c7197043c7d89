"""The catalogue as it stands in the files, and what is wrong with a request (S2, S21)."""
import datetime
import json
import os

from vocabulary import (
    CAUSES, FINDING_LISTS, FINDING_MEMBERS, GOALS, ONSETS, PRESSURES, REACTIONS, REGIONS, ROLES, SEXES, SIDES,
    STATES, day)


class Catalogue:
    pass


def load_catalogue(folder):
    def read(*parts):
        with open(os.path.join(folder, *parts), encoding='utf-8') as f:
            return json.load(f)

    def each(name):
        for file in sorted(os.listdir(os.path.join(folder, name))):
            if file.endswith('.json'):
                yield read(name, file)

    cat = Catalogue()
    cat.facts, cat.fact_order = {}, []
    for part in each('facts'):
        for fact in part['facts']:
            fact = dict(fact, group=part['group'])
            cat.facts[fact['id']] = fact
            cat.fact_order.append(fact['id'])
    cat.fact_rank = {f: i for i, f in enumerate(cat.fact_order)}
    cat.rules = [rule for part in each('rules') for rule in part['rules']]
    cat.techniques = [t for part in each('techniques') for t in part['techniques']]
    cat.technique = {t['code']: t for t in cat.techniques}
    cat.courses = [course for part in each('courses') for course in part['courses']]
    cat.adjustments = sorted(read('adjustments.json')['adjustments'], key=lambda a: a['order'])
    cat.replanning = sorted(read('replanning.json')['replanning'], key=lambda a: a['order'])
    cat.definitions = read('definitions.json')['definitions']
    cat.lists = {d['id']: d for d in cat.definitions['complaint_lists']}
    cat.attribute_rank = {a['id']: i for i, a in enumerate(read('attributes.json')['attributes'])}
    # what stands directly above and below a fact: implied facts and the umbrella; implying and covered facts
    cat.umbrella = {c: f for f in cat.fact_order for c in cat.facts[f].get('covers', [])}
    cat.above = {f: list(cat.facts[f].get('implies', [])) for f in cat.fact_order}
    for covered, umbrella in cat.umbrella.items():
        cat.above[covered].append(umbrella)
    cat.below = {f: [] for f in cat.fact_order}
    for f in cat.fact_order:
        for g in cat.above[f]:
            cat.below[g].append(f)
    # S2: code tables, prefixes without dots and in one case
    cat.codes = {}
    for f in cat.fact_order:
        for system, prefixes in cat.facts[f].get('codes', {}).items():
            table = cat.codes.setdefault(system, {})
            for prefix in prefixes:
                table.setdefault(plain_code(prefix), [])
                if f not in table[plain_code(prefix)]:
                    table[plain_code(prefix)].append(f)
    return cat


def plain_code(code):
    return code.replace('.', '').upper()


def facts_of_code(cat, system, code):
    """S2: every fact that lists the longest listed prefix of the code."""
    code, table = plain_code(code), cat.codes[system]
    for n in range(len(code), 0, -1):
        if code[:n] in table:
            return table[code[:n]]
    return []


def declares(cat, fact, attribute):
    return attribute in cat.facts[fact].get('attributes', [])


# ---- S21 Errors (best effort) --------------------------------------------------------------------------------------

def check(cat, req):
    errors = []

    def err(pointer, code):
        errors.append({'pointer': pointer, 'code': code})

    def enum(pointer, value, values):
        if value not in values:
            err(pointer, 'unknown_value')

    def number(pointer, value, low, high):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            err(pointer, 'wrong_type')
        elif value < low or (high is not None and value > high):
            err(pointer, 'out_of_range')

    def date(pointer, value):
        try:
            return day(value)
        except (TypeError, ValueError):
            err(pointer, 'wrong_type')
            return None

    as_of = datetime.datetime.now(datetime.timezone.utc).date()
    if 'as_of' in req:
        as_of = date('/as_of', req['as_of']) or as_of
    subject = req.get('subject') or {}
    if 'age_years' not in subject:
        err('/subject/age_years', 'missing')
    else:
        number('/subject/age_years', subject['age_years'], 0, 130)
    if 'sex' in subject:
        enum('/subject/sex', subject['sex'], SEXES)
    if not req.get('complaints') and not req.get('goals'):
        err('', 'missing')
    if 'unlisted' in req:
        enum('/unlisted', req['unlisted'], ['unknown', 'absent'])
    for i, goal in enumerate(req.get('goals') or []):
        enum('/goals/%d' % i, goal, GOALS)
    for i, c in enumerate(req.get('complaints') or []):
        at = '/complaints/%d/' % i
        for member, values in (('region', REGIONS), ('side', SIDES), ('onset', ONSETS), ('cause', CAUSES)):
            if member in c:
                enum(at + member, c[member], values)
        if 'pain' in c:
            number(at + 'pain', c['pain'], 0, 10)
        if 'duration_days' in c:
            number(at + 'duration_days', c['duration_days'], 0, None)
        for j, region in enumerate(c.get('radiates_to') or []):
            enum(at + 'radiates_to/%d' % j, region, REGIONS)
    for pointer, f in all_findings(req):
        if 'id' in f:
            if f['id'] not in cat.facts:
                err(pointer + '/id', 'unknown_id')
        elif 'system' in f and 'code' in f:
            if f['system'] not in cat.codes:
                err(pointer + '/system', 'unknown_system')
        else:
            err(pointer, 'missing')
        for member, value in f.items():
            at = pointer + '/' + member
            if member not in FINDING_MEMBERS:
                err(at, 'unknown_attribute')
            elif member == 'state':
                enum(at, value, STATES)
            elif member == 'region':
                enum(at, value, REGIONS)
            elif member == 'side':
                enum(at, value, SIDES)
            elif member in ('date', 'since'):
                when = date(at, value)
                if when and when > as_of:
                    err(at, 'date_in_future')
            elif member == 'controlled':
                if not isinstance(value, bool):
                    err(at, 'wrong_type')
            elif member in ('severity', 'gestation_weeks', 'grade', 'systolic', 'diastolic', 'platelets'):
                low, high = attribute_range(member)
                number(at, value, low, high)
    for i, c in enumerate(req.get('clearances') or []):
        at = '/clearances/%d/' % i
        for member in ('for', 'by', 'date'):
            if member not in c:
                err(at + member, 'missing')
        if 'for' in c and c['for'] not in cat.facts:
            err(at + 'for', 'unknown_id')
        if 'by' in c:
            enum(at + 'by', c['by'], ROLES)
        if 'date' in c:
            date(at + 'date', c['date'])
    prefs = req.get('preferences') or {}
    if 'pressure' in prefs:
        enum('/preferences/pressure', prefs['pressure'], PRESSURES)
    for i, t in enumerate(prefs.get('techniques') or []):
        enum('/preferences/techniques/%d' % i, t, cat.technique)
    for member in ('session_minutes', 'sessions_per_week_max'):
        if member in prefs:
            number('/preferences/' + member, prefs[member], 0, None)
    for i, p in enumerate(req.get('progress') or []):
        at = '/progress/%d/' % i
        if 'date' not in p:
            err(at + 'date', 'missing')
        else:
            date(at + 'date', p['date'])
        if 'technique' in p:
            enum(at + 'technique', p['technique'], cat.technique)
        if 'reaction' in p:
            enum(at + 'reaction', p['reaction'], REACTIONS)
        if 'minutes' in p:
            number(at + 'minutes', p['minutes'], 0, None)
        for member in ('pain_before', 'pain_after'):
            if member in p:
                number(at + member, p[member], 0, 10)
    return errors


def all_findings(req):
    for path in FINDING_LISTS:
        items = req
        for key in path:
            items = (items or {}).get(key) or ({} if key != path[-1] else [])
        for i, finding in enumerate(items):
            yield '/' + '/'.join(path) + '/%d' % i, finding


def attribute_range(attribute):
    """S8: the range of an attribute's values."""
    return {'severity': (0, 10), 'pain': (0, 10), 'gestation_weeks': (0, 45), 'grade': (1, 5)}.get(attribute, (0, None))
