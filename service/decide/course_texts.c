/* What a plan says to the client: advice, self-care, co-care, and which adjustments it follows. */
#include "decide/course_priv.h"

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

bool set_texts(struct planning *p)
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
