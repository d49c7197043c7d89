/* Shared by the tests that talk to a running server: starts one, sends bytes and reads what comes back. */
#ifndef PALPATE_TESTS_HTTP_CLIENT_H
#define PALPATE_TESTS_HTTP_CLIENT_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "http/http.h"
#include "live/tiny_catalogue.h"

enum { PATIENCE_MS = 5000, ANSWER_BYTES = 1 << 20 };

static struct slot *slot;
static struct http *server;

static inline struct http_config config(void)
{
    return (struct http_config){ .listen = "127.0.0.1",
                                 .connections_max = 100,
                                 .idle_timeout_s = 30,
                                 .threads = 2,
                                 .slot = slot,
                                 .openapi_yaml = STR("openapi: 3.1.0\n"),
                                 .openapi_json = STR("{\"openapi\":\"3.1.0\"}") };
}

/* A server with a catalogue (version 1), or without one. */
static inline int start(bool with_catalogue)
{
    struct error err;
    if (slot_new(&slot, &err) != RC_OK)
        return -1;
    if (with_catalogue)
        slot_publish_take(slot, tiny_catalogue(1));
    struct http_config c = config();
    return http_start(&c, &server, &err) == RC_OK ? 0 : -1;
}

static inline int start_empty(void **state)
{
    (void)state;
    return start(false);
}

static inline int start_ready(void **state)
{
    (void)state;
    return start(true);
}

static inline int stop(void **state)
{
    (void)state;
    http_stop(server);
    slot_free(slot);
    server = NULL;
    slot = NULL;
    return 0;
}

static inline int connect_to(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail_msg("cannot connect to port %u", (unsigned)port);
    return fd;
}

/* Sends it all while reading, until the server closes. What came back is terminated by a zero byte; false
 * when the server did not close in time. */
static inline bool talk_on(int fd, const char *bytes, size_t n, char *answer)
{
    size_t sent = 0, got = 0;
    bool closed = false;
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    while (!closed) {
        struct pollfd p = { .fd = fd, .events = (short)(POLLIN | (sent < n ? POLLOUT : 0)) };
        if (poll(&p, 1, PATIENCE_MS) <= 0)
            break;
        if (p.revents & POLLOUT && sent < n) {
            ssize_t k = send(fd, bytes + sent, n - sent, MSG_NOSIGNAL);
            sent = k < 0 ? n : sent + (size_t)k; /* a server need not read it all */
        }
        if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t k = recv(fd, answer + got, ANSWER_BYTES - 1 - got, 0);
            got += k > 0 ? (size_t)k : 0;
            closed = k <= 0 || got == ANSWER_BYTES - 1;
        }
    }
    answer[got] = '\0';
    (void)close(fd);
    return closed;
}

static inline const char *talk_bytes(const char *bytes, size_t n)
{
    static char answer[ANSWER_BYTES];
    if (!talk_on(connect_to(http_port(server)), bytes, n, answer))
        fail_msg("the server neither answered all nor closed: %.300s; but: %.300s", bytes, answer);
    return answer;
}

static inline const char *talk(const char *text)
{
    return talk_bytes(text, strlen(text));
}

/* The value of a field of the first answer, or "". */
static inline const char *field(const char *answer, const char *name)
{
    static char value[512];
    size_t n = strlen(name);
    const char *end = strstr(answer, "\r\n\r\n");
    for (const char *p = strstr(answer, "\r\n"); p && p < end; p = strstr(p + 2, "\r\n")) {
        if (strncasecmp(p + 2, name, n) == 0 && p[2 + n] == ':') {
            (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(p + 4 + n, "\r"), p + 4 + n);
            return value;
        }
    }
    return "";
}

static inline const char *body_of(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : "";
}

/* "200 404", from one answer after the other. Those to HEAD have no body though they give its length. */
static inline const char *statuses(const char *answer, bool head)
{
    static char list[128];
    size_t n = 0;
    list[0] = '\0';
    while (strncmp(answer, "HTTP/1.1 ", 9) == 0 && n + 5 < sizeof(list)) {
        long status = strtol(answer + 9, NULL, 10), body = strtol(field(answer, "Content-Length"), NULL, 10);
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%ld", n ? " " : "", status);
        answer = body_of(answer);
        if (!head && status >= 200 && status != 204 && status != 304)
            answer += strnlen(answer, (size_t)body);
    }
    if (*answer)
        (void)snprintf(list + n, sizeof(list) - n, " and %.20s", answer);
    return list;
}

#endif
