/* Chooses a course and its technique (S13), limits it to the person (S14) and re-plans it (S15). */
#include "decide/decide_priv.h"

struct planning {
    struct judge *j;
    struct decision *d;
    const struct adjustment **adjustments; /* those that are true, in order */
    size_t n_adjustments;
    const struct course *course;
    uint32_t technique;
    const struct joined *rules; /* the technique's modifications */
    bool fresh;                 /* a new or restarted course: its first session has limits of its own */
    bool fresh_pressure_only;   /* a phase taken up again: only the pressure */
    uint32_t focus;             /* bit per region */
    int32_t pressure_delta, minutes_percent, per_week_cap;
    bool wish_lengthened;
    bool wishes_aside;
    int32_t dose_minutes, dose_per_week; /* what a dose check raises the plan to; 0: nothing */
    struct course_plan *plan;
};

/* ---- what the person changes ------------------------------------------------------------------------------ */

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
        if (a->no_course)
            return no_course(p, a->id, a->reason);
        if (pain_forbids(p, a))
            return no_course(p, a->id, a->no_course_reason);
    }
    if (replan && replan->no_course)
        return no_course(p, replan->id, replan->say);
    if (p->j->disposition >= DISPOSITION_NEEDS_ANSWERS)
        return no_course(p, STR("disposition"), none);
    return false;
}

/* ---- the technique ---------------------------------------------------------------------------------------- */

static bool replan_drops(const struct planning *p, const struct replan_rule *r, uint32_t t)
{
    const struct technique *technique = &p->j->cat->techniques[t];
    bool in_time = r->drop_days == NOT_GIVEN || p->j->in->value[VAR_DAYS_SINCE_LAST] <= r->drop_days;
    if (in_time && (r->drop >> t & 1 || r->drop_traits & technique->traits))
        return true;
    return (r->taken_traits & technique->essential) != 0;
}

/* May this technique be used for a course? */
static bool usable(const struct planning *p, uint32_t t)
{
    const struct judge *j = p->j;
    if (j->verdict[t] > VERDICT_MODIFIED)
        return false;
    if (!j->cat->techniques[t].default_offered && !(j->in->wished >> t & 1))
        return false;
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        if (a->drop >> t & 1 || (a->allow && !(a->allow >> t & 1)))
            return false;
        for (uint32_t k = 0; k < a->n_from_age; k++)
            if (a->from_age[k].technique == t && j->in->screening->age_years < a->from_age[k].age_years)
                return false;
    }
    const struct progress *progress = &j->progress;
    if (progress->decides && replan_drops(p, progress->decides, t))
        return false;
    for (size_t i = 0; i < progress->n_also; i++)
        if (replan_drops(p, progress->also[i], t))
            return false;
    return true;
}

static bool listed(const struct course *c, uint32_t t)
{
    for (uint32_t i = 0; i < c->n_techniques; i++)
        if (c->techniques[i] == t)
            return true;
    return false;
}

static bool suits(const struct judge *j, uint32_t t)
{
    const struct technique *technique = &j->cat->techniques[t];
    uint32_t regions = 0;
    for (size_t i = 0; i < j->in->screening->n_complaints; i++)
        regions |= UINT32_C(1) << j->in->screening->complaints[i].region;
    return technique->good_regions & regions || technique->good_goals & j->in->screening->goals;
}

/* The first in order that is usable and not in `except`, or NOT_GIVEN: wishes in the course's list, wishes outside
 * it that suit, what adjustments put first, the list (S13). */
static int first_usable(const struct planning *p, const struct course *c, uint64_t except)
{
    const struct intake *in = p->j->in;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < in->n_wishes; i++) {
            uint32_t t = in->wishes[i];
            if (listed(c, t) == (pass == 0) && (pass == 0 || suits(p->j, t)) && !(except >> t & 1) && usable(p, t))
                return (int)t;
        }
    }
    for (size_t i = 0; i < p->n_adjustments; i++)
        for (uint32_t k = 0; k < p->adjustments[i]->n_first; k++) {
            uint32_t t = p->adjustments[i]->first_order[k];
            if (listed(c, t) && !(except >> t & 1) && usable(p, t))
                return (int)t;
        }
    for (uint32_t i = 0; i < c->n_techniques; i++)
        if (!(except >> c->techniques[i] & 1) && usable(p, c->techniques[i]))
            return c->techniques[i];
    return NOT_GIVEN;
}

/* The technique of the latest session that names one, or NOT_GIVEN. */
static int last_technique(const struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    int last = NOT_GIVEN;
    for (size_t i = 0; i < progress->n; i++)
        if (p->j->in->progress_technique[progress->entries[i]] != NOT_GIVEN)
            last = p->j->in->progress_technique[progress->entries[i]];
    return last;
}

/* The next usable one around the course's list, from the one behind `after` on; a gentler one where asked for. */
static int next_in_list(const struct planning *p, int after, bool gentler)
{
    const struct course *c = p->course;
    const struct technique *techniques = p->j->cat->techniques;
    uint32_t start = 0;
    while (start < c->n_techniques && c->techniques[start] != after)
        start++;
    uint32_t first = start == c->n_techniques ? 0 : start + 1;
    for (uint32_t i = 0; i < c->n_techniques; i++) {
        uint32_t t = c->techniques[(first + i) % c->n_techniques];
        if ((int)t != after && usable(p, t) && (!gentler || techniques[t].pressure < techniques[after].pressure))
            return (int)t;
    }
    return NOT_GIVEN;
}

static bool dose_can_rise(struct planning *p, const struct replan_rule *r, uint32_t technique);

/* What re-planning changes the technique to, or NOT_GIVEN: a dose below the tested one is changed before the style. */
static int changed_technique(struct planning *p, int last)
{
    const struct replan_rule *r = p->j->progress.decides;
    int changed = NOT_GIVEN;
    if (r->technique == TECHNIQUE_NEXT_GENTLER)
        changed = next_in_list(p, last, true);
    else if (r->technique == TECHNIQUE_NEXT_STYLE &&
             !(usable(p, (uint32_t)last) && dose_can_rise(p, r, (uint32_t)last)))
        changed = next_in_list(p, last, false);
    return changed;
}

static int choose_technique(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    int last = last_technique(p);
    if (progress->stop_lifted && progress->worsened_before && progress->n == 0 &&
        progress->technique_before != NOT_GIVEN) {
        int other = first_usable(p, p->course, bit64((uint32_t)progress->technique_before));
        if (other != NOT_GIVEN)
            return other;
    }
    if (last != NOT_GIVEN && progress->decides) {
        int changed = changed_technique(p, last);
        if (changed != NOT_GIVEN)
            return changed;
        if (usable(p, (uint32_t)last))
            return last;
    }
    return first_usable(p, p->course, 0);
}

/* The course in force, or the one for home when none of its techniques may be used. */
static bool choose(struct planning *p)
{
    int technique;
    p->course = p->j->course;
    technique = choose_technique(p);
    for (uint32_t i = 0; technique == NOT_GIVEN && i < p->j->cat->n_courses; i++) {
        const struct course *c = &p->j->cat->courses[i];
        int32_t pain;
        if (c->fallback_technique == NOT_GIVEN || !usable(p, (uint32_t)c->fallback_technique) ||
            !course_matches(p->j, c, &pain))
            continue;
        p->course = c;
        technique = c->fallback_technique;
    }
    p->technique = technique == NOT_GIVEN ? 0 : (uint32_t)technique;
    return technique != NOT_GIVEN;
}

/* ---- limits (S14) ----------------------------------------------------------------------------------------- */

static bool set_focus(struct planning *p)
{
    const struct screening *s = p->j->in->screening;
    struct course_plan *plan = p->plan;
    uint32_t avoid = places_regions(&p->rules->avoid);
    const struct progress *progress = &p->j->progress;
    if (progress->decides)
        avoid |= progress->decides->avoid_regions;
    for (size_t i = 0; i < progress->n_also; i++)
        avoid |= progress->also[i]->avoid_regions;
    for (uint32_t i = 0; i < p->course->n_focus; i++) {
        enum region one = p->course->focus[i];
        bool whole = one == REGION_WHOLE_BODY && s->n_complaints > 0;
        size_t n = whole ? s->n_complaints : 1;
        for (size_t k = 0; k < n; k++) {
            enum region region = whole ? s->complaints[k].region : one;
            uint32_t bit = UINT32_C(1) << region;
            if (avoid & bit || p->focus & bit)
                continue;
            p->focus |= bit;
            plan->focus_order[plan->n_focus++] = region;
        }
    }
    plan->focus = p->focus;
    return p->focus != 0;
}

static int32_t lower(int32_t a, int32_t cap)
{
    return cap != NOT_GIVEN && cap < a ? cap : a;
}

/* Does an adjustment bind this phase? Those of the first sessions bind the whole phases that hold them. */
static bool binds(const struct adjustment *a, int32_t sessions_before)
{
    return a->scope == SCOPE_COURSE || (a->scope == SCOPE_FIRST_SESSIONS && sessions_before < a->first_sessions);
}

static int32_t wished_minutes(const struct planning *p)
{
    if (p->wishes_aside)
        return NOT_GIVEN;
    if (p->j->in->screening->session_minutes != NOT_GIVEN)
        return p->j->in->screening->session_minutes;
    for (size_t i = 0; i < p->n_adjustments; i++)
        if (p->adjustments[i]->minutes_prefer != NOT_GIVEN)
            return p->adjustments[i]->minutes_prefer;
    return NOT_GIVEN;
}

static int32_t phase_minutes(const struct planning *p, int32_t planned, int32_t sessions_before)
{
    const struct technique *t = &p->j->cat->techniques[p->technique];
    int32_t top = t->minutes_max, wish = wished_minutes(p), minutes;
    for (size_t i = 0; i < p->n_adjustments; i++)
        if (binds(p->adjustments[i], sessions_before))
            top = lower(top, p->adjustments[i]->minutes_max);
    minutes = wish == NOT_GIVEN ? planned : wish < t->minutes_min ? t->minutes_min : wish;
    minutes = lower(minutes, top) * p->minutes_percent / 100;
    minutes = lower(minutes, p->rules->max_minutes);
    return minutes < 1 ? 1 : minutes;
}

/* The lowest cap that the rules put on the session or on a place that the focus meets. */
static int32_t rules_pressure(const struct planning *p)
{
    int32_t cap = p->rules->max_pressure;
    bool everywhere = p->focus >> REGION_WHOLE_BODY & 1;
    for (int place = 0; place < PLACE_COUNT; place++) {
        bool meets = everywhere || place_region(place) == REGION_WHOLE_BODY || p->focus >> place_region(place) & 1;
        if (meets && p->rules->place_pressure[place] < cap)
            cap = p->rules->place_pressure[place];
    }
    return cap;
}

static int32_t phase_pressure(const struct planning *p, int32_t planned, int32_t sessions_before)
{
    int32_t wish = p->j->in->screening->pressure_wish, pressure = planned;
    if (wish != NOT_GIVEN)
        pressure = lower(wish + PRESSURE_MIN, planned + 1);
    pressure = lower(pressure, p->j->cat->techniques[p->technique].pressure);
    for (size_t i = 0; i < p->n_adjustments; i++)
        if (binds(p->adjustments[i], sessions_before))
            pressure = lower(pressure, p->adjustments[i]->pressure_max);
    pressure += p->pressure_delta;
    pressure = lower(pressure, rules_pressure(p));
    return pressure < PRESSURE_MIN ? PRESSURE_MIN : pressure;
}

static int32_t per_week_limit(const struct planning *p)
{
    int32_t cap = p->per_week_cap;
    for (size_t i = 0; i < p->n_adjustments; i++) {
        int32_t other = p->adjustments[i]->per_week_max;
        if (other != NOT_GIVEN && (cap == NOT_GIVEN || other < cap))
            cap = other;
    }
    return cap;
}

static int32_t phase_per_week(struct planning *p, int32_t planned)
{
    int32_t limited = lower(planned, per_week_limit(p));
    int32_t wish = p->wishes_aside ? NOT_GIVEN : p->j->in->screening->per_week_max;
    p->wish_lengthened |= wish != NOT_GIVEN && wish < limited;
    return lower(limited, wish);
}

static void add_phase(struct planning *p, const struct phase *from, int32_t sessions, int32_t sessions_before)
{
    p->plan->phases[p->plan->n_phases++] = (struct course_phase){
        .name = from->name,
        .intent = from->intent,
        .only_if = from->only_if,
        .sessions = sessions,
        .per_week = phase_per_week(p, from->per_week),
        .minutes = phase_minutes(p, from->minutes, sessions_before),
        .pressure = phase_pressure(p, from->pressure, sessions_before),
    };
}

static void add_phases(struct planning *p, const struct phase *phases, uint32_t n)
{
    int32_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        add_phase(p, &phases[i], phases[i].sessions, before);
        before += phases[i].sessions;
    }
}

static int32_t total_sessions(const struct course_plan *plan)
{
    int32_t total = 0;
    for (size_t i = 0; i < plan->n_phases; i++)
        total += plan->phases[i].sessions;
    return total;
}

/* Rounded up. The sum of fractions is taken over a common denominator of small steps. */
static int32_t total_weeks(const struct course_plan *plan)
{
    int64_t numerator = 0, denominator = 1;
    for (size_t i = 0; i < plan->n_phases; i++) {
        int64_t a = (int64_t)plan->phases[i].sessions * PER_WEEK_SCALE, b = plan->phases[i].per_week;
        numerator = numerator * b + a * denominator;
        denominator *= b;
        for (int64_t x = numerator, y = denominator; y;) { /* keep the fraction short */
            int64_t rest = x % y;
            x = y;
            y = rest;
            if (y == 0) {
                numerator /= x;
                denominator /= x;
            }
        }
    }
    return (int32_t)((numerator + denominator - 1) / denominator);
}

static void drop_last_session(struct course_plan *plan)
{
    if (plan->n_phases && --plan->phases[plan->n_phases - 1].sessions == 0)
        plan->n_phases--;
}

static void drop_from_the_end(struct planning *p)
{
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        while (a->sessions_max != NOT_GIVEN && total_sessions(p->plan) > a->sessions_max)
            drop_last_session(p->plan);
        while (a->weeks_max != NOT_GIVEN && p->wish_lengthened && total_sessions(p->plan) > 1 &&
               total_weeks(p->plan) > a->weeks_max)
            drop_last_session(p->plan);
    }
}

/* ---- re-planning (S15) ------------------------------------------------------------------------------------ */

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
static void read_changes(struct planning *p)
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
static bool dose_can_rise(struct planning *p, const struct replan_rule *r, uint32_t technique)
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
static bool replan(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    const struct replan_rule *r = progress->decides;
    struct course_plan *plan = p->plan;
    int32_t done = (int32_t)progress->n, done_in_it;
    if (!r || r->action == REPLAN_NEW_INTAKE || r->action == REPLAN_BOOSTER)
        return true;
    int32_t left = total_sessions(plan) - done;
    switch (r->action) {
    case REPLAN_TAPER:
        one_phase(p, r->phase_name, done,
                  next_step_below(r, plan->phases[present_phase(plan, done, &done_in_it)].per_week), r->sessions_left_max);
        return true;
    case REPLAN_FINISH:
        one_phase(p, r->phase_name, done, r->per_week, r->sessions_left_max);
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

/* ---- the plan --------------------------------------------------------------------------------------------- */

static void set_first_session(struct planning *p)
{
    const struct catalogue *cat = p->j->cat;
    struct course_plan *plan = p->plan;
    if ((!p->fresh && !p->fresh_pressure_only) || plan->n_phases == 0)
        return;
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
            if (other != NOT_GIVEN)
                plan->first_session.technique = cat->techniques[other].code;
        }
    }
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

struct texts {
    struct str *at;
    size_t n, room;
};

static void texts_add(struct texts *t, struct str s)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->at[i], s))
            return;
    if (t->n < t->room)
        t->at[t->n++] = s;
}

static void texts_join(struct texts *t, struct strs more, size_t at_most)
{
    for (size_t i = 0; i < more.n && i < at_most; i++)
        texts_add(t, more.at[i]);
}

enum { TEXTS_ROOM = 64, TEXTS_OF_OTHERS = 3 };

/* Others that match lend their self-care and co-care, three of each at most. */
static void texts_of_others(struct planning *p, struct texts *self_care, struct texts *co_care)
{
    size_t self_limit = self_care->n + TEXTS_OF_OTHERS, co_limit = co_care->n + TEXTS_OF_OTHERS;
    for (uint32_t i = 0; i < p->j->cat->n_courses; i++) {
        const struct course *c = &p->j->cat->courses[i];
        int32_t pain;
        if (c == p->course || c->fallback_technique != NOT_GIVEN || !course_matches(p->j, c, &pain))
            continue;
        for (size_t k = 0; k < c->self_care.n && self_care->n < self_limit; k++)
            texts_add(self_care, c->self_care.at[k]);
        for (size_t k = 0; k < c->co_care.n && co_care->n < co_limit; k++)
            texts_add(co_care, c->co_care.at[k]);
    }
}

static void add_notes(struct planning *p, const struct adjustment *a, struct texts *advice)
{
    const struct course_plan *plan = p->plan;
    for (uint32_t i = 0; i < a->n_notes; i++) {
        const struct course_note *note = &a->notes[i];
        if (&p->j->cat->courses[note->course] != p->course || plan->n_phases == 0)
            continue;
        if ((note->minutes_below != NOT_GIVEN && plan->phases[0].minutes < note->minutes_below) ||
            (note->per_week_below != NOT_GIVEN && plan->phases[0].per_week < note->per_week_below))
            texts_add(advice, note->say);
    }
}

static bool set_texts(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    const struct course *c = p->course;
    struct course_plan *plan = p->plan;
    struct texts list[4]; /* advice, self-care, co-care, adjustments */
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        list[i] = (struct texts){ ARENA_ARRAY(p->j->arena, struct str, TEXTS_ROOM), 0, TEXTS_ROOM };
        if (!list[i].at)
            return false;
    }
    struct texts *advice = &list[0], *self_care = &list[1], *co_care = &list[2], *ids = &list[3];
    texts_join(self_care, c->self_care, TEXTS_ROOM);
    texts_join(co_care, c->co_care, TEXTS_ROOM);
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        texts_add(ids, a->id);
        texts_join(advice, a->advice, TEXTS_ROOM);
        texts_join(self_care, a->self_care_add, TEXTS_ROOM);
        texts_join(co_care, a->co_care_add, TEXTS_ROOM);
        add_notes(p, a, advice);
    }
    texts_of_others(p, self_care, co_care);
    struct str *also = ARENA_ARRAY(p->j->arena, struct str, progress->n_also);
    if (!also)
        return false;
    if (progress->decides) {
        plan->replan = progress->decides->id;
        plan->replan_say = progress->decides->say;
        texts_join(advice, progress->decides->advice, TEXTS_ROOM);
    }
    for (size_t i = 0; i < progress->n_also; i++) {
        also[i] = progress->also[i]->id;
        texts_add(advice, progress->also[i]->say);
        texts_join(advice, progress->also[i]->advice, TEXTS_ROOM);
    }
    plan->replan_also = (struct strs){ also, progress->n_also };
    plan->advice = (struct strs){ advice->at, advice->n };
    plan->self_care = (struct strs){ self_care->at, self_care->n };
    plan->co_care = (struct strs){ co_care->at, co_care->n };
    plan->adjustments = (struct strs){ ids->at, ids->n };
    plan->stop_if = c->stop_if;
    plan->expected_change = c->expected_change;
    plan->if_improving = c->if_improving;
    plan->if_unchanged = c->if_unchanged;
    plan->if_worse = c->if_worse;
    plan->evidence = c->evidence;
    plan->n_evidence = c->n_evidence;
    plan->certainty = c->certainty;
    return true;
}

/* False: out of memory. */
static bool plan_course(struct planning *p)
{
    const struct replan_rule *r = p->j->progress.decides;
    bool booster = r && r->action == REPLAN_BOOSTER;
    const struct phase *phases = booster ? r->phases : p->course->phases;
    uint32_t n = booster ? r->n_phases : p->course->n_phases;
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
    add_phases(p, phases, n);
    drop_from_the_end(p);
    if (!replan(p))
        return no_course(p, STR("course_completed"), r->say);
    p->plan->id = p->course->id;
    p->plan->title = p->course->title;
    p->plan->technique = p->j->cat->techniques[p->technique].code;
    p->plan->total_sessions = total_sessions(p->plan);
    p->plan->weeks = total_weeks(p->plan);
    set_reassessment(p);
    set_first_session(p);
    if (!set_texts(p))
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
