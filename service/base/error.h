/* Errors: a code for machines and a sentence for people, made where it happened.
 *
 * One list gives the code, the name on the wire (RFC 9457 `type`), the HTTP status and the exit status of the
 * command line. Sentences: lower case, no full stop; "could not" when trying again may help, "cannot" when it
 * never will. They never quote what a request said about a person. */
#ifndef PALPATE_BASE_ERROR_H
#define PALPATE_BASE_ERROR_H

#include "base/attr.h"
#include "base/str.h"

/* Exit statuses of the command line, after sysexits.h where that has a fitting one. */
enum {
    EXIT_OK = 0,
    EXIT_FINDINGS = 1, /* the command ran and its answer is "no": a check found faults, a request was refused */
    EXIT_REVIEW = 2,   /* with --strict: there are no faults, but findings that nobody has accepted */
    EXIT_USAGE = 64,
    EXIT_DATA = 65,
    EXIT_NO_INPUT = 66,
    EXIT_UNAVAILABLE = 69,
    EXIT_SOFTWARE = 70,
    EXIT_OS = 71,
    EXIT_CONFIG = 78,
};

/*    code                  wire name                 HTTP  exit              title */
#define RC_LIST(X)                                                                                                     \
    X(RC_OK, "ok", 200, EXIT_OK, "OK")                                                                                 \
    X(RC_MALFORMED_JSON, "malformed_json", 400, EXIT_DATA, "The body is not JSON")                                     \
    X(RC_MALFORMED_REQUEST, "malformed_request", 400, EXIT_DATA, "The request is malformed")                           \
    X(RC_UNAUTHORIZED, "unauthorized", 401, EXIT_FINDINGS, "A valid key or token is needed")                           \
    X(RC_FORBIDDEN, "forbidden", 403, EXIT_FINDINGS, "The key or token does not allow this")                           \
    X(RC_NOT_FOUND, "not_found", 404, EXIT_NO_INPUT, "There is nothing here")                                          \
    X(RC_METHOD, "method_not_allowed", 405, EXIT_USAGE, "This resource has no such method")                            \
    X(RC_NOT_ACCEPTABLE, "not_acceptable", 406, EXIT_USAGE, "No acceptable representation")                            \
    X(RC_CONFLICT, "conflict", 409, EXIT_FINDINGS, "The present state does not allow it")                              \
    X(RC_PRECONDITION_FAILED, "precondition_failed", 412, EXIT_FINDINGS, "It has changed since it was read")           \
    X(RC_BODY_TOO_LARGE, "body_too_large", 413, EXIT_DATA, "The body is too large")                                    \
    X(RC_MEDIA_TYPE, "unsupported_media_type", 415, EXIT_USAGE, "The body must be JSON")                               \
    X(RC_INVALID_REQUEST, "invalid_request", 422, EXIT_FINDINGS, "The request cannot be judged")                       \
    X(RC_KEY_REUSED, "idempotency_key_reused", 422, EXIT_FINDINGS, "The Idempotency-Key was used for another request") \
    X(RC_RECORD_UNAVAILABLE, "record_unavailable", 503, EXIT_UNAVAILABLE, "The decision cannot be recorded")           \
    X(RC_PRECONDITION_REQUIRED, "precondition_required", 428, EXIT_USAGE, "If-Match is missing")                       \
    X(RC_RATE_LIMITED, "rate_limited", 429, EXIT_UNAVAILABLE, "Too many requests")                                     \
    X(RC_OVERLOADED, "overloaded", 503, EXIT_UNAVAILABLE, "The service is busy")                                       \
    X(RC_OOM, "out_of_memory", 503, EXIT_OS, "Out of memory")                                                          \
    X(RC_NO_CATALOGUE, "no_catalogue", 503, EXIT_UNAVAILABLE, "No catalogue is loaded")                                \
    X(RC_STORE_DOWN, "store_unavailable", 503, EXIT_UNAVAILABLE, "The database cannot be reached")                     \
    X(RC_INTERNAL, "internal_error", 500, EXIT_SOFTWARE, "Internal error")                                             \
    X(RC_STORE_REFUSED, "store_refused", 500, EXIT_DATA, "The database refused")                                       \
    X(RC_CATALOGUE_INVALID, "catalogue_invalid", 422, EXIT_FINDINGS, "The catalogue has faults")                       \
    X(RC_FILE, "file_unreadable", 500, EXIT_NO_INPUT, "A file cannot be read")                                         \
    X(RC_MIGRATION, "migration_refused", 500, EXIT_CONFIG, "The migrations do not fit")                                \
    X(RC_SETTING, "setting_invalid", 500, EXIT_CONFIG, "A setting is wrong")                                           \
    X(RC_USAGE, "usage", 500, EXIT_USAGE, "The command line is wrong")                                                 \
    X(RC_OS, "system_error", 500, EXIT_OS, "The system refused")

#define X(id, wire_name, http_status, exit_status, title) id,
enum rc { RC_LIST(X) RC_COUNT_ };
#undef X

const char *rc_name(enum rc rc) PURE;
const char *rc_title(enum rc rc) PURE;
int rc_http_status(enum rc rc) PURE;
int rc_exit_status(enum rc rc) PURE;

enum { ERROR_TEXT_BYTES = 2048 };

struct error {
    enum rc code;
    char text[ERROR_TEXT_BYTES]; /* cut at the end when longer */
};

/* Fills *err (which may be NULL) and returns `code`. */
enum rc error_set(struct error *err, enum rc code, const char *fmt, ...) PRINTF_LIKE(3, 4);
enum rc error_oom(struct error *err);

#endif
