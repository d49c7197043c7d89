/* Catalogues change while requests are answered: each request sees one of them, whole. */
#include "test.h"

#include <pthread.h>

#include "http/client.h"

enum { CLIENTS = 4, REQUESTS = 150, VERSIONS = 100 };

static atomic_uint running;

struct client {
    pthread_t thread;
    uint16_t port;
    unsigned answers, torn;
    char first_torn[512];
};

/* Is the text that was asked for the one whose digest the tag gives? */
static bool is_whole(const char *answer)
{
    const char *tag = strstr(answer, "ETag: \""), *digest = strstr(answer, "\"digest\":\"");
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 && tag && digest &&
           strncmp(tag + 7, digest + 10, DIGEST_TEXT_LEN) == 0;
}

static void *ask_over_and_over(void *arg)
{
    static const char *const paths[] = { "/v1/catalogue", "/v1/rules/r", "/v1/evidence/e" };
    struct client *c = arg;
    char *answer = malloc(ANSWER_BYTES), request[128];
    for (int i = 0; answer && i < REQUESTS; i++) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(c->port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                         paths[(size_t)i % ARRAY_LEN(paths)]);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || !talk_on(fd, request, (size_t)n, answer))
            continue;
        c->answers++;
        if (!is_whole(answer) && !c->torn++)
            (void)snprintf(c->first_torn, sizeof(c->first_torn), "%s", answer);
    }
    free(answer);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void answers_each_request_from_one_catalogue(void **state)
{
    static struct client clients[CLIENTS];
    (void)state;
    atomic_store(&running, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){ .port = http_port(server) };
        assert_int_equal(pthread_create(&clients[i].thread, NULL, ask_over_and_over, &clients[i]), 0);
    }
    for (unsigned version = 2; version < VERSIONS && atomic_load(&running); version++)
        slot_publish_take(slot, tiny_catalogue(version));
    for (size_t i = 0; i < CLIENTS; i++)
        (void)pthread_join(clients[i].thread, NULL);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (clients[i].torn)
            fail_msg("client %zu: %u answers of %u were not whole: %s", i, clients[i].torn, clients[i].answers,
                     clients[i].first_torn);
        assert_int_equal(clients[i].answers, REQUESTS);
    }
}

RUN_TESTS(cmocka_unit_test_setup_teardown(answers_each_request_from_one_catalogue, start_ready, stop))
