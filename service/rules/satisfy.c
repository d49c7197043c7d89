/* Satisfiability and implication of compiled conditions.
 *
 * A term is a conjunction in which every fact stands by itself, so it is possible when each of its facts has a value
 * for every attribute and its variables have values together. `a` implies the others when none of its terms can be
 * true while every term of theirs is not. Of each such term one test has to fail; most fail by themselves, because
 * they need a fact that `a` leaves open. Only tests of variables, and of attributes of facts that `a` makes present,
 * hang on each other: among those one is tried after the other, at most SATISFY_STEPS_MAX times. */
#include "rules/satisfy_priv.h"

#include <stdlib.h>

/* ---- attributes of one instance --------------------------------------------------------------------------- */

enum { CANDIDATES_MAX = 512 };

static const struct attr_test *test_of(const struct cond_pool *pool, const struct need *n, int attribute)
{
    for (uint16_t i = 0; n && i < n->n_tests; i++)
        if (pool->tests[n->tests + i].attribute == attribute)
            return &pool->tests[n->tests + i];
    return NULL;
}

/* Values between which no test of the attribute changes its mind: those around every bound, within the range. */
struct candidates {
    int32_t at[CANDIDATES_MAX];
    size_t n;
    int32_t lo, hi;
};

static void add_around(struct candidates *c, int32_t bound)
{
    for (int64_t v = (int64_t)bound - 1; v <= (int64_t)bound + 1; v++)
        if (v >= c->lo && v <= c->hi && c->n < CANDIDATES_MAX)
            c->at[c->n++] = (int32_t)v;
}

static void add_bounds(struct candidates *c, const struct cond_pool *pool, const struct attr_test *t)
{
    if (!t)
        return;
    add_around(c, t->lo);
    add_around(c, t->hi);
    for (uint16_t i = 0; i < t->n_excluded; i++)
        add_around(c, pool->excluded[t->excluded + i]);
}

/* The attributes of one instance of `fact`, given one after the other, so that each need in `against` fails by one. */
struct instance_search {
    const struct satisfier *s;
    uint32_t fact;
    uint64_t failed[SATISFY_TERMS_MAX / 64]; /* bit per need in `against`: fails already, or is of another fact */
};

static bool all_failed(const struct instance_search *x)
{
    for (uint32_t i = 0; i < x->s->n_against; i++)
        if (!(x->failed[i / 64] >> (i % 64) & 1))
            return false;
    return true;
}

static void fail_tests(struct instance_search *x, int attribute, bool given, int32_t value)
{
    const struct cond_pool *pool = &x->s->cat->pool;
    for (uint32_t i = 0; i < x->s->n_against; i++) {
        const struct attr_test *t = test_of(pool, x->s->against[i], attribute);
        if (t && (!given || !attr_test_passes(pool, t, value)))
            x->failed[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

/* Recurses once for each attribute. */
static bool give_values(struct instance_search x, int attribute)
{
    const struct satisfier *s = x.s;
    const struct cond_pool *pool = &s->cat->pool;
    if (attribute == ATTR_COUNT_)
        return all_failed(&x);
    const struct fact *f = &s->cat->facts[x.fact];
    const struct attr_test *own = test_of(pool, s->need[x.fact], attribute);
    /* a short-lived fact without a date is current: only its date is never unknown */
    if (!own && !(attribute == ATTR_DATE && f->valid_days != NOT_GIVEN)) {
        fail_tests(&x, attribute, false, 0);
        return give_values(x, attribute + 1);
    }
    struct candidates c = { .lo = attribute_table[attribute].min, .hi = attribute_table[attribute].max };
    if (attribute == ATTR_DATE)
        c.hi = s->days_max[x.fact];
    add_around(&c, c.lo);
    add_around(&c, c.hi);
    add_bounds(&c, pool, own);
    for (uint32_t i = 0; i < s->n_against; i++)
        if (s->against[i]->fact == x.fact)
            add_bounds(&c, pool, test_of(pool, s->against[i], attribute));
    if (c.n == CANDIDATES_MAX)
        return true; /* too many to try: nothing is claimed */
    for (size_t i = 0; i < c.n; i++) {
        struct instance_search next = x;
        if (!satisfier_works(s, s->n_against + 1))
            return true; /* nothing is claimed */
        if (own && !attr_test_passes(pool, own, c.at[i]))
            continue;
        fail_tests(&next, attribute, true, c.at[i]);
        if (give_values(next, attribute + 1))
            return true;
    }
    return false;
}

/* Can a present fact have an instance that meets the term's need and none of those it must not meet? */
static bool instance_possible(const struct satisfier *s, uint32_t fact)
{
    struct instance_search x = { .s = s, .fact = fact };
    for (uint32_t i = 0; i < s->n_against; i++)
        if (s->against[i]->fact != fact)
            x.failed[i / 64] |= UINT64_C(1) << (i % 64);
    return give_values(x, 0);
}

/* ---- one term --------------------------------------------------------------------------------------------- */

static bool add_want(struct satisfier *s, const struct scalar_test *t, bool yes, uint32_t acuity_regions)
{
    if (s->n_wants == SATISFY_WANTS_MAX)
        return false;
    s->wants[s->n_wants++] = (struct want){ t, yes, acuity_regions };
    return true;
}

static void forget_term(struct satisfier *s)
{
    memset(s->present, 0, s->cat->n_facts * sizeof(s->present[0]));
    memset(s->absent, 0, s->cat->n_facts * sizeof(s->absent[0]));
    memset(s->need, 0, s->cat->n_facts * sizeof(s->need[0]));
    s->n_wants = s->n_against = s->n_obstacles = 0;
}

/* Takes a term up as what is true; is it possible? */
static enum sat take_term(struct satisfier *s, const struct term *t, uint32_t acuity_regions)
{
    const struct cond_pool *pool = &s->cat->pool;
    if (!satisfier_works(s, s->cat->n_facts / 16 + 1))
        return SAT_NOT_DECIDED;
    forget_term(s);
    for (uint16_t i = 0; i < t->n_absents; i++)
        s->absent[pool->absents[t->absents + i]] = true;
    for (uint16_t i = 0; i < t->n_needs; i++) {
        const struct need *n = &pool->needs[t->needs + i];
        const struct fact_list *up = &s->cat->facts[n->fact].up;
        s->need[n->fact] = n;
        for (uint32_t k = 0; k < up->n; k++) {
            s->present[up->at[k]] = true;
            if (s->absent[up->at[k]])
                return SAT_NO;
        }
        if (!instance_possible(s, n->fact))
            return SAT_NO;
    }
    for (uint16_t i = 0; i < t->n_scalars; i++)
        if (!add_want(s, &pool->scalars[t->scalars + i], true, acuity_regions))
            return SAT_NOT_DECIDED;
    for (uint32_t i = 0; i < s->n_wants; i++)
        if (!wants_possible(s, (enum variable)s->wants[i].test->variable))
            return SAT_NO;
    return SAT_YES;
}

enum sat reading_possible(struct satisfier *s, struct reading a)
{
    enum sat result = SAT_NO;
    for (uint32_t i = 0; i < a.cond.n_terms && result != SAT_YES; i++) {
        enum sat r = take_term(s, &s->cat->pool.terms[a.cond.terms + i], a.acuity_regions);
        result = r == SAT_NO ? result : r;
    }
    return *s->work ? result : SAT_NOT_DECIDED;
}

/* ---- implication ------------------------------------------------------------------------------------------ */

/* Can the fact be said not to be absent? Then it is unknown at least, and so is all that is above it. */
static bool may_be_unknown(const struct satisfier *s, uint32_t fact)
{
    const struct fact_list *up = &s->cat->facts[fact].up;
    for (uint32_t i = 0; i < up->n; i++)
        if (s->absent[up->at[i]])
            return false;
    return true;
}

/* Does the term in hand leave open whether `t` is true, whatever else is? Counts the ways that hang on others. */
static bool fails_by_itself(const struct satisfier *s, const struct term *t, uint32_t *ret_ways)
{
    const struct cond_pool *pool = &s->cat->pool;
    *ret_ways = t->n_scalars;
    for (uint16_t i = 0; i < t->n_needs; i++) {
        const struct need *n = &pool->needs[t->needs + i];
        if (!s->present[n->fact])
            return true;
        *ret_ways += n->n_tests > 0;
    }
    for (uint16_t i = 0; i < t->n_absents; i++)
        if (may_be_unknown(s, pool->absents[t->absents + i]))
            return true;
    return false;
}

/* Recurses once for each obstacle. */
static enum sat pass_obstacles(struct satisfier *s, uint32_t at)
{
    if (at == s->n_obstacles)
        return SAT_YES;
    const struct cond_pool *pool = &s->cat->pool;
    const struct obstacle *o = &s->obstacles[at];
    enum sat result = SAT_NO;
    for (uint16_t i = 0; i < o->term->n_scalars && result == SAT_NO; i++) {
        const struct scalar_test *t = &pool->scalars[o->term->scalars + i];
        if (s->steps == 0 || !add_want(s, t, false, o->acuity_regions))
            return SAT_NOT_DECIDED;
        s->steps--;
        if (wants_possible(s, (enum variable)t->variable))
            result = pass_obstacles(s, at + 1);
        s->n_wants--;
    }
    for (uint16_t i = 0; i < o->term->n_needs && result == SAT_NO; i++) {
        const struct need *n = &pool->needs[o->term->needs + i];
        if (n->n_tests == 0)
            continue;
        if (s->steps == 0)
            return SAT_NOT_DECIDED;
        s->steps--;
        s->against[s->n_against++] = n;
        if (instance_possible(s, n->fact))
            result = pass_obstacles(s, at + 1);
        s->n_against--;
    }
    return result;
}

static int fewest_ways_first(const void *a, const void *b)
{
    const struct obstacle *x = a, *y = b;
    return x->n_ways != y->n_ways ? (x->n_ways > y->n_ways) - (x->n_ways < y->n_ways)
                                  : (x->term > y->term) - (x->term < y->term);
}

/* With the term in hand: can none of the others' terms be true? */
static enum sat escapes(struct satisfier *s, const struct reading *others, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < others[i].cond.n_terms; k++) {
            const struct term *t = &s->cat->pool.terms[others[i].cond.terms + k];
            uint32_t ways;
            if (!satisfier_works(s, 1))
                return SAT_NOT_DECIDED;
            if (fails_by_itself(s, t, &ways))
                continue;
            if (ways == 0)
                return SAT_NO;
            if (s->n_obstacles == SATISFY_TERMS_MAX)
                return SAT_NOT_DECIDED;
            s->obstacles[s->n_obstacles++] = (struct obstacle){ t, others[i].acuity_regions, ways };
        }
    }
    qsort(s->obstacles, s->n_obstacles, sizeof(s->obstacles[0]), fewest_ways_first);
    return pass_obstacles(s, 0);
}

enum sat reading_implies(struct satisfier *s, struct reading a, const struct reading *others, size_t n)
{
    enum sat result = SAT_YES;
    s->steps = SATISFY_STEPS_MAX;
    for (uint32_t i = 0; i < a.cond.n_terms; i++) {
        enum sat r = take_term(s, &s->cat->pool.terms[a.cond.terms + i], a.acuity_regions);
        if (r == SAT_YES)
            r = escapes(s, others, n);
        if (*s->work == 0)
            return SAT_NOT_DECIDED;
        if (r == SAT_YES)
            return SAT_NO;
        result = r == SAT_NOT_DECIDED ? r : result;
    }
    return result;
}

/* ---- set-up ----------------------------------------------------------------------------------------------- */

/* An instance from below may be older than a finding of the fact itself could be. */
static int32_t days_of(const struct satisfier *s, const struct fact *f)
{
    int32_t most = f->valid_days == NOT_GIVEN ? INT32_MAX - 1 : f->valid_days;
    for (uint32_t i = 0; i < f->below.n; i++)
        if (s->cat->facts[f->below.at[i]].attributes >> ATTR_DATE & 1 && s->days_max[f->below.at[i]] > most)
            most = s->days_max[f->below.at[i]];
    return most;
}

struct satisfier *satisfier_new(const struct catalogue *cat, struct arena *arena)
{
    struct satisfier *s = ARENA_NEW(arena, struct satisfier);
    if (!s)
        return NULL;
    s->cat = cat;
    s->days_max = ARENA_ARRAY(arena, int32_t, cat->n_facts);
    s->present = ARENA_ARRAY(arena, bool, cat->n_facts);
    s->absent = ARENA_ARRAY(arena, bool, cat->n_facts);
    s->need = ARENA_ARRAY(arena, const struct need *, cat->n_facts);
    s->work = ARENA_NEW(arena, uint64_t);
    if (!s->work || !s->days_max || !s->present || !s->absent || !s->need)
        return NULL;
    *s->work = SATISFY_WORK_MAX;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        s->days_max[cat->facts_upwards[i]] = days_of(s, &cat->facts[cat->facts_upwards[i]]);
    return s;
}
