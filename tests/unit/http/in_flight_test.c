/* A bound on requests in flight: one is held inside its handler, so that others find the service busy. */
#include "test.h"

#include <pthread.h>

#include "base/metrics.h"
#include "http/client.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool hold, held;

struct catalogue *__wrap_slot_acquire(struct slot *s, const char *clinic);
struct catalogue *__real_slot_acquire(struct slot *s, const char *clinic);

/* Linked in the place of slot_acquire(), which the handlers call. */
struct catalogue *__wrap_slot_acquire(struct slot *s, const char *clinic)
{
    (void)pthread_mutex_lock(&lock);
    if (hold && !held) {
        held = true;
        (void)pthread_cond_broadcast(&changed);
        while (hold)
            (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
    return __real_slot_acquire(s, clinic);
}

static int start_bounded(void **state)
{
    struct error err;
    struct http_config c = config();
    (void)state;
    if (slot_new(&slot, &err) != RC_OK)
        return -1;
    slot_publish_take(slot, tiny_catalogue(1));
    c.slot = slot;
    c.threads = 4;
    c.requests_in_flight_max = 1;
    return http_start(&c, &server, &err) == RC_OK ? 0 : -1;
}

static void *ask(void *answer)
{
    static const char get[] = "GET /v1/catalogue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    (void)talk_on(connect_to(http_port(server)), get, strlen(get), answer);
    return NULL;
}

/* Connections go to whichever of the server's threads takes them, perhaps to the one that is held: then ask again. */
static const char *ask_until_answered(const char *request)
{
    static char answer[ANSWER_BYTES];
    for (int i = 0; i < 100; i++) {
        struct pollfd p = { .fd = connect_to(http_port(server)), .events = POLLIN };
        assert_int_equal(send(p.fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
        if (poll(&p, 1, 200) == 1) {
            assert_true(talk_on(p.fd, "", 0, answer));
            return answer;
        }
        (void)close(p.fd);
    }
    fail_msg("no answer: %s", request);
    return NULL;
}

static void refuses_at_once_what_is_too_much(void **state)
{
    static char first[ANSWER_BYTES];
    int64_t before = metric_value(METRIC_REFUSED_IN_FLIGHT);
    pthread_t thread;
    (void)state;
    hold = true;
    assert_int_equal(pthread_create(&thread, NULL, ask, first), 0);
    (void)pthread_mutex_lock(&lock);
    while (!held)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
    const char *answer = ask_until_answered("GET /v1/rules HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_string_equal(statuses(answer, false), "503");
    assert_string_equal(field(answer, "Retry-After"), "2");
    assert_non_null(strstr(body_of(answer), "\"/problems/overloaded\""));
    assert_int_equal(metric_value(METRIC_REFUSED_IN_FLIGHT) - before, 1);
    assert_string_equal(
        statuses(ask_until_answered("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false),
        "200");
    assert_string_equal(
        statuses(ask_until_answered("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false), "200");
    (void)pthread_mutex_lock(&lock);
    hold = false;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_join(thread, NULL);
    assert_string_equal(statuses(first, false), "200");
    assert_string_equal(statuses(talk("GET /v1/rules HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), false), "200");
    assert_int_equal(metric_value(METRIC_IN_FLIGHT), 0);
}

RUN_TESTS(cmocka_unit_test_setup_teardown(refuses_at_once_what_is_too_much, start_bounded, stop))
