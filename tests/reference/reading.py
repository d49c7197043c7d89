"""One rule over one request: true, false, or what it still waits for (S3, S8)."""
import itertools
import json

from vocabulary import REGIONS, SIDES
from catalogue import attribute_range
from logic import compare, is_var, k_or, kleene, names_read, operator, split_comparison


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
