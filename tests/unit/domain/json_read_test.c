/* Reading texts, booleans, dates, words, lists and objects. */
#include "test.h"

#include <stdio.h>

#include "domain/reading.h"

static void has_no_string_without_memory(void **state)
{
    struct str s;
    struct arena small;
    json_t *v = value("\"text\"");
    (void)state;
    arena_init(&small, 1);
    faults_init(&faults, &small);
    assert_false(json_read_str(v, 5, AT, &faults, &s));
    json_decref(v);
}

/* Lengths are in characters: the euro sign has three bytes, an emoji four. */
static void reads_strings(void **state)
{
    static const struct {
        const char *text;
        int want;
    } rows[] = {
        { NULL, NOTHING },
        { "\"a\"", GOOD },
        { "\"abcd\"", GOOD },
        { "\"abcde\"", GOOD },
        { "\"abcdef\"", FAULT_TOO_LONG },
        { "\"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\"", GOOD },
        { "\"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC.\"", FAULT_TOO_LONG },
        { "\"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xC3\xA9\"", GOOD },
        { "\"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xC3\xA9\xC3\xA9\"", FAULT_TOO_LONG },
        { "\"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\\u00e9\\u00e9\"", GOOD },
        { "\" \"", GOOD },
        { "\"\\n\\t\\\"\\\\\"", GOOD },
        { "\"\"", FAULT_OUT_OF_RANGE },
        { "5", FAULT_WRONG_TYPE },
        { "true", FAULT_WRONG_TYPE },
        { "null", FAULT_WRONG_TYPE },
        { "[\"a\"]", FAULT_WRONG_TYPE },
        { "{}", FAULT_WRONG_TYPE },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = STR("before");
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_str(v, 5, AT, &faults, &s), rows[i].want);
        if (rows[i].want == GOOD) {
            assert_str(s, ((struct str){ json_string_value(v), json_string_length(v) }));
            assert_ptr_not_equal(s.p, json_string_value(v)); /* it outlives the JSON value */
        } else {
            assert_str(s, STR("before"));
        }
        if (rows[i].want == FAULT_TOO_LONG)
            assert_str(faults.at[0].remedy, STR("send 1 to 5 characters"));
        json_decref(v);
    }
}

static void says_which_text_fits(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } rows[] = {
        { "", false },
        { "a", true },
        { "abcde", true },
        { "abcdef", false },
        { "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", true },
        { "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC.", false },
        { "\xFF", false },
        { "\xE2\x82", false },
        { "\xC0\x80", false },     /* a zero byte, too long */
        { "\xED\xA0\x80", false }, /* half of a pair */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (json_str_fits(str_of(rows[i].text), 5) != rows[i].want)
            fail_msg("row %zu", i);
}

static void reads_booleans(void **state)
{
    static const struct number_row rows[] = {
        { NULL, NOTHING, 0 },
        { "true", GOOD, 1 },
        { "false", GOOD, 0 },
        { "0", FAULT_WRONG_TYPE, 0 },
        { "1", FAULT_WRONG_TYPE, 0 },
        { "\"true\"", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "[]", FAULT_WRONG_TYPE, 0 },
        { "{}", FAULT_WRONG_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int before = 0; before < 2; before++) {
            bool b = before;
            json_t *v = value(rows[i].text);
            faults_init(&faults, &arena);
            check(rows[i].text, json_read_bool(v, AT, &faults, &b), rows[i].want);
            assert_int_equal(b, rows[i].want == GOOD ? rows[i].number : before);
            json_decref(v);
        }
    }
}

static void reads_dates(void **state)
{
    static const struct number_row rows[] = {
        { NULL, NOTHING, 0 },
        { "\"1970-01-01\"", GOOD, 0 },
        { "\"2026-11-20\"", GOOD, 20777 },
        { "\"2024-02-29\"", GOOD, 19782 },
        { "\"9999-12-31\"", GOOD, 2932896 },
        { "\"2026-02-29\"", FAULT_INVALID_DATE, 0 },
        { "\"2026-13-01\"", FAULT_INVALID_DATE, 0 },
        { "\"2026-00-01\"", FAULT_INVALID_DATE, 0 },
        { "\"20.11.2026\"", FAULT_INVALID_DATE, 0 },
        { "\"2026-11-20T00:00:00Z\"", FAULT_INVALID_DATE, 0 },
        { "\" 2026-11-20\"", FAULT_INVALID_DATE, 0 },
        { "\"\"", FAULT_INVALID_DATE, 0 },
        { "\"today\"", FAULT_INVALID_DATE, 0 },
        { "20261120", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "[\"2026-11-20\"]", FAULT_WRONG_TYPE, 0 },
        { "true", FAULT_WRONG_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t day = 12345;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_date(v, AT, &faults, &day), rows[i].want);
        if (day != (rows[i].want == GOOD ? rows[i].number : 12345))
            fail_msg("%s was read as day %d", rows[i].text, day);
        json_decref(v);
    }
}

static void reads_words_and_lists_them_all_when_it_knows_none(void **state)
{
    static const struct number_row rows[] = {
        { NULL, NOTHING, 0 },
        { "\"left\"", GOOD, SIDE_LEFT },
        { "\"midline\"", GOOD, SIDE_MIDLINE },
        { "\"l\\u0065ft\"", GOOD, SIDE_LEFT },
        { "\"Left\"", FAULT_UNKNOWN_VALUE, 0 },
        { "\"left \"", FAULT_UNKNOWN_VALUE, 0 },
        { "\"lef\"", FAULT_UNKNOWN_VALUE, 0 },
        { "\"head\"", FAULT_UNKNOWN_VALUE, 0 },
        { "\"\"", FAULT_UNKNOWN_VALUE, 0 },
        { "0", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "[\"left\"]", FAULT_WRONG_TYPE, 0 },
        { "{}", FAULT_WRONG_TYPE, 0 },
        { "false", FAULT_WRONG_TYPE, 0 },
    };
    static const struct vocabulary *const all[] = {
#define V(stem, prefix) &stem##_vocabulary,
        VOCABULARY_LIST(V)
#undef V
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int word = 12345;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        check(rows[i].text, json_read_word(v, &side_vocabulary, AT, &faults, &word), rows[i].want);
        assert_int_equal(word, rows[i].want == GOOD ? rows[i].number : 12345);
        if (rows[i].want == FAULT_UNKNOWN_VALUE)
            assert_str(faults.at[0].remedy, STR("send one of: left, right, both, midline"));
        json_decref(v);
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        int word;
        json_t *v = value("\"?\"");
        faults_init(&faults, &arena);
        assert_false(json_read_word(v, all[i], AT, &faults, &word));
        struct str last = all[i]->names[all[i]->n - 1], remedy = faults.at[0].remedy;
        assert_str(((struct str){ remedy.p + remedy.n - last.n, last.n }), last);
        json_decref(v);
    }
}

static void reads_arrays_up_to_their_limit(void **state)
{
    static const struct {
        const char *text;
        int want;
        size_t n;
    } rows[] = {
        { NULL, NOTHING, 0 },
        { "[]", GOOD, 0 },
        { "[1]", GOOD, 1 },
        { "[1,2]", GOOD, 2 },
        { "[null,null,null]", GOOD, 3 },
        { "[1,2,3,4]", FAULT_TOO_MANY, 0 },
        { "[1,2,3,4,5,6,7,8,9]", FAULT_TOO_MANY, 0 },
        { "{}", FAULT_WRONG_TYPE, 0 },
        { "{\"0\":1}", FAULT_WRONG_TYPE, 0 },
        { "\"[]\"", FAULT_WRONG_TYPE, 0 },
        { "null", FAULT_WRONG_TYPE, 0 },
        { "3", FAULT_WRONG_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        assert_int_equal(json_read_array(v, 3, AT, &faults), rows[i].n);
        check(rows[i].text, rows[i].want == GOOD, rows[i].want);
        if (rows[i].want == FAULT_TOO_MANY)
            assert_str(faults.at[0].remedy, STR("send at most 3"));
        json_decref(v);
    }
}

static void reads_objects_with_known_members(void **state)
{
    static const struct json_member members[] = { { "must", true }, { "may", false }, { "also", true } };
    static const struct {
        const char *text, *faults; /* "code pointer", in the order in which they are found */
    } rows[] = {
        { "{\"must\":1,\"also\":2}", "" },
        { "{\"may\":null,\"also\":null,\"must\":null}", "" }, /* null is there; its reader refuses it */
        { "{}", "missing_member /x/must missing_member /x/also " },
        { "{\"must\":1}", "missing_member /x/also " },
        { "{\"must\":1,\"also\":2,\"other\":3}", "unknown_member /x/other " },
        { "{\"must\":1,\"also\":2,\"a/b~c\":3,\"\":4}", "unknown_member /x/a~1b~0c unknown_member /x/ " },
        { "{\"must\":1,\"also\":2,\"Must\":3}", "unknown_member /x/Must " },
        { "{\"must\":1,\"also\":2,\"mus\":3,\"must2\":4}", "unknown_member /x/mus unknown_member /x/must2 " },
        { "{\"other\":1}", "unknown_member /x/other missing_member /x/must missing_member /x/also " },
        { "[]", "wrong_type /x " },
        { "null", "wrong_type /x " },
        { "\"must\"", "wrong_type /x " },
        { "0", "wrong_type /x " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char got[512] = "";
        size_t n = 0;
        json_t *v = value(rows[i].text);
        faults_init(&faults, &arena);
        bool good = json_read_object(v, members, ARRAY_LEN(members), WHERE_MEMBER(NULL, STR("x")), &faults);
        for (size_t k = 0; k < faults.n; k++) {
            n += (size_t)snprintf(got + n, sizeof(got) - n, "%s %s ", fault_name(faults.at[k].code),
                                  faults.at[k].pointer.p);
            if (faults.at[k].code == FAULT_UNKNOWN_MEMBER)
                assert_str(faults.at[k].remedy, STR("known members: must, may, also"));
        }
        if (strcmp(got, rows[i].faults) != 0 || good != !*rows[i].faults)
            fail_msg("%s: %s", rows[i].text, got);
        json_decref(v);
    }
    faults_init(&faults, &arena);
    assert_false(json_read_object(NULL, members, ARRAY_LEN(members), NULL, &faults));
    assert_int_equal(faults.total, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(reads_strings), TEST(says_which_text_fits), TEST(has_no_string_without_memory), TEST(reads_booleans),
          TEST(reads_dates), TEST(reads_words_and_lists_them_all_when_it_knows_none),
          TEST(reads_arrays_up_to_their_limit), TEST(reads_objects_with_known_members))
