/* Starts and stops ulfius on libmicrohttpd, with every option said: the easy start of ulfius has no time-out, no bound
 * on connections and a logger that takes text as a format.
 *
 * A small pool of polling threads serves all connections as long as handlers never block: a thread a connection would
 * only cost memory. Where decisions are recorded they wait for a commit, and then each connection has its own thread;
 * those that wait together share the commit. (epoll of this libmicrohttpd misses a client's close when a connection's
 * memory is used up.) */
#include "http/http_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/log.h"

enum {
    STACK_BYTES = 512 * 1024,            /* of a connection's own thread: what it works with is on the heap */
    CONNECTION_MEMORY_BYTES = 16 * 1024, /* also what a request's header may take */
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
};

struct http {
    struct http_config config;
    struct _u_instance ulfius;
    struct _u_instance documents;       /* the same, with room for a whole catalogue in a body */
    MHD_AccessHandlerCallback dispatch; /* ulfius's own */
    uint16_t port;
    pthread_key_t workspace;
    struct guard *guard;
    struct tls *tls;     /* NULL: plain HTTP */
    struct rates *rates; /* NULL: no bound */
    atomic_bool stopping;
    int64_t started_at;
    struct account account;
};

const struct http_config *http_config_of(const struct http *h)
{
    return &h->config;
}

uint16_t http_port(const struct http *h)
{
    return h->port;
}

struct account *http_account_of(struct http *h)
{
    return &h->account;
}

struct rates *http_rates_of(struct http *h)
{
    return h->rates;
}

bool http_is_stopping(const struct http *h)
{
    return atomic_load_explicit(&h->stopping, memory_order_relaxed);
}

int64_t http_started_at(const struct http *h)
{
    return h->started_at;
}

/* ---- one request ------------------------------------------------------------------------------------------ */

static void workspace_free(void *p)
{
    struct workspace *w = p;
    if (w) {
        arena_done(&w->arena);
        buf_done(&w->out);
        free(w);
    }
}

/* The calling thread's own; freed when the thread ends. */
static struct workspace *workspace_of(struct http *h)
{
    struct workspace *w = pthread_getspecific(h->workspace);
    if (!w) {
        w = calloc(1, sizeof(*w));
        if (!w)
            return NULL;
        arena_init(&w->arena, ARENA_BYTES_MAX);
        buf_init(&w->out, ANSWER_BYTES_MAX);
        if (pthread_setspecific(h->workspace, w) != 0) {
            workspace_free(w);
            return NULL;
        }
    }
    arena_reset(&w->arena);
    faults_init(&w->faults, &w->arena);
    return w;
}

/* The connection that libmicrohttpd has called this thread for: ulfius does not hand it on. */
static _Thread_local struct connection *serving;

static int on_request(const struct _u_request *req, struct _u_response *res, void *user_data)
{
    struct http *h = user_data;
    struct exchange x = { .http = h, .req = req, .res = res, .work = workspace_of(h), .connection = serving };
    guard_enter(serving, STAGE_WORK);
    account_begin(&x);
    if (x.work)
        route(&x);
    else
        reply_out_of_memory(&x);
    account_end(&x);
    guard_enter(serving, STAGE_ANSWER);
    return U_CALLBACK_COMPLETE;
}

/* ---- the steps of a request, for the guard ---------------------------------------------------------------- */

static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct connection *connection = guard_find(c);
    void **request = guard_request(connection), *made = ulfius_uri_logger(cls, uri);
    guard_enter(connection, STAGE_HEADER);
    if (request)
        *request = made;
    return made;
}

/* ulfius has one bound for all bodies: who may store a catalogue is let in with a larger one. Called when the header is
 * whole, for each part of the body, and when that is whole. */
static enum MHD_Result on_access(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                                 const char *version, const char *part, size_t *part_bytes, void **context)
{
    struct http *h = cls;
    struct _u_instance *u = takes_document(h, c, method, url) ? &h->documents : &h->ulfius;
    serving = guard_find(c);
    guard_enter_body(serving);
    enum MHD_Result result = h->dispatch(u, c, url, method, version, part, part_bytes, context);
    serving = NULL;
    return result;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode how)
{
    void **request = guard_request(guard_find(c));
    mhd_request_completed(cls, c, context, how);
    if (request)
        *request = NULL;
    guard_enter(guard_find(c), STAGE_IDLE);
}

/* Where a request line leaves no memory for what follows it, libmicrohttpd closes the connection and does not say that
 * the request is over. */
static void on_connection(void *guard, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    void **request = code == MHD_CONNECTION_NOTIFY_CLOSED ? guard_request(*context) : NULL;
    if (request && *request)
        mhd_request_completed(NULL, c, request, MHD_REQUEST_TERMINATED_WITH_ERROR);
    guard_notified(guard, c, context, code);
}

/* ulfius gives libmicrohttpd its own handler and leaves no room for another. This stands before libmicrohttpd's
 * function of the same name, so that ours is called first. */
struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port, MHD_AcceptPolicyCallback accept,
                                    void *accept_cls, MHD_AccessHandlerCallback dispatch, void *handler_cls, ...)
{
    struct http *h = (struct http *)((char *)handler_cls - offsetof(struct http, ulfius));
    va_list options;
    h->documents = h->ulfius;
    h->documents.max_post_body_size = DOCUMENT_BYTES_MAX + 1;
    h->dispatch = dispatch;
    va_start(options, handler_cls);
    struct MHD_Daemon *d = MHD_start_daemon_va(flags, port, accept, accept_cls, on_access, h, options);
    va_end(options);
    return d;
}

/* What libmicrohttpd has to say is for developers; it may quote what a client sent, so only the fact is kept. */
static void on_library_log(void *unused, const char *fmt, va_list args)
{
    (void)unused;
    (void)fmt;
    (void)args;
    log_event(LOG_DEBUG, "http_library", F_STR("what", STR("libmicrohttpd reported a problem with a connection")));
}

/* ---- forms ------------------------------------------------------------------------------------------------- */

/* No resource of ours takes a form, but ulfius parses every form it is sent: into memory without a bound, and where the
 * boundary is missing it drops the connection without an answer. These stand before libmicrohttpd's functions of the
 * same names, so that a form is read past like any other body and its resource can say what it takes (415). */
static char no_form;

struct MHD_PostProcessor *MHD_create_post_processor(struct MHD_Connection *connection, size_t buffer_size,
                                                    MHD_PostDataIterator iter, void *iter_cls)
{
    (void)connection;
    (void)buffer_size;
    (void)iter;
    (void)iter_cls;
    return (struct MHD_PostProcessor *)&no_form;
}

enum MHD_Result MHD_post_process(struct MHD_PostProcessor *pp, const char *post_data, size_t post_data_len)
{
    (void)pp;
    (void)post_data;
    (void)post_data_len;
    return MHD_YES;
}

enum MHD_Result MHD_destroy_post_processor(struct MHD_PostProcessor *pp)
{
    (void)pp;
    return MHD_YES;
}

/* ---- listening -------------------------------------------------------------------------------------------- */

static bool parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret, socklen_t *ret_len)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    memset(ret, 0, sizeof(*ret));
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *ret_len = sizeof(*v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *ret_len = sizeof(*v6);
        return true;
    }
    return false;
}

static enum rc listen_error(const struct http_config *c, struct error *reterr)
{
    const char *hint = errno == EADDRINUSE      ? ": another program uses the port"
                       : errno == EACCES        ? ": this port needs more rights"
                       : errno == EADDRNOTAVAIL ? ": this machine does not have the address"
                                                : "";
    return error_set(reterr, RC_OS, "cannot listen on %s, port %u%s (%m)", c->listen, (unsigned)c->port, hint);
}

/* The socket is ours, so that what goes wrong can be told apart and any free port can be asked for. */
static enum rc open_socket(struct http *h, int *ret_fd, struct error *reterr)
{
    const struct http_config *c = &h->config;
    struct sockaddr_storage address;
    socklen_t len;
    int on = 1;
    if (!parse_address(c->listen, c->port, &address, &len))
        return error_set(reterr, RC_SETTING, "\"%s\" is not a numeric address to listen on", c->listen);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return listen_error(c, reterr);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        enum rc rc = listen_error(c, reterr);
        (void)close(fd);
        return rc;
    }
    h->port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                                 : ((struct sockaddr_in6 *)&address)->sin6_port);
    *ret_fd = fd;
    return RC_OK;
}

static enum rc start_ulfius(struct http *h, int fd, struct error *reterr)
{
    const struct http_config *c = &h->config;
    bool own_thread = c->record.mode != RECORD_OFF;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_library_log, NULL },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_request_line, NULL },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, h->guard },
        { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
        { own_thread ? MHD_OPTION_THREAD_STACK_SIZE : MHD_OPTION_THREAD_POOL_SIZE,
          own_thread ? STACK_BYTES : c->threads, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, c->connections_max, NULL },
        { MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->connections_per_address_max, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, c->idle_timeout_s, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, NULL },
        { h->tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0, TLS_PRIORITIES },
        { MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)tls_has_none },
        { MHD_OPTION_END, 0, NULL },
    };
    bool v6 = strchr(c->listen, ':') != NULL;
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG | (v6 ? MHD_USE_IPv6 : 0) |
                     (own_thread ? MHD_USE_THREAD_PER_CONNECTION : 0) | (h->tls ? MHD_USE_TLS : 0);
    if (ulfius_init_instance(&h->ulfius, h->port, NULL, NULL) != U_OK)
        return error_oom(reterr);
    h->ulfius.max_post_body_size =
        BODY_BYTES_MAX + 1; /* ulfius cuts at its limit: one more shows that there was more */
    h->ulfius.check_utf8 = 0;
    if (ulfius_add_endpoint_by_val(&h->ulfius, "*", NULL, "*", 0, on_request, h) != U_OK ||
        ulfius_set_default_endpoint(&h->ulfius, on_request, h) != U_OK)
        return error_oom(reterr);
    if (ulfius_start_framework_with_mhd_options(&h->ulfius, flags, options) != U_OK)
        return error_set(reterr, RC_OS, "could not start the HTTP server");
    return RC_OK;
}

static enum rc start_parts(struct http *h, struct error *reterr)
{
    const struct http_config *c = &h->config;
    enum rc rc = RC_OK;
    if (c->tls_certificate)
        rc = tls_open(c->tls_certificate, c->tls_key, &h->tls, reterr);
    if (rc == RC_OK && c->rate_limit)
        rc = rates_new(c->rate_limit, c->rate_burst, &h->rates, reterr);
    if (rc == RC_OK)
        rc = guard_start(&(struct guard_config){ .header_s = c->header_timeout_s,
                                                 .body_s = c->body_timeout_s,
                                                 .answer_s = c->answer_timeout_s,
                                                 .idle_s = c->idle_timeout_s,
                                                 .connections_max = c->connections_max,
                                                 .tls = h->tls },
                         &h->guard, reterr);
    return rc;
}

static void stop_parts(struct http *h)
{
    guard_stop(h->guard);
    rates_free(h->rates);
    tls_close(h->tls);
    (void)pthread_key_delete(h->workspace);
    free(h);
}

enum rc http_start(const struct http_config *config, struct http **ret, struct error *reterr)
{
    int fd = -1;
    struct http *h = calloc(1, sizeof(*h));
    if (!h)
        return error_oom(reterr);
    h->config = *config;
    h->started_at = time(NULL);
    if (pthread_key_create(&h->workspace, workspace_free) != 0) {
        free(h);
        return error_set(reterr, RC_OS, "could not start the HTTP server");
    }
    enum rc rc = start_parts(h, reterr);
    if (rc == RC_OK)
        rc = open_socket(h, &fd, reterr);
    if (rc == RC_OK)
        rc = start_ulfius(h, fd, reterr);
    if (rc != RC_OK) {
        if (fd >= 0) {
            (void)close(fd);
            ulfius_clean_instance(&h->ulfius);
        }
        stop_parts(h);
        return rc;
    }
    *ret = h;
    return RC_OK;
}

enum rc http_reload(struct http *h, struct error *reterr)
{
    return h->tls ? tls_reload(h->tls, reterr) : RC_OK;
}

void http_drain(struct http *h)
{
    atomic_store(&h->stopping, true);
}

/* A socket that ceases to listen resets every connection that the kernel holds for it, and with it a request that may
 * have come already. So first no new ones are let in, and those that are on their way are taken. The socket itself may
 * not be closed while libmicrohttpd runs. */
static int stop_listening(struct http *h)
{
    enum { FLAGS_AT = 13, SYN = 2, REST_MS = 20, BEGIN_MS = 1000 };
    struct sock_filter no_syn[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
                                    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
                                    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX) };
    struct sock_fprog filter = { .len = ARRAY_LEN(no_syn), .filter = no_syn };
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    int fd = MHD_quiesce_daemon(h->ulfius.mhd_daemon), c;
    if (fd < 0)
        return fd;
    uint64_t begun = guard_begun(h->guard);
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
    for (int64_t end = clock_ms() + (h->config.stop_timeout_s ? REST_MS : 0);;) {
        while ((c = accept4(fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
            begun += MHD_add_connection(h->ulfius.mhd_daemon, c, (struct sockaddr *)&address, len) == MHD_YES;
            len = sizeof(address);
        }
        if (clock_ms() >= end)
            break;
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    /* what was handed over and not begun would be cut unseen */
    for (int64_t end = clock_ms() + BEGIN_MS; guard_begun(h->guard) < begun && clock_ms() < end;)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    (void)shutdown(fd, SHUT_RDWR);
    return fd;
}

void http_stop(struct http *h)
{
    if (!h)
        return;
    int64_t began = clock_ms();
    http_drain(h);
    int fd = stop_listening(h);
    bool all = guard_drain(h->guard, h->config.stop_timeout_s);
    log_event(all ? LOG_INFO : LOG_WARNING, "drained", F_INT("after_ms", clock_ms() - began),
              F_INT("connections_cut", metric_value(METRIC_CONNECTIONS)));
    (void)ulfius_stop_framework(&h->ulfius);
    ulfius_clean_instance(&h->ulfius);
    if (fd >= 0)
        (void)close(fd); /* libmicrohttpd leaves it open once it was told to accept no more */
    stop_parts(h);
}
