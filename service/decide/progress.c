/* Readings of the sessions so far, and what re-planning says of them (S15). */
#include "decide/decide_priv.h"

/* ---- the course in force ---------------------------------------------------------------------------------- */

static enum acuity acuity_of(const struct definitions *d, int32_t days)
{
    return days == NOT_GIVEN              ? ACUITY_NONE
           : days < d->subacute_from_days ? ACUITY_ACUTE
           : days < d->chronic_from_days  ? ACUITY_SUBACUTE
                                          : ACUITY_CHRONIC;
}

/* A course's acuity and pain are those of the complaints in regions it names, or of all if it names none (S13). */
static void read_complaints(const struct judge *j, const struct course *c, int32_t *ret_days, int32_t *ret_pain)
{
    const struct screening *s = j->in->screening;
    *ret_days = NOT_GIVEN;
    *ret_pain = 0;
    for (size_t i = 0; i < s->n_complaints; i++) {
        const struct complaint *complaint = &s->complaints[i];
        if (c->when.names_region && !(c->when.regions >> complaint->region & 1))
            continue;
        *ret_days = complaint->duration_days > *ret_days ? complaint->duration_days : *ret_days;
        if (c->when.names_region && complaint->pain > *ret_pain)
            *ret_pain = complaint->pain;
    }
}

/* Does the course match, and how strong is the pain it is about? */
bool course_matches(struct judge *j, const struct course *c, int32_t *ret_pain)
{
    struct view v = { .in = j->in };
    int32_t days, acuity = j->in->value[VAR_ACUITY];
    read_complaints(j, c, &days, ret_pain);
    j->in->value[VAR_ACUITY] = acuity_of(&j->cat->definitions, days);
    bool matches = cond_eval(&v, c->when) == TRI_YES;
    j->in->value[VAR_ACUITY] = acuity;
    return matches;
}

static void choose_course(struct judge *j)
{
    int32_t best_pain = NOT_GIVEN;
    for (uint32_t i = 0; i < j->cat->n_courses; i++) {
        const struct course *c = &j->cat->courses[i], *best = j->course;
        int32_t pain;
        if (best && c->priority < best->priority)
            continue;
        if (!course_matches(j, c, &pain))
            continue;
        if (best && c->priority == best->priority &&
            (pain < best_pain || (pain == best_pain && str_cmp(c->id, best->id) > 0)))
            continue;
        j->course = c;
        best_pain = pain;
    }
}

/* ---- readings --------------------------------------------------------------------------------------------- */

static const struct progress_entry *entry_at(const struct judge *j, size_t i)
{
    return &j->in->screening->progress[j->progress.entries[i]];
}

static int32_t first_given(int32_t a, int32_t b)
{
    return a != NOT_GIVEN ? a : b != NOT_GIVEN ? b : VALUE_MISSING;
}

static int32_t count_recent(const struct judge *j, enum reaction reaction)
{
    int32_t count = 0;
    size_t n = j->progress.n, recent = (size_t)j->cat->definitions.readings.recent_entries;
    for (size_t i = n > recent ? n - recent : 0; i < n; i++)
        count += entry_at(j, i)->reaction == (int8_t)reaction;
    return count;
}

static void read_reactions(struct judge *j, int32_t *value)
{
    size_t n = j->progress.n, run = 0;
    int8_t last = entry_at(j, n - 1)->reaction;
    value[VAR_LAST_REACTION] = last == NOT_GIVEN ? REACTION_NONE : last;
    value[VAR_WORSE_COUNT] = count_recent(j, REACTION_WORSE);
    value[VAR_BRUISING_COUNT] = count_recent(j, REACTION_BRUISING);
    value[VAR_DIZZINESS_COUNT] = count_recent(j, REACTION_DIZZINESS);
    while (run < n && entry_at(j, n - 1 - run)->reaction == REACTION_SORENESS)
        run++;
    value[VAR_SORENESS_RUN] = (int32_t)run;
    value[VAR_NEUROLOGICAL_ANY] = 0;
    for (size_t i = 0; i < n; i++)
        value[VAR_NEUROLOGICAL_ANY] |= entry_at(j, i)->reaction == REACTION_NEUROLOGICAL;
}

/* The lowest pain before a session, and how many sessions ago it last fell by as much as can be noticed. */
static void read_lows(struct judge *j, int32_t *value)
{
    int32_t low = VALUE_MISSING, count = 0;
    for (size_t i = 0; i < j->progress.n; i++) {
        int32_t pain = entry_at(j, i)->pain_before;
        bool fell = pain != NOT_GIVEN && low != VALUE_MISSING &&
                    pain <= low - j->cat->definitions.readings.least_noticeable_points;
        count = fell ? 0 : count + 1;
        if (pain != NOT_GIVEN && (low == VALUE_MISSING || pain < low))
            low = pain;
    }
    value[VAR_PAIN_LOW] = low;
    value[VAR_SESSIONS_WITHOUT_GAIN] = value[VAR_PAIN_BASE] == VALUE_MISSING || value[VAR_PAIN_BASE] == 0 ? 0 : count;
}

static bool percent_at_least(int32_t part, int32_t whole, int32_t percent)
{
    return whole > 0 && 100 * part >= percent * whole;
}

static bool counts_as_improved(const struct judge *j, int32_t base, int32_t now)
{
    const struct definitions *d = &j->cat->definitions;
    int32_t drop = base - now;
    return drop >= d->readings.important_points ||
           (percent_at_least(drop, base, d->readings.important_percent) && drop >= d->readings.least_noticeable_points);
}

static void read_trend(struct judge *j, int32_t *value)
{
    const struct definitions *d = &j->cat->definitions;
    int32_t base = value[VAR_PAIN_BASE], now = value[VAR_PAIN_NOW], noticeable = d->readings.least_noticeable_points;
    bool known = base != VALUE_MISSING && now != VALUE_MISSING;
    int32_t drop = known ? base - now : 0;
    value[VAR_PAIN_DROP] = known ? drop : VALUE_MISSING;
    bool improved = known && counts_as_improved(j, base, now);
    bool partial = known && !improved && drop >= noticeable;
    bool worsened =
        (known && (drop <= -d->readings.worse_points ||
                   (drop <= -noticeable && percent_at_least(-drop, base, d->readings.important_percent)))) ||
        value[VAR_LAST_CHANGE] >= d->readings.worse_points || value[VAR_LAST_REACTION] == REACTION_WORSE;
    value[VAR_IMPROVED] = improved;
    value[VAR_MUCH_IMPROVED] =
        known &&
        ((percent_at_least(drop, base, d->readings.substantial_percent) && drop >= d->readings.important_points) ||
         (now <= noticeable && drop >= noticeable));
    value[VAR_PARTIAL] = partial;
    value[VAR_WORSENED] = worsened;
    value[VAR_UNCHANGED] = known && base > 0 && !improved && !partial && !worsened;
}

static void read_relapse(struct judge *j, int32_t *value)
{
    const struct definitions *d = &j->cat->definitions;
    size_t n = j->progress.n;
    int32_t base = value[VAR_PAIN_BASE], now = value[VAR_PAIN_NOW], low = value[VAR_PAIN_LOW];
    int32_t gap = value[VAR_DAYS_SINCE_LAST];
    if (n >= 2 && entry_at(j, n - 1)->date - entry_at(j, n - 2)->date > gap)
        gap = entry_at(j, n - 1)->date - entry_at(j, n - 2)->date;
    value[VAR_RELAPSED] = base != VALUE_MISSING && now != VALUE_MISSING && low != VALUE_MISSING &&
                          counts_as_improved(j, base, low) && now - low >= d->readings.important_points &&
                          gap >= d->readings.relapse_gap_days;
}

static void take_readings(struct judge *j)
{
    int32_t *value = j->in->value;
    size_t n = j->progress.n;
    for (int v = VAR_SESSIONS_DONE; v < VAR_COUNT_; v++)
        value[v] = VALUE_MISSING;
    value[VAR_SESSIONS_DONE] = (int32_t)n;
    if (j->course) {
        value[VAR_REASSESS_AFTER] = j->course->reassess_after_sessions;
        value[VAR_MAX_WITHOUT_GAIN] = j->course->max_sessions_without_gain;
        value[VAR_PLANNED_TOTAL] = 0;
        for (uint32_t i = 0; i < j->course->n_phases; i++)
            value[VAR_PLANNED_TOTAL] += j->course->phases[i].sessions;
    }
    if (n == 0)
        return;
    const struct progress_entry *first = entry_at(j, 0), *last = entry_at(j, n - 1);
    value[VAR_DAYS_SINCE_LAST] = j->in->screening->as_of - last->date;
    value[VAR_PAIN_BASE] = first_given(first->pain_before, first->pain_after);
    value[VAR_PAIN_NOW] =
        n >= 2 ? first_given(last->pain_before, last->pain_after) : first_given(last->pain_after, last->pain_before);
    value[VAR_LAST_CHANGE] =
        last->pain_before == NOT_GIVEN || last->pain_after == NOT_GIVEN ? 0 : last->pain_after - last->pain_before;
    read_reactions(j, value);
    read_lows(j, value);
    read_trend(j, value);
    read_relapse(j, value);
}

/* ---- re-planning ------------------------------------------------------------------------------------------ */

static bool apply_rules(struct judge *j)
{
    struct view v = { .in = j->in };
    struct progress *p = &j->progress;
    p->decides = NULL;
    p->n_also = 0;
    p->also = ARENA_ARRAY(j->arena, const struct replan_rule *, j->cat->n_replans);
    if (!p->also)
        return false;
    for (uint32_t i = 0; p->n && i < j->cat->n_replans; i++) {
        const struct replan_rule *r = &j->cat->replans[i];
        if ((r->decides && p->decides) || cond_eval(&v, r->when) != TRI_YES)
            continue;
        if (r->decides)
            p->decides = r;
        else
            p->also[p->n_also++] = r;
    }
    return true;
}

/* The latest clearance by a clinician of the reaction that stopped the sessions, or DATE_NOT_GIVEN. */
static int32_t stop_cleared_on(struct judge *j)
{
    int32_t date = DATE_NOT_GIVEN;
    for (size_t i = 0; i < j->in->n_clearances; i++) {
        struct clearance_in_force *c = &j->in->clearances[i];
        if ((int32_t)c->fact == j->cat->definitions.stop_lifted_fact && c->by != CLEARER_GUARDIAN) {
            c->used = true;
            date = c->date > date ? c->date : date;
        }
    }
    return date;
}

/* Entries before the clearance are left out, and the course starts again. */
static bool lift_stop(struct judge *j)
{
    struct progress *p = &j->progress;
    int32_t cleared = stop_cleared_on(j);
    size_t before = 0, n = p->n;
    uint32_t *entries = p->entries;
    if (cleared == DATE_NOT_GIVEN)
        return true;
    while (before < n && entry_at(j, before)->date < cleared)
        before++;
    if (before == 0)
        return true;
    p->n = before;
    take_readings(j);
    p->stop_lifted = true;
    p->worsened_before = j->in->value[VAR_WORSENED] == 1;
    for (size_t i = 0; i < before; i++)
        if (j->in->progress_technique[entries[i]] != NOT_GIVEN)
            p->technique_before = j->in->progress_technique[entries[i]]; /* the last that was named */
    p->entries = entries + before;
    p->n = n - before;
    take_readings(j);
    return apply_rules(j);
}

static bool collect_entries(struct judge *j)
{
    const struct screening *s = j->in->screening;
    struct progress *p = &j->progress;
    p->entries = ARENA_ARRAY(j->arena, uint32_t, s->n_progress);
    if (!p->entries)
        return false;
    for (size_t i = 0; i < s->n_progress; i++) {
        int32_t age = s->as_of - s->progress[i].date;
        if (age < 0 || age > j->cat->definitions.readings.window_days) {
            struct str pointer = arena_printf(j->arena, "/progress/%zu", i);
            if (intake_ignore(j->in, j->arena, pointer, age < 0 ? IGNORED_PROGRESS_FUTURE : IGNORED_PROGRESS_OLD) !=
                RC_OK)
                return false;
            continue;
        }
        size_t k = p->n++; /* by date, and those of one day as they came */
        for (; k > 0 && s->progress[p->entries[k - 1]].date > s->progress[i].date; k--)
            p->entries[k] = p->entries[k - 1];
        p->entries[k] = (uint32_t)i;
    }
    return true;
}

bool read_progress(struct judge *j)
{
    struct progress *p = &j->progress;
    p->technique_before = NOT_GIVEN;
    choose_course(j);
    if (!collect_entries(j))
        return false;
    take_readings(j);
    if (!apply_rules(j))
        return false;
    if (p->decides && p->decides->no_course && !lift_stop(j))
        return false;
    p->disposition = p->decides && p->decides->disposition != NOT_GIVEN ? p->decides->disposition : DISPOSITION_PROCEED;
    return true;
}
