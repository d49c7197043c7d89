/* Evaluates compiled conditions on an intake.
 *
 * A term is a conjunction; of each fact it needs, one instance must pass all its tests (S3). Because a term's facts
 * are independent, the best instance of each is the best choice of all. What is not known makes a test unknown, and
 * a term stays unknown only while some completion could make it true (S8). */
#include "rules/rules_priv.h"

static const struct lift *lift_of(const struct view *v, uint32_t fact)
{
    for (size_t i = 0; i < v->n_lifts; i++)
        if (v->lifts[i].fact == fact)
            return &v->lifts[i];
    return NULL;
}

static bool survives(const struct lift *lift, const struct instance *inst)
{
    if (!lift)
        return true;
    return inst->date == DATE_NOT_GIVEN ? lift->keep_undated : inst->date > lift->after;
}

static enum fact_state state_of(const struct view *v, uint32_t fact, const struct lift *lift)
{
    const struct fact_intake *f = &v->in->facts[fact];
    if (!lift)
        return f->state;
    if (f->state == FACT_PRESENT)
        for (uint32_t i = 0; i < f->n_instances; i++)
            if (survives(lift, &f->instances[i]))
                return FACT_PRESENT;
    return FACT_ABSENT; /* S9.1: the named fact counts as absent, be it present or unknown */
}

static enum tri tri_min(enum tri a, enum tri b)
{
    return a < b ? a : b;
}

bool attr_test_passes(const struct cond_pool *pool, const struct attr_test *t, int32_t value)
{
    if (value < t->lo || value > t->hi)
        return false;
    for (uint16_t i = 0; i < t->n_excluded; i++)
        if (pool->excluded[t->excluded + i] == value)
            return false;
    return true;
}

static enum tri test_eval(const struct cond_pool *pool, const struct attr_test *t, const struct values *values)
{
    if (values->n == 0)
        return t->possible ? TRI_UNKNOWN : TRI_NO;
    for (uint32_t i = 0; i < values->n; i++)
        if (attr_test_passes(pool, t, values->at[i]))
            return TRI_YES;
    return TRI_NO;
}

static enum tri instance_eval(const struct cond_pool *pool, const struct need *n, const struct instance *inst)
{
    enum tri result = TRI_YES;
    for (uint16_t i = 0; i < n->n_tests && result != TRI_NO; i++) {
        const struct attr_test *t = &pool->tests[n->tests + i];
        result = tri_min(result, test_eval(pool, t, &inst->value[t->attribute]));
    }
    return result;
}

static bool tests_possible(const struct cond_pool *pool, const struct need *n)
{
    for (uint16_t i = 0; i < n->n_tests; i++)
        if (!pool->tests[n->tests + i].possible)
            return false;
    return true;
}

static enum tri need_eval(const struct view *v, const struct need *n)
{
    const struct cond_pool *pool = &v->in->cat->pool;
    const struct fact_intake *f = &v->in->facts[n->fact];
    const struct lift *lift = v->n_lifts ? lift_of(v, n->fact) : NULL;
    switch (state_of(v, n->fact, lift)) {
    case FACT_ABSENT:
        return TRI_NO;
    case FACT_UNKNOWN:
        return tests_possible(pool, n) ? TRI_UNKNOWN : TRI_NO;
    case FACT_PRESENT:
        break;
    }
    if (n->n_tests == 0)
        return TRI_YES;
    enum tri best = TRI_NO;
    for (uint32_t i = 0; i < f->n_instances && best != TRI_YES; i++) {
        if (!survives(lift, &f->instances[i]))
            continue;
        enum tri r = instance_eval(pool, n, &f->instances[i]);
        best = r > best ? r : best;
    }
    return best;
}

void need_instances(const struct view *v, const struct need *n, enum tri at_least, instance_take take, void *to)
{
    const struct fact_intake *f = &v->in->facts[n->fact];
    const struct lift *lift = v->n_lifts ? lift_of(v, n->fact) : NULL;
    if (f->state != FACT_PRESENT)
        return;
    for (uint32_t i = 0; i < f->n_instances; i++)
        if (survives(lift, &f->instances[i]) && instance_eval(&v->in->cat->pool, n, &f->instances[i]) >= at_least)
            take(to, &v->in->cat->facts[n->fact], &f->instances[i]);
}

static enum tri tri_of(bool yes)
{
    return yes ? TRI_YES : TRI_NO;
}

/* pain_max lies anywhere between the two bounds. */
static enum tri pain_eval(const struct intake *in, const struct scalar_test *s)
{
    bool some = in->pain_low <= s->hi && in->pain_high >= s->lo;
    bool all = in->pain_low >= s->lo && in->pain_high <= s->hi;
    enum tri inside = all ? TRI_YES : some ? TRI_UNKNOWN : TRI_NO;
    return s->op == SCALAR_RANGE ? inside : (enum tri)(TRI_YES - inside);
}

static enum tri list_eval(const struct intake *in, const struct scalar_test *s)
{
    uint32_t region = UINT32_C(1) << s->lo;
    return in->list_yes[s->hi] & region ? TRI_YES : in->list_unknown[s->hi] & region ? TRI_UNKNOWN : TRI_NO;
}

enum { SEX_ANY = 1 << SEX_FEMALE | 1 << SEX_MALE | 1 << SEX_OTHER };

static enum tri sex_eval(const struct intake *in, const struct scalar_test *s)
{
    if (in->value[VAR_SEX] != VALUE_MISSING)
        return tri_of((s->mask >> in->value[VAR_SEX] & 1) != s->negated);
    return (s->negated ? ~s->mask : s->mask) & SEX_ANY ? TRI_UNKNOWN : TRI_NO;
}

static enum tri given_eval(const struct intake *in, const struct scalar_test *s)
{
    int32_t v = in->value[s->variable];
    if (v == VALUE_MISSING)
        return TRI_NO;
    switch ((enum scalar_op)s->op) {
    case SCALAR_RANGE:
        return tri_of(v >= s->lo && v <= s->hi);
    case SCALAR_NOT_RANGE:
        return tri_of(v < s->lo || v > s->hi);
    case SCALAR_MASK:
        return tri_of(s->mask >> v & 1);
    case SCALAR_MEMBER:
        return tri_of(((uint32_t)v & s->mask) != 0);
    case SCALAR_IN_LIST:
        return list_eval(in, s);
    case SCALAR_BELOW:
    case SCALAR_AT_MOST:
    case SCALAR_EQUALS:
        break;
    }
    int32_t other = in->value[s->other];
    if (other == VALUE_MISSING)
        return TRI_NO;
    return tri_of(s->op == SCALAR_BELOW ? v < other : s->op == SCALAR_AT_MOST ? v <= other : v == other);
}

static enum tri scalar_eval(const struct intake *in, const struct scalar_test *s)
{
    if (s->variable == VAR_SEX)
        return sex_eval(in, s);
    enum tri r = s->variable == VAR_PAIN_MAX         ? pain_eval(in, s)
                 : s->variable == VAR_COMPLAINT_LIST ? list_eval(in, s)
                                                     : given_eval(in, s);
    return s->negated ? (enum tri)(TRI_YES - r) : r;
}

/* Several tests that hang on pains not given: is there one choice of these pains that passes them all? The lists
 * ask only for a least pain, so the highest pain that the other tests leave to each complaint decides. */
static bool pains_possible(const struct intake *in, const struct term *t)
{
    const struct scalar_test *tests = &in->cat->pool.scalars[t->scalars];
    const struct complaint_list *lists = in->cat->definitions.lists;
    int8_t cap[COMPLAINTS_LIMIT];
    size_t n = in->screening->n_complaints;
    int32_t least = in->pain_low, most = in->pain_low;
    for (size_t c = 0; c < n; c++) {
        const struct complaint *complaint = &in->screening->complaints[c];
        cap[c] = complaint->pain == NOT_GIVEN ? PAIN_MAX : -1;
        for (uint16_t i = 0; cap[c] >= 0 && i < t->n_scalars; i++) {
            if (tests[i].variable == VAR_PAIN_MAX && tests[i].op == SCALAR_RANGE && !tests[i].negated &&
                tests[i].hi < cap[c])
                cap[c] = (int8_t)(tests[i].hi < 0 ? 0 : tests[i].hi);
            if (tests[i].op == SCALAR_IN_LIST && tests[i].negated && (enum region)tests[i].lo == complaint->region &&
                lists[tests[i].hi].not_given == TRI_UNKNOWN && lists[tests[i].hi].pain_min - 1 < cap[c])
                cap[c] = (int8_t)(lists[tests[i].hi].pain_min - 1);
        }
        most = cap[c] > most ? cap[c] : most;
    }
    for (uint16_t i = 0; i < t->n_scalars; i++) {
        if (tests[i].op != SCALAR_IN_LIST || tests[i].negated || list_eval(in, &tests[i]) != TRI_UNKNOWN)
            continue;
        int32_t need = lists[tests[i].hi].pain_min;
        bool met = false;
        for (size_t c = 0; c < n; c++)
            met |= in->screening->complaints[c].region == (enum region)tests[i].lo && cap[c] >= need;
        if (!met)
            return false;
        least = need > least ? need : least;
    }
    for (int32_t pain = least; pain <= most; pain++) {
        bool all = true;
        for (uint16_t i = 0; i < t->n_scalars; i++)
            if (tests[i].variable == VAR_PAIN_MAX)
                all &=
                    ((pain >= tests[i].lo && pain <= tests[i].hi) == (tests[i].op == SCALAR_RANGE)) != tests[i].negated;
        if (all)
            return true;
    }
    return false;
}

/* Does one sex pass all tests of it? */
static bool sexes_possible(const struct intake *in, const struct term *t)
{
    uint32_t left = SEX_ANY;
    for (uint16_t i = 0; i < t->n_scalars; i++) {
        const struct scalar_test *s = &in->cat->pool.scalars[t->scalars + i];
        if (s->variable == VAR_SEX)
            left &= s->negated ? ~s->mask : s->mask;
    }
    return left != 0;
}

enum tri term_eval(const struct view *v, const struct term *t)
{
    const struct cond_pool *pool = &v->in->cat->pool;
    enum tri result = TRI_YES;
    for (uint16_t i = 0; i < t->n_needs; i++) {
        result = tri_min(result, need_eval(v, &pool->needs[t->needs + i]));
        if (result == TRI_NO)
            return TRI_NO;
    }
    for (uint16_t i = 0; i < t->n_scalars; i++) {
        result = tri_min(result, scalar_eval(v->in, &pool->scalars[t->scalars + i]));
        if (result == TRI_NO)
            return TRI_NO;
    }
    for (uint16_t i = 0; i < t->n_absents; i++) {
        uint32_t fact = pool->absents[t->absents + i];
        enum fact_state s = state_of(v, fact, v->n_lifts ? lift_of(v, fact) : NULL);
        if (s == FACT_PRESENT)
            return TRI_NO;
        if (s == FACT_UNKNOWN)
            result = TRI_UNKNOWN;
    }
    if (result == TRI_UNKNOWN && t->n_pain_tests > 1 && !pains_possible(v->in, t))
        return TRI_NO;
    if (result == TRI_UNKNOWN && v->in->value[VAR_SEX] == VALUE_MISSING && !sexes_possible(v->in, t))
        return TRI_NO;
    return result;
}

enum tri cond_eval(const struct view *v, struct cond c)
{
    enum tri result = TRI_NO;
    for (uint32_t i = 0; i < c.n_terms && result != TRI_YES; i++) {
        enum tri r = term_eval(v, &v->in->cat->pool.terms[c.terms + i]);
        result = r > result ? r : result;
    }
    return result;
}

void fact_findings(const struct view *v, uint32_t fact, finding_take take, void *to)
{
    const struct fact_intake *f = &v->in->facts[fact];
    const struct lift *lift = v->n_lifts ? lift_of(v, fact) : NULL;
    if (f->state != FACT_PRESENT)
        return;
    for (uint32_t i = 0; !lift && i < f->n_findings; i++)
        take(to, f->findings[i]);
    for (uint32_t i = 0; lift && i < f->n_instances; i++)
        if (survives(lift, &f->instances[i]))
            take(to, f->instances[i].finding);
}

/* ---- what is left to be asked ----------------------------------------------------------------------------- */

static enum tri absent_eval(const struct view *v, uint32_t fact)
{
    return (enum tri)(TRI_YES - (int)state_of(v, fact, v->n_lifts ? lift_of(v, fact) : NULL));
}
static_assert((int)FACT_ABSENT == TRI_NO && (int)FACT_UNKNOWN == TRI_UNKNOWN && (int)FACT_PRESENT == TRI_YES,
              "a state is the truth of \"present\"");

/* Bounded by COND_DEPTH_MAX: parts are as deep as the condition was written. */
static enum tri part_eval(const struct view *v, uint32_t index)
{
    const struct cond_pool *pool = &v->in->cat->pool;
    const struct part *p = &pool->parts[index];
    enum tri result = p->kind == PART_ALL ? TRI_YES : TRI_NO;
    switch (p->kind) {
    case PART_NEED:
        return need_eval(v, &pool->needs[p->first]);
    case PART_ABSENT:
        return absent_eval(v, p->first);
    case PART_SCALAR:
        return scalar_eval(v->in, &pool->scalars[p->first]);
    case PART_ALL:
        for (uint32_t i = 0; i < p->n; i++)
            result = tri_min(result, part_eval(v, p->first + i));
        break;
    case PART_ANY:
        for (uint32_t i = 0; i < p->n; i++) {
            enum tri r = part_eval(v, p->first + i);
            result = r > result ? r : result;
        }
        break;
    }
    return result;
}

/* Does the term go on where the condition is settled already? */
static bool completes_what_is_settled(const struct view *v, const struct term *t)
{
    for (uint16_t i = 0; i < t->n_choices; i++) {
        const struct choice *c = &v->in->cat->pool.choices[t->choices + i];
        if (part_eval(v, c->either) == TRI_YES && part_eval(v, c->operand) != TRI_YES)
            return true;
    }
    return false;
}

/* ---- what would settle it ---------------------------------------------------------------------------------- */

bool doubt_refuted_by(const struct catalogue *cat, const struct doubt *d, int32_t value)
{
    if (d->scalar)
        return d->scalar->variable != VAR_SEX || ((d->scalar->mask >> value & 1) != 0) == d->scalar->negated;
    for (uint16_t i = 0; i < d->need->n_tests; i++) {
        const struct attr_test *t = &cat->pool.tests[d->need->tests + i];
        if (t->attribute == d->ask.attribute && !attr_test_passes(&cat->pool, t, value))
            return true;
    }
    return false;
}

/* Just beyond what an attribute is tested for. */
static bool attribute_refuter(const struct catalogue *cat, const struct doubt *d, int32_t *ret_value)
{
    const struct attribute_info *info = &attribute_table[d->ask.attribute];
    int32_t min = info->min, max = info->max;
    if (info->type == VALUE_DATE) {
        min = 0;
        max = cat->facts[d->ask.fact].valid_days;
        max = max == NOT_GIVEN ? DURATION_DAYS_MAX : max;
    }
    for (uint16_t i = 0; i < d->need->n_tests; i++) {
        const struct attr_test *t = &cat->pool.tests[d->need->tests + i];
        if (t->attribute != d->ask.attribute)
            continue;
        bool above = t->hi >= min && t->hi<max, below = t->lo> min && t->lo <= max;
        if (!above && !below && !t->n_excluded)
            continue;
        *ret_value = above ? t->hi + 1 : below ? t->lo - 1 : cat->pool.excluded[t->excluded];
        return true;
    }
    return false;
}

bool doubt_refuter(const struct catalogue *cat, const struct doubt *d, int32_t *ret_value)
{
    if (!d->scalar)
        return attribute_refuter(cat, d, ret_value);
    *ret_value = 0; /* no pain, or the first sex that does */
    while (*ret_value < SEX_OTHER && !doubt_refuted_by(cat, d, *ret_value))
        ++*ret_value;
    return doubt_refuted_by(cat, d, *ret_value);
}

struct doubting {
    const struct cond_pool *pool;
    struct doubt doubt;
    doubt_take take;
    void *to;
    uint16_t seen; /* bit per attribute */
};

static void doubt_instance(void *to, const struct fact *fact, const struct instance *inst)
{
    struct doubting *g = to;
    const struct need *n = g->doubt.need;
    (void)fact;
    for (uint16_t i = 0; i < n->n_tests; i++) {
        uint8_t attribute = g->pool->tests[n->tests + i].attribute;
        if (inst->value[attribute].n || g->seen >> attribute & 1)
            continue;
        g->seen |= (uint16_t)(1U << attribute);
        g->doubt.ask.attribute = attribute;
        g->take(g->to, &g->doubt);
    }
}

static void doubt_need(const struct view *v, uint32_t term, const struct need *n, doubt_take take, void *to)
{
    struct doubting g = { &v->in->cat->pool, { .term = term, .ask = { (int32_t)n->fact, NOT_GIVEN } }, take, to, 0 };
    if (absent_eval(v, n->fact) == TRI_UNKNOWN) {
        take(to, &g.doubt);
        return;
    }
    g.doubt.need = n;
    need_instances(v, n, TRI_UNKNOWN, doubt_instance, &g);
}

static void term_doubts(const struct view *v, uint32_t term, doubt_take take, void *to)
{
    const struct cond_pool *pool = &v->in->cat->pool;
    const struct term *t = &pool->terms[term];
    for (uint16_t i = 0; i < t->n_needs; i++)
        if (need_eval(v, &pool->needs[t->needs + i]) == TRI_UNKNOWN)
            doubt_need(v, term, &pool->needs[t->needs + i], take, to);
    for (uint16_t i = 0; i < t->n_absents; i++) {
        uint32_t fact = pool->absents[t->absents + i];
        struct doubt d = { .term = term, .ask = { (int32_t)fact, NOT_GIVEN }, .present_refutes = true };
        if (absent_eval(v, fact) == TRI_UNKNOWN)
            take(to, &d);
    }
    for (uint16_t i = 0; i < t->n_scalars; i++) {
        const struct scalar_test *s = &pool->scalars[t->scalars + i];
        struct doubt d = { .term = term,
                           .ask = { s->variable == VAR_SEX ? ASK_SEX : ASK_PAIN_MAX, NOT_GIVEN },
                           .scalar = s };
        if (scalar_eval(v->in, s) == TRI_UNKNOWN)
            take(to, &d);
    }
}

void cond_doubts(const struct view *v, struct cond c, doubt_take take, void *to)
{
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++)
        if (term_eval(v, &v->in->cat->pool.terms[i]) == TRI_UNKNOWN)
            term_doubts(v, i, take, to);
}

struct asking {
    ask_take take;
    void *to;
};

static void ask_doubt(void *to, const struct doubt *d)
{
    const struct asking *a = to;
    a->take(a->to, d->ask);
}

void cond_asks(const struct view *v, struct cond c, ask_take take, void *to)
{
    struct asking a = { take, to };
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++) {
        const struct term *t = &v->in->cat->pool.terms[i];
        if (term_eval(v, t) == TRI_UNKNOWN && !completes_what_is_settled(v, t))
            term_doubts(v, i, ask_doubt, &a);
    }
}
