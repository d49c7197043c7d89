/* The decision, put together: entries, progress, verdicts, questions, ranking, course, warnings. */
#include "decide/decide_priv.h"

#include <assert.h>

#include "base/sort.h"

/* ---- techniques in order (S17) ---------------------------------------------------------------------------- */

struct rank {
    uint32_t technique;
    enum verdict verdict;
    uint32_t wish; /* place in the list of wishes; behind it when not wished */
    bool offered;
    int good_for;
};

static int good_for(const struct judge *j, const struct technique *t)
{
    const struct screening *s = j->in->screening;
    uint32_t regions = 0;
    for (size_t i = 0; i < s->n_complaints; i++)
        regions |= UINT32_C(1) << s->complaints[i].region;
    int n = __builtin_popcount(t->good_goals & s->goals) + __builtin_popcount(t->good_regions & regions);
    if (s->n_complaints)
        n += (int)(t->good_acuities >> j->in->value[VAR_ACUITY] & 1);
    return n;
}

static int by_rank(const void *a, const void *b, const void *unused)
{
    const struct rank *x = a, *y = b;
    (void)unused;
    if (x->verdict != y->verdict)
        return x->verdict > y->verdict ? 1 : -1;
    if (x->wish != y->wish)
        return x->wish > y->wish ? 1 : -1;
    if (x->offered != y->offered)
        return x->offered ? -1 : 1;
    if (x->good_for != y->good_for)
        return x->good_for < y->good_for ? 1 : -1;
    return (x->technique > y->technique) - (x->technique < y->technique);
}

static void rank_techniques(const struct judge *j, struct rank *ranks)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = 0; i < cat->n_techniques; i++) {
        uint32_t wish = 0;
        while (wish < j->in->n_wishes && j->in->wishes[wish] != i)
            wish++;
        ranks[i] = (struct rank){ i, j->verdict[i], wish, cat->techniques[i].default_offered,
                                  good_for(j, &cat->techniques[i]) };
    }
    sort_items(ranks, cat->n_techniques, sizeof(ranks[0]), by_rank, NULL);
}

/* ---- reasons of a verdict (S20) --------------------------------------------------------------------------- */

static enum verdict effect_on(const struct entry *e, uint32_t technique)
{
    return e->raised >> technique & 1 && e->raised_to > e->effect ? e->raised_to : e->effect;
}

/* The fired rules with an effect on the technique, gravest effect first; they come gravest severity first already. */
static bool set_because(struct judge *j, uint32_t technique, struct technique_verdict *v)
{
    const struct progress *p = &j->progress;
    size_t n = 0;
    struct str *codes = ARENA_ARRAY(j->arena, struct str, j->n_fired + 1);
    if (!codes)
        return false;
    if (p->disposition > DISPOSITION_PROCEED && floor_of(p->disposition) >= j->own[technique])
        codes[n++] = p->decides->id;
    for (int effect = VERDICT_NOT_ALLOWED; effect > VERDICT_ALLOWED; effect--)
        for (size_t i = 0; i < j->n_fired; i++)
            if (j->fired[i]->rule->targets >> technique & 1 && (int)effect_on(j->fired[i], technique) == effect)
                codes[n++] = j->fired[i]->rule->id;
    v->because = (struct strs){ codes, n };
    return true;
}

static void set_allowed(const struct allowed *a, struct technique_verdict *v)
{
    v->would_allow = a->sets;
    v->n_would_allow = a->n_sets;
    v->more_would_allow = a->more;
    v->earliest_date = a->earliest_date;
    v->cannot_change = a->cannot_change;
}

static bool build_techniques(struct judge *j, struct decision *d)
{
    struct rank ranks[TECHNIQUES_LIMIT];
    d->n_techniques = j->cat->n_techniques;
    d->techniques = ARENA_ARRAY(j->arena, struct technique_verdict, d->n_techniques);
    if (!d->techniques)
        return false;
    rank_techniques(j, ranks);
    for (size_t i = 0; i < d->n_techniques; i++) {
        uint32_t t = ranks[i].technique;
        struct technique_verdict *v = &d->techniques[i];
        v->code = j->cat->techniques[t].code;
        v->name = j->words->techniques[t].name;
        v->verdict = j->verdict[t];
        v->could_become = j->could_become[t];
        v->not_offered = !(j->on_offer >> t & 1);
        v->earliest_date = DATE_NOT_GIVEN;
        if (j->allowed)
            set_allowed(&j->allowed[t], v);
        if (!(j->on_offer >> t & 1))
            continue;
        if (!set_because(j, t, v))
            return false;
        if (v->verdict == VERDICT_NOT_ALLOWED)
            continue;
        const struct joined *m = joined_of(j, t);
        if (!m)
            return false;
        v->modifications = m->listed;
        v->n_modifications = m->n_listed;
    }
    return true;
}

/* ---- booking (S16) ---------------------------------------------------------------------------------------- */

static enum booking book(const struct judge *j)
{
    uint64_t usable = 0, waiting = 0, concerned = j->in->wished;
    bool all_wishes_allowed = true;
    if (j->disposition >= DISPOSITION_DO_NOT_TREAT)
        return BOOKING_REFUSE;
    if (j->disposition >= DISPOSITION_NEEDS_ANSWERS)
        return BOOKING_HOLD;
    for (uint32_t i = 0; i < j->cat->n_techniques; i++) {
        if (j->cat->techniques[i].default_offered)
            concerned |= bit64(i);
        if (j->verdict[i] <= VERDICT_MODIFIED)
            usable |= bit64(i);
        else if (j->verdict[i] < VERDICT_NOT_ALLOWED)
            waiting |= bit64(i);
        if (j->in->wished >> i & 1 && j->verdict[i] != VERDICT_ALLOWED)
            all_wishes_allowed = false;
    }
    if (concerned & usable)
        return j->disposition == DISPOSITION_PROCEED && all_wishes_allowed && !j->in->present_unrecognised
                   ? BOOKING_BOOK
                   : BOOKING_BOOK_WITH_CHANGES;
    return concerned & waiting ? BOOKING_HOLD : BOOKING_REFUSE;
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static bool report_unused_clearances(struct judge *j)
{
    for (size_t i = 0; i < j->in->n_clearances; i++) {
        if (j->in->clearances[i].used)
            continue;
        struct str pointer = arena_printf(j->arena, "/clearances/%u", j->in->clearances[i].index);
        if (intake_ignore(j->in, j->arena, pointer, IGNORED_CLEARANCE_UNUSED) != RC_OK)
            return false;
    }
    return true;
}

struct judge *judge_new(struct intake *in, struct arena *arena)
{
    struct judge *j = ARENA_NEW(arena, struct judge);
    if (!j)
        return NULL;
    j->in = in;
    j->cat = in->cat;
    assert(in->screening->language < in->cat->n_languages);
    j->words = &in->cat->languages[in->screening->language];
    j->arena = arena;
    return build_entries(j) && read_progress(j) && build_verdicts(j) ? j : NULL;
}

enum rc decide(struct intake *in, struct arena *arena, struct decision *ret)
{
    struct judge *j = judge_new(in, arena);
    struct decision d = {
        .ref = in->screening->ref,
        .as_of = in->screening->as_of,
        .catalogue_version = in->cat->version,
        .catalogue_digest = { in->cat->digest, DIGEST_TEXT_LEN },
    };
    if (!j)
        return RC_OOM;
    if (in->screening->language) {
        d.language = j->words->tag;
        d.translation_review = j->words->review;
    }
    if (!build_questions(j, &d) || !build_allowed(j) || !build_techniques(j, &d) || !build_course(j, &d) ||
        !build_warnings(j, &d) || !report_unused_clearances(j))
        return RC_OOM;
    d.disposition = (enum disposition)j->disposition;
    d.booking = book(j);
    d.unrecognised = in->unrecognised;
    d.n_unrecognised = in->n_unrecognised;
    d.outdated = in->outdated;
    d.n_outdated = in->n_outdated;
    d.conflicts = in->conflicts;
    d.n_conflicts = in->n_conflicts;
    d.ignored = in->ignored;
    d.n_ignored = in->n_ignored;
    *ret = d;
    return RC_OK;
}

enum rc screen(const struct catalogue *cat, const struct screening *s, struct arena *arena, struct faults *faults,
               struct decision *ret)
{
    struct intake *in = ARENA_NEW(arena, struct intake);
    enum rc rc = in ? intake_build(cat, s, arena, faults, in) : RC_OOM;
    if (rc == RC_OK)
        rc = decide(in, arena, ret);
    return rc == RC_OK && arena->exhausted ? RC_OOM : rc;
}
