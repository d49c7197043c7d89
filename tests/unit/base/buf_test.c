#include "test.h"

#include "alloc.h"
#include "base/buf.h"

static void grows_by_what_is_added(void **state)
{
    enum { N = 20000 };
    struct buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    assert_int_equal(buf_str(&b).n, 0);
    for (size_t i = 0; i < N; i++)
        buf_add_char(&b, (char)('a' + i % 26));
    assert_false(b.failed);
    assert_int_equal(b.n, N);
    for (size_t i = 0; i < N; i++)
        if (b.p[i] != (char)('a' + i % 26))
            fail_msg("byte %zu is wrong", i);
    buf_done(&b);
    assert_int_equal(b.ceiling_bytes, 1 << 20);
    BUF_ADD_LIT(&b, "again");
    assert_str(buf_str(&b), STR("again"));
    buf_done(&b);
}

static void adds_each_kind_of_thing(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    BUF_ADD_LIT(&b, "lit ");
    buf_add_str(&b, STR("str "));
    buf_add(&b, "bytes\0 more", 6);
    buf_add(&b, NULL, 0);
    buf_add_str(&b, (struct str){ NULL, 0 });
    buf_add_char(&b, ' ');
    buf_add_int(&b, -12);
    buf_printf(&b, " %s=%d", "n", 5);
    assert_str(buf_str(&b), ((struct str){ "lit str bytes\0 -12 n=5", 22 }));
    buf_reset(&b);
    assert_int_equal(b.n, 0);
    buf_printf(&b, "%s", "");
    assert_int_equal(b.n, 0);
    assert_false(b.failed);
    buf_done(&b);
}

static void writes_whole_numbers(void **state)
{
    static const struct {
        int64_t v;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 1, "1" },
        { -1, "-1" },
        { 9, "9" },
        { 10, "10" },
        { -10, "-10" },
        { 99, "99" },
        { 100, "100" },
        { INT32_MAX, "2147483647" },
        { INT32_MIN, "-2147483648" },
        { UINT32_MAX, "4294967295" },
        { 1000000000000, "1000000000000" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN + 1, "-9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, 100);
        buf_add_int(&b, rows[i].v);
        assert_str(buf_str(&b), str_of(rows[i].text));
        buf_done(&b);
    }
}

/* Whatever the size of what is added and however much stands there already. */
static void holds_its_ceiling_and_no_more(void **state)
{
    static const size_t ceilings[] = { 0, 1, 2, 100, 4095, 4096, 4097, 8192, 10000, 65536, 100001 };
    static char bytes[100002];
    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < ARRAY_LEN(ceilings); i++) {
        for (int step = -1; step <= 1; step++) {
            size_t n = ceilings[i] + (size_t)step;
            if (ceilings[i] == 0 && step < 0)
                continue;
            for (size_t first = 0; first <= n; first += n / 3 + 1) { /* in two parts */
                struct buf b;
                buf_init(&b, ceilings[i]);
                buf_add(&b, bytes, first);
                buf_add(&b, bytes, n - first);
                if (b.failed != (step > 0) || b.n > ceilings[i] || (!b.failed && b.n != n))
                    fail_msg("%zu and %zu bytes with a ceiling of %zu", first, n - first, ceilings[i]);
                buf_done(&b);
            }
        }
    }
}

static void needs_no_more_room_than_its_ceiling(void **state)
{
    struct buf b;
    static char bytes[9000];
    (void)state;
    buf_init(&b, 9000);
    for (int i = 0; i < 9000; i++)
        buf_add(&b, bytes, 1);
    assert_false(b.failed);
    assert_int_equal(b.room, 9000);
    buf_done(&b);
}

static void stays_failed_until_it_is_reset(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 10);
    buf_add_str(&b, STR("12345678"));
    buf_add_str(&b, STR("too much"));
    assert_true(b.failed);
    /* what would fit is not added either: a hole in the middle would be worse than an end */
    buf_add_char(&b, 'x');
    buf_add_int(&b, 1);
    buf_printf(&b, "%d", 1);
    BUF_ADD_LIT(&b, "x");
    assert_true(b.failed);
    assert_str(buf_str(&b), STR("12345678"));
    buf_reset(&b);
    assert_false(b.failed);
    buf_add_str(&b, STR("1234567890"));
    assert_false(b.failed);
    assert_str(buf_str(&b), STR("1234567890"));
    buf_done(&b);
    assert_false(b.failed);
}

static void survives_a_failing_heap(void **state)
{
    static char bytes[5000];
    struct buf b;
    (void)state;
    memset(bytes, 'y', sizeof(bytes));
    buf_init(&b, 100000);
    alloc_fail_at(1);
    buf_add_char(&b, 'a');
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
    buf_reset(&b);
    buf_add_char(&b, 'a');
    alloc_fail_at(1);
    buf_add(&b, bytes, sizeof(bytes)); /* what there is stays as it was */
    assert_true(b.failed);
    assert_str(buf_str(&b), STR("a"));
    buf_reset(&b);
    alloc_fail_at(1);
    buf_printf(&b, "%5000d", 1);
    assert_true(b.failed);
    buf_reset(&b);
    alloc_fail_at(0);
    buf_printf(&b, "%5000d", 1);
    assert_false(b.failed);
    assert_int_equal(b.n, 5000);
    assert_int_equal(b.p[4999], '1');
    buf_done(&b);
}

static void keeps_its_memory_when_reset(void **state)
{
    static char bytes[50000];
    struct buf b;
    (void)state;
    buf_init(&b, 100000);
    for (int round = 0; round < 3; round++) {
        alloc_fail_at(0);
        for (int i = 0; i < 5; i++)
            buf_add(&b, bytes, sizeof(bytes) / 5);
        assert_int_equal(alloc_calls() > 0, round == 0);
        buf_reset(&b);
    }
    buf_done(&b);
    assert_null(b.p);
}

static void refuses_sizes_that_overflow(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, SIZE_MAX);
    buf_add_char(&b, 'a');
    alloc_fail_at(0);
    buf_add(&b, "x", SIZE_MAX);
    assert_true(b.failed);
    assert_int_equal(alloc_calls(), 0);
    assert_int_equal(b.n, 1);
    buf_done(&b);
}

/* vsnprintf's zero byte needs room, but does not count. */
static void formats_up_to_its_ceiling(void **state)
{
    static const struct {
        size_t ceiling;
        int width;
        bool fits;
    } rows[] = {
        { 10, 8, true },      { 10, 9, true },      { 10, 11, false },
        { 4096, 4095, true }, { 5000, 4999, true }, { 5000, 5001, false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b;
        buf_init(&b, rows[i].ceiling);
        buf_printf(&b, "%*d", rows[i].width, 1);
        if (b.failed == rows[i].fits || b.n != (rows[i].fits ? (size_t)rows[i].width : 0))
            fail_msg("%d characters with a ceiling of %zu", rows[i].width, rows[i].ceiling);
        buf_done(&b);
    }
}

RUN_TESTS(cmocka_unit_test(grows_by_what_is_added), cmocka_unit_test(adds_each_kind_of_thing),
          cmocka_unit_test(writes_whole_numbers), cmocka_unit_test(holds_its_ceiling_and_no_more),
          cmocka_unit_test(needs_no_more_room_than_its_ceiling), cmocka_unit_test(stays_failed_until_it_is_reset),
          cmocka_unit_test(survives_a_failing_heap), cmocka_unit_test(keeps_its_memory_when_reset),
          cmocka_unit_test(refuses_sizes_that_overflow), cmocka_unit_test(formats_up_to_its_ceiling))
