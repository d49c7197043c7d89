#include "test.h"

#include "alloc.h"
#include "domain/fault.h"

static struct arena arena;
static struct faults faults;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    alloc_fail_at(0);
    arena_done(&arena);
    return 0;
}

static void names_every_fault(void **state)
{
    (void)state;
    for (int code = 0; code < FAULT_COUNT_; code++) {
        const char *name = fault_name((enum fault_code)code);
        if (!name || !*name || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
            fail_msg("fault %d has no name or a bad one", code);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(name, fault_name((enum fault_code)other));
    }
    assert_string_equal(fault_name(FAULT_CONFLICT), "conflicting_members");
    assert_string_equal(fault_name(FAULT_DATE_IN_FUTURE), "date_in_future");
}

/* RFC 6901: ~ is written ~0 and / is written ~1; anything else stands for itself. */
static void writes_pointers(void **state)
{
    static const struct {
        struct str steps[6];
        const char *pointer;
    } rows[] = {
        { { STR("subject") }, "/subject" },
        { { STR("subject"), STR("ref") }, "/subject/ref" },
        { { STR("") }, "/" },
        { { STR(""), STR("") }, "//" },
        { { STR("a/b") }, "/a~1b" },
        { { STR("m~n") }, "/m~0n" },
        { { STR("~1") }, "/~01" },
        { { STR("/~/~") }, "/~1~0~1~0" },
        { { STR("~"), STR("/"), STR("x") }, "/~0/~1/x" },
        { { STR(" "), STR("\""), STR("\\"), STR("%25") }, "/ /\"/\\/%25" },
        { { STR("\xC3\xA4") }, "/\xC3\xA4" },
        { { STR("history"), STR("conditions"), STR("0"), STR("id") }, "/history/conditions/0/id" },
    };
    (void)state;
    assert_str(where_pointer(&arena, NULL), STR(""));
    assert_non_null(where_pointer(&arena, NULL).p);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct where steps[ARRAY_LEN(rows[0].steps)];
        size_t n = 0;
        for (; n < ARRAY_LEN(steps) && rows[i].steps[n].p; n++)
            steps[n] = (struct where){ .up = n ? &steps[n - 1] : NULL, .member = rows[i].steps[n] };
        struct str p = where_pointer(&arena, &steps[n - 1]);
        assert_str(p, str_of(rows[i].pointer));
        assert_int_equal(p.p[p.n], '\0');
    }
}

static void writes_indices_into_pointers(void **state)
{
    static const struct {
        size_t index;
        const char *pointer;
    } rows[] = {
        { 0, "/list/0/x" },
        { 9, "/list/9/x" },
        { 10, "/list/10/x" },
        { 499, "/list/499/x" },
        { 4294967296, "/list/4294967296/x" },
        { SIZE_MAX, "/list/18446744073709551615/x" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct where *list = WHERE_MEMBER(NULL, STR("list"));
        const struct where *item = WHERE_INDEX(list, rows[i].index);
        assert_str(where_pointer(&arena, WHERE_MEMBER(item, STR("x"))), str_of(rows[i].pointer));
    }
}

static void writes_deep_and_long_pointers(void **state)
{
    enum { DEPTH = 2000, LONG = 70000 };
    static struct where steps[DEPTH];
    static char name[LONG];
    (void)state;
    for (size_t i = 0; i < DEPTH; i++)
        steps[i] = (struct where){ .up = i ? &steps[i - 1] : NULL, .index = i % 10 };
    struct str p = where_pointer(&arena, &steps[DEPTH - 1]);
    assert_int_equal(p.n, 2 * DEPTH);
    for (size_t i = 0; i < DEPTH; i++)
        assert_true(p.p[2 * i] == '/' && p.p[2 * i + 1] == (char)('0' + i % 10));
    memset(name, '/', sizeof(name)); /* each takes two bytes */
    p = where_pointer(&arena, WHERE_MEMBER(NULL, ((struct str){ name, LONG })));
    assert_int_equal(p.n, 1 + 2 * LONG);
    assert_memory_equal(p.p + p.n - 4, "~1~1", 4);
}

static void copies_its_texts(void **state)
{
    char member[] = "member", remedy[] = "send less";
    (void)state;
    faults.item = STR("rule_1");
    fault_add(&faults, FAULT_TOO_MANY, WHERE_MEMBER(NULL, str_of(member)), remedy, "%d are too many", 7);
    memset(member, 'x', sizeof(member) - 1);
    memset(remedy, 'x', sizeof(remedy) - 1);
    faults.item = (struct str){ NULL, 0 };
    fault_add(&faults, FAULT_WRONG_TYPE, NULL, NULL, "no remedy");
    assert_int_equal(faults.n, 2);
    assert_int_equal(faults.total, 2);
    assert_int_equal(faults.at[0].code, FAULT_TOO_MANY);
    assert_str(faults.at[0].item, STR("rule_1"));
    assert_str(faults.at[0].pointer, STR("/member"));
    assert_str(faults.at[0].detail, STR("7 are too many"));
    assert_str(faults.at[0].remedy, STR("send less"));
    assert_int_equal(faults.at[1].code, FAULT_WRONG_TYPE);
    assert_null(faults.at[1].item.p);
    assert_str(faults.at[1].pointer, STR(""));
    assert_str(faults.at[1].remedy, STR(""));
}

static void cuts_a_detail_that_is_too_long(void **state)
{
    static const size_t rows[] = { 254, 255, 256, 257, 5000 };
    static char text[5001];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memset(text, 'd', sizeof(text));
        text[rows[i]] = '\0';
        fault_add(&faults, FAULT_DUPLICATE, NULL, NULL, "%s", text);
        assert_int_equal(faults.at[i].detail.n, rows[i] < 255 ? rows[i] : 255);
    }
}

static void keeps_the_first_hundred_and_counts_them_all(void **state)
{
    static const size_t rows[] = { 0, 1, FAULTS_MAX - 1, FAULTS_MAX, FAULTS_MAX + 1, 3 * FAULTS_MAX };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        faults_init(&faults, &arena);
        for (size_t k = 0; k < rows[i]; k++)
            fault_add(&faults, FAULT_UNKNOWN_ID, WHERE_INDEX(NULL, k), NULL, "number %zu", k);
        assert_int_equal(faults.total, rows[i]);
        assert_int_equal(faults.n, rows[i] < FAULTS_MAX ? rows[i] : FAULTS_MAX);
        for (size_t k = 0; k < faults.n; k++) {
            struct arena scratch;
            arena_init(&scratch, 0);
            assert_str(faults.at[k].detail, arena_printf(&scratch, "number %zu", k));
            assert_str(faults.at[k].pointer, arena_printf(&scratch, "/%zu", k));
            arena_done(&scratch);
        }
    }
}

/* A fault whose text is lost is still a fault. */
static void counts_a_fault_for_which_there_is_no_memory(void **state)
{
    static char long_name[100000];
    (void)state;
    memset(long_name, 'x', sizeof(long_name));
    for (long at = 1; at <= 2; at++) {
        arena_done(&arena);
        faults_init(&faults, &arena);
        alloc_fail_at(at);
        fault_add(&faults, FAULT_TOO_LONG, WHERE_MEMBER(NULL, ((struct str){ long_name, sizeof(long_name) })), "remedy",
                  "detail");
        alloc_fail_at(0);
        assert_int_equal(faults.n, 1);
        assert_int_equal(faults.total, 1);
        assert_int_equal(faults.at[0].code, FAULT_TOO_LONG);
        assert_true(!faults.at[0].pointer.p == (at == 1) && !faults.at[0].detail.p == (at == 2));
        assert_int_equal(faults.at[0].pointer.n, at == 1 ? 0 : 1 + sizeof(long_name));
    }
    struct arena small;
    arena_init(&small, 1); /* nothing at all fits */
    faults_init(&faults, &small);
    for (int i = 0; i < FAULTS_MAX + 1; i++)
        fault_add(&faults, FAULT_TOO_LONG, WHERE_INDEX(NULL, 3), "remedy", "detail");
    assert_int_equal(faults.n, FAULTS_MAX);
    assert_int_equal(faults.total, FAULTS_MAX + 1);
    assert_null(faults.at[0].pointer.p);
    assert_int_equal(faults.at[0].detail.n + faults.at[0].remedy.n, 0);
    arena_done(&small);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(names_every_fault), TEST(writes_pointers), TEST(writes_indices_into_pointers),
          TEST(writes_deep_and_long_pointers), TEST(copies_its_texts), TEST(cuts_a_detail_that_is_too_long),
          TEST(keeps_the_first_hundred_and_counts_them_all), TEST(counts_a_fault_for_which_there_is_no_memory))
