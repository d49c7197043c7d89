#!/usr/bin/python3
"""Random valid requests for the screening, the same ones for the same seed.

    python3 generate.py CATALOGUE_DIR SEED COUNT > requests.jsonl
    python3 generate.py CATALOGUE_DIR SEED COUNT --coverage > requests.jsonl

With --coverage every request is also judged by reference.py, and what was never
reached is told on stderr.
"""
import collections
import datetime
import json
import random
import sys

import reference as ref

AS_OF = ['2026-11-20'] * 8 + ['2026-11-21', '2026-03-01', '2024-02-29', '2027-01-01']
LIST_OF_KIND = {'symptom': ('symptoms',), 'condition': ('history', 'conditions'),
                'medication': ('history', 'medications'), 'procedure': ('history', 'procedures'),
                'injury': ('history', 'injuries'), 'derived': ('symptoms',)}
AGES = [0, 2, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 25, 30, 35, 40, 44, 45, 46, 50, 55, 59, 60, 61, 64, 65,
        66, 69, 70, 71, 74, 75, 76, 79, 80, 81, 90]
DURATIONS = [0, 1, 3, 4, 5, 10, 29, 30, 31, 41, 42, 43, 60, 83, 84, 85, 86, 90, 120, 200, 364, 365, 366, 700]
PAINS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
UMBRELLA_ANSWERS = ['absent'] * 6 + ['present', 'unknown']


class Wanted:
    """What a condition needs in order to be true, along one randomly taken branch."""

    def __init__(self):
        self.facts, self.attrs, self.lists, self.derived = {}, [], [], []


class Generator:
    def __init__(self, cat, seed):
        self.cat, self.rng = cat, random.Random(seed)
        self.plain = [f for f in cat.fact_order
                      if 'covers' not in cat.facts[f] and not cat.facts[f].get('clearance_only')]
        self.umbrellas = [f for f in cat.fact_order if 'covers' in cat.facts[f]]
        self.gates = [f for f in cat.fact_order if cat.facts[f].get('gate')]
        self.cycle = {'rules': [], 'courses': [], 'replans': []}
        self.codes_of = collections.defaultdict(list)
        for f in cat.fact_order:
            for system, prefixes in cat.facts[f].get('codes', {}).items():
                self.codes_of[f] += [(system, p) for p in prefixes]
        # the constants that rules compare an attribute with, and the rules that a clearance may lift
        self.bounds = collections.defaultdict(set)
        self.rules_of = collections.defaultdict(list)
        for rule in cat.rules:
            for leaf in ref.leaves(rule['when']):
                found = ref.leaf_fact(cat, leaf)
                if found and found[1]:
                    self.bounds[found].add(ref.split_comparison(leaf)[2])
            for f in {n.partition('.')[0] for n in ref.names_read(rule['when'])}:
                self.rules_of[f].append(rule)

    def next_of(self, kind, items):
        """Every item in turn, in a new order each time round."""
        if not self.cycle[kind]:
            self.cycle[kind] = list(items)
            self.rng.shuffle(self.cycle[kind])
        return self.cycle[kind].pop()

    def chance(self, p):
        return self.rng.random() < p

    # ---------------------------------------------------------------- conditions
    def satisfy(self, expr, want, out):
        rng = self.rng
        op, args = ref.operator(expr)
        if op == '!':
            return self.satisfy(args[0], not want, out)
        if op in ('and', 'or'):
            for a in (args if (op == 'and') == want else [rng.choice(args)]):
                self.satisfy(a, want, out)
            return
        found = ref.leaf_fact(self.cat, expr)
        if found and found[1] is None:
            out.facts[found[0]] = want
        elif found:
            out.attrs.append((found[0], found[1], expr, want))
        elif op == 'in' and ref.is_var(args[1]) and args[1]['var'] in self.cat.lists:
            out.lists.append((args[1]['var'], args[0], want))
        else:
            out.derived.append((expr, want))

    def value_for(self, fact, attribute, tests):
        """A value that passes the tests, near their bounds more often than not."""
        rng = self.rng
        if attribute == 'controlled':
            values = [True, False]
        elif attribute == 'region':
            values = list(ref.REGIONS)
        else:
            values = set()
            for expr, _ in tests:
                c = ref.split_comparison(expr)[2]
                values |= {c - 1, c, c + 1, c + 20, max(0, c // 2)}
            low, high = ref.attribute_range(attribute)
            if attribute == 'days_ago':
                high = self.cat.facts[fact].get('valid_days')
            if high is not None:
                values.add(high)
            values = [v for v in sorted(values) if v >= low and (high is None or v <= high)]
        good = [v for v in values if all(ref.value_passes(expr, v) == want for expr, want in tests)]
        return rng.choice(good) if good else None

    # ---------------------------------------------------------------- pieces
    def date(self, days):
        return (self.as_of - datetime.timedelta(days=days)).isoformat()

    def random_days(self, fact):
        rng = self.rng
        near = [c + d for c in self.bounds[fact, 'days_ago'] for d in (-1, 0, 1)]
        n = self.cat.facts[fact].get('valid_days')
        if n:
            near += [n - 1, n, n + 1, 0]
        near += [0, 1, 30, 400]
        return max(0, rng.choice(near) if self.chance(0.8) else rng.randrange(0, 1500))

    def random_attributes(self, fact, fill=0.6):
        rng, out = self.rng, {}
        for a in self.cat.facts[fact].get('attributes', []):
            if not self.chance(fill):
                continue
            bounds = [c + d for c in self.bounds[fact, a] if not isinstance(c, (str, bool)) for d in (-1, 0, 1)]
            if a == 'date':
                out['since' if self.chance(0.15) else 'date'] = self.date(self.random_days(fact))
                if self.chance(0.04):
                    out['since'] = self.date(self.random_days(fact))
            elif a == 'region':
                out[a] = 'whole_body' if self.chance(0.1) else rng.choice(ref.REGIONS)
            elif a == 'side':
                out[a] = rng.choice(ref.SIDES)
            elif a == 'controlled':
                out[a] = self.chance(0.5)
            elif a == 'severity':
                out[a] = min(10, max(0, rng.choice(bounds + [rng.choice(PAINS)])))
            elif a == 'gestation_weeks':
                out[a] = rng.choice([4, 12, 13, 14, 28, 37, 45])
            elif a == 'grade':
                out[a] = rng.choice([1, 2, 3, 4, 5])
            elif a == 'stage':
                out[a] = rng.choice([1, 2, 3])
            elif a == 'systolic':
                out[a] = rng.choice([110, 140, 159, 160, 179, 180, 200])
            elif a == 'diastolic':
                out[a] = rng.choice([70, 90, 99, 100, 119, 120, 130])
            elif a == 'platelets':
                out[a] = rng.choice([20, 49, 50, 51, 150])
        return out

    def name_of(self, fact):
        """By id, or by a code whose longest prefix names the fact."""
        rng = self.rng
        if self.codes_of[fact] and self.chance(0.25):
            for _ in range(3):
                system, prefix = rng.choice(self.codes_of[fact])
                tail = ''.join(rng.choice('0123456789AX') for _ in range(rng.choice([0, 0, 1, 2])))
                code = prefix + tail
                if self.chance(0.2):
                    code = code.replace('.', '')
                if self.chance(0.1):
                    code = code.lower()
                if fact in ref.facts_of_code(self.cat, system, code):
                    return {'system': system, 'code': code}
        return {'id': fact}

    def put(self, req, fact, finding):
        path = LIST_OF_KIND[self.cat.facts[fact]['kind']] if fact else self.rng.choice(list(LIST_OF_KIND.values()))
        if self.chance(0.03):
            path = self.rng.choice(list(LIST_OF_KIND.values()))
        where = req
        for key in path[:-1]:
            where = where.setdefault(key, {})
        where.setdefault(path[-1], []).append(finding)

    def add_fact(self, req, fact, state='present', attrs=None, named=None):
        finding = dict(named or ({'id': fact} if state == 'absent' else self.name_of(fact)))
        if state != 'present' or self.chance(0.1):
            finding['state'] = state
        finding.update(self.random_attributes(fact) if attrs is None else attrs)
        self.put(req, fact, finding)
        return finding

    def complaint(self, region=None, fill=0.85):
        rng = self.rng
        c = {'region': region or rng.choice(ref.REGIONS)}
        if self.chance(0.3):
            c['side'] = rng.choice(ref.SIDES)
        if self.chance(fill):
            c['pain'] = rng.choice(PAINS)
        if self.chance(fill):
            c['onset'] = rng.choice(['gradual', 'gradual', 'sudden'])
        if self.chance(fill):
            c['duration_days'] = rng.choice(DURATIONS)
        if self.chance(fill):
            c['cause'] = rng.choice(ref.CAUSES)
        if self.chance(0.1):
            c['radiates_to'] = [rng.choice(ref.REGIONS)]
        return c

    def fit_complaint(self, c, name, want):
        """Change a complaint so that it passes (or fails) the test of a list."""
        rng = self.rng
        definition = self.cat.lists[name]
        for member in ('duration_days', 'pain', 'onset', 'cause'):
            if member not in definition:
                continue
            values = {'duration_days': DURATIONS, 'pain': PAINS, 'onset': ref.ONSETS, 'cause': ref.CAUSES}[member]
            tried = dict(c)
            good = []
            for v in values:
                tried[member] = v
                if self.request_test(definition, tried) == want:
                    good.append(v)
            if definition['not_given'] == 'counts' and want and self.chance(0.2):
                c.pop(member, None)
            elif good and not self.request_test(definition, c) is want:
                c[member] = rng.choice(good)

    @staticmethod
    def request_test(definition, c):
        return ref.Request.complaint_passes(None, definition, c)

    # ---------------------------------------------------------------- a request for one condition
    def meet(self, req, expr, courses=False):
        rng, out = self.rng, Wanted()
        self.satisfy(expr, True, out)
        # age and other derived variables
        ages = [a for a in AGES]
        for leaf, want in out.derived:
            op, args = ref.operator(leaf)
            names = list(ref.names_read(leaf))
            if names == ['age_years']:
                ages = [a for a in ages if ref.value_passes(leaf, a) == want]
            elif op == 'in' and ref.is_var(args[1]):
                if args[1]['var'] == 'goals' and want:
                    req.setdefault('goals', [])
                    req['goals'] = sorted(set(req['goals']) | {args[0]})
        if any('age_years' in ref.names_read(leaf) for leaf, _ in out.derived) and ages:
            req['subject']['age_years'] = rng.choice(ages)
        # complaints
        for name, region, want in out.lists:
            mine = [c for c in req['complaints'] if c['region'] == region]
            if want and not mine:
                mine = [self.complaint(region, 0.95)]
                req['complaints'] += mine
            if not want and name == 'complaint_regions':
                req['complaints'] = [c for c in req['complaints'] if c['region'] != region]
            elif mine:
                self.fit_complaint(mine[0], name, want)
        for leaf, want in out.derived:
            op, args = ref.operator(leaf)
            names = list(ref.names_read(leaf))
            if names[0] in ('onset_any', 'cause_any', 'pain_max', 'acuity', 'duration_days_max') and want:
                if not req['complaints']:
                    req['complaints'].append(self.complaint(rng.choice(['neck', 'lower_back', 'thigh', 'shoulder'])))
                c = req['complaints'][0]
                if names[0] in ('onset_any', 'cause_any'):
                    c[names[0][:-4]] = args[0]
                elif names[0] == 'pain_max':
                    good = [p for p in PAINS if ref.value_passes(leaf, p)]
                    for x in req['complaints']:
                        x['pain'] = rng.choice(good) if x is c or not x.get('pain') in good else x['pain']
                elif names[0] == 'duration_days_max':
                    good = [d for d in DURATIONS if all(ref.value_passes(x, d) == w for x, w in out.derived
                                                        if list(ref.names_read(x)) == ['duration_days_max'])]
                    for x in req['complaints']:
                        x['duration_days'] = rng.choice(good)
                else:
                    values = args[1] if op == 'in' else [ref.split_comparison(leaf)[2]]
                    value = rng.choice(values)
                    for x in req['complaints']:
                        if value == 'none':
                            x.pop('duration_days', None)
                        else:
                            x['duration_days'] = rng.choice({'acute': [0, 3, 41], 'subacute': [42, 60, 84],
                                                             'chronic': [85, 120, 700]}[value])
        # facts
        for fact, attribute, leaf, want in out.attrs:
            if want:
                out.facts.setdefault(fact, True)
        for fact, want in out.facts.items():
            if self.cat.facts[fact].get('clearance_only'):
                continue
            if not want:
                if self.chance(0.4):
                    self.add_fact(req, fact, 'absent', {})
                continue
            attrs = self.random_attributes(fact, 0.5)
            for attribute in sorted({a for f, a, _, _ in out.attrs if f == fact}):
                tests = [(leaf, w) for f, a, leaf, w in out.attrs if f == fact and a == attribute]
                value = self.value_for(fact, attribute, tests)
                if self.chance(0.12):
                    continue        # left out on purpose: the rule stays open
                if attribute == 'days_ago':
                    attrs.pop('since', None)
                    attrs.pop('date', None)
                    if value is not None:
                        attrs['since' if self.chance(0.1) and value > 0 else 'date'] = self.date(value)
                elif value is not None:
                    attrs[attribute] = value
            if not any(a == 'days_ago' for f, a, _, _ in out.attrs if f == fact) and 'date' in attrs:
                n = self.cat.facts[fact].get('valid_days')
                if n and (self.as_of - datetime.date.fromisoformat(attrs['date'])).days > n and self.chance(0.8):
                    attrs['date'] = self.date(rng.randrange(0, n + 1))
            self.add_fact(req, fact, 'present', attrs)
            if self.chance(0.08):
                self.add_fact(req, fact)        # a second finding of the same fact

    # ---------------------------------------------------------------- progress
    def progress(self, kind):
        """A history of sessions that leads to one re-planning rule."""
        rng = self.rng
        n = {'replan_ceiling': rng.choice([12, 13, 14]), 'replan_much_improved': rng.choice([2, 3, 4]),
             'replan_improved': rng.choice([2, 3, 5, 8]), 'replan_no_gain_stop': rng.choice([2, 3, 4, 6, 8, 9]),
             'replan_unchanged': rng.choice([1, 2, 3, 4, 5]), 'replan_partial': rng.choice([1, 2, 3, 4, 5, 6]),
             'replan_continue': rng.choice([1, 1, 2]), 'completed': rng.choice([4, 6, 8, 10])}.get(
                 kind, rng.choice([2, 3, 4, 5]))
        last = {'replan_gap_new': rng.choice([90, 91, 92, 110, 119, 120, 121]),
                'replan_gap': rng.choice([28, 29, 40, 60, 90])}.get(kind, rng.choice([0, 1, 3, 7, 10, 14, 15, 27]))
        if kind == 'replan_gap_new':
            n = rng.choice([1, 2])
        gap = 7 if n < 12 else 5
        if kind == 'replan_relapse':
            n = rng.choice([3, 4, 5])
        base = rng.choice([4, 5, 6, 7, 8])
        drift = {'replan_much_improved': -base * rng.choice([0.5, 0.6, 0.75]), 'replan_improved': -2,
                 'replan_partial': -1, 'replan_worse': 2, 'completed': rng.choice([0, -2])}.get(kind, 0)
        items = []
        for i in range(n):
            before = base + (drift * i / max(1, n - 1))
            if kind == 'replan_relapse':
                before = base if i == 0 else base - 3 if i < n - 1 else base
            before = min(10, max(0, round(before)))
            p = {'date': self.date(last + gap * (n - 1 - i)), 'technique': rng.choice(self.course_techniques),
                 'minutes': rng.choice([20, 30, 45, 60]), 'pain_before': before,
                 'pain_after': min(10, max(0, before + rng.choice([-2, -1, 0, 0, 1]))),
                 'reaction': rng.choice(['none', 'none', 'none', 'soreness'])}
            if kind in ('replan_continue', 'replan_unchanged', 'completed', 'replan_partial'):
                p['reaction'] = 'none'
            if n == 1:
                p['pain_after'] = min(10, max(0, before + {'replan_partial': -1, 'replan_unchanged': 0,
                                                           'replan_continue': -1}.get(kind, rng.choice([-1, 0]))))
            items.append(p)
        end = items[-1]
        if kind == 'replan_neurological':
            rng.choice(items)['reaction'] = 'neurological'
        elif kind == 'replan_worse' and self.chance(0.5):
            end['reaction'] = 'worse'
        elif kind.startswith('replan_bruising'):
            end['reaction'] = 'bruising'
            if kind.endswith('repeated'):
                items[max(0, n - rng.choice([2, 3]))]['reaction'] = 'bruising'
        elif kind.startswith('replan_dizziness'):
            end['reaction'] = 'dizziness'
            if kind.endswith('repeated'):
                items[max(0, n - rng.choice([2, 3]))]['reaction'] = 'dizziness'
        elif kind == 'replan_soreness_run':
            items[-1]['reaction'] = items[-2 if n > 1 else -1]['reaction'] = 'soreness'
        elif kind == 'replan_soreness':
            end['reaction'] = 'soreness'
            if n > 1:
                items[-2]['reaction'] = 'none'
        elif kind == 'replan_relapse':
            end['date'] = self.date(0)
            for i, p in enumerate(items[:-1]):
                p['date'] = self.date(rng.choice([14, 20, 13]) + gap * (n - 2 - i))
        if self.chance(0.2):
            for p in items:
                for member in ('technique', 'minutes', 'pain_before', 'pain_after', 'reaction'):
                    if self.chance(0.2):
                        p.pop(member, None)
        if self.chance(0.15):
            rng.shuffle(items)
        if self.chance(0.1):
            items.append({'date': self.date(rng.choice([-1, -5, 120, 121, 200])), 'pain_before': 5,
                          'reaction': rng.choice(ref.REACTIONS)})
        return items

    # ---------------------------------------------------------------- clearances and wishes
    def clearances(self, req, aim=None):
        rng, cat, out = self.rng, self.cat, []
        named = set()
        for _, f in ref.all_findings(req):
            if f.get('state', 'present') != 'absent':
                named |= set([f['id']] if 'id' in f else ref.facts_of_code(cat, f['system'], f['code']))
        for f in list(named):
            named |= set(cat.above[f])
        choices = [(f, rule) for f in sorted(named) for rule in self.rules_of[f] if rule.get('clearance_for')]
        choices += [(None, rule) for rule in cat.rules if rule.get('clearance_for') and all(
            cat.facts[f].get('clearance_only') or f in ('guardian_consent', 'previous_massage_reaction')
            for f in rule['clearance_for'])]
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            f, rule = rng.choice(choices)
            target = f if f in rule['clearance_for'] and self.chance(0.8) else rng.choice(rule['clearance_for'])
            by = rule['clearable_by'] if self.chance(0.75) else rng.choice(ref.ROLES)
            days = rng.choice([0, 1, 5, 10, 20, 41, 42, 43, 100, 364, 365, 366, -1])
            dates = [x.get('date', x.get('since')) for _, x in ref.all_findings(req) if x.get('id') == target]
            date = self.date(days)
            if dates and dates[0] and self.chance(0.4):
                near = datetime.date.fromisoformat(dates[0]) + datetime.timedelta(days=rng.choice([-1, 0, 1]))
                date = near.isoformat()
            out.append({'for': target, 'by': by, 'date': date})
        if aim and aim.get('clearance_for') and self.chance(0.8):
            for target in aim['clearance_for'] if self.chance(0.5) else [rng.choice(aim['clearance_for'])]:
                out.append({'for': target, 'by': aim['clearable_by'] if self.chance(0.9) else rng.choice(ref.ROLES),
                            'date': self.date(rng.choice([0, 0, 1, 2, 5, 20, 100]))})
        if self.chance(0.05):
            out.append({'for': rng.choice(cat.fact_order), 'by': rng.choice(ref.ROLES), 'date': self.date(3)})
        return out

    def preferences(self):
        rng, out = self.rng, {}
        if self.chance(0.5):
            out['techniques'] = rng.sample([t['code'] for t in self.cat.techniques], rng.choice([1, 1, 2, 3]))
        if self.chance(0.4):
            out['pressure'] = rng.choice(list(ref.PRESSURES))
        if self.chance(0.4):
            out['session_minutes'] = rng.choice([10, 20, 30, 45, 50, 60, 75, 90, 120])
        if self.chance(0.3):
            out['sessions_per_week_max'] = rng.choice([1, 1, 2, 3, 5])
        return out

    # ---------------------------------------------------------------- one request
    def request(self):
        rng, cat = self.rng, self.cat
        self.as_of = datetime.date.fromisoformat(rng.choice(AS_OF))
        self.course_techniques = [t['code'] for t in cat.techniques]
        req = {'subject': {'age_years': rng.choice(AGES) if self.chance(0.3) else rng.randrange(18, 65)},
               'complaints': []}
        if self.chance(0.7):
            req['subject']['sex'] = rng.choice(ref.SEXES)
        style = rng.choices(['rule', 'course', 'replan', 'random', 'bare'], [42, 20, 20, 14, 4])[0]
        course = rule = None
        if style == 'rule':
            rule = self.next_of('rules', cat.rules)
            if self.chance(0.4):
                req['complaints'].append(self.complaint())
            self.meet(req, rule['when'])
        elif style in ('course', 'replan'):
            course = self.next_of('courses', cat.courses)
            if style == 'course' and self.chance(0.7) or self.chance(0.5):
                req['subject']['age_years'] = rng.choice([20, 30, 40, 50, 64, 66, 75, 5, 12, 16])
            self.course_techniques = course['techniques'] * 3 + [rng.choice(cat.techniques)['code']]
            self.meet(req, course['when'])
            for c in req['complaints']:
                if self.chance(0.7) and c.get('pain', 0) > 6:
                    c['pain'] = rng.choice([3, 4, 5, 6])
                if self.chance(0.8):
                    c['onset'] = 'gradual'
            if course['priority'] == 1 and self.chance(0.5):
                req['goals'] = ['pain_relief']
        elif style == 'random':
            for _ in range(rng.choice([0, 1, 1, 2, 3, 4])):
                req['complaints'].append(self.complaint(fill=rng.choice([0.3, 0.7, 0.9])))
        if self.chance(0.5):
            req['goals'] = sorted(set(req.get('goals', [])) |
                                  set(rng.sample(ref.GOALS, rng.choice([1, 1, 2, 3]))))
        # what is not listed
        gentle = style in ('course', 'replan')
        pick = rng.random()
        if pick < (0.85 if gentle else 0.55):
            req['unlisted'] = 'absent'
        elif pick < 0.95:
            pass
        else:
            req['unlisted'] = 'unknown'
        # gates
        if req.get('unlisted') != 'absent' and self.chance(0.6) or self.chance(0.1):
            for g in self.gates:
                if self.chance(0.92):
                    self.add_fact(req, g, 'absent' if gentle or self.chance(0.9) else rng.choice(UMBRELLA_ANSWERS), {})
        elif self.chance(0.25):
            for g in rng.sample(self.gates, rng.choice([1, 2, 5])):
                self.add_fact(req, g, rng.choice(UMBRELLA_ANSWERS), {})
        # children: consent, and what may lift the bars
        if req['subject']['age_years'] < 18 and self.chance(0.6):
            self.add_fact(req, 'guardian_consent', 'present', {})
        if req['subject']['age_years'] < 8 and self.chance(0.5):
            req['clearances'] = [{'for': 'young_child', 'by': 'physician', 'date': self.date(3)}]
        # further findings
        if gentle:
            more = rng.choice([0, 0, 0, 0, 0, 1, 2])
        else:
            more = rng.choice([0, 0, 1, 1, 2, 3, 6, 12])
        for _ in range(more):
            fact = rng.choice(self.plain)
            self.add_fact(req, fact, rng.choice(['present'] * 5 + ['absent', 'unknown']))
            if self.chance(0.15):
                self.add_fact(req, fact, rng.choice(ref.STATES))
            if self.chance(0.1) and cat.above[fact]:
                self.add_fact(req, rng.choice(cat.above[fact]), rng.choice(ref.STATES))
            if self.chance(0.1) and cat.below[fact]:
                self.add_fact(req, rng.choice(cat.below[fact]), rng.choice(ref.STATES))
        if self.chance(0.05):
            system = rng.choice(['icd-10-cm', 'atc'])
            self.put(req, None, {'system': system, 'code': rng.choice(['ZZ9', '0Q.1', 'Y99.9']),
                                 'state': rng.choice(ref.STATES)})
        if self.chance(0.04):
            fact = rng.choice([f for f in self.plain if self.codes_of[f]])
            system, prefix = rng.choice(self.codes_of[fact])
            self.put(req, fact, {'system': system, 'code': prefix, 'state': 'absent'})
        if self.chance(0.02):       # what only clearances name: stating it decides nothing
            fact = rng.choice([f for f in cat.fact_order if cat.facts[f].get('clearance_only')])
            self.put(req, fact, {'id': fact})
        if self.chance(0.04):       # an attribute that the fact does not declare is ignored
            for _, finding in ref.all_findings(req):
                finding.setdefault('region', 'knee')
                break
        # progress, clearances, wishes
        if style == 'replan' or self.chance(0.03):
            kinds = [x['id'] for x in cat.replanning] + ['completed']
            req['progress'] = self.progress(self.next_of('replans', kinds))
        if self.chance(0.35 if style == 'rule' else 0.15):
            req['clearances'] = req.get('clearances', []) + self.clearances(req, rule)
        if 'progress' in req and self.chance(0.15):
            req.setdefault('clearances', []).append(
                {'for': 'previous_massage_reaction', 'by': rng.choice(['physician', 'surgeon', 'guardian']),
                 'date': self.date(rng.choice([0, 1, 5, 10]))})
        if self.chance(0.55):
            req['preferences'] = self.preferences()
            if gentle and course and self.chance(0.4):
                req['preferences']['techniques'] = [rng.choice(course['techniques'])]
        if not req['complaints'] and not req.get('goals'):
            if self.chance(0.5):
                req['goals'] = [rng.choice(ref.GOALS)]
            else:
                req['complaints'] = [self.complaint()]
        if not req['complaints'] and self.chance(0.7):
            del req['complaints']
        req['as_of'] = self.as_of.isoformat()
        return req


def main():
    words = [w for w in sys.argv[1:] if not w.startswith('--')]
    cat, count = ref.load_catalogue(words[0]), int(words[2])
    generator = Generator(cat, int(words[1]))
    coverage = '--coverage' in sys.argv
    seen = collections.defaultdict(collections.Counter)
    for _ in range(count):
        req = generator.request()
        print(json.dumps(req))
        if coverage:
            trace = {}
            answer = ref.screen(cat, req, trace)
            if 'errors' in answer:
                print('not valid: %s %s' % (answer, json.dumps(req)), file=sys.stderr)
                continue
            for key in ('fired', 'open', 'lifted', 'replan_true'):
                seen[key].update(trace[key])
            seen['replan'][trace['replan']] += 1
            seen['course'][answer.get('course', {}).get('id')] += 1
            seen['replan with course'][answer.get('course', {}).get('replan')] += 1
            seen['no course'][answer.get('no_course_because')] += 1
            seen['warnings'].update(w['code'] for w in answer['warnings'])
            seen['cleared'].update(w['code'] for w in answer['warnings'] if w.get('cleared'))
            seen['disposition'][answer['disposition']] += 1
            seen['booking'][answer['booking']] += 1
            seen['complete'][answer['complete']] += 1
            seen['verdicts'].update(t['verdict'] for t in answer['techniques'])
    if coverage:
        rules = [x['id'] for x in cat.rules]
        silent = [x['id'] for x in cat.rules if 'target' in x and all(
            t.get('never_offered') for t in cat.techniques if ref.kleene(x['target'], ref.technique_leaf(t)))]
        clearable = [x['id'] for x in cat.rules if x.get('clearance_for')]

        def missing(title, wanted, key):
            print('%s: %s' % (title, [x for x in wanted if x not in seen[key]] or 'none'), file=sys.stderr)

        missing('rules never fired', rules, 'fired')
        missing('rules never open', rules, 'open')
        missing('rules never seen as a warning', rules, 'warnings')
        print('  of these no technique is ever offered to: %s' % silent, file=sys.stderr)
        missing('clearable rules never lifted', clearable, 'lifted')
        missing('courses never chosen', [x['id'] for x in cat.courses], 'course')
        missing('re-planning rules never true', [x['id'] for x in cat.replanning], 'replan_true')
        missing('re-planning rules that never decided', [x['id'] for x in cat.replanning if x['decides']], 'replan')
        for key in ('disposition', 'booking', 'complete', 'no course', 'replan with course', 'verdicts', 'course'):
            print('%s: %s' % (key, dict(seen[key].most_common())), file=sys.stderr)


if __name__ == '__main__':
    main()
