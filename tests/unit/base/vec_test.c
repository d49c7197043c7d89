#include "test.h"

#include "base/vec.h"

static void keeps_what_is_pushed(void **state)
{
    enum { ITEMS = 1000 };
    struct arena arena;
    VEC(int) v = { 0 };
    (void)state;
    arena_init(&arena, 0);
    for (int i = 0; i < ITEMS; i++)
        assert_true(VEC_PUSH(&arena, &v, i));
    assert_int_equal(v.n, ITEMS);
    assert_in_range(v.room, ITEMS, 2 * ITEMS);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(v.at[i], i);
    arena_done(&arena);
}

static void changes_nothing_when_memory_is_out(void **state)
{
    enum { CEILING = 64 * 1024 + 64, ITEM = 256 };
    struct item {
        char bytes[ITEM];
    };
    struct arena arena;
    VEC(struct item) v = { 0 };
    uint32_t n = 0;
    (void)state;
    arena_init(&arena, CEILING);
    while (VEC_PUSH(&arena, &v, (struct item){ { (char)n } }))
        assert_int_equal(v.n, ++n);
    assert_in_range(n, 1, CEILING / ITEM);
    assert_int_equal(v.n, n);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(v.at[i].bytes[0], (char)i);
    arena_done(&arena);
}

RUN_TESTS(cmocka_unit_test(keeps_what_is_pushed), cmocka_unit_test(changes_nothing_when_memory_is_out))
