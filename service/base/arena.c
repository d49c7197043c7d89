#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"

enum { BLOCK_BYTES_MIN = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t ceiling_bytes)
{
    *a = (struct arena){ .ceiling_bytes = ceiling_bytes };
}

void arena_done(struct arena *a)
{
    struct arena_block *next;
    for (struct arena_block *b = a->first; b; b = next) {
        next = b->next;
        free(b);
    }
    arena_init(a, a->ceiling_bytes);
}

void arena_reset(struct arena *a)
{
    for (struct arena_block *b = a->first; b; b = b->next)
        b->used = 0;
    a->current = a->first;
    a->exhausted = false;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){ a->current, a->current ? a->current->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    struct arena_block *b = mark.block ? mark.block->next : a->first;
    for (; b; b = b->next)
        b->used = 0;
    if (mark.block)
        mark.block->used = mark.used;
    a->current = mark.block ? mark.block : a->first;
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
    size_t size = need > BLOCK_BYTES_MIN ? need : BLOCK_BYTES_MIN;
    size_t bytes, total;
    if (add_overflow(size, sizeof(struct arena_block), &bytes) || add_overflow(a->total_bytes, bytes, &total) ||
        (a->ceiling_bytes && total > a->ceiling_bytes))
        return NULL;
    struct arena_block *b = malloc(bytes);
    if (!b)
        return NULL;
    b->next = NULL;
    b->size = size;
    b->used = 0;
    a->total_bytes = total;
    return b;
}

/* The first block from the current one on that has room, or a new one at the end of the chain. */
static struct arena_block *block_with_room(struct arena *a, size_t need)
{
    struct arena_block *last = NULL;
    for (struct arena_block *b = a->current; b; last = b, b = b->next) {
        if (b->size - b->used >= need) {
            a->current = b;
            return b;
        }
    }
    struct arena_block *b = block_new(a, need);
    if (!b)
        return NULL;
    if (last)
        last->next = b;
    else
        a->first = b;
    a->current = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - alignof(max_align_t)) {
        a->exhausted = true;
        return NULL;
    }
    bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *b = block_with_room(a, bytes ? bytes : alignof(max_align_t));
    if (!b) {
        a->exhausted = true;
        return NULL;
    }
    void *p = b->data + b->used;
    b->used += bytes;
    return memset(p, 0, bytes);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1, 1) : NULL;
    if (!p)
        return (struct str){ NULL, 0 };
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){ p, s.n };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1, 1);
    if (p)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(args);
    return (struct str){ p, p ? (size_t)n : 0 };
}
