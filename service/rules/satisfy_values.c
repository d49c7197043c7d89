/* Do tests of variables leave a value?
 *
 * Most variables stand alone: a value between each two bounds is tried. Those read from complaints hang together. A
 * complaint may be added freely, so what has to be there gets a complaint of its own, and what must not be there holds
 * for every complaint by itself. Only four things belong to all complaints together, and their values are tried: the
 * strongest pain, the longest duration, how lasting the complaints of some regions are, and whether there are more
 * than two regions. */
#include "rules/satisfy_priv.h"

/* ---- variables that stand alone --------------------------------------------------------------------------- */

static const struct domain {
    enum variable variable;
    bool always_given;
    int32_t min, max;
} domains[] = {
    { VAR_AGE_YEARS, true, 0, AGE_YEARS_MAX },
    { VAR_HAS_TECHNIQUE_WISH, true, 0, 1 },
    { VAR_WISH_MINUTES, false, 1, SESSION_MINUTES_MAX },
    { VAR_WISH_PER_WEEK, false, 1, PER_WEEK_STEPS_MAX },
    { VAR_WISH_PRESSURE, false, 0, PRESSURE_MAX - PRESSURE_MIN },
    { VAR_PAIN_BASE, false, 0, PAIN_MAX },
    { VAR_PAIN_NOW, false, 0, PAIN_MAX },
    { VAR_PAIN_LOW, false, 0, PAIN_MAX },
    { VAR_PAIN_DROP, false, -PAIN_MAX, PAIN_MAX },
    { VAR_LAST_CHANGE, false, -PAIN_MAX, PAIN_MAX },
    { VAR_LAST_REACTION, false, 0, REACTION_COUNT_ - 1 },
    { VAR_NEUROLOGICAL_ANY, false, 0, 1 },
    { VAR_IMPROVED, false, 0, 1 },
    { VAR_MUCH_IMPROVED, false, 0, 1 },
    { VAR_PARTIAL, false, 0, 1 },
    { VAR_WORSENED, false, 0, 1 },
    { VAR_UNCHANGED, false, 0, 1 },
    { VAR_RELAPSED, false, 0, 1 },
};

/* The others count sessions and days. */
static struct domain domain_of(enum variable v)
{
    for (size_t i = 0; i < ARRAY_LEN(domains); i++)
        if (domains[i].variable == v)
            return domains[i];
    return (struct domain){ v, false, 0, DURATION_DAYS_MAX };
}

static bool in_range(int32_t value, int32_t lo, int32_t hi)
{
    return value >= lo && value <= hi;
}

static bool passes_alone(const struct scalar_test *t, bool given, int32_t value)
{
    bool r = t->op == SCALAR_MASK        ? given && t->mask >> (value & 31) & 1
             : t->op == SCALAR_NOT_RANGE ? given && !in_range(value, t->lo, t->hi)
                                         : given && in_range(value, t->lo, t->hi);
    return r != t->negated;
}

/* Two variables with each other: only the same test and its opposite are seen to conflict. */
static bool compares_variables(const struct scalar_test *t)
{
    return t->op == SCALAR_BELOW || t->op == SCALAR_AT_MOST || t->op == SCALAR_EQUALS;
}

static bool opposite_stands(const struct satisfier *s, const struct want *w)
{
    for (uint32_t i = 0; i < s->n_wants; i++) {
        const struct want *o = &s->wants[i];
        if (o->test->op == w->test->op && o->test->variable == w->test->variable && o->test->other == w->test->other &&
            (o->test->negated != o->yes) != (w->test->negated != w->yes))
            return true;
    }
    return false;
}

static bool all_pass_alone(const struct satisfier *s, enum variable v, bool given, int64_t value)
{
    for (uint32_t i = 0; i < s->n_wants; i++) {
        const struct want *w = &s->wants[i];
        if (w->test->variable == v && !compares_variables(w->test) &&
            passes_alone(w->test, given, (int32_t)value) != w->yes)
            return false;
    }
    return true;
}

static bool alone_possible(const struct satisfier *s, enum variable v)
{
    const struct domain d = domain_of(v);
    if (!satisfier_works(s, UINT64_C(8) * s->n_wants))
        return true; /* nothing is claimed */
    for (uint32_t i = 0; i < s->n_wants; i++)
        if (s->wants[i].test->variable == v && compares_variables(s->wants[i].test) && opposite_stands(s, &s->wants[i]))
            return false;
    if (!d.always_given && all_pass_alone(s, v, false, 0))
        return true;
    if (all_pass_alone(s, v, true, d.min) || all_pass_alone(s, v, true, d.max))
        return true;
    for (uint32_t i = 0; i < s->n_wants; i++) {
        const struct scalar_test *t = s->wants[i].test;
        if (t->variable != v || compares_variables(t))
            continue;
        bool mask = t->op == SCALAR_MASK;
        const int64_t bounds[] = { mask ? d.min : t->lo, mask ? d.max : t->hi };
        const int64_t from[] = { bounds[0] - 1, bounds[1] - 1 };
        const int64_t to[] = { mask ? bounds[1] : bounds[0] + 1, bounds[1] + 1 };
        for (int k = 0; k < 2; k++)
            for (int64_t value = from[k]; value <= to[k]; value++)
                if (value >= d.min && value <= d.max && all_pass_alone(s, v, true, value))
                    return true;
    }
    return false;
}

/* An unknown sex makes no test true, its negation neither. */
static bool sex_possible(const struct satisfier *s)
{
    for (int sex = SEX_FEMALE; sex <= SEX_UNKNOWN; sex++) {
        bool all = true;
        for (uint32_t i = 0; i < s->n_wants && all; i++) {
            const struct scalar_test *t = s->wants[i].test;
            if (t->variable == VAR_SEX)
                all = (sex != SEX_UNKNOWN && (t->mask >> sex & 1) != t->negated) == s->wants[i].yes;
        }
        if (all)
            return true;
    }
    return false;
}

/* ---- complaints ------------------------------------------------------------------------------------------- */

enum {
    DAYS_TRIED_MAX = 128,
    ACUITIES_MAX = 4, /* sets of regions whose acuity is read at the same time */
    ANY_REGION = -1,
    FREE = -2, /* not read by any test */
};

/* What is tried of all complaints together, and which values one complaint can have. */
struct complaints {
    const struct satisfier *s;
    int32_t pain_low; /* the strongest given, or FREE */
    bool pain_missing;
    int32_t days_longest; /* NOT_GIVEN when none is given, or FREE */
    uint32_t acuity_regions[ACUITIES_MAX];
    int acuity[ACUITIES_MAX];
    uint32_t n_acuities;
    int over_two;     /* 0, 1 or FREE */
    uint32_t regions; /* bit per region where there may be complaints */
    bool reads_pain, reads_onset, reads_cause;
    int32_t days[DAYS_TRIED_MAX]; /* durations to try; one that is not given, too */
    uint32_t n_days;
    bool too_many;
};

static enum acuity acuity_of(const struct definitions *d, int32_t days)
{
    return days == NOT_GIVEN              ? ACUITY_NONE
           : days < d->subacute_from_days ? ACUITY_ACUTE
           : days < d->chronic_from_days  ? ACUITY_SUBACUTE
                                          : ACUITY_CHRONIC;
}

/* Does a want about lists, onsets or causes allow this complaint beside whatever else there is? */
static bool want_allows(const struct complaints *x, const struct want *w, const struct complaint *c)
{
    const struct scalar_test *t = w->test;
    bool must_be = w->yes != t->negated;
    if (must_be)
        return true;
    if (t->variable == VAR_ONSET_ANY)
        return c->onset == NOT_GIVEN || !(t->mask >> c->onset & 1);
    if (t->variable == VAR_CAUSE_ANY)
        return c->cause == NOT_GIVEN || !(t->mask >> c->cause & 1);
    if (t->op != SCALAR_IN_LIST || t->lo != (int32_t)c->region)
        return true;
    enum tri r = complaint_in_list(&x->s->cat->definitions.lists[t->hi], c);
    return w->yes ? r == TRI_NO : r != TRI_YES; /* "not in the list" is true; "in the list" is not */
}

static bool allowed(const struct complaints *x, const struct complaint *c)
{
    if (!(x->regions >> c->region & 1))
        return false;
    if (x->pain_low != FREE && (c->pain == NOT_GIVEN ? !x->pain_missing : c->pain > x->pain_low))
        return false;
    if (x->days_longest != FREE && c->duration_days > x->days_longest)
        return false;
    for (uint32_t i = 0; i < x->n_acuities; i++)
        if (x->acuity_regions[i] >> c->region & 1 &&
            (int)acuity_of(&x->s->cat->definitions, c->duration_days) > x->acuity[i])
            return false;
    for (uint32_t i = 0; i < x->s->n_wants; i++)
        if (!want_allows(x, &x->s->wants[i], c))
            return false;
    return true;
}

/* Something that one complaint at least must be. */
struct demand {
    enum { DEMAND_ANY, DEMAND_WANT, DEMAND_PAIN, DEMAND_NO_PAIN, DEMAND_DAYS, DEMAND_ACUITY } kind;
    const struct want *want;
    int32_t value;
    uint32_t regions;
};

static bool meets(const struct complaints *x, const struct demand *d, const struct complaint *c)
{
    const struct scalar_test *t = d->want ? d->want->test : NULL;
    switch (d->kind) {
    case DEMAND_ANY:
        return true;
    case DEMAND_PAIN:
        return c->pain == d->value;
    case DEMAND_NO_PAIN:
        return c->pain == NOT_GIVEN;
    case DEMAND_DAYS:
        return c->duration_days == d->value;
    case DEMAND_ACUITY:
        return (int)acuity_of(&x->s->cat->definitions, c->duration_days) == d->value;
    case DEMAND_WANT:
        break;
    }
    if (t->variable == VAR_ONSET_ANY)
        return c->onset != NOT_GIVEN && t->mask >> c->onset & 1;
    if (t->variable == VAR_CAUSE_ANY)
        return c->cause != NOT_GIVEN && t->mask >> c->cause & 1;
    enum tri r = complaint_in_list(&x->s->cat->definitions.lists[t->hi], c);
    return d->want->yes ? r == TRI_YES : r != TRI_NO; /* "in the list" is true; "not in the list" is not */
}

/* Is there a complaint in the region that is allowed and meets the demand? */
static bool met_in(const struct complaints *x, const struct demand *d, int region)
{
    struct complaint c = { .region = (enum region)region, .side = NOT_GIVEN };
    for (int pain = x->reads_pain ? PAIN_MAX : NOT_GIVEN; pain >= NOT_GIVEN; pain--) {
        for (int onset = x->reads_onset ? ONSET_COUNT_ - 1 : NOT_GIVEN; onset >= NOT_GIVEN; onset--) {
            for (int cause = x->reads_cause ? CAUSE_COUNT_ - 1 : NOT_GIVEN; cause >= NOT_GIVEN; cause--) {
                for (uint32_t i = 0; i < x->n_days; i++) {
                    c.pain = (int8_t)pain;
                    c.onset = (int8_t)onset;
                    c.cause = (int8_t)cause;
                    c.duration_days = x->days[i];
                    if (!satisfier_works(x->s, x->s->n_wants))
                        return true; /* nothing is claimed */
                    if (meets(x, d, &c) && allowed(x, &c))
                        return true;
                }
            }
        }
    }
    return false;
}

static bool met(const struct complaints *x, struct demand d)
{
    for (int region = 0; region < REGION_COUNT_; region++)
        if (d.regions >> region & x->regions >> region & 1 && met_in(x, &d, region))
            return true;
    return false;
}

/* "The list holds the region" asks for a complaint there, as does "it does not" where that need not be true. */
static bool wants_met(const struct complaints *x)
{
    for (uint32_t i = 0; i < x->s->n_wants; i++) {
        const struct want *w = &x->s->wants[i];
        const struct scalar_test *t = w->test;
        bool set = t->variable == VAR_ONSET_ANY || t->variable == VAR_CAUSE_ANY;
        if ((!set && t->variable != VAR_COMPLAINT_LIST) || w->yes == t->negated)
            continue;
        uint32_t regions = set ? ALL_REGIONS : UINT32_C(1) << t->lo;
        if (!met(x, (struct demand){ .kind = DEMAND_WANT, .want = w, .regions = regions }))
            return false;
    }
    return true;
}

/* A request has a goal or a complaint. */
static bool goals_or_complaint(const struct complaints *x)
{
    uint32_t with = 0, without = 0;
    for (uint32_t i = 0; i < x->s->n_wants; i++) {
        const struct want *w = &x->s->wants[i];
        if (w->test->variable == VAR_GOALS)
            *(w->yes != w->test->negated ? &with : &without) |= w->test->mask;
    }
    if (with & without)
        return false;
    return without != (UINT32_C(1) << GOAL_COUNT_) - 1 || met(x, (struct demand){ .regions = ALL_REGIONS });
}

static bool demands_met(const struct complaints *x)
{
    if (x->pain_low > 0 && !met(x, (struct demand){ DEMAND_PAIN, NULL, x->pain_low, ALL_REGIONS }))
        return false;
    if (x->pain_low != FREE && x->pain_missing && !met(x, (struct demand){ DEMAND_NO_PAIN, NULL, 0, ALL_REGIONS }))
        return false;
    if (x->days_longest >= 0 && !met(x, (struct demand){ DEMAND_DAYS, NULL, x->days_longest, ALL_REGIONS }))
        return false;
    for (uint32_t i = 0; i < x->n_acuities; i++)
        if (x->acuity[i] != ACUITY_NONE &&
            !met(x, (struct demand){ DEMAND_ACUITY, NULL, x->acuity[i], x->acuity_regions[i] }))
            return false;
    return wants_met(x) && goals_or_complaint(x);
}

/* More than two regions: any three. At most two: some pair has room for all that must be there. */
static bool regions_possible(struct complaints *x)
{
    const uint32_t all = (UINT32_C(1) << REGION_COUNT_) - 1;
    int n = 0;
    x->regions = all;
    if (x->over_two == FREE)
        return demands_met(x);
    if (x->over_two == 1) {
        for (int r = 0; r < REGION_COUNT_; r++)
            n += met_in(x, &(struct demand){ .kind = DEMAND_ANY }, r);
        return n > 2 && demands_met(x);
    }
    for (int a = 0; a < REGION_COUNT_; a++) {
        for (int b = a + 1; b < REGION_COUNT_; b++) {
            x->regions = UINT32_C(1) << a | UINT32_C(1) << b;
            if (demands_met(x))
                return true;
        }
    }
    return false;
}

/* ---- what is tried of all complaints ---------------------------------------------------------------------- */

static bool pain_passes(const struct scalar_test *t, int32_t low, int32_t high)
{
    bool some = low <= t->hi && high >= t->lo, all = low >= t->lo && high <= t->hi;
    return (t->op == SCALAR_RANGE) != t->negated ? all : !some;
}

/* Do the tests of what all complaints have together come out as wanted? */
static bool globals_pass(const struct complaints *x)
{
    for (uint32_t i = 0; i < x->s->n_wants; i++) {
        const struct want *w = &x->s->wants[i];
        const struct scalar_test *t = w->test;
        bool r = w->yes;
        uint32_t a = 0;
        if (t->variable == VAR_PAIN_MAX)
            r = pain_passes(t, x->pain_low, x->pain_missing ? PAIN_MAX : x->pain_low);
        else if (t->variable == VAR_DURATION_DAYS_MAX && !compares_variables(t))
            r = passes_alone(t, x->days_longest != NOT_GIVEN, x->days_longest);
        else if (t->variable == VAR_REGIONS_OVER_TWO)
            r = passes_alone(t, true, x->over_two);
        else if (t->variable == VAR_ACUITY) {
            while (a + 1 < x->n_acuities && x->acuity_regions[a] != w->acuity_regions)
                a++;
            r = passes_alone(t, true, x->acuity[a]);
        }
        if (r != w->yes)
            return false;
    }
    return true;
}

static bool reads(const struct satisfier *s, enum variable v)
{
    for (uint32_t i = 0; i < s->n_wants; i++)
        if (s->wants[i].test->variable == v)
            return true;
    return false;
}

static void add_days(struct complaints *x, int64_t bound)
{
    for (int64_t v = bound - 1; v <= bound + 1; v++) {
        uint32_t i = 0;
        while (i < x->n_days && x->days[i] != v)
            i++;
        if (v < 0 || v > DURATION_DAYS_MAX || i < x->n_days)
            continue;
        x->too_many |= x->n_days == DAYS_TRIED_MAX;
        if (x->n_days < DAYS_TRIED_MAX)
            x->days[x->n_days++] = (int32_t)v;
    }
}

static void read_list(struct complaints *x, const struct complaint_list *l)
{
    x->reads_pain |= l->pain_min != NOT_GIVEN || l->pain_max != NOT_GIVEN;
    x->reads_onset |= l->onsets != 0;
    x->reads_cause |= l->causes != 0;
    if (l->days_min != NOT_GIVEN)
        add_days(x, l->days_min);
    if (l->days_max != NOT_GIVEN)
        add_days(x, l->days_max);
}

/* Which values of a complaint, and of all together, have to be told apart. */
static void read_wants(struct complaints *x)
{
    const struct definitions *d = &x->s->cat->definitions;
    x->days[x->n_days++] = NOT_GIVEN;
    for (uint32_t i = 0; i < x->s->n_wants; i++) {
        const struct want *w = &x->s->wants[i];
        const struct scalar_test *t = w->test;
        uint32_t a = 0;
        x->reads_pain |= t->variable == VAR_PAIN_MAX;
        x->reads_onset |= t->variable == VAR_ONSET_ANY;
        x->reads_cause |= t->variable == VAR_CAUSE_ANY;
        if (t->variable == VAR_COMPLAINT_LIST)
            read_list(x, &d->lists[t->hi]);
        if (t->variable == VAR_DURATION_DAYS_MAX && !compares_variables(t)) {
            add_days(x, t->lo);
            add_days(x, t->hi);
            add_days(x, 0);
            add_days(x, DURATION_DAYS_MAX);
        }
        if (t->variable != VAR_ACUITY)
            continue;
        add_days(x, d->subacute_from_days);
        add_days(x, d->chronic_from_days);
        while (a < x->n_acuities && x->acuity_regions[a] != w->acuity_regions)
            a++;
        x->too_many |= a == ACUITIES_MAX;
        if (a == x->n_acuities && a < ACUITIES_MAX)
            x->acuity_regions[x->n_acuities++] = w->acuity_regions;
    }
}

static bool acuities_possible(struct complaints *x, uint32_t at)
{
    if (at == x->n_acuities)
        return globals_pass(x) && regions_possible(x);
    for (x->acuity[at] = ACUITY_NONE; x->acuity[at] < ACUITY_COUNT_; x->acuity[at]++)
        if (acuities_possible(x, at + 1))
            return true;
    return false;
}

static bool over_two_possible(struct complaints *x)
{
    x->over_two = FREE;
    if (!reads(x->s, VAR_REGIONS_OVER_TWO))
        return acuities_possible(x, 0);
    for (x->over_two = 0; x->over_two < 2; x->over_two++)
        if (acuities_possible(x, 0))
            return true;
    return false;
}

static bool durations_possible(struct complaints *x)
{
    x->days_longest = FREE;
    if (!reads(x->s, VAR_DURATION_DAYS_MAX))
        return over_two_possible(x);
    for (uint32_t i = 0; i < x->n_days; i++) {
        x->days_longest = x->days[i];
        if (over_two_possible(x))
            return true;
    }
    return false;
}

static bool complaints_possible(const struct satisfier *s)
{
    struct complaints x = { .s = s, .pain_low = FREE };
    read_wants(&x);
    if (x.too_many)
        return true; /* too much to try: nothing is claimed */
    if (!reads(s, VAR_PAIN_MAX))
        return durations_possible(&x);
    for (int pain = 0; pain <= PAIN_MAX; pain++) {
        for (int missing = 0; missing < 2; missing++) {
            x.pain_low = pain;
            x.pain_missing = missing;
            if (durations_possible(&x))
                return true;
        }
    }
    return false;
}

static bool of_complaints(enum variable v)
{
    static const enum variable all[] = {
        VAR_GOALS,          VAR_PAIN_MAX, VAR_ONSET_ANY,         VAR_CAUSE_ANY,
        VAR_COMPLAINT_LIST, VAR_ACUITY,   VAR_DURATION_DAYS_MAX, VAR_REGIONS_OVER_TWO
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i] == v)
            return true;
    return false;
}

bool wants_possible(const struct satisfier *s, enum variable variable)
{
    if (variable == VAR_SEX)
        return sex_possible(s);
    return of_complaints(variable) ? complaints_possible(s) : alone_possible(s, variable);
}
