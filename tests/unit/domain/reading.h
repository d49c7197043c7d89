/* Shared by the tests of typed reading: makes a value, and checks what a reader said of it. */
#ifndef PALPATE_TESTS_DOMAIN_READING_H
#define PALPATE_TESTS_DOMAIN_READING_H

#include "domain/json_read.h"

enum { GOOD = -1, NOTHING = -2 }; /* instead of a fault: it was read; there was nothing to read */

static struct arena arena;
static struct faults faults;

static inline int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* A value of a test; NULL stands for a member that is not there. */
static inline json_t *value(const char *text)
{
    json_error_t err;
    json_t *v = text ? json_loads(text, JSON_DECODE_ANY, &err) : NULL;
    if (text && !v)
        fail_msg("the test's value %s is not JSON: %s", text, err.text);
    return v;
}

/* What one reader said of one value: `got` is what it returned. */
static inline void check(const char *text, bool got, int want)
{
    if (got != (want == GOOD))
        fail_msg("%s: the reader said %d", text, got);
    if (faults.total != (want >= 0))
        fail_msg("%s: %zu faults", text, faults.total);
    if (want >= 0) {
        if ((int)faults.at[0].code != want)
            fail_msg("%s: the fault is %s", text, fault_name(faults.at[0].code));
        assert_str(faults.at[0].pointer, STR("/list/3/member"));
        if (faults.at[0].detail.n == 0 || faults.at[0].remedy.n == 0)
            fail_msg("%s: a fault without a text or a remedy", text);
    }
}

#define AT WHERE_MEMBER(WHERE_INDEX(WHERE_MEMBER(NULL, STR("list")), 3), STR("member"))

struct number_row {
    const char *text;
    int want;
    int32_t number;
};

#endif
