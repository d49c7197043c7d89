#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "base/attr.h"
#include "base/sort.h"

/* A generator of our own, so that a failure is the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static int order_ints(const void *a, const void *b, const void *unused)
{
    int x = *(const int *)a, y = *(const int *)b;
    (void)unused;
    return (x > y) - (x < y);
}

static int order_ints_plain(const void *a, const void *b)
{
    return order_ints(a, b, NULL);
}

/* Sizes around the limit of the insertion sort, around powers of two (the heap's last level) and large ones.
 */
static const size_t sizes[] = { 0,  1,  2,  3,  4,  5,  7,  8,  15, 16, 17,  22,  23,  24,   25,   26,   27,
                                31, 32, 33, 47, 48, 49, 50, 63, 64, 65, 127, 128, 129, 1000, 1023, 4097, 20000 };

enum { PATTERNS = 8 };

static void fill(int *v, size_t n, int pattern, uint32_t *seed)
{
    for (size_t i = 0; i < n; i++) {
        int k = (int)i, r = (int)next_random(seed);
        const int of[PATTERNS] = { r, k, (int)n - k, 7, r % 3, k % 5, k ^ 1, k < (int)n - 1 ? k : -1 };
        v[i] = of[pattern];
    }
}

static void sorts_as_qsort_does(void **state)
{
    static int ours[20000], theirs[20000];
    uint32_t seed = 1;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        int rounds = sizes[i] < 200 ? 40 : 2;
        for (int round = 0; round < rounds * PATTERNS; round++) {
            size_t n = sizes[i];
            fill(ours, n, round % PATTERNS, &seed);
            memcpy(theirs, ours, n * sizeof(ours[0]));
            qsort(theirs, n, sizeof(theirs[0]), order_ints_plain);
            sort_items(ours, n, sizeof(ours[0]), order_ints, NULL);
            if (memcmp(ours, theirs, n * sizeof(ours[0])) != 0)
                fail_msg("%zu items, pattern %d, round %d", n, round % PATTERNS, round / PATTERNS);
        }
    }
}

/* Items of `size` bytes: the first is the key, the others follow from it, so that a torn item shows. */
static int order_bytes(const void *a, const void *b, const void *context)
{
    const unsigned char *x = a, *y = b, *rank = context;
    return (int)rank[*x] - (int)rank[*y];
}

static void moves_items_of_every_size_whole(void **state)
{
    static unsigned char items[100 * SORT_ITEM_BYTES_MAX], guard[8];
    unsigned char rank[256];
    (void)state;
    for (int i = 0; i < 256; i++)
        rank[i] = (unsigned char)(255 - i); /* the context turns the order round */
    for (size_t size = 1; size <= SORT_ITEM_BYTES_MAX; size++) {
        for (size_t n = 0; n <= 100; n += n < 23 ? 23 : n < 26 ? 1 : 74) {
            uint32_t seed = (uint32_t)(size * 1000 + n);
            memset(items, 0xEE, sizeof(items));
            for (size_t i = 0; i < n; i++)
                memset(items + i * size, (int)(next_random(&seed) % 256), size);
            memset(guard, 0xEE, sizeof(guard));
            sort_items(items, n, size, order_bytes, rank);
            for (size_t i = 0; i < n; i++) {
                for (size_t k = 1; k < size; k++)
                    if (items[i * size + k] != items[i * size])
                        fail_msg("%zu items of %zu bytes: item %zu is torn", n, size, i);
                if (i && items[i * size] > items[(i - 1) * size])
                    fail_msg("%zu items of %zu bytes: item %zu is out of order", n, size, i);
            }
            if (n * size < sizeof(items) && items[n * size] != 0xEE)
                fail_msg("%zu items of %zu bytes: wrote behind them", n, size);
        }
    }
}

static void keeps_equal_items(void **state)
{
    struct pair {
        int key;
        unsigned id;
    } v[500];
    bool seen[500] = { false };
    uint32_t seed = 9;
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(v); i++)
        v[i] = (struct pair){ (int)(next_random(&seed) % 4), i };
    sort_items(v, ARRAY_LEN(v), sizeof(v[0]), order_ints, NULL);
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        assert_true(i == 0 || v[i - 1].key <= v[i].key);
        assert_false(seen[v[i].id]);
        seen[v[i].id] = true;
    }
}

static size_t comparisons;

static int order_and_count(const void *a, const void *b, const void *unused)
{
    comparisons++;
    return order_ints(a, b, unused);
}

static void needs_few_comparisons_and_no_heap_whatever_the_order(void **state)
{
    enum { N = 16384, LOG_N = 14 };
    static int v[N];
    uint32_t seed = 3;
    (void)state;
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
        fill(v, N, pattern, &seed);
        comparisons = 0;
        alloc_fail_at(0);
        sort_items(v, N, sizeof(v[0]), order_and_count, NULL);
        assert_int_equal(alloc_calls(), 0);
        if (comparisons > (size_t)2 * N * LOG_N)
            fail_msg("pattern %d took %zu comparisons", pattern, comparisons);
    }
}

static void refuses_items_that_are_too_large(void **state)
{
    static const struct {
        size_t size;
        bool fits;
    } rows[] = { { SORT_ITEM_BYTES_MAX - 1, true }, { SORT_ITEM_BYTES_MAX, true }, { SORT_ITEM_BYTES_MAX + 1, false } };
    static int items[2 * (SORT_ITEM_BYTES_MAX + 1)];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status;
        pid_t child = fork(); /* an assertion ends the process */
        if (child == 0) {
            (void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
            (void)close(STDERR_FILENO);
            (void)signal(SIGABRT, SIG_DFL);
            sort_items(items, 2, rows[i].size, order_ints, NULL);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if ((WIFEXITED(status) && WEXITSTATUS(status) == 0) != rows[i].fits)
            fail_msg("items of %zu bytes", rows[i].size);
    }
}

RUN_TESTS(cmocka_unit_test(sorts_as_qsort_does), cmocka_unit_test(moves_items_of_every_size_whole),
          cmocka_unit_test(keeps_equal_items), cmocka_unit_test(needs_few_comparisons_and_no_heap_whatever_the_order),
          cmocka_unit_test(refuses_items_that_are_too_large))
