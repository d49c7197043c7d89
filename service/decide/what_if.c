/* Tries changes out: judges the request as it would be with them (S19). */
#include "decide/allow_priv.h"

static bool is_answer(const struct change *c, int32_t fact, int attribute)
{
    return !c->clearance && c->ask.fact == fact && c->ask.attribute == attribute;
}

/* A fact is answered: what was said to be unknown of it no longer is. */
static void answer_fact(const struct catalogue *cat, const struct change *c, struct screening *s)
{
    struct str id = cat->facts[c->ask.fact].id;
    size_t kept = 0;
    for (size_t i = 0; i < s->n_findings; i++)
        if (s->findings[i].state != FINDING_UNKNOWN || !s->findings[i].id.p || !str_eq(s->findings[i].id, id))
            s->findings[kept++] = s->findings[i];
    s->findings[kept++] = (struct finding){
        .list = LIST_SYMPTOMS,
        .id = id,
        .state = c->value == FACT_PRESENT ? FINDING_PRESENT : FINDING_ABSENT,
        .since = DATE_NOT_GIVEN,
    };
    s->n_findings = kept;
}

/* Would an attribute of this finding be read for the fact? A finding of a fact below passes on what it declares. */
static bool carries(const struct catalogue *cat, const struct finding *f, int attribute)
{
    int32_t fact = f->id.p ? catalogue_find_fact(cat, f->id) : -1;
    return fact < 0 || cat->facts[fact].attributes >> attribute & 1;
}

/* An attribute is answered for every finding of the fact that lacks it; where none can carry it, by one that does. */
static void answer_attribute(const struct intake *in, const struct change *c, struct screening *s)
{
    const struct fact_intake *f = &in->facts[c->ask.fact];
    bool answered = false;
    for (uint32_t i = 0; i < f->n_instances; i++) {
        struct finding *to = &s->findings[f->instances[i].finding];
        if (to->has >> c->ask.attribute & 1 || (c->ask.attribute == ATTR_DATE && to->since != DATE_NOT_GIVEN))
            continue;
        if (!carries(in->cat, to, c->ask.attribute))
            continue;
        to->has |= (uint16_t)(1U << c->ask.attribute);
        to->value[c->ask.attribute] = c->value;
        answered = true;
    }
    if (answered)
        return;
    struct finding *more = &s->findings[s->n_findings++];
    *more = (struct finding){
        .list = LIST_SYMPTOMS,
        .id = in->cat->facts[c->ask.fact].id,
        .state = FINDING_PRESENT,
        .has = (uint16_t)(1U << c->ask.attribute),
        .since = DATE_NOT_GIVEN,
    };
    more->value[c->ask.attribute] = c->value;
}

static void answer(const struct intake *in, const struct change *c, struct screening *s)
{
    if (is_answer(c, ASK_SEX, NOT_GIVEN))
        s->sex = (enum sex)c->value;
    else if (is_answer(c, ASK_PAIN_MAX, NOT_GIVEN))
        for (size_t i = 0; i < s->n_complaints; i++)
            s->complaints[i].pain = s->complaints[i].pain == NOT_GIVEN ? (int8_t)c->value : s->complaints[i].pain;
    else if (c->ask.attribute == NOT_GIVEN)
        answer_fact(in->cat, c, s);
}

/* A copy with room for the changes. */
static struct screening *copy_screening(const struct search *s, struct arena *a)
{
    const struct screening *was = s->j->in->screening;
    struct screening *now = ARENA_NEW(a, struct screening);
    if (!now)
        return NULL;
    *now = *was;
    now->findings = ARENA_ARRAY(a, struct finding, was->n_findings + s->n_changes);
    now->clearances = ARENA_ARRAY(a, struct clearance, was->n_clearances + s->n_changes);
    now->complaints = ARENA_ARRAY(a, struct complaint, was->n_complaints);
    if (!now->findings || !now->clearances || !now->complaints)
        return NULL;
    if (was->n_findings)
        memcpy(now->findings, was->findings, was->n_findings * sizeof(*was->findings));
    if (was->n_clearances)
        memcpy(now->clearances, was->clearances, was->n_clearances * sizeof(*was->clearances));
    if (was->n_complaints)
        memcpy(now->complaints, was->complaints, was->n_complaints * sizeof(*was->complaints));
    return now;
}

struct judge *judge_changed(const struct search *s, const struct changes *c, int32_t as_of)
{
    struct arena *a = s->j->arena;
    const struct intake *in = s->j->in;
    struct screening *now = copy_screening(s, a);
    struct intake *changed = ARENA_NEW(a, struct intake);
    struct faults *faults = ARENA_NEW(a, struct faults);
    if (!now || !changed || !faults)
        return NULL;
    faults_init(faults, a);
    now->as_of = as_of;
    for (uint32_t i = 0; i < s->n_changes; i++) /* first what counts the findings as they stand */
        if (changes_has(c, i) && !s->pool[i].clearance && s->pool[i].ask.attribute != NOT_GIVEN)
            answer_attribute(in, &s->pool[i], now);
    for (uint32_t i = 0; i < s->n_changes; i++) {
        const struct change *one = &s->pool[i];
        if (!changes_has(c, i))
            continue;
        if (one->clearance)
            now->clearances[now->n_clearances++] =
                (struct clearance){ .fact = in->cat->facts[one->ask.fact].id, .by = one->by, .date = as_of };
        else
            answer(in, one, now);
    }
    if (intake_build(in->cat, now, a, faults, changed) != RC_OK)
        return NULL;
    return judge_new(changed, a);
}
