/* Any bytes sent to the port of a running server: it answers or closes, its answers hold no field but its own, and it
 * goes on serving. */
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "test.h"

#include "http/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 80 * 1024 };

/* What an answer may have, libmicrohttpd's own included. */
static const char *const fields[] = {
    "Accept-Post",
    "Allow",
    "Cache-Control",
    "Connection",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "Date",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Transfer-Encoding",
    "Vary",
    "WWW-Authenticate",
    "X-Content-Type-Options",
    "X-Request-Id",
};

static bool is_ours(const char *line)
{
    size_t n = strcspn(line, ":\r");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (strlen(fields[i]) == n && strncasecmp(fields[i], line, n) == 0)
            return true;
    return false;
}

/* The first answer of what came back: a client that goes on behind a half-read body may get several. */
static void look_at(const char *answer)
{
    if (!*answer)
        return;
    if (strncmp(answer, "HTTP/1.", 7) != 0 || strncmp(answer + 8, " 500", 4) == 0)
        abort();
    for (const char *line = strstr(answer, "\r\n"); line && strncmp(line, "\r\n\r\n", 4) != 0;
         line = strstr(line + 2, "\r\n"))
        if (!is_ours(line + 2))
            abort();
}

/* From another address of this machine each time: a closed connection keeps its two ports for a minute. */
static int connect_anew(void)
{
    static uint32_t n;
    struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + n++ % 65000);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(http_port(server));
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        abort();
    return fd;
}

static void send_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t k = send(fd, bytes, n, MSG_NOSIGNAL);
        if (k <= 0)
            return; /* it need not read it all */
        bytes += k;
        n -= (size_t)k;
    }
}

static void finish(void)
{
    (void)stop(NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char answer[ANSWER_BYTES];
    if (!server && (start(true) != 0 || atexit(finish) != 0))
        abort();
    if (size > BYTES_MAX)
        return 0;
    int fd = connect_anew();
    send_all(fd, (const char *)data, size);
    (void)shutdown(fd, SHUT_WR);
    if (!talk_on(fd, "", 0, answer))
        abort(); /* neither answered nor closed */
    look_at(answer);
    return 0;
}
