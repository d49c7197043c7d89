/* Sorting in place without the heap: qsort() may allocate, and a decision must not. */
#ifndef PALPATE_BASE_SORT_H
#define PALPATE_BASE_SORT_H

#include <stddef.h>

enum { SORT_ITEM_BYTES_MAX = 64 };

/* Sorts `n` items of `size` bytes (at most SORT_ITEM_BYTES_MAX) in O(n log n). Not stable: give a total order.
 * `order` is called as for qsort_r(). */
void sort_items(void *items, size_t n, size_t size, int (*order)(const void *, const void *, const void *),
                const void *context);

#endif
