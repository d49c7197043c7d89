/* Clinics and their keys: what a service holds of all of them, and what administers one. */
#include "store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

enum { SCOPES_BYTES = 128 };

static bool has_state(const PGresult *res, const char *wanted)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    return state && strcmp(state, wanted) == 0;
}

/* Says what to do when the tables or functions are not there. */
static enum rc registry_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    if (has_state(res, "42P01") || has_state(res, "42883") || has_state(res, "3F000"))
        return error_set(reterr, RC_NO_CATALOGUE, "the database has no tables for clinics: run palpate migrate");
    return store_statement_error(s, res, reterr);
}

/* ---- the registry --------------------------------------------------------------------------------------------- */

static enum rc read_clinics(struct store *s, struct arena *arena, struct clinic_entry **ret, size_t *ret_n,
                            struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, SOON_MS, "select id, keeps_payload from palpate.open_clinics()", 0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return registry_error(s, res, reterr);
    if (PQnfields(res) != 2)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct clinic_entry *rows = ARENA_ARRAY(arena, struct clinic_entry, n);
    for (size_t i = 0; rows && i < n; i++) {
        rows[i].id = store_text_at(res, (int)i, 0, arena);
        rows[i].keeps_payload = PQgetvalue(res, (int)i, 1)[0] == 't';
    }
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

static enum rc read_keys(struct store *s, struct arena *arena, struct key_entry **ret, size_t *ret_n,
                         struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, SOON_MS,
                                       "select id, clinic, encode(hash, 'hex'), array_to_string(scopes, ' '),"
                                       " floor(extract(epoch from expires_at))::bigint, holder from palpate.keyring()",
                                       0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return registry_error(s, res, reterr);
    if (PQnfields(res) != 6)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct key_entry *rows = ARENA_ARRAY(arena, struct key_entry, n);
    for (size_t i = 0; rows && i < n; i++) {
        int r = (int)i;
        rows[i] = (struct key_entry){
            .id = store_text_at(res, r, 0, arena),
            .clinic = store_text_at(res, r, 1, arena),
            .hash = store_text_at(res, r, 2, arena),
            .scopes = scopes_among(str_of(PQgetvalue(res, r, 3))),
            .expires_at_s = strtoll(PQgetvalue(res, r, 4), NULL, 10),
            .holder = store_text_at(res, r, 5, arena),
        };
    }
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

/* Clinics first: a clinic that is made between the two is announced, and then its keys are read again. */
enum rc store_registry_read(struct store *s, struct arena *arena, struct clinic_entry **ret_clinics,
                            size_t *ret_n_clinics, struct key_entry **ret_keys, size_t *ret_n_keys,
                            struct error *reterr)
{
    enum rc rc = read_clinics(s, arena, ret_clinics, ret_n_clinics, reterr);
    return rc == RC_OK ? read_keys(s, arena, ret_keys, ret_n_keys, reterr) : rc;
}

enum rc store_keys_used(struct store *s, const char *ids, struct error *reterr)
{
    const char *const values[] = { ids };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(s, SOON_MS, "select palpate.keys_used($1::text[])", 1, values);
    return PQresultStatus(res) == PGRES_TUPLES_OK ? RC_OK : store_statement_error(s, res, reterr);
}

/* ---- clinics -------------------------------------------------------------------------------------------------- */

enum rc store_clinic_create(struct store *s, const char *id, const char *name, bool keeps_payload,
                            int32_t retention_days, struct error *reterr)
{
    char days[16];
    const char *const values[] = { id, name, keeps_payload ? "true" : "false", days };
    (void)snprintf(days, sizeof(days), "%d", retention_days);
    CLEANUP(clear_result)
    PGresult *res = store_query(s,
                                "insert into palpate.clinic (id, name, keeps_payload, retention_days)"
                                " values ($1, $2, $3::boolean, $4::integer)",
                                4, values);
    if (has_state(res, "23505"))
        return error_set(reterr, RC_STORE_REFUSED, "there is a clinic %s already", id);
    return PQresultStatus(res) == PGRES_COMMAND_OK ? RC_OK : registry_error(s, res, reterr);
}

static enum rc no_clinic(const char *id, struct error *reterr)
{
    return error_set(reterr, RC_NOT_FOUND, "there is no clinic %s: see palpate clinic list", id);
}

enum rc store_clinic_close(struct store *s, const char *id, struct error *reterr)
{
    const char *const values[] = { id };
    CLEANUP(clear_result)
    PGresult *res =
        store_query(s, "update palpate.clinic set closed_at = coalesce(closed_at, now()) where id = $1", 1, values);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        return registry_error(s, res, reterr);
    return strcmp(PQcmdTuples(res), "0") == 0 ? no_clinic(id, reterr) : RC_OK;
}

enum rc store_clinic_list(struct store *s, struct arena *arena, struct clinic_row **ret, size_t *ret_n,
                          struct error *reterr)
{
    const char *const values[] = { UTC_FORM };
    CLEANUP(clear_result)
    PGresult *res = store_query(s,
                                "select id, name, to_char(created_at at time zone 'UTC', $1),"
                                " to_char(closed_at at time zone 'UTC', $1), keeps_payload, retention_days"
                                " from palpate.clinic order by id",
                                1, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return registry_error(s, res, reterr);
    if (PQnfields(res) != 6)
        return store_unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct clinic_row *rows = ARENA_ARRAY(arena, struct clinic_row, n);
    for (size_t i = 0; rows && i < n; i++) {
        int r = (int)i;
        rows[i] = (struct clinic_row){
            .id = store_text_at(res, r, 0, arena),
            .name = store_text_at(res, r, 1, arena),
            .created_at = store_text_at(res, r, 2, arena),
            .closed_at = store_text_at(res, r, 3, arena),
            .keeps_payload = PQgetvalue(res, r, 4)[0] == 't',
            .retention_days = store_int_at(res, r, 5),
        };
    }
    if (arena->exhausted)
        return error_oom(reterr);
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}

/* RC_OK when the clinic is there and open. */
static enum rc check_open(struct store *s, const char *id, struct error *reterr)
{
    const char *const values[] = { id };
    CLEANUP(clear_result)
    PGresult *res = store_query(s, "select closed_at is not null from palpate.clinic where id = $1", 1, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return registry_error(s, res, reterr);
    if (PQntuples(res) == 0)
        return no_clinic(id, reterr);
    return PQgetvalue(res, 0, 0)[0] == 't' ? error_set(reterr, RC_STORE_REFUSED, "the clinic %s is closed", id) : RC_OK;
}

/* ---- keys ----------------------------------------------------------------------------------------------------- */

/* As PostgreSQL writes a list. */
static void write_scopes(unsigned scopes, char out[static SCOPES_BYTES])
{
    size_t n = (size_t)snprintf(out, SCOPES_BYTES, "{");
    for (int i = 0; i < SCOPE_COUNT_; i++)
        if (scopes & 1U << i)
            n += (size_t)snprintf(out + n, SCOPES_BYTES - n, "%s\"%s\"", n > 1 ? "," : "", scope_name((enum scope)i));
    (void)snprintf(out + n, SCOPES_BYTES - n, "}");
}

static enum rc insert_key(struct store *s, const struct new_key *key, struct error *reterr)
{
    char scopes[SCOPES_BYTES], expires[32];
    const char *const values[] = { key->id, key->clinic, key->name, key->hash, scopes, expires, key->holder };
    write_scopes(key->scopes, scopes);
    (void)snprintf(expires, sizeof(expires), "%lld", (long long)key->expires_at_s);
    CLEANUP(clear_result)
    PGresult *res = store_query_for(s, STEP_MS, key->clinic,
                                    "insert into palpate.api_key (id, clinic, name, hash, scopes, expires_at, holder)"
                                    " values ($1, $2, $3, decode($4, 'hex'), $5::text[],"
                                    " to_timestamp(nullif($6::bigint, 0)), $7)",
                                    7, values);
    return PQresultStatus(res) == PGRES_COMMAND_OK ? RC_OK : store_statement_error(s, res, reterr);
}

enum rc store_key_create(struct store *s, const struct new_key *key, struct error *reterr)
{
    enum rc rc = check_open(s, key->clinic, reterr);
    return rc == RC_OK ? insert_key(s, key, reterr) : rc;
}

/* Appends the keys of one clinic. */
static enum rc list_keys(struct store *s, const char *clinic, struct arena *arena, struct buf *rows,
                         struct error *reterr)
{
    const char *const values[] = { clinic, UTC_FORM };
    CLEANUP(clear_result)
    PGresult *res = store_query_for(
        s, STEP_MS, clinic,
        "select k.id, k.clinic, k.name, array_to_string(k.scopes, ' '),"
        " to_char(k.created_at at time zone 'UTC', $2), to_char(k.expires_at at time zone 'UTC', $2),"
        " to_char(k.revoked_at at time zone 'UTC', $2), to_char(k.last_used_at at time zone 'UTC', $2),"
        " k.revoked_at is null and c.closed_at is null and coalesce(k.expires_at > now(), true), k.holder"
        " from palpate.api_key k join palpate.clinic c on c.id = k.clinic"
        " where k.clinic = $1 order by k.created_at, k.id",
        2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_statement_error(s, res, reterr);
    if (PQnfields(res) != 10)
        return store_unexpected_form(reterr);
    for (int r = 0; r < PQntuples(res); r++) {
        struct key_row row = {
            .id = store_text_at(res, r, 0, arena),
            .clinic = store_text_at(res, r, 1, arena),
            .name = store_text_at(res, r, 2, arena),
            .scopes = store_text_at(res, r, 3, arena),
            .created_at = store_text_at(res, r, 4, arena),
            .expires_at = store_text_at(res, r, 5, arena),
            .revoked_at = store_text_at(res, r, 6, arena),
            .last_used_at = store_text_at(res, r, 7, arena),
            .works = PQgetvalue(res, r, 8)[0] == 't',
            .holder = store_text_at(res, r, 9, arena),
        };
        buf_add(rows, &row, sizeof(row));
    }
    return rows->failed || arena->exhausted ? error_oom(reterr) : RC_OK;
}

/* The clinics one after the other, for the owner's sight is confined to one, too: `only`, or all. `each` is called
 * until it says otherwise than RC_OK. */
static enum rc each_clinic(struct store *s, const char *only, struct arena *arena,
                           enum rc (*each)(struct store *s, const char *clinic, void *to, struct error *reterr),
                           void *to, struct error *reterr)
{
    struct clinic_row *clinics = NULL;
    size_t n = 0;
    bool found = !only;
    enum rc rc = store_clinic_list(s, arena, &clinics, &n, reterr);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (only && !str_eq(clinics[i].id, str_of(only)))
            continue;
        found = true;
        rc = each(s, clinics[i].id.p, to, reterr);
    }
    return rc == RC_OK && !found ? no_clinic(only, reterr) : rc;
}

struct listing {
    struct arena *arena;
    struct buf rows;
};

static enum rc list_of_clinic(struct store *s, const char *clinic, void *to, struct error *reterr)
{
    struct listing *l = to;
    return list_keys(s, clinic, l->arena, &l->rows, reterr);
}

enum rc store_key_list(struct store *s, const char *clinic, struct arena *arena, struct key_row **ret, size_t *ret_n,
                       struct error *reterr)
{
    enum { LISTED_BYTES_MAX = 256 * 1024 * 1024 };
    struct listing l = { .arena = arena };
    buf_init(&l.rows, LISTED_BYTES_MAX);
    enum rc rc = each_clinic(s, clinic, arena, list_of_clinic, &l, reterr);
    size_t n = l.rows.n / sizeof(struct key_row);
    struct key_row *rows = rc == RC_OK ? ARENA_ARRAY(arena, struct key_row, n) : NULL;
    if (rc == RC_OK && !rows)
        rc = error_oom(reterr);
    if (rows) {
        if (n)
            memcpy(rows, l.rows.p, l.rows.n);
        *ret = rows;
        *ret_n = n;
    }
    buf_done(&l.rows);
    return rc;
}

struct revoking {
    const char *id;
    bool found, revoked;
};

static enum rc revoke_of_clinic(struct store *s, const char *clinic, void *to, struct error *reterr)
{
    struct revoking *r = to;
    const char *const values[] = { clinic, r->id };
    if (r->found)
        return RC_OK;
    CLEANUP(clear_result)
    PGresult *res = store_query_for(s, STEP_MS, clinic,
                                    "with before as materialized (select k.id, k.revoked_at from palpate.api_key k"
                                    " where k.clinic = $1 and k.id = $2 for update)"
                                    " update palpate.api_key k set revoked_at = coalesce(k.revoked_at, now())"
                                    " from before b where k.clinic = $1 and k.id = b.id"
                                    " returning b.revoked_at is null",
                                    2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_statement_error(s, res, reterr);
    r->found = PQntuples(res) > 0;
    r->revoked = r->found && PQgetvalue(res, 0, 0)[0] == 't';
    return RC_OK;
}

enum rc store_key_revoke(struct store *s, const char *id, bool *ret_revoked, struct error *reterr)
{
    struct revoking r = { .id = id };
    struct arena arena;
    arena_init(&arena, 0);
    enum rc rc = each_clinic(s, NULL, &arena, revoke_of_clinic, &r, reterr);
    arena_done(&arena);
    if (rc == RC_OK && !r.found)
        return error_set(reterr, RC_NOT_FOUND, "no clinic has a key %s: see palpate key list", id);
    *ret_revoked = r.revoked;
    return rc;
}
