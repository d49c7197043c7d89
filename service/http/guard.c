#include "http/guard.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/date.h"
#include "base/log.h"
#include "base/metrics.h"

enum {
    LOOK_MS = 200,            /* between two looks at all connections */
    PATIENCE_MS = 1000,       /* with whoever keeps us waiting while seven eighths of the connections are open */
    LITTLE_PATIENCE_MS = 100, /* while fifteen sixteenths are: soon there is no room for anybody else */
    TELL_MS = 1000,           /* between two lines of the log */
    TRIM_MS = 2000,           /* between two times that memory is given back */
    DRAIN_LOOK_NS = 20000000,
    KEPT_BYTES = 512 * 1024, /* of free memory at the end of each of the C library's heaps */
};

struct connection {
    struct connection *before, *after; /* in the list of all, the oldest first */
    struct guard *guard;
    int fd;
    _Atomic int stage; /* written by the connection's thread, read by the guard's */
    _Atomic int64_t since_ms, end_ms;
    bool cut; /* the guard's own */
    struct tls_credentials *credentials;
    void *request; /* the server's */
    char address[INET6_ADDRSTRLEN];
};

struct guard {
    struct guard_config config;
    pthread_mutex_t lock; /* guards the list, the counts and `stopping`; held while a socket is shut down, so that it
                             cannot be closed and be another one by then */
    pthread_cond_t wake;
    struct connection *first, *last;
    int open, cut; /* all, and those of them that are shut down already */
    _Atomic uint64_t begun;
    bool stopping;
    pthread_t thread;
};

/* ---- connections ------------------------------------------------------------------------------------------ */

/* How long a stage may last, in milliseconds. */
static int64_t length_of(const struct guard_config *c, enum stage stage)
{
    int64_t s = 0;
    switch (stage) {
    case STAGE_NEW:
    case STAGE_HEADER:
        s = c->header_s;
        break;
    case STAGE_BODY:
        s = c->body_s;
        break;
    case STAGE_ANSWER:
        s = c->answer_s;
        break;
    case STAGE_IDLE: /* the first byte of the next request is not seen here: it may come at the end of the rest */
        s = c->header_s ? c->header_s + c->idle_s : 0;
        break;
    case STAGE_WORK:
    case STAGE_COUNT_:
        break;
    }
    return s ? s * 1000 : INT64_MAX / 2;
}

void guard_enter(struct connection *c, enum stage stage)
{
    if (!c)
        return;
    int64_t now = clock_ms(), end = now + length_of(&c->guard->config, stage);
    if (stage == STAGE_HEADER && atomic_load_explicit(&c->stage, memory_order_relaxed) == STAGE_NEW)
        end = atomic_load_explicit(&c->end_ms, memory_order_relaxed); /* the header's time runs already */
    atomic_store_explicit(&c->since_ms, now, memory_order_relaxed);
    atomic_store_explicit(&c->end_ms, end, memory_order_relaxed);
    atomic_store_explicit(&c->stage, stage, memory_order_relaxed);
}

void guard_enter_body(struct connection *c)
{
    if (c && atomic_load_explicit(&c->stage, memory_order_relaxed) <= STAGE_HEADER)
        guard_enter(c, STAGE_BODY);
}

static void name_address(const struct sockaddr *a, char out[static INET6_ADDRSTRLEN])
{
    if (a && a->sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (a && a->sa_family == AF_INET6) {
        struct in6_addr net = ((const struct sockaddr_in6 *)a)->sin6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(&net))
            memset(net.s6_addr + 8, 0, 8);
        (void)inet_ntop(AF_INET6, &net, out, INET6_ADDRSTRLEN);
    }
}

/* How long anybody may keep us waiting now, in milliseconds; INT64_MAX while there is room. */
static int64_t patience_locked(const struct guard *g)
{
    int open = g->open - g->cut, max = g->config.connections_max;
    return open > max - max / 16 ? LITTLE_PATIENCE_MS : open > max - max / 8 ? PATIENCE_MS : INT64_MAX;
}

static void opened(struct guard *g, struct MHD_Connection *of, void **context)
{
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(of, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(of, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct connection *c = calloc(1, sizeof(*c));
    *context = c;
    (void)atomic_fetch_add(&g->begun, 1);
    if (!c) { /* what is not watched is not served */
        (void)shutdown(fd->connect_fd, SHUT_RDWR);
        return;
    }
    c->guard = g;
    c->fd = fd->connect_fd;
    name_address(address->client_addr, c->address);
    if (g->config.tls) {
        const union MHD_ConnectionInfo *session = MHD_get_connection_info(of, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        c->credentials = tls_attach(g->config.tls, session->tls_session);
    }
    guard_enter(c, STAGE_NEW);
    (void)pthread_mutex_lock(&g->lock);
    c->before = g->last;
    *(g->last ? &g->last->after : &g->first) = c;
    g->last = c;
    g->open++;
    if (patience_locked(g) < INT64_MAX)
        (void)pthread_cond_signal(&g->wake);
    (void)pthread_mutex_unlock(&g->lock);
    (void)metric_add(METRIC_CONNECTIONS, 1);
}

static void closed(struct guard *g, struct connection *c)
{
    (void)pthread_mutex_lock(&g->lock);
    *(c->before ? &c->before->after : &g->first) = c->after;
    *(c->after ? &c->after->before : &g->last) = c->before;
    g->open--;
    g->cut -= c->cut;
    (void)pthread_mutex_unlock(&g->lock);
    (void)metric_add(METRIC_CONNECTIONS, -1);
    tls_release(c->credentials); /* the session is gone already */
    free(c);
}

void guard_notified(void *guard, struct MHD_Connection *of, void **context, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        opened(guard, of, context);
    else if (*context)
        closed(guard, *context);
}

struct connection *guard_find(struct MHD_Connection *of)
{
    return MHD_get_connection_info(of, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void **guard_request(struct connection *c)
{
    return c ? &c->request : NULL;
}

struct str guard_address(const struct connection *c)
{
    return c ? str_of(c->address) : STR("");
}

/* ---- the look at all of them ------------------------------------------------------------------------------ */

/* What was closed since it was last told, by what the client was waited for. */
struct tally {
    int header, body, answer, crowded;
    int64_t told_ms;
};

static void cut_locked(struct connection *c, enum stage stage, int *ret_kind, enum metric counter)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    if (stage == STAGE_ANSWER) /* else the kernel would keep the rest for a client that may never take it */
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    c->cut = true;
    c->guard->cut++;
    *ret_kind += 1;
    (void)metric_add(counter, 1);
    (void)shutdown(c->fd, SHUT_RDWR);
}

static void look_locked(struct guard *g, struct tally *t)
{
    int64_t now = clock_ms();
    for (struct connection *c = g->first; c; c = c->after) {
        enum stage stage = (enum stage)atomic_load_explicit(&c->stage, memory_order_relaxed);
        int64_t since = atomic_load_explicit(&c->since_ms, memory_order_relaxed);
        bool late = now >= atomic_load_explicit(&c->end_ms, memory_order_relaxed);
        bool crowded = now - since >= patience_locked(g);
        if (c->cut || stage == STAGE_WORK)
            continue;
        if (!late && crowded)
            cut_locked(c, stage, &t->crowded, METRIC_CUT_CROWDED);
        else if (late && stage == STAGE_BODY)
            cut_locked(c, stage, &t->body, METRIC_CUT_BODY);
        else if (late && stage == STAGE_ANSWER)
            cut_locked(c, stage, &t->answer, METRIC_CUT_ANSWER);
        else if (late)
            cut_locked(c, stage, &t->header, METRIC_CUT_HEADER);
    }
}

/* A crowd is cut one by one: not a line for each. */
static void tell(struct tally *t, bool last)
{
    int64_t now = clock_ms();
    if (t->header + t->body + t->answer + t->crowded == 0 || (!last && now - t->told_ms < TELL_MS))
        return;
    log_event(LOG_INFO, "slow_clients", F_INT("header", t->header), F_INT("body", t->body), F_INT("answer", t->answer),
              F_INT("crowded", t->crowded), F_STR("effect", STR("connections closed")));
    *t = (struct tally){ .told_ms = now };
}

/* What a crowd or a catalogue needed for a while the C library would keep: malloc_trim() gives back what is free
 * between what is used, M_TRIM_THRESHOLD the ends of heaps. */
static void trim(int64_t *trimmed_ms)
{
    int64_t now = clock_ms();
    if (now - *trimmed_ms < TRIM_MS)
        return;
    (void)malloc_trim(0);
    *trimmed_ms = now;
}

static void wait_locked(struct guard *g, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms * 1000000);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&g->wake, &g->lock, &until);
}

static void *look_again_and_again(void *guard)
{
    struct guard *g = guard;
    struct tally t = { 0 };
    int64_t trimmed_ms = clock_ms();
    (void)pthread_mutex_lock(&g->lock);
    while (!g->stopping) {
        look_locked(g, &t);
        (void)pthread_mutex_unlock(&g->lock);
        tell(&t, false);
        trim(&trimmed_ms);
        (void)pthread_mutex_lock(&g->lock);
        if (!g->stopping)
            wait_locked(g, LOOK_MS);
    }
    (void)pthread_mutex_unlock(&g->lock);
    tell(&t, true);
    return NULL;
}

enum rc guard_start(const struct guard_config *config, struct guard **ret, struct error *reterr)
{
    pthread_condattr_t attr;
    struct guard *g = calloc(1, sizeof(*g));
    if (!g)
        return error_oom(reterr);
    g->config = *config;
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES); /* NOLINT(concurrency-mt-unsafe): one number, set once */
    (void)pthread_mutex_init(&g->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&g->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&g->thread, NULL, look_again_and_again, g) != 0) {
        (void)pthread_cond_destroy(&g->wake);
        (void)pthread_mutex_destroy(&g->lock);
        free(g);
        return error_set(reterr, RC_OS, "could not start a thread");
    }
    *ret = g;
    return RC_OK;
}

void guard_stop(struct guard *g)
{
    if (!g)
        return;
    (void)pthread_mutex_lock(&g->lock);
    g->stopping = true;
    (void)pthread_cond_signal(&g->wake);
    (void)pthread_mutex_unlock(&g->lock);
    (void)pthread_join(g->thread, NULL);
    (void)pthread_cond_destroy(&g->wake);
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}

/* ---- stopping --------------------------------------------------------------------------------------------- */

/* Only the reading half is closed: what the client has sent already is read and answered before its end is seen. */
static void close_idle_locked(struct guard *g)
{
    int64_t now = clock_ms();
    for (struct connection *c = g->first; c; c = c->after) {
        enum stage stage = (enum stage)atomic_load_explicit(&c->stage, memory_order_relaxed);
        int64_t waited = now - atomic_load_explicit(&c->since_ms, memory_order_relaxed);
        if (stage == STAGE_IDLE || (stage == STAGE_NEW && waited >= PATIENCE_MS))
            (void)shutdown(c->fd, SHUT_RD);
    }
}

uint64_t guard_begun(const struct guard *g)
{
    return atomic_load(&g->begun);
}

bool guard_drain(struct guard *g, int seconds)
{
    int64_t end = clock_ms() + (int64_t)seconds * 1000;
    for (bool rested = false;;
         rested = true) { /* a rest at least: the last connections may just be on their way to us */
        (void)pthread_mutex_lock(&g->lock);
        close_idle_locked(g);
        bool none = g->open == 0;
        (void)pthread_mutex_unlock(&g->lock);
        if ((none && rested) || clock_ms() >= end)
            return none;
        (void)nanosleep(&(struct timespec){ .tv_nsec = DRAIN_LOOK_NS }, NULL);
    }
}
