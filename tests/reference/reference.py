#!/usr/bin/python3
"""Reference reading of "How a request is judged" (rules S1 to S22, without S19).

Plain and slow on purpose: trees are walked, choices and completions are listed
one by one. The comments name the S-rule a piece of code stands for.

    python3 reference.py CATALOGUE_DIR < requests.jsonl > answers.jsonl
"""
import datetime
import itertools
import json
import math
import os
import sys
from fractions import Fraction

# --------------------------------------------------------------------------
# The contract's vocabulary
# --------------------------------------------------------------------------
REGIONS = ['head', 'face', 'jaw', 'neck', 'shoulder', 'upper_arm', 'elbow', 'forearm', 'wrist_hand', 'chest',
           'breast', 'upper_back', 'mid_back', 'lower_back', 'abdomen', 'pelvis', 'buttock', 'hip', 'thigh', 'knee',
           'calf', 'ankle_foot', 'whole_body']
REGION_RANK = {r: i for i, r in enumerate(REGIONS)}
SIDES = ['left', 'right', 'both', 'midline']
GOALS = ['pain_relief', 'relaxation', 'stress', 'sleep', 'mobility', 'posture', 'recovery', 'wellbeing']
SEXES = ['female', 'male', 'other', 'unknown']
ONSETS = ['sudden', 'gradual']
CAUSES = ['strain', 'posture', 'overuse', 'trauma', 'stress', 'unknown']
REACTIONS = ['none', 'soreness', 'bruising', 'dizziness', 'worse', 'neurological']
STATES = ['present', 'absent', 'unknown']
PRESSURES = {'very_light': 1, 'light': 2, 'medium': 3, 'firm': 4, 'deep': 5}
CLINICIANS = ['physician', 'surgeon', 'oncology', 'cardiology', 'haematology', 'obstetric']
ROLES = CLINICIANS + ['guardian']
PERSON_ATTRIBUTES = ['controlled', 'gestation_weeks', 'stage', 'systolic', 'diastolic', 'platelets']
ATTRIBUTES = ['date', 'region', 'side', 'severity', 'controlled', 'gestation_weeks', 'stage', 'grade', 'systolic',
              'diastolic', 'platelets']
FINDING_MEMBERS = ['id', 'system', 'code', 'state', 'since'] + ATTRIBUTES
FINDING_LISTS = [('symptoms',), ('history', 'conditions'), ('history', 'medications'), ('history', 'procedures'),
                 ('history', 'injuries')]

# mildest first: the later one is the graver
DISPOSITIONS = ['proceed', 'proceed_modified', 'needs_answers', 'clearance_required', 'do_not_treat',
                'refer_urgently', 'emergency']
VERDICTS = ['allowed', 'modified', 'needs_answers', 'clearance_required', 'not_allowed']
SEVERITIES = ['caution', 'modify', 'clearance', 'absolute', 'urgent', 'emergency']
D = {d: i for i, d in enumerate(DISPOSITIONS)}
V = {v: i for i, v in enumerate(VERDICTS)}
SEV = {s: i for i, s in enumerate(SEVERITIES)}

# S10: the kinds that may hold for a part only; every other kind is for the session
PART_KINDS = ['max_pressure', 'no_heat', 'no_stretch', 'no_oil', 'no_thrust', 'no_joint_mobilisation',
              'no_vibration', 'no_skin_friction', 'plain_oil_only']
TAKES_TRAIT = {'no_heat': 'heat', 'no_stretch': 'stretch', 'no_vibration': 'vibration',
               'no_skin_friction': 'skin_friction', 'no_thrust': 'thrust',
               'no_joint_mobilisation': 'joint_mobilisation', 'no_scent': 'scent', 'no_oil': 'oil'}
VALUE_KINDS = ['position', 'avoid_area', 'hygiene', 'therapist_trained']


def by_region(regions):
    return sorted(set(regions), key=lambda r: REGION_RANK[r])


def day(text):
    return datetime.date.fromisoformat(text)


# --------------------------------------------------------------------------
# The catalogue
# --------------------------------------------------------------------------
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


# --------------------------------------------------------------------------
# S21 Errors (best effort)
# --------------------------------------------------------------------------
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


# --------------------------------------------------------------------------
# Three-valued trees: True, False, None (unknown)
# --------------------------------------------------------------------------
def operator(expr):
    (op, args), = expr.items()
    if op == 'var':
        return op, args
    return op, args if isinstance(args, list) else [args]


def k_and(values):
    values = list(values)
    return False if False in values else None if None in values else True


def k_or(values):
    values = list(values)
    return True if True in values else None if None in values else False


def k_not(value):
    return None if value is None else not value


def kleene(expr, leaf):
    op, args = operator(expr)
    if op == 'and':
        return k_and(kleene(a, leaf) for a in args)
    if op == 'or':
        return k_or(kleene(a, leaf) for a in args)
    if op == '!':
        return k_not(kleene(args[0], leaf))
    return leaf(expr)


def compare(op, left, right):
    if op == '==':
        return left == right and isinstance(left, bool) == isinstance(right, bool)
    if op == '!=':
        return not compare('==', left, right)
    if op == '<':
        return left < right
    if op == '<=':
        return left <= right
    if op == '>':
        return left > right
    if op == '>=':
        return left >= right
    raise ValueError(op)


MIRROR = {'<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!='}


def is_var(x):
    return isinstance(x, dict) and 'var' in x


def split_comparison(expr):
    """(operator, name of the variable, constant) of a comparison with one constant."""
    op, (left, right) = operator(expr)
    if is_var(left):
        return op, left['var'], right
    return MIRROR[op], right['var'], left


def leaves(expr):
    op, args = operator(expr)
    if op in ('and', 'or', '!'):
        for a in args:
            yield from leaves(a)
    else:
        yield expr


def names_read(expr):
    """Every name of a variable in the tree."""
    if isinstance(expr, dict):
        for op, args in expr.items():
            if op == 'var':
                yield args
            else:
                for a in args if isinstance(args, list) else [args]:
                    yield from names_read(a)
    elif isinstance(expr, list):
        for a in expr:
            yield from names_read(a)


# --------------------------------------------------------------------------
# The request: facts, instances, complaints (S1 to S7)
# --------------------------------------------------------------------------
class Instance:
    """S3: one finding of a present fact, or one taken from a fact below."""

    def __init__(self, fact, attrs, pointers, placed):
        self.fact, self.attrs, self.pointers, self.placed = fact, attrs, pointers, placed


class Request:
    def __init__(self, cat, req):
        self.cat, self.req = cat, req
        self.as_of = day(req['as_of']) if 'as_of' in req else datetime.datetime.now(datetime.timezone.utc).date()
        self.age = req['subject']['age_years']
        sex = req['subject'].get('sex', 'unknown')
        self.sex = None if sex == 'unknown' else sex
        self.unlisted = req.get('unlisted', 'unknown')
        self.complaints = req.get('complaints') or []
        self.goals = req.get('goals') or []
        self.prefs = req.get('preferences') or {}
        self.wishes = self.prefs.get('techniques') or []
        self.complaint_regions = [c['region'] for c in self.complaints if 'region' in c]
        self.read_findings()
        self.settle_states()
        self._instances, self._variants = {}, {}

    # S2, S6: findings -> statements about facts; unrecognised and outdated ones
    def read_findings(self):
        cat = self.cat
        self.statements = {f: [] for f in cat.fact_order}   # fact -> [(pointer, state, finding)]
        self.passed = {f: [] for f in cat.fact_order}       # S6: instances passed up by outdated findings
        self.unrecognised, self.outdated, self.present_unrecognised = [], [], False
        for pointer, finding in all_findings(self.req):
            state = finding.get('state', 'present')
            if 'id' in finding:
                named = [finding['id']]
            else:
                named = facts_of_code(cat, finding['system'], finding['code'])
                if not named:
                    self.unrecognised.append({'pointer': pointer, 'system': finding['system'],
                                              'code': finding['code']})
                    if state == 'present':
                        self.present_unrecognised = True
                    continue
                if state == 'absent':
                    continue        # denies one disease only
            for fact in named:
                if cat.facts[fact].get('clearance_only'):
                    continue        # S9.5: stating it decides nothing
                if state == 'present' and self.is_outdated(fact, finding):
                    self.outdated.append({'pointer': pointer, 'fact': fact})
                    self.pass_on(self.own_instance(fact, pointer, finding))
                else:
                    self.statements[fact].append((pointer, state, finding))
        self.stated = {}
        for fact, items in self.statements.items():
            given = [state for _, state, _ in items]
            self.stated[fact] = ('present' if 'present' in given else 'unknown' if 'unknown' in given else
                                 'absent' if 'absent' in given else None)

    def is_outdated(self, fact, attrs):
        n = self.cat.facts[fact].get('valid_days')
        return (n is not None and declares(self.cat, fact, 'date') and 'date' in attrs and
                (self.as_of - day(attrs['date'])).days > n)

    def pass_on(self, instance):
        """S6: an outdated finding still makes present what its fact implies."""
        for up in self.cat.facts[instance.fact].get('implies', []):
            risen = self.derive(instance, up)
            if self.is_outdated(up, risen.attrs):
                self.pass_on(risen)
            else:
                self.passed[up].append(risen)

    # S1, S4, S5: the state of every fact
    def settle_states(self):
        cat, stated = self.cat, self.stated
        present, unknown, absent = set(), set(), set()

        def climb(fact, into, unless=()):
            if fact not in into and fact not in unless:
                into.add(fact)
                for up in cat.above[fact]:
                    climb(up, into, unless)

        def descend(fact):
            for low in cat.below[fact]:
                if low in present or low in unknown or stated[low] in ('present', 'unknown') or low in absent:
                    continue
                absent.add(low)
                descend(low)

        # S1
        for f in cat.fact_order:
            if stated[f] == 'present' or self.passed[f]:
                climb(f, present)
        for f in cat.fact_order:
            if stated[f] == 'unknown':
                climb(f, unknown, present)
        for f in cat.fact_order:
            if stated[f] == 'absent':
                if f not in present and f not in unknown:
                    absent.add(f)
                descend(f)
        # S5.1
        for f in cat.fact_order:
            if 'ask_if' in cat.facts[f] and stated[f] is None and f not in present and f not in unknown:
                if kleene(cat.facts[f]['ask_if'], self.derived_leaf) is False:
                    absent.add(f)
                    descend(f)
        # S5.2
        if self.unlisted == 'absent':
            for f in cat.fact_order:
                umbrella = cat.umbrella.get(f)
                if (stated[f] is None and f not in present and f not in unknown and 'covers' not in cat.facts[f] and
                        not (umbrella and stated[umbrella] == 'unknown')):
                    absent.add(f)
        # S5.3, S4
        for f in cat.fact_order:
            covers = cat.facts[f].get('covers')
            if covers and stated[f] is None and f not in present and f not in unknown and f not in absent:
                if all(c in absent for c in covers):
                    absent.add(f)
        self.state = {f: True if f in present else False if f in absent else None for f in cat.fact_order}

    # S3: instances
    def own_instance(self, fact, pointer, finding):
        attrs = {k: v for k, v in finding.items()
                 if declares(self.cat, fact, 'date' if k == 'since' else k) and k in ATTRIBUTES + ['since']}
        return Instance(fact, attrs, [pointer], declares(self.cat, fact, 'region'))

    def derive(self, instance, fact):
        """S3: an instance from the fact below, with the attributes that both declare."""
        attrs = {k: v for k, v in instance.attrs.items() if declares(self.cat, fact, 'date' if k == 'since' else k)}
        return Instance(fact, attrs, instance.pointers, instance.placed and declares(self.cat, fact, 'region'))

    def has_own(self, fact):
        return any(state == 'present' for _, state, _ in self.statements[fact])

    def instances(self, fact):
        if fact not in self._instances:
            if self.has_own(fact):
                found = [self.own_instance(fact, pointer, finding)
                         for pointer, state, finding in self.statements[fact] if state == 'present']
            else:
                found = list(self.passed[fact])
                for low in self.cat.below[fact]:
                    if self.state[low]:
                        found += [self.derive(i, fact) for i in self.instances(low)]
            self._instances[fact] = found
        return self._instances[fact]

    def person_values(self, fact, attribute):
        """S3: the values of a person's attribute that hold for instances of the fact that lack it."""
        if not declares(self.cat, fact, attribute):
            return []
        values = []
        for i in self.instances(fact) if self.has_own(fact) else self.passed[fact]:
            if attribute in i.attrs and i.attrs[attribute] not in values:
                values.append(i.attrs[attribute])
        if self.has_own(fact):
            if values:
                return values       # from those below only what none of its own gives
            values = [i.attrs[attribute] for i in self.passed[fact] if attribute in i.attrs]
        for low in self.cat.below[fact]:
            if self.state[low]:
                for value in self.person_values(low, attribute):
                    if value not in values:
                        values.append(value)
        return values

    def variants(self, fact):
        """Every instance with every choice of the person's attributes it lacks: [(instance, attributes)]."""
        if fact not in self._variants:
            found = []
            for i in self.instances(fact):
                lacking = [a for a in PERSON_ATTRIBUTES if a not in i.attrs and self.person_values(fact, a)]
                for values in itertools.product(*[self.person_values(fact, a) for a in lacking]):
                    attrs = dict(i.attrs)
                    attrs.update(zip(lacking, values))
                    found.append((i, attrs))
            self._variants[fact] = found
        return self._variants[fact]

    def findings_of(self, fact):
        """S20: the findings that make the fact present, through implies and umbrella."""
        found = {pointer for pointer, state, _ in self.statements[fact] if state == 'present'}
        for i in self.passed[fact]:
            found.update(i.pointers)
        for low in self.cat.below[fact]:
            if self.state[low]:
                found |= self.findings_of(low)
        return found

    # S6: attributes
    def attribute(self, fact, attrs, name):
        """The value of an attribute of a present fact, None when it is unknown."""
        if name != 'days_ago':
            return attrs.get(name)
        if 'valid_days' in self.cat.facts[fact]:
            return (self.as_of - day(attrs['date'])).days if 'date' in attrs else 0
        when = attrs.get('date', attrs.get('since'))
        return None if when is None else (self.as_of - day(when)).days

    # S7: derived variables
    def complaint_passes(self, definition, c):
        """The test of a list on one complaint; unknown where the list says so."""
        if 'region' not in c:
            return False
        for member in ('duration_days', 'pain', 'onset', 'cause'):
            if member not in definition:
                continue
            if member not in c:
                return {'counts': True, 'does_not_count': False, 'unknown': None}[definition['not_given']]
            test = definition[member]
            if isinstance(test, list):
                return c[member] in test
            return test.get('min', c[member]) <= c[member] <= test.get('max', c[member])
        return True

    def membership(self, name, region):
        definition = self.cat.lists[name]
        return k_or(self.complaint_passes(definition, c) for c in self.complaints if c.get('region') == region)

    def pain_low(self):
        return max([c['pain'] for c in self.complaints if 'pain' in c], default=0)

    def pain_open(self):
        return any('pain' not in c for c in self.complaints)

    def compare_pain(self, op, constant):
        low = self.pain_low()
        if not self.pain_open():
            return compare(op, low, constant)
        steps = [low, 10, constant - 1, constant - 0.5, constant, constant + 0.5, constant + 1]
        results = {compare(op, x, constant) for x in steps if low <= x <= 10}
        return results.pop() if len(results) == 1 else None

    def duration_max(self, complaints=None):
        given = [c['duration_days'] for c in (self.complaints if complaints is None else complaints)
                 if 'duration_days' in c]
        return max(given) if given else None

    def acuity(self, complaints=None):
        longest, bounds = self.duration_max(complaints), self.cat.definitions['acuity']
        if longest is None:
            return 'none'
        return ('acute' if longest < bounds['subacute_from_days'] else
                'subacute' if longest < bounds['chronic_from_days'] else 'chronic')

    def given_list(self, name):
        return {'goals': self.goals,
                'onset_any': [c['onset'] for c in self.complaints if 'onset' in c],
                'cause_any': [c['cause'] for c in self.complaints if 'cause' in c]}[name]

    def derived_leaf(self, expr):
        """A leaf over derived variables only (rules and ask_if)."""
        op, args = operator(expr)
        if op == 'in':
            item, where = args
            if is_var(where):
                if where['var'] in self.cat.lists:
                    return self.membership(where['var'], item)
                return item in self.given_list(where['var'])
            value = {'age_years': self.age, 'sex': self.sex}[item['var']]
            return None if value is None else value in where
        op, name, constant = split_comparison(expr)
        if name == 'pain_max':
            return self.compare_pain(op, constant)
        value = {'age_years': self.age, 'sex': self.sex}[name]
        return None if value is None else compare(op, value, constant)


# --------------------------------------------------------------------------
# One rule over one request (S3, S8)
# --------------------------------------------------------------------------
def leaf_fact(cat, expr):
    """(fact, attribute or None) that a leaf reads, or None for a derived variable."""
    for name in names_read(expr):
        fact, _, attribute = name.partition('.')
        if fact in cat.facts:
            return fact, attribute or None
    return None


class Reading:
    """A condition with some facts overridden: fact -> the instances that are left (none: it counts as absent)."""

    def __init__(self, r, when, override=None):
        self.r, self.when, self.override = r, when, override or {}
        self.true_choices = []      # the choices of instances that make it true
        self.terms = []             # completions that make it true: (choice, literals, facts of true branches)
        self.evaluate()

    def state(self, fact):
        if fact in self.override:
            return bool(self.override[fact])
        return self.r.state[fact]

    def variants(self, fact):
        if fact in self.override:
            return [v for v in self.r.variants(fact) if v[0] in self.override[fact]]
        return self.r.variants(fact)

    def instances(self, fact, choice):
        """The instances that stand behind a fact under a choice (S11): the one tried, else all of them."""
        if fact in choice:
            return [choice[fact][0]]
        return self.override[fact] if fact in self.override else self.r.instances(fact)

    def evaluate(self):
        # S3: every choice of one instance per fact whose attributes it reads
        read = []
        for name in names_read(self.when):
            fact, _, attribute = name.partition('.')
            if attribute and fact in self.r.cat.facts and self.state(fact) and fact not in read:
                read.append(fact)
        value = False
        undecided = []
        for picked in itertools.product(*[self.variants(f) for f in read]):
            choice = dict(zip(read, picked))
            result = kleene(self.when, lambda leaf: self.leaf(leaf, choice))
            value = k_or([value, result])
            if result:
                self.true_choices.append(choice)
            elif result is None:
                undecided.append(choice)
        # S8: open only if some completion makes it true
        if value is None:
            for choice in undecided:
                for literals, support in self.complete(self.when, True, choice):
                    if self.consistent(literals, choice):
                        self.terms.append((choice, literals, support))
            if not self.terms:
                value = False
        self.value = value

    def leaf(self, expr, choice):
        found = leaf_fact(self.r.cat, expr)
        if not found:
            return self.r.derived_leaf(expr)
        fact, attribute = found
        state = self.state(fact)
        if attribute is None or not state:
            return state            # S6: absent: false; unknown: unknown
        op, args = operator(expr)
        value = self.r.attribute(fact, choice[fact][1], attribute)
        if value is None:
            return None
        if op == 'in':
            return value in args[1]
        op, _, constant = split_comparison(expr)
        return compare(op, value, constant)

    # S8, S18: completions as the alternatives of a proof; a settled operand is not completed further
    def complete(self, expr, want, choice):
        value = kleene(expr, lambda leaf: self.leaf(leaf, choice))
        if value is not None:
            return [(frozenset(), frozenset(self.true_facts(expr, choice)) if want else frozenset())] \
                if value == want else []
        op, args = operator(expr)
        if op == '!':
            return self.complete(args[0], not want, choice)
        if op in ('and', 'or'):
            if (op == 'and') == want:       # every operand is needed
                alternatives = [(frozenset(), frozenset())]
                for a in args:
                    alternatives = [(x | y, p | q) for x, p in alternatives
                                    for y, q in self.complete(a, want, choice)]
                return alternatives
            return [term for a in args for term in self.complete(a, want, choice)]
        found = leaf_fact(self.r.cat, expr)
        support = frozenset([found[0]]) if found and want else frozenset()
        return [(frozenset([(json.dumps(expr, sort_keys=True), want)]), support)]

    def true_facts(self, expr, choice):
        """The facts in true branches of a true expression (nothing under a negation)."""
        op, args = operator(expr)
        if op == '!':
            return
        if op in ('and', 'or'):
            for a in args:
                if kleene(a, lambda leaf: self.leaf(leaf, choice)):
                    yield from self.true_facts(a, choice)
            return
        found = leaf_fact(self.r.cat, expr)
        if found:
            yield found[0]

    def true_leaves(self, expr, choice):
        op, args = operator(expr)
        if op == '!':
            return
        if op in ('and', 'or'):
            for a in args:
                if kleene(a, lambda leaf: self.leaf(leaf, choice)):
                    yield from self.true_leaves(a, choice)
            return
        yield expr

    def consistent(self, literals, choice, fixed=None):
        """Is there one completion that obeys S1 and the ranges and agrees with all the literals?

        fixed: {(fact, attribute): value} that must be possible too.
        """
        cat, r = self.r.cat, self.r
        present, absent, compared, sexes, pains = set(), set(), {}, [], []
        for text, want in literals:
            expr = json.loads(text)
            found = leaf_fact(cat, expr)
            if found and found[1] is None:
                (present if want else absent).add(found[0])
            elif found:
                compared.setdefault(found[0], []).append((found[1], expr, want))
                if want:
                    present.add(found[0])
            elif 'sex' in names_read(expr):
                sexes.append((expr, want))
            else:
                pains.append((expr, want))
        raised = set()

        def climb(fact):        # S1: present goes up
            if fact not in raised:
                raised.add(fact)
                for up in cat.above[fact]:
                    climb(up)

        for f in present:
            climb(f)
        if raised & absent:
            return False
        for fact, tests in compared.items():
            if not self.state(fact) and fact not in raised:
                continue        # it may be absent, and then every comparison is false, as wanted
            for attribute in {a for a, _, _ in tests}:
                wanted = [(expr, want) for a, expr, want in tests if a == attribute]
                if not any(all(value_passes(expr, x) == want for expr, want in wanted)
                           for x in self.candidates(fact, attribute, wanted, fixed)):
                    return False
        if sexes and not any(all(value_passes(expr, x) == want for expr, want in sexes)
                             for x in ('female', 'male', 'other')):
            return False
        return not pains or self.pains_possible(pains)

    def candidates(self, fact, attribute, wanted, fixed):
        """Values of an attribute that tell all the comparisons apart, within its range."""
        if fixed and (fact, attribute) in fixed:
            return [fixed[fact, attribute]]
        if attribute == 'controlled':
            return [True, False]
        if attribute == 'region':
            return REGIONS
        if attribute == 'side':
            return SIDES
        low, high = attribute_range(attribute)
        if attribute == 'days_ago':
            high = self.r.cat.facts[fact].get('valid_days')
        constants = []
        for expr, _ in wanted:
            op, args = operator(expr)
            constants += args[1] if op == 'in' else [split_comparison(expr)[2]]
        values = {low, high if high is not None else max(constants) + 1}
        for c in constants:
            values |= {c - 1, c, c + 1}
        return [x for x in sorted(values) if x >= low and (high is None or x <= high)]

    def pains_possible(self, pains):
        """One pain of 0 to 10 for each complaint that gives none (one a region is enough)."""
        r = self.r
        regions = sorted({c.get('region', '') for c in r.complaints if 'pain' not in c})
        values = {0, 10}
        for expr, _ in pains:
            op, args = operator(expr)
            c = r.cat.lists[args[1]['var']]['pain']['min'] if op == 'in' else split_comparison(expr)[2]
            values |= {c - 1, c, c + 1}
        values = sorted(v for v in values if 0 <= v <= 10)
        for picked in itertools.product(values, repeat=len(regions)):
            pain = dict(zip(regions, picked))
            good = True
            for expr, want in pains:
                op, args = operator(expr)
                if op == 'in':
                    definition = r.cat.lists[args[1]['var']]
                    result = any(r.complaint_passes(definition, dict({'pain': pain.get(args[0])}, **c))
                                 for c in r.complaints if c.get('region') == args[0])
                else:
                    op, _, constant = split_comparison(expr)
                    result = compare(op, max([r.pain_low()] + list(picked)), constant)
                if result != want:
                    good = False
                    break
            if good:
                return True
        return False

    # S11, S20: what made it true
    def causes(self):
        """Instances (S3) in the true branches, over every choice that makes it true."""
        found = []
        for choice in self.true_choices:
            for fact in self.true_facts(self.when, choice):
                for i in self.instances(fact, choice):
                    if i not in found:
                        found.append(i)
        return found

    def triggers(self):
        r, found = self.r, set()
        for choice in self.true_choices:
            for expr in self.true_leaves(self.when, choice):
                fact = leaf_fact(r.cat, expr)
                if fact:
                    if fact[0] in self.override:
                        for i in self.override[fact[0]]:
                            found.update(i.pointers)
                    else:
                        found |= r.findings_of(fact[0])
                    continue
                op, args = operator(expr)
                if op == 'in' and is_var(args[1]):
                    name = args[1]['var']
                    for i, c in enumerate(r.complaints):
                        if name in r.cat.lists:
                            if c.get('region') == args[0] and r.complaint_passes(r.cat.lists[name], c):
                                found.add('/complaints/%d/region' % i)
                        elif name in ('onset_any', 'cause_any') and c.get(name[:-4]) == args[0]:
                            found.add('/complaints/%d/%s' % (i, name[:-4]))
                    continue
                name = list(names_read(expr))[0]
                if name in ('age_years', 'sex'):
                    found.add('/subject/' + name)
                elif name == 'pain_max':
                    op, _, constant = split_comparison(expr)
                    for i, c in enumerate(r.complaints):
                        if 'pain' in c and compare(op, c['pain'], constant):
                            found.add('/complaints/%d/pain' % i)
        return found


def value_passes(expr, value):
    op, args = operator(expr)
    if op == 'in':
        return value in args[1]
    op, _, constant = split_comparison(expr)
    return compare(op, value, constant)


# --------------------------------------------------------------------------
# Entries: what one rule does to one request (S9, S11)
# --------------------------------------------------------------------------
class Entry:
    """status: 'fired' or 'open'.

    worst_effect, worst_disposition: with the place of an absolute ban still to be answered.
    modifications: [(kind, value, regions or None for the session)]; avoid_region has a set of regions,
    'where_found' among them where a place is not given.
    """


def clearance_in_force(r, c):
    """S9: age of a clearance, and of one for a complaint."""
    age = (r.as_of - day(c['date'])).days
    if not 0 <= age <= r.cat.definitions['clearance']['valid_days']:
        return False
    fact = r.cat.facts[c['for']]
    if fact.get('clearance_only') and 'complaint_regions' in fact:      # S9.5
        for complaint in r.complaints:
            if not fact['complaint_regions'] or complaint.get('region') in fact['complaint_regions']:
                given = complaint.get('duration_days', r.cat.definitions['clearance']['complaint_days_if_not_given'])
                if age > given:
                    return False
    return True


def fits(by, clearable_by):
    return by == clearable_by or (clearable_by == 'physician' and by in CLINICIANS)


def real_date(instance):
    return instance.attrs.get('date', instance.attrs.get('since'))


def judge(r, rule, index):
    """The entry of a rule, or None where it neither fires nor is open."""
    base = Reading(r, rule['when'])
    if base.value is False:
        return None
    status = 'fired' if base.value else 'open'
    # S9: clearances that act on this rule, the latest for each fact
    cleared = {}
    for c in r.req.get('clearances') or []:
        if c['for'] in rule.get('clearance_for', []) and fits(c['by'], rule['clearable_by']) and \
                clearance_in_force(r, c):
            cleared[c['for']] = max(cleared.get(c['for'], day(c['date'])), day(c['date']))
    if not cleared:
        return make_entry(r, rule, index, status, False, [base], [])
    nothing = Reading(r, rule['when'], {f: [] for f in rule['clearance_for']})
    outcomes, readings, undated = [], [], set()
    for newer in (False, True):
        override = {}
        for fact, date in cleared.items():
            override[fact] = []
            if r.cat.facts[fact].get('clearance_only') or not r.state[fact]:
                continue            # S9.1: counts as absent
            for i in r.instances(fact):
                if real_date(i) is None:        # S9.2
                    if rule.get('acute') and declares(r.cat, fact, 'date'):
                        undated.add(fact)
                        if newer:
                            override[fact].append(i)
                elif day(real_date(i)) > date:
                    override[fact].append(i)
        reading = Reading(r, rule['when'], override)
        # S9.3
        if reading.value is False or reading.value == nothing.value:
            outcome = 'lifted'
        else:
            outcome = 'fired' if reading.value else 'open'
        outcomes.append(outcome)
        readings.append(reading)
    if outcomes[0] != outcomes[1]:      # S9.4
        left = [x for x, o in zip(readings, outcomes) if o != 'lifted']
        return make_entry(r, rule, index, 'open', False, left, [(f, 'date') for f in sorted(undated)])
    if outcomes[0] == 'lifted':
        return make_entry(r, rule, index, status, True, [base], [])
    return make_entry(r, rule, index, outcomes[0], False, readings, [])


def make_entry(r, rule, index, status, lifted, readings, asks):
    cat = r.cat
    e = Entry()
    e.rule, e.index, e.status, e.lifted = rule, index, status, lifted
    e.effect, e.disposition, e.severity = rule['effect'], rule.get('disposition'), rule['severity']
    e.asks = list(asks)             # (fact, attribute) that are asked for this entry, beside its completions
    e.place_asks = []               # S11: places of a fired entry
    e.readings = readings
    e.unknown_place = False
    hold = rule.get('if_unknown') == 'hold'
    bans = [m for m in rule.get('modifications', []) if m['kind'] == 'avoid_region' and m['value'] == 'where_found']
    needs_place = rule['regions'] == 'where_found' or bool(bans)
    absolute_ban = bool(bans) and rule['severity'] == 'absolute'
    e.modifications, e.options = [], []
    e.scope_regions = None          # None: systemic
    e.holds = False
    if lifted:                      # S9.6
        e.effect, e.severity = rule['cleared_effect'], 'caution'
        e.disposition = 'proceed_modified' if e.effect == 'modified' and e.disposition else None
    if status == 'fired':
        causes = []
        for reading in readings:
            for i in reading.causes():
                if i not in causes:
                    causes.append(i)
        placed = [i for i in causes if i.placed]
        given = {i.attrs['region'] for i in placed if 'region' in i.attrs}
        missing = [i for i in placed if 'region' not in i.attrs]
        whole = bool(bans) and 'whole_body' in given
        refused = absolute_ban and whole and not lifted
        unknown_place = bool(missing) or (whole and not refused)
        if rule['regions'] == 'where_found':
            if placed and not unknown_place:
                e.scope_regions = by_region(given)
        elif rule['regions'] != 'systemic':
            e.scope_regions = by_region(rule['regions'])
        if not lifted:
            if refused:
                e.effect, e.disposition = 'not_allowed', 'do_not_treat'
            if needs_place:
                e.place_asks = sorted({(i.fact, 'region') for i in missing})
            e.holds = hold and bool(bans) and bool(missing)
            where_given = {i.attrs['region'] for i in causes if 'region' in i.attrs} - {'whole_body'}
            place = (given - {'whole_body'}) | ({'where_found'} if unknown_place else set()) if placed else set()
            e.modifications = resolve(rule, e.scope_regions, place, where_given)
        e.worst_effect, e.worst_disposition = e.effect, e.disposition
        if not lifted and absolute_ban and missing:
            e.worst_effect = max(e.effect, 'not_allowed', key=V.get)
            e.worst_disposition = max(e.disposition or 'proceed', 'do_not_treat', key=D.get)
    else:
        e.holds = hold and not lifted
        e.worst_effect, e.worst_disposition = e.effect, e.disposition
        if rule['regions'] not in ('systemic', 'where_found'):
            e.scope_regions = by_region(rule['regions'])
        if not lifted:
            # every way in which it may come true: its modifications then, and whether its place is still open
            for reading, choice, literals, support in open_ways(readings):
                placed, given, open_place, may_be_whole = place_of(r, reading, choice, literals, support)
                whole = bool(bans) and 'whole_body' in given
                if absolute_ban and (whole or may_be_whole):
                    e.worst_effect = max(e.effect, 'not_allowed', key=V.get)
                    e.worst_disposition = max(e.disposition or 'proceed', 'do_not_treat', key=D.get)
                if needs_place and open_place:
                    e.unknown_place = True
                if any(m['value'] == 'where_given' for m in rule.get('modifications', [])) and \
                        any(r.state[f] is None and declares(cat, f, 'region') for f in support):
                    e.unknown_place = True
                regions = e.scope_regions
                if rule['regions'] == 'where_found' and placed and not open_place and not whole:
                    regions = by_region(given)
                place = (given - {'whole_body'}) | ({'where_found'} if open_place or whole else set()) \
                    if placed else set()
                option = resolve(rule, regions, place, given - {'whole_body'})
                if option not in e.options:
                    e.options.append(option)
            # S10: for "nothing left" a where_found place of an open entry counts as the session
            e.modifications = resolve(rule, None if rule['regions'] == 'where_found' else e.scope_regions,
                                      set(), set())
    return e


def open_ways(readings):
    """(reading, choice, literals, support) of every completion; a reading that is true needs none."""
    for reading in readings:
        if reading.value:
            for choice in reading.true_choices:
                yield reading, choice, frozenset(), frozenset(reading.true_facts(reading.when, choice))
        for choice, literals, support in reading.terms:
            yield reading, choice, literals, support


def place_of(r, reading, choice, literals, support):
    """S11 for one completion: is anything placed, the regions given, is a place open, may it be the whole body."""
    placed, given, open_place, may_be_whole = False, set(), False, False
    for fact in support:
        if reading.state(fact):
            for i in reading.instances(fact, choice):
                if i.placed:
                    placed = True
                    if 'region' in i.attrs:
                        given.add(i.attrs['region'])
                        continue
                    open_place = True
                    if reading.consistent(literals, choice, {(fact, 'region'): 'whole_body'}):
                        may_be_whole = True
        elif declares(r.cat, fact, 'region'):       # assumed present: its place is still to be told
            placed = open_place = True
            if reading.consistent(literals, choice, {(fact, 'region'): 'whole_body'}):
                may_be_whole = True
    return placed, given, open_place, may_be_whole


def resolve(rule, scope_regions, place, where_given):
    """S10, S11: the modifications of an entry with their places filled in."""
    out = []
    for m in rule.get('modifications', []):
        kind, value = m['kind'], m['value']
        if kind == 'avoid_region':
            value = place if value == 'where_found' else where_given if value == 'where_given' else set(value)
            if value:
                out.append((kind, frozenset(value), None))
            continue
        if value == 'where_given':
            value = frozenset(where_given)
            if not value:
                continue
        regions = tuple(scope_regions) if kind in PART_KINDS and scope_regions is not None else None
        out.append((kind, value, regions))
    return out


# --------------------------------------------------------------------------
# S10 Modifications
# --------------------------------------------------------------------------
def effect_on(entry, technique, effect):
    """The effect of an entry on one technique: nothing left?"""
    for kind, value, regions in entry.modifications:
        if regions is not None:
            continue
        if TAKES_TRAIT.get(kind) in technique.get('essential', []) or \
                (kind == 'max_pressure' and value < technique['min_pressure']):
            nothing = 'clearance_required' if entry.rule.get('clearable_by') else 'not_allowed'
            effect = max(effect, nothing, key=V.get)
    return effect


def join(modifications):
    """One value a kind: what all of them say together."""
    joined = {'max_minutes': None, 'max_pressure': None, 'max_pressure_at': {}, 'avoid_region': set(),
              'flags': {}, 'values': {}}
    for kind, value, regions in modifications:
        if kind == 'max_minutes':
            joined['max_minutes'] = value if joined['max_minutes'] is None else min(joined['max_minutes'], value)
        elif kind == 'max_pressure':
            if regions is None:
                joined['max_pressure'] = value if joined['max_pressure'] is None else \
                    min(joined['max_pressure'], value)
            else:
                for region in regions:
                    at = joined['max_pressure_at']
                    at[region] = min(at.get(region, value), value)
        elif kind == 'avoid_region':
            joined['avoid_region'] |= value
        elif kind in VALUE_KINDS:
            joined['values'].setdefault(kind, set()).add(value)
        else:
            flags = joined['flags']
            if regions is None or flags.get(kind) is True:
                flags[kind] = True
            else:
                flags[kind] = flags.get(kind, set()) | set(regions)
    session = joined['max_pressure']
    joined['max_pressure_at'] = {region: value for region, value in joined['max_pressure_at'].items()
                                 if session is None or value < session}
    return joined


def show_modifications(joined):
    out = []
    if joined['max_pressure'] is not None:
        out.append({'kind': 'max_pressure', 'value': joined['max_pressure']})
    at = joined['max_pressure_at']
    for value in sorted(set(at.values())):
        out.append({'kind': 'max_pressure', 'value': value, 'regions': by_region(k for k in at if at[k] == value)})
    if joined['max_minutes'] is not None:
        out.append({'kind': 'max_minutes', 'value': joined['max_minutes']})
    if joined['avoid_region']:
        value = by_region(joined['avoid_region'] - {'where_found'})
        out.append({'kind': 'avoid_region',
                    'value': value + (['where_found'] if 'where_found' in joined['avoid_region'] else [])})
    for kind in sorted(joined['values']):
        for value in sorted(joined['values'][kind]):
            out.append({'kind': kind, 'value': value})
    for kind in sorted(joined['flags']):
        regions = joined['flags'][kind]
        item = {'kind': kind, 'value': True}
        if regions is not True:
            item['regions'] = by_region(regions)
        out.append(item)
    return out


# --------------------------------------------------------------------------
# S15 Progress
# --------------------------------------------------------------------------
class Progress:
    """The readings of replan_definitions over the entries that count."""

    def __init__(self, r, entries):
        self.entries = entries          # [(index in the request, entry)], by date
        definitions = r.cat.definitions['readings']
        items = [p for _, p in entries]
        self.sessions_done = len(items)
        self.last = items[-1] if items else {}
        self.days_since_last = (r.as_of - day(self.last['date'])).days if items else None
        base = now = None
        if items:
            base = items[0].get('pain_before', items[0].get('pain_after'))
            now = (self.last.get('pain_before', self.last.get('pain_after')) if len(items) > 1 else
                   self.last.get('pain_after', self.last.get('pain_before')))
        self.pain_base = base
        drop = None if base is None or now is None else base - now
        change = (self.last['pain_after'] - self.last['pain_before']
                  if 'pain_after' in self.last and 'pain_before' in self.last else 0)
        self.last_reaction = self.last.get('reaction', 'none')
        recent = [p.get('reaction', 'none') for p in items[-definitions['recent_entries']:]]
        self.bruising_count, self.dizziness_count = recent.count('bruising'), recent.count('dizziness')
        self.soreness_run = 0
        for p in reversed(items):
            if p.get('reaction') != 'soreness':
                break
            self.soreness_run += 1
        self.neurological_any = any(p.get('reaction') == 'neurological' for p in items)
        low, count = None, 0
        for n, p in enumerate(items):
            before = p.get('pain_before')
            if n and before is not None and low is not None and \
                    before <= low - definitions['least_noticeable_points']:
                count = 0
            else:
                count += 1
            if before is not None:
                low = before if low is None else min(low, before)
        self.sessions_without_gain = count if base else 0
        important, percent_wanted = definitions['important_points'], definitions['important_percent']
        least, worse = definitions['least_noticeable_points'], definitions['worse_points']

        def is_improved(d):
            return d is not None and (d >= important or (percent(d) >= percent_wanted and d >= least))

        def percent(d):
            return Fraction(100) * Fraction(d) / Fraction(base) if base else 0

        self.improved = is_improved(drop)
        self.much_improved = drop is not None and (
            (percent(drop) >= definitions['substantial_percent'] and drop >= important) or (now <= 1 and drop >= least))
        self.partial = drop is not None and drop >= least and not self.improved
        self.worsened = (change >= worse or self.last_reaction == 'worse' or
                         (drop is not None and (drop <= -worse or (drop <= -least and
                                                                   percent(drop) <= -percent_wanted))))
        self.unchanged = (bool(base) and drop is not None and
                          not self.improved and not self.partial and not self.worsened)
        self.relapsed = False
        if base is not None and low is not None and now is not None:
            gap = definitions['relapse_gap_days']
            gaps = [self.days_since_last]
            if len(items) > 1:
                gaps.append((day(items[-1]['date']) - day(items[-2]['date'])).days)
            self.relapsed = is_improved(base - low) and now - low >= 2 and max(gaps) >= gap

    def value(self, name):
        return getattr(self, name)


PROGRESS_NAMES = ['sessions_done', 'days_since_last', 'pain_base', 'last_reaction', 'bruising_count',
                  'dizziness_count', 'soreness_run', 'neurological_any', 'sessions_without_gain', 'improved',
                  'much_improved', 'partial', 'worsened', 'unchanged', 'relapsed']


class Planner:
    """S13 to S15."""

    def __init__(self, r):
        self.r, self.cat = r, r.cat
        window = r.cat.definitions['readings']['window_days']
        entries = [(i, p) for i, p in enumerate(r.req.get('progress') or [])
                   if 0 <= (r.as_of - day(p['date'])).days <= window]
        entries.sort(key=lambda item: day(item[1]['date']))
        self.course = None
        self.progress = Progress(r, entries)
        self.course = self.choose_course()
        self.true_rules, self.decider = self.replan()
        # S15: a stop is lifted by a clinician's clearance for previous_massage_reaction
        self.lifted_stop, self.after_worse, self.lifted_technique = False, False, None
        lift = r.cat.definitions['stop_lifted']
        dates = [day(c['date']) for c in r.req.get('clearances') or []
                 if c['for'] == lift['clearance_for'] and c['by'] in CLINICIANS and clearance_in_force(r, c)]
        if dates and self.decider and self.decider.get('no_course'):
            before = [item for item in entries if day(item[1]['date']) < max(dates)]
            if before:
                self.lifted_stop = True
                left = Progress(r, before)
                self.after_worse = left.worsened
                self.lifted_technique = last_technique(before)
                self.progress = Progress(r, [item for item in entries if item not in before])
                self.true_rules, self.decider = self.replan()

    # S13: conditions of courses, adjustments and re-planning rules
    def leaf(self, acuity):
        r = self.r

        def value(x):
            if not is_var(x):
                return x
            name = x['var']
            if name in PROGRESS_NAMES:
                return self.progress.value(name)
            if name == 'reassess_after':
                return self.course['reassess_after_sessions'] if self.course else None
            if name == 'max_without_gain':
                return self.course['max_sessions_without_gain'] if self.course else None
            if name.startswith('preferences.'):
                return r.prefs.get(name[len('preferences.'):])
            if name == 'acuity':
                return acuity
            if name == 'duration_days_max':
                return r.duration_max()
            if name == 'has_technique_wish':
                return bool(r.wishes)
            if name == 'regions_over_two':
                return len(set(r.complaint_regions)) > 2
            if name == 'age_years':
                return r.age
            if name == 'sex':
                return r.sex
            raise KeyError(name)

        def leaf(expr):
            op, args = operator(expr)
            if op == 'var':
                return r.state[args]
            if op == 'in' and is_var(args[1]):
                if args[1]['var'] in r.cat.lists:
                    return r.membership(args[1]['var'], args[0])
                return args[0] in r.given_list(args[1]['var'])
            if {'var': 'pain_max'} in args:
                op, _, constant = split_comparison(expr)
                return r.compare_pain(op, constant)
            left, right = value(args[0]), value(args[1])
            if left is None or right is None:
                return None if {'var': 'sex'} in args else False    # S7: what was not given satisfies nothing
            return left in right if op == 'in' else compare(op, left, right)

        return leaf

    def holds(self, when, acuity=None):
        return kleene(when, self.leaf(acuity or self.r.acuity())) is True

    def named_complaints(self, when):
        """S13: the complaints whose region the condition names, outside a negation (None: it names no region)."""
        names = set()

        def walk(expr):
            op, args = operator(expr)
            if op in ('and', 'or'):
                for a in args:
                    walk(a)
            elif op == 'in' and is_var(args[1]) and args[1]['var'] in self.cat.lists:
                names.add(args[0])

        walk(when)
        if not names:
            return None
        return [c for c in self.r.complaints if c.get('region') in names]

    def matches(self, course):
        return self.holds(course['when'], self.r.acuity(self.named_complaints(course['when'])))

    def choose_course(self):
        matching = [c for c in self.cat.courses if self.matches(c)]
        if not matching:
            return None

        def key(course):
            named = self.named_complaints(course['when']) or []
            return (-course['priority'], -max([c.get('pain', 0) for c in named], default=0), course['id'])
        return min(matching, key=key)

    def replan(self):
        """S15: the true rules, and the first of them that decides."""
        true = [x for x in self.cat.replanning if self.holds(x['when'])]
        return true, next((x for x in true if x['decides']), None)

    def disposition(self):
        return (self.decider or {}).get('disposition')

    # S13, S14: the course, or the reason for none
    def plan(self, verdicts, joined, rules_disposition):
        r, cat = self.r, self.cat
        if D[rules_disposition] >= D['needs_answers']:
            return None, 'disposition'
        adjustments = [a for a in cat.adjustments if self.holds(a['when'])]
        for a in adjustments:
            if a.get('no_course') or ('no_course_at' in a and self.too_much_pain(a['no_course_at'])):
                return None, a['id']
        if self.decider and self.decider.get('no_course'):
            return None, self.decider['id']
        course = self.course
        if course is None:
            return None, 'no_matching_course'
        passing = self.technique_test(adjustments, verdicts)
        technique = self.choose_technique(course, adjustments, passing, joined)
        if technique is None:
            home = next((c for c in cat.courses if 'fallback_technique' in c), None)
            if home is None or home is course or not self.matches(home) or not passing(home['fallback_technique']):
                return None, 'no_technique'
            course, technique = home, home['fallback_technique']
        return self.build(course, cat.technique[technique], adjustments, passing, joined[technique])

    def too_much_pain(self, limit):
        """S14: pain of 8 or more means no course, unless it is cleared or belongs to a known chronic pattern."""
        r = self.r
        if r.compare_pain('>=', limit['pain_max']) is not True:
            return False
        for c in r.req.get('clearances') or []:
            if c['for'] in limit['unless_clearance_for'] and c['by'] in CLINICIANS and clearance_in_force(r, c):
                return False
        if r.acuity() == 'chronic' and any(r.state[f] for f in limit['unless_chronic_with']):
            return False
        return True

    def session_modifications(self):
        """What re-planning rules change in the session itself."""
        return [m for x in self.true_rules for m in x.get('modifications', [])]

    def technique_test(self, adjustments, verdicts):
        """S13: what is out."""
        r, cat = self.r, self.cat
        dropped, allowed = set(), None
        for a in adjustments:
            dropped |= set(a.get('techniques_drop', []))
            if 'techniques_allow' in a:
                allow = set(a['techniques_allow'])
                allowed = allow if allowed is None else allowed & allow
            for limit in a.get('techniques_from_age', []):
                if r.age < limit['age_years']:
                    dropped.add(limit['technique'])
        for x in self.true_rules:
            days = x.get('techniques_drop_days')
            if days is None or self.progress.days_since_last <= days:
                dropped |= set(x.get('techniques_drop', []))
                for t in cat.techniques:
                    if set(x.get('techniques_drop_with', [])) & set(t['traits']):
                        dropped.add(t['code'])
        for m in self.session_modifications():
            for t in cat.techniques:
                if TAKES_TRAIT.get(m['kind']) in t.get('essential', []):
                    dropped.add(t['code'])
        if self.after_worse and self.progress.sessions_done == 0 and self.lifted_technique:
            dropped.add(self.lifted_technique)      # S15: another technique

        def passing(code):
            return not (V[verdicts[code]] > V['modified'] or code in dropped or
                        (allowed is not None and code not in allowed) or
                        (not cat.technique[code].get('default_offered') and code not in r.wishes))
        return passing

    def technique_order(self, course, adjustments):
        r, cat = self.r, self.cat
        met = {'region:' + x for x in r.complaint_regions} | {'goal:' + x for x in r.goals}
        order = [t for t in r.wishes if t in course['techniques']]
        order += [t for t in r.wishes if t not in course['techniques'] and
                  met & set(cat.technique[t].get('good_for', []))]
        for a in adjustments:
            order += [t for t in a.get('techniques_first', []) if t in course['techniques']]
        return order + course['techniques']

    def choose_technique(self, course, adjustments, passing, joined):
        order = [t for t in self.technique_order(course, adjustments) if passing(t)]
        usual = order[0] if order else None
        last = last_technique(self.progress.entries)
        if last is None:
            return usual
        kept = last if passing(last) else usual
        change = (self.decider or {}).get('technique')
        if change and not (passing(last) and
                           self.raised_dose(course, self.cat.technique[last], adjustments, joined[last])):
            # the next in the list after the last one, and from its beginning again
            listed = course['techniques']
            at = listed.index(last) + 1 if last in listed else 0
            for t in listed[at:] + listed[:at]:
                if t == last or not passing(t):
                    continue
                if change == 'next_style' or \
                        self.cat.technique[t]['pressure'] < self.cat.technique[last]['pressure']:
                    return t
        return kept

    # S14: numbers
    def bound(self, adjustments, phases):
        """first_sessions: the adjustments that bind each phase."""
        out, start = [], 0
        for phase in phases:
            out.append([a for a in adjustments
                        if a.get('scope') != 'first_session' and
                        (a.get('scope') != 'first_sessions' or start < a['first_sessions'])])
            start += phase['sessions']
        return out

    def minutes_wish(self, adjustments):
        wish = self.r.prefs.get('session_minutes')
        if wish:
            return wish
        return next((a['minutes_prefer'] for a in adjustments if 'minutes_prefer' in a), None)

    def week_wish(self):
        return self.r.prefs.get('sessions_per_week_max') or None

    def per_week(self, phase, adjustments, wish):
        caps = [phase['per_week']] + [a['per_week_max'] for a in adjustments if 'per_week_max' in a]
        return min(caps + ([wish] if wish else []))

    def numbers(self, phase, adjustments, technique, wish_minutes, wish_week):
        low, high = technique['typical_minutes']
        top = min([high] + [a['minutes_max'] for a in adjustments if 'minutes_max' in a])
        minutes = min(max(low, min(wish_minutes, top)), top) if wish_minutes else min(phase['minutes'], top)
        wish = PRESSURES.get(self.r.prefs.get('pressure'))
        pressure = min([min(wish, phase['pressure'] + 1) if wish else phase['pressure'], technique['pressure']] +
                       [a['pressure_max'] for a in adjustments if 'pressure_max' in a])
        return minutes, pressure, self.per_week(phase, adjustments, wish_week)

    def changes(self):
        """S15: the strongest of the true rules, not their sum."""
        deltas = [x['pressure_delta'] for x in self.true_rules if 'pressure_delta' in x]
        factors = [Fraction(str(x['minutes_factor'])) for x in self.true_rules if 'minutes_factor' in x]
        lift = self.cat.definitions['stop_lifted']
        if self.after_worse:
            deltas.append(lift['worsened_pressure_delta'])
            factors.append(Fraction(str(lift['worsened_minutes_factor'])))
        gap = max([x['min_days_between'] for x in self.true_rules if 'min_days_between' in x], default=None)
        cap = None if gap is None else next(s for s in (2, 1, 0.5, 0.25) if Fraction(str(s)) <= Fraction(7, gap))
        return min(deltas, default=0), min(factors, default=1), cap

    def trim(self, phases, per_weeks, adjustments):
        """S14: sessions_max, and weeks_max where the weekly wish made the course longer."""
        phases = [dict(p) for p in phases]

        def total():
            return sum(p['sessions'] for p in phases)

        def drop_last():
            last = max(i for i, p in enumerate(phases) if p['sessions'])
            phases[last]['sessions'] -= 1

        for a in adjustments:
            while 'sessions_max' in a and total() > a['sessions_max']:
                drop_last()
        for a in adjustments:
            if 'weeks_max' in a:
                plain = weeks(phases, [self.per_week(p, adjustments, None) for p in phases])
                if weeks(phases, per_weeks) > plain:
                    while total() > 1 and weeks(phases, per_weeks) > a['weeks_max']:
                        drop_last()
        return phases

    def raised_dose(self, course, technique, adjustments, joined):
        """S15: dose_check comes before a change of style.

        The tested dose, where the planned one is below it and can rise: (minutes, sessions a week).
        """
        ceiling = math.inf if joined['max_minutes'] is None else joined['max_minutes']
        for dose in (self.decider or {}).get('dose_check', []):
            if dose['course'] != course['id']:
                continue
            phases = self.trim(course['phases'],
                               [self.per_week(p, adjustments, self.week_wish()) for p in course['phases']], adjustments)
            now = self.present(phases)
            bound = self.bound(adjustments, phases)[now]
            minutes, _, week = self.numbers(phases[now], bound, technique, self.minutes_wish(adjustments),
                                            self.week_wish())
            phase = dict(phases[now], per_week=max(phases[now]['per_week'], dose['per_week']))
            wanted, _, often = self.numbers(phase, bound, technique, dose['minutes'], None)
            minutes, wanted = min(minutes, ceiling), min(wanted, ceiling)
            if (minutes < dose['minutes'] and wanted > minutes) or (week < dose['per_week'] and often > week):
                return max(minutes, wanted), max(week, min(often, dose['per_week']))
        return None

    def present(self, phases):
        """The phase that the next session falls in, the last one when all are done."""
        done, at = self.progress.sessions_done, 0
        for i, phase in enumerate(phases):
            at += phase['sessions']
            if at > done:
                return i
        return max(i for i, phase in enumerate(phases) if phase['sessions'])

    def build(self, course, technique, adjustments, passing, joined):
        r = self.r
        delta, factor, week_cap = self.changes()
        minutes_wish, week_wish = self.minutes_wish(adjustments), self.week_wish()
        action = (self.decider or {}).get('action')
        done = self.progress.sessions_done
        restarted = done == 0 or self.lifted_stop
        # focus
        avoided = set(joined['avoid_region'])
        for m in self.session_modifications():
            if m['kind'] == 'avoid_region':
                avoided |= set(m['value'])
        focus = []
        for region in course['focus']:
            for x in (r.complaint_regions or [region]) if region == 'whole_body' else [region]:
                if x not in focus and x not in avoided:
                    focus.append(x)
        if not focus:
            return None, 'area_avoided'
        # the phases in force and their numbers
        if action == 'booster':
            plan = self.decider['phases']
        else:
            plan = course['phases']
        plan = self.trim(plan, [self.per_week(p, adjustments, week_wish) for p in plan], adjustments)
        dose = None
        if (self.decider or {}).get('dose_check') and technique['code'] == last_technique(self.progress.entries):
            dose = self.raised_dose(course, technique, adjustments, joined)
        numbered = []
        for phase, bound in zip(plan, self.bound(adjustments, plan)):
            minutes, pressure, week = self.numbers(phase, bound, technique, minutes_wish, week_wish)
            if dose:
                minutes, week = max(minutes, dose[0]), max(week, dose[1])
            minutes = math.floor(minutes * factor)
            pressure = max(1, pressure + delta)
            # the rules' modifications always win
            if joined['max_minutes'] is not None:
                minutes = min(minutes, joined['max_minutes'])
            caps = [] if joined['max_pressure'] is None else [joined['max_pressure']]
            for region, value in joined['max_pressure_at'].items():
                if region in focus or 'whole_body' in focus or region == 'whole_body':
                    caps.append(value)
            numbered.append(dict(phase, minutes=minutes, pressure=min([pressure] + caps), per_week=week))
        # S15: what is left of them
        total = sum(p['sessions'] for p in plan)
        left = total - done
        now = None if action in (None, 'new_intake', 'booster') else self.present(plan)
        if action in (None, 'new_intake', 'booster'):
            phases = numbered
            restarted = restarted or action == 'new_intake'
        elif action == 'finish':
            phases = [dict(numbered[now], name='Finish', sessions=max(1, min(left, self.decider['sessions_left_max'])),
                           per_week=min(self.decider['per_week'], numbered[now]['per_week']))]
            phases[0].pop('only_if', None)
        elif action == 'taper':
            steps = self.decider['per_week_steps']
            week = max([s for s in steps if s < numbered[now]['per_week']], default=min(steps))
            phases = [dict(numbered[now], name='Taper', sessions=max(1, min(left, self.decider['sessions_left_max'])),
                           per_week=min(week, numbered[now]['per_week']))]
            phases[0].pop('only_if', None)
        else:
            start = done
            if any(x['action'] == 'restart_phase' for x in self.true_rules) and left > 0:
                start = sum(p['sessions'] for p in plan[:now])
            phases = []
            for phase in numbered:
                gone = min(start, phase['sessions'])
                start -= gone
                phases.append(dict(phase, sessions=phase['sessions'] - gone))
            if 'sessions_left_max' in self.decider:
                room = self.decider['sessions_left_max']
                for phase in phases:
                    phase['sessions'] = min(phase['sessions'], room)
                    room -= phase['sessions']
        if any(x['action'] == 'restart_phase' for x in self.true_rules):
            restarted = True
        phases = [p for p in phases if p['sessions'] > 0]
        if not phases:
            return None, 'course_completed'
        for phase in phases:
            if week_cap is not None:
                phase['per_week'] = min(phase['per_week'], week_cap)
        # the answer
        total = sum(p['sessions'] for p in phases)
        reassess = course['reassess_after_sessions']
        if self.decider and 'reassess_after_sessions' in self.decider:
            reassess = self.decider['reassess_after_sessions']
        for a in adjustments:
            if 'reassess_after_sessions' in a:
                reassess = a['reassess_after_sessions']
        out = {'id': course['id'], 'technique': technique['code'], 'phases': [],
               'total_sessions': total, 'weeks': weeks(phases, [p['per_week'] for p in phases]),
               'reassess_after_sessions': min(reassess, total)}
        for p in phases:
            item = {k: p[k] for k in ('name', 'sessions', 'per_week', 'minutes', 'pressure')}
            item['focus'] = focus
            if 'only_if' in p:
                item['only_if'] = p['only_if']
            out['phases'].append(item)
        if restarted:
            for a in self.cat.adjustments:
                if a.get('scope') == 'first_session':
                    first = phases[0]
                    out['first_session'] = {
                        'minutes': min(first['minutes'], a['minutes_max']),
                        'pressure': max(1, min(first['pressure'] + a['pressure_delta'], a['pressure_max']))}
                    if technique['code'] in a['techniques_avoid']:
                        other = [t for t in self.technique_order(course, adjustments)
                                 if passing(t) and t not in a['techniques_avoid']]
                        if other:
                            out['first_session']['technique'] = other[0]
        if self.decider:
            out['replan'] = self.decider['id']
        return out, None


def weeks(phases, per_weeks):
    return math.ceil(sum((Fraction(p['sessions']) / Fraction(str(w)) for p, w in zip(phases, per_weeks)), Fraction(0)))


def last_technique(entries):
    for _, p in reversed(entries):
        if 'technique' in p:
            return p['technique']
    return None


# --------------------------------------------------------------------------
# The answer
# --------------------------------------------------------------------------
def technique_leaf(technique):
    def leaf(expr):
        op, name, constant = split_comparison(expr)
        value = technique['pressure'] if name == 'pressure' else name in technique['traits']
        return compare(op, value, constant)
    return leaf


def floor_of(disposition):
    """S12: the least verdict of every technique under a disposition."""
    if D[disposition] >= D['do_not_treat']:
        return 'not_allowed'
    if disposition in ('clearance_required', 'needs_answers'):
        return disposition
    return 'allowed'


def gravest(values, rank, least):
    return max([least] + [v for v in values if v is not None], key=rank.get)


def screen(cat, req, trace=None):
    errors = check(cat, req)
    if errors:
        return {'errors': errors}
    r = Request(cat, req)
    entries = [e for e in (judge(r, rule, i) for i, rule in enumerate(cat.rules)) if e]
    fired = [e for e in entries if e.status == 'fired']
    opened = [e for e in entries if e.status == 'open']
    targets = {}
    for e in entries:
        targets[e.index] = {t['code'] for t in cat.techniques
                            if 'target' not in e.rule or kleene(e.rule['target'], technique_leaf(t))}
    planner = Planner(r)

    # S10: on offer
    offer = {}
    for t in cat.techniques:
        if t.get('never_offered'):
            offer[t['code']] = False
        elif 'offer_when' in t:
            offer[t['code']] = Reading(r, t['offer_when']).value
        else:
            offer[t['code']] = True

    # S12: disposition
    definite_of_rules = gravest([e.disposition for e in fired], D, 'proceed')
    definite = gravest([definite_of_rules, planner.disposition()], D, 'proceed')
    holding = [e for e in entries if e.holds]
    asks_answers = 'needs_answers' if any(e.disposition for e in holding) else None
    rules_disposition = gravest([definite_of_rules, asks_answers], D, 'proceed')
    disposition = gravest([definite, asks_answers], D, 'proceed')
    worst_disposition = gravest([e.worst_disposition for e in entries] + [definite], D, 'proceed')

    # S8, S10, S12: verdicts
    verdicts, could, because, joined, fired_effect = {}, {}, {}, {}, {}
    for t in cat.techniques:
        code = t['code']
        on = [e for e in entries if code in targets[e.index]]
        on_fired = [e for e in on if e.status == 'fired']
        joined[code] = join(m for e in on_fired for m in e.modifications)
        fired_effect[code] = gravest([effect_on(e, t, e.effect) for e in on_fired] + [floor_of(definite)], V, 'allowed')
        if offer[code] is False:
            verdicts[code] = could[code] = 'not_allowed'
            because[code] = []
            continue
        verdicts[code] = gravest([fired_effect[code], floor_of(disposition)] +
                                 ['needs_answers' for e in on if e.holds], V, 'allowed')
        could[code] = gravest([effect_on(e, t, e.worst_effect) for e in on] + [floor_of(worst_disposition)],
                              V, 'allowed')
        if offer[code] is None:
            could[code] = 'not_allowed'
        # S20
        reasons = [(e, effect_on(e, t, e.effect)) for e in on_fired]
        reasons = [x for x in reasons if x[1] != 'allowed']
        reasons.sort(key=lambda x: (-V[x[1]], -SEV[x[0].severity], x[0].index))
        because[code] = [e.rule['id'] for e, _ in reasons]
        stop = planner.disposition()
        if stop and floor_of(stop) != 'allowed' and verdicts[code] == floor_of(stop):
            because[code].insert(0, planner.decider['id'])

    answer = {'disposition': disposition}

    # S16 Booking
    offered = [t['code'] for t in cat.techniques if t.get('default_offered') or t['code'] in r.wishes]
    if D[disposition] >= D['do_not_treat']:
        answer['booking'] = 'refuse'
    elif disposition in ('needs_answers', 'clearance_required'):
        answer['booking'] = 'hold'
    elif any(verdicts[c] in ('allowed', 'modified') for c in offered):
        answer['booking'] = 'book' if disposition == 'proceed' and not r.present_unrecognised and \
            all(verdicts[c] == 'allowed' for c in r.wishes) else 'book_with_changes'
    elif any(verdicts[c] in ('needs_answers', 'clearance_required') for c in offered):
        answer['booking'] = 'hold'
    else:
        answer['booking'] = 'refuse'

    # S18 Questions
    questions = ask(r, entries, opened, fired, targets, offer, verdicts, definite, fired_effect, joined)
    answer['complete'] = not questions

    # S17 Ranking
    met = {'goal:' + g for g in r.goals} | {'region:' + x for x in r.complaint_regions}
    if r.complaints:
        met.add('acuity:' + r.acuity())
    ranked = sorted(enumerate(cat.techniques), key=lambda x: (
        V[verdicts[x[1]['code']]],
        r.wishes.index(x[1]['code']) if x[1]['code'] in r.wishes else len(r.wishes),
        0 if x[1].get('default_offered') else 1,
        -len(met & set(x[1].get('good_for', []))),
        x[0]))
    answer['techniques'] = [
        {'code': t['code'], 'verdict': verdicts[t['code']], 'could_become': could[t['code']],
         'modifications': [] if verdicts[t['code']] == 'not_allowed' else show_modifications(joined[t['code']]),
         'because': because[t['code']]} for _, t in ranked]

    # S20 Warnings
    warnings = []
    for e in fired:
        if targets[e.index] and all(cat.technique[c].get('never_offered') for c in targets[e.index]):
            continue
        w = {'code': e.rule['id'], 'severity': e.severity,
             'scope': 'systemic' if e.scope_regions is None else 'regional'}
        if e.scope_regions is not None:
            w['regions'] = e.scope_regions
        triggers = set()
        for reading in e.readings:
            triggers |= reading.triggers()
        w['triggered_by'] = sorted(triggers)
        if e.lifted:
            w['cleared'] = True
        elif e.rule.get('clearable_by'):
            w['clearable_by'] = e.rule['clearable_by']
        warnings.append((-SEV[e.severity], e.index, w))
    if planner.disposition():
        severity = 'urgent' if planner.disposition() == 'refer_urgently' else 'clearance'
        warnings.append((-SEV[severity], len(cat.rules), {
            'code': planner.decider['id'], 'severity': severity, 'scope': 'systemic',
            'triggered_by': sorted('/progress/%d' % i for i, _ in planner.progress.entries)}))
    answer['warnings'] = [w for _, _, w in sorted(warnings, key=lambda x: x[:2])]
    answer['questions'] = questions

    # S13 to S15
    course, reason = planner.plan(verdicts, joined, rules_disposition)
    if course:
        answer['course'] = course
    else:
        answer['no_course_because'] = reason
    answer['unrecognised'] = r.unrecognised
    answer['outdated'] = r.outdated
    answer['conflicts'] = []
    for f in cat.fact_order:
        if len({state for _, state, _ in r.statements[f]}) > 1:
            answer['conflicts'].append({
                'fact': f, 'state': {True: 'present', False: 'absent', None: 'unknown'}[r.state[f]],
                'pointers': sorted(pointer for pointer, _, _ in r.statements[f])})
    if trace is not None:
        trace['fired'] = [e.rule['id'] for e in fired]
        trace['open'] = [e.rule['id'] for e in opened]
        trace['lifted'] = [e.rule['id'] for e in entries if e.lifted]
        trace['replan_true'] = [x['id'] for x in planner.true_rules]
        trace['replan'] = planner.decider['id'] if planner.decider else None
        trace['request'] = r
    return answer


# --------------------------------------------------------------------------
# S18 Questions
# --------------------------------------------------------------------------
def ask(r, entries, opened, fired, targets, offer, verdicts, definite, fired_effect, joined):
    cat = r.cat
    asked = {}      # (fact, attribute or None) -> [ranks of the rules concerned]

    def add(key, entry):
        rank = (D[entry.worst_disposition] if entry.worst_disposition else -1, V[entry.worst_effect],
                SEV[entry.severity]) if entry else (-1, -1, -1)
        asked.setdefault(key, []).append(rank)

    lone = r.unlisted == 'absent'

    def open_from_below(fact):
        """Denied, or an umbrella not stated where the form asked all: unknown only for something below it."""
        return r.stated[fact] == 'absent' or (lone and r.stated[fact] is None and 'covers' in cat.facts[fact])

    def said_unknown(fact):
        for low in cat.below[fact]:
            if r.state[low] is None:
                if r.stated[low] == 'unknown':
                    yield from fact_questions(low)
                else:
                    yield from said_unknown(low)

    def fact_questions(fact):
        """A covered fact is replaced by its umbrella while that is unknown."""
        if open_from_below(fact):
            found = []
            if r.stated[fact] is None:
                found = [q for c in cat.facts[fact]['covers'] if r.state[c] is None for q in fact_questions(c)]
            found = found or list(said_unknown(fact))
            if found:
                return found
        umbrella = cat.umbrella.get(fact)
        while umbrella and r.state[umbrella] is None and not open_from_below(umbrella):
            fact, umbrella = umbrella, cat.umbrella.get(umbrella)
        return [fact]

    def unknowns(entry):
        for key in entry.asks:
            yield key
        for reading in entry.readings:
            for _, literals, _ in reading.terms:
                for text, _ in literals:
                    expr = json.loads(text)
                    found = leaf_fact(cat, expr)
                    if not found:
                        yield ('sex' if 'sex' in names_read(expr) else 'pain_max'), None
                    elif r.state[found[0]] is None:
                        for fact in fact_questions(found[0]):
                            yield fact, None
                    else:
                        yield found[0], 'date' if found[1] == 'days_ago' else found[1]

    for e in opened:
        if matters(r, e, targets[e.index], offer, definite, fired_effect, joined, fired, targets):
            for key in set(unknowns(e)):
                add(key, e)
    for e in fired:
        if any(verdicts[c] != 'not_allowed' for c in targets[e.index]):
            for key in e.place_asks:
                add(key, e)
    for t in cat.techniques:        # S10: what offer_when reads
        if offer[t['code']] is None:
            for name in names_read(t['offer_when']):
                if name in cat.facts and r.state[name] is None:
                    for fact in fact_questions(name):
                        add((fact, None), None)

    def order(key):
        fact, attribute = key
        ranks = asked[key]
        gate = fact in cat.facts and cat.facts[fact].get('gate', False)
        return (-max(x[0] for x in ranks), -max(x[1] for x in ranks), -max(x[2] for x in ranks),
                0 if gate else 1,
                cat.fact_rank.get(fact, len(cat.fact_order) + cat.attribute_rank.get(fact, 0)),
                -1 if attribute is None else cat.attribute_rank[attribute])

    out = []
    for fact, attribute in sorted(asked, key=order):
        out.append({'fact': fact} if attribute is None else {'fact': fact, 'attribute': attribute})
    return out


def matters(r, e, targeted, offer, definite, fired_effect, joined, fired, targets):
    """S18: could an open rule change the answer?"""
    if e.worst_disposition and D[e.worst_disposition] > D[definite]:
        return True
    for code in targeted:
        if offer[code] is False or fired_effect[code] == 'not_allowed':
            continue
        theirs = V[fired_effect[code]]
        if V[effect_on(e, r.cat.technique[code], e.worst_effect)] > theirs:
            return True
        if e.holds and theirs < V['needs_answers']:
            return True
        if e.unknown_place:
            return True
        now = [m for x in fired if code in targets[x.index] for m in x.modifications]
        if any(join(now + option) != joined[code] for option in e.options):
            return True
    return False


def main():
    cat = load_catalogue(sys.argv[1])
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(screen(cat, json.loads(line))))


if __name__ == '__main__':
    main()
