/* Growing byte buffer with a ceiling.
 *
 * Appending never fails in the middle of a caller: the first append that cannot grow marks the buffer as
 * failed, later ones do nothing, and the caller asks once at the end. */
#ifndef PALPATE_BASE_BUF_H
#define PALPATE_BASE_BUF_H

#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct buf {
    char *p; /* owned; not terminated */
    size_t n, room, ceiling_bytes;
    bool failed;
};

/* An empty buffer that will hold at most `ceiling_bytes`. Cannot fail. */
void buf_init(struct buf *b, size_t ceiling_bytes);
void buf_done(struct buf *b);
/* Empties it and clears the failure; keeps its memory. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define BUF_ADD_LIT(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){ b->p, b->n };
}

#endif
