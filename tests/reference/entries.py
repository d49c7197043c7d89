"""What each rule does to one request, and what the entries change together (S9 to S11)."""
from vocabulary import CLINICIANS, D, PART_KINDS, TAKES_TRAIT, V, VALUE_KINDS, by_region, day
from catalogue import declares
from reading import Reading


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


# ---- S10 Modifications ---------------------------------------------------------------------------------------------

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
