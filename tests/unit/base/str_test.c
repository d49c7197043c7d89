#include "test.h"

#include <stdio.h>

#include "base/attr.h"

static void spans_a_literal_or_a_terminated_text(void **state)
{
    (void)state;
    assert_int_equal(STR("").n, 0);
    assert_int_equal(STR("four").n, 4);
    assert_int_equal(STR("a\0b").n, 3);
    assert_int_equal(str_of("four").n, 4);
    assert_int_equal(str_of("").n, 0);
    assert_non_null(str_of("").p);
    assert_int_equal(str_of(NULL).n, 0);
    assert_null(str_of(NULL).p);
}

static void compares_bytewise_a_prefix_first(void **state)
{
    static const struct {
        struct str a, b;
        int order;
    } rows[] = {
        { { NULL, 0 }, { NULL, 0 }, 0 },       { { NULL, 0 }, { "", 0 }, 0 },        { { NULL, 0 }, { "a", 1 }, -1 },
        { { "", 0 }, { "a", 1 }, -1 },         { { "a", 1 }, { "a", 1 }, 0 },        { { "a", 1 }, { "b", 1 }, -1 },
        { { "a", 1 }, { "ab", 2 }, -1 },       { { "ab", 2 }, { "b", 1 }, -1 },      { { "abc", 2 }, { "abd", 2 }, 0 },
        { { "Z", 1 }, { "a", 1 }, -1 },        { { "a\0a", 3 }, { "a\0b", 3 }, -1 }, { { "a\0", 2 }, { "a", 1 }, 1 },
        { { "z", 1 }, { "\xC3\xA4", 2 }, -1 }, /* bytes are not signed */
        { { "\x7F", 1 }, { "\x80", 1 }, -1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int ab = str_cmp(rows[i].a, rows[i].b), ba = str_cmp(rows[i].b, rows[i].a);
        if ((ab > 0) - (ab < 0) != rows[i].order || (ba > 0) - (ba < 0) != -rows[i].order)
            fail_msg("row %zu: the order of \"%.*s\" and \"%.*s\"", i, STR_ARGS(rows[i].a), STR_ARGS(rows[i].b));
        if (str_eq(rows[i].a, rows[i].b) != (rows[i].order == 0) ||
            str_eq(rows[i].b, rows[i].a) != (rows[i].order == 0))
            fail_msg("row %zu: the sameness of \"%.*s\" and \"%.*s\"", i, STR_ARGS(rows[i].a), STR_ARGS(rows[i].b));
    }
}

static void prints_as_long_as_it_is(void **state)
{
    char text[16];
    struct str s = { "abcdef", 3 };
    (void)state;
    (void)snprintf(text, sizeof(text), "<%.*s>", STR_ARGS(s));
    assert_string_equal(text, "<abc>");
}

static void moves_out_of_a_variable(void **state)
{
    int x = 5, *p = &x, array[7];
    (void)state;
    int *moved = TAKE(p);
    assert_ptr_equal(moved, &x);
    assert_null(p);
    assert_int_equal(ARRAY_LEN(array), 7);
}

RUN_TESTS(cmocka_unit_test(spans_a_literal_or_a_terminated_text), cmocka_unit_test(compares_bytewise_a_prefix_first),
          cmocka_unit_test(prints_as_long_as_it_is), cmocka_unit_test(moves_out_of_a_variable))
