/* Arena: everything allocated from it lives exactly as long as it does.
 *
 * A request and a catalogue version each own one. Memory comes in blocks; arena_reset() keeps the blocks,
 * so that a warmed-up arena takes nothing from the heap. Not for use by two threads at once. */
#ifndef PALPATE_BASE_ARENA_H
#define PALPATE_BASE_ARENA_H

#include "base/attr.h"
#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *first, *current;
    size_t ceiling_bytes; /* the blocks together never exceed this; 0 means no ceiling */
    size_t total_bytes;
    bool exhausted; /* an allocation has failed since arena_init() or arena_reset() */
};

/* An empty arena. `ceiling_bytes` bounds what it may take from the heap. Cannot fail. */
void arena_init(struct arena *a, size_t ceiling_bytes);
/* Frees all blocks; accepts a zeroed arena. */
void arena_done(struct arena *a);
/* Forgets every allocation and keeps the blocks. */
void arena_reset(struct arena *a);

/* A point to come back to: arena_rewind() forgets what was allocated since, and keeps the blocks. */
struct arena_mark {
    struct arena_block *block;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *a) PURE;
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Zeroed memory for `n` objects of `size` bytes, aligned for any type. NULL when the heap or the ceiling is
 * exhausted. n == 0 gives a valid pointer to nothing. */
void *arena_alloc(struct arena *a, size_t n, size_t size) MUST_USE;
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/* A copy of `s`, terminated by a zero byte that does not count. p is NULL when memory is out. */
struct str arena_str(struct arena *a, struct str s) MUST_USE;
/* Formatted text. p is NULL when memory is out. */
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;

#endif
