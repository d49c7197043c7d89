#!/usr/bin/python3
"""Reference reading of "How a request is judged" (rules S1 to S22, without S19).

Plain and slow on purpose: trees are walked, choices and completions are listed
one by one. The comments name the S-rule a piece of code stands for. This file
makes the answer; what it is made of stands in the files beside it.

    python3 reference.py CATALOGUE_DIR < requests.jsonl > answers.jsonl
"""
import json
import sys

from vocabulary import D, SEV, V
from catalogue import check, load_catalogue
from logic import compare, kleene, names_read, split_comparison
from request import Request
from reading import Reading, leaf_fact
from entries import effect_on, join, judge, show_modifications
from course import Planner


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


# ---- S18 Questions -------------------------------------------------------------------------------------------------

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
