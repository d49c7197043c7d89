/* What an impact looks like: to people, and to programs. */
#ifndef PALPATE_CLI_IMPACT_H
#define PALPATE_CLI_IMPACT_H

#include "cli/page.h"
#include "impact/impact.h"

struct kept_line {
    struct str request; /* in the arena */
    int32_t as_of;      /* of a request that gives none */
    char name[128];     /* what the result calls it */
};
/* Reads a line of kept requests: a request, or one with what the record knows of it, {"id", "as_of", "request"}. */
enum rc read_kept(struct str line, size_t number, struct arena *arena, struct kept_line *ret,
                  struct error *reterr) MUST_USE;

struct shown_impact {
    const struct catalogue *base, *draft;
    struct impact_result result;
    size_t unreadable; /* kept requests that are none by today's form */
};

void impact_as_page(const struct shown_impact *shown, struct buf *out);
void impact_as_json(const struct shown_impact *shown, struct buf *out);

#endif
