/* A server that speaks just enough of PostgreSQL's protocol (3.0) to give any answer, also those a real one
 * gives seldom: it lets anybody in and answers every statement with what the test has set. */
#ifndef PALPATE_TESTS_STORE_FAKE_SERVER_H
#define PALPATE_TESTS_STORE_FAKE_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"

/* What a statement is answered with. */
struct fake_reply {
    bool silent;                             /* gives no answer at all */
    bool hang_up;                            /* closes instead */
    const char *sqlstate, *message, *detail; /* an error, where sqlstate is given */
    int columns, rows;                       /* else a result; columns 0: a command that gives none */
    const char *const *values;
};

static struct fake {
    pthread_mutex_t lock; /* guards all but the thread */
    pthread_t thread;
    int listener, client;
    struct fake_reply reply;
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .listener = -1, .client = -1 };

static atomic_int fake_connections, fake_statements;

struct fake_out {
    unsigned char at[4096];
    size_t n, message;
};

static inline void fake_bytes(struct fake_out *o, const void *p, size_t n)
{
    assert(o->n + n <= sizeof(o->at));
    memcpy(o->at + o->n, p, n);
    o->n += n;
}

static inline void fake_text(struct fake_out *o, const char *s)
{
    fake_bytes(o, s, strlen(s) + 1);
}

static inline void fake_number(struct fake_out *o, uint64_t v, int bytes)
{
    while (bytes-- > 0)
        fake_bytes(o, &(unsigned char){ (unsigned char)(v >> 8 * bytes) }, 1);
}

static inline void fake_begin(struct fake_out *o, char type)
{
    fake_bytes(o, &type, 1);
    o->message = o->n;
    fake_number(o, 0, 4);
}

static inline void fake_end(struct fake_out *o)
{
    size_t n = o->n, length = n - o->message;
    o->n = o->message;
    fake_number(o, length, 4);
    o->n = n;
}

static inline void fake_error(struct fake_out *o, const struct fake_reply *r)
{
    const char *const fields[][2] = {
        { "S", "ERROR" }, { "V", "ERROR" }, { "C", r->sqlstate }, { "M", r->message }, { "D", r->detail }
    };
    fake_begin(o, 'E');
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (fields[i][1]) {
            fake_bytes(o, fields[i][0], 1);
            fake_text(o, fields[i][1]);
        }
    }
    fake_number(o, 0, 1);
    fake_end(o);
}

static inline void fake_result(struct fake_out *o, const struct fake_reply *r)
{
    if (r->columns) {
        fake_begin(o, 'T');
        fake_number(o, (uint64_t)r->columns, 2);
        for (int i = 0; i < r->columns; i++) {
            fake_text(o, "column");
            fake_number(o, 0, 6);  /* no table */
            fake_number(o, 25, 4); /* text */
            fake_number(o, 0xFFFF, 2);
            fake_number(o, 0xFFFFFFFF, 4);
            fake_number(o, 0, 2);
        }
        fake_end(o);
    }
    for (int row = 0; row < r->rows; row++) {
        fake_begin(o, 'D');
        fake_number(o, (uint64_t)r->columns, 2);
        for (int i = 0; i < r->columns; i++) {
            const char *v = r->values[row * r->columns + i];
            fake_number(o, strlen(v), 4);
            fake_bytes(o, v, strlen(v));
        }
        fake_end(o);
    }
    fake_begin(o, 'C');
    fake_text(o, "SELECT 0");
    fake_end(o);
}

static inline void fake_ready(struct fake_out *o)
{
    fake_begin(o, 'Z');
    fake_bytes(o, "I", 1);
    fake_end(o);
}

static inline bool fake_read(int fd, void *p, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t k = recv(fd, (char *)p + got, n - got, 0);
        if (k <= 0)
            return false;
        got += (size_t)k;
    }
    return true;
}

/* Where a test wants rows, a statement that has none belongs to the connection and not to what is tested. */
static inline bool fake_obeys(int fd, const char *statement, size_t n)
{
    struct fake_out o = { .n = 0 };
    (void)pthread_mutex_lock(&fake.lock);
    bool rows = fake.reply.columns > 0;
    (void)pthread_mutex_unlock(&fake.lock);
    if (!rows || n < 9 || memcmp(statement, "set role ", 9) != 0)
        return false;
    fake_result(&o, &(struct fake_reply){ .columns = 0 });
    fake_ready(&o);
    return send(fd, o.at, o.n, MSG_NOSIGNAL) == (ssize_t)o.n;
}

/* Answers one statement; false when it hung up. */
static inline bool fake_answer(int fd, bool extended)
{
    struct fake_out o = { .n = 0 };
    (void)pthread_mutex_lock(&fake.lock);
    struct fake_reply r = fake.reply;
    (void)pthread_mutex_unlock(&fake.lock);
    if (r.hang_up || r.silent)
        return r.silent;
    if (extended) {
        fake_begin(&o, '1');
        fake_end(&o);
        fake_begin(&o, '2');
        fake_end(&o);
    }
    if (r.sqlstate)
        fake_error(&o, &r);
    else
        fake_result(&o, &r);
    fake_ready(&o);
    atomic_fetch_add(&fake_statements, 1);
    return send(fd, o.at, o.n, MSG_NOSIGNAL) == (ssize_t)o.n;
}

static inline void fake_serve(int fd)
{
    struct fake_out hello = { .n = 0 };
    unsigned char head[5], rest[65536];
    fake_begin(&hello, 'R');
    fake_number(&hello, 0, 4);
    fake_end(&hello);
    fake_ready(&hello);
    /* the first message has no type */
    for (bool first = true, on = true; on; first = false) {
        if (!fake_read(fd, head + first, 5u - first))
            return;
        size_t n = ((size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4]) - 4;
        if (n > sizeof(rest) || !fake_read(fd, rest, n))
            return;
        if (first)
            on = send(fd, hello.at, hello.n, MSG_NOSIGNAL) == (ssize_t)hello.n;
        else if (head[0] == 'Q' || head[0] == 'S')
            on = (head[0] == 'Q' && fake_obeys(fd, (const char *)rest, n)) || fake_answer(fd, head[0] == 'S');
        else
            on = head[0] != 'X';
    }
}

static inline void *fake_run(void *listener)
{
    for (int fd; (fd = accept(*(int *)listener, NULL, NULL)) >= 0; (void)close(fd)) {
        (void)pthread_mutex_lock(&fake.lock);
        fake.client = fd;
        (void)pthread_mutex_unlock(&fake.lock);
        atomic_fetch_add(&fake_connections, 1);
        fake_serve(fd);
        (void)pthread_mutex_lock(&fake.lock);
        fake.client = -1;
        (void)pthread_mutex_unlock(&fake.lock);
    }
    return NULL;
}

/* Listens on `port`, or on any with 0; gives the port. */
static inline uint16_t fake_start(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t n = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fake.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fake.listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    bool listens = bind(fake.listener, (struct sockaddr *)&address, n) == 0 && listen(fake.listener, 5) == 0 &&
                   getsockname(fake.listener, (struct sockaddr *)&address, &n) == 0 &&
                   pthread_create(&fake.thread, NULL, fake_run, &fake.listener) == 0;
    assert(listens);
    return ntohs(address.sin_port);
}

/* Ends it and every connection to it. */
static inline void fake_stop(void)
{
    (void)shutdown(fake.listener, SHUT_RDWR);
    (void)pthread_mutex_lock(&fake.lock);
    if (fake.client >= 0)
        (void)shutdown(fake.client, SHUT_RDWR);
    (void)pthread_mutex_unlock(&fake.lock);
    (void)pthread_join(fake.thread, NULL);
    (void)close(fake.listener);
}

static inline void fake_will_say(struct fake_reply reply)
{
    (void)pthread_mutex_lock(&fake.lock);
    fake.reply = reply;
    (void)pthread_mutex_unlock(&fake.lock);
}

static inline const char *fake_conninfo(uint16_t port)
{
    static char text[256];
    (void)snprintf(text, sizeof(text),
                   "host=127.0.0.1 port=%u user=u dbname=d password=s3cret-pw sslmode=disable gssencmode=disable",
                   (unsigned)port);
    return text;
}

#endif
