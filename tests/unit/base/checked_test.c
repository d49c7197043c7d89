#include "test.h"

#include "base/attr.h"
#include "base/checked.h"

static void tells_when_a_size_does_not_fit(void **state)
{
    static const struct {
        char op;
        size_t a, b;
        bool overflows;
        size_t result;
    } rows[] = {
        { '+', 0, 0, false, 0 },
        { '+', SIZE_MAX - 1, 1, false, SIZE_MAX },
        { '+', SIZE_MAX, 0, false, SIZE_MAX },
        { '+', SIZE_MAX, 1, true, 0 },
        { '+', SIZE_MAX, SIZE_MAX, true, 0 },
        { '-', 1, 1, false, 0 },
        { '-', 0, 1, true, 0 },
        { '-', SIZE_MAX, SIZE_MAX, false, 0 },
        { '*', SIZE_MAX, 0, false, 0 },
        { '*', SIZE_MAX, 1, false, SIZE_MAX },
        { '*', SIZE_MAX / 2, 2, false, SIZE_MAX - 1 },
        { '*', SIZE_MAX / 2 + 1, 2, true, 0 },
        { '*', (size_t)1 << 32, (size_t)1 << 31, false, (size_t)1 << 63 },
        { '*', (size_t)1 << 32, (size_t)1 << 32, true, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t a = rows[i].a, b = rows[i].b, result = 0;
        bool over = rows[i].op == '+'   ? add_overflow(a, b, &result)
                    : rows[i].op == '-' ? sub_overflow(a, b, &result)
                                        : mul_overflow(a, b, &result);
        if (over != rows[i].overflows || (!over && result != rows[i].result))
            fail_msg("row %zu: %zu %c %zu", i, a, rows[i].op, b);
    }
}

static void tells_when_a_signed_number_does_not_fit(void **state)
{
    static const struct {
        char op;
        int64_t a, b;
        bool overflows;
        int32_t result;
    } rows[] = {
        { '+', INT32_MAX, 0, false, INT32_MAX },  { '+', INT32_MAX, 1, true, 0 },
        { '+', INT32_MIN, -1, true, 0 },          { '-', INT32_MIN, 0, false, INT32_MIN },
        { '-', INT32_MIN, 1, true, 0 },           { '-', 0, INT32_MIN, true, 0 },
        { '*', INT32_MIN, -1, true, 0 },          { '*', INT32_MAX, -1, false, -INT32_MAX },
        { '*', 65536, 32767, false, 2147418112 }, { '*', 65536, 32768, true, 0 },
        { '+', INT64_MAX, 1, true, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t result = 0;
        int64_t a = rows[i].a, b = rows[i].b;
        bool over = rows[i].op == '+'   ? add_overflow(a, b, &result)
                    : rows[i].op == '-' ? sub_overflow(a, b, &result)
                                        : mul_overflow(a, b, &result);
        if (over != rows[i].overflows || (!over && result != rows[i].result))
            fail_msg("row %zu: %lld %c %lld", i, (long long)a, rows[i].op, (long long)b);
    }
}

RUN_TESTS(cmocka_unit_test(tells_when_a_size_does_not_fit), cmocka_unit_test(tells_when_a_signed_number_does_not_fit))
