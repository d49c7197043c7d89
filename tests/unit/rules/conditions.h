/* Conditions tried on persons: each is a rule of a small catalogue. */
#ifndef PALPATE_TESTS_RULES_CONDITIONS_H
#define PALPATE_TESTS_RULES_CONDITIONS_H

#include "rules/person.h"

/* "f" declares every attribute; "s" is short-lived; "u" covers "v" and "w"; "x" implies "y". */
static const char facts[] =
    "[{'id': 'a'}, {'id': 'b'}, {'id': 'c'},"
    " {'id': 'f', 'attributes': ['date', 'region', 'side', 'severity', 'grade', 'controlled', 'gestation_weeks',"
    "   'stage', 'systolic', 'diastolic', 'platelets']},"
    " {'id': 's', 'attributes': ['date'], 'valid_days': 10},"
    " {'id': 'u', 'covers': ['v', 'w']}, {'id': 'v'}, {'id': 'w'}, {'id': 'x', 'implies': ['y']}, {'id': 'y'}]";

/* A catalogue whose rules have these conditions, in this order. */
static inline struct catalogue *catalogue_with(const char *const *when, size_t n)
{
    char *text = malloc(n * 2048 + 8);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "[");
    for (size_t i = 0; i < n; i++) {
        assert_true(strlen(when[i]) < 1900);
        len += (size_t)sprintf(text + len, "%s{'id': 'r%zu', 'when': %s}", i ? "," : "", i, when[i]);
    }
    (void)sprintf(text + len, "]");
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .rules = text });
    free(text);
    return cat;
}

static inline enum tri eval(const struct intake *in, struct cond c)
{
    struct view v = { .in = in };
    return cond_eval(&v, c);
}

static inline enum tri other(enum tri a)
{
    return (enum tri)(TRI_YES - a);
}

static inline void assert_tri(enum tri found, enum tri want, const char *when, const char *line)
{
    if (found != want)
        fail_msg("%s of %s is %s, not %s", when, line, tri_word[found], tri_word[want]);
}

struct row {
    const char *when, *line;
    enum tri want;
};

static inline void check_rows(const struct row *rows, size_t n)
{
    const char **when = calloc(n, sizeof(*when));
    assert_non_null(when);
    for (size_t i = 0; i < n; i++)
        when[i] = rows[i].when;
    struct catalogue *cat = catalogue_with(when, n);
    for (size_t i = 0; i < n; i++) {
        struct taken t;
        take_in(&t, cat, rows[i].line);
        assert_tri(eval(&t.in, cat->rules[i].when), rows[i].want, rows[i].when, rows[i].line);
        taken_done(&t);
    }
    free(when);
    catalogue_unref(cat);
}

/* ---- every operator with every kind of constant, for values from 0 to 10 ---- */

static inline bool passes(int op, int32_t v, int32_t k)
{
    return op == 0 ? v < k : op == 1 ? v <= k : op == 2 ? v > k : op == 3 ? v >= k : op == 4 ? v == k : v != k;
}

static const char *const op_name[] = { "<", "<=", ">", ">=", "==", "!=" };
static const int32_t constants[] = { -1, 0, 1, 5, 10, 11 };
enum { OPS = 6, CONSTANTS = 6 };

#endif
