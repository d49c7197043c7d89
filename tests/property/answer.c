/* What holds of one answer: its codes are known, its pointers lead somewhere, and what it allows and suggests agrees.
 */
#include <stdio.h>

#include "answer_priv.h"

/* ---- verdicts --------------------------------------------------------------------------------------------- */

/* could_become never ranks below the verdict unless that needs answers; with nothing left to ask both are equal; and
 * what follows from the disposition holds for every technique. */
static bool verdicts(struct trial *t)
{
    if (!judge(t, &t->who, &t->a))
        return false;
    const struct decision *d = &t->a.d;
    if (d->n_techniques != t->cat->n_techniques || d->complete != (d->n_questions == 0))
        return wrong(t, "techniques or questions do not add up");
    enum verdict floor = d->disposition >= DISPOSITION_DO_NOT_TREAT         ? VERDICT_NOT_ALLOWED
                         : d->disposition == DISPOSITION_CLEARANCE_REQUIRED ? VERDICT_CLEARANCE_REQUIRED
                         : d->disposition == DISPOSITION_NEEDS_ANSWERS      ? VERDICT_NEEDS_ANSWERS
                                                                            : VERDICT_ALLOWED;
    for (size_t i = 0; i < d->n_techniques; i++) {
        const struct technique_verdict *v = &d->techniques[i];
        t->counted[2] += v->verdict == VERDICT_NEEDS_ANSWERS;
        if (v->could_become < v->verdict && v->verdict != VERDICT_NEEDS_ANSWERS)
            return wrong(t, "%.*s could become milder", STR_ARGS(v->code));
        if (d->complete && v->could_become != v->verdict)
            return wrong(t, "nothing is asked, and yet %.*s could change", STR_ARGS(v->code));
        if (v->verdict < floor)
            return wrong(t, "%.*s is milder than the disposition", STR_ARGS(v->code));
        if (v->verdict == VERDICT_NOT_ALLOWED && v->n_modifications)
            return wrong(t, "%.*s is not allowed, and modified", STR_ARGS(v->code));
        if (i > 0 && v->verdict < d->techniques[i - 1].verdict)
            return wrong(t, "%.*s is not in its place", STR_ARGS(v->code));
    }
    t->counted[0] += d->complete;
    t->counted[1] += !d->complete;
    return true;
}

/* ---- courses ---------------------------------------------------------------------------------------------- */

static bool no_course_and_why(struct trial *t)
{
    if (!judge(t, &t->who, &t->a))
        return false;
    const struct decision *d = &t->a.d;
    if ((d->course == NULL) != (d->no_course_because.p != NULL))
        return wrong(t, "a course and a reason against it, or neither");
    if (d->course && d->disposition >= DISPOSITION_NEEDS_ANSWERS)
        return wrong(t, "a course in spite of the disposition");
    t->counted[0] += d->course != NULL;
    t->counted[1] += d->disposition >= DISPOSITION_NEEDS_ANSWERS;
    return true;
}

/* Does a modification bind work on these regions? One without places binds the session. */
static bool binds(const struct modification *m, uint32_t focus)
{
    const uint32_t whole = UINT32_C(1) << REGION_WHOLE_BODY;
    uint32_t regions = places_regions(&m->places);
    return places_empty(&m->places) || regions & focus || (regions | focus) & whole;
}

struct limits {
    int32_t minutes, pressure;
    uint32_t avoid;
};

static struct limits limits_of(struct trial *t, const struct technique_verdict *v, uint32_t focus)
{
    struct limits l = { INT32_MAX, t->cat->techniques[catalogue_find_technique(t->cat, v->code)].pressure, 0 };
    for (size_t i = 0; i < v->n_modifications; i++) {
        const struct modification *m = &v->modifications[i];
        if (m->kind == MOD_MAX_MINUTES && m->number < l.minutes)
            l.minutes = m->number;
        if (m->kind == MOD_MAX_PRESSURE && m->number < l.pressure && binds(m, focus))
            l.pressure = m->number;
        if (m->kind == MOD_AVOID_REGION)
            l.avoid |= places_regions(&m->places);
    }
    return l;
}

static bool first_session_within(struct trial *t, const struct course_plan *c)
{
    struct str code = c->first_session.technique.p ? c->first_session.technique : c->technique;
    const struct technique_verdict *v = of_technique(&t->a.d, code);
    if (!c->first_session.given)
        return true;
    if (!v || v->verdict > VERDICT_MODIFIED)
        return wrong(t, "the first session's technique may not be used");
    struct limits l = limits_of(t, v, c->focus);
    t->counted[2] += c->first_session.technique.p != NULL;
    if (c->first_session.minutes > l.minutes)
        return wrong(t, "the first session is longer than %.*s may be", STR_ARGS(code));
    if (c->first_session.technique.p) /* is planned within the course technique's limits, not within its own */
        l = limits_of(t, of_technique(&t->a.d, c->technique), c->focus);
    if (c->first_session.pressure > l.pressure || c->first_session.pressure < PRESSURE_MIN)
        return wrong(t, "the first session is stronger than %.*s may be", STR_ARGS(code));
    return true;
}

/* Whole weeks, rounded up; the fractions are summed in steps small enough for every frequency. */
static bool weeks_add_up(const struct course_plan *c)
{
    double weeks = 0;
    for (size_t i = 0; i < c->n_phases; i++)
        weeks += (double)c->phases[i].sessions * PER_WEEK_SCALE / c->phases[i].per_week;
    return c->weeks >= weeks - 1e-6 && c->weeks < weeks + 1 + 1e-6;
}

static bool course_within_limits(struct trial *t)
{
    if (!judge(t, &t->who, &t->a))
        return false;
    const struct course_plan *c = t->a.d.course;
    if (!c)
        return true;
    const struct technique_verdict *v = of_technique(&t->a.d, c->technique);
    int32_t sessions = 0;
    if (!v || v->verdict > VERDICT_MODIFIED)
        return wrong(t, "the course's technique may not be used");
    struct limits l = limits_of(t, v, c->focus);
    t->counted[0]++;
    t->counted[1] += v->n_modifications > 0;
    if (c->focus & l.avoid || c->focus == 0 || c->n_focus == 0)
        return wrong(t, "the focus is empty, or is to be avoided");
    for (size_t i = 0; i < c->n_phases; i++) {
        const struct course_phase *p = &c->phases[i];
        sessions += p->sessions;
        if (p->minutes > l.minutes || p->minutes < 1)
            return wrong(t, "phase %zu takes %d minutes", i, p->minutes);
        if (p->pressure > l.pressure || p->pressure < PRESSURE_MIN)
            return wrong(t, "phase %zu has a pressure of %d", i, p->pressure);
        if (p->sessions < 1 || p->per_week < 1)
            return wrong(t, "phase %zu is empty", i);
    }
    if (sessions != c->total_sessions || sessions == 0 || !weeks_add_up(c))
        return wrong(t, "%d sessions in %d weeks do not add up", c->total_sessions, c->weeks);
    if (c->reassess_after_sessions < 1 || c->reassess_after_sessions > c->total_sessions)
        return wrong(t, "reassessed after %d of %d sessions", c->reassess_after_sessions, c->total_sessions);
    return first_session_within(t, c);
}

const struct property answer_properties[] = {
    { "answer/verdicts",
      verdicts,
      NULL,
      100,
      { { "complete", 100 }, { "with questions", 100 }, { "techniques need answers", 100 } } },
    { "answer/no_course_and_why", no_course_and_why, NULL, 100, { { "courses", 50 }, { "ruled out", 300 } } },
    { "answer/course_within_limits",
      course_within_limits,
      NULL,
      100,
      { { "courses", 50 }, { "modified", 30 }, { "first sessions of another technique", 0 } } },
    { "answer/words_are_known", words_are_known, NULL, 100, { { "words looked up", 1000 } } },
    { "answer/pointers_resolve", pointers_resolve, NULL, 100, { { "pointers", 1000 }, { "of clearances", 20 } } },
    { "answer/is_json", is_json, NULL, 100, { { NULL, 0 } } },
    { .name = NULL },
};
