/* What a plan says to the client: advice, self-care, co-care, and which adjustments it follows. */
#include "decide/course_priv.h"

/* What is said twice is said once, and what counts is the catalogue's own language: so a plan has the same lines in
 * every language. */
struct texts {
    struct str *at, *own; /* one array where the answer is in the own language */
    size_t n, room;
};

static void texts_add(struct texts *t, struct str own, struct str said)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->own[i], own))
            return;
    if (t->n == t->room)
        return;
    t->own[t->n] = own;
    t->at[t->n++] = said;
}

/* Of each line of the own language what is said in its place, until there are `limit`. */
static void texts_join(struct texts *t, struct strs own, struct strs said, size_t limit)
{
    for (size_t i = 0; i < own.n && t->n < limit; i++)
        texts_add(t, own.at[i], said.at[i]);
}

enum { TEXTS_ROOM = 64, TEXTS_OF_OTHERS = 3 };

static bool texts_init(const struct planning *p, struct texts *t)
{
    t->n = 0;
    t->room = TEXTS_ROOM;
    t->at = ARENA_ARRAY(p->j->arena, struct str, TEXTS_ROOM);
    t->own = p->j->words == p->j->cat->languages ? t->at : ARENA_ARRAY(p->j->arena, struct str, TEXTS_ROOM);
    return t->at && t->own;
}

/* Others that match lend their self-care and co-care, three of each at most. */
static void texts_of_others(struct planning *p, struct texts *self_care, struct texts *co_care)
{
    size_t self_limit = self_care->n + TEXTS_OF_OTHERS, co_limit = co_care->n + TEXTS_OF_OTHERS;
    for (uint32_t i = 0; i < p->j->cat->n_courses; i++) {
        const struct course *c = &p->j->cat->courses[i];
        const struct course_words *words = &p->j->words->courses[i];
        int32_t pain;
        if (c == p->course || c->fallback_technique != NOT_GIVEN || !course_matches(p->j, c, &pain))
            continue;
        texts_join(self_care, c->self_care, words->self_care, self_limit);
        texts_join(co_care, c->co_care, words->co_care, co_limit);
    }
}

static void add_notes(struct planning *p, const struct adjustment *a, struct strs said, struct texts *advice)
{
    const struct course_plan *plan = p->plan;
    for (uint32_t i = 0; i < a->n_notes; i++) {
        const struct course_note *note = &a->notes[i];
        if (&p->j->cat->courses[note->course] != p->course || plan->n_phases == 0)
            continue;
        if ((note->minutes_below != NOT_GIVEN && plan->phases[0].minutes < note->minutes_below) ||
            (note->per_week_below != NOT_GIVEN && plan->phases[0].per_week < note->per_week_below))
            texts_add(advice, note->say, said.at[i]);
    }
}

/* What re-planning says: the sentence of the rule that decides stands by itself. */
static bool texts_of_replans(struct planning *p, struct texts *advice)
{
    const struct progress *progress = &p->j->progress;
    const struct catalogue *cat = p->j->cat;
    const struct replan_words *words = p->j->words->replans;
    struct str *also = ARENA_ARRAY(p->j->arena, struct str, progress->n_also);
    if (!also)
        return false;
    if (progress->decides) {
        const struct replan_words *said = &words[progress->decides - cat->replans];
        p->plan->replan = progress->decides->id;
        p->plan->replan_say = said->say;
        texts_join(advice, progress->decides->advice, said->advice, TEXTS_ROOM);
    }
    for (size_t i = 0; i < progress->n_also; i++) {
        const struct replan_rule *r = progress->also[i];
        const struct replan_words *said = &words[r - cat->replans];
        also[i] = r->id;
        texts_add(advice, r->say, said->say);
        texts_join(advice, r->advice, said->advice, TEXTS_ROOM);
    }
    p->plan->replan_also = (struct strs){ also, progress->n_also };
    return true;
}

bool set_texts(struct planning *p)
{
    const struct course *c = p->course;
    struct course_plan *plan = p->plan;
    struct texts list[4], *advice = &list[0], *self_care = &list[1], *co_care = &list[2], *ids = &list[3];
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (!texts_init(p, &list[i]))
            return false;
    texts_join(self_care, c->self_care, p->words->self_care, TEXTS_ROOM);
    texts_join(co_care, c->co_care, p->words->co_care, TEXTS_ROOM);
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        const struct adjustment_words *words = &p->j->words->adjustments[a - p->j->cat->adjustments];
        texts_add(ids, a->id, a->id);
        texts_join(advice, a->advice, words->advice, TEXTS_ROOM);
        texts_join(self_care, a->self_care_add, words->self_care_add, TEXTS_ROOM);
        texts_join(co_care, a->co_care_add, words->co_care_add, TEXTS_ROOM);
        add_notes(p, a, words->notes, advice);
    }
    texts_of_others(p, self_care, co_care);
    if (!texts_of_replans(p, advice))
        return false;
    plan->advice = (struct strs){ advice->at, advice->n };
    plan->self_care = (struct strs){ self_care->at, self_care->n };
    plan->co_care = (struct strs){ co_care->at, co_care->n };
    plan->adjustments = (struct strs){ ids->at, ids->n };
    plan->stop_if = p->words->stop_if;
    plan->expected_change = p->words->expected_change;
    plan->if_improving = p->words->if_improving;
    plan->if_unchanged = p->words->if_unchanged;
    plan->if_worse = p->words->if_worse;
    plan->evidence = c->evidence;
    plan->n_evidence = c->n_evidence;
    plan->certainty = c->certainty;
    return true;
}
