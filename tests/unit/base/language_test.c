/* Tags and ranges of languages. */
#include "test.h"

#include "base/language.h"

static void knows_tags_and_ranges(void **state)
{
    static const struct {
        const char *text;
        bool tag, range;
    } rows[] = {
        { "ko", true, true },
        { "en", true, true },
        { "haw", true, true },
        { "pt-BR", true, true },
        { "zh-Hant", true, true },
        { "zh-Hant-TW", true, true },
        { "es-419", true, true },
        { "sr-Latn-419", true, true },
        { "KO", false, true },
        { "k", false, true },
        { "ko-kr", false, true },
        { "ko-KRX", false, true },
        { "zh-hant", false, true },
        { "zh-HANT", false, true },
        { "zh-Hantx", false, true },
        { "es-41", false, true },
        { "es-4190", false, true },
        { "zh-TW-Hant", false, true },
        { "en-x-private", false, true },
        { "abcdefgh", false, true },
        { "en-abcdefgh", false, true },
        { "abcdefghi", false, false },
        { "en-abcdefghi", false, false },
        { "", false, false },
        { "-", false, false },
        { "ko-", false, false },
        { "-ko", false, false },
        { "ko--KR", false, false },
        { "ko_KR", false, false },
        { "ko KR", false, false },
        { "*", false, false },
        { "ko-*", false, false },
        { "4en", false, false },
        { "k0", false, false },
        { "en-1234", false, true },
        { "\xed\x95\x9c", false, false },
        { "zh-Hant-", false, false },
        { "pt-BR-", false, false },
        { "es-419-", false, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str s = str_of(rows[i].text);
        if (is_language_tag(s) != rows[i].tag || is_language_range(s) != rows[i].range)
            fail_msg("\"%s\" %s a tag, %s a range", rows[i].text, is_language_tag(s) ? "is" : "is not",
                     is_language_range(s) ? "is" : "is not");
        if (rows[i].tag)
            assert_true(s.n < LANGUAGE_TAG_BYTES);
    }
}

static void matches_up_to_a_hyphen(void **state)
{
    static const struct {
        const char *range, *tag;
        bool matches;
    } rows[] = {
        { "zh", "zh", true },           { "ZH", "zh", true },
        { "zh", "zh-Hant", true },      { "zh-hant", "zh-Hant", true },
        { "zh-Han", "zh-Hant", false }, { "z", "zh", false },
        { "zh-Hant", "zh", false },     { "", "zh", false },
        { "en", "zh", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (language_matches(str_of(rows[i].range), str_of(rows[i].tag)) != rows[i].matches)
            fail_msg("%s and %s", rows[i].range, rows[i].tag);
}

static void shortens(void **state)
{
    static const char *const rows[][2] = {
        { "ko-KR", "ko" },
        { "ko", "" },
        { "", "" },
        { "zh-Hant-CN-x-private1-private2", "zh-Hant-CN-x-private1" },
        { "zh-Hant-CN-x-private1", "zh-Hant-CN" },
        { "zh-Hant-CN", "zh-Hant" },
        { "x-a", "" },
        { "i-klingon", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str got = language_shortened(str_of(rows[i][0]));
        if (!str_eq(got, str_of(rows[i][1])))
            fail_msg("%s gives %.*s", rows[i][0], STR_ARGS(got));
    }
}

RUN_TESTS(cmocka_unit_test(knows_tags_and_ranges), cmocka_unit_test(matches_up_to_a_hyphen), cmocka_unit_test(shortens))
