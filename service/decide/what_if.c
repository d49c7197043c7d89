/* Tries changes out: judges the request as it would be with them (S19). */
#include "decide/allow_priv.h"

#include <assert.h>

/* The facts that a finding names, by id (then the list is `*room`) or by code. */
static struct fact_list facts_named(const struct catalogue *cat, const struct finding *f, uint32_t *room)
{
    if (f->id.p) {
        *room = (uint32_t)catalogue_find_fact(cat, f->id);
        return (struct fact_list){ room, 1 };
    }
    const struct code_system *system = catalogue_find_system(cat, f->system);
    assert(system); /* an unknown one is an error before it comes here (S2) */
    return code_system_lookup(system, f->code);
}

static bool names(const struct catalogue *cat, const struct finding *f, uint32_t fact)
{
    uint32_t room;
    struct fact_list named = facts_named(cat, f, &room);
    for (uint32_t i = 0; i < named.n; i++)
        if (named.at[i] == fact)
            return true;
    return false;
}

static struct finding plain_finding(const struct catalogue *cat, uint32_t fact, enum finding_state state)
{
    return (
        struct finding){ .list = LIST_SYMPTOMS, .id = cat->facts[fact].id, .state = state, .since = DATE_NOT_GIVEN };
}

/* A fact is answered: what was said to be unknown of it no longer is; a code goes on being unknown for its other
 * facts. */
static void answer_fact(const struct catalogue *cat, const struct change *c, struct screening *s)
{
    uint32_t fact = (uint32_t)c->ask.fact;
    size_t n = s->n_findings, kept = 0, more = n;
    for (size_t i = 0; i < n; i++) {
        const struct finding f = s->findings[i];
        if (f.state != FINDING_UNKNOWN || !names(cat, &f, fact)) {
            s->findings[kept++] = f;
            continue;
        }
        uint32_t room;
        struct fact_list named = facts_named(cat, &f, &room);
        for (uint32_t k = 0; k < named.n; k++)
            if (named.at[k] != fact)
                s->findings[more++] = plain_finding(cat, named.at[k], FINDING_UNKNOWN);
    }
    for (size_t i = n; i < more; i++)
        s->findings[kept++] = s->findings[i];
    s->findings[kept++] = plain_finding(cat, fact, c->value == FACT_PRESENT ? FINDING_PRESENT : FINDING_ABSENT);
    s->n_findings = kept;
}

/* The most findings that answers can add. */
static size_t room_for_answers(const struct search *s)
{
    const struct screening *was = s->j->in->screening;
    size_t n = s->n_changes;
    uint32_t room;
    for (size_t i = 0; i < was->n_findings; i++)
        if (was->findings[i].state == FINDING_UNKNOWN)
            n += facts_named(s->j->cat, &was->findings[i], &room).n;
    return n;
}

/* Would an attribute of this finding be read for the fact? A finding of a fact below passes on what it declares. */
static bool carries(const struct catalogue *cat, const struct finding *f, uint32_t fact, int attribute)
{
    uint32_t room;
    struct fact_list named = facts_named(cat, f, &room);
    for (uint32_t i = 0; i < named.n; i++)
        if (stands_above(cat, named.at[i], fact) && cat->facts[named.at[i]].attributes >> attribute & 1)
            return true;
    return false;
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
        if (!carries(in->cat, to, (uint32_t)c->ask.fact, c->ask.attribute))
            continue;
        to->has |= (uint16_t)(1U << c->ask.attribute);
        to->value[c->ask.attribute] = c->value;
        answered = true;
    }
    if (answered)
        return;
    struct finding *more = &s->findings[s->n_findings++];
    *more = plain_finding(in->cat, (uint32_t)c->ask.fact, FINDING_PRESENT);
    more->has = (uint16_t)(1U << c->ask.attribute);
    more->value[c->ask.attribute] = c->value;
}

static void answer(const struct intake *in, const struct change *c, struct screening *s)
{
    if (c->ask.fact == ASK_SEX)
        s->sex = (enum sex)c->value;
    for (size_t i = 0; c->ask.fact == ASK_PAIN_MAX && i < s->n_complaints; i++)
        if (s->complaints[i].pain == NOT_GIVEN)
            s->complaints[i].pain = (int8_t)c->value;
    if (c->ask.fact >= 0 && c->ask.attribute == NOT_GIVEN)
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
    now->findings = ARENA_ARRAY(a, struct finding, was->n_findings + room_for_answers(s));
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
    if (!now || !changed)
        return NULL;
    faults_init(s->faults, a);
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
    if (intake_build(in->cat, now, a, s->faults, changed) != RC_OK)
        return NULL;
    return judge_new(changed, a);
}
