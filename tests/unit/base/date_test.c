#include "test.h"

#include "base/date.h"

static void reads_days(void **state)
{
    static const struct {
        const char *text;
        int32_t day;
    } rows[] = {
        { "1970-01-01", 0 },     { "1969-12-31", -1 },      { "2000-02-29", 11016 },
        { "2026-11-20", 20777 }, { "0001-01-01", -719162 }, { "9999-12-31", 2932896 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int32_t day;
        char back[DATE_TEXT_LEN + 1];
        assert_true(date_parse(str_of(rows[i].text), &day));
        assert_int_equal(day, rows[i].day);
        date_format(day, back);
        assert_string_equal(back, rows[i].text);
    }
}

static void writes_every_day_as_it_reads_it(void **state)
{
    (void)state;
    for (int32_t day = -719162; day <= 2932896; day += 13) {
        char text[DATE_TEXT_LEN + 1];
        int32_t back;
        date_format(day, text);
        assert_true(date_parse(str_of(text), &back));
        assert_int_equal(back, day);
    }
}

static void refuses_what_is_no_day(void **state)
{
    static const char *const rows[] = {
        "",           "2026-11-2",  "2026-11-200", "2026-13-01",           "2026-00-10", "2026-02-29",
        "2100-02-29", "2026-04-31", "2026-11-00",  "2026/11/20",           "20261120",   "0000-01-01",
        "2026-1a-20", "+026-11-20", " 026-11-20",  "2026-11-20T00:00:00Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int32_t day;
        if (date_parse(str_of(rows[i]), &day))
            fail_msg("\"%s\" was read as a day", rows[i]);
    }
}

RUN_TESTS(cmocka_unit_test(reads_days), cmocka_unit_test(writes_every_day_as_it_reads_it),
          cmocka_unit_test(refuses_what_is_no_day))
