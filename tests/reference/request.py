"""One request: its facts, instances and complaints (S1 to S7)."""
import datetime
import itertools

from vocabulary import ATTRIBUTES, PERSON_ATTRIBUTES, day
from catalogue import all_findings, declares, facts_of_code
from logic import compare, is_var, k_or, kleene, operator, split_comparison


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
