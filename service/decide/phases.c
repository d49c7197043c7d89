/* The phases of a course within everything that limits them: the technique, the person, the rules, wishes (S14). */
#include "decide/course_priv.h"

#include <assert.h>

bool set_focus(struct planning *p)
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

int32_t phase_minutes(const struct planning *p, int32_t planned, int32_t sessions_before)
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
static int32_t rules_pressure(const struct planning *p, const struct joined *rules)
{
    int32_t cap = rules->max_pressure;
    bool everywhere = p->focus >> REGION_WHOLE_BODY & 1;
    for (int place = 0; place < PLACE_COUNT; place++) {
        bool meets = everywhere || place_region(place) == REGION_WHOLE_BODY || p->focus >> place_region(place) & 1;
        if (meets && rules->place_pressure[place] < cap)
            cap = rules->place_pressure[place];
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
    pressure = lower(pressure, rules_pressure(p, p->rules));
    return pressure < PRESSURE_MIN ? PRESSURE_MIN : pressure;
}

bool hold_session_to(const struct planning *p, uint32_t technique, int32_t *minutes, int32_t *pressure)
{
    const struct joined *rules = joined_of(p->j, technique);
    const struct technique *t = &p->j->cat->techniques[technique];
    if (!rules)
        return false;
    *minutes = lower(lower(*minutes, t->minutes_max), rules->max_minutes);
    *pressure = lower(lower(*pressure, t->pressure), rules_pressure(p, rules));
    return true;
}

/* Evenly over the weeks; after a session that has been, its distance is kept. */
bool set_dates(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    const struct screening *s = p->j->in->screening;
    struct course_plan *plan = p->plan;
    int64_t at = (int64_t)s->as_of * PER_WEEK_SCALE; /* in hundredths of a day */
    if (progress->n && plan->n_phases) {
        int64_t last = (int64_t)s->progress[progress->entries[progress->n - 1]].date * PER_WEEK_SCALE;
        int64_t next = last + (int64_t)DAYS_PER_WEEK * PER_WEEK_SCALE * PER_WEEK_SCALE / plan->phases[0].per_week;
        at = next > at ? next : at;
    }
    for (size_t i = 0; i < plan->n_phases; i++) {
        struct course_phase *phase = &plan->phases[i];
        int32_t *dates = ARENA_ARRAY(p->j->arena, int32_t, (size_t)phase->sessions);
        if (!dates)
            return false;
        for (int32_t k = 0; k < phase->sessions; k++) {
            dates[k] = (int32_t)((at + PER_WEEK_SCALE - 1) / PER_WEEK_SCALE);
            at += (int64_t)DAYS_PER_WEEK * PER_WEEK_SCALE * PER_WEEK_SCALE / phase->per_week;
        }
        phase->dates = dates;
    }
    return true;
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

int32_t phase_per_week(struct planning *p, int32_t planned)
{
    int32_t limited = lower(planned, per_week_limit(p));
    int32_t wish = p->wishes_aside ? NOT_GIVEN : p->j->in->screening->per_week_max;
    p->wish_lengthened |= wish != NOT_GIVEN && wish < limited;
    return lower(limited, wish);
}

static void add_phase(struct planning *p, const struct phase *from, const struct phase_words *said,
                      int32_t sessions_before)
{
    p->plan->phases[p->plan->n_phases++] = (struct course_phase){
        .name = said->name,
        .intent = said->intent,
        .only_if = said->only_if,
        .sessions = from->sessions,
        .per_week = phase_per_week(p, from->per_week),
        .minutes = phase_minutes(p, from->minutes, sessions_before),
        .pressure = phase_pressure(p, from->pressure, sessions_before),
    };
}

void add_phases(struct planning *p, const struct phase *phases, const struct phase_words *said, uint32_t n)
{
    int32_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        add_phase(p, &phases[i], &said[i], before);
        before += phases[i].sessions;
    }
}

int32_t total_sessions(const struct course_plan *plan)
{
    int32_t total = 0;
    for (size_t i = 0; i < plan->n_phases; i++)
        total += plan->phases[i].sessions;
    return total;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    assert(a > 0);
    return a;
}

/* Rounded up. The sum of fractions is taken over a common denominator of small steps. */
int32_t total_weeks(const struct course_plan *plan)
{
    int64_t numerator = 0, denominator = 1;
    for (size_t i = 0; i < plan->n_phases; i++) {
        int64_t a = (int64_t)plan->phases[i].sessions * PER_WEEK_SCALE, b = plan->phases[i].per_week;
        numerator = numerator * b + a * denominator;
        denominator *= b;
        int64_t divisor = common_divisor(numerator, denominator); /* keeps the fraction short */
        numerator /= divisor;
        denominator /= divisor;
    }
    assert(denominator > 0);
    return (int32_t)((numerator + denominator - 1) / denominator);
}

void drop_last_session(struct course_plan *plan)
{
    if (plan->n_phases && --plan->phases[plan->n_phases - 1].sessions == 0)
        plan->n_phases--;
}

void drop_from_the_end(struct planning *p)
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
