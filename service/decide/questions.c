/* What is still to be asked (S18): the unknowns of those open rules that could change the answer, and the places of
 * rules that have fired. */
#include "decide/decide_priv.h"

#include "base/sort.h"

/* One question while its reasons are gathered. */
struct slot {
    struct ask ask;
    int disposition; /* gravest of the rules concerned, and so on */
    enum verdict effect;
    enum severity severity;
    bool gate;
    int could_disposition;          /* above the definite one, or NOT_GIVEN */
    uint64_t could[VERDICT_COUNT_]; /* techniques that could come to this verdict */
    bool could_modify;
};

struct gathering {
    struct judge *j;
    VEC(struct slot) slots;
    int32_t *slot_of_fact; /* index + 1 of the slot that asks a fact itself */
    bool oom;
};

/* Why a rule concerns a question. */
struct reason {
    int disposition, could_disposition;
    enum verdict effect;
    enum severity severity;
    uint64_t could[VERDICT_COUNT_];
    bool could_modify;
};

static struct slot *slot_for(struct gathering *g, struct ask ask)
{
    bool plain = ask.fact >= 0 && ask.attribute == NOT_GIVEN;
    if (plain && g->slot_of_fact[ask.fact])
        return &g->slots.at[g->slot_of_fact[ask.fact] - 1];
    for (uint32_t i = 0; !plain && i < g->slots.n; i++)
        if (g->slots.at[i].ask.fact == ask.fact && g->slots.at[i].ask.attribute == ask.attribute)
            return &g->slots.at[i];
    struct slot slot = {
        .ask = ask,
        .gate = plain && g->j->cat->facts[ask.fact].gate,
        .could_disposition = NOT_GIVEN,
    };
    if (!VEC_PUSH(g->j->arena, &g->slots, slot)) {
        g->oom = true;
        return NULL;
    }
    if (plain)
        g->slot_of_fact[ask.fact] = (int32_t)g->slots.n;
    return &g->slots.at[g->slots.n - 1];
}

/* Is the fact unknown only for something below it? So it is when it was denied; and an umbrella that was not stated,
 * where the form asked everything. */
static bool left_open_below(const struct judge *j, int32_t fact)
{
    const struct fact_intake *f = &j->in->facts[fact];
    return f->stated == FINDING_ABSENT + 1 ||
           (j->in->screening->unlisted == UNLISTED_ABSENT && f->stated == 0 && j->cat->facts[fact].covers.n > 0);
}

static void add_reason(struct gathering *g, struct ask ask, const struct reason *why)
{
    struct slot *s = slot_for(g, ask);
    if (!s)
        return;
    s->disposition = why->disposition > s->disposition ? why->disposition : s->disposition;
    s->effect = why->effect > s->effect ? why->effect : s->effect;
    s->severity = why->severity > s->severity ? why->severity : s->severity;
    if (why->could_disposition > s->could_disposition)
        s->could_disposition = why->could_disposition;
    for (int v = 0; v < VERDICT_COUNT_; v++)
        s->could[v] |= why->could[v];
    s->could_modify |= why->could_modify;
}

static bool ask_covered(const struct judge *j, const struct fact *f, ask_take take, void *to)
{
    bool any = false;
    for (uint32_t i = 0; i < f->covers.n; i++) {
        if (j->in->facts[f->covers.at[i]].state != FACT_UNKNOWN)
            continue;
        any = true;
        asked_instead(j, (struct ask){ (int32_t)f->covers.at[i], NOT_GIVEN }, take, to);
    }
    return any;
}

/* The facts below that were said to be unknown. Facts are in a DAG of bounded depth. */
static bool ask_below(const struct judge *j, const struct fact *f, ask_take take, void *to)
{
    bool any = false;
    for (uint32_t i = 0; i < f->below.n; i++) {
        const struct fact_intake *below = &j->in->facts[f->below.at[i]];
        if (below->state != FACT_UNKNOWN)
            continue;
        if (below->stated != FINDING_UNKNOWN + 1) {
            any |= ask_below(j, &j->cat->facts[f->below.at[i]], take, to);
            continue;
        }
        any = true;
        asked_instead(j, (struct ask){ (int32_t)f->below.at[i], NOT_GIVEN }, take, to);
    }
    return any;
}

/* A covered fact is replaced by its umbrella while that is unknown, and the other way round where only something below
 * was left open. */
void asked_instead(const struct judge *j, struct ask ask, ask_take take, void *to)
{
    if (ask.fact < 0 || ask.attribute != NOT_GIVEN) {
        take(to, ask);
        return;
    }
    const struct fact *f = &j->cat->facts[ask.fact];
    if (left_open_below(j, ask.fact)) {
        bool denied = j->in->facts[ask.fact].stated != 0;
        if ((!denied && ask_covered(j, f, take, to)) || ask_below(j, f, take, to))
            return;
    }
    for (int32_t up = f->umbrella; up != FACT_NONE && j->in->facts[up].state == FACT_UNKNOWN && !left_open_below(j, up);
         up = j->cat->facts[up].umbrella)
        ask.fact = up;
    take(to, ask);
}

/* ---- which rules matter ----------------------------------------------------------------------------------- */

/* Techniques that something could still be said about: on offer, and not forbidden already. */
static uint64_t still_open(const struct judge *j)
{
    return j->below[VERDICT_NOT_ALLOWED];
}

static uint64_t forbidden_by(const struct entry *e)
{
    if (e->effect == VERDICT_NOT_ALLOWED || floor_of(e->disposition) == VERDICT_NOT_ALLOWED)
        return ~UINT64_C(0);
    return e->raised_to == VERDICT_NOT_ALLOWED ? e->raised : 0;
}

/* True when the rule could change the answer; *why then says how. */
static bool matters(const struct judge *j, const struct entry *e, struct reason *why)
{
    uint64_t among = e->rule->targets & still_open(j);
    *why = (struct reason){ .disposition = e->may_disposition,
                            .could_disposition = NOT_GIVEN,
                            .effect = e->may_effect,
                            .severity = e->severity };
    if (e->may_disposition > j->definite)
        why->could_disposition = e->may_disposition;
    why->could[e->may_effect] |= among & j->below[e->may_effect];
    why->could[e->raised_to] |= among & e->raised & j->below[e->raised_to];
    bool graver = false;
    for (int v = 0; v < VERDICT_COUNT_; v++)
        graver |= why->could[v] != 0;
    /* the floor of the disposition it may ask binds every technique */
    if (why->could_disposition != NOT_GIVEN && floor_of(why->could_disposition) > VERDICT_ALLOWED)
        why->could[floor_of(why->could_disposition)] |= j->below[floor_of(why->could_disposition)];
    why->could_modify = e->open && entry_adds_modifications(j, e, among);
    bool holds = e->holds && (among & j->below[VERDICT_NEEDS_ANSWERS] ||
                              (e->rule->disposition != NOT_GIVEN && j->definite < DISPOSITION_NEEDS_ANSWERS));
    bool any = why->could_disposition != NOT_GIVEN || graver || holds || why->could_modify;
    if (why->could_modify) /* of what the rule itself forbids nothing is modified */
        why->could_modify = entry_adds_modifications(j, e, among & ~forbidden_by(e));
    return any;
}

/* ---- what is asked of them -------------------------------------------------------------------------------- */

struct gathering_for {
    struct gathering *g;
    const struct reason *why;
};

static void gather_asked(void *to, struct ask ask)
{
    const struct gathering_for *f = to;
    add_reason(f->g, ask, f->why);
}

static void gather_ask(void *to, struct ask ask)
{
    const struct gathering_for *f = to;
    asked_instead(f->g->j, ask, gather_asked, to);
}

static void gather_condition(struct gathering *g, const struct view *v, struct cond c, const struct reason *why)
{
    struct gathering_for f = { g, why };
    cond_asks(v, c, gather_ask, &f);
}

static void gather_entry(struct gathering *g, const struct entry *e)
{
    struct reason why;
    if (e->open && matters(g->j, e, &why)) {
        if (e->n_dates_asked)
            for (size_t i = 0; i < e->n_dates_asked; i++)
                add_reason(g, e->dates_asked[i], &why);
        else
            gather_condition(g, &e->view, e->rule->when, &why);
    }
    if (!e->open && e->n_places_asked && e->rule->targets & still_open(g->j)) {
        (void)matters(g->j, e, &why);
        why.could_modify = true;
        for (size_t i = 0; i < e->n_places_asked; i++)
            add_reason(g, e->places_asked[i], &why);
    }
}

/* A technique that is for some people only, and it is not known whether for this one (S10). */
static void gather_offers(struct gathering *g)
{
    struct view v = { .in = g->j->in };
    for (uint64_t rest = g->j->offer_unknown; rest; rest &= rest - 1) {
        struct reason why = { .could_disposition = NOT_GIVEN };
        why.could[VERDICT_NOT_ALLOWED] = bit64(low_bit(rest)) & still_open(g->j);
        gather_condition(g, &v, g->j->cat->techniques[low_bit(rest)].offer_when, &why);
    }
}

/* ---- the questions ---------------------------------------------------------------------------------------- */

static int64_t place_in_order(const struct slot *s)
{
    return s->ask.fact < 0 ? (int64_t)INT32_MAX - s->ask.fact : s->ask.fact;
}

static int by_gravity(const void *a, const void *b, const void *unused)
{
    const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;
    (void)unused;
    if (x->disposition != y->disposition)
        return x->disposition < y->disposition ? 1 : -1;
    if (x->effect != y->effect)
        return x->effect < y->effect ? 1 : -1;
    if (x->severity != y->severity)
        return x->severity < y->severity ? 1 : -1;
    if (x->gate != y->gate)
        return x->gate ? -1 : 1;
    if (x->ask.fact != y->ask.fact)
        return place_in_order(x) > place_in_order(y) ? 1 : -1;
    return (x->ask.attribute > y->ask.attribute) - (x->ask.attribute < y->ask.attribute);
}

static void set_answer_type(struct question *q, enum attribute a)
{
    switch (attribute_table[a].type) {
    case VALUE_DATE:
        q->type = ANSWER_DATE;
        break;
    case VALUE_BOOLEAN:
        q->type = ANSWER_BOOLEAN;
        break;
    case VALUE_INTEGER:
        q->type = ANSWER_INTEGER;
        q->min = attribute_table[a].min;
        q->max = attribute_table[a].max;
        q->unit = attribute_table[a].unit;
        break;
    case VALUE_REGION:
        q->type = ANSWER_CHOICE;
        q->choices = &region_vocabulary;
        break;
    case VALUE_SIDE:
        q->type = ANSWER_CHOICE;
        q->choices = &side_vocabulary;
        break;
    }
}

struct str ask_name(const struct catalogue *cat, struct ask ask)
{
    return ask.fact == ASK_SEX ? STR("sex") : ask.fact == ASK_PAIN_MAX ? STR("pain_max") : cat->facts[ask.fact].id;
}

static void set_subject(const struct judge *j, const struct slot *s, struct question *q)
{
    q->fact = ask_name(j->cat, s->ask);
    if (s->ask.fact == ASK_SEX) {
        q->text = j->words->questions[QUESTION_SEX];
        q->type = ANSWER_CHOICE;
        q->choices = &sex_vocabulary;
        return;
    }
    if (s->ask.fact == ASK_PAIN_MAX) {
        q->text = j->words->questions[QUESTION_PAIN];
        q->type = ANSWER_INTEGER;
        q->max = PAIN_MAX;
        return;
    }
    const struct fact *f = &j->cat->facts[s->ask.fact];
    q->label = j->words->facts[s->ask.fact].label;
    if (s->ask.attribute != NOT_GIVEN) {
        q->attribute = attribute_table[s->ask.attribute].name;
        q->text = j->words->questions[s->ask.attribute];
        set_answer_type(q, (enum attribute)s->ask.attribute);
        return;
    }
    q->text = j->words->facts[s->ask.fact].question;
    q->type = ANSWER_STATE;
    q->gate = f->gate;
    q->covers = f->covers_ids;
}

/* The findings that lack the attribute asked. */
static bool set_findings(struct judge *j, const struct slot *s, struct question *q)
{
    if (s->ask.fact < 0 || s->ask.attribute == NOT_GIVEN)
        return true;
    const struct fact_intake *f = &j->in->facts[s->ask.fact];
    struct str *pointers = ARENA_ARRAY(j->arena, struct str, f->n_instances);
    size_t n = 0;
    for (uint32_t i = 0; pointers && i < f->n_instances; i++) {
        char buffer[FINDING_POINTER_BYTES];
        if (f->instances[i].value[s->ask.attribute].n)
            continue;
        pointers[n] =
            arena_str(j->arena, finding_pointer(&j->in->screening->findings[f->instances[i].finding], buffer));
        n += n == 0 || !str_eq(pointers[n], pointers[n - 1]);
    }
    q->findings = (struct strs){ pointers, n };
    return pointers != NULL;
}

static bool set_changes(struct judge *j, const struct slot *s, struct question *q)
{
    q->could_disposition = s->could_disposition;
    q->could_modify = s->could_modify;
    q->could_verdict = NOT_GIVEN;
    for (int v = 0; v < VERDICT_COUNT_; v++)
        if (s->could[v])
            q->could_verdict = v;
    if (q->could_verdict == NOT_GIVEN || s->could[q->could_verdict] == still_open(j))
        return true;
    size_t n = 0;
    struct str *codes = ARENA_ARRAY(j->arena, struct str, TECHNIQUES_LIMIT);
    for (uint64_t rest = s->could[q->could_verdict]; codes && rest; rest &= rest - 1)
        codes[n++] = j->cat->techniques[low_bit(rest)].code;
    q->could_techniques = (struct strs){ codes, n };
    return codes != NULL;
}

bool build_questions(struct judge *j, struct decision *d)
{
    struct gathering g = { .j = j, .slot_of_fact = ARENA_ARRAY(j->arena, int32_t, j->cat->n_facts) };
    if (!g.slot_of_fact)
        return false;
    for (size_t i = 0; i < j->n_entries && !g.oom; i++)
        gather_entry(&g, &j->entries[i]);
    gather_offers(&g);
    struct slot **order = ARENA_ARRAY(j->arena, struct slot *, g.slots.n);
    d->questions = ARENA_ARRAY(j->arena, struct question, g.slots.n);
    if (g.oom || !order || !d->questions)
        return false;
    for (size_t i = 0; i < g.slots.n; i++)
        order[i] = &g.slots.at[i];
    sort_items(order, g.slots.n, sizeof(order[0]), by_gravity, NULL);
    for (size_t i = 0; i < g.slots.n; i++) {
        set_subject(j, order[i], &d->questions[i]);
        if (!set_findings(j, order[i], &d->questions[i]) || !set_changes(j, order[i], &d->questions[i]))
            return false;
    }
    d->n_questions = g.slots.n;
    d->complete = g.slots.n == 0;
    return true;
}
