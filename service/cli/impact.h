/* What an impact looks like: to people, and to programs. */
#ifndef PALPATE_CLI_IMPACT_H
#define PALPATE_CLI_IMPACT_H

#include "cli/page.h"
#include "impact/impact.h"

struct shown_impact {
    const struct catalogue *base, *draft;
    struct impact_result result;
    size_t unreadable; /* kept requests that are none by today's form */
};

void impact_as_page(const struct shown_impact *shown, struct buf *out);
void impact_as_json(const struct shown_impact *shown, struct buf *out);

#endif
