/* From rules to entries: which have fired, which are open, what a clearance lifts (S9), and where each applies (S11).
 */
#include "decide/decide_priv.h"

#include "base/sort.h"

/* ---- which rules are true or open ------------------------------------------------------------------------- */

static void look_at_terms(const struct judge *j, const struct view *v, uint32_t from, uint32_t to, uint8_t *state)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = from; i < to; i++) {
        const struct rule_term *rt = &cat->rule_terms[i];
        if (state[rt->rule] == TRI_YES)
            continue;
        enum tri r = term_eval(v, &cat->pool.terms[rt->term]);
        if (r > state[rt->rule])
            state[rt->rule] = (uint8_t)r;
    }
}

/* Only terms whose first needed fact is not absent can be anything but false. */
static uint8_t *evaluate_rules(struct judge *j)
{
    const struct catalogue *cat = j->cat;
    struct view v = { .in = j->in };
    uint8_t *state = ARENA_ARRAY(j->arena, uint8_t, cat->n_rules);
    if (!state)
        return NULL;
    for (uint32_t f = 0; f < cat->n_facts; f++)
        if (j->in->facts[f].state != FACT_ABSENT)
            look_at_terms(j, &v, cat->terms_by_fact[f], cat->terms_by_fact[f + 1], state);
    look_at_terms(j, &v, cat->terms_by_fact[cat->n_facts], cat->terms_by_fact[cat->n_facts + 1], state);
    return state;
}

/* ---- clearances (S9) -------------------------------------------------------------------------------------- */

bool clearance_fits(const struct rule *r, enum clearer by)
{
    return (int)by == r->clearable_by || (r->clearable_by == CLEARER_PHYSICIAN && by != CLEARER_GUARDIAN);
}

/* The clearances in force that act on the rule, the latest of each fact, as lifts. */
static struct lift *find_lifts(struct judge *j, struct entry *e, size_t *ret_n)
{
    const struct rule *r = e->rule;
    size_t n = 0;
    *ret_n = 0;
    struct lift *lifts = NULL;
    for (size_t c = 0; c < j->in->n_clearances; c++) {
        struct clearance_in_force *clearance = &j->in->clearances[c];
        size_t k = 0;
        while (k < r->clearance_for.n && r->clearance_for.at[k] != clearance->fact)
            k++;
        if (k == r->clearance_for.n || !clearance_fits(r, clearance->by))
            continue;
        if (!lifts) {
            lifts = ARENA_ARRAY(j->arena, struct lift, j->in->n_clearances);
            e->cleared_by = ARENA_ARRAY(j->arena, uint32_t, j->in->n_clearances);
            if (!lifts || !e->cleared_by)
                return NULL;
        }
        clearance->used = true;
        e->cleared_by[e->n_cleared_by++] = clearance->index;
        size_t i = 0;
        while (i < n && lifts[i].fact != clearance->fact)
            i++;
        if (i == n)
            lifts[n++] = (struct lift){ .fact = clearance->fact, .after = clearance->date };
        else if (clearance->date > lifts[i].after)
            lifts[i].after = clearance->date;
    }
    *ret_n = n;
    return lifts;
}

/* The rule with all that clearances may name taken away: it fires by age, pain, region or lack of consent alone. */
static enum tri bare_result(struct judge *j, const struct rule *r, bool *oom)
{
    struct lift *all = ARENA_ARRAY(j->arena, struct lift, r->clearance_for.n);
    if (!all) {
        *oom = true;
        return TRI_NO;
    }
    for (uint32_t i = 0; i < r->clearance_for.n; i++)
        all[i] = (struct lift){ .fact = r->clearance_for.at[i], .after = INT32_MAX };
    struct view v = { j->in, all, r->clearance_for.n };
    return cond_eval(&v, r->when);
}

static bool has_undated(const struct fact_intake *f)
{
    for (uint32_t i = 0; f->state == FACT_PRESENT && i < f->n_instances; i++)
        if (f->instances[i].date == DATE_NOT_GIVEN)
            return true;
    return false;
}

enum { LIFTED = TRI_YES + 1 };

static int outcome(enum tri result, enum tri bare)
{
    return result == TRI_NO || result == bare ? LIFTED : (int)result;
}

/* An undated finding may be newer than the clearance: the second reading keeps it (S9.2). */
static struct lift *second_reading(struct judge *j, const struct rule *r, const struct lift *lifts, size_t n,
                                   struct entry *e)
{
    struct lift *second = ARENA_ARRAY(j->arena, struct lift, n);
    e->dates_asked = ARENA_ARRAY(j->arena, struct ask, n);
    if (!second || !e->dates_asked)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        second[i] = lifts[i];
        if (!r->acute || !(j->cat->facts[lifts[i].fact].attributes >> ATTR_DATE & 1) ||
            !has_undated(&j->in->facts[lifts[i].fact]))
            continue;
        second[i].keep_undated = true;
        e->dates_asked[e->n_dates_asked++] = (struct ask){ (int32_t)lifts[i].fact, ATTR_DATE };
    }
    return second;
}

static bool apply_clearances(struct judge *j, struct entry *e)
{
    const struct rule *r = e->rule;
    bool oom = false;
    size_t n;
    struct lift *lifts = find_lifts(j, e, &n);
    if (!lifts)
        return e->n_cleared_by == 0;
    if (n == 0)
        return true;
    enum tri bare = bare_result(j, r, &oom);
    struct view first = { j->in, lifts, n };
    int now = outcome(cond_eval(&first, r->when), bare), other = now;
    struct lift *second = second_reading(j, r, lifts, n, e);
    if (oom || !second)
        return false;
    if (e->n_dates_asked) {
        struct view v = { j->in, second, n };
        other = outcome(cond_eval(&v, r->when), bare);
    }
    if (now != other) {
        e->open = true;
        e->view = (struct view){ j->in, second, n };
        return true;
    }
    e->n_dates_asked = 0;
    e->lifted = now == LIFTED;
    if (!e->lifted) {
        e->open = now == TRI_UNKNOWN;
        e->view = first;
        e->n_cleared_by = 0;
    }
    return true;
}

enum lifting lifting_by(struct judge *j, const struct entry *e, const uint32_t *facts, uint32_t n,
                        struct view *ret_view)
{
    const struct rule *r = e->rule;
    bool oom = false, undated = false;
    size_t had = e->view.n_lifts, total = had;
    struct lift *lifts = ARENA_ARRAY(j->arena, struct lift, had + n);
    enum tri bare = bare_result(j, r, &oom);
    *ret_view = (struct view){ .in = j->in };
    if (!lifts || oom)
        return LIFTING_NOT;
    for (size_t i = 0; i < had; i++)
        lifts[i] = e->view.lifts[i];
    for (uint32_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < total && lifts[k].fact != facts[i])
            k++;
        total += k == total;
        lifts[k] = (struct lift){ .fact = facts[i], .after = j->in->screening->as_of };
    }
    *ret_view = (struct view){ j->in, lifts, total };
    int now = outcome(cond_eval(ret_view, r->when), bare), other = now;
    for (size_t i = 0; r->acute && i < total; i++)
        if (j->cat->facts[lifts[i].fact].attributes >> ATTR_DATE & 1 && has_undated(&j->in->facts[lifts[i].fact]))
            lifts[i].keep_undated = undated = true;
    if (undated) {
        other = outcome(cond_eval(ret_view, r->when), bare);
        for (size_t i = 0; i < total; i++)
            lifts[i].keep_undated = false;
    }
    if (now == TRI_YES)
        return LIFTING_NOT;
    if (now != other)
        return LIFTING_ONCE_DATED;
    return now == LIFTED ? LIFTING_WHOLLY : LIFTING_IN_PART;
}

bool needs_date(const struct judge *j, const struct rule *r, uint32_t fact)
{
    return r->acute && j->cat->facts[fact].attributes >> ATTR_DATE & 1 && has_undated(&j->in->facts[fact]);
}

/* ---- places (S11) ----------------------------------------------------------------------------------------- */

struct found {
    struct judge *j;
    struct places places; /* with the whole body, where that was given */
    bool placed, unplaced, whole_body;
    bool could_be_given; /* an unknown fact could come with a place */
    VEC(struct ask) asks;
    bool oom;
};

static void ask_place(struct found *f, uint32_t fact)
{
    for (uint32_t i = 0; i < f->asks.n; i++)
        if (f->asks.at[i].fact == (int32_t)fact)
            return;
    f->oom |= !VEC_PUSH(f->j->arena, &f->asks, (struct ask){ (int32_t)fact, ATTR_REGION });
}

static void take_place(void *to, const struct fact *fact, const struct instance *inst)
{
    struct found *f = to;
    if (!inst->placed)
        return;
    f->placed = true;
    if (inst->region == NOT_GIVEN) {
        f->unplaced = true;
        ask_place(f, (uint32_t)(fact - f->j->cat->facts));
        return;
    }
    f->whole_body |= inst->region == REGION_WHOLE_BODY;
    places_add(&f->places, place_of((enum region)inst->region, inst->side));
}

/* The places of the instances that make the rule true; of an open rule, of those that could. */
static struct found find_places(struct judge *j, const struct entry *e)
{
    const struct cond_pool *pool = &j->cat->pool;
    enum tri want = e->open ? TRI_UNKNOWN : TRI_YES;
    struct found f = { .j = j };
    for (uint32_t t = e->rule->when.terms; t < e->rule->when.terms + e->rule->when.n_terms; t++) {
        const struct term *term = &pool->terms[t];
        if (term_eval(&e->view, term) < want)
            continue;
        for (uint16_t i = 0; i < term->n_needs; i++) {
            const struct need *need = &pool->needs[term->needs + i];
            if (!need->triggers)
                continue;
            need_instances(&e->view, need, want, take_place, &f);
            if (e->open && j->in->facts[need->fact].state == FACT_UNKNOWN &&
                j->cat->facts[need->fact].attributes >> ATTR_REGION & 1)
                f.placed = f.unplaced = f.could_be_given = true;
        }
    }
    return f;
}

static bool bans_where_given(const struct rule *r)
{
    for (uint32_t i = 0; i < r->n_mods; i++)
        if (r->mods[i].kind == MOD_AVOID_REGION && r->mods[i].place == MOD_PLACE_GIVEN)
            return true;
    return false;
}

static struct places without_whole_body(struct places p)
{
    for (int side = NOT_GIVEN; side < SIDE_COUNT_; side++) {
        int place = place_of(REGION_WHOLE_BODY, side);
        p.w[place / 64] &= ~(UINT64_C(1) << (place % 64));
    }
    return p;
}

/* The whole body as a banned place reads as a place not given, unless the ban is absolute. */
static bool unknown_whole_body(const struct rule *r, const struct found *f)
{
    return r->bans_where_found && f->whole_body && r->severity != SEVERITY_ABSOLUTE;
}

static void set_avoided(struct entry *e, const struct found *f, bool whole_body_is_unknown)
{
    struct places given = without_whole_body(f->places);
    for (uint32_t i = 0; i < e->rule->n_mods; i++) {
        const struct mod *m = &e->rule->mods[i];
        if (m->kind != MOD_AVOID_REGION)
            continue;
        places_join(&e->avoid, m->place == MOD_PLACE_LISTED ? &m->places : &given);
        if (m->place == MOD_PLACE_FOUND)
            e->avoid_unknown |= f->unplaced || whole_body_is_unknown;
    }
}

static bool set_places(struct judge *j, struct entry *e)
{
    const struct rule *r = e->rule;
    struct found f = { .j = j };
    bool ban = r->bans_where_found, absolute = r->severity == SEVERITY_ABSOLUTE, advice = bans_where_given(r);
    if (r->scope == RULE_WHERE_FOUND || ban || advice)
        f = find_places(j, e);
    e->place_open = e->open && (((r->scope == RULE_WHERE_FOUND || ban) && f.unplaced) || (advice && f.could_be_given));
    if (ban && absolute && (f.unplaced || f.whole_body)) {
        e->may_effect = VERDICT_NOT_ALLOWED;
        if (e->may_disposition < DISPOSITION_DO_NOT_TREAT)
            e->may_disposition = DISPOSITION_DO_NOT_TREAT;
    }
    if (ban && absolute && f.whole_body && !e->open) {
        e->effect = e->may_effect;
        e->disposition = e->may_disposition;
    }
    bool nowhere = !f.placed || f.unplaced || unknown_whole_body(r, &f);
    e->session = r->scope == RULE_SYSTEMIC || (r->scope == RULE_WHERE_FOUND && nowhere);
    e->part = r->scope == RULE_REGIONS ? r->regions : f.places;
    set_avoided(e, &f, unknown_whole_body(r, &f));
    e->raised = e->session || e->open ? r->nothing_left : r->nothing_left_placed;
    if (!e->open && f.unplaced && (r->scope == RULE_WHERE_FOUND || ban)) {
        e->places_asked = f.asks.at;
        e->n_places_asked = f.asks.n;
        e->holds |= ban && r->hold;
    }
    return !f.oom;
}

/* ---- entries ---------------------------------------------------------------------------------------------- */

static bool set_lifted(struct judge *j, struct entry *e)
{
    const struct rule *r = e->rule;
    struct found f = { .j = j };
    bool modified = r->cleared_effect == VERDICT_MODIFIED && r->disposition != NOT_GIVEN;
    e->effect = r->cleared_effect;
    e->disposition = modified ? DISPOSITION_PROCEED_MODIFIED : DISPOSITION_PROCEED;
    e->severity = SEVERITY_CAUTION;
    e->may_effect = e->effect;
    e->may_disposition = e->disposition;
    if (r->scope == RULE_WHERE_FOUND)
        f = find_places(j, e);
    bool nowhere = !f.placed || f.unplaced || unknown_whole_body(r, &f);
    e->session = r->scope == RULE_SYSTEMIC || (r->scope == RULE_WHERE_FOUND && nowhere);
    e->part = r->scope == RULE_REGIONS ? r->regions : f.places;
    return !f.oom;
}

static bool build_entry(struct judge *j, uint32_t order, enum tri state, struct entry *e)
{
    const struct rule *r = &j->cat->rules[order];
    int disposition = r->disposition == NOT_GIVEN ? DISPOSITION_PROCEED : r->disposition;
    *e = (struct entry){
        .rule = r,
        .order = order,
        .open = state == TRI_UNKNOWN,
        .effect = r->effect,
        .may_effect = r->effect,
        .disposition = disposition,
        .may_disposition = disposition,
        .severity = r->severity,
        .raised_to = r->clearable_by == NOT_GIVEN ? VERDICT_NOT_ALLOWED : VERDICT_CLEARANCE_REQUIRED,
        .view = { .in = j->in },
    };
    if (r->clearance_for.n && j->in->n_clearances && !apply_clearances(j, e))
        return false;
    if (e->lifted)
        return set_lifted(j, e);
    e->holds = e->open && r->hold;
    return set_places(j, e);
}

static int by_severity(const void *a, const void *b, const void *unused)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    (void)unused;
    if (x->severity != y->severity)
        return x->severity < y->severity ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

bool build_entries(struct judge *j)
{
    const struct catalogue *cat = j->cat;
    const uint8_t *state = evaluate_rules(j);
    size_t n = 0;
    if (!state)
        return false;
    for (uint32_t r = 0; r < cat->n_rules; r++)
        n += state[r] != TRI_NO;
    j->entries = ARENA_ARRAY(j->arena, struct entry, n);
    j->fired = ARENA_ARRAY(j->arena, struct entry *, n);
    if (!j->entries || !j->fired)
        return false;
    for (uint32_t r = 0; r < cat->n_rules; r++) {
        const struct rule *rule = &cat->rules[r];
        if (state[r] == TRI_NO || (!rule->targets && rule->disposition == NOT_GIVEN))
            continue; /* silent: it judges only techniques that are never offered */
        struct entry *e = &j->entries[j->n_entries++];
        if (!build_entry(j, r, (enum tri)state[r], e))
            return false;
        if (!e->open)
            j->fired[j->n_fired++] = e;
    }
    sort_items(j->fired, j->n_fired, sizeof(j->fired[0]), by_severity, NULL);
    return true;
}
