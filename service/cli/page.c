#include "cli/page.h"

#include <stdio.h>
#include <stdlib.h>

void page_init(struct page *p)
{
    *p = (struct page){ .indent = 0 };
    buf_init(&p->out, PAGE_BYTES_MAX);
    buf_init(&p->text, PAGE_BYTES_MAX);
}

void page_done(struct page *p)
{
    buf_done(&p->out);
    buf_done(&p->text);
}

/* ---- characters ------------------------------------------------------------------------------------------- */

struct range {
    uint32_t from, to;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

/* The character at `p`; `ret_n` its bytes. What is no UTF-8 is one byte of U+FFFD. */
static uint32_t decode(const char *p, size_t n, size_t *ret_n)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = (unsigned char)*p;
    size_t more = lead < 0x80             ? 0
                  : (lead & 0xE0) == 0xC0 ? 1
                  : (lead & 0xF0) == 0xE0 ? 2
                  : (lead & 0xF8) == 0xF0 ? 3
                                          : 9;
    *ret_n = 1;
    if (more == 0)
        return lead;
    if (more >= n)
        return 0xFFFD;
    uint32_t c = lead & (0x3Fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return 0xFFFD;
        c = c << 6 | ((unsigned char)p[i] & 0x3Fu);
    }
    if (more > 3 || c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0xFFFD;
    *ret_n = more + 1;
    return c;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Controls, and what hides or turns text round. */
static bool is_control(uint32_t c)
{
    static const struct range ranges[] = { { 0, 0x1F },         { 0x7F, 0x9F },     { 0xAD, 0xAD },
                                           { 0x061C, 0x061C },  { 0x200B, 0x200F }, { 0x2028, 0x202E },
                                           { 0x2060, 0x206F },  { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB },
                                           { 0xE0000, 0xE0FFF } };
    return in_ranges(c, ranges, ARRAY_LEN(ranges));
}

static unsigned columns(uint32_t c)
{
    static const struct range none[] = { { 0x0300, 0x036F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } };
    static const struct range two[] = { { 0x1100, 0x115F },  { 0x2E80, 0xA4CF },   { 0xAC00, 0xD7A3 },
                                        { 0xF900, 0xFAFF },  { 0xFE30, 0xFE6F },   { 0xFF00, 0xFF60 },
                                        { 0xFFE0, 0xFFE6 },  { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF },
                                        { 0x20000, 0x3FFFD } };
    return in_ranges(c, none, ARRAY_LEN(none)) ? 0 : in_ranges(c, two, ARRAY_LEN(two)) ? 2 : 1;
}

/* ---- wrapping --------------------------------------------------------------------------------------------- */

struct word {
    const char *p;
    size_t n;
    unsigned columns;
};

/* The next word of at most `room` columns; an address is never cut, so that it can be followed. */
static bool next_word(struct str *rest, unsigned room, struct word *ret)
{
    size_t step = 0;
    while (rest->n && is_space(decode(rest->p, rest->n, &step))) {
        rest->p += step;
        rest->n -= step;
    }
    *ret = (struct word){ .p = rest->p };
    bool address = rest->n > 8 && (memcmp(rest->p, "https://", 8) == 0 || memcmp(rest->p, "http://", 7) == 0);
    while (rest->n) {
        uint32_t c = decode(rest->p, rest->n, &step);
        unsigned wide = is_control(c) ? 1 : columns(c);
        if (is_space(c) || (!address && ret->columns + wide > room))
            break;
        ret->columns += wide;
        ret->n += step;
        rest->p += step;
        rest->n -= step;
    }
    return ret->n > 0;
}

static void add_word(struct buf *out, struct word w)
{
    for (size_t i = 0, step; i < w.n; i += step) {
        uint32_t c = decode(w.p + i, w.n - i, &step);
        if (is_control(c) || c == 0xFFFD)
            BUF_ADD_LIT(out, "\xEF\xBF\xBD");
        else
            buf_add(out, w.p + i, step);
    }
}

static void add_spaces(struct buf *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_char(out, ' ');
}

void page_end(struct page *p)
{
    unsigned hang = p->indent + (unsigned)strlen(p->mark), at = hang;
    struct str rest = buf_str(&p->text);
    struct word w;
    bool first = true;
    add_spaces(&p->out, p->indent);
    buf_add_str(&p->out, str_of(p->mark));
    while (next_word(&rest, PAGE_COLUMNS - hang, &w)) {
        if (!first && at + 1 + w.columns > PAGE_COLUMNS) {
            buf_add_char(&p->out, '\n');
            add_spaces(&p->out, hang);
            at = hang;
        } else if (!first) {
            buf_add_char(&p->out, ' ');
            at++;
        }
        add_word(&p->out, w);
        at += w.columns;
        first = false;
    }
    buf_add_char(&p->out, '\n');
}

/* ---- paragraphs ------------------------------------------------------------------------------------------- */

void page_begin(struct page *p, unsigned indent, const char *mark)
{
    p->indent = indent;
    (void)snprintf(p->mark, sizeof(p->mark), "%s", mark);
    p->text.n = 0;
}

static void PRINTF_LIKE(2, 0) add_formatted(struct page *p, const char *fmt, va_list args)
{
    char *text;
    int n = vasprintf(&text, fmt, args);
    if (n < 0) {
        p->out.failed = true;
        return;
    }
    buf_add(&p->text, text, (size_t)n);
    free(text);
}

void page_add(struct page *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_formatted(p, fmt, args);
    va_end(args);
}

void page_add_str(struct page *p, struct str s)
{
    if (s.n)
        buf_add_str(&p->text, s);
}

void page_say(struct page *p, unsigned indent, const char *mark, const char *fmt, ...)
{
    va_list args;
    page_begin(p, indent, mark);
    va_start(args, fmt);
    add_formatted(p, fmt, args);
    va_end(args);
    page_end(p);
}

void page_field(struct page *p, unsigned indent, const char *label, struct str text)
{
    if (!text.n)
        return;
    page_begin(p, indent, "");
    page_add(p, "%s: ", label);
    page_add_str(p, text);
    page_end(p);
}

void page_heading(struct page *p, const char *text)
{
    page_gap(p);
    page_say(p, 0, "", "%s", text);
    for (size_t i = 0; i < strlen(text) && i < PAGE_COLUMNS; i++)
        buf_add_char(&p->out, '-');
    buf_add_char(&p->out, '\n');
}

void page_gap(struct page *p)
{
    size_t n = p->out.n;
    if (n > 1 && !(p->out.p[n - 1] == '\n' && p->out.p[n - 2] == '\n'))
        buf_add_char(&p->out, '\n');
}

const char *page_between(size_t i, size_t n, const char *last)
{
    return i == 0 ? "" : i + 1 < n ? ", " : last;
}
