/* What past sessions change of a course (S15). */
#include "decide/course_priv.h"

/* Sessions a week that leave at least so many days between: the greatest of these steps that does. */
static int32_t per_week_of_days(int32_t days)
{
    static const int32_t steps[] = { 2 * PER_WEEK_SCALE, PER_WEEK_SCALE, PER_WEEK_SCALE / 2, PER_WEEK_SCALE / 4 };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (steps[i] * days <= 7 * PER_WEEK_SCALE)
            return steps[i];
    return steps[ARRAY_LEN(steps) - 1];
}

static void lighten(struct planning *p, const struct replan_rule *r)
{
    p->pressure_delta = r->pressure_delta < p->pressure_delta ? r->pressure_delta : p->pressure_delta;
    p->minutes_percent = r->minutes_percent < p->minutes_percent ? r->minutes_percent : p->minutes_percent;
    if (r->min_days_between != NOT_GIVEN) {
        int32_t cap = per_week_of_days(r->min_days_between);
        p->per_week_cap = p->per_week_cap == NOT_GIVEN || cap < p->per_week_cap ? cap : p->per_week_cap;
    }
}

/* The strongest of the changes that the true rules ask for, not their sum. */
void read_changes(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    const struct definitions *defs = &p->j->cat->definitions;
    p->minutes_percent = 100;
    p->per_week_cap = NOT_GIVEN;
    if (progress->decides)
        lighten(p, progress->decides);
    for (size_t i = 0; i < progress->n_also; i++) {
        lighten(p, progress->also[i]);
        p->fresh_pressure_only |= progress->also[i]->action == REPLAN_RESTART_PHASE;
    }
    if (progress->stop_lifted && progress->worsened_before) {
        struct replan_rule lifted = { .pressure_delta = defs->stop_lifted_pressure_delta,
                                      .minutes_percent = defs->stop_lifted_minutes_percent,
                                      .min_days_between = NOT_GIVEN };
        lighten(p, &lifted);
    }
    p->fresh = progress->n == 0 || (progress->decides && progress->decides->action == REPLAN_NEW_INTAKE);
}

/* The phase in which the next session falls; the last one when all are done. */
static size_t present_phase(const struct course_plan *plan, int32_t done, int32_t *ret_done_in_it)
{
    size_t i = 0;
    while (i + 1 < plan->n_phases && done >= plan->phases[i].sessions)
        done -= plan->phases[i++].sessions;
    *ret_done_in_it = done;
    return i;
}

/* Leaves out the sessions that were done; with a phase taken up again, none of that phase. */
static void leave_out_done(struct planning *p, int32_t done, bool restart_phase)
{
    struct course_plan *plan = p->plan;
    int32_t done_in_it;
    size_t present = present_phase(plan, done, &done_in_it), kept = 0;
    for (size_t i = present; i < plan->n_phases; i++)
        plan->phases[kept++] = plan->phases[i];
    plan->n_phases = kept;
    if (restart_phase || kept == 0)
        return;
    plan->phases[0].sessions -= done_in_it;
    if (plan->phases[0].sessions <= 0) {
        for (size_t i = 1; i < kept; i++)
            plan->phases[i - 1] = plan->phases[i];
        plan->n_phases--;
    }
}

static void one_phase(struct planning *p, struct str name, int32_t done, int32_t per_week, int32_t sessions_max)
{
    struct course_plan *plan = p->plan;
    int32_t left = total_sessions(plan) - done, done_in_it;
    struct course_phase phase = plan->phases[present_phase(plan, done, &done_in_it)];
    left = lower(left, sessions_max);
    phase.sessions = left < 1 ? 1 : left;
    phase.per_week = lower(phase.per_week, per_week);
    phase.only_if = (struct str){ NULL, 0 };
    if (name.p)
        phase.name = name;
    plan->phases[0] = phase;
    plan->n_phases = 1;
}

static int32_t next_step_below(const struct replan_rule *r, int32_t per_week)
{
    for (uint32_t i = 0; i < r->n_per_week_steps; i++)
        if (r->per_week_steps[i] < per_week)
            return r->per_week_steps[i];
    return per_week;
}

/* The tested dose, where the planned one is below it and can rise within the limits, wishes aside. */
bool dose_can_rise(struct planning *p, const struct replan_rule *r, uint32_t technique)
{
    struct planning trial = *p;
    const struct phase *phase = p->course->phases;
    int32_t before = 0, done = (int32_t)p->j->progress.n;
    uint32_t i = 0;
    while (i < r->n_doses && &p->j->cat->courses[r->doses[i].course] != p->course)
        i++;
    trial.technique = technique;
    trial.rules = joined_of(p->j, technique);
    if (i == r->n_doses || !trial.rules)
        return false;
    const struct dose *dose = &r->doses[i];
    for (uint32_t k = 0; k + 1 < p->course->n_phases && done >= before + phase->sessions; k++)
        before += phase++->sessions;
    read_changes(&trial);
    int32_t minutes = phase_minutes(&trial, phase->minutes, before), per_week = phase_per_week(&trial, phase->per_week);
    trial.wishes_aside = true;
    int32_t longest = phase_minutes(&trial, dose->minutes, before);
    int32_t most = phase_per_week(&trial, phase->per_week > dose->per_week ? phase->per_week : dose->per_week);
    if (!(minutes < dose->minutes && longest > minutes) && !(per_week < dose->per_week && most > per_week))
        return false;
    p->dose_minutes = longest > minutes ? longest : minutes;
    p->dose_per_week = lower(most, dose->per_week) > per_week ? lower(most, dose->per_week) : per_week;
    return true;
}

static void raise_to_dose(struct planning *p)
{
    for (size_t i = 0; i < p->plan->n_phases; i++) {
        struct course_phase *phase = &p->plan->phases[i];
        phase->minutes = p->dose_minutes > phase->minutes ? p->dose_minutes : phase->minutes;
        phase->per_week = p->dose_per_week > phase->per_week ? p->dose_per_week : phase->per_week;
    }
}

/* False when the course is completed. */
bool replan(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    const struct replan_rule *r = progress->decides;
    struct course_plan *plan = p->plan;
    int32_t done = (int32_t)progress->n, done_in_it;
    if (!r || r->action == REPLAN_NEW_INTAKE || r->action == REPLAN_BOOSTER)
        return true;
    int32_t left = total_sessions(plan) - done;
    struct str name = p->j->words->replans[r - p->j->cat->replans].phase_name;
    switch (r->action) {
    case REPLAN_TAPER:
        one_phase(p, name, done, next_step_below(r, plan->phases[present_phase(plan, done, &done_in_it)].per_week),
                  r->sessions_left_max);
        return true;
    case REPLAN_FINISH:
        one_phase(p, name, done, r->per_week, r->sessions_left_max);
        return true;
    case REPLAN_CONTINUE_ONCE:
    case REPLAN_CHANGE_TECHNIQUE:
        if (left < 1)
            return false;
        leave_out_done(p, done, p->fresh_pressure_only);
        while (r->sessions_left_max != NOT_GIVEN && total_sessions(plan) > r->sessions_left_max)
            drop_last_session(plan);
        raise_to_dose(p);
        return true;
    case REPLAN_STOP_REFER:
    case REPLAN_PAUSE_REFER:
    case REPLAN_LIGHTEN:
    case REPLAN_RESTART_PHASE:
    case REPLAN_CONTINUE:
    case REPLAN_NEW_INTAKE:
    case REPLAN_BOOSTER:
    case REPLAN_ACTION_COUNT_:
        break;
    }
    if (left < 1)
        return false;
    leave_out_done(p, done, p->fresh_pressure_only);
    return true;
}
