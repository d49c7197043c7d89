#include "test.h"

#include <stdalign.h>

#include "alloc.h"
#include "base/arena.h"

enum { BLOCK = 64 * 1024 }; /* what a block holds at least */

/* What an arena takes from the heap for one allocation of `n` bytes. */
static size_t cost_of(size_t n)
{
    struct arena a;
    arena_init(&a, 0);
    assert_non_null(arena_alloc(&a, n, 1));
    size_t total = a.total_bytes;
    arena_done(&a);
    return total;
}

static bool is_filled(const unsigned char *p, size_t n, unsigned char with)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != with)
            return false;
    return true;
}

static void gives_aligned_zeroed_memory_of_every_size(void **state)
{
    static const size_t rows[][2] = {
        { 0, 8 },     { 1, 1 },     { 1, 0 },         { 7, 1 },  { 8, 1 },     { 15, 1 },
        { 16, 1 },    { 17, 1 },    { 3, 5 },         { 1, 64 }, { 100, 24 },  { 1, 65535 },
        { 1, BLOCK }, { BLOCK, 1 }, { 1, BLOCK + 1 }, { 2, 1 },  { 1000, 96 }, { 1, 200000 },
        { 5, 1 },     { 1, 31 },    { BLOCK / 2, 1 }, { 33, 1 },
    };
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    for (int round = 0; round < 3; round++) { /* the later rounds see memory that was used before */
        unsigned char *before = NULL;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            size_t bytes = rows[i][0] * rows[i][1];
            unsigned char *p = arena_alloc(&a, rows[i][0], rows[i][1]);
            if (!p || (uintptr_t)p % alignof(max_align_t) != 0 || !is_filled(p, bytes, 0) || (p == before && bytes))
                fail_msg("round %d, row %zu: %zu objects of %zu bytes", round, i, rows[i][0], rows[i][1]);
            else
                memset(p, 0xA5, bytes);
            before = bytes ? p : NULL;
        }
        arena_reset(&a);
    }
    arena_done(&a);
}

static void keeps_allocations_apart(void **state)
{
    enum { N = 3000 };
    static unsigned char *at[N];
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    for (size_t i = 0; i < N; i++) {
        at[i] = arena_alloc(&a, 1 + i % 200, 1);
        assert_non_null(at[i]);
        memset(at[i], (int)(i % 251), 1 + i % 200);
    }
    for (size_t i = 0; i < N; i++)
        if (!is_filled(at[i], 1 + i % 200, (unsigned char)(i % 251)))
            fail_msg("allocation %zu was written over", i);
    assert_true(a.total_bytes > 2 * BLOCK);
    arena_done(&a);
}

static void stays_below_its_ceiling(void **state)
{
    static const size_t rows[] = { 1, 1000, BLOCK, BLOCK + 16, 1000000 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t cost = cost_of(rows[i]);
        for (int step = -1; step <= 1; step++) {
            struct arena a;
            arena_init(&a, cost + (size_t)step);
            alloc_fail_at(0);
            void *p = arena_alloc(&a, rows[i], 1);
            if ((p != NULL) != (step >= 0))
                fail_msg("%zu bytes with the ceiling %+d from what they need", rows[i], step);
            assert_int_equal(alloc_calls(), step >= 0);
            assert_int_equal(a.total_bytes, step >= 0 ? cost : 0);
            arena_done(&a);
            assert_int_equal(a.ceiling_bytes, cost + (size_t)step);
        }
    }
}

static void counts_all_its_blocks_against_the_ceiling(void **state)
{
    struct arena a;
    size_t one = cost_of(BLOCK);
    (void)state;
    for (size_t n = 1; n <= 5; n++) {
        arena_init(&a, n * one);
        for (size_t i = 0; i < n; i++)
            assert_non_null(arena_alloc(&a, BLOCK, 1));
        assert_null(arena_alloc(&a, 1, 1));
        assert_int_equal(a.total_bytes, n * one);
        arena_reset(&a); /* gives the room back */
        for (size_t i = 0; i < n; i++)
            assert_non_null(arena_alloc(&a, BLOCK, 1));
        assert_null(arena_alloc(&a, 1, 1));
        arena_done(&a);
    }
}

static void takes_nothing_from_the_heap_once_warm(void **state)
{
    static const size_t sizes[] = { 10, 70000, 40000, 3, 40000, 200000, 65536, 1 };
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    for (int round = 0; round < 5; round++) {
        alloc_fail_at(0);
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
            assert_non_null(arena_alloc(&a, sizes[i], 1));
        if (round == 0)
            assert_true(alloc_calls() > 3);
        else
            assert_int_equal(alloc_calls(), 0);
        arena_reset(&a);
    }
    arena_done(&a);
    assert_int_equal(a.total_bytes, 0);
    assert_null(a.first);
}

static void refuses_sizes_that_overflow(void **state)
{
    static const size_t rows[][2] = {
        { SIZE_MAX, 1 },        { 1, SIZE_MAX },
        { SIZE_MAX, SIZE_MAX }, { SIZE_MAX / 2 + 1, 2 },
        { SIZE_MAX - 1, 1 },    { SIZE_MAX - 15, 1 },
        { SIZE_MAX - 16, 1 },   { SIZE_MAX - 32, 1 },
        { SIZE_MAX / 8, 16 },   { (size_t)1 << 32, (size_t)1 << 32 },
        { SIZE_MAX / 3, 4 },
    };
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    for (int used = 0; used < 2; used++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            alloc_fail_at(0);
            if (arena_alloc(&a, rows[i][0], rows[i][1]))
                fail_msg("row %zu: %zu objects of %zu bytes", i, rows[i][0], rows[i][1]);
            assert_int_equal(alloc_calls(), 0);
        }
        assert_null(arena_str(&a, (struct str){ "", SIZE_MAX }).p);
        assert_non_null(arena_alloc(&a, 1, 1)); /* a refusal spoils nothing */
    }
    arena_done(&a);
}

static void survives_a_failing_heap(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 0);
    alloc_fail_at(1);
    assert_null(arena_alloc(&a, 1, 1));
    assert_int_equal(a.total_bytes, 0);
    unsigned char *first = arena_alloc(&a, BLOCK, 1);
    assert_non_null(first);
    memset(first, 7, BLOCK);
    size_t total = a.total_bytes;
    for (int i = 0; i < 3; i++) {
        alloc_fail_at(1);
        assert_null(arena_alloc(&a, 1, 1));
        alloc_fail_at(1);
        assert_null(arena_str(&a, STR("text")).p);
        alloc_fail_at(1);
        struct str s = arena_printf(&a, "%d", 5);
        assert_null(s.p);
        assert_int_equal(s.n, 0);
        assert_int_equal(a.total_bytes, total);
    }
    alloc_fail_at(0);
    assert_non_null(arena_alloc(&a, 1, 1));
    assert_true(is_filled(first, BLOCK, 7));
    arena_done(&a);
}

static void copies_and_formats_text(void **state)
{
    static char long_text[100000];
    struct arena a;
    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    const struct str rows[] = {
        STR(""),     STR("a"),          STR("fifteen letters"), STR("sixteen letters."), { "with\0zero", 9 },
        { NULL, 0 }, str_of(long_text),
    };
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str copy = arena_str(&a, rows[i]);
        assert_non_null(copy.p);
        assert_ptr_not_equal(copy.p, rows[i].p);
        assert_str(copy, rows[i]);
        assert_int_equal(copy.p[copy.n], '\0');
        struct str plain = str_of(rows[i].p ? rows[i].p : "");
        struct str formatted = arena_printf(&a, "<%s>%d", plain.p, -7);
        assert_int_equal(formatted.n, plain.n + 4);
        assert_memory_equal(formatted.p + 1, plain.p, plain.n);
        assert_string_equal(formatted.p + 1 + plain.n, ">-7");
    }
    arena_done(&a);
}

/* The zero byte behind a text needs room like any other. */
static void leaves_room_for_the_zero_byte(void **state)
{
    static const char text[] = "a text of 32 bytes, this is one.";
    (void)state;
    for (size_t n = 31; n <= 32; n++) {
        for (int formatted = 0; formatted < 2; formatted++) {
            struct arena a;
            arena_init(&a, 0);
            assert_non_null(arena_alloc(&a, BLOCK - 32, 1)); /* leaves 32 bytes */
            alloc_fail_at(0);
            struct str s = formatted ? arena_printf(&a, "%.*s", (int)n, text) : arena_str(&a, (struct str){ text, n });
            assert_str(s, ((struct str){ text, n }));
            if (alloc_calls() != (n == 32))
                fail_msg("%zu bytes took %ld blocks more", n, alloc_calls());
            arena_done(&a);
        }
    }
}

static void can_be_emptied_at_any_time(void **state)
{
    struct arena a = { 0 };
    (void)state;
    arena_done(&a); /* a zeroed one */
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 10, 1));
    arena_done(&a);
    arena_done(&a);
    assert_non_null(ARENA_NEW(&a, struct arena));
    assert_non_null(ARENA_ARRAY(&a, int, 10));
    arena_done(&a);
}

RUN_TESTS(cmocka_unit_test(gives_aligned_zeroed_memory_of_every_size), cmocka_unit_test(keeps_allocations_apart),
          cmocka_unit_test(stays_below_its_ceiling), cmocka_unit_test(counts_all_its_blocks_against_the_ceiling),
          cmocka_unit_test(takes_nothing_from_the_heap_once_warm), cmocka_unit_test(refuses_sizes_that_overflow),
          cmocka_unit_test(survives_a_failing_heap), cmocka_unit_test(copies_and_formats_text),
          cmocka_unit_test(leaves_room_for_the_zero_byte), cmocka_unit_test(can_be_emptied_at_any_time))
