/* Overlays of clinics. */
#include "store/store_priv.h"

#include <stdio.h>

#include "base/digest.h"

enum { NUMBER_BYTES = 16 };

static const char *number_text(char text[static NUMBER_BYTES], int32_t number)
{
    (void)snprintf(text, NUMBER_BYTES, "%d", number);
    return text;
}

enum rc store_overlay_list(struct store *s, const char *clinic, struct arena *arena, struct overlay_row **ret,
                           size_t *ret_n, struct error *reterr)
{
    const char *const values[] = { clinic, UTC_FORM };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, STEP_MS,
        ASKS "select l.number, l.digest, l.author, to_char(l.stored_at at time zone 'UTC', $2), l.in_force from asks"
             " cross join lateral (select o.*, exists (select from palpate.overlay_active a where a.clinic = o.clinic"
             " and a.number = o.number) as in_force from palpate.overlay o where o.clinic = asks.clinic offset 0) l"
             " order by l.number desc",
        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 5)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct overlay_row *rows = ARENA_ARRAY(arena, struct overlay_row, n);
    for (size_t i = 0; rows && i < n; i++) {
        int r = (int)i;
        rows[i] = (struct overlay_row){
            .number = store_int_at(res, r, 0),
            .digest = store_text_at(res, r, 1, arena),
            .author = store_text_at(res, r, 2, arena),
            .stored_at = store_text_at(res, r, 3, arena),
            .in_force = PQgetvalue(res, r, 4)[0] == 't',
        };
    }
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

/* One row: a number, and a text. */
static enum rc numbered_text(const struct store *s, const PGresult *res, struct arena *arena, int32_t *ret_number,
                             struct str *ret_text, struct error *reterr)
{
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 2)
        return store_unexpected_form(reterr);
    if (PQntuples(res) == 0)
        return error_set(reterr, RC_NOT_FOUND, "the clinic has no such overlay");
    struct str text = store_text_at(res, 0, 1, arena);
    if (!text.p)
        return error_oom(reterr);
    *ret_number = store_int_at(res, 0, 0);
    *ret_text = text;
    return RC_OK;
}

enum rc store_overlay_load(struct store *s, const char *clinic, int32_t number, struct arena *arena,
                           int32_t *ret_number, struct str *ret_document, struct error *reterr)
{
    char text[NUMBER_BYTES];
    const char *const values[] = { clinic, number_text(text, number) };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, LOAD_MS,
        ASKS "select o.number, o.document from asks cross join lateral (select * from palpate.overlay o"
             " where o.clinic = asks.clinic and o.number = case when $2::integer = 0 then (select a.number"
             " from palpate.overlay_active a where a.clinic = asks.clinic) else $2::integer end offset 0) o",
        2, values);
    return numbered_text(s, res, arena, ret_number, ret_document, reterr);
}

enum rc store_overlay_base(struct store *s, const char *clinic, struct arena *arena, int32_t *ret_version,
                           struct str *ret_document, struct error *reterr)
{
    const char *const values[] = { clinic };
    CLEANUP(clear_result)
    PGresult *res =
        store_query_within(s, LOAD_MS,
                           ASKS "select v.version, palpate.catalogue_document(v.version) from asks cross join lateral"
                                " (select palpate.catalogue_of_clinic() as version where asks.clinic = $1 offset 0) v"
                                " where v.version is not null",
                           1, values);
    enum rc rc = numbered_text(s, res, arena, ret_version, ret_document, reterr);
    return rc == RC_NOT_FOUND
               ? error_set(reterr, RC_NO_CATALOGUE, "the database holds no catalogue: run palpate catalogue load")
               : rc;
}

static enum rc changed(const struct store *s, const PGresult *res, int32_t *ret_number, struct error *reterr)
{
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 1)
        return store_unexpected_form(reterr);
    *ret_number = store_int_at(res, 0, 0);
    return RC_OK;
}

enum rc store_check_room(struct store *s, const char *clinic, int32_t version, const char *overlay, int32_t room,
                         struct error *reterr)
{
    char number[NUMBER_BYTES];
    const char *const values[] = { clinic, number_text(number, version), overlay };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, STEP_MS, ASKS "select palpate.catalogues_with($2::integer, $3) from asks",
                                       ARRAY_LEN(values), values);
    int32_t needed = 0;
    enum rc rc = changed(s, res, &needed, reterr);
    return rc != RC_OK || needed <= room
               ? rc
               : error_set(reterr, RC_CONFLICT,
                           "%d catalogues would be in force at once, and services hold %d (the setting catalogues): "
                           "take a version and an overlay that another clinic has, or have that raised everywhere",
                           needed, room);
}

enum rc store_overlay_put(struct store *s, const struct overlay_change *change, const char *document,
                          const char *joined, int32_t version, int32_t *ret_number, struct error *reterr)
{
    char base[NUMBER_BYTES], expected[NUMBER_BYTES], digest[DIGEST_TEXT_LEN + 1];
    digest_sha256(str_of(document), digest);
    enum rc rc = store_check_room(s, change->clinic, version, digest, change->room, reterr);
    if (rc != RC_OK)
        return rc;
    const char *const values[] = {
        change->clinic, document,
        joined,         number_text(base, version),
        change->actor,  change->expected < 0 ? NULL : number_text(expected, change->expected)
    };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, STEP_MS, ASKS "select palpate.overlay_put($2, $3, $4::integer, $5, $6::integer) from asks",
        ARRAY_LEN(values), values);
    return changed(s, res, ret_number, reterr);
}

enum rc store_overlay_withdraw(struct store *s, const struct overlay_change *change, int32_t *ret_number,
                               struct error *reterr)
{
    char expected[NUMBER_BYTES];
    const char *const values[] = { change->clinic, change->actor,
                                   change->expected < 0 ? NULL : number_text(expected, change->expected) };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, STEP_MS, ASKS "select palpate.overlay_withdraw($2, $3::integer) from asks",
                                       ARRAY_LEN(values), values);
    return changed(s, res, ret_number, reterr);
}

enum rc store_overlay_note(struct store *s, const char *clinic, int32_t number, int32_t version, const char *joined,
                           struct error *reterr)
{
    char overlay[NUMBER_BYTES], base[NUMBER_BYTES];
    const char *const values[] = { clinic, number_text(overlay, number), number_text(base, version), joined };
    CLEANUP(clear_result)
    PGresult *res =
        store_query_within(s, STEP_MS, ASKS "select palpate.overlay_note($2::integer, $3::integer, $4) from asks",
                           ARRAY_LEN(values), values);
    return PQresultStatus(res) == PGRES_TUPLES_OK ? RC_OK : store_catalogue_error(s, res, reterr);
}
