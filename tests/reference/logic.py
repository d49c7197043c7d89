"""Conditions as trees of three values: True, False, None (unknown)."""


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
