/* Stored catalogues. */
#include "store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

enum { IN_FORCE_MS = 5000, LIST_MS = 20000, LOAD_MS = 60000 };

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
    *ret_document = arena_str(arena, (struct str){ PQgetvalue(res, 0, 0), (size_t)PQgetlength(res, 0, 0) });
    return ret_document->p ? RC_OK : error_oom(reterr);
}

/* Texts of the result's rows, which live no longer than it does. */
struct texts {
    const PGresult *res;
    struct arena *arena;
    bool failed;
};

static struct str text_at(struct texts *t, size_t row, int column)
{
    struct str s = arena_str(t->arena, str_of(PQgetvalue(t->res, (int)row, column)));
    t->failed |= !s.p;
    return s;
}

#define UTC(column) "coalesce(to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')"

enum rc store_catalogue_list(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                             struct catalogue_row **ret, size_t *ret_n, struct error *reterr)
{
    char number[16];
    const char *const values[] = { clinic ? clinic : "", number };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, LIST_MS,
        "with asks as materialized (select set_config('palpate.clinic', $1, true) as clinic)"
        " select l.version, l.label, l.digest, " UTC(
            "l.loaded_at") ", l.active, l.facts, l.rules, l.techniques,"
                           " l.courses, l.evidence, l.state, l.own, l.clinics, l.revision, l.author, "
                           "coalesce(l.checked_by, ''),"
                           " " UTC(
                               "l.checked_at") ", coalesce(l.findings, -1), coalesce(l.accepted, -1),"
                                               " coalesce(l.signed_off_by, ''), " UTC(
                                                   "l.published_at") ", coalesce(l.retired_by, ''), " UTC("l.retired_"
                                                                                                          "at") ", "
                                                                                                                "l."
                                                                                                                "name, "
                                                                                                                "l."
                                                                                                                "title "
                                                                                                                "from "
                                                                                                                "asks "
                                                                                                                "cross "
                                                                                                                "join "
                                                                                                                "latera"
                                                                                                                "l "
                                                                                                                "(selec"
                                                                                                                "t * "
                                                                                                                "from "
                                                                                                                "palpat"
                                                                                                                "e."
                                                                                                                "catalo"
                                                                                                                "gue_"
                                                                                                                "list o"
                                                                                                                " where"
                                                                                                                " $2::"
                                                                                                                "intege"
                                                                                                                "r in "
                                                                                                                "(0, "
                                                                                                                "o."
                                                                                                                "versio"
                                                                                                                "n) "
                                                                                                                "and "
                                                                                                                "asks."
                                                                                                                "clinic"
                                                                                                                " = $1 "
                                                                                                                "offset"
                                                                                                                " 0) l "
                                                                                                                "order "
                                                                                                                "by "
                                                                                                                "l."
                                                                                                                "versio"
                                                                                                                "n "
                                                                                                                "desc",
        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 25)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    if (version && n == 0)
        return error_set(reterr, RC_NOT_FOUND, "the database has no catalogue version %d", version);
    struct catalogue_row *rows = ARENA_ARRAY(arena, struct catalogue_row, n);
    struct texts t = { res, arena, !rows };
    for (size_t i = 0; i < n && !t.failed; i++) {
        int r = (int)i;
        rows[i] = (struct catalogue_row){
            .version = store_int_at(res, r, 0),
            .label = text_at(&t, i, 1),
            .digest = text_at(&t, i, 2),
            .loaded_at = text_at(&t, i, 3),
            .active = PQgetvalue(res, r, 4)[0] == 't',
            .facts = store_int_at(res, r, 5),
            .rules = store_int_at(res, r, 6),
            .techniques = store_int_at(res, r, 7),
            .courses = store_int_at(res, r, 8),
            .evidence = store_int_at(res, r, 9),
            .state = text_at(&t, i, 10),
            .own = PQgetvalue(res, r, 11)[0] == 't',
            .clinics = store_int_at(res, r, 12),
            .revision = store_int_at(res, r, 13),
            .author = text_at(&t, i, 14),
            .checked_by = text_at(&t, i, 15),
            .checked_at = text_at(&t, i, 16),
            .findings = store_int_at(res, r, 17),
            .accepted = store_int_at(res, r, 18),
            .signed_off_by = text_at(&t, i, 19),
            .published_at = text_at(&t, i, 20),
            .retired_by = text_at(&t, i, 21),
            .retired_at = text_at(&t, i, 22),
            .name = text_at(&t, i, 23),
            .title = text_at(&t, i, 24),
        };
    }
    if (t.failed)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

enum rc store_catalogue_history(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                                struct catalogue_event_row **ret, size_t *ret_n, struct error *reterr)
{
    char number[16];
    const char *const values[] = { clinic ? clinic : "", number };
    (void)snprintf(number, sizeof(number), "%d", version);
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, LIST_MS,
        "with asks as materialized (select set_config('palpate.clinic', $1, true) as clinic)"
        " select " UTC(
            "e.happened_at") ", e.actor, e.action, e.version,"
                             " coalesce(e.clinic, ''), coalesce(e.detail, '')"
                             " from asks cross join lateral (select * from palpate.catalogue_event o"
                             " where $2::integer in (0, o.version) and asks.clinic = $1 offset 0) e order by e.id",
        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 6)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct catalogue_event_row *rows = ARENA_ARRAY(arena, struct catalogue_event_row, n);
    struct texts t = { res, arena, !rows };
    for (size_t i = 0; i < n && !t.failed; i++)
        rows[i] = (struct catalogue_event_row){
            .at = text_at(&t, i, 0),
            .actor = text_at(&t, i, 1),
            .action = text_at(&t, i, 2),
            .version = store_int_at(res, (int)i, 3),
            .clinic = text_at(&t, i, 4),
            .detail = text_at(&t, i, 5),
        };
    if (t.failed)
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
        s, IN_FORCE_MS,
        "select clinic, version, digest, overlay_number, overlay_digest from palpate.catalogue_in_force()", 0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQnfields(res) != 5)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    if (n == 0 || PQgetlength(res, 0, 0) != 0)
        return error_set(reterr, RC_NO_CATALOGUE, "the database has no catalogue in force: run palpate catalogue load");
    struct in_force_row *rows = ARENA_ARRAY(arena, struct in_force_row, n);
    struct texts t = { res, arena, !rows };
    for (size_t i = 0; i < n && !t.failed; i++)
        rows[i] = (struct in_force_row){
            .clinic = text_at(&t, i, 0),
            .version = store_int_at(res, (int)i, 1),
            .digest = text_at(&t, i, 2),
            .overlay = store_int_at(res, (int)i, 3),
            .overlay_digest = text_at(&t, i, 4),
        };
    if (t.failed)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}
