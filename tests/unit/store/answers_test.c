/* Answers of the database that are not what was asked for, and those that are. */
#include "test.h"

#include "alloc.h"
#include "store/fake_server.h"
#include "store/store.h"

static struct store *store;
static struct arena arena;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return store_open(fake_conninfo(fake_start(0)), STORE_AS_LOGIN, &store, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    fake_stop();
    arena_done(&arena);
    return 0;
}

static void say_rows(int columns, int rows, const char *const *values)
{
    fake_will_say((struct fake_reply){ .columns = columns, .rows = rows, .values = values });
}

static const char *const values[] = { "7",
                                      "2026.1",
                                      "abc",
                                      "2026-11-20T10:00:00Z",
                                      "t",
                                      "1",
                                      "2",
                                      "3",
                                      "4",
                                      "5",
                                      "checked",
                                      "t",
                                      "1",
                                      "3",
                                      "Anna",
                                      "Ben",
                                      "2026-11-19T10:00:00Z",
                                      "0",
                                      "9",
                                      "",
                                      "",
                                      "",
                                      "",
                                      "core",
                                      "Title",
                                      "6",
                                      "2025.9",
                                      "def",
                                      "2025-11-20T10:00:00Z",
                                      "f",
                                      "0",
                                      "0",
                                      "0",
                                      "0",
                                      "0",
                                      "draft",
                                      "f",
                                      "0",
                                      "1",
                                      "Anna",
                                      "",
                                      "",
                                      "-1",
                                      "-1",
                                      "",
                                      "",
                                      "",
                                      "",
                                      "core",
                                      "Title" };

static enum rc load(int32_t version)
{
    struct str text;
    return store_catalogue_load(store, version, &arena, &text, &err);
}

static enum rc list(void)
{
    struct catalogue_row *rows;
    size_t n;
    return store_catalogue_list(store, "", 0, &arena, &rows, &n, &err);
}

static enum rc save(void)
{
    struct catalogue_saved saved;
    return store_catalogue_save(store, STR("{}"), "abc", "Anna", (struct review_counts){ 0 }, false, &saved, &err);
}

static void loads_a_document(void **state)
{
    struct str text;
    (void)state;
    say_rows(1, 1, (const char *const[]){ "{\"a\":1}" });
    assert_int_equal(store_catalogue_load(store, 0, &arena, &text, &err), RC_OK);
    assert_str(text, STR("{\"a\":1}"));
    say_rows(1, 0, NULL);
    assert_int_equal(load(0), RC_NO_CATALOGUE);
    assert_non_null(strstr(err.text, "palpate catalogue load"));
    assert_int_equal(load(17), RC_NOT_FOUND);
    assert_string_equal(err.text, "the database has no catalogue version 17");
}

static void lists_what_there_is(void **state)
{
    struct catalogue_row *rows;
    size_t n = 17;
    (void)state;
    say_rows(25, 2, values);
    assert_int_equal(store_catalogue_list(store, "", 0, &arena, &rows, &n, &err), RC_OK);
    assert_int_equal(n, 2);
    assert_str(rows[0].label, STR("2026.1"));
    assert_str(rows[0].digest, STR("abc"));
    assert_str(rows[0].loaded_at, STR("2026-11-20T10:00:00Z"));
    assert_true(rows[0].version == 7 && rows[0].active && rows[0].facts == 1 && rows[0].rules == 2 &&
                rows[0].techniques == 3 && rows[0].courses == 4 && rows[0].evidence == 5);
    assert_str(rows[0].state, STR("checked"));
    assert_str(rows[0].checked_at, STR("2026-11-19T10:00:00Z"));
    assert_str(rows[0].signed_off_by, STR(""));
    assert_true(rows[0].own && rows[0].clinics == 1 && rows[0].revision == 3 && rows[0].findings == 0 &&
                rows[0].accepted == 9);
    assert_true(rows[1].version == 6 && !rows[1].active && !rows[1].own && rows[1].findings == -1);
    say_rows(25, 0, NULL);
    assert_int_equal(store_catalogue_list(store, "", 6, &arena, &rows, &n, &err), RC_NOT_FOUND);
    say_rows(25, 0, NULL);
    assert_int_equal(store_catalogue_list(store, "", 0, &arena, &rows, &n, &err), RC_OK);
    assert_int_equal(n, 0);
}

static void stores_a_document(void **state)
{
    struct catalogue_saved got = { 0 };
    (void)state;
    say_rows(3, 1, (const char *const[]){ "12", "t", "t" });
    assert_int_equal(
        store_catalogue_save(store, STR("{}"), "abc", "Anna", (struct review_counts){ 2, 3 }, true, &got, &err), RC_OK);
    assert_true(got.version == 12 && got.created && got.in_force);
    say_rows(3, 1, (const char *const[]){ "12", "f", "f" });
    assert_int_equal(store_catalogue_draft(store, STR("{}"), "abc", "Anna", &got, &err), RC_OK);
    assert_true(got.version == 12 && !got.created && !got.in_force);
}

static void tells_what_is_in_force_and_what_happened(void **state)
{
    struct in_force_row *rows;
    struct catalogue_event_row *events;
    size_t n;
    (void)state;
    say_rows(5, 2, (const char *const[]){ "", "3", "abc", "0", "", "north", "7", "def", "2", "fed" });
    assert_int_equal(store_catalogue_in_force(store, &arena, &rows, &n, &err), RC_OK);
    assert_true(n == 2 && rows[0].version == 3 && rows[1].version == 7);
    assert_str(rows[1].clinic, STR("north"));
    assert_str(rows[1].digest, STR("def"));
    assert_true(rows[0].overlay == 0 && rows[1].overlay == 2);
    assert_str(rows[1].overlay_digest, STR("fed"));
    say_rows(5, 1, (const char *const[]){ "north", "7", "def", "0", "" }); /* none for all */
    assert_int_equal(store_catalogue_in_force(store, &arena, &rows, &n, &err), RC_NO_CATALOGUE);
    say_rows(2, 1, values);
    assert_int_equal(store_catalogue_in_force(store, &arena, &rows, &n, &err), RC_INTERNAL);
    say_rows(6, 1, (const char *const[]){ "2026-11-20T10:00:00Z", "Anna", "retired", "4", "", "" });
    assert_int_equal(store_catalogue_history(store, "", 0, &arena, &events, &n, &err), RC_OK);
    assert_true(n == 1 && events[0].version == 4 && events[0].clinic.n == 0);
    assert_str(events[0].action, STR("retired"));
    say_rows(5, 1, values);
    assert_int_equal(store_catalogue_history(store, "", 0, &arena, &events, &n, &err), RC_INTERNAL);
}

static void takes_every_step(void **state)
{
    static const struct {
        const char *sqlstate;
        enum rc rc;
    } rows[] = { { "P0002", RC_NOT_FOUND },
                 { "PL412", RC_PRECONDITION_FAILED },
                 { "55000", RC_CONFLICT },
                 { "42883", RC_NO_CATALOGUE },
                 { "42501", RC_STORE_REFUSED } };
    struct catalogue_change change = {
        .version = 3, .actor = "Anna", .clinic = "north", .room = 100, .signed_off_by = "Ben"
    };
    (void)state;
    for (int step = 0; step < STEP_COUNT_; step++) {
        say_rows(1, 1, values);
        assert_int_equal(store_catalogue_change(store, (enum catalogue_step)step, &change, &err), RC_OK);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            fake_will_say((struct fake_reply){ .sqlstate = rows[i].sqlstate, .message = "a message" });
            assert_int_equal(store_catalogue_change(store, (enum catalogue_step)step, &change, &err), rows[i].rc);
        }
        say_rows(1, 1, values);
        change.room = 0;
        assert_int_equal(store_catalogue_change(store, (enum catalogue_step)step, &change, &err),
                         step == STEP_ACTIVATE ? RC_CONFLICT : RC_OK);
        change.room = 100;
    }
}

static void refuses_a_form_that_it_does_not_expect(void **state)
{
    (void)state;
    for (int columns = 1; columns <= 26; columns++) {
        say_rows(columns, 1, values);
        enum rc loaded = load(0), saved = save(), listed = list();
        if (loaded != (columns == 1 ? RC_OK : RC_INTERNAL) || saved != (columns == 3 ? RC_OK : RC_INTERNAL) ||
            listed != (columns == 25 ? RC_OK : RC_INTERNAL))
            fail_msg("%d columns: %s, %s, %s", columns, rc_name(loaded), rc_name(saved), rc_name(listed));
    }
    say_rows(3, 0, NULL);
    assert_int_equal(save(), RC_INTERNAL);
    say_rows(3, 2, values);
    assert_int_equal(save(), RC_INTERNAL);
    fake_will_say((struct fake_reply){ .columns = 0 }); /* no rows where some are asked for */
    assert_int_not_equal(load(0), RC_OK);
    assert_int_not_equal(save(), RC_OK);
    assert_int_not_equal(list(), RC_OK);
}

static void says_what_to_do_when_the_schema_is_not_there(void **state)
{
    static const struct {
        const char *sqlstate;
        enum rc rc;
    } rows[] = { { "3F000", RC_NO_CATALOGUE },  { "42P01", RC_NO_CATALOGUE }, { "42883", RC_NO_CATALOGUE },
                 { "42P02", RC_STORE_REFUSED }, { "57014", RC_STORE_DOWN },   { "42501", RC_STORE_REFUSED } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        fake_will_say((struct fake_reply){ .sqlstate = rows[i].sqlstate, .message = "a message" });
        if (load(0) != rows[i].rc || save() != rows[i].rc || list() != rows[i].rc)
            fail_msg("%s: %s", rows[i].sqlstate, rc_name(err.code));
        assert_true(!strstr(err.text, "palpate migrate") == (rows[i].rc != RC_NO_CATALOGUE));
    }
}

static void says_when_memory_is_out(void **state)
{
    (void)state;
    say_rows(1, 1, values);
    alloc_fail_at(1);
    assert_int_equal(load(0), RC_OOM);
    say_rows(25, 2, values);
    alloc_fail_at(1);
    assert_int_equal(list(), RC_OOM);
    alloc_fail_at(0);
}

static void says_when_the_connection_is_lost_on_the_way(void **state)
{
    enum rc (*const rows[])(void) = { save, list };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        fake_will_say((struct fake_reply){ .hang_up = true });
        err = (struct error){ .code = RC_OK };
        assert_int_equal(rows[i](), RC_STORE_DOWN);
        assert_int_equal(err.code, RC_STORE_DOWN);
        assert_null(strstr(err.text, "s3cret-pw"));
        fake_will_say((struct fake_reply){ .columns = 0 });
        assert_int_equal(store_ping(store, &err), RC_OK); /* connects again */
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(loads_a_document), TEST(lists_what_there_is), TEST(stores_a_document),
          TEST(tells_what_is_in_force_and_what_happened), TEST(takes_every_step),
          TEST(refuses_a_form_that_it_does_not_expect), TEST(says_what_to_do_when_the_schema_is_not_there),
          TEST(says_when_memory_is_out), TEST(says_when_the_connection_is_lost_on_the_way))
