#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"

enum { ROOM_MIN = 4096 };

void buf_init(struct buf *b, size_t ceiling_bytes)
{
    *b = (struct buf){ .ceiling_bytes = ceiling_bytes };
}

void buf_done(struct buf *b)
{
    free(b->p);
    buf_init(b, b->ceiling_bytes);
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

static bool buf_reserve(struct buf *b, size_t extra)
{
    size_t need;
    if (b->failed)
        return false;
    if (add_overflow(b->n, extra, &need) || need > b->ceiling_bytes) {
        b->failed = true;
        return false;
    }
    if (need <= b->room)
        return true;
    size_t room = b->room ? b->room : ROOM_MIN;
    while (room < need)
        room = room > b->ceiling_bytes / 2 ? b->ceiling_bytes : room * 2;
    char *p = realloc(b->p, room);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->room = room;
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n && buf_reserve(b, n)) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    }
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_int(struct buf *b, int64_t v)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (v < 0)
        digits[--at] = '-';
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    if (n < 0)
        b->failed = true;
    else if (buf_reserve(b, (size_t)n + 1)) { /* vsnprintf writes a zero byte, which does not count */
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}
