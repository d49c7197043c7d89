#include "store/records.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "store/store_priv.h"

enum { ANSWER_MS = 10 * 1000, NO_LIMIT_MS = 24 * 3600 * 1000 };

/* What is wrong with a statement, in words that hold nothing of what stands in its rows. */
static enum rc refusal(const struct store *s, const PGresult *res, struct error *reterr)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
    /* 25: read only, so no primary any more; 40, 53, 55, 57: a conflict, no resources, a lock, the operator; 08: the
     * way there */
    static const char *const passing[] = { "08", "25", "40", "53", "55", "57", "58" };
    if (!state || PQstatus(s->conn) != CONNECTION_OK || s->silent)
        return error_set(reterr, RC_STORE_DOWN, "could not reach the database: %s",
                         s->silent ? "it gives no answer" : "the connection is lost");
    for (size_t i = 0; i < ARRAY_LEN(passing); i++)
        if (strncmp(state, passing[i], 2) == 0)
            return error_set(reterr, RC_STORE_DOWN, "the database could not do it now (SQLSTATE %s)", state);
    if (strcmp(state, "42883") == 0 || strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0)
        return error_set(reterr, RC_STORE_DOWN, "the database has no tables for records: run palpate migrate");
    return error_set(reterr, RC_STORE_REFUSED, "the database refused it (SQLSTATE %s%s%s)", state,
                     constraint ? ", constraint " : "", constraint ? constraint : "");
}

/* ---- appending -------------------------------------------------------------------------------------------- */

static bool copy(char *to, size_t room, const PGresult *res, int row, int column)
{
    return snprintf(to, room, "%s", PQgetvalue(res, row, column)) < (int)room;
}

#define REPEAT_COLUMNS "same, id, catalogue_digest, answer_digest, language, to_char(as_of, 'YYYY-MM-DD')"

static bool read_repeat(const PGresult *res, int row, struct record_repeat *ret)
{
    ret->row = (size_t)store_int_at(res, row, 0);
    ret->same = PQgetvalue(res, row, 1)[0] == 't';
    return copy(ret->id, sizeof(ret->id), res, row, 2) &&
           copy(ret->catalogue_digest, sizeof(ret->catalogue_digest), res, row, 3) &&
           copy(ret->answer_digest, sizeof(ret->answer_digest), res, row, 4) &&
           copy(ret->language, sizeof(ret->language), res, row, 5) &&
           date_parse(str_of(PQgetvalue(res, row, 6)), &ret->as_of);
}

enum rc store_records_append(struct store *s, const char *batch, bool again, struct record_repeat *ret_repeats,
                             size_t room, size_t *ret_n, struct error *reterr)
{
    const char *const values[] = { batch, again ? "true" : "false" };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, ANSWER_MS, "select ord - 1, " REPEAT_COLUMNS " from palpate.record_screenings($1::json, $2::boolean)", 2,
        values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 7 || (size_t)PQntuples(res) > room)
        return store_unexpected_form(reterr);
    for (int i = 0; i < PQntuples(res); i++)
        if (!read_repeat(res, i, &ret_repeats[i]))
            return store_unexpected_form(reterr);
    *ret_n = (size_t)PQntuples(res);
    return RC_OK;
}

/* ---- one clinic's rows ------------------------------------------------------------------------------------ */

static int64_t long_at(const PGresult *res, int row, int column)
{
    return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

enum rc store_record_find(struct store *s, const char *clinic, const char *id, struct arena *arena,
                          struct kept_record *ret, struct error *reterr)
{
    const char *const values[] = { clinic, id };
    CLEANUP(clear_result)
    PGresult *res =
        store_query_for(s, ANSWER_MS, clinic,
                        "select s.clinic, s.id, palpate.screening_resource(s), s.payload, s.catalogue_digest,"
                        " encode(s.answer_digest, 'hex'), s.language, to_char(s.as_of, 'YYYY-MM-DD'),"
                        " s.erased_at is not null from palpate.screening s"
                        " where s.clinic = $1 and s.recorded_at = palpate.uuid_time($2::uuid) and s.id = $2::uuid",
                        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 9)
        return store_unexpected_form(reterr);
    if (PQntuples(res) == 0)
        return error_set(reterr, RC_NOT_FOUND, "there is no such record");
    *ret = (struct kept_record){
        .clinic = store_text_at(res, 0, 0, arena),
        .id = store_text_at(res, 0, 1, arena),
        .resource = store_text_at(res, 0, 2, arena),
        .payload = store_text_at(res, 0, 3, arena),
        .catalogue_digest = store_text_at(res, 0, 4, arena),
        .answer_digest = store_text_at(res, 0, 5, arena),
        .language = store_text_at(res, 0, 6, arena),
        .as_of = store_text_at(res, 0, 7, arena),
        .erased = PQgetvalue(res, 0, 8)[0] == 't',
    };
    return arena->exhausted ? error_oom(reterr) : RC_OK;
}

enum rc store_record_list(struct store *s, const char *clinic, const char *subject, const char *before, int limit,
                          struct arena *arena, struct kept_record **ret, size_t *ret_n, struct error *reterr)
{
    char number[16];
    const char *const values[] = { clinic, subject, before, number };
    (void)snprintf(number, sizeof(number), "%d", limit);
    CLEANUP(clear_result)
    PGresult *res =
        store_query_for(s, ANSWER_MS, clinic,
                        "select s.id, palpate.screening_resource(s) from palpate.screening s where s.clinic = $1"
                        " and ($2::text is null or s.subject_ref = $2::text)"
                        " and ($3::uuid is null or s.recorded_at <= palpate.uuid_time($3::uuid)"
                        " and (s.recorded_at, s.id) < (palpate.uuid_time($3::uuid), $3::uuid))"
                        " order by s.recorded_at desc, s.id desc limit $4::integer",
                        4, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 2)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct kept_record *list = ARENA_ARRAY(arena, struct kept_record, n);
    for (size_t i = 0; list && i < n; i++)
        list[i] = (struct kept_record){ .id = store_text_at(res, (int)i, 0, arena),
                                        .resource = store_text_at(res, (int)i, 1, arena) };
    if (!list || arena->exhausted)
        return error_oom(reterr);
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

/* A statement whose answer is one number. */
static enum rc number_for(struct store *s, const char *clinic, int64_t timeout_ms, const char *sql, int n,
                          const char *const *values, int64_t *ret, struct error *reterr)
{
    CLEANUP(clear_result) PGresult *res = store_query_for(s, timeout_ms, clinic, sql, n, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 1)
        return store_unexpected_form(reterr);
    *ret = long_at(res, 0, 0);
    return RC_OK;
}

enum rc store_record_erase(struct store *s, const char *clinic, const char *subject, const char *key, int64_t *ret_n,
                           struct error *reterr)
{
    const char *const values[] = { subject, key };
    return number_for(s, clinic, ANSWER_MS, "select palpate.erase_subject($1, $2, null)", 2, values, ret_n, reterr);
}

enum rc store_record_verify(struct store *s, const char *clinic, struct arena *arena, struct verified_chain *ret,
                            struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query_for(s, NO_LIMIT_MS, clinic,
                                    "select records, erased, first_seq, last_seq, digest, broken_seq, broken_id, fault"
                                    " from palpate.verify_records()",
                                    0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 8)
        return store_unexpected_form(reterr);
    *ret = (struct verified_chain){
        .records = long_at(res, 0, 0),
        .erased = long_at(res, 0, 1),
        .first = long_at(res, 0, 2),
        .last = long_at(res, 0, 3),
        .digest = store_text_at(res, 0, 4, arena),
        .broken = long_at(res, 0, 5),
        .broken_id = store_text_at(res, 0, 6, arena),
        .fault = store_text_at(res, 0, 7, arena),
    };
    return arena->exhausted ? error_oom(reterr) : RC_OK;
}

enum rc store_record_kept(struct store *s, const char *clinic, int64_t after_seq, struct arena *arena,
                          struct kept_record **ret, size_t *ret_n, int64_t *ret_seq, struct error *reterr)
{
    char after[32], most[16];
    const char *const values[] = { clinic, after, most };
    (void)snprintf(after, sizeof(after), "%lld", (long long)after_seq);
    (void)snprintf(most, sizeof(most), "%d", RECORDS_AT_A_TIME);
    CLEANUP(clear_result)
    PGresult *res =
        store_query_for(s, NO_LIMIT_MS, clinic,
                        "select s.id, to_char(s.as_of, 'YYYY-MM-DD'), translate(s.payload, E'\\n\\r', '  '), s.seq"
                        " from palpate.screening s where s.clinic = $1 and s.seq > $2::bigint"
                        " and s.payload is not null order by s.seq limit $3::integer",
                        3, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 4)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct kept_record *list = ARENA_ARRAY(arena, struct kept_record, n);
    for (size_t i = 0; list && i < n; i++) {
        int r = (int)i;
        list[i] = (struct kept_record){ .id = store_text_at(res, r, 0, arena),
                                        .as_of = store_text_at(res, r, 1, arena),
                                        .payload = store_text_at(res, r, 2, arena) };
        *ret_seq = long_at(res, r, 3);
    }
    if (!list || arena->exhausted)
        return error_oom(reterr);
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

enum rc store_record_purge(struct store *s, const char *clinic, int64_t *ret_n, struct error *reterr)
{
    return number_for(s, clinic, NO_LIMIT_MS, "select palpate.purge_records()", 0, NULL, ret_n, reterr);
}

enum rc store_record_drop_months(struct store *s, int64_t *ret_n, struct error *reterr)
{
    return number_for(s, "", NO_LIMIT_MS, "select palpate.drop_empty_partitions()", 0, NULL, ret_n, reterr);
}

enum rc store_record_clinics(struct store *s, struct arena *arena, struct str **ret, size_t *ret_n,
                             struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, ANSWER_MS, "select id from palpate.clinic order by id", 0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    size_t n = (size_t)PQntuples(res);
    struct str *list = ARENA_ARRAY(arena, struct str, n);
    for (size_t i = 0; list && i < n; i++)
        list[i] = store_text_at(res, (int)i, 0, arena);
    if (!list || arena->exhausted)
        return error_oom(reterr);
    *ret = list;
    *ret_n = n;
    return RC_OK;
}

enum rc store_record_catalogue(struct store *s, const char *clinic, const char *digest, struct arena *arena,
                               struct str *ret_document, struct str *ret_overlay, struct error *reterr)
{
    const char *const values[] = { clinic, digest };
    CLEANUP(clear_result)
    PGresult *res = store_query_for(
        s, ANSWER_MS, clinic,
        "select palpate.catalogue_document(f.version), f.overlay from (select v.version, null as overlay"
        " from palpate.catalogue_version v where v.digest = $2::char(64) union all"
        " select j.version, o.document from palpate.overlay_joined j join palpate.overlay o"
        " on o.clinic = j.clinic and o.number = j.number where j.clinic = $1 and j.digest = $2::char(64)"
        " limit 1) f",
        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 2)
        return store_unexpected_form(reterr);
    if (PQntuples(res) == 0)
        return error_set(reterr, RC_NOT_FOUND, "the database does not hold the catalogue %.12s", digest);
    struct str document = store_text_at(res, 0, 0, arena), overlay = store_text_at(res, 0, 1, arena);
    if (arena->exhausted)
        return error_oom(reterr);
    *ret_document = document;
    *ret_overlay = overlay;
    return RC_OK;
}

enum rc store_record_of_key(struct store *s, const char *clinic, const char *key_hash, const char *fingerprint,
                            bool *ret_found, struct record_repeat *ret, struct error *reterr)
{
    const char *const values[] = { key_hash, fingerprint };
    CLEANUP(clear_result)
    PGresult *res = store_query_for(
        s, ANSWER_MS, clinic,
        "select 0, " REPEAT_COLUMNS " from palpate.record_of_key(decode($1, 'hex'), decode($2, 'hex'))", 2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return refusal(s, res, reterr);
    if (PQnfields(res) != 7)
        return store_unexpected_form(reterr);
    *ret_found = PQntuples(res) == 1;
    return !*ret_found || read_repeat(res, 0, ret) ? RC_OK : store_unexpected_form(reterr);
}
