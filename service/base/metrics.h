/* Counters, gauges and histograms of the process, as Prometheus reads them (text format 0.0.4).
 *
 * One table says them all, their labels included: a label is a constant of the program, so no series can ever come from
 * what a client sends. Counting is one relaxed atomic addition, safe from any thread. What needs a label that is known
 * only when the program runs (a route, a version) is written by its owner: see http/metrics.c. */
#ifndef PALPATE_BASE_METRICS_H
#define PALPATE_BASE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"

/* Members of one family stand together: the first one's help counts.
 *    id, kind, family, labels, help */
#define METRIC_LIST(X)                                                                                                 \
    X(METRIC_CONNECTIONS, "gauge", "palpate_http_connections", "", "Open connections.")                                \
    X(METRIC_IN_FLIGHT, "gauge", "palpate_http_requests_in_flight", "", "Requests that are being answered.")           \
    X(METRIC_REFUSED_RATE, "counter", "palpate_http_refused_total", "kind=\"rate\"",                                   \
      "Requests refused and connections closed by a limit, by its kind.")                                              \
    X(METRIC_REFUSED_IN_FLIGHT, "counter", "palpate_http_refused_total", "kind=\"in_flight\"", "")                     \
    X(METRIC_CUT_HEADER, "counter", "palpate_http_refused_total", "kind=\"header_timeout\"", "")                       \
    X(METRIC_CUT_BODY, "counter", "palpate_http_refused_total", "kind=\"body_timeout\"", "")                           \
    X(METRIC_CUT_ANSWER, "counter", "palpate_http_refused_total", "kind=\"answer_timeout\"", "")                       \
    X(METRIC_CUT_CROWDED, "counter", "palpate_http_refused_total", "kind=\"crowded\"", "")                             \
    X(METRIC_TLS_RELOADED, "counter", "palpate_tls_reloads_total", "result=\"taken\"",                                 \
      "Times the certificate was read again, by what came of it.")                                                     \
    X(METRIC_TLS_REFUSED, "counter", "palpate_tls_reloads_total", "result=\"refused\"", "")                            \
    X(METRIC_TLS_EXPIRES, "gauge", "palpate_tls_certificate_expires_seconds", "",                                      \
      "When the certificate in use expires, in seconds since 1970; 0 without TLS.")
#define X(id, kind, family, labels, help) id,
enum metric { METRIC_LIST(X) METRIC_COUNT_ };
#undef X

/* Adds to a counter, or moves a gauge; gives the value from before. */
int64_t metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t value);
int64_t metric_value(enum metric m);
/* All of the table, in its order. */
void metrics_write(struct buf *b);

/* ---- histograms ------------------------------------------------------------------------------------------- */

/* Times from 100 us to 10 s. Where one is kept is its owner's affair; all zero is empty. */
enum { HISTOGRAM_BOUNDS = 16 };
struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BOUNDS + 1]; /* the last one: above every bound */
    _Atomic uint64_t sum_ns;
};

void histogram_add(struct histogram *h, uint64_t ns);
/* The head of a family, once, and then each of its histograms; `labels` as in a="b",c="d", or "". */
void metrics_write_head(struct buf *b, const char *family, const char *kind, const char *help);
void histogram_write(struct buf *b, const char *family, const char *labels, const struct histogram *h);
/* A label's value may hold anything: quotes, backslashes and ends of lines are escaped. */
void metrics_write_label(struct buf *b, const char *name, struct str value);

#endif
