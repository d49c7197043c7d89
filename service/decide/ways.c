/* The ways around one rule that stands in the way: clearances, answers, or both (S19). */
#include "decide/allow_priv.h"

/* ---- sets of changes -------------------------------------------------------------------------------------- */

static int popcount(const struct changes *c)
{
    return __builtin_popcountll(c->w[0]) + __builtin_popcountll(c->w[1]);
}

int count_clearances(const struct search *s, const struct changes *c)
{
    struct changes only = { { c->w[0] & s->clearances.w[0], c->w[1] & s->clearances.w[1] } };
    return popcount(&only);
}

int count_answers(const struct search *s, const struct changes *c)
{
    return popcount(c) - count_clearances(s, c);
}

int compare_cost(const struct search *s, const struct changes *a, const struct changes *b)
{
    int clearances = count_clearances(s, a) - count_clearances(s, b);
    return clearances ? clearances : count_answers(s, a) - count_answers(s, b);
}

/* The lesser cost first, then in the order in which the changes were found. */
static bool before(const struct search *s, const struct changes *a, const struct changes *b)
{
    int cost = compare_cost(s, a, b);
    if (cost)
        return cost < 0;
    for (size_t i = 0; i < ARRAY_LEN(a->w); i++)
        if (a->w[i] != b->w[i]) {
            uint64_t first = (a->w[i] ^ b->w[i]) & -(a->w[i] ^ b->w[i]);
            return (a->w[i] & first) != 0;
        }
    return false;
}

void ways_add(const struct search *s, struct ways *w, struct changes c)
{
    uint32_t kept = 0, at = 0;
    for (uint32_t i = 0; i < w->n; i++)
        if (changes_within(&w->at[i], &c))
            return;
    for (uint32_t i = 0; i < w->n; i++)
        if (!changes_within(&c, &w->at[i]))
            w->at[kept++] = w->at[i];
    w->n = kept;
    while (at < w->n && before(s, &w->at[at], &c))
        at++;
    if (w->n == WAYS_MAX) {
        w->cut = true;
        if (at == WAYS_MAX)
            return;
        w->n--;
    }
    for (uint32_t i = w->n; i > at; i--)
        w->at[i] = w->at[i - 1];
    w->at[at] = c;
    w->n++;
}

static bool compatible(const struct search *s, const struct changes *a, const struct changes *b)
{
    for (size_t i = 0; i < ARRAY_LEN(a->w); i++)
        for (uint64_t rest = a->w[i]; rest; rest &= rest - 1) {
            const struct changes *not = &s->excludes[i * 64 + low_bit(rest)];
            if (not ->w[0] & b->w[0] || not ->w[1] & b->w[1])
                return false;
        }
    return true;
}

void ways_combine(const struct search *s, struct ways *w, const struct changes *more, uint32_t n_more)
{
    bool there = n_more == 1;
    for (uint32_t i = 0; there && i < w->n; i++)
        there = changes_within(&more[0], &w->at[i]);
    if (there)
        return;
    struct ways joined;
    ways_init(&joined, false);
    joined.cut = w->cut;
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < n_more; k++)
            if (compatible(s, &w->at[i], &more[k]))
                ways_add(s, &joined, changes_join(w->at[i], more[k]));
    memcpy(w->at, joined.at, joined.n * sizeof(joined.at[0]));
    w->n = joined.n;
    w->cut = joined.cut;
}

/* ---- changes ---------------------------------------------------------------------------------------------- */

static bool same_change(const struct change *a, const struct change *b)
{
    return a->clearance == b->clearance && a->ask.fact == b->ask.fact && a->ask.attribute == b->ask.attribute &&
           a->by == b->by && a->value == b->value;
}

/* The change's number; it is added unless it is there. -1: there is no room. */
static int add_change(struct search *s, struct change c)
{
    uint32_t n = s->n_changes;
    for (uint32_t i = 0; i < n; i++)
        if (same_change(&s->pool[i], &c))
            return (int)i;
    if (n == CHANGES_MAX) {
        s->cut = true;
        return -1;
    }
    for (uint32_t i = 0; i < n && !c.clearance; i++) {
        const struct change *other = &s->pool[i];
        if (other->clearance || other->ask.fact != c.ask.fact || other->ask.attribute != c.ask.attribute)
            continue;
        s->excludes[i] = changes_join(s->excludes[i], changes_one(n));
        s->excludes[n] = changes_join(s->excludes[n], changes_one(i));
    }
    if (c.clearance)
        s->clearances = changes_join(s->clearances, changes_one(n));
    s->pool[n] = c;
    s->n_changes++;
    return (int)n;
}

static int add_answer(struct search *s, struct ask ask, int32_t value)
{
    return add_change(s, (struct change){ .ask = ask, .value = value });
}

static int add_clearance(struct search *s, uint32_t fact, enum clearer by)
{
    return add_change(s, (struct change){ .clearance = true, .by = by, .ask = { (int32_t)fact, NOT_GIVEN } });
}

/* ---- doubts ----------------------------------------------------------------------------------------------- */

struct doubting {
    struct search *s;
    struct judge *j;
    VEC(struct doubt) found;
};

static void keep_doubt(void *to, const struct doubt *d)
{
    struct doubting *g = to;
    g->s->oom |= !VEC_PUSH(g->j->arena, &g->found, *d);
}

static int32_t value_said(const struct judge *j, struct ask ask, int32_t value)
{
    return ask.attribute == ATTR_DATE ? j->in->screening->as_of - value : value;
}

static void register_absent(void *to, struct ask ask)
{
    (void)add_answer(to, ask, FACT_ABSENT);
}

static void register_doubt(struct search *s, const struct judge *j, const struct doubt *d)
{
    int32_t value;
    if (d->present_refutes)
        return;
    if (!d->need && !d->scalar)
        asked_instead(j, d->ask, register_absent, s);
    else if (doubt_refuter(j->cat, d, &value))
        (void)add_answer(s, d->ask, value_said(j, d->ask, value));
}

static bool said_unknown(const struct judge *j, uint32_t fact)
{
    return j->in->facts[fact].stated == FINDING_UNKNOWN + 1;
}

/* The absence of all that was said to be unknown of the fact and below it; facts are in a DAG of bounded depth. */
static bool deny_said_unknown(struct search *s, const struct judge *j, uint32_t fact, struct changes *all)
{
    const struct fact_list *below = &j->cat->facts[fact].below;
    bool room = true;
    if (said_unknown(j, fact)) {
        int change = add_answer(s, (struct ask){ (int32_t)fact, NOT_GIVEN }, FACT_ABSENT);
        room = change >= 0;
        if (room)
            *all = changes_join(*all, changes_one((uint32_t)change));
    }
    for (uint32_t i = 0; room && i < below->n; i++)
        if (j->in->facts[below->at[i]].state == FACT_UNKNOWN)
            room = deny_said_unknown(s, j, below->at[i], all);
    return room;
}

/* Would the fact be unknown although nothing below it is? Not where it, or something above it, was denied, or where
 * its question is not put. */
static bool needs_denial(const struct judge *j, uint32_t fact)
{
    const struct view v = { .in = j->in };
    const struct fact_list *up = &j->cat->facts[fact].up; /* itself among them */
    if (said_unknown(j, fact))
        return false;
    for (uint32_t i = 0; i < up->n; i++)
        if (j->in->facts[up->at[i]].stated == FINDING_ABSENT + 1)
            return false;
    for (int32_t f = (int32_t)fact; f != FACT_NONE; f = j->cat->facts[f].umbrella)
        if (j->cat->facts[f].has_ask_if && !said_unknown(j, (uint32_t)f) &&
            cond_eval(&v, j->cat->facts[f].ask_if) == TRI_NO)
            return false;
    for (int32_t f = j->cat->facts[fact].umbrella; f != FACT_NONE; f = j->cat->facts[f].umbrella)
        if (said_unknown(j, (uint32_t)f))
            return true;
    return j->in->screening->unlisted == UNLISTED_UNKNOWN;
}

/* What makes an unknown fact absent: the denial of all that was said to be unknown below, and, where the fact was not
 * spoken of, of a fact that is asked in its place. */
static void refute_fact(struct search *s, const struct judge *j, uint32_t fact, struct ways *w)
{
    struct changes said = { { 0 } };
    if (!deny_said_unknown(s, j, fact, &said))
        return;
    if (!needs_denial(j, fact)) {
        ways_add(s, w, said);
        return;
    }
    for (uint32_t i = 0; i < s->n_changes; i++) {
        const struct change *c = &s->pool[i];
        if (c->ask.attribute == NOT_GIVEN && !c->clearance && c->ask.fact >= 0 && c->value == FACT_ABSENT &&
            stands_above(j->cat, fact, (uint32_t)c->ask.fact))
            ways_add(s, w, changes_join(said, changes_one(i)));
    }
}

/* What settles a doubt: any change registered that does. */
static void refute(struct search *s, const struct judge *j, const struct doubt *d, struct ways *w)
{
    if (d->present_refutes)
        return;
    if (!d->need && !d->scalar) {
        refute_fact(s, j, (uint32_t)d->ask.fact, w);
        return;
    }
    for (uint32_t i = 0; i < s->n_changes; i++) {
        const struct change *c = &s->pool[i];
        if (!c->clearance && c->ask.attribute == d->ask.attribute && c->ask.fact == d->ask.fact &&
            doubt_refuted_by(j->cat, d, value_said(j, c->ask, c->value)))
            ways_add(s, w, changes_one(i));
    }
}

/* One of each term's doubts settled against it. Only where nothing else is left is "present" the better answer. */
static void refute_all(struct search *s, const struct judge *j, const struct doubt *doubts, uint32_t n, struct ways *w)
{
    ways_init(w, true);
    for (uint32_t i = 0; i < n && w->n;) {
        uint32_t first = i, term = doubts[i].term;
        struct ways of_term;
        ways_init(&of_term, false);
        for (; i < n && doubts[i].term == term; i++)
            refute(s, j, &doubts[i], &of_term);
        for (uint32_t k = first; k < i && of_term.n == 0; k++) {
            int present = doubts[k].present_refutes ? add_answer(s, doubts[k].ask, FACT_PRESENT) : -1;
            if (present >= 0)
                ways_add(s, &of_term, changes_one((uint32_t)present));
        }
        w->cut |= of_term.cut;
        ways_combine(s, w, of_term.at, of_term.n);
    }
}

static struct doubting find_doubts(struct search *s, struct judge *j, const struct view *v, const struct rule *r)
{
    struct doubting g = { .s = s, .j = j };
    cond_doubts(v, r->when, keep_doubt, &g);
    return g;
}

/* ---- clearances ------------------------------------------------------------------------------------------- */

/* Does a clearance of the fact bear on a rule that has fired? Where it fires without any of them, all do. */
static bool bears(struct judge *j, const struct entry *e, uint32_t fact)
{
    struct view v;
    return j->in->facts[fact].state == FACT_PRESENT || lifting_by(j, e, &fact, 1, &v) == LIFTING_WHOLLY;
}

/* The latest that a finding may be of and still be seen by the clinician. */
static struct changes dated(struct search *s, struct judge *j, const struct rule *r, const uint32_t *facts, uint32_t n)
{
    struct changes all = { .w = { 0, 0 } };
    for (uint32_t i = 0; i < n; i++) {
        if (!needs_date(j, r, facts[i]))
            continue;
        int change = add_answer(s, (struct ask){ (int32_t)facts[i], ATTR_DATE }, j->in->screening->as_of);
        if (change >= 0)
            all = changes_join(all, changes_one((uint32_t)change));
    }
    return all;
}

/* A clearance of each of these facts, by whoever fits: each change registered that is one. */
static void add_letters(const struct search *s, const struct rule *r, const uint32_t *facts, uint32_t n,
                        const struct ways *with, struct ways *into)
{
    struct ways w = *with;
    for (uint32_t i = 0; i < n; i++) {
        struct ways letters;
        ways_init(&letters, false);
        for (uint32_t k = 0; k < s->n_changes; k++)
            if (s->pool[k].clearance && s->pool[k].ask.fact == (int32_t)facts[i] && clearance_fits(r, s->pool[k].by))
                ways_add(s, &letters, changes_one(k));
        ways_combine(s, &w, letters.at, letters.n);
    }
    for (uint32_t i = 0; i < w.n; i++)
        ways_add(s, into, w.at[i]);
    into->cut |= w.cut;
}

/* Adds how clearances of these facts take the rule out of the way. False: not without more of them, or answers. */
static bool try_letters(struct search *s, struct judge *j, const struct entry *e, const uint32_t *facts, uint32_t n,
                        struct ways *into)
{
    const struct rule *r = e->rule;
    struct ways with;
    ways_init(&with, true);
    struct view v;
    enum lifting lifting = lifting_by(j, e, facts, n, &v);
    if (lifting == LIFTING_NOT)
        return false;
    if (lifting == LIFTING_ONCE_DATED)
        with.at[0] = dated(s, j, r, facts, n);
    if (lifting == LIFTING_IN_PART && r->hold) {
        struct doubting g = find_doubts(s, j, &v, r);
        refute_all(s, j, g.found.at, g.found.n, &with);
    }
    add_letters(s, r, facts, n, &with, into);
    return lifting != LIFTING_IN_PART;
}

/* For an open rule answers are the better way: clearances count only where another rule wants them anyway. */
static bool has_letter(const struct search *s, const struct rule *r, uint32_t fact)
{
    for (uint32_t i = 0; i < s->n_changes; i++)
        if (s->pool[i].clearance && s->pool[i].ask.fact == (int32_t)fact && clearance_fits(r, s->pool[i].by))
            return true;
    return false;
}

/* The smallest sets of clearances that lift a rule: one fact, else several together. */
static void clear(struct search *s, struct judge *j, const struct entry *e, struct ways *into)
{
    const struct fact_list *F = &e->rule->clearance_for;
    uint32_t together[LETTERS_MAX], n = 0;
    for (uint32_t i = 0; i < F->n; i++) {
        uint32_t fact = F->at[i];
        if (!(e->open ? has_letter(s, e->rule, fact) : bears(j, e, fact)) || try_letters(s, j, e, &fact, 1, into))
            continue;
        if (n == LETTERS_MAX)
            into->cut = true;
        else
            together[n++] = fact;
    }
    uint32_t done[1U << LETTERS_MAX], n_done = 0;
    for (int size = 2; size <= (int)n; size++)
        for (uint32_t mask = 0; mask < 1U << n; mask++) {
            uint32_t some[LETTERS_MAX], k = 0;
            bool known = false;
            for (uint32_t i = 0; i < n_done; i++)
                known |= (done[i] & mask) == done[i];
            if (known || __builtin_popcount(mask) != size)
                continue;
            for (uint32_t i = 0; i < n; i++)
                if (mask >> i & 1)
                    some[k++] = together[i];
            if (try_letters(s, j, e, some, k, into))
                done[n_done++] = mask;
        }
}

/* ---- one blocker ------------------------------------------------------------------------------------------ */

static bool clearable(const struct entry *e)
{
    return e->rule->clearable_by != NOT_GIVEN && e->n_dates_asked == 0;
}

/* The clearance that lifts re-planning's stop. -1: there is none, or no room for it. */
static int lift_stop(struct search *s, const struct judge *j)
{
    int32_t fact = j->cat->definitions.stop_lifted_fact;
    if (!j->progress.decides || !j->progress.decides->no_course || fact < 0)
        return -1;
    return add_clearance(s, (uint32_t)fact, CLEARER_PHYSICIAN);
}

/* A place that no complaint is about. */
static int32_t other_place(const struct judge *j)
{
    int32_t place = REGION_ANKLE_FOOT;
    for (size_t i = 0; i < j->in->screening->n_complaints; i++)
        if (j->in->screening->complaints[i].region == REGION_ANKLE_FOOT)
            place = REGION_FACE;
    return place;
}

/* The latest clearance that the rule was judged with, of a fact. */
static int32_t cleared_on(const struct entry *e, int32_t fact)
{
    for (size_t i = 0; i < e->view.n_lifts; i++)
        if ((int32_t)e->view.lifts[i].fact == fact)
            return e->view.lifts[i].after;
    return 0;
}

/* With what a clearance that lifts only a part leaves to be answered. */
static void register_clearance(struct search *s, struct judge *j, const struct entry *e, uint32_t fact)
{
    struct view v;
    if (!bears(j, e, fact))
        return;
    (void)add_clearance(s, fact, (enum clearer)e->rule->clearable_by);
    if (!e->rule->hold || lifting_by(j, e, &fact, 1, &v) != LIFTING_IN_PART)
        return;
    struct doubting g = find_doubts(s, j, &v, e->rule);
    for (uint32_t i = 0; i < g.found.n; i++)
        register_doubt(s, j, &g.found.at[i]);
}

void register_changes(struct search *s, struct judge *j, struct blocker *b)
{
    const struct entry *e = b->entry;
    if (!e) {
        (void)lift_stop(s, j);
        return;
    }
    for (uint32_t i = 0; clearable(e) && !e->open && i < e->rule->clearance_for.n; i++)
        register_clearance(s, j, e, e->rule->clearance_for.at[i]);
    if (e->open && e->n_dates_asked == 0) {
        struct doubting g = find_doubts(s, j, &e->view, e->rule);
        b->doubts = g.found.at;
        b->n_doubts = g.found.n;
        for (uint32_t i = 0; i < b->n_doubts; i++)
            register_doubt(s, j, &b->doubts[i]);
    }
}

static void answer_all(struct search *s, const struct ask *asks, size_t n, const struct judge *j, const struct entry *e,
                       struct ways *into)
{
    struct changes all = { .w = { 0, 0 } };
    for (size_t i = 0; i < n; i++) {
        int32_t value = asks[i].attribute == ATTR_DATE ? cleared_on(e, asks[i].fact) : other_place(j);
        int change = add_answer(s, asks[i], value);
        if (change < 0)
            return;
        all = changes_join(all, changes_one((uint32_t)change));
    }
    ways_add(s, into, all);
}

static void ways_around(struct search *s, struct judge *j, const struct blocker *b, struct ways *w)
{
    const struct entry *e = b->entry;
    if (clearable(e))
        clear(s, j, e, w);
    if (e->open && e->n_dates_asked) {
        answer_all(s, e->dates_asked, e->n_dates_asked, j, e, w);
    } else if (e->open) {
        struct ways answers;
        refute_all(s, j, b->doubts, b->n_doubts, &answers);
        w->cut |= answers.cut;
        for (uint32_t i = 0; i < answers.n; i++)
            ways_add(s, w, answers.at[i]);
    } else if (e->n_places_asked) {
        answer_all(s, e->places_asked, e->n_places_asked, j, e, w);
    }
}

void find_ways(struct search *s, struct judge *j, struct blocker *b)
{
    struct ways w;
    ways_init(&w, false);
    if (b->entry) {
        ways_around(s, j, b, &w);
    } else {
        int change = lift_stop(s, j);
        if (change >= 0)
            ways_add(s, &w, changes_one((uint32_t)change));
    }
    b->ways = ARENA_ARRAY(j->arena, struct changes, w.n);
    b->n_ways = b->ways ? w.n : 0;
    b->cut = w.cut;
    s->oom |= !b->ways;
    if (b->n_ways)
        memcpy(b->ways, w.at, w.n * sizeof(*b->ways));
}
