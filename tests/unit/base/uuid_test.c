#include "test.h"

#include <stdlib.h>
#include <time.h>

#include "base/uuid.h"

static void are_of_version_7_and_tell_the_time(void **state)
{
    char id[UUID_TEXT_LEN + 1], before[UUID_TEXT_LEN + 1] = "", digits[13] = "";
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(uuid_new(id));
        assert_true(uuid_is(str_of(id)));
        assert_int_equal(id[14], '7');
        assert_non_null(strchr("89ab", id[19]));
        assert_string_not_equal(id, before);
        assert_true(strncmp(before, id, 13) <= 0); /* they sort by time */
        memcpy(before, id, sizeof(id));
    }
    memcpy(digits, id, 8);
    memcpy(digits + 8, id + 9, 4);
    long long ms = strtoll(digits, NULL, 16), now = (long long)time(NULL) * 1000;
    assert_true(ms <= now + 1000 && ms >= now - 5000);
}

static void have_one_form(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        { "01a1fb53-dcf0-72e6-ac01-7066e984fbaf", true },  { "01A1FB53-DCF0-72E6-AC01-7066E984FBAF", true },
        { "00000000-0000-0000-0000-000000000000", true },  { "", false },
        { "01a1fb53-dcf0-72e6-ac01-7066e984fba", false },  { "01a1fb53-dcf0-72e6-ac01-7066e984fbaf0", false },
        { "01a1fb53dcf0-72e6-ac01-7066e984fbaf-", false }, { "01a1fb53-dcf0-72e6-ac01-7066e984fbag", false },
        { "{1a1fb53-dcf0-72e6-ac01-7066e984fbaf", false }, { "01a1fb5--dcf0-72e6-ac01-7066e984fbaf", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (uuid_is(str_of(rows[i].text)) != rows[i].good)
            fail_msg("%s", rows[i].text);
}

RUN_TESTS(cmocka_unit_test(are_of_version_7_and_tell_the_time), cmocka_unit_test(have_one_form))
