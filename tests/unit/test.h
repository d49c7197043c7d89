/* What every unit test includes: cmocka, in the order it wants. */
#ifndef PALPATE_TESTS_TEST_H
#define PALPATE_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Two spans hold the same text. */
#define assert_str(a, b)                                                                                               \
    do {                                                                                                               \
        struct str assert_a_ = (a), assert_b_ = (b);                                                                   \
        if (!str_eq(assert_a_, assert_b_))                                                                             \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARGS(assert_a_), STR_ARGS(assert_b_));                            \
    } while (0)

#define RUN_TESTS(...)                                                                                                 \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const struct CMUnitTest tests[] = { __VA_ARGS__ };                                                             \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                              \
    }

#endif
