/* What would allow the techniques that are above "modified" (S19).
 *
 * Every rule that stands in a technique's way must get out of it; each has a few ways to, so the sets looked for are
 * the smallest joins of one way each. Sets with answers in them are tried out, because an answer may open something
 * else. Days are tried out one by one, but only those on which some reading of a date changes. */
#include "decide/allow_priv.h"

#include "base/date.h"

enum { FOUND_MAX = 8 };

struct found {
    struct changes changes;
    int32_t date; /* DATE_NOT_GIVEN: today */
};

/* Sets found for one technique, the better first. */
struct finds {
    struct found at[FOUND_MAX];
    uint32_t n;
    bool more;
};

/* A set that was tried out, and the techniques that it allows. */
struct trial {
    struct changes changes;
    int32_t as_of;
    uint64_t allows;
};

/* What stands in the way on one day; re-planning first. */
struct day {
    struct judge *j;
    struct blocker *b;
    uint32_t n;
};

struct allowing {
    struct search *s;
    uint64_t blocked; /* techniques */
    struct finds *finds;
    int32_t *earliest;
    struct trial trials[TRIALS_MAX];
    uint32_t n_trials;
    bool spent; /* a trial was due and there was none left */
    struct day today;
    bool *read; /* facts that blockers read */
};

/* ---- what is in the way ----------------------------------------------------------------------------------- */

static uint64_t above_modified(const struct judge *j)
{
    uint64_t set = 0;
    for (uint64_t rest = j->on_offer; rest; rest &= rest - 1)
        if (j->verdict[low_bit(rest)] > VERDICT_MODIFIED)
            set |= bit64(low_bit(rest));
    return set;
}

static uint64_t blocked_by(const struct judge *j, const struct entry *e)
{
    uint64_t set = 0;
    if (!e->open && e->effect > VERDICT_MODIFIED)
        set |= e->rule->targets;
    if (!e->open && e->raised_to > VERDICT_MODIFIED)
        set |= e->raised;
    if (e->holds)
        set |= e->rule->targets;
    if ((!e->open && e->disposition >= DISPOSITION_NEEDS_ANSWERS) || (e->holds && e->rule->disposition != NOT_GIVEN))
        set = j->on_offer;
    return set & j->on_offer;
}

static bool stopped(const struct judge *j)
{
    return j->progress.disposition >= DISPOSITION_NEEDS_ANSWERS;
}

/* The blockers of some of these techniques, without their ways. */
static bool find_blockers(struct allowing *a, struct judge *j, uint64_t among, struct day *ret)
{
    uint32_t n = stopped(j);
    for (size_t i = 0; i < j->n_entries; i++)
        n += (blocked_by(j, &j->entries[i]) & among) != 0;
    *ret = (struct day){ .j = j, .n = n };
    ret->b = ARENA_ARRAY(a->s->j->arena, struct blocker, ret->n);
    if (!ret->b)
        return false;
    n = stopped(j);
    if (n)
        ret->b[0] = (struct blocker){ .blocks = j->on_offer };
    for (size_t i = 0; i < j->n_entries; i++) {
        const struct entry *e = &j->entries[i];
        uint64_t blocks = blocked_by(j, e);
        if (blocks & among)
            ret->b[n++] = (struct blocker){ .rule = e->rule, .entry = e, .blocks = blocks };
    }
    return true;
}

static bool find_all_ways(struct allowing *a, const struct day *d)
{
    for (uint32_t i = 0; i < d->n; i++)
        register_changes(a->s, d->j, &d->b[i]);
    for (uint32_t i = 0; i < d->n; i++)
        find_ways(a->s, d->j, &d->b[i]);
    return !a->s->oom;
}

/* ---- trying out ------------------------------------------------------------------------------------------- */

/* A date that was found for a later day may be still to come. */
static bool answers_ahead(const struct search *s, const struct changes *c, int32_t as_of)
{
    for (uint32_t i = 0; i < s->n_changes; i++)
        if (changes_has(c, i) && !s->pool[i].clearance && s->pool[i].ask.attribute == ATTR_DATE &&
            s->pool[i].value > as_of)
            return true;
    return false;
}

/* The techniques that a set allows. */
static uint64_t try_out(struct allowing *a, const struct changes *c, int32_t as_of)
{
    struct search *s = a->s;
    if (answers_ahead(s, c, as_of))
        return 0;
    for (uint32_t i = 0; i < a->n_trials; i++)
        if (a->trials[i].as_of == as_of && memcmp(&a->trials[i].changes, c, sizeof(*c)) == 0)
            return a->trials[i].allows;
    if (a->n_trials == TRIALS_MAX) {
        s->cut = a->spent = true;
        return 0;
    }
    struct arena_mark mark = arena_mark(s->j->arena);
    const struct judge *j = judge_changed(s, c, as_of);
    s->oom |= !j;
    uint64_t allows = j ? j->on_offer & ~above_modified(j) : 0;
    arena_rewind(s->j->arena, mark);
    a->trials[a->n_trials++] = (struct trial){ *c, as_of, allows };
    return allows;
}

/* ---- sets ------------------------------------------------------------------------------------------------- */

static bool better(const struct search *s, const struct found *x, const struct found *y)
{
    int cost = compare_cost(s, &x->changes, &y->changes);
    return cost ? cost < 0 : x->date < y->date;
}

static void keep(const struct search *s, struct finds *f, struct found found)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (changes_within(&f->at[i].changes, &found.changes))
            return; /* that is enough, on the same day or before */
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (!changes_within(&found.changes, &f->at[i].changes) || found.date > f->at[i].date)
            f->at[kept++] = f->at[i];
    f->n = kept;
    while (at < f->n && !better(s, &found, &f->at[at]))
        at++;
    if (f->n == FOUND_MAX) {
        f->more = true;
        if (at == FOUND_MAX)
            return;
        f->n--;
    }
    for (uint32_t i = f->n; i > at; i--)
        f->at[i] = f->at[i - 1];
    f->at[at] = found;
    f->n++;
}

static bool covers(const struct blocker *b, uint32_t n, uint32_t technique, const struct changes *c)
{
    for (uint32_t i = 0; i < n; i++) {
        bool out = !(b[i].blocks >> technique & 1);
        for (uint32_t k = 0; !out && k < b[i].n_ways; k++)
            out = changes_within(&b[i].ways[k], c);
        if (!out)
            return false;
    }
    return true;
}

/* Is every change of the set needed? */
static bool smallest(const struct blocker *b, uint32_t n, uint32_t technique, const struct changes *c)
{
    for (size_t w = 0; w < ARRAY_LEN(c->w); w++)
        for (uint64_t rest = c->w[w]; rest; rest &= rest - 1) {
            struct changes less = *c;
            less.w[w] &= ~(rest & -rest);
            if (covers(b, n, technique, &less))
                return false;
        }
    return true;
}

/* The sets that take all blockers of a technique away; none when one of them is immovable. */
static struct ways join_ways(const struct search *s, const struct blocker *b, uint32_t n, uint32_t technique)
{
    struct ways w;
    ways_init(&w, true);
    for (uint32_t i = 0; i < n && w.n; i++)
        if (b[i].blocks >> technique & 1) {
            w.cut |= b[i].cut;
            ways_combine(s, &w, b[i].ways, b[i].n_ways);
        }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w.n; i++)
        if (smallest(b, n, technique, &w.at[i]))
            w.at[kept++] = w.at[i];
    w.n = kept;
    return w;
}

static bool movable(const struct blocker *b, uint32_t n, uint32_t technique)
{
    for (uint32_t i = 0; i < n; i++)
        if (b[i].blocks >> technique & 1 && b[i].n_ways == 0)
            return false;
    return true;
}

/* A pain or an attribute, unlike an absence, may free a rule that has fired, or bind another. */
static bool answers_otherwise(const struct change *c)
{
    return !c->clearance && (c->ask.fact < 0 || c->ask.attribute != NOT_GIVEN || c->value == FACT_PRESENT);
}

static bool any_answers_otherwise(const struct search *s, const struct changes *c)
{
    for (uint32_t i = 0; i < s->n_changes; i++)
        if (changes_has(c, i) && answers_otherwise(&s->pool[i]))
            return true;
    return false;
}

/* Does the set state something else of a fact than before, or that one is present? Either may settle more than the
 * fact itself. */
static bool any_overrules(const struct search *s, const struct changes *c)
{
    for (uint32_t i = 0; i < s->n_changes; i++) {
        const struct change *one = &s->pool[i];
        if (changes_has(c, i) && !one->clearance && one->ask.fact >= 0 && one->ask.attribute == NOT_GIVEN &&
            (one->value == FACT_PRESENT || s->j->in->facts[one->ask.fact].stated))
            return true;
    }
    return false;
}

/* Keeps a set for those of the techniques that it allows, or what is left of it where less is enough; returns the
 * techniques allowed. Bounded by the size of the set and by TRIALS_MAX. */
static uint64_t consider(struct allowing *a, const struct changes *c, int32_t as_of, uint64_t techniques)
{
    struct search *s = a->s;
    int32_t today = s->j->in->screening->as_of;
    uint64_t already = as_of != today ? consider(a, c, today, techniques) : 0;
    uint64_t allows = techniques & ~already & try_out(a, c, as_of), needed = allows;
    bool otherwise = any_answers_otherwise(s, c), overrules = any_overrules(s, c);
    for (uint32_t i = 0; i < s->n_changes && needed && (otherwise || overrules); i++) {
        if (!changes_has(c, i) || !(overrules || s->pool[i].clearance || answers_otherwise(&s->pool[i])))
            continue;
        struct changes less = *c;
        less.w[i / 64] &= ~(UINT64_C(1) << (i % 64));
        needed &= ~consider(a, &less, as_of, needed);
    }
    if (a->spent)
        return 0; /* not known to be smallest */
    for (uint64_t rest = needed; rest; rest &= rest - 1)
        keep(s, &a->finds[low_bit(rest)], (struct found){ *c, as_of == today ? DATE_NOT_GIVEN : as_of });
    return allows | already;
}

/* Of techniques that the same blockers stand in the way of. */
static void find_sets(struct allowing *a, const struct judge *j, const struct blocker *b, uint32_t n, uint64_t group)
{
    struct search *s = a->s;
    int32_t as_of = j->in->screening->as_of;
    int32_t date = as_of == s->j->in->screening->as_of ? DATE_NOT_GIVEN : as_of;
    struct ways w = join_ways(s, b, n, low_bit(group));
    bool unsure = w.cut || (w.n == 0 && movable(b, n, low_bit(group))), replanned = n && !b[0].entry;
    for (uint32_t i = 0; i < w.n; i++) {
        if (replanned || count_answers(s, &w.at[i])) {
            unsure |= consider(a, &w.at[i], as_of, group) != group;
            continue;
        }
        for (uint64_t rest = group; rest; rest &= rest - 1)
            if (date == DATE_NOT_GIVEN || !covers(a->today.b, a->today.n, low_bit(rest), &w.at[i]))
                keep(s, &a->finds[low_bit(rest)], (struct found){ w.at[i], date });
    }
    for (uint64_t rest = group; unsure && rest; rest &= rest - 1)
        a->finds[low_bit(rest)].more = true;
}

/* Parts the techniques by what blocks them. */
static uint32_t part_techniques(const struct blocker *b, uint32_t n, uint64_t techniques, uint64_t *groups)
{
    uint32_t n_groups = 1;
    groups[0] = techniques;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t g = 0, had = n_groups; g < had; g++) {
            uint64_t in = groups[g] & b[i].blocks, out = groups[g] & ~b[i].blocks;
            if (!in || !out)
                continue;
            groups[g] = in;
            groups[n_groups++] = out;
        }
    return n_groups;
}

/* The sets for each of these techniques, on that day. */
static bool search_day(struct allowing *a, const struct day *d, uint64_t techniques)
{
    uint64_t groups[TECHNIQUES_LIMIT];
    uint32_t n_groups = techniques ? part_techniques(d->b, d->n, techniques, groups) : 0;
    for (uint32_t g = 0; g < n_groups; g++)
        find_sets(a, d->j, d->b, d->n, groups[g]);
    return !a->s->oom;
}

/* ---- later days ------------------------------------------------------------------------------------------- */

/* Marks what the blockers read: only there can time move one out of the way, and what comes into the way meanwhile is
 * marked in its turn. */
static void mark_read(struct allowing *a, const struct day *d)
{
    const struct cond_pool *pool = &d->j->cat->pool;
    for (uint32_t i = 0; i < d->n; i++) {
        const struct cond *when = d->b[i].rule ? &d->b[i].rule->when : NULL;
        for (uint32_t t = 0; when && t < when->n_terms; t++) {
            const struct term *term = &pool->terms[when->terms + t];
            for (uint16_t k = 0; k < term->n_needs; k++)
                a->read[pool->needs[term->needs + k].fact] = true;
        }
    }
}

static bool is_read(const struct allowing *a, const struct fact *f)
{
    for (uint32_t i = 0; i < f->up.n; i++)
        if (a->read[f->up.at[i]])
            return true;
    return false;
}

static void sooner(int32_t *day, int32_t after, int32_t candidate)
{
    if (candidate > after && candidate < *day)
        *day = candidate;
}

/* The days on which a re-planning rule reads the time since this session differently. */
static void next_since(const struct catalogue *cat, int32_t session, int32_t after, int32_t *day)
{
    for (uint32_t r = 0; r < cat->n_replans; r++)
        for (uint32_t t = 0; t < cat->replans[r].when.n_terms; t++) {
            const struct term *term = &cat->pool.terms[cat->replans[r].when.terms + t];
            for (uint16_t i = 0; i < term->n_scalars; i++) {
                const struct scalar_test *test = &cat->pool.scalars[term->scalars + i];
                if (test->variable != VAR_DAYS_SINCE_LAST)
                    continue;
                if (test->lo > 0 && test->lo < DURATION_DAYS_MAX)
                    sooner(day, after, session + test->lo);
                if (test->hi >= 0 && test->hi < DURATION_DAYS_MAX)
                    sooner(day, after, session + test->hi + 1);
            }
        }
}

/* The days on which a session leaves the window, or begins to count, or the time since the last one, or one to come, is
 * read differently. */
static void next_of_progress(const struct judge *j, int32_t after, int32_t *day)
{
    const struct catalogue *cat = j->cat;
    const struct screening *s = j->in->screening;
    const struct progress *p = &j->progress;
    for (size_t i = 0; i < p->n; i++)
        sooner(day, after, s->progress[p->entries[i]].date + cat->definitions.readings.window_days + 1);
    for (size_t i = 0; i < s->n_progress; i++)
        sooner(day, after, s->progress[i].date);
    int32_t last = s->progress[p->entries[p->n - 1]].date;
    for (size_t i = 0; i < s->n_progress; i++)
        if (s->progress[i].date >= last)
            next_since(cat, s->progress[i].date, after, day);
}

/* The next day on which a rule may read a date differently, or a finding or a session that stops the course runs out;
 * INT32_MAX: none. */
static int32_t next_day(const struct allowing *a, int32_t after)
{
    const struct judge *j = a->s->j;
    const struct catalogue *cat = j->cat;
    int32_t day = INT32_MAX;
    for (uint32_t f = 0; f < cat->n_facts; f++) {
        const struct fact_intake *fact = &j->in->facts[f];
        if (fact->state != FACT_PRESENT || !is_read(a, &cat->facts[f]))
            continue;
        for (uint32_t i = 0; i < fact->n_instances; i++) {
            int32_t date = fact->instances[i].date;
            if (date == DATE_NOT_GIVEN)
                continue;
            for (uint32_t k = cat->date_bounds_of[f]; k < cat->date_bounds_of[f + 1]; k++)
                sooner(&day, after, date + cat->date_bounds[k]);
            if (cat->facts[f].valid_days != NOT_GIVEN)
                sooner(&day, after, date + cat->facts[f].valid_days + 1);
        }
    }
    if (stopped(j))
        next_of_progress(j, after, &day);
    return day;
}

/* Tells days apart by what stands in the way. */
static uint64_t signature(const struct day *d)
{
    enum { SHIFT = 29 };
    uint64_t sign = d->n;
    for (uint32_t i = 0; i < d->n; i++) { /* two rounds of a multiplicative hash (Knuth, TAOCP 3, 6.4) */
        sign = (sign ^ (uint64_t)(uintptr_t)d->b[i].rule) * UINT64_C(0x9E3779B97F4A7C15);
        sign = (sign ^ sign >> SHIFT ^ d->b[i].blocks) * UINT64_C(0x9E3779B97F4A7C15);
    }
    return sign;
}

/* One later day; takes those that are free by then from *waiting. */
static bool search_one_later(struct allowing *a, int32_t day, uint64_t *waiting, uint64_t *last)
{
    struct search *s = a->s;
    const struct changes nothing = { { 0 } };
    struct judge *later = judge_changed(s, &nothing, day);
    struct day d;
    if (!later)
        return false;
    uint64_t still = above_modified(later) | ~later->on_offer;
    for (uint64_t rest = *waiting & ~still; rest; rest &= rest - 1) {
        a->earliest[low_bit(rest)] = day;
        keep(s, &a->finds[low_bit(rest)], (struct found){ nothing, day });
    }
    *waiting &= still;
    if (!*waiting)
        return true;
    if (!find_blockers(a, later, *waiting, &d))
        return false;
    uint64_t sign = signature(&d);
    if (sign == *last)
        return true;
    *last = sign;
    mark_read(a, &d);
    return find_all_ways(a, &d) && search_day(a, &d, *waiting & later->on_offer);
}

static bool search_later(struct allowing *a)
{
    struct search *s = a->s;
    uint64_t waiting = a->blocked, last = signature(&a->today);
    int32_t day = s->j->in->screening->as_of;
    mark_read(a, &a->today);
    for (int n = 0; waiting && !s->oom && (day = next_day(a, day)) != INT32_MAX; n++) {
        if (n == DATES_MAX) {
            s->cut = true;
            break;
        }
        struct arena_mark mark = arena_mark(s->j->arena);
        if (!search_one_later(a, day, &waiting, &last))
            return false;
        arena_rewind(s->j->arena, mark);
    }
    return !s->oom;
}

/* ---- what is said of it ----------------------------------------------------------------------------------- */

static struct str answer_text(const struct search *s, const struct change *c)
{
    struct arena *a = s->j->arena;
    char date[DATE_TEXT_LEN + 1];
    if (c->ask.fact == ASK_SEX)
        return sex_vocabulary.names[c->value];
    if (c->ask.fact >= 0 && c->ask.attribute == NOT_GIVEN)
        return c->value == FACT_PRESENT ? finding_state_name(FINDING_PRESENT) : finding_state_name(FINDING_ABSENT);
    if (c->ask.fact < 0)
        return arena_printf(a, "%d", c->value);
    switch (attribute_table[c->ask.attribute].type) {
    case VALUE_DATE:
        date_format(c->value, date);
        return arena_str(a, (struct str){ date, DATE_TEXT_LEN });
    case VALUE_BOOLEAN:
        return c->value ? STR("true") : STR("false");
    case VALUE_REGION:
        return region_name((enum region)c->value);
    case VALUE_SIDE:
        return side_vocabulary.names[c->value];
    case VALUE_INTEGER:
        break;
    }
    return arena_printf(a, "%d", c->value);
}

static struct allow_answer answer_of(const struct search *s, const struct change *c)
{
    struct allow_answer a = { .fact = ask_name(s->j->cat, c->ask), .answer = answer_text(s, c) };
    if (c->ask.attribute != NOT_GIVEN)
        a.attribute = attribute_table[c->ask.attribute].name;
    return a;
}

static bool describe(const struct search *s, const struct found *f, struct allow_set *ret)
{
    struct arena *arena = s->j->arena;
    struct allow_clearance *clearances =
        ARENA_ARRAY(arena, struct allow_clearance, (size_t)count_clearances(s, &f->changes));
    struct allow_answer *answers = ARENA_ARRAY(arena, struct allow_answer, (size_t)count_answers(s, &f->changes));
    if (!clearances || !answers)
        return false;
    *ret = (struct allow_set){ .clearances = clearances, .answers = answers, .date = f->date };
    for (uint32_t i = 0; i < s->n_changes; i++) {
        const struct change *c = &s->pool[i];
        if (!changes_has(&f->changes, i))
            continue;
        if (c->clearance)
            clearances[ret->n_clearances++] =
                (struct allow_clearance){ s->j->cat->facts[c->ask.fact].id, clearer_name(c->by) };
        else
            answers[ret->n_answers++] = answer_of(s, c);
    }
    return true;
}

static bool same_finds(const struct finds *a, const struct finds *b)
{
    bool same = a->n == b->n && a->more == b->more;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = memcmp(&a->at[i].changes, &b->at[i].changes, sizeof(a->at[i].changes)) == 0 &&
               a->at[i].date == b->at[i].date;
    return same;
}

static bool describe_sets(const struct allowing *a, uint32_t technique, struct allowed *ret)
{
    const struct finds *f = &a->finds[technique];
    uint32_t n = f->n < WOULD_ALLOW_LIMIT ? f->n : WOULD_ALLOW_LIMIT;
    ret->more = f->more || f->n > n || a->s->cut;
    for (uint64_t rest = a->blocked & (bit64(technique) - 1); rest; rest &= rest - 1)
        if (same_finds(f, &a->finds[low_bit(rest)])) {
            ret->sets = a->s->j->allowed[low_bit(rest)].sets;
            ret->n_sets = n;
            return true;
        }
    struct allow_set *sets = ARENA_ARRAY(a->s->j->arena, struct allow_set, n);
    for (uint32_t i = 0; sets && i < n; i++)
        if (!describe(a->s, &f->at[i], &sets[i]))
            return false;
    ret->sets = sets;
    ret->n_sets = n;
    return sets != NULL;
}

/* Today's rules without a way around them. */
static bool describe_immovable(const struct allowing *a, uint32_t technique, struct allowed *ret)
{
    const struct judge *j = a->s->j;
    const struct day *today = &a->today;
    size_t n = 0;
    if (ret->n_sets)
        return true; /* then time moves them */
    struct str *codes = ARENA_ARRAY(j->arena, struct str, today->n);
    for (uint32_t i = 0; codes && i < today->n; i++) {
        const struct blocker *b = &today->b[i];
        if (b->n_ways == 0 && b->blocks >> technique & 1)
            codes[n++] = b->rule ? b->rule->id : j->progress.decides->id;
    }
    ret->cannot_change = (struct strs){ codes, n };
    return codes != NULL;
}

static bool search_all(struct allowing *a)
{
    struct judge *j = a->s->j;
    struct day *today = &a->today;
    if (!find_blockers(a, j, a->blocked, today) || !find_all_ways(a, today) || !search_day(a, today, a->blocked))
        return false;
    return search_later(a);
}

bool build_allowed(struct judge *j)
{
    uint64_t blocked = above_modified(j);
    if (!blocked)
        return true;
    struct allowing *a = ARENA_NEW(j->arena, struct allowing);
    j->allowed = ARENA_ARRAY(j->arena, struct allowed, j->cat->n_techniques);
    if (!a || !j->allowed)
        return false;
    a->s = ARENA_NEW(j->arena, struct search);
    a->finds = ARENA_ARRAY(j->arena, struct finds, j->cat->n_techniques);
    a->earliest = ARENA_ARRAY(j->arena, int32_t, j->cat->n_techniques);
    struct faults *faults = ARENA_NEW(j->arena, struct faults);
    a->read = ARENA_ARRAY(j->arena, bool, j->cat->n_facts);
    if (!a->s || !a->read || !a->finds || !a->earliest || !faults)
        return false;
    a->s->faults = faults;
    a->s->j = j;
    a->blocked = blocked;
    for (uint32_t i = 0; i < j->cat->n_techniques; i++)
        a->earliest[i] = DATE_NOT_GIVEN;
    if (!search_all(a))
        return false;
    for (uint32_t i = 0; i < j->cat->n_techniques; i++) {
        j->allowed[i].earliest_date = a->earliest[i];
        if (blocked >> i & 1 && (!describe_sets(a, i, &j->allowed[i]) || !describe_immovable(a, i, &j->allowed[i])))
            return false;
    }
    return true;
}
