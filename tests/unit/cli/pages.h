/* Shared by tests that read printed pages. */
#ifndef PALPATE_TESTS_CLI_PAGES_H
#define PALPATE_TESTS_CLI_PAGES_H

#include "cli/page.h"

/* The text on the page, wherever its lines end. */
static inline bool holds_text(const struct page *p, struct str text)
{
    for (size_t from = 0; from < p->out.n; from++) {
        size_t at = from, i = 0;
        while (i < text.n && at < p->out.n && p->out.p[at] == text.p[i]) {
            i++;
            at++;
            if (i < text.n && text.p[i] == ' ' && at < p->out.n && p->out.p[at] == '\n') {
                for (at++; at < p->out.n && p->out.p[at] == ' ';)
                    at++;
                i++;
            }
        }
        if (i == text.n)
            return true;
    }
    return false;
}

/* Columns of a line: its characters, for these texts are Latin. */
static inline size_t columns_of(const char *line, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n; i++)
        columns += (line[i] & 0xC0) != 0x80;
    return columns;
}

/* The first line that is too long, but for an address; NULL: none. */
static inline const char *long_line(const struct page *p)
{
    const char *end = p->out.p + p->out.n, *next;
    for (const char *line = p->out.p; line < end; line = next) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        next = stop ? stop + 1 : end;
        size_t n = (size_t)(next - line) - (stop != NULL);
        if (columns_of(line, n) > PAGE_COLUMNS && !memmem(line, n, "://", 3))
            return line;
    }
    return NULL;
}

#endif
