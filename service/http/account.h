/* What is kept of each request once it is answered: counters, and a log line where it failed. */
#ifndef PALPATE_HTTP_ACCOUNT_H
#define PALPATE_HTTP_ACCOUNT_H

#include "base/metrics.h"
#include "domain/vocabulary.h"

enum {
    ROUTES_MAX = 63,
    STATUS_MIN = 100,
    STATUSES = 500,
    FAILURE_LINES_A_SECOND = 10,
};

/* An item for each route of the table, and the last one for what is none. */
struct account {
    _Atomic uint64_t requests[ROUTES_MAX + 1][STATUSES];
    struct histogram durations[ROUTES_MAX + 1]; /* at the first route of each group */
    _Atomic uint64_t decisions[DISPOSITION_COUNT_];
    _Atomic int64_t second, lines, left_out; /* of log lines about failures that are the client's own */
};

#endif
