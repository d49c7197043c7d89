/* Stored catalogues. */
#include "store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* Says what to do when the schema is not there. */
enum rc store_catalogue_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    static const char *const no_schema[] = { "3F000", "42P01", "42703", "42883" };
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state && i < ARRAY_LEN(no_schema); i++)
        if (strcmp(state, no_schema[i]) == 0)
            return error_set(reterr, RC_NO_CATALOGUE,
                             "the database does not have the tables of this program: run palpate migrate");
    return store_statement_error(s, res, reterr);
}

enum rc store_catalogue_load(struct store *s, int32_t version, struct arena *arena, struct str *ret_document,
                             struct error *reterr)
{
    char number[16];
    const char *const values[] = { number };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, LOAD_MS,
                                       "select palpate.catalogue_document(v.version) from palpate.catalogue_version v"
                                       " where v.version = case when $1::integer = 0"
                                       " then (select a.version from palpate.catalogue_active a) else $1::integer end",
                                       1, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQntuples(res) == 0 && version)
        return error_set(reterr, RC_NOT_FOUND, "the database has no catalogue version %d", version);
    if (PQntuples(res) == 0)
        return error_set(reterr, RC_NO_CATALOGUE, "the database holds no catalogue: run palpate catalogue load");
    if (PQnfields(res) != 1)
        return store_unexpected_form(reterr);
    *ret_document = store_text_at(res, 0, 0, arena);
    return ret_document->p ? RC_OK : error_oom(reterr);
}

enum rc store_catalogue_list(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                             struct catalogue_row **ret, size_t *ret_n, struct error *reterr)
{
    char number[16];
    const char *const values[] = { clinic ? clinic : "", number, UTC_FORM };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, STEP_MS,
        ASKS
        "select l.version, l.label, l.digest, to_char(l.loaded_at at time zone 'UTC', $3), l.active, l.facts, l.rules,"
        " l.techniques, l.courses, l.evidence, l.state, l.own, l.clinics, l.revision, l.author, l.checked_by,"
        " to_char(l.checked_at at time zone 'UTC', $3), coalesce(l.findings, -1), coalesce(l.accepted, -1),"
        " l.signed_off_by, to_char(l.published_at at time zone 'UTC', $3), l.retired_by,"
        " to_char(l.retired_at at time zone 'UTC', $3), l.name, l.title from asks cross join lateral"
        " (select * from palpate.catalogue_list o where $2::integer in (0, o.version) and asks.clinic = $1 offset 0)"
        " l order by l.version desc",
        3, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 25)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    if (version && n == 0)
        return error_set(reterr, RC_NOT_FOUND, "the database has no catalogue version %d", version);
    struct catalogue_row *rows = ARENA_ARRAY(arena, struct catalogue_row, n);
    for (size_t i = 0; rows && i < n; i++) {
        int r = (int)i;
        rows[i] = (struct catalogue_row){
            .version = store_int_at(res, r, 0),
            .label = store_text_at(res, r, 1, arena),
            .digest = store_text_at(res, r, 2, arena),
            .loaded_at = store_text_at(res, r, 3, arena),
            .active = PQgetvalue(res, r, 4)[0] == 't',
            .facts = store_int_at(res, r, 5),
            .rules = store_int_at(res, r, 6),
            .techniques = store_int_at(res, r, 7),
            .courses = store_int_at(res, r, 8),
            .evidence = store_int_at(res, r, 9),
            .state = store_text_at(res, r, 10, arena),
            .own = PQgetvalue(res, r, 11)[0] == 't',
            .clinics = store_int_at(res, r, 12),
            .revision = store_int_at(res, r, 13),
            .author = store_text_at(res, r, 14, arena),
            .checked_by = store_text_at(res, r, 15, arena),
            .checked_at = store_text_at(res, r, 16, arena),
            .findings = store_int_at(res, r, 17),
            .accepted = store_int_at(res, r, 18),
            .signed_off_by = store_text_at(res, r, 19, arena),
            .published_at = store_text_at(res, r, 20, arena),
            .retired_by = store_text_at(res, r, 21, arena),
            .retired_at = store_text_at(res, r, 22, arena),
            .name = store_text_at(res, r, 23, arena),
            .title = store_text_at(res, r, 24, arena),
        };
    }
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

enum rc store_catalogue_history(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                                struct catalogue_event_row **ret, size_t *ret_n, struct error *reterr)
{
    char number[16];
    const char *const values[] = { clinic ? clinic : "", number, UTC_FORM };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, STEP_MS,
        ASKS "select to_char(e.happened_at at time zone 'UTC', $3), e.actor, e.action, e.version, e.clinic, e.detail"
             " from asks cross join lateral (select * from palpate.catalogue_event o"
             " where $2::integer in (0, o.version) and asks.clinic = $1 offset 0) e order by e.id",
        3, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 6)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct catalogue_event_row *rows = ARENA_ARRAY(arena, struct catalogue_event_row, n);
    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct catalogue_event_row){
            .at = store_text_at(res, (int)i, 0, arena),
            .actor = store_text_at(res, (int)i, 1, arena),
            .action = store_text_at(res, (int)i, 2, arena),
            .version = store_int_at(res, (int)i, 3),
            .clinic = store_text_at(res, (int)i, 4, arena),
            .detail = store_text_at(res, (int)i, 5, arena),
        };
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

enum rc store_catalogue_in_force(struct store *s, struct arena *arena, struct in_force_row **ret, size_t *ret_n,
                                 struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, SOON_MS, "select clinic, version, digest, overlay_number, overlay_digest from palpate.catalogue_in_force()",
        0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 5)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    if (n == 0 || PQgetlength(res, 0, 0) != 0)
        return error_set(reterr, RC_NO_CATALOGUE, "the database has no catalogue in force: run palpate catalogue load");
    struct in_force_row *rows = ARENA_ARRAY(arena, struct in_force_row, n);
    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct in_force_row){
            .clinic = store_text_at(res, (int)i, 0, arena),
            .version = store_int_at(res, (int)i, 1),
            .digest = store_text_at(res, (int)i, 2, arena),
            .overlay = store_int_at(res, (int)i, 3),
            .overlay_digest = store_text_at(res, (int)i, 4, arena),
        };
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}
