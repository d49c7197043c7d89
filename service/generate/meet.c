/* Meets a condition: one of its terms is taken, and what it tests is said. */
#include "generate/generate_priv.h"

/* ---- facts ------------------------------------------------------------------------------------------------ */

static bool excluded(const struct cond_pool *pool, const struct attr_test *t, int32_t value)
{
    for (uint16_t i = 0; i < t->n_excluded; i++)
        if (pool->excluded[t->excluded + i] == value)
            return true;
    return false;
}

/* A value that passes, at a bound more often than not; or one just outside. */
static int32_t value_near(struct making *m, uint32_t fact, const struct attr_test *t)
{
    struct chance *c = &m->chance;
    const struct attribute_info *info = &attribute_table[t->attribute];
    int32_t least = t->attribute == ATTR_DATE ? 0 : info->min, most = t->attribute == ATTR_DATE ? 3000 : info->max;
    int32_t valid_days = m->p->cat->facts[fact].valid_days, value = 0;
    if (t->attribute == ATTR_DATE && valid_days != NOT_GIVEN)
        most = valid_days;
    least = t->lo > least ? t->lo : least;
    most = t->hi < most ? t->hi : most;
    if (least > most)
        return least;
    if (m->near_miss && percent(c, 25))
        return percent(c, 50) ? least - 1 : most + 1;
    for (int tries = 0; tries < 8; tries++) {
        value = percent(c, 30)   ? least
                : percent(c, 30) ? most
                                 : between(c, least, most - least > 400 ? least + 400 : most);
        if (!excluded(&m->p->cat->pool, t, value))
            break;
    }
    return value;
}

static void meet_need(struct making *m, const struct need *n)
{
    struct chance *c = &m->chance;
    const struct cond_pool *pool = &m->p->cat->pool;
    const struct fact *fact = &m->p->cat->facts[n->fact];
    struct finding *f = add_finding(m->p, m->who, n->fact, FINDING_PRESENT);
    if (!f)
        return;
    fill_attributes(m, f, n->fact, 40);
    if (fact->valid_days != NOT_GIVEN && percent(c, 80)) { /* not outdated */
        f->has &= (uint16_t) ~(1u << ATTR_DATE);
        f->since = DATE_NOT_GIVEN;
    }
    for (uint16_t i = 0; i < n->n_tests; i++) {
        const struct attr_test *t = &pool->tests[n->tests + i];
        f->has &= (uint16_t) ~(1u << t->attribute);
        if (t->attribute == ATTR_DATE)
            f->since = DATE_NOT_GIVEN;
        if (!percent(c, m->near_miss ? 15 : 5)) /* else it stays open */
            give_attribute(m->who, f, t->attribute, value_near(m, n->fact, t));
    }
    if (percent(c, 20))
        (void)name_by_code(m->p, c, m->who, f, n->fact, percent(c, 50));
    if (percent(c, 10))
        state_fact(m, n->fact, FINDING_PRESENT);
}

/* ---- complaints ------------------------------------------------------------------------------------------- */

struct complaint *add_complaint(struct making *m, enum region region)
{
    static const int32_t days[] = { 0, 3, 10, 29, 30, 41, 42, 84, 85, 120, 365, 366, 700 };
    struct chance *c = &m->chance;
    struct screening *s = &m->who->s;
    if (s->n_complaints == SOMEONE_COMPLAINTS)
        return NULL;
    struct complaint *complaint = &s->complaints[s->n_complaints++];
    *complaint = (struct complaint){
        .region = region,
        .side = (int8_t)(percent(c, 30) ? (int)roll(c, SIDE_COUNT_) : NOT_GIVEN),
        .pain = (int8_t)(percent(c, 80) ? (percent(c, 75) ? between(c, 0, 6) : between(c, 7, PAIN_MAX)) : NOT_GIVEN),
        .onset = (int8_t)(percent(c, 75) ? (percent(c, 70) ? ONSET_GRADUAL : ONSET_SUDDEN) : NOT_GIVEN),
        .cause = (int8_t)(percent(c, 75) ? (int)roll(c, CAUSE_COUNT_) : NOT_GIVEN),
        .duration_days = percent(c, 80) ? ONE_OF(c, days) : NOT_GIVEN,
    };
    return complaint;
}

static struct complaint *complaint_in(struct making *m, enum region region)
{
    struct screening *s = &m->who->s;
    for (size_t i = 0; i < s->n_complaints; i++)
        if (s->complaints[i].region == region)
            return &s->complaints[i];
    return add_complaint(m, region);
}

static struct complaint *some_complaint(struct making *m)
{
    static const enum region usual[] = { REGION_NECK, REGION_LOWER_BACK, REGION_SHOULDER, REGION_THIGH };
    return m->who->s.n_complaints ? &m->who->s.complaints[0] : add_complaint(m, ONE_OF(&m->chance, usual));
}

static void forget_complaints(struct making *m, const struct scalar_test *t)
{
    struct screening *s = &m->who->s;
    const struct complaint_list *list = &m->p->cat->definitions.lists[t->hi];
    size_t kept = 0;
    for (size_t i = 0; i < s->n_complaints; i++)
        if ((int32_t)s->complaints[i].region != t->lo || complaint_in_list(list, &s->complaints[i]) == TRI_NO)
            s->complaints[kept++] = s->complaints[i];
    s->n_complaints = kept;
}

/* A member is given within the list's bounds, or left out where that counts too. */
static void fit_list(struct making *m, const struct scalar_test *t)
{
    struct chance *c = &m->chance;
    const struct complaint_list *l = &m->p->cat->definitions.lists[t->hi];
    struct complaint *one = complaint_in(m, (enum region)t->lo);
    bool silent = l->not_given == TRI_YES && percent(c, 15);
    if (!one)
        return;
    if (l->pain_min != NOT_GIVEN || l->pain_max != NOT_GIVEN) {
        int32_t lo = l->pain_min == NOT_GIVEN ? 0 : l->pain_min, hi = l->pain_max == NOT_GIVEN ? PAIN_MAX : l->pain_max;
        if (one->pain < lo || one->pain > hi)
            one->pain = (int8_t)(silent ? NOT_GIVEN : percent(c, 40) ? lo : between(c, lo, hi));
    }
    if (l->days_min != NOT_GIVEN || l->days_max != NOT_GIVEN) {
        int32_t lo = l->days_min == NOT_GIVEN ? 0 : l->days_min, hi = l->days_max == NOT_GIVEN ? lo + 400 : l->days_max;
        if (one->duration_days < lo || one->duration_days > hi)
            one->duration_days = silent ? NOT_GIVEN : percent(c, 40) ? hi : between(c, lo, hi);
    }
    for (int tries = 0; l->onsets && tries < 20 && (one->onset == NOT_GIVEN || !(l->onsets >> one->onset & 1)); tries++)
        one->onset = (int8_t)roll(c, ONSET_COUNT_);
    for (int tries = 0; l->causes && tries < 40 && (one->cause == NOT_GIVEN || !(l->causes >> one->cause & 1)); tries++)
        one->cause = (int8_t)roll(c, CAUSE_COUNT_);
}

/* ---- numbers and words ------------------------------------------------------------------------------------ */

static bool passes(const struct scalar_test *t, int32_t value)
{
    bool inside = t->op == SCALAR_MASK ? value >= 0 && t->mask >> value & 1 : value >= t->lo && value <= t->hi;
    return inside != (t->op == SCALAR_NOT_RANGE) ? !t->negated : t->negated;
}

/* A value of a variable that passes all that the term asks of it. */
static bool pick_value(struct making *m, const struct term *term, enum variable variable, int32_t lo, int32_t hi,
                       int32_t *ret)
{
    struct chance *c = &m->chance;
    const struct scalar_test *tests = &m->p->cat->pool.scalars[term->scalars];
    for (int tries = 0; tries < 60; tries++) {
        const struct scalar_test *near = &tests[roll(c, term->n_scalars)];
        bool all = true;
        int32_t value = between(c, lo, hi), bound = percent(c, 50) ? near->lo : near->hi;
        bool bounded = near->variable == variable && near->op != SCALAR_MASK && bound >= lo - 1 && bound <= hi + 1;
        if (bounded && percent(c, 70))
            value = bound + (percent(c, 40) ? between(c, -1, 1) : 0);
        if (value < lo || value > hi)
            continue;
        for (uint16_t i = 0; i < term->n_scalars; i++)
            all &= tests[i].variable != variable || passes(&tests[i], value);
        if (all || (m->near_miss && percent(c, 5))) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static int32_t days_of(struct making *m, int32_t acuity)
{
    const struct definitions *d = &m->p->cat->definitions;
    struct chance *c = &m->chance;
    switch ((enum acuity)acuity) {
    case ACUITY_ACUTE:
        return percent(c, 30) ? d->subacute_from_days - 1 : between(c, 0, d->subacute_from_days - 1);
    case ACUITY_SUBACUTE:
        return between(c, d->subacute_from_days, d->chronic_from_days - 1);
    case ACUITY_CHRONIC:
        return d->chronic_from_days + (percent(c, 30) ? 0 : between(c, 0, 700));
    case ACUITY_NONE:
    case ACUITY_COUNT_:
        break;
    }
    return NOT_GIVEN;
}

static void set_pains(struct making *m, int32_t most)
{
    struct screening *s = &m->who->s;
    if (!some_complaint(m))
        return;
    for (size_t i = 0; i < s->n_complaints; i++)
        if (i == 0 || s->complaints[i].pain == NOT_GIVEN || s->complaints[i].pain > most)
            s->complaints[i].pain = (int8_t)most;
}

static void set_days(struct making *m, int32_t days)
{
    if (!some_complaint(m))
        return;
    for (size_t i = 0; i < m->who->s.n_complaints; i++)
        m->who->s.complaints[i].duration_days = days;
}

/* Goals, onsets and causes: one of the mask is there, or none. */
static void set_member(struct making *m, const struct scalar_test *t)
{
    struct screening *s = &m->who->s;
    int member = 0;
    while (member < 31 && !(t->mask >> member & 1))
        member++;
    if (t->variable == VAR_GOALS) {
        s->goals = t->negated ? s->goals & ~t->mask : s->goals | 1u << member;
        return;
    }
    struct complaint *one = t->negated ? NULL : some_complaint(m);
    for (size_t i = 0; t->negated && i < s->n_complaints; i++) {
        int8_t *of = t->variable == VAR_ONSET_ANY ? &s->complaints[i].onset : &s->complaints[i].cause;
        if (*of != NOT_GIVEN && t->mask >> *of & 1)
            *of = NOT_GIVEN;
    }
    if (one && t->variable == VAR_ONSET_ANY)
        one->onset = (int8_t)member;
    else if (one)
        one->cause = (int8_t)member;
}

static void add_regions(struct making *m)
{
    for (int tries = 0; tries < 20 && m->who->s.n_complaints < 3; tries++)
        (void)complaint_in(m, (enum region)roll(&m->chance, REGION_COUNT_));
}

static void meet_wish(struct making *m, const struct term *term, const struct scalar_test *t)
{
    struct screening *s = &m->who->s;
    const struct catalogue *cat = m->p->cat;
    int32_t value;
    if (t->variable == VAR_WISH_MINUTES && pick_value(m, term, VAR_WISH_MINUTES, 1, SESSION_MINUTES_MAX, &value))
        s->session_minutes = (int16_t)value;
    if (t->variable == VAR_WISH_PER_WEEK && pick_value(m, term, VAR_WISH_PER_WEEK, 25, PER_WEEK_STEPS_MAX, &value))
        s->per_week_max = (int16_t)(value / 25 * 25); /* as people say it */
    if (t->variable == VAR_WISH_PRESSURE && pick_value(m, term, VAR_WISH_PRESSURE, 0, PRESSURE_WISH_COUNT_ - 1, &value))
        s->pressure_wish = (int8_t)value;
    if (t->variable == VAR_HAS_TECHNIQUE_WISH && cat->n_techniques && s->n_wishes < SOMEONE_WISHES && passes(t, 1))
        s->wishes[s->n_wishes++] = cat->techniques[roll(&m->chance, cat->n_techniques)].code;
}

static void meet_scalar(struct making *m, const struct term *term, const struct scalar_test *t)
{
    struct screening *s = &m->who->s;
    int32_t value;
    switch ((enum variable)t->variable) {
    case VAR_AGE_YEARS:
        if (pick_value(m, term, VAR_AGE_YEARS, 0, 100, &value))
            s->age_years = (int16_t)value;
        break;
    case VAR_SEX:
        for (int tries = 0; tries < 30 && !passes(t, (int32_t)s->sex); tries++)
            s->sex = (enum sex)roll(&m->chance, SEX_UNKNOWN);
        break;
    case VAR_PAIN_MAX:
        if (pick_value(m, term, VAR_PAIN_MAX, 0, PAIN_MAX, &value) && (value || s->n_complaints))
            set_pains(m, value);
        break;
    case VAR_GOALS:
    case VAR_ONSET_ANY:
    case VAR_CAUSE_ANY:
        set_member(m, t);
        break;
    case VAR_COMPLAINT_LIST:
        if (t->negated)
            forget_complaints(m, t);
        else
            fit_list(m, t);
        break;
    case VAR_ACUITY:
        if (pick_value(m, term, VAR_ACUITY, 0, ACUITY_COUNT_ - 1, &value))
            set_days(m, days_of(m, value));
        break;
    case VAR_DURATION_DAYS_MAX:
        if (pick_value(m, term, VAR_DURATION_DAYS_MAX, 0, 700, &value))
            set_days(m, value);
        break;
    case VAR_REGIONS_OVER_TWO:
        if (passes(t, 1))
            add_regions(m);
        break;
    default: /* wishes; readings of progress come as they come */
        meet_wish(m, term, t);
        break;
    }
}

/* ---- a term ----------------------------------------------------------------------------------------------- */

void meet_condition(struct making *m, struct cond c)
{
    const struct cond_pool *pool = &m->p->cat->pool;
    if (c.n_terms == 0)
        return;
    const struct term *t = &pool->terms[c.terms + roll(&m->chance, c.n_terms)];
    for (uint16_t i = 0; i < t->n_needs; i++) {
        const struct need *need = &pool->needs[t->needs + i];
        if (!m->near_miss || percent(&m->chance, 85))
            meet_need(m, need);
        else if (percent(&m->chance, 50))
            state_fact(m, need->fact, FINDING_UNKNOWN);
    }
    for (uint16_t i = 0; i < t->n_absents; i++)
        if (percent(&m->chance, m->who->s.unlisted == UNLISTED_ABSENT ? 40 : 85))
            (void)add_finding(m->p, m->who, pool->absents[t->absents + i], FINDING_ABSENT);
    for (int pass = 0; pass < 2; pass++) /* complaints first: the other tests read them */
        for (uint16_t i = 0; i < t->n_scalars; i++)
            if ((pool->scalars[t->scalars + i].variable == VAR_COMPLAINT_LIST) == (pass == 0))
                meet_scalar(m, t, &pool->scalars[t->scalars + i]);
}
