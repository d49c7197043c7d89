/* Reading numbers: whole ones, and those that go in steps. */
#include "test.h"

#include <stdio.h>

#include "domain/reading.h"

static void reads_whole_numbers(void **state)
{
    static const struct number_row rows[] = {
        { NULL, NOTHING, 0 },
        { "-5", GOOD, -5 },
        { "-4", GOOD, -4 },
        { "0", GOOD, 0 },
        { "-0", GOOD, 0 },
        { "-0.0", GOOD, 0 },
        { "6", GOOD, 6 },
        { "6.0", GOOD, 6 },
        { "0.6e1", GOOD, 6 },
        { "60e-1", GOOD, 6 },
        { "9", GOOD, 9 },
        { "10", GOOD, 10 },
        { "1e1", GOOD, 10 },
        { "-6", FAULT_OUT_OF_RANGE, 0 },
        { "-5.5", FAULT_OUT_OF_RANGE, 0 },
        { "11", FAULT_OUT_OF_RANGE, 0 },
        { "10.0000001", FAULT_OUT_OF_RANGE, 0 },
        { "10.5", FAULT_OUT_OF_RANGE, 0 },
        { "4294967296", FAULT_OUT_OF_RANGE, 0 },
        { "4294967302", FAULT_OUT_OF_RANGE, 0 }, /* 6, when cut to 32 bits */
        { "9223372036854775807", FAULT_OUT_OF_RANGE, 0 },
        { "-9223372036854775808", FAULT_OUT_OF_RANGE, 0 },
        { "1e300", FAULT_OUT_OF_RANGE, 0 },
        { "-1e300", FAULT_OUT_OF_RANGE, 0 },
        { "6.5", FAULT_WRONG_TYPE, 0 },
        { "0.0001", FAULT_WRONG_TYPE, 0 },
        { "1e-300", FAULT_WRONG_TYPE, 0 },
        { "9.9999999999", FAULT_WRONG_TYPE, 0 },
        { "\"6\"", FAULT_WRONG_TYPE, 0 },
        { "\"\"", FAULT_WRONG_TYPE, 0 },
        { "true", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "[6]", FAULT_WRONG_TYPE, 0 },
        { "{}", FAULT_WRONG_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t n = 12345;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_int(v, -5, 10, AT, &faults, &n), rows[i].want);
        if (n != (rows[i].want == GOOD ? rows[i].number : 12345))
            fail_msg("%s was read as %d", rows[i].text, n);
        json_decref(v);
    }
}

static void reads_the_whole_range_of_a_number(void **state)
{
    static const struct number_row rows[] = {
        { "2147483647", GOOD, INT32_MAX },        { "-2147483648", GOOD, INT32_MIN },
        { "2147483646.0", GOOD, INT32_MAX - 1 },  { "2147483648", FAULT_OUT_OF_RANGE, 0 },
        { "-2147483649", FAULT_OUT_OF_RANGE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t n = 12345;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_int(v, INT32_MIN, INT32_MAX, AT, &faults, &n), rows[i].want);
        assert_int_equal(n, rows[i].want == GOOD ? rows[i].number : 12345);
        json_decref(v);
    }
}

static void says_which_range_is_right(void **state)
{
    static const struct {
        int64_t min, max;
        const char *remedy;
    } rows[] = {
        { 1, 98, "send a number from 1 to 98" },
        { 0, 36525, "send a number from 0 to 36525" },
        { -5, -1, "send a number from -5 to -1" },
        { INT32_MIN, INT32_MAX - 100, "send a number from -2147483648 to 2147483547" },
    };
    (void)state;
    json_t *v = value("2147483647");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t n;
        faults_init(&faults, &arena);
        assert_false(json_read_int(v, rows[i].min, rows[i].max, AT, &faults, &n));
        assert_str(faults.at[0].remedy, str_of(rows[i].remedy));
    }
    json_decref(v);
}

static void reads_numbers_in_steps(void **state)
{
    static const struct number_row rows[] = {
        { NULL, NOTHING, 0 },
        { "0.25", GOOD, 25 },
        { "0.26", GOOD, 26 },
        { "0.5", GOOD, 50 },
        { "1", GOOD, 100 },
        { "1.0", GOOD, 100 },
        { "1.33", GOOD, 133 },
        { "1.5", GOOD, 150 },
        { "2.75", GOOD, 275 },
        { "14", GOOD, 1400 },
        { "0.24", FAULT_OUT_OF_RANGE, 0 },
        { "0", FAULT_OUT_OF_RANGE, 0 },
        { "-1", FAULT_OUT_OF_RANGE, 0 },
        { "14.01", FAULT_OUT_OF_RANGE, 0 },
        { "15", FAULT_OUT_OF_RANGE, 0 },
        { "9223372036854775807", FAULT_OUT_OF_RANGE, 0 },
        { "1.7e308", FAULT_OUT_OF_RANGE, 0 }, /* infinite when multiplied */
        { "-1.7e308", FAULT_OUT_OF_RANGE, 0 },
        { "0.333", FAULT_WRONG_TYPE, 0 },
        { "1.005", FAULT_WRONG_TYPE, 0 },
        { "\"1\"", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "true", FAULT_WRONG_TYPE, 0 },
        { "[]", FAULT_WRONG_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t n = 12345;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_steps(v, 100, 25, 1400, AT, &faults, &n), rows[i].want);
        if (n != (rows[i].want == GOOD ? rows[i].number : 12345))
            fail_msg("%s was read as %d", rows[i].text, n);
        if (rows[i].want == FAULT_OUT_OF_RANGE)
            assert_str(faults.at[0].remedy, STR("send a number from 0.25 to 14"));
        json_decref(v);
    }
}

/* 0.28 * 100 is not quite 28 in binary fractions. */
static void reads_every_step_however_it_is_written(void **state)
{
    static const char *const endings[] = { "", "0", "e0" };
    (void)state;
    for (int steps = 25; steps <= 1400; steps++) {
        for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
            char text[32];
            int32_t n = -1;
            (void)snprintf(text, sizeof(text), "%d.%02d%s", steps / 100, steps % 100, endings[i]);
            json_t *v = value(text);
            faults_init(&faults, &arena);
            if (!json_read_steps(v, 100, 25, 1400, AT, &faults, &n) || n != steps)
                fail_msg("%s was read as %d", text, n);
            json_decref(v);
        }
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(reads_whole_numbers), TEST(reads_the_whole_range_of_a_number), TEST(says_which_range_is_right),
          TEST(reads_numbers_in_steps), TEST(reads_every_step_however_it_is_written))
