/* Insertion sort where that is fastest, else heap sort. */
#include "base/sort.h"

#include <assert.h>
#include <string.h>

enum { INSERTION_MAX = 24 };

struct sort {
    unsigned char *items;
    size_t size;
    int (*order)(const void *, const void *, const void *);
    const void *context;
};

static unsigned char *item(const struct sort *s, size_t i)
{
    return s->items + i * s->size;
}

static void insertion(const struct sort *s, size_t n)
{
    unsigned char moving[SORT_ITEM_BYTES_MAX];
    for (size_t i = 1; i < n; i++) {
        size_t k = i;
        memcpy(moving, item(s, i), s->size);
        while (k > 0 && s->order(item(s, k - 1), moving, s->context) > 0) {
            memcpy(item(s, k), item(s, k - 1), s->size);
            k--;
        }
        memcpy(item(s, k), moving, s->size);
    }
}

/* Lets the item at `root` sink to its place in the heap of the first `n`. */
static void sink(const struct sort *s, size_t root, size_t n)
{
    unsigned char moving[SORT_ITEM_BYTES_MAX];
    memcpy(moving, item(s, root), s->size);
    for (size_t kid = 2 * root + 1; kid < n; kid = 2 * root + 1) {
        if (kid + 1 < n && s->order(item(s, kid + 1), item(s, kid), s->context) > 0)
            kid++;
        if (s->order(moving, item(s, kid), s->context) >= 0)
            break;
        memcpy(item(s, root), item(s, kid), s->size);
        root = kid;
    }
    memcpy(item(s, root), moving, s->size);
}

void sort_items(void *items, size_t n, size_t size, int (*order)(const void *, const void *, const void *),
                const void *context)
{
    struct sort s = { items, size, order, context };
    unsigned char moving[SORT_ITEM_BYTES_MAX];
    assert(size <= SORT_ITEM_BYTES_MAX);
    if (n <= INSERTION_MAX) {
        insertion(&s, n);
        return;
    }
    for (size_t i = n / 2; i-- > 0;)
        sink(&s, i, n);
    for (size_t end = n - 1; end > 0; end--) {
        memcpy(moving, item(&s, 0), size);
        memcpy(item(&s, 0), item(&s, end), size);
        memcpy(item(&s, end), moving, size);
        sink(&s, 0, end);
    }
}
