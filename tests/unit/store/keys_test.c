/* Clinics and keys: answers of the database that are not what was asked for, and waiting for its word. */
#include "test.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "alloc.h"
#include "base/date.h"
#include "store/fake_server.h"
#include "store/store.h"

static struct store *store;
static struct arena arena;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    fake_will_say((struct fake_reply){ .columns = 0 });
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

static enum rc read_registry(void)
{
    struct clinic_entry *clinics;
    struct key_entry *keys;
    size_t n_clinics, n_keys;
    return store_registry_read(store, &arena, &clinics, &n_clinics, &keys, &n_keys, &err);
}

static enum rc list_clinics(void)
{
    struct clinic_row *rows;
    size_t n;
    return store_clinic_list(store, &arena, &rows, &n, &err);
}

static enum rc list_keys(void)
{
    struct key_row *rows;
    size_t n;
    return store_key_list(store, NULL, &arena, &rows, &n, &err);
}

static enum rc revoke_key(void)
{
    bool revoked;
    return store_key_revoke(store, "aaaaaaaaaaaa", &revoked, &err);
}

static enum rc create_clinic(void)
{
    return store_clinic_create(store, "c", "C", false, 1, &err);
}

static enum rc create_key(void)
{
    return store_key_create(store, &(struct new_key){ "c", "n", "aaaaaaaaaaaa", "00", NULL, 1, 0 }, &err);
}

static enum rc close_clinic(void)
{
    return store_clinic_close(store, "c", &err);
}

static enum rc note_use(void)
{
    return store_keys_used(store, "{}", &err);
}

static enum rc listen_to(void)
{
    return store_listen(store, "a \"channel\"", &err);
}

static enum rc (*const all[])(void) = { read_registry, list_clinics, list_keys, revoke_key, create_clinic,
                                        create_key,    close_clinic, note_use,  listen_to };

static const char *const values[] = { "c1", "t", "2026-11-20T10:00:00Z", "", "f", "30", "7", "8", "9", "10" };

static void refuses_a_form_that_it_does_not_expect(void **state)
{
    (void)state;
    for (int columns = 1; columns <= 10; columns++) {
        fake_will_say((struct fake_reply){ .columns = columns, .rows = 1, .values = values });
        assert_int_equal(read_registry(), RC_INTERNAL); /* clinics have two columns, keys five */
        assert_int_equal(list_clinics(), columns == 6 ? RC_OK : RC_INTERNAL);
        assert_int_equal(list_keys(), RC_INTERNAL);
    }
    struct clinic_row *rows;
    size_t n = 0;
    fake_will_say((struct fake_reply){ .columns = 6, .rows = 1, .values = values });
    assert_int_equal(store_clinic_list(store, &arena, &rows, &n, &err), RC_OK);
    assert_int_equal(n, 1);
    assert_str(rows[0].id, STR("c1"));
    assert_int_equal(rows[0].retention_days, 30);
}

static void says_what_there_is_not(void **state)
{
    struct key_row *rows;
    size_t n = 7;
    (void)state;
    fake_will_say((struct fake_reply){ .columns = 6 });
    assert_int_equal(store_key_list(store, NULL, &arena, &rows, &n, &err), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(store_key_list(store, "c", &arena, &rows, &n, &err), RC_NOT_FOUND);
    assert_string_equal(err.text, "there is no clinic c: see palpate clinic list");
    assert_int_equal(revoke_key(), RC_NOT_FOUND);
    assert_string_equal(err.text, "no clinic has a key aaaaaaaaaaaa: see palpate key list");
    assert_int_equal(create_key(), RC_NOT_FOUND);
    fake_will_say((struct fake_reply){ .sqlstate = "23505", .message = "a message" });
    assert_int_equal(create_clinic(), RC_STORE_REFUSED);
    assert_string_equal(err.text, "there is a clinic c already");
    fake_will_say((struct fake_reply){ .sqlstate = "42P01", .message = "a message" });
    enum rc (*const tables[])(void) = { read_registry, list_clinics, list_keys, create_clinic, create_key };
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        assert_int_equal(tables[i](), RC_NO_CATALOGUE);
        assert_non_null(strstr(err.text, "run palpate migrate"));
    }
}

static void says_when_the_connection_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        fake_will_say((struct fake_reply){ .hang_up = true });
        err = (struct error){ .code = RC_OK };
        if (all[i]() != RC_STORE_DOWN || err.code != RC_STORE_DOWN || strlen(err.text) < 40)
            fail_msg("function %zu: %s: %s", i, rc_name(err.code), err.text);
        assert_null(strstr(err.text, "s3cret-pw"));
        fake_will_say((struct fake_reply){ .columns = 0 });
        assert_int_equal(store_ping(store, &err), RC_OK); /* connects again */
    }
}

/* The registry is read by a thread that must be able to stop. */
static void waits_for_an_answer_for_some_seconds_only(void **state)
{
    (void)state;
    fake_will_say((struct fake_reply){ .silent = true });
    int64_t from = clock_ms();
    assert_int_equal(read_registry(), RC_STORE_DOWN);
    assert_in_range(clock_ms() - from, 3000, 8000);
    assert_string_equal(err.text, "could not reach the database: it gives no answer");
    fake_will_say((struct fake_reply){ .columns = 0 });
    assert_int_equal(store_ping(store, &err), RC_OK);
}

static void waits_until_it_is_woken(void **state)
{
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool heard = true;
    (void)state;
    int64_t from = clock_ms();
    assert_int_equal(store_wait(store, wake, 200, &heard, &err), RC_OK);
    assert_false(heard);
    assert_in_range(clock_ms() - from, 190, 2000);
    assert_int_equal(write(wake, &(uint64_t){ 1 }, 8), 8);
    from = clock_ms();
    assert_int_equal(store_wait(store, wake, 5000, &heard, &err), RC_OK);
    assert_false(heard);
    assert_in_range(clock_ms() - from, 0, 1000);
    (void)pthread_mutex_lock(&fake.lock);
    (void)shutdown(fake.client, SHUT_RDWR);
    (void)pthread_mutex_unlock(&fake.lock);
    enum rc rc = RC_OK;
    for (int i = 0; i < 100 && rc == RC_OK; i++)
        rc = store_wait(store, wake, 20, &heard, &err);
    assert_int_equal(rc, RC_STORE_DOWN);
    (void)close(wake);
}

static void does_without_being_told_by_a_standby(void **state)
{
    (void)state;
    fake_will_say((struct fake_reply){ .sqlstate = "25006", .message = "cannot execute LISTEN during recovery" });
    assert_int_equal(listen_to(), RC_OK);
    fake_will_say((struct fake_reply){ .sqlstate = "42501", .message = "a message" });
    assert_int_equal(listen_to(), RC_STORE_REFUSED);
}

static void says_when_memory_is_out(void **state)
{
    (void)state;
    fake_will_say((struct fake_reply){ .columns = 6, .rows = 1, .values = values });
    alloc_fail_at(1);
    assert_int_equal(list_clinics(), RC_OOM);
    alloc_fail_at(0);
    fake_will_say((struct fake_reply){ .columns = 2, .rows = 1, .values = values });
    arena_done(&arena);
    alloc_fail_at(1);
    assert_int_equal(read_registry(), RC_OOM);
    alloc_fail_at(0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(refuses_a_form_that_it_does_not_expect), TEST(says_what_there_is_not),
          TEST(says_when_the_connection_is_lost), TEST(waits_for_an_answer_for_some_seconds_only),
          TEST(waits_until_it_is_woken), TEST(does_without_being_told_by_a_standby), TEST(says_when_memory_is_out))
