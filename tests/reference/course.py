"""The sessions so far, and the course they make (S13 to S15)."""
import math
from fractions import Fraction

from vocabulary import CLINICIANS, D, PRESSURES, TAKES_TRAIT, V, day
from logic import compare, is_var, kleene, operator, split_comparison
from entries import clearance_in_force


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
