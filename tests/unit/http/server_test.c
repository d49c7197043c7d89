/* How the server tells requests apart, and how large they may be. */
#include "test.h"

#include "alloc.h"
#include "http/client.h"

/* ---- framing --------------------------------------------------------------------------------------------- */

#define CLOSE  "Connection: close\r\n"
#define POST   "POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
#define BODY   "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"]}" /* 46 bytes */
#define CHUNKS "10\r\n{\"subject\":{\"age\r\n1E\r\n_years\":46},\"goals\":[\"sleep\"]}\r\n0\r\n\r\n"
#define GET    "GET /health/live HTTP/1.1\r\nHost: x\r\n"
#define NEXT   GET "\r\n" /* answered with 200 when the connection goes on */

static void tells_requests_apart(void **state)
{
    static const struct {
        const char *request, *statuses;
    } rows[] = {
        { POST "Content-Length: 46\r\n" CLOSE "\r\n" BODY, "200" },
        { POST "content-length: 46\r\n" CLOSE "\r\n" BODY, "200" },
        { POST "Transfer-Encoding: chunked\r\n" CLOSE "\r\n" CHUNKS, "200" },
        { POST "Transfer-Encoding: Chunked\r\n" CLOSE "\r\n" CHUNKS, "200" },
        { POST "Transfer-Encoding: chunked\r\n" CLOSE "\r\n"
               "0\r\n\r\n",
          "400" },
        { POST "Transfer-Encoding: chunked\r\n" CLOSE "\r\n"
               "0\r\nTrailer: x\r\n\r\n",
          "400" },
        { POST "Transfer-Encoding: chunked\r\n" CLOSE "\r\n"
               "zz\r\n",
          "400" },
        { POST "Content-Length: 45\r\n" CLOSE "\r\n" BODY, "400" },
        { POST "Content-Length: 0\r\n" CLOSE "\r\n", "400" },
        { POST CLOSE "\r\n", "400" },
        /* one after the other on one connection */
        { NEXT NEXT GET CLOSE "\r\n", "200 200 200" },
        { NEXT "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" GET CLOSE "\r\n", "200 404 200" },
        { POST "Content-Length: 46\r\n\r\n" BODY POST "Content-Length: 46\r\n\r\n" BODY GET CLOSE "\r\n",
          "200 200 200" },
        { POST "Content-Length: 2\r\n\r\n{}" POST "Transfer-Encoding: chunked\r\n\r\n" CHUNKS GET CLOSE "\r\n",
          "422 200 200" },
        { "PUT /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Length: 46\r\n\r\n" BODY GET CLOSE "\r\n", "405 200" },
        { "GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 46\r\n\r\n" BODY GET CLOSE "\r\n", "200 200" },
        { "\r\n" GET CLOSE "\r\n", "200" },
        /* the client waits for a go-ahead */
        { POST "Content-Length: 46\r\nExpect: 100-continue\r\n" CLOSE "\r\n" BODY, "200" },
        /* two lengths, or a length and chunks: one answer, and what follows is not taken for a request */
        { POST "Content-Length: 46\r\nContent-Length: 46\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length: 46\r\nContent-Length: 5\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length: 5\r\nContent-Length: 46\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "400" },
        { POST "Transfer-Encoding: chunked\r\nContent-Length: 46\r\n\r\n" CHUNKS NEXT, "400" },
        { POST "transfer-encoding: chunked\r\ncontent-length: 46\r\n\r\n" CHUNKS NEXT, "400" },
        { POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "400" },
        { "GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" NEXT, "400" },
        { "GET /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\n" NEXT,
          "400" },
        /* the same field in two spellings, or behind a space: another server may read the other one */
        { POST "Content-Length: 46\r\ncontent-length: 5\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length: 5\r\nCONTENT-LENGTH: 46\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length: 46\r\ncontent-length: 46\r\n\r\n" BODY NEXT, "400" },
        { POST "Content-Length : 46\r\n\r\n" BODY NEXT, "400" },
        { POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" CHUNKS NEXT, "400" },
        { POST "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n" CHUNKS NEXT, "400" },
        /* nobody is meant, or two */
        { "GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n" CLOSE "\r\n", "400" },
        { "GET /health/live HTTP/1.1\r\nHost: a\r\nhost: b\r\n" CLOSE "\r\n", "400" },
        { "GET /health/live HTTP/1.1\r\n" CLOSE "\r\n", "400" },
        { "GET /health/live HTTP/1.0\r\n\r\n", "200" },
        /* what is no HTTP, or another one */
        { "GET /health/live HTTP/2.0\r\nHost: x\r\n\r\n", "505" },
        { "GET /health/live\r\n\r\n", "400" },
        { "GET\r\n\r\n", "" },
        { "\x16\x03\x01\x02\r\n\r\n", "" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = talk(rows[i].request), *got = statuses(answer, false);
        if (strncmp(got, "100 ", 4) == 0)
            got += 4; /* the go-ahead comes or not, as the body is there already */
        if (strcmp(got, rows[i].statuses) != 0)
            fail_msg("row %zu, %s: %s, not %s", i, rows[i].request, got, rows[i].statuses);
    }
}

static void closes_after_a_request_that_is_ambiguous(void **state)
{
    const char *answer = talk(POST "Content-Length: 5\r\nContent-Length: 46\r\n\r\n" BODY);
    (void)state;
    assert_string_equal(field(answer, "Connection"), "close");
    assert_string_equal(field(answer, "Content-Type"), "application/problem+json");
    assert_non_null(strstr(body_of(answer), "\"/problems/malformed_request\""));
}

static void gives_the_go_ahead_to_a_client_that_waits(void **state)
{
    static const char head[] = POST "Content-Length: 46\r\nExpect: 100-continue\r\n" CLOSE "\r\n";
    static char answer[ANSWER_BYTES];
    char go[64] = "";
    int fd = connect_to(http_port(server));
    struct pollfd p = { .fd = fd, .events = POLLIN };
    (void)state;
    assert_int_equal(send(fd, head, sizeof(head) - 1, MSG_NOSIGNAL), sizeof(head) - 1);
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    assert_true(recv(fd, go, sizeof(go) - 1, 0) > 0);
    assert_string_equal(go, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_true(talk_on(fd, BODY, strlen(BODY), answer));
    assert_string_equal(statuses(answer, false), "200");
}

/* Cut off at any byte, a request hurts nobody. */
static void survives_requests_that_end_anywhere(void **state)
{
    static const char *const rows[] = { POST "Content-Length: 46\r\n\r\n" BODY,
                                        POST "Transfer-Encoding: chunked\r\n\r\n" CHUNKS };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t n = 0; n < strlen(rows[i]); n += 3) {
            int fd = connect_to(http_port(server));
            assert_int_equal(send(fd, rows[i], n, MSG_NOSIGNAL), n);
            (void)close(fd);
        }
    }
    assert_string_equal(statuses(talk(GET CLOSE "\r\n"), false), "200");
}

/* ---- sizes ----------------------------------------------------------------------------------------------- */

/* A right request filled up with spaces to `n` bytes, whole or in chunks of `chunk` bytes. */
static const char *post_of_size(size_t n, size_t chunk)
{
    size_t room = n + n / (chunk ? chunk : n) * 16 + 512, at;
    char *request = malloc(room), *body = malloc(n);
    assert_non_null(request);
    assert_non_null(body);
    memset(body, ' ', n);
    memcpy(body, BODY, sizeof(BODY) - 1);
    if (chunk == 0) {
        at = (size_t)snprintf(request, room, POST "Content-Length: %zu\r\n" CLOSE "\r\n", n);
        memcpy(request + at, body, n);
        at += n;
    } else {
        at = (size_t)snprintf(request, room, POST "Transfer-Encoding: chunked\r\n" CLOSE "\r\n");
        for (size_t i = 0; i < n; i += chunk) {
            size_t k = n - i < chunk ? n - i : chunk;
            at += (size_t)snprintf(request + at, room - at, "%zx\r\n", k);
            memcpy(request + at, body + i, k);
            at += k;
            request[at++] = '\r';
            request[at++] = '\n';
        }
        at += (size_t)snprintf(request + at, room - at, "0\r\n\r\n");
    }
    const char *answer = talk_bytes(request, at);
    free(request);
    free(body);
    return answer;
}

static void bounds_the_body(void **state)
{
    static const struct {
        size_t n, chunk;
        const char *status;
    } rows[] = {
        { 46, 0, "200" },
        { BODY_BYTES_MAX - 1, 0, "200" },
        { BODY_BYTES_MAX, 0, "200" },
        { BODY_BYTES_MAX + 1, 0, "413" },
        { BODY_BYTES_MAX + 2, 0, "413" },
        { 2 * BODY_BYTES_MAX, 0, "413" },
        { BODY_BYTES_MAX - 1, 1000, "200" },
        { BODY_BYTES_MAX, 1000, "200" },
        { BODY_BYTES_MAX + 1, 1000, "413" },
        { BODY_BYTES_MAX, BODY_BYTES_MAX, "200" },
        { BODY_BYTES_MAX + 1, BODY_BYTES_MAX + 1, "413" },
        { 3000, 1, "200" },
        { 10000000, 0, "413" },
        { 10000000, 65536, "413" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = post_of_size(rows[i].n, rows[i].chunk);
        if (strcmp(statuses(answer, false), rows[i].status) != 0)
            fail_msg("%zu bytes in chunks of %zu: %s", rows[i].n, rows[i].chunk, statuses(answer, false));
        if (strcmp(rows[i].status, "413") == 0)
            assert_non_null(strstr(answer, "the body is larger than 65536 bytes"));
    }
}

static void bounds_the_head(void **state)
{
    static const struct {
        size_t path, header;
        const char *status;
    } rows[] = { { 1000, 0, "404" }, { 20000, 0, "414" }, { 0, 1000, "404" }, { 0, 20000, "431" } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *request = malloc(rows[i].path + rows[i].header + 200);
        assert_non_null(request);
        int n = sprintf(request, "GET /%0*d HTTP/1.1\r\nHost: x\r\nX-Long: %0*d\r\n" CLOSE "\r\n", (int)rows[i].path, 0,
                        (int)rows[i].header, 0);
        const char *got = statuses(talk_bytes(request, (size_t)n), false);
        free(request);
        if (strcmp(got, rows[i].status) != 0)
            fail_msg("a path of %zu, a field of %zu bytes: %s", rows[i].path, rows[i].header, got);
    }
}

static void answers_503_when_a_thread_has_no_memory_to_work_with(void **state)
{
    static const char get[] = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    (void)state;
    alloc_fail_at(1); /* what is kept of the connection: one that cannot be watched is closed */
    assert_string_equal(talk(get), "");
    alloc_fail_at(2);
    assert_string_equal(statuses(talk(get), false), "503");
    alloc_fail_at(0);
    assert_string_equal(statuses(talk(get), false), "200");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start_ready, stop)
RUN_TESTS(TEST(tells_requests_apart), TEST(closes_after_a_request_that_is_ambiguous),
          TEST(gives_the_go_ahead_to_a_client_that_waits), TEST(survives_requests_that_end_anywhere),
          TEST(bounds_the_body), TEST(bounds_the_head), TEST(answers_503_when_a_thread_has_no_memory_to_work_with))
