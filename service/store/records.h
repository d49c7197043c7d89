/* The record in the database: appended by the recorder, read and erased by endpoints, verified and purged by commands
 * (sql/migrations/0009_record.sql). Every function waits for an answer for a few seconds at most, unless it says
 * otherwise; RC_STORE_DOWN then. */
#ifndef PALPATE_STORE_RECORDS_H
#define PALPATE_STORE_RECORDS_H

#include "base/digest.h"
#include "base/language.h"
#include "base/uuid.h"
#include "store/store.h"

/* The record that was made when its Idempotency-Key came first. */
struct record_repeat {
    size_t row; /* of the batch, from 0 */
    bool same;  /* the request was the same as now */
    char id[UUID_TEXT_LEN + 1];
    char catalogue_digest[DIGEST_TEXT_LEN + 1], answer_digest[DIGEST_TEXT_LEN + 1];
    char language[LANGUAGE_TAG_BYTES];
    int32_t as_of;
};

/* Appends a JSON list of records (wire/wire.h), terminated by a zero byte, all or none in one transaction. `again` when
 * an earlier try was lost before its end was known: those that are there already are left as they are. Gives those
 * rows, `room` at most, that were not stored because their Idempotency-Key had been used. RC_STORE_REFUSED: a row is at
 * fault, and nothing was stored; the text says nothing of what is in the rows. */
enum rc store_records_append(struct store *s, const char *batch, bool again, struct record_repeat *ret_repeats,
                             size_t room, size_t *ret_n, struct error *reterr) MUST_USE;

/* A record as the API shows it (JSON), and what it takes to decide it anew; texts in `arena`. */
struct kept_record {
    struct str clinic, id, resource;
    struct str payload; /* empty when it is not kept */
    struct str catalogue_digest, answer_digest, language, as_of;
    bool erased; /* then only `resource` says anything */
};
/* Was this Idempotency-Key of the clinic used before? With *ret_found *ret says for what. */
enum rc store_record_of_key(struct store *s, const char *clinic, const char *key_hash, const char *fingerprint,
                            bool *ret_found, struct record_repeat *ret, struct error *reterr) MUST_USE;
/* RC_NOT_FOUND when the clinic has no such record. */
enum rc store_record_find(struct store *s, const char *clinic, const char *id, struct arena *arena,
                          struct kept_record *ret, struct error *reterr) MUST_USE;
/* Newest first, of one subject or of all (NULL), older than the record `before` (NULL: from the newest). Only `id` and
 * `resource` are set. */
enum rc store_record_list(struct store *s, const char *clinic, const char *subject, const char *before, int limit,
                          struct arena *arena, struct kept_record **ret, size_t *ret_n, struct error *reterr) MUST_USE;
/* Makes tombstones of all records of a subject. */
enum rc store_record_erase(struct store *s, const char *clinic, const char *subject, const char *key, int64_t *ret_n,
                           struct error *reterr) MUST_USE;

/* ---- for STORE_AS_OWNER; these take the time they need ------------------------------------------------------- */

struct verified_chain {
    int64_t records, erased, first, last; /* those found good, and their numbers */
    struct str digest;                    /* of the last of them */
    int64_t broken;                       /* the number where it breaks */
    struct str broken_id, fault;          /* fault.n is 0 when it is whole */
};
enum rc store_record_verify(struct store *s, const char *clinic, struct arena *arena, struct verified_chain *ret,
                            struct error *reterr) MUST_USE;
/* The next requests that were kept with their records, oldest first, after that place in the chain; RECORDS_AT_A_TIME
 * at most, none at the end. Only id, as_of and payload are set, the payload without line breaks. *ret_seq: the place of
 * the last. */
enum { RECORDS_AT_A_TIME = 500 };
enum rc store_record_kept(struct store *s, const char *clinic, int64_t after_seq, struct arena *arena,
                          struct kept_record **ret, size_t *ret_n, int64_t *ret_seq, struct error *reterr) MUST_USE;
/* Takes away what is older than the clinic keeps. */
enum rc store_record_purge(struct store *s, const char *clinic, int64_t *ret_n, struct error *reterr) MUST_USE;
/* Drops past months in which no clinic has a record any more. */
enum rc store_record_drop_months(struct store *s, int64_t *ret_n, struct error *reterr) MUST_USE;
/* Ids of all clinics. */
enum rc store_record_clinics(struct store *s, struct arena *arena, struct str **ret, size_t *ret_n,
                             struct error *reterr) MUST_USE;
/* The document of the version with this digest; or the two that were joined to it, an overlay of the clinic's being the
 * second (empty: none). RC_NOT_FOUND when there is none. */
enum rc store_record_catalogue(struct store *s, const char *clinic, const char *digest, struct arena *arena,
                               struct str *ret_document, struct str *ret_overlay, struct error *reterr) MUST_USE;

#endif
