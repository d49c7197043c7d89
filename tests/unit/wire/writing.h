/* Shared by the tests of answers: writes a decision made by hand and reads it back with another reader. */
#ifndef PALPATE_TESTS_WIRE_WRITING_H
#define PALPATE_TESTS_WIRE_WRITING_H

#include <jansson.h>
#include <stdlib.h>

#include "wire/wire.h"

static struct buf buf;

static inline int set_up(void **state)
{
    (void)state;
    buf_init(&buf, 1 << 20);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    buf_done(&buf);
    return 0;
}

/* Compares what is written with `want`, where ' stands for ". */
static inline void check(const struct decision *d, const char *want)
{
    json_error_t err;
    char *text = strdup(want);
    assert_non_null(text);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    buf_reset(&buf);
    write_decision(&buf, d);
    assert_false(buf.failed);
    json_t *got = json_loadb(buf.p, buf.n, JSON_REJECT_DUPLICATES, &err);
    if (!got)
        fail_msg("not JSON, %s: %.*s", err.text, STR_ARGS(buf_str(&buf)));
    json_t *wanted = json_loads(text, 0, &err);
    if (!wanted)
        fail_msg("the test's own text is not JSON, %s at column %d", err.text, err.column);
    if (!json_equal(got, wanted)) {
        const char *member;
        json_t *v;
        json_object_foreach(wanted, member, v)
        {
            json_t *of = json_object_get(got, member);
            char *shown = of ? json_dumps(of, JSON_COMPACT) : NULL;
            if (!of || !json_equal(v, of))
                fail_msg("%s is %s", member, shown ? shown : "left out");
            free(shown);
        }
        fail_msg("there is more than wanted: %.*s", STR_ARGS(buf_str(&buf)));
    }
    json_decref(wanted);
    json_decref(got);
    free(text);
}

#define HEAD                                                                                                           \
    "'as_of':'2026-11-20','catalogue':{'version':'7','digest':'abc'},'disposition':'proceed','booking':'"              \
    "book',"                                                                                                           \
    "'complete':true"
#define EMPTY_LISTS "'unrecognised':[],'outdated':[],'conflicts':[],'ignored':[]"

static inline struct decision least(void)
{
    return (struct decision){ .as_of = 20777,
                              .catalogue_version = STR("7"),
                              .catalogue_digest = STR("abc"),
                              .complete = true,
                              .no_course_because = STR("no_complaint") };
}

#endif
