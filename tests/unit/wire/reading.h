/* Shared by the tests of requests: reads one and tells what was found. */
#ifndef PALPATE_TESTS_WIRE_READING_H
#define PALPATE_TESTS_WIRE_READING_H

#include <stdio.h>

#include "base/date.h"
#include "wire/wire.h"

enum { TODAY = 20777 /* 2026-11-20 */ };

static struct arena arena;
static struct faults faults;
static struct screening screening;
static struct error err;

static inline int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static inline enum rc read_text(struct str body)
{
    faults_init(&faults, &arena);
    memset(&screening, 0xEE, sizeof(screening)); /* what is not set shows */
    err = (struct error){ .code = RC_OK };
    return read_screening(body, TODAY, &faults, &screening, &err);
}

/* Bodies of the tests are written with ' for ". */
static inline enum rc read_quoted(const char *body)
{
    static char text[BODY_BYTES_MAX * 2];
    size_t n = 0;
    for (; body[n] && n < sizeof(text); n++)
        text[n] = (char)(body[n] == '\'' ? '"' : body[n]);
    return read_text((struct str){ text, n });
}

/* "code pointer, code pointer", as they were found. */
static inline const char *found(void)
{
    static char text[FAULTS_MAX * 256];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < faults.n && n < sizeof(text); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %.*s", i ? ", " : "", fault_name(faults.at[i].code),
                              STR_ARGS(faults.at[i].pointer));
    return text;
}

/* Each body with the faults it has; a body without any is read. */
struct body_row {
    const char *body, *faults;
};

static inline void check_bodies(const struct body_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum rc rc = read_quoted(rows[i].body);
        if (rc != (*rows[i].faults ? RC_INVALID_REQUEST : RC_OK) || strcmp(found(), rows[i].faults) != 0)
            fail_msg("row %zu, %s: %s, %s; not: %s", i, rows[i].body, rc_name(rc), found(), rows[i].faults);
        if (rc == RC_INVALID_REQUEST && err.code != rc)
            fail_msg("row %zu, %s: the error says %s", i, rows[i].body, rc_name(err.code));
        for (size_t k = 0; k < faults.n; k++)
            if (faults.at[k].item.p || !faults.at[k].detail.n || !faults.at[k].remedy.n)
                fail_msg("row %zu, %s: %.*s has no text", i, rows[i].body, STR_ARGS(faults.at[k].pointer));
    }
}

#endif
