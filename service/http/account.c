#include "http/http_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "base/log.h"

/* ---- limits ----------------------------------------------------------------------------------------------- */

/* Keys are unique in their clinic. */
static struct str caller_name(const struct exchange *x, char out[static CLINIC_BYTES + KEY_ID_BYTES])
{
    if (!*x->caller.key)
        return guard_address(x->connection);
    return (struct str){ out,
                         (size_t)snprintf(out, CLINIC_BYTES + KEY_ID_BYTES, "%s/%s", x->caller.clinic, x->caller.key) };
}

/* The fields of draft-ietf-httpapi-ratelimit-headers-10. */
static void reply_rate(struct exchange *x, const struct rate *rate)
{
    const struct http_config *c = http_config_of(x->http);
    char text[96];
    uint32_t window = (c->rate_burst + c->rate_limit - 1) / c->rate_limit;
    (void)snprintf(text, sizeof(text), "\"caller\";q=%" PRIu32 ";w=%" PRIu32, c->rate_burst, window);
    reply_header(x, "RateLimit-Policy", text);
    (void)snprintf(text, sizeof(text), "\"caller\";r=%" PRIu32 ";t=%" PRIu32, rate->left,
                   rate->allowed ? rate->reset_s : rate->wait_s);
    reply_header(x, "RateLimit", text);
    if (!rate->allowed) {
        (void)snprintf(text, sizeof(text), "%" PRIu32, rate->wait_s);
        reply_header(x, "Retry-After", text);
    }
}

static bool within_rate(struct exchange *x)
{
    struct rates *rates = http_rates_of(x->http);
    if (!rates)
        return true;
    char name[CLINIC_BYTES + KEY_ID_BYTES];
    struct rate rate = rates_take(rates, caller_name(x, name), x->began_ns);
    reply_rate(x, &rate);
    if (rate.allowed)
        return true;
    (void)metric_add(METRIC_REFUSED_RATE, 1);
    /* This refusal takes the place of the other one. */
    (void)u_map_remove_from_key(x->res->map_header, "WWW-Authenticate");
    reply_error(x, RC_RATE_LIMITED, "no more than %" PRIu32 " requests a second: see the field Retry-After",
                http_config_of(x->http)->rate_limit);
    return false;
}

bool admitted(struct exchange *x, int needs)
{
    int max = http_config_of(x->http)->requests_in_flight_max;
    if (route_is_exempt(x->route))
        return authorized(x, needs);
    if (max && x->before >= max) {
        (void)metric_add(METRIC_REFUSED_IN_FLIGHT, 1);
        reply_error(x, RC_OVERLOADED, "too many requests are being answered: see the field Retry-After");
        return false;
    }
    bool may = authorized(x, needs);
    return within_rate(x) && may; /* who guesses at keys is slowed down as well */
}

/* ---- one request ------------------------------------------------------------------------------------------ */

void account_begin(struct exchange *x)
{
    x->began_ns = clock_ns();
    x->before = metric_add(METRIC_IN_FLIGHT, 1);
    x->route = route_count();
    request_id_take(header(x, "X-Request-Id"), x->request_id);
    trace_id_take(header(x, "traceparent"), x->trace_id);
}

/* A client's own failures are told, but not at any rate: how many were left out stands in the next line. */
static bool has_room(struct account *a, int64_t now_s, int64_t *ret_left_out)
{
    if (atomic_exchange(&a->second, now_s) != now_s)
        atomic_store(&a->lines, 0);
    if (atomic_fetch_add(&a->lines, 1) >= FAILURE_LINES_A_SECOND) {
        (void)atomic_fetch_add(&a->left_out, 1);
        return false;
    }
    *ret_left_out = atomic_exchange(&a->left_out, 0);
    return true;
}

/* Only methods that HTTP knows: another one is whatever the client likes. */
static const char *method_of(const struct exchange *x)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i], x->req->http_verb) == 0)
            return known[i];
    return "other";
}

static void tell(struct exchange *x, int64_t duration_ns)
{
    long status = x->res->status;
    int64_t left_out = 0;
    bool failed = status >= 400 && !(route_is_exempt(x->route) && status == 503); /* which says "not ready" */
    bool own = failed && status >= 500 && x->rc != RC_OVERLOADED;
    enum log_level level = !failed ? LOG_DEBUG : !own ? LOG_INFO : status == 503 ? LOG_WARNING : LOG_ERROR;
    if (!log_is_on(level) ||
        (failed && !own && !has_room(http_account_of(x->http), x->began_ns / 1000000000, &left_out)))
        return;
    log_event(level, failed ? "request_failed" : "request", F_STR("request_id", str_of(x->request_id)),
              F_STR("trace_id", str_of(x->trace_id)), F_STR("method", str_of(method_of(x))),
              F_STR("route", str_of(route_path(x->route))), F_INT("status", status),
              F_STR("type", x->rc == RC_OK ? STR("") : str_of(rc_name(x->rc))),
              F_INT("duration_us", duration_ns / 1000), F_INT("left_out", left_out));
}

void account_end(struct exchange *x)
{
    struct account *a = http_account_of(x->http);
    int64_t duration = clock_ns() - x->began_ns;
    long status = x->res->status;
    reply_header(x, "X-Request-Id", x->request_id);
    if (http_is_stopping(x->http))
        reply_header(x, "Connection", "close");
    if (status >= STATUS_MIN && status < STATUS_MIN + STATUSES)
        (void)atomic_fetch_add_explicit(&a->requests[x->route][status - STATUS_MIN], 1, memory_order_relaxed);
    histogram_add(&a->durations[route_group(x->route)], (uint64_t)duration);
    (void)metric_add(METRIC_IN_FLIGHT, -1);
    tell(x, duration);
}

void account_decision(struct exchange *x, enum disposition disposition)
{
    (void)atomic_fetch_add_explicit(&http_account_of(x->http)->decisions[disposition], 1, memory_order_relaxed);
}
