/* Stored catalogues. */
#include "store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* Says what to do when the schema is not there. */
static enum rc catalogue_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    static const char *const no_schema[] = { "3F000", "42P01", "42883" };
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state && i < ARRAY_LEN(no_schema); i++)
        if (strcmp(state, no_schema[i]) == 0)
            return error_set(reterr, RC_NO_CATALOGUE, "the database has no tables for catalogues: run palpate migrate");
    return store_statement_error(s, res, reterr);
}

enum rc store_catalogue_save(struct store *s, struct str document, const char *digest, int32_t *ret_version,
                             bool *ret_created, struct error *reterr)
{
    const char *const values[] = { document.p, digest };
    CLEANUP(clear_result)
    PGresult *res =
        store_query(s,
                    "with stored as materialized (select version, created from palpate.catalogue_store($1::jsonb, $2))"
                    " select version, created, palpate.catalogue_activate(version) from stored",
                    2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return catalogue_error(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 3)
        return store_unexpected_form(reterr);
    *ret_version = store_int_at(res, 0, 0);
    *ret_created = PQgetvalue(res, 0, 1)[0] == 't';
    return RC_OK;
}

enum rc store_catalogue_load(struct store *s, int32_t version, struct arena *arena, struct str *ret_document,
                             struct error *reterr)
{
    char number[16];
    const char *const values[] = { number };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query(s,
                                "select palpate.catalogue_document(v.version) from palpate.catalogue_version v"
                                " where v.version = case when $1::integer = 0"
                                " then (select a.version from palpate.catalogue_active a) else $1::integer end",
                                1, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return catalogue_error(s, res, reterr);
    if (PQntuples(res) == 0 && version)
        return error_set(reterr, RC_NOT_FOUND, "the database has no catalogue version %d", version);
    if (PQntuples(res) == 0)
        return error_set(reterr, RC_NO_CATALOGUE, "the database holds no catalogue: run palpate catalogue load");
    if (PQnfields(res) != 1)
        return store_unexpected_form(reterr);
    *ret_document = arena_str(arena, (struct str){ PQgetvalue(res, 0, 0), (size_t)PQgetlength(res, 0, 0) });
    return ret_document->p ? RC_OK : error_oom(reterr);
}

enum rc store_catalogue_list(struct store *s, struct arena *arena, struct catalogue_row **ret, size_t *ret_n,
                             struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query(s,
                                "select version, label, digest,"
                                " to_char(loaded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                                " active, facts, rules, techniques, courses, evidence"
                                " from palpate.catalogue_list order by version desc",
                                0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return catalogue_error(s, res, reterr);
    if (PQnfields(res) != 10)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct catalogue_row *rows = ARENA_ARRAY(arena, struct catalogue_row, n);
    if (!rows)
        return error_oom(reterr);
    for (size_t i = 0; i < n; i++) {
        int r = (int)i;
        rows[i] = (struct catalogue_row){
            .version = store_int_at(res, r, 0),
            .label = arena_str(arena, str_of(PQgetvalue(res, r, 1))),
            .digest = arena_str(arena, str_of(PQgetvalue(res, r, 2))),
            .loaded_at = arena_str(arena, str_of(PQgetvalue(res, r, 3))),
            .active = PQgetvalue(res, r, 4)[0] == 't',
            .facts = store_int_at(res, r, 5),
            .rules = store_int_at(res, r, 6),
            .techniques = store_int_at(res, r, 7),
            .courses = store_int_at(res, r, 8),
            .evidence = store_int_at(res, r, 9),
        };
        if (!rows[i].label.p || !rows[i].digest.p || !rows[i].loaded_at.p)
            return error_oom(reterr);
    }
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}
