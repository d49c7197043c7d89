/* Expands the tree of a condition into terms: a list of conjunctions, each sorted by fact into needs and dropped when
 * it contradicts itself. Every "or" below an "and" is kept as well, whole, for what terms alone cannot tell: whether
 * an operand is settled by more than one way together. */
#include "rules/condition_priv.h"

#include <stdlib.h>

/* ---- expansion -------------------------------------------------------------------------------------------- */

/* A conjunction while it grows: a chain of literals that shares its tail with others. */
struct chain {
    const struct lit *lit;
    const struct node *either, *operand; /* or a choice */
    const struct chain *rest;
};

struct chains {
    VEC(const struct chain *) v;
};

static bool chains_push(struct job *j, struct chains *c, const struct chain *chain)
{
    if (c->v.n >= COND_TERMS_MAX) {
        j->overflow = true;
        return false;
    }
    if (VEC_PUSH(&j->scratch, &c->v, chain))
        return true;
    j->b->oom = true;
    return false;
}

/* Appends to `out` every way to make `n` and then `after` true. */
static bool expand(struct job *j, const struct node *n, const struct chains *after, struct chains *out);

/* Puts `link` before each of `after`. */
static bool prepend(struct job *j, struct chain link, const struct chains *after, struct chains *out)
{
    for (uint32_t i = 0; i < after->v.n; i++) {
        struct chain *c = ARENA_NEW(&j->scratch, struct chain);
        if (!c) {
            j->b->oom = true;
            return false;
        }
        *c = link;
        c->rest = after->v.at[i];
        if (!chains_push(j, out, c))
            return false;
    }
    return true;
}

static bool expand_either(struct job *j, const struct node *n, const struct chains *after, struct chains *out)
{
    for (const struct node *kid = n->first; kid; kid = kid->next) {
        struct chains chosen = { { 0 } };
        const struct chain link = { .either = n, .operand = kid };
        if (n->below_and && !prepend(j, link, after, &chosen))
            return false;
        if (!expand(j, kid, n->below_and ? &chosen : after, out))
            return false;
    }
    return true;
}

static bool expand(struct job *j, const struct node *n, const struct chains *after, struct chains *out)
{
    if (n->kind == NODE_LIT)
        return prepend(j, (struct chain){ .lit = &n->lit }, after, out);
    if (n->kind == NODE_OR)
        return expand_either(j, n, after, out);
    struct chains so_far = *after;
    for (const struct node *kid = n->first; kid; kid = kid->next) {
        struct chains next = { { 0 } };
        if (!expand(j, kid, &so_far, kid->next ? &next : out))
            return false;
        so_far = next;
    }
    return true;
}

/* ---- one term --------------------------------------------------------------------------------------------- */

enum { TERM_LITS_MAX = 512 };

static int order_of(int64_t x, int64_t y)
{
    return (x > y) - (x < y);
}

static int scalar_order(const struct scalar_test *x, const struct scalar_test *y)
{
    const int64_t a[] = { x->variable, x->op, x->other, x->negated, x->triggers, x->lo, x->hi, x->mask };
    const int64_t b[] = { y->variable, y->op, y->other, y->negated, y->triggers, y->lo, y->hi, y->mask };
    int c = 0;
    for (size_t i = 0; c == 0 && i < ARRAY_LEN(a); i++)
        c = order_of(a[i], b[i]);
    return c;
}

/* What is needed first, by fact, presence before its attributes; then what must be absent; then variables. */
static int lit_order(const void *a, const void *b)
{
    static const int place[] = { [LIT_PRESENT] = 0, [LIT_ATTR] = 0, [LIT_ABSENT] = 1, [LIT_SCALAR] = 2 };
    const struct lit *x = *(const struct lit *const *)a, *y = *(const struct lit *const *)b;
    if (place[x->kind] != place[y->kind])
        return place[x->kind] - place[y->kind];
    if (x->kind == LIT_SCALAR)
        return scalar_order(&x->scalar, &y->scalar);
    const int64_t i[] = { x->fact, x->kind, x->attribute, x->lo, x->hi, x->exclude };
    const int64_t k[] = { y->fact, y->kind, y->attribute, y->lo, y->hi, y->exclude };
    int c = 0;
    for (size_t n = 0; c == 0 && n < ARRAY_LEN(i); n++)
        c = order_of(i[n], k[n]);
    return c;
}

static void attribute_range(const struct fact *f, enum attribute a, int32_t *lo, int32_t *hi)
{
    *lo = attribute_table[a].min;
    *hi = attribute_table[a].max;
    if (a == ATTR_DATE) {
        *lo = 0;
        *hi = f->valid_days == NOT_GIVEN ? INT32_MAX : f->valid_days;
    } else if (a == ATTR_STAGE || a == ATTR_SYSTOLIC || a == ATTR_DIASTOLIC || a == ATTR_PLATELETS) {
        *hi = INT32_MAX; /* S8: others are 0 or more */
    }
}

/* Some value within the range passes: looks past the excluded ones, which are few. */
static bool test_possible(const struct cond_builder *b, const struct fact *f, const struct attr_test *t)
{
    int32_t lo, hi;
    attribute_range(f, t->attribute, &lo, &hi);
    lo = lo > t->lo ? lo : t->lo;
    hi = hi < t->hi ? hi : t->hi;
    for (int64_t v = lo; v <= hi && v <= (int64_t)lo + t->n_excluded; v++) {
        bool excluded = false;
        for (uint16_t i = 0; i < t->n_excluded; i++)
            excluded |= b->excluded.at[t->excluded + i] == v;
        if (!excluded)
            return true;
    }
    return false;
}

/* The literals of one fact and one attribute, from `lits[0]` on, as one test. */
static bool build_test(struct job *j, const struct lit *const *lits, size_t n, struct need *need, bool *contradiction)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    struct attr_test t = {
        .attribute = lits[0]->attribute, .lo = INT32_MIN + 1, .hi = INT32_MAX, .excluded = b->excluded.n
    };
    for (size_t i = 0; i < n; i++) {
        if (lits[i]->exclude) {
            if (!VEC_PUSH(a, &b->excluded, lits[i]->lo))
                return false;
            t.n_excluded++;
            continue;
        }
        t.lo = lits[i]->lo > t.lo ? lits[i]->lo : t.lo;
        t.hi = lits[i]->hi < t.hi ? lits[i]->hi : t.hi;
    }
    *contradiction |= t.lo > t.hi;
    t.possible = test_possible(b, &b->cat->facts[need->fact], &t);
    if (!VEC_PUSH(a, &b->tests, t))
        return false;
    need->n_tests++;
    return true;
}

static bool build_need(struct job *j, const struct lit *const *lits, size_t n, struct term *term, bool *contradiction)
{
    struct cond_builder *b = j->b;
    struct need need = { .fact = lits[0]->fact, .tests = b->tests.n };
    for (size_t i = 0; i < n; i++)
        need.triggers |= lits[i]->triggers;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && lits[end]->kind == lits[i]->kind && lits[end]->attribute == lits[i]->attribute;)
            end++;
        if (lits[i]->kind == LIT_ATTR && !build_test(j, lits + i, end - i, &need, contradiction))
            return false;
    }
    if (!VEC_PUSH(&b->cat->arena, &b->needs, need))
        return false;
    term->n_needs++;
    return true;
}

static bool is_pain_test(const struct catalogue *cat, const struct scalar_test *s)
{
    return s->variable == VAR_PAIN_MAX ||
           (s->variable == VAR_COMPLAINT_LIST && cat->definitions.lists[s->hi].not_given == TRI_UNKNOWN);
}

static bool must_be_absent(const struct cond_builder *b, const struct term *t, uint32_t fact)
{
    for (uint16_t i = 0; i < t->n_absents; i++)
        if (b->absents.at[t->absents + i] == fact)
            return true;
    return false;
}

/* A term that needs a fact and the absence of what that fact brings with it can never be true (S1). */
static bool contradicts_itself(const struct cond_builder *b, const struct term *t)
{
    if (t->n_absents == 0)
        return false;
    for (uint16_t i = 0; i < t->n_needs; i++) {
        const struct fact_list *up = &b->cat->facts[b->needs.at[t->needs + i].fact].up;
        for (uint32_t k = 0; k < up->n; k++)
            if (must_be_absent(b, t, up->at[k]))
                return true;
    }
    return false;
}

static bool build_term(struct job *j, const struct chain *chain)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    const struct lit *lits[TERM_LITS_MAX];
    size_t n = 0;
    bool contradiction = false;
    struct term t = { .needs = b->needs.n, .absents = b->absents.n, .scalars = b->scalars.n, .choices = b->choices.n };
    for (; chain && chain->rest; chain = chain->rest) {
        if (n == TERM_LITS_MAX) {
            j->overflow = true;
            return false;
        }
        if (chain->lit)
            lits[n++] = chain->lit;
        else if (VEC_PUSH(a, &b->choices, (struct choice){ chain->either->part, chain->operand->part }))
            t.n_choices++;
        else
            goto oom;
    }
    qsort(lits, n, sizeof(lits[0]), lit_order);
    uint32_t tests_before = b->tests.n, excluded_before = b->excluded.n;
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        if (lits[i]->kind == LIT_PRESENT || lits[i]->kind == LIT_ATTR) {
            while (end < n && (lits[end]->kind == LIT_PRESENT || lits[end]->kind == LIT_ATTR) &&
                   lits[end]->fact == lits[i]->fact)
                end++;
            if (!build_need(j, lits + i, end - i, &t, &contradiction))
                goto oom;
        } else if (i > 0 && lit_order(&lits[i - 1], &lits[i]) == 0) {
            continue; /* the same once more */
        } else if (lits[i]->kind == LIT_ABSENT) {
            if (!VEC_PUSH(a, &b->absents, lits[i]->fact))
                goto oom;
            t.n_absents++;
        } else {
            if (!VEC_PUSH(a, &b->scalars, lits[i]->scalar))
                goto oom;
            t.n_scalars++;
            t.n_pain_tests += is_pain_test(b->cat, &lits[i]->scalar);
        }
    }
    if (contradiction || contradicts_itself(b, &t)) {
        b->needs.n = t.needs;
        b->absents.n = t.absents;
        b->scalars.n = t.scalars;
        b->tests.n = tests_before;
        b->excluded.n = excluded_before;
        b->choices.n = t.choices;
        return true;
    }
    if (VEC_PUSH(a, &b->terms, t)) {
        j->ret.n_terms++;
        return true;
    }
oom:
    b->oom = true;
    return false;
}

/* ---- parts ------------------------------------------------------------------------------------------------ */

/* An "or" deeper inside one that is kept is kept with it. */
static void mark_below(struct node *n)
{
    for (struct node *kid = n->first; kid; kid = kid->next) {
        kid->below_and = kid->kind == NODE_OR;
        mark_below(kid);
    }
}

static bool keep_part(struct job *j, struct node *n, uint32_t at)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    struct part p = { .kind = n->kind == NODE_AND ? PART_ALL : PART_ANY };
    n->part = at;
    if (n->kind == NODE_LIT) {
        const struct lit *lit = &n->lit;
        struct need need = { .fact = lit->fact, .tests = b->tests.n };
        bool contradiction = false;
        switch (lit->kind) {
        case LIT_ABSENT:
            p = (struct part){ .kind = PART_ABSENT, .first = lit->fact };
            break;
        case LIT_SCALAR:
            p = (struct part){ .kind = PART_SCALAR, .first = b->scalars.n };
            b->oom |= !VEC_PUSH(a, &b->scalars, lit->scalar);
            break;
        case LIT_PRESENT:
        case LIT_ATTR:
            p = (struct part){ .kind = PART_NEED, .first = b->needs.n };
            if (lit->kind == LIT_ATTR)
                b->oom |= !build_test(j, &lit, 1, &need, &contradiction);
            b->oom |= !VEC_PUSH(a, &b->needs, need);
            break;
        }
        b->parts.at[at] = p;
        return !b->oom;
    }
    p.first = b->parts.n;
    for (struct node *kid = n->first; kid; kid = kid->next, p.n++)
        if (!VEC_PUSH(a, &b->parts, (struct part){ PART_ALL, 0, 0 }))
            return false;
    b->parts.at[at] = p;
    uint32_t i = 0;
    for (struct node *kid = n->first; kid; kid = kid->next)
        if (!keep_part(j, kid, p.first + i++))
            return false;
    return true;
}

/* Keeps every "or" that stands below an "and", with all that is below it. */
static bool keep_parts(struct job *j, struct node *n, bool below_and)
{
    if (n->kind == NODE_OR && below_and) {
        n->below_and = true;
        uint32_t at = j->b->parts.n;
        if (!VEC_PUSH(&j->b->cat->arena, &j->b->parts, (struct part){ PART_ALL, 0, 0 }) || !keep_part(j, n, at)) {
            j->b->oom = true;
            return false;
        }
        return mark_below(n), true;
    }
    for (struct node *kid = n->first; kid; kid = kid->next)
        if (!keep_parts(j, kid, below_and || n->kind == NODE_AND))
            return false;
    return true;
}
bool terms_build(struct job *j, struct node *root)
{
    static const struct chain end = { .rest = NULL };
    struct chains start = { { 0 } }, all = { { 0 } };
    bool ok = keep_parts(j, root, false) && chains_push(j, &start, &end) && expand(j, root, &start, &all);
    for (uint32_t i = 0; ok && i < all.v.n; i++)
        ok = build_term(j, all.v.at[i]);
    return ok;
}

void cond_pool_finish(struct cond_builder *b)
{
    b->cat->pool = (struct cond_pool){
        .terms = b->terms.at,
        .n_terms = b->terms.n,
        .needs = b->needs.at,
        .n_needs = b->needs.n,
        .tests = b->tests.at,
        .n_tests = b->tests.n,
        .scalars = b->scalars.at,
        .n_scalars = b->scalars.n,
        .absents = b->absents.at,
        .n_absents = b->absents.n,
        .excluded = b->excluded.at,
        .n_excluded = b->excluded.n,
        .choices = b->choices.at,
        .parts = b->parts.at,
    };
}
