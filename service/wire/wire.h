/* JSON text <-> domain structs. One file per message.
 *
 * Reading reports every fault of a body at once; writing appends to a buffer that the caller checks at the end. All
 * functions are safe from any thread. */
#ifndef PALPATE_WIRE_WIRE_H
#define PALPATE_WIRE_WIRE_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "domain/caller.h"
#include "domain/decision.h"
#include "domain/fault.h"

/* Largest body of a request. */
/* ... and of a request that stores a whole catalogue. */
enum { BODY_BYTES_MAX = 64 * 1024, DOCUMENT_BYTES_MAX = 4 * 1024 * 1024, ANSWER_BYTES_MAX = 16 * 1024 * 1024 };

/* Reads a screening request. `today` is what as_of is when the request does not give it. RC_MALFORMED_JSON (with
 * *reterr), RC_INVALID_REQUEST (with faults) or RC_OOM leave *ret unset. Texts live in the faults' arena. */
enum rc read_screening(struct str body, int32_t today, struct faults *faults, struct screening *ret,
                       struct error *reterr) MUST_USE;

/* One step in the life of a catalogue's version. */
enum step_word { STEP_WORD_CHECK, STEP_WORD_PUBLISH, STEP_WORD_ACTIVATE, STEP_WORD_DEACTIVATE, STEP_WORD_RETIRE };
struct step_request {
    enum step_word step;
    bool all_clinics; /* else for the caller's own clinic */
    bool accepts;     /* the body has accepted findings of its own, as the file beside the catalogue has them */
};
/* Like read_screening(). */
enum rc read_step(struct str body, struct faults *faults, struct step_request *ret, struct error *reterr) MUST_USE;

/* The answer. */
void write_decision(struct buf *b, const struct decision *d);

/* What is recorded of a decision. Digests are in hexadecimal. */
struct record {
    const struct caller *caller;
    const char *id; /* a UUIDv7 */
    const struct decision *decision;
    struct str language; /* of the answer's texts */
    struct str request;  /* the body; it is written only where the clinic keeps it */
    const char *request_digest, *answer_digest;
    int64_t duration_us;
    const char *key_hash, *fingerprint; /* of the Idempotency-Key and of what came with it; NULL when there was none */
};
void write_record(struct buf *b, const struct record *r);

/* An error document (RFC 9457). `instance` names the request and may be empty; `faults` may be NULL. */
void write_problem(struct buf *b, const struct error *err, struct str instance, const struct faults *faults);

/* ---- writing JSON ----------------------------------------------------------------------------------------- */

/* A document while it is written. Members and items are separated by themselves. */
struct json_out {
    struct buf *b;
    bool comma;
};

void out_open(struct json_out *o, const char *member, char bracket);
void out_close(struct json_out *o, char bracket);
void out_str(struct json_out *o, const char *member, struct str s);
void out_int(struct json_out *o, const char *member, int64_t v);
void out_bool(struct json_out *o, const char *member, bool v);
void out_date(struct json_out *o, const char *member, int32_t day);
/* v / PER_WEEK_SCALE, without trailing zeros. */
void out_per_week(struct json_out *o, const char *member, int32_t v);
/* Left out when it is empty. */
void out_strs(struct json_out *o, const char *member, struct strs s);
void out_str_if(struct json_out *o, const char *member, struct str s);

#endif
