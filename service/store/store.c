#include "store/store.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/digest.h"

enum { PING_MS = 2000 };

struct store {
    PGconn *conn;
    bool silent; /* the last ping was not answered */
};

static void clear_result(PGresult **r)
{
    PQclear(*r);
}

/* ---- connection ------------------------------------------------------------------------------------------- */

static void ignore_notice(void *unused, const PGresult *res)
{
    (void)unused;
    (void)res;
}

/* The last line of what libpq says that is no hint (hints begin with a tab): the reason, not the list of what was
 * tried. */
static enum rc connection_error(const PGconn *conn, struct error *reterr)
{
    const char *message = PQerrorMessage(conn);
    struct str text = { message, strcspn(message, "\n") };
    for (const char *line = message; *line; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
        if (*line != '\t' && *line != '\n')
            text = (struct str){ line, strcspn(line, "\n") };
    return error_set(reterr, RC_STORE_DOWN, "could not reach the database: %.*s", STR_ARGS(text));
}

/* What libpq says of a string that it cannot read quotes from it, and it may quote the password: so we read it first
 * and say nothing but that it is wrong. A string without "=" and without a scheme is a database's name. */
static enum rc check_conninfo(const char *conninfo, struct error *reterr)
{
    char *ignored = NULL;
    if (!strchr(conninfo, '=') && !strstr(conninfo, "://"))
        return RC_OK;
    PQconninfoOption *options = PQconninfoParse(conninfo, &ignored);
    bool good = options != NULL;
    for (const PQconninfoOption *o = options; o && o->keyword; o++) {
        if (o->val && strcmp(o->keyword, "port") == 0)
            good &= strspn(o->val, "0123456789,") == strlen(o->val);
        if (o->val && strcmp(o->keyword, "host") == 0) /* the rest of a password that was not encoded */
            for (const char *p = o->val; *p; p++)      /* but "@name" is a socket in the abstract namespace */
                good &= *p != '@' || p == o->val || p[-1] == ',';
    }
    PQconninfoFree(options);
    PQfreemem(ignored);
    return good
               ? RC_OK
               : error_set(reterr, RC_SETTING,
                           "the database's address is no URI and no list of keywords that libpq can read: quote values "
                           "with spaces, and in a URI write special characters as %%40 for @");
}

enum rc store_open(const char *conninfo, struct store **ret, struct error *reterr)
{
    /* the last one counts: what the string says beats what stands before it */
    static const char *const keys[] = { "connect_timeout", "application_name", "dbname", "client_encoding", NULL };
    const char *const values[] = { "5", "palpate", conninfo, "UTF8", NULL };
    enum rc rc = check_conninfo(conninfo, reterr);
    if (rc != RC_OK)
        return rc;
    CLEANUP(store_closep) struct store *s = calloc(1, sizeof(*s));
    if (!s)
        return error_oom(reterr);
    s->conn = PQconnectdbParams(keys, values, 1);
    if (!s->conn)
        return error_oom(reterr); /* NOLINT(clang-analyzer-unix.Malloc): CLEANUP frees it */
    if (PQstatus(s->conn) != CONNECTION_OK)
        return connection_error(s->conn, reterr);
    (void)PQsetNoticeReceiver(s->conn, ignore_notice, NULL);
    *ret = TAKE(s);
    return RC_OK;
}

void store_close(struct store *s)
{
    if (s) {
        PQfinish(s->conn);
        free(s);
    }
}

/* What the server said, for the one who asked: the message, and the detail when there is one. */
static enum rc statement_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    if (!res || PQstatus(s->conn) != CONNECTION_OK)
        return connection_error(s->conn, reterr);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    /* 40: rolled back to resolve a conflict; 53: out of resources; 57: the operator intervened */
    bool later =
        state && (strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0);
    return error_set(reterr, later ? RC_STORE_DOWN : RC_STORE_REFUSED, "%s%s%s", message ? message : "no reason given",
                     detail ? "\n" : "", detail ? detail : "");
}

static PGresult *query(struct store *s, const char *sql, int n, const char *const *values)
{
    return PQexecParams(s->conn, sql, n, NULL, values, NULL, NULL, 0);
}

static enum rc run(struct store *s, const char *sql, struct error *reterr)
{
    CLEANUP(clear_result) PGresult *res = PQexec(s->conn, sql);
    ExecStatusType status = PQresultStatus(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? RC_OK : statement_error(s, res, reterr);
}

/* Waits until the answer to a statement is there, but no longer than `timeout_ms`. */
static bool answered(PGconn *conn, int64_t timeout_ms)
{
    int64_t deadline = clock_ms() + timeout_ms, left;
    while (PQisBusy(conn)) {
        struct pollfd p = { .fd = PQsocket(conn), .events = POLLIN };
        left = deadline - clock_ms();
        if (left <= 0 || poll(&p, 1, (int)left) < 0 || !PQconsumeInput(conn))
            return !PQisBusy(conn) && PQstatus(conn) == CONNECTION_OK;
    }
    return true;
}

enum rc store_ping(struct store *s, struct error *reterr)
{
    enum rc rc = RC_OK;
    if (s->silent || PQstatus(s->conn) != CONNECTION_OK) {
        PQreset(s->conn);
        s->silent = false;
        if (PQstatus(s->conn) != CONNECTION_OK)
            return connection_error(s->conn, reterr);
    }
    if (!PQsendQuery(s->conn, "select 1"))
        return connection_error(s->conn, reterr);
    for (bool more = true; more && rc == RC_OK;) {
        if (!answered(s->conn, PING_MS)) {
            if (PQstatus(s->conn) != CONNECTION_OK)
                return connection_error(s->conn, reterr);
            s->silent = true; /* its answer could come later: the connection is of no use any more */
            return error_set(reterr, RC_STORE_DOWN, "could not reach the database: it gives no answer");
        }
        CLEANUP(clear_result) PGresult *res = PQgetResult(s->conn);
        ExecStatusType status = PQresultStatus(res);
        more = res != NULL;
        if (res && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            rc = statement_error(s, res, reterr);
    }
    while (rc != RC_OK && answered(s->conn, PING_MS)) {
        PGresult *rest = PQgetResult(s->conn);
        if (!rest)
            break;
        PQclear(rest);
    }
    return rc;
}

/* ---- migrations ------------------------------------------------------------------------------------------- */

/* Any number will do, as long as nothing else of ours uses it. */
#define MIGRATION_LOCK "7881702243562284"

static int number_of(const char *name)
{
    int n = 0;
    for (int i = 0; i < 4 && name[i] >= '0' && name[i] <= '9'; i++)
        n = n * 10 + (name[i] - '0');
    return n;
}

/* Everything that has been applied must still be there, unchanged, and come before what has not. */
static enum rc compare_ledger(const PGresult *ledger, const struct migration *migrations, size_t n,
                              struct error *reterr)
{
    for (int i = 0; i < PQntuples(ledger); i++) {
        const char *name = PQgetvalue(ledger, i, 0), *checksum = PQgetvalue(ledger, i, 1);
        char ours[DIGEST_TEXT_LEN + 1];
        size_t k = 0;
        while (k < n && strcmp(migrations[k].name, name) != 0)
            k++;
        if (k == n)
            return error_set(reterr, RC_MIGRATION, "migration %s has been applied to this database but is missing here",
                             name);
        if (k != (size_t)i)
            return error_set(reterr, RC_MIGRATION,
                             "migration %s has not been applied, but %s, which comes after it, has", migrations[i].name,
                             name);
        digest_sha256(migrations[k].sql, ours);
        if (strcmp(ours, checksum) != 0)
            return error_set(reterr, RC_MIGRATION, "migration %s has changed since it was applied", name);
    }
    return RC_OK;
}

static enum rc enter_in_ledger(struct store *s, const struct migration *m, struct error *reterr)
{
    char checksum[DIGEST_TEXT_LEN + 1], number[16];
    const char *const values[] = { number, m->name, checksum };
    digest_sha256(m->sql, checksum);
    (void)snprintf(number, sizeof(number), "%d", number_of(m->name));
    CLEANUP(clear_result)
    PGresult *res = query(s, "insert into palpate.migration (number, name, checksum) values ($1, $2, $3)", 3, values);
    return PQresultStatus(res) == PGRES_COMMAND_OK ? RC_OK : statement_error(s, res, reterr);
}

static enum rc apply(struct store *s, const struct migration *m, struct error *reterr)
{
    struct error why, ignored;
    enum rc rc = run(s, "begin", &why);
    if (rc == RC_OK)
        rc = run(s, m->sql.p, &why);
    if (rc == RC_OK)
        rc = enter_in_ledger(s, m, &why);
    if (rc == RC_OK)
        rc = run(s, "commit", &why);
    if (rc == RC_OK)
        return RC_OK;
    (void)run(s, "rollback", &ignored);
    return error_set(reterr, rc == RC_STORE_REFUSED ? RC_MIGRATION : rc, "migration %s: %.400s", m->name, why.text);
}

static enum rc migrate_locked(struct store *s, const struct migration *migrations, size_t n,
                              void (*report)(void *to, const char *name), void *to, size_t *ret_applied,
                              struct error *reterr)
{
    enum rc rc = run(s,
                     "create schema if not exists palpate;"
                     "create table if not exists palpate.migration ("
                     " number integer primary key,"
                     " name text not null unique,"
                     " checksum text not null,"
                     " applied_at timestamptz not null default now());"
                     "comment on table palpate.migration is"
                     " 'Which migrations have been applied, with the SHA-256 of each'",
                     reterr);
    if (rc != RC_OK)
        return rc;
    CLEANUP(clear_result)
    PGresult *ledger = query(s, "select name, checksum from palpate.migration order by number", 0, NULL);
    if (PQresultStatus(ledger) != PGRES_TUPLES_OK)
        return statement_error(s, ledger, reterr);
    rc = compare_ledger(ledger, migrations, n, reterr);
    *ret_applied = 0;
    for (size_t i = (size_t)PQntuples(ledger); rc == RC_OK && i < n; i++) {
        rc = apply(s, &migrations[i], reterr);
        if (rc == RC_OK) {
            ++*ret_applied;
            if (report)
                report(to, migrations[i].name);
        }
    }
    return rc;
}

enum rc store_migrate(struct store *s, const struct migration *migrations, size_t n,
                      void (*report)(void *to, const char *name), void *to, size_t *ret_applied, struct error *reterr)
{
    struct error ignored;
    enum rc rc = run(s, "select pg_advisory_lock(" MIGRATION_LOCK ")", reterr);
    if (rc != RC_OK)
        return rc;
    rc = migrate_locked(s, migrations, n, report, to, ret_applied, reterr);
    (void)run(s, "select pg_advisory_unlock(" MIGRATION_LOCK ")", &ignored);
    return rc;
}

/* ---- catalogues ------------------------------------------------------------------------------------------- */

static int32_t int_at(const PGresult *res, int row, int column)
{
    return (int32_t)strtol(PQgetvalue(res, row, column), NULL, 10);
}

/* Says what to do when the schema is not there. */
static enum rc catalogue_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    static const char *const no_schema[] = { "3F000", "42P01", "42883" };
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    for (size_t i = 0; state && i < ARRAY_LEN(no_schema); i++)
        if (strcmp(state, no_schema[i]) == 0)
            return error_set(reterr, RC_NO_CATALOGUE, "the database has no tables for catalogues: run palpate migrate");
    return statement_error(s, res, reterr);
}

static enum rc unexpected_form(struct error *reterr)
{
    return error_set(reterr, RC_INTERNAL, "the database answered in an unexpected form");
}

enum rc store_catalogue_save(struct store *s, struct str document, const char *digest, int32_t *ret_version,
                             bool *ret_created, struct error *reterr)
{
    const char *const values[] = { document.p, digest };
    CLEANUP(clear_result)
    PGresult *res =
        query(s,
              "with stored as materialized (select version, created from palpate.catalogue_store($1::jsonb, $2))"
              " select version, created, palpate.catalogue_activate(version) from stored",
              2, values);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return catalogue_error(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 3)
        return unexpected_form(reterr);
    *ret_version = int_at(res, 0, 0);
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
    PGresult *res = query(s,
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
        return unexpected_form(reterr);
    *ret_document = arena_str(arena, (struct str){ PQgetvalue(res, 0, 0), (size_t)PQgetlength(res, 0, 0) });
    return ret_document->p ? RC_OK : error_oom(reterr);
}

enum rc store_catalogue_list(struct store *s, struct arena *arena, struct catalogue_row **ret, size_t *ret_n,
                             struct error *reterr)
{
    CLEANUP(clear_result)
    PGresult *res = query(s,
                          "select version, label, digest,"
                          " to_char(loaded_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                          " active, facts, rules, techniques, courses, evidence"
                          " from palpate.catalogue_list order by version desc",
                          0, NULL);
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return catalogue_error(s, res, reterr);
    if (PQnfields(res) != 10)
        return unexpected_form(reterr);
    size_t n = (size_t)PQntuples(res);
    struct catalogue_row *rows = ARENA_ARRAY(arena, struct catalogue_row, n);
    if (!rows)
        return error_oom(reterr);
    for (size_t i = 0; i < n; i++) {
        int r = (int)i;
        rows[i] = (struct catalogue_row){
            .version = int_at(res, r, 0),
            .label = arena_str(arena, str_of(PQgetvalue(res, r, 1))),
            .digest = arena_str(arena, str_of(PQgetvalue(res, r, 2))),
            .loaded_at = arena_str(arena, str_of(PQgetvalue(res, r, 3))),
            .active = PQgetvalue(res, r, 4)[0] == 't',
            .facts = int_at(res, r, 5),
            .rules = int_at(res, r, 6),
            .techniques = int_at(res, r, 7),
            .courses = int_at(res, r, 8),
            .evidence = int_at(res, r, 9),
        };
        if (!rows[i].label.p || !rows[i].digest.p || !rows[i].loaded_at.p)
            return error_oom(reterr);
    }
    *ret = rows;
    *ret_n = n;
    return RC_OK;
}
