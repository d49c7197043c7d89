/* Rules a course out, or plans the one in force. */
#include "decide/course_priv.h"

static bool collect_adjustments(struct planning *p)
{
    const struct catalogue *cat = p->j->cat;
    struct view v = { .in = p->j->in };
    p->adjustments = ARENA_ARRAY(p->j->arena, const struct adjustment *, cat->n_adjustments);
    for (uint32_t i = 0; p->adjustments && i < cat->n_adjustments; i++)
        if (cond_eval(&v, cat->adjustments[i].when) == TRI_YES)
            p->adjustments[p->n_adjustments++] = &cat->adjustments[i];
    return p->adjustments != NULL;
}

static bool in_list(const struct fact_list *list, uint32_t fact)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i] == fact)
            return true;
    return false;
}

/* Pain this strong means no course, unless a clinician has cleared it or its chronic pattern is known (S14). */
static bool pain_forbids(const struct planning *p, const struct adjustment *a)
{
    struct intake *in = p->j->in;
    if (a->no_course_pain == NOT_GIVEN || in->pain_low < a->no_course_pain)
        return false;
    for (size_t i = 0; i < in->n_clearances; i++) {
        if (in->clearances[i].by != CLEARER_GUARDIAN && in_list(&a->unless_clearance_for, in->clearances[i].fact)) {
            in->clearances[i].used = true;
            return false;
        }
    }
    for (uint32_t i = 0; in->value[VAR_ACUITY] == ACUITY_CHRONIC && i < a->unless_chronic_with.n; i++)
        if (in->facts[a->unless_chronic_with.at[i]].state == FACT_PRESENT)
            return false;
    return true;
}

static bool no_course(struct planning *p, struct str because, struct str reason)
{
    p->d->no_course_because = because;
    p->d->no_course_reason = reason;
    return true;
}

/* True when something rules a course out before one is looked for. */
static bool ruled_out(struct planning *p)
{
    const struct replan_rule *replan = p->j->progress.decides;
    struct str none = { NULL, 0 };
    if (p->j->by_rules >= DISPOSITION_NEEDS_ANSWERS)
        return no_course(p, STR("disposition"), none);
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        const struct adjustment_words *words = &p->j->words->adjustments[a - p->j->cat->adjustments];
        if (a->no_course)
            return no_course(p, a->id, words->reason);
        if (pain_forbids(p, a))
            return no_course(p, a->id, words->no_course_reason);
    }
    if (replan && replan->no_course)
        return no_course(p, replan->id, p->j->words->replans[replan - p->j->cat->replans].say);
    if (p->j->disposition >= DISPOSITION_NEEDS_ANSWERS)
        return no_course(p, STR("disposition"), none);
    return false;
}

/* False: out of memory. */
static bool set_first_session(struct planning *p)
{
    const struct catalogue *cat = p->j->cat;
    struct course_plan *plan = p->plan;
    if ((!p->fresh && !p->fresh_pressure_only) || plan->n_phases == 0)
        return true;
    for (uint32_t i = 0; i < cat->n_adjustments; i++) {
        const struct adjustment *a = &cat->adjustments[i];
        if (a->scope != SCOPE_FIRST_SESSION)
            continue;
        int32_t minutes = plan->first_session.given ? plan->first_session.minutes : plan->phases[0].minutes;
        int32_t pressure = plan->first_session.given ? plan->first_session.pressure : plan->phases[0].pressure;
        plan->first_session.given = true;
        plan->first_session.minutes = p->fresh ? lower(minutes, a->minutes_max) : minutes;
        pressure = lower(pressure + a->pressure_delta, a->pressure_max);
        plan->first_session.pressure = pressure < PRESSURE_MIN ? PRESSURE_MIN : pressure;
        if (p->fresh && a->avoid >> p->technique & 1) {
            int other = first_usable(p, p->course, a->avoid);
            if (other == NOT_GIVEN)
                continue;
            plan->first_session.technique = cat->techniques[other].code;
            if (!hold_session_to(p, (uint32_t)other, &plan->first_session.minutes, &plan->first_session.pressure))
                return false;
        }
    }
    return true;
}

static void set_reassessment(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    int32_t after = p->course->reassess_after_sessions;
    if (progress->decides && progress->decides->reassess_after_sessions != NOT_GIVEN)
        after = progress->decides->reassess_after_sessions;
    for (size_t i = 0; i < p->n_adjustments; i++)
        if (p->adjustments[i]->reassess_after_sessions != NOT_GIVEN)
            after = p->adjustments[i]->reassess_after_sessions;
    p->plan->reassess_after_sessions = lower(after, p->plan->total_sessions);
}

/* Nothing is left of the plan: what the course says for how the person is now. */
static struct str after_the_last_session(const struct planning *p)
{
    const int32_t *value = p->j->in->value;
    return value[VAR_WORSENED] == 1   ? p->words->if_worse
           : value[VAR_IMPROVED] == 1 ? p->words->if_improving
                                      : p->words->if_unchanged;
}

/* False: out of memory. */
static bool plan_course(struct planning *p)
{
    const struct replan_rule *r = p->j->progress.decides;
    bool booster = r && r->action == REPLAN_BOOSTER;
    const struct phase *phases = booster ? r->phases : p->course->phases;
    uint32_t n = booster ? r->n_phases : p->course->n_phases;
    p->words = &p->j->words->courses[p->course - p->j->cat->courses];
    const struct phases_words *said =
        booster ? &p->j->words->replans[r - p->j->cat->replans].phases : &p->words->phases;
    p->plan = ARENA_NEW(p->j->arena, struct course_plan);
    p->rules = joined_of(p->j, p->technique);
    if (!p->plan || !p->rules)
        return false;
    p->plan->phases = ARENA_ARRAY(p->j->arena, struct course_phase, n + 1);
    if (!p->plan->phases)
        return false;
    if (!set_focus(p))
        return no_course(p, STR("area_avoided"), (struct str){ NULL, 0 });
    read_changes(p);
    add_phases(p, phases, said->at, n);
    drop_from_the_end(p);
    if (!replan(p))
        return no_course(p, STR("course_completed"), after_the_last_session(p));
    p->plan->id = p->course->id;
    p->plan->title = p->words->title;
    p->plan->technique = p->j->cat->techniques[p->technique].code;
    p->plan->total_sessions = total_sessions(p->plan);
    p->plan->weeks = total_weeks(p->plan);
    set_reassessment(p);
    if (!set_first_session(p) || !set_dates(p) || !set_texts(p))
        return false;
    p->d->course = p->plan;
    return true;
}

bool build_course(struct judge *j, struct decision *d)
{
    struct planning p = { .j = j, .d = d };
    struct str none = { NULL, 0 };
    if (!collect_adjustments(&p))
        return false;
    if (ruled_out(&p))
        return true;
    if (!j->course)
        return no_course(&p, STR("no_matching_course"), none);
    if (!choose(&p))
        return no_course(&p, STR("no_technique"), none);
    return plan_course(&p);
}
