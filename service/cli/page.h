/* A page of text for people: paragraphs wrapped to the width of a terminal.
 *
 * All text goes through page_end(), which lets no control character pass: what a request says can neither move the
 * cursor nor turn the direction of writing. */
#ifndef PALPATE_CLI_PAGE_H
#define PALPATE_CLI_PAGE_H

#include <stdarg.h>

#include "base/buf.h"

enum { PAGE_COLUMNS = 80, PAGE_BYTES_MAX = 64 * 1024 * 1024, PAGE_MARK_BYTES = 64 };

struct page {
    struct buf out;             /* what is finished */
    struct buf text;            /* the paragraph under way */
    char mark[PAGE_MARK_BYTES]; /* what stands before its first line; the other lines hang */
    unsigned indent;
};

void page_init(struct page *p);
void page_done(struct page *p);
static inline bool page_failed(const struct page *p)
{
    return p->out.failed || p->text.failed;
}

/* A paragraph: begin, add as often as needed, end. `mark` may be empty: a dash, a number, the cells of a row. */
void page_begin(struct page *p, unsigned indent, const char *mark);
void page_add(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void page_add_str(struct page *p, struct str s);
void page_end(struct page *p);
/* A whole paragraph at once. */
void page_say(struct page *p, unsigned indent, const char *mark, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A label and a text; nothing when there is no text. */
void page_field(struct page *p, unsigned indent, const char *label, struct str text);
/* A line apart, underlined. */
void page_heading(struct page *p, const char *text);
/* An empty line, but never two, and none at the top. */
void page_gap(struct page *p);

/* What stands before item `i` of `n` of a list in a sentence: "", ", " or ` last `. */
const char *page_between(size_t i, size_t n, const char *last);

#endif
