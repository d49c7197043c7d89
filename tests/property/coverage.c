/* That the people reach the whole catalogue: every rule fires, is open and, where it can be, is cleared; every course
 * is suggested; every step of re-planning is taken. What is never reached is named. */
#include <stdio.h>
#include <stdlib.h>

#include "property.h"

struct reached {
    size_t *fired, *open, *courses, *replans;
};

/* By evaluation, not by the warnings: rules for techniques that are never offered have none. */
static bool count_rules(struct trial *t, const struct intake *in, struct reached *r)
{
    struct view v = { .in = in };
    for (uint32_t i = 0; i < t->cat->n_rules; i++) {
        enum tri state = cond_eval(&v, t->cat->rules[i].when);
        r->fired[i] += state == TRI_YES;
        r->open[i] += state == TRI_UNKNOWN;
        bool told = warning_of_code(&t->a.d, t->cat->rules[i].id) != NULL;
        if (told && state != TRI_YES)
            return wrong(t, "%.*s warns, and is not true", STR_ARGS(t->cat->rules[i].id));
        if (!told && state == TRI_YES && t->cat->rules[i].targets && t->who.s.n_clearances == 0)
            return wrong(t, "%.*s is true, and does not warn", STR_ARGS(t->cat->rules[i].id));
    }
    return true;
}

static bool count_one(struct trial *t, struct reached *r)
{
    struct intake in;
    make_someone(&t->people, t->seed, ANY_RULE, &t->who);
    if (!judge(t, &t->who, &t->a))
        return false;
    if (intake_build(t->cat, &t->who.s, &t->a.arena, &t->a.faults, &in) != RC_OK)
        return wrong(t, "no intake");
    const struct course_plan *plan = t->a.d.course;
    for (uint32_t i = 0; plan && i < t->cat->n_courses; i++)
        r->courses[i] += str_eq(plan->id, t->cat->courses[i].id);
    for (uint32_t i = 0; i < t->cat->n_replans; i++) {
        struct str id = t->cat->replans[i].id;
        r->replans[i] += warning_of_code(&t->a.d, id) || str_eq(t->a.d.no_course_because, id) ||
                         (plan && (str_eq(plan->replan, id) || in_strs(plan->replan_also, id)));
    }
    return count_rules(t, &in, r);
}

struct missing {
    char names[1500];
    size_t n;
};

static void note(struct missing *m, size_t times, struct str id)
{
    size_t length = strlen(m->names);
    if (times)
        return;
    m->n++;
    (void)snprintf(m->names + length, sizeof(m->names) - length, " %.*s", STR_ARGS(id));
}

static bool none_missing(struct trial *t, const char *what, const struct missing *m)
{
    return m->n == 0 ? true : wrong(t, "%zu %s:%s", m->n, what, m->names);
}

static bool with_counts(struct trial *t, uint64_t seeds, bool (*look)(struct trial *t, const struct reached *r))
{
    struct arena arena;
    const struct catalogue *cat = t->cat;
    arena_init(&arena, 0);
    struct reached r = {
        ARENA_ARRAY(&arena, size_t, cat->n_rules),
        ARENA_ARRAY(&arena, size_t, cat->n_rules),
        ARENA_ARRAY(&arena, size_t, cat->n_courses),
        ARENA_ARRAY(&arena, size_t, cat->n_replans),
    };
    bool good = !arena.exhausted || wrong(t, "out of memory");
    for (uint64_t first = t->seed; good && t->seed < first + seeds; t->seed++)
        good = count_one(t, &r);
    good = good && look(t, &r);
    arena_done(&arena);
    return good;
}

static bool look_at_rules(struct trial *t, const struct reached *r)
{
    struct missing fired = { .n = 0 };
    for (uint32_t i = 0; i < t->cat->n_rules; i++) {
        note(&fired, r->fired[i], t->cat->rules[i].id);
        t->counted[0] += r->fired[i];
        t->counted[1] += r->open[i];
    }
    return none_missing(t, "rules never fire", &fired);
}

static bool look_at_courses(struct trial *t, const struct reached *r)
{
    struct missing courses = { .n = 0 }, replans = { .n = 0 };
    for (uint32_t i = 0; i < t->cat->n_courses; i++) {
        note(&courses, r->courses[i], t->cat->courses[i].id);
        t->counted[0] += r->courses[i];
    }
    for (uint32_t i = 0; i < t->cat->n_replans; i++) {
        note(&replans, r->replans[i], t->cat->replans[i].id);
        t->counted[1] += r->replans[i];
    }
    return none_missing(t, "courses are never suggested", &courses) &&
           none_missing(t, "steps of re-planning are never taken", &replans);
}

static bool every_rule_fires(struct trial *t, uint64_t seeds)
{
    return with_counts(t, seeds, look_at_rules);
}

enum { TRIES = 300 };

/* Each in its turn, with people steered towards it. */
static bool every_clearable_rule_is_cleared(struct trial *t, uint64_t seeds)
{
    struct missing never = { .n = 0 };
    for (uint32_t rule = 0; rule < t->cat->n_rules; rule++) {
        const struct rule *r = &t->cat->rules[rule];
        bool cleared = !r->clearance_for.n || !r->targets;
        for (uint64_t i = 0; !cleared && i < TRIES; i++, t->counted[1]++) {
            make_someone(&t->people, t->seed + i % seeds + i / seeds * 1000003, (int32_t)rule, &t->who);
            if (!judge(t, &t->who, &t->a))
                return false;
            const struct warning *w = warning_of_code(&t->a.d, r->id);
            cleared = w && w->cleared;
            t->counted[0] += cleared;
        }
        note(&never, cleared, r->id);
    }
    return none_missing(t, "rules that can be cleared never are", &never);
}

static bool every_course_is_suggested(struct trial *t, uint64_t seeds)
{
    return with_counts(t, seeds, look_at_courses);
}

const struct property coverage_properties[] = {
    { "coverage/every_rule_fires", NULL, every_rule_fires, 200, { { "times fired", 0 }, { "times open", 0 } } },
    { "coverage/every_clearable_rule_is_cleared",
      NULL,
      every_clearable_rule_is_cleared,
      300,
      { { "rules", 0 }, { "tries", 0 } } },
    { "coverage/every_course_is_suggested",
      NULL,
      every_course_is_suggested,
      300,
      { { "courses", 0 }, { "steps of re-planning", 0 } } },
    { .name = NULL },
};
