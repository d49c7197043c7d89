/* Connections that cannot be made, and those that are lost. */
#include "test.h"

#include "alloc.h"
#include "store/fake_server.h"
#include "store/store.h"

#define SECRET "s3cret-pw"

/* A port that nobody listens on. */
static uint16_t free_port(void)
{
    uint16_t port = fake_start(0);
    fake_stop();
    return port;
}

static void check_error(const char *what, const struct error *err)
{
    if (strncmp(err->text, "could not reach the database: ", 30) != 0 || strlen(err->text) < 40 ||
        strpbrk(err->text, "\n\r\t"))
        fail_msg("%s: this is not a sentence: \"%s\"", what, err->text);
    if (strstr(err->text, SECRET))
        fail_msg("%s: the text holds the password: \"%s\"", what, err->text);
}

static void says_that_the_database_is_down_and_keeps_the_password(void **state)
{
    static const char *const rows[] = {
        "host=127.0.0.1 port=%u password=" SECRET,
        "postgresql://u:" SECRET "@127.0.0.1:%u/d",
        "postgres://u:" SECRET "@127.0.0.1:%u/d?sslmode=disable",
        "postgresql://127.0.0.1:%u/d?user=u&password=" SECRET,
        "host=127.0.0.1,127.0.0.1 port=%u,%u password=" SECRET,
        "host=/nonexistent port=%u password=" SECRET,
        "host=127.0.0.1 port=%u user=u password='" SECRET " with \\' and \\\\'",
    };
    unsigned port = free_port();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store *store = NULL;
        struct error err = { .code = RC_OK };
        char conninfo[256];
        size_t n = 0;
        for (const char *p = rows[i]; *p; p++) { /* the port for each %u */
            bool here = p[0] == '%' && p[1] == 'u';
            n += (size_t)(here ? snprintf(conninfo + n, sizeof(conninfo) - n, "%u", port)
                               : snprintf(conninfo + n, sizeof(conninfo) - n, "%c", *p));
            p += here;
        }
        if (store_open(conninfo, STORE_AS_LOGIN, &store, &err) != RC_STORE_DOWN || err.code != RC_STORE_DOWN || store)
            fail_msg("%s: %s", rows[i], rc_name(err.code));
        check_error(rows[i], &err);
    }
}

/* What cannot be read as an address at all. */
static void keeps_the_password_when_the_address_is_wrong(void **state)
{
    static const char *const rows[] = {
        "host=127.0.0.1 port=99999 password=" SECRET,      "host=127.0.0.1 port=x password=" SECRET,
        "host=127.0.0.1 sslmode=x password=" SECRET,       "host=127.0.0.1 unheard=x password=" SECRET,
        "postgresql://u:" SECRET "@127.0.0.1:99999/d",     "postgresql://u:" SECRET "@127.0.0.1:x/d",
        "postgresql://u:" SECRET "@127.0.0.1/d?unheard=x", "host=127.0.0.1 password='" SECRET,
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store *store = NULL;
        struct error err = { .code = RC_OK };
        enum rc rc = store_open(rows[i], STORE_AS_LOGIN, &store, &err);
        if ((rc != RC_STORE_DOWN && rc != RC_SETTING) || err.code != rc || store)
            fail_msg("%s: %s", rows[i], rc_name(rc));
        if (strstr(err.text, SECRET) || strlen(err.text) < 20 || strchr(err.text, '\n'))
            fail_msg("%s: %s", rows[i], err.text);
    }
}

static void says_when_memory_is_out(void **state)
{
    struct store *store = NULL;
    struct error err;
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(store_open("host=127.0.0.1", STORE_AS_LOGIN, &store, &err), RC_OOM);
    alloc_fail_at(0);
    assert_int_equal(err.code, RC_OOM);
    assert_null(store);
    store_close(NULL);
    store_closep(&store);
}

static void reaches_a_server_that_is_there(void **state)
{
    uint16_t port = fake_start(0);
    struct store *store = NULL;
    struct error err = { .code = RC_OK };
    (void)state;
    fake_will_say((struct fake_reply){ .columns = 1, .rows = 1, .values = (const char *const[]){ "1" } });
    if (store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err) != RC_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_ping(store, &err), RC_OK);
    assert_int_equal(err.code, RC_OK);
    store_close(store);
    fake_stop();
}

static void connects_again_when_the_connection_is_lost(void **state)
{
    uint16_t port = fake_start(0);
    int before = atomic_load(&fake_connections);
    struct store *store = NULL;
    struct error err;
    (void)state;
    fake_will_say((struct fake_reply){ .columns = 0 });
    assert_int_equal(store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err), RC_OK);
    assert_int_equal(store_ping(store, &err), RC_OK);
    fake_stop();
    for (int i = 0; i < 3; i++) { /* while it is away */
        err = (struct error){ .code = RC_OK };
        assert_int_equal(store_ping(store, &err), RC_STORE_DOWN);
        check_error("ping", &err);
    }
    assert_int_equal(fake_start(port), port);
    assert_int_equal(store_ping(store, &err), RC_OK);
    assert_int_equal(store_ping(store, &err), RC_OK);
    assert_int_equal(atomic_load(&fake_connections), before + 2);
    store_close(store);
    fake_stop();
}

/* 40, 53 and 57 pass by themselves; anything else comes again. */
static void tells_what_may_pass_from_what_will_not(void **state)
{
    static const struct {
        const char *sqlstate, *message, *detail;
        enum rc rc;
        const char *text;
    } rows[] = {
        { "40001", "could not serialize access", NULL, RC_STORE_DOWN, "could not serialize access" },
        { "40P01", "deadlock detected", "Process 1 waits.", RC_STORE_DOWN, "deadlock detected\nProcess 1 waits." },
        { "53300", "too many connections", NULL, RC_STORE_DOWN, "too many connections" },
        { "53100", "disk full", NULL, RC_STORE_DOWN, "disk full" },
        { "57P01", "terminating connection", NULL, RC_STORE_DOWN, "terminating connection" },
        { "57014", "canceling statement", NULL, RC_STORE_DOWN, "canceling statement" },
        { "42P01", "relation does not exist", NULL, RC_STORE_REFUSED, "relation does not exist" },
        { "23505", "duplicate key", "Key exists.", RC_STORE_REFUSED, "duplicate key\nKey exists." },
        { "42501", "permission denied", NULL, RC_STORE_REFUSED, "permission denied" },
        { "55000", "not in the prerequisite state", NULL, RC_CONFLICT, "not in the prerequisite state" },
        { "PL412", "has changed", "a detail", RC_PRECONDITION_FAILED, "has changed" },
        { "P0002", "there is no version", NULL, RC_NOT_FOUND, "there is no version" },
        { "XX000", "internal error", NULL, RC_STORE_REFUSED, "internal error" },
        { "04000", "made up", NULL, RC_STORE_REFUSED, "made up" },
    };
    uint16_t port = fake_start(0);
    struct store *store = NULL;
    struct error err;
    (void)state;
    assert_int_equal(store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        fake_will_say(
            (struct fake_reply){ .sqlstate = rows[i].sqlstate, .message = rows[i].message, .detail = rows[i].detail });
        enum rc rc = store_ping(store, &err);
        if (rc != rows[i].rc || err.code != rc)
            fail_msg("%s: %s", rows[i].sqlstate, rc_name(rc));
        assert_string_equal(err.text, rows[i].text);
    }
    fake_will_say((struct fake_reply){ .columns = 0 }); /* the connection is none the worse for it */
    assert_int_equal(store_ping(store, &err), RC_OK);
    store_close(store);
    fake_stop();
}

static void comes_back_from_a_server_that_hangs_up(void **state)
{
    uint16_t port = fake_start(0);
    struct store *store = NULL;
    struct error err;
    (void)state;
    assert_int_equal(store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err), RC_OK);
    fake_will_say((struct fake_reply){ .hang_up = true });
    assert_int_equal(store_ping(store, &err), RC_STORE_DOWN);
    check_error("hung up", &err);
    fake_will_say((struct fake_reply){ .columns = 0 });
    assert_int_equal(store_ping(store, &err), RC_OK);
    store_close(store);
    fake_stop();
}

/* The reason, not the hint that libpq adds to it. */
static void says_why(void **state)
{
    static const char *const rows[][2] = {
        { "host=127.0.0.1 port=1", "Connection refused" },
        { "postgresql://127.0.0.1:1/d", "port 1 failed: Connection refused" },
        { "host=127.0.0.1,127.0.0.1 port=1,2", "port 2 failed: Connection refused" },
        { "host=/nonexistent", "No such file or directory" },
    };
    struct store *store = NULL;
    struct error err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(store_open(rows[i][0], STORE_AS_LOGIN, &store, &err), RC_STORE_DOWN);
        if (!strstr(err.text, rows[i][1]))
            fail_msg("%s: %s", rows[i][0], err.text);
    }
    uint16_t port = fake_start(0);
    assert_int_equal(store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err), RC_OK);
    fake_will_say((struct fake_reply){ .hang_up = true });
    assert_int_equal(store_ping(store, &err), RC_STORE_DOWN);
    if (!strstr(err.text, "server closed the connection unexpectedly"))
        fail_msg("hung up: %s", err.text);
    store_close(store);
    fake_stop();
}

/* libpq quotes what it cannot read, and that may be the password. */
static void quotes_no_part_of_an_address(void **state)
{
    static const char *const rows[] = {
        "postgresql://u:s3c%ret@127.0.0.1:1/d",
        "postgresql://u:s3cret/x@127.0.0.1:1/d",
        "postgresql://u:x@s3cret@127.0.0.1:1/d",
        "postgresql://u:s3cret",
        "postgresql://u:s3cret@[::1/d",
        "host=127.0.0.1 password=x s3cret",
        "host=127.0.0.1 port=s3cret",
        "postgresql://u:p@127.0.0.1:1/d?s3cret",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct store *store = NULL;
        struct error err = { .code = RC_OK };
        if (store_open(rows[i], STORE_AS_LOGIN, &store, &err) != RC_SETTING || strstr(err.text, "s3c"))
            fail_msg("%s: %s: %s", rows[i], rc_name(err.code), err.text);
    }
}

RUN_TESTS(cmocka_unit_test(says_that_the_database_is_down_and_keeps_the_password),
          cmocka_unit_test(keeps_the_password_when_the_address_is_wrong), cmocka_unit_test(says_when_memory_is_out),
          cmocka_unit_test(reaches_a_server_that_is_there),
          cmocka_unit_test(connects_again_when_the_connection_is_lost),
          cmocka_unit_test(tells_what_may_pass_from_what_will_not),
          cmocka_unit_test(comes_back_from_a_server_that_hangs_up), cmocka_unit_test(says_why),
          cmocka_unit_test(quotes_no_part_of_an_address))
