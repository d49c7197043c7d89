/* Where the server listens, and what it says when it cannot. */
#include "test.h"

#include <time.h>

#include "alloc.h"
#include "http/client.h"

static int make_slot(void **state)
{
    (void)state;
    return slot_new(&slot, NULL) == RC_OK ? 0 : -1;
}

/* ---- listening ------------------------------------------------------------------------------------------- */

static int free_slot(void **state)
{
    (void)state;
    slot_free(slot);
    slot = NULL;
    return 0;
}

static void is_sentence(const char *text)
{
    size_t n = strlen(text);
    if (n < 20 || n > 200 || strpbrk(text, "\n\r") || text[n - 1] == '.' || text[n - 1] == ' ' ||
        (text[0] >= 'A' && text[0] <= 'Z'))
        fail_msg("this is not one clear sentence: \"%s\"", text);
}

static void takes_a_free_port_when_asked_for_any(void **state)
{
    struct http *a = NULL, *b = NULL;
    struct http_config c = config();
    struct error err;
    (void)state;
    assert_int_equal(http_start(&c, &a, &err), RC_OK);
    assert_int_equal(http_start(&c, &b, &err), RC_OK);
    assert_true(http_port(a) > 0 && http_port(b) > 0 && http_port(a) != http_port(b));
    (void)close(connect_to(http_port(a)));
    (void)close(connect_to(http_port(b)));
    http_stop(b);
    http_stop(a);
    http_stop(NULL);
}

static void can_take_its_port_again(void **state)
{
    struct http_config c = config();
    struct error err;
    (void)state;
    for (int i = 0; i < 3; i++) {
        if (http_start(&c, &server, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_string_equal(statuses(talk("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false),
                            "200");
        c.port = http_port(server);
        http_stop(server);
    }
}

static void says_that_its_port_is_busy(void **state)
{
    struct http *first, *second = NULL;
    struct http_config c = config();
    struct error err;
    char port[32];
    (void)state;
    assert_int_equal(http_start(&c, &first, &err), RC_OK);
    c.port = http_port(first);
    assert_int_equal(http_start(&c, &second, &err), RC_OS);
    assert_null(second);
    assert_int_equal(err.code, RC_OS);
    is_sentence(err.text);
    (void)snprintf(port, sizeof(port), "127.0.0.1, port %u", (unsigned)c.port);
    assert_non_null(strstr(err.text, port));
    assert_non_null(strstr(err.text, "another program uses the port"));
    http_stop(first);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const rows[] = {
        "",           "localhost",    "example.org", "127.0.0", "127.0.0.1.2",   "300.0.0.1", "127.0.0.1 ",
        " 127.0.0.1", "127.0.0.1:80", "[::1]",       "::g",     "1:2:3:4:5:6:7", "*",         "127.0.0.1/8",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http *none = NULL;
        struct http_config c = config();
        struct error err = { .code = RC_OK };
        c.listen = rows[i];
        if (http_start(&c, &none, &err) != RC_SETTING || none)
            fail_msg("\"%s\": %s, %s", rows[i], rc_name(err.code), err.text);
        is_sentence(err.text);
        assert_non_null(strstr(err.text, rows[i]));
    }
}

static void says_that_the_machine_has_not_the_address(void **state)
{
    struct http *none = NULL;
    struct http_config c = config();
    struct error err;
    (void)state;
    c.listen = "192.0.2.1"; /* for documentation: RFC 5737 */
    assert_int_equal(http_start(&c, &none, &err), RC_OS);
    is_sentence(err.text);
    assert_non_null(strstr(err.text, "this machine does not have the address"));
}

static void says_when_memory_is_out(void **state)
{
    struct http *none = NULL;
    struct http_config c = config();
    struct error err;
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(http_start(&c, &none, &err), RC_OOM);
    alloc_fail_at(0);
    assert_null(none);
}

static void closes_a_connection_that_idles(void **state)
{
    static char answer[ANSWER_BYTES];
    struct http_config c = config();
    struct error err;
    struct timespec from, to;
    (void)state;
    c.idle_timeout_s = 1;
    assert_int_equal(http_start(&c, &server, &err), RC_OK);
    int fd = connect_to(http_port(server));
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    assert_true(talk_on(fd, "GET /health/live HTTP/1.1\r\nHo", 29, answer));
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    assert_in_range(to.tv_sec - from.tv_sec, 0, 4);
    http_stop(server);
}

static void serves_with_any_number_of_threads(void **state)
{
    static const int rows[] = { 1, 2, 3, 64 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_config c = config();
        struct error err;
        c.threads = rows[i];
        if (http_start(&c, &server, &err) != RC_OK)
            fail_msg("%d threads: %s", rows[i], err.text);
        assert_string_equal(statuses(talk("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false),
                            "200");
        http_stop(server);
    }
}

/* One connection more than there may be is closed without an answer. */
static void bounds_the_connections_of_one_address(void **state)
{
    enum { MAX = 3 };
    struct http_config c = config();
    struct error err;
    int open[MAX];
    char byte;
    (void)state;
    c.threads = 1;
    c.connections_per_address_max = MAX;
    assert_int_equal(http_start(&c, &server, &err), RC_OK);
    for (int i = 0; i < MAX; i++) {
        struct pollfd p = { .events = POLLIN };
        open[i] = p.fd = connect_to(http_port(server));
        if (poll(&p, 1, 50) != 0)
            fail_msg("connection %d of %d was closed", i + 1, MAX);
    }
    struct pollfd p = { .fd = connect_to(http_port(server)), .events = POLLIN };
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    assert_true(recv(p.fd, &byte, 1, 0) <= 0);
    (void)close(p.fd);
    for (int i = 0; i < MAX; i++)
        (void)close(open[i]);
    http_stop(server);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_slot, free_slot)
RUN_TESTS(TEST(takes_a_free_port_when_asked_for_any), TEST(can_take_its_port_again), TEST(says_that_its_port_is_busy),
          TEST(refuses_what_is_no_address), TEST(says_that_the_machine_has_not_the_address),
          TEST(says_when_memory_is_out), TEST(closes_a_connection_that_idles), TEST(serves_with_any_number_of_threads),
          TEST(bounds_the_connections_of_one_address))
