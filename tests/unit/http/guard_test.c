/* Clients that are slow in every way there is, and how a server stops while they are there. */
#include "test.h"

#include <pthread.h>
#include <time.h>

#include "base/date.h"
#include "base/metrics.h"
#include "http/client.h"

#define GET  "GET /v1/catalogue HTTP/1.1\r\nHost: x\r\n"
#define POST "POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 46\r\n\r\n"
#define BODY "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"]}"

static int start_with(struct http_config c)
{
    struct error err;
    if (slot_new(&slot, &err) != RC_OK)
        return -1;
    slot_publish_take(slot, tiny_catalogue(1));
    c.slot = slot;
    return http_start(&c, &server, &err) == RC_OK ? 0 : -1;
}

static int start_impatient(void **state)
{
    struct http_config c = config();
    (void)state;
    c.header_timeout_s = c.body_timeout_s = c.answer_timeout_s = 1;
    c.idle_timeout_s = 2;
    c.stop_timeout_s = 5;
    return start_with(c);
}

/* Sends `text` a byte at a time, so that no time-out without traffic ever ends. True when the server closed before all
 * was sent; *ret_ms says when. */
static bool trickle(int fd, const char *text, int64_t *ret_ms)
{
    int64_t began = clock_ms();
    for (size_t i = 0; text[i]; i++) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char byte;
        if (send(fd, text + i, 1, MSG_NOSIGNAL) != 1 || (poll(&p, 1, 100) == 1 && recv(fd, &byte, 1, 0) <= 0)) {
            *ret_ms = clock_ms() - began;
            return true;
        }
    }
    return false;
}

static void closes_whose_header_trickles(void **state)
{
    int64_t before = metric_value(METRIC_CUT_HEADER), ms;
    static const char *const sent_before[] = { "", "G", GET, GET "X: y\r\n" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sent_before); i++) {
        int fd = connect_to(http_port(server));
        assert_int_equal(send(fd, sent_before[i], strlen(sent_before[i]), 0), strlen(sent_before[i]));
        if (!trickle(fd, "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &ms) || ms < 700 ||
            ms > 3000)
            fail_msg("row %zu: closed after %d ms", i, (int)ms);
        (void)close(fd);
    }
    assert_int_equal(metric_value(METRIC_CUT_HEADER) - before, ARRAY_LEN(sent_before));
}

static void closes_whose_body_trickles(void **state)
{
    int64_t before = metric_value(METRIC_CUT_BODY), ms = 0;
    int fd = connect_to(http_port(server));
    (void)state;
    assert_int_equal(send(fd, POST, strlen(POST), 0), strlen(POST));
    assert_true(trickle(fd, BODY, &ms));
    assert_in_range(ms, 700, 3000);
    assert_int_equal(metric_value(METRIC_CUT_BODY) - before, 1);
    (void)close(fd);
}

/* What is done in time goes on for as long as it likes. */
static void leaves_alone_who_is_in_time(void **state)
{
    static const char request[] = GET "\r\n";
    char answer[4096];
    int fd = connect_to(http_port(server));
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        size_t half = i % 2 ? strlen(GET) : 10, rest = strlen(request) - half;
        assert_int_equal(send(fd, request, half, MSG_NOSIGNAL), half);
        (void)nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
        assert_int_equal(send(fd, &request[half], rest, MSG_NOSIGNAL), rest);
        assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
        ssize_t n = recv(fd, answer, sizeof(answer), 0);
        if (n < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0)
            fail_msg("request %d was not answered", i);
    }
    (void)close(fd);
}

/* On a connection that was used, a request's first byte may come at the end of the rest; then the header's time runs.
 */
static void closes_who_trickles_after_a_request(void **state)
{
    static char answer[4096];
    int64_t ms = 0;
    int fd = connect_to(http_port(server));
    (void)state;
    assert_int_equal(send(fd, GET "\r\n", strlen(GET "\r\n"), 0), strlen(GET "\r\n"));
    assert_true(recv(fd, answer, sizeof(answer), 0) > 0);
    assert_true(trickle(fd, "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &ms));
    assert_in_range(ms, 2000, 5000);
    (void)close(fd);
}

enum { LARGE_BYTES = 16 << 20 }; /* far more than the kernel's buffers hold */
static char large[LARGE_BYTES];

static int start_large(void **state)
{
    struct http_config c = config();
    (void)state;
    memset(large, 'x', sizeof(large));
    c.openapi_yaml = (struct str){ large, sizeof(large) };
    c.answer_timeout_s = 1;
    return start_with(c);
}

static void closes_who_does_not_take_the_answer(void **state)
{
    static const char get[] = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n";
    int64_t before = metric_value(METRIC_CUT_ANSWER), began = clock_ms();
    int fd = connect_to(http_port(server));
    (void)state;
    assert_int_equal(send(fd, get, strlen(get), MSG_NOSIGNAL), strlen(get));
    while (metric_value(METRIC_CUT_ANSWER) == before && clock_ms() - began < PATIENCE_MS)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    assert_int_equal(metric_value(METRIC_CUT_ANSWER) - before, 1);
    assert_in_range(clock_ms() - began, 900, 3000);
    (void)close(fd);
}

static int start_small(void **state)
{
    struct http_config c = config();
    (void)state;
    c.header_timeout_s = c.body_timeout_s = c.answer_timeout_s = 60;
    c.connections_max = 16;
    c.threads = 1;
    return start_with(c);
}

/* All places but two are taken by clients that say nothing: they make room, and who comes then is served. */
static void makes_room_when_it_is_crowded(void **state)
{
    enum { CROWD = 16 };
    int open[CROWD];
    int64_t before = metric_value(METRIC_CUT_CROWDED), began = clock_ms();
    (void)state;
    for (int i = 0; i < CROWD; i++)
        open[i] = connect_to(http_port(server));
    (void)nanosleep(&(struct timespec){ .tv_sec = 1, .tv_nsec = 500000000 }, NULL);
    assert_string_equal(statuses(talk(GET "Connection: close\r\n\r\n"), false), "200");
    assert_in_range(clock_ms() - began, 0, 4000);
    assert_in_range(metric_value(METRIC_CUT_CROWDED) - before, 1, 4); /* no more than have to */
    for (int i = 0; i < CROWD; i++)
        (void)close(open[i]);
}

/* ---- stopping --------------------------------------------------------------------------------------------- */

static void *stop_it(void *ret_ms)
{
    int64_t began = clock_ms();
    http_stop(server);
    *(int64_t *)ret_ms = clock_ms() - began;
    return NULL;
}

static void finishes_what_is_in_flight(void **state)
{
    static char answer[ANSWER_BYTES];
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(http_port(server)) };
    int64_t ms;
    pthread_t thread;
    int idle = connect_to(http_port(server)), half = connect_to(http_port(server));
    char byte;
    (void)state;
    assert_int_equal(send(idle, GET "\r\n", strlen(GET "\r\n"), 0), strlen(GET "\r\n"));
    assert_true(recv(idle, answer, sizeof(answer), 0) > 0);
    assert_int_equal(send(half, POST, strlen(POST), 0), strlen(POST));
    (void)nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
    assert_int_equal(pthread_create(&thread, NULL, stop_it, &ms), 0);
    assert_int_equal(recv(idle, &byte, 1, 0), 0); /* nothing was under way on it */
    assert_true(talk_on(half, BODY, strlen(BODY), answer));
    assert_string_equal(statuses(answer, false), "200");
    assert_string_equal(field(answer, "Connection"), "close");
    (void)pthread_join(thread, NULL);
    assert_in_range(ms, 0, 1900);
    (void)close(idle);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof(address)), -1);
    (void)close(late);
    server = NULL;
}

static int start_hasty(void **state)
{
    struct http_config c = config();
    (void)state;
    c.stop_timeout_s = 1;
    return start_with(c);
}

static void waits_no_longer_than_told(void **state)
{
    int64_t ms;
    int half = connect_to(http_port(server));
    (void)state;
    assert_int_equal(send(half, POST, strlen(POST), 0), strlen(POST));
    (void)nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
    (void)stop_it(&ms);
    assert_in_range(ms, 900, 3000);
    server = NULL;
    (void)close(half);
}

static void says_that_it_is_not_ready(void **state)
{
    (void)state;
    assert_string_equal(statuses(talk("GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false),
                        "200");
    http_drain(server);
    const char *answer = talk("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"); /* which it closes by itself */
    assert_string_equal(statuses(answer, false), "503");
    assert_string_equal(field(answer, "Connection"), "close");
    assert_non_null(strstr(body_of(answer), "\"status\":\"not_ready\""));
    assert_non_null(strstr(body_of(answer), "\"stopping\":true"));
    assert_string_equal(statuses(talk(GET "\r\n"), false), "200");
}

#define TEST(f, start) cmocka_unit_test_setup_teardown(f, start, stop)
RUN_TESTS(TEST(closes_whose_header_trickles, start_impatient), TEST(closes_whose_body_trickles, start_impatient),
          TEST(leaves_alone_who_is_in_time, start_impatient),
          TEST(closes_who_trickles_after_a_request, start_impatient),
          TEST(closes_who_does_not_take_the_answer, start_large), TEST(makes_room_when_it_is_crowded, start_small),
          TEST(finishes_what_is_in_flight, start_impatient), TEST(waits_no_longer_than_told, start_hasty),
          TEST(says_that_it_is_not_ready, start_impatient))
