/* The connection: opened, acting as its role, and watched. */
#include "store/store_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"

enum { PING_MS = 2000 };

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
    if (!*message)
        message = "it gives no answer";
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

enum rc store_statement_error(const struct store *s, const PGresult *res, struct error *reterr)
{
    if (s->silent)
        return error_set(reterr, RC_STORE_DOWN, "could not reach the database: it gives no answer");
    if (!res || PQstatus(s->conn) != CONNECTION_OK)
        return connection_error(s->conn, reterr);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    static const struct {
        const char *sqlstate;
        enum rc rc;
    } ours[] = { { "P0002", RC_NOT_FOUND }, { "55000", RC_CONFLICT }, { "PL412", RC_PRECONDITION_FAILED } };
    for (size_t i = 0; state && i < ARRAY_LEN(ours); i++)
        if (strcmp(state, ours[i].sqlstate) == 0)
            return error_set(reterr, ours[i].rc, "%s", message ? message : "no reason given");
    /* 40: rolled back to resolve a conflict; 53: out of resources; 57: the operator intervened */
    bool later =
        state && (strncmp(state, "40", 2) == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57", 2) == 0);
    return error_set(reterr, later ? RC_STORE_DOWN : RC_STORE_REFUSED, "%s%s%s", message ? message : "no reason given",
                     detail ? "\n" : "", detail ? detail : "");
}

/* After every connect. */
static enum rc take_role(struct store *s, struct error *reterr)
{
    static const struct {
        const char *name, *statement;
    } roles[] = {
        [STORE_AS_OWNER] = { "palpate_owner", "set role palpate_owner" },
        [STORE_AS_SERVICE] = { "palpate_service", "set role palpate_service" },
    };
    if (s->role == STORE_AS_LOGIN)
        return RC_OK;
    CLEANUP(clear_result) PGresult *res = PQexec(s->conn, roles[s->role].statement);
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    if (PQresultStatus(res) == PGRES_COMMAND_OK)
        return RC_OK;
    if (state && strcmp(state, "22023") == 0)
        return error_set(reterr, RC_NO_CATALOGUE, "the database has no role %s: run palpate migrate",
                         roles[s->role].name);
    if (state && strcmp(state, "42501") == 0)
        return error_set(reterr, RC_STORE_REFUSED, "the database's login may not act as %s: grant it that role",
                         roles[s->role].name);
    return store_statement_error(s, res, reterr);
}

enum rc store_open(const char *conninfo, enum store_role role, struct store **ret, struct error *reterr)
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
    s->role = role;
    rc = take_role(s, reterr);
    if (rc == RC_OK)
        *ret = TAKE(s);
    return rc;
}

void store_close(struct store *s)
{
    if (s) {
        PQfinish(s->conn);
        free(s);
    }
}

static bool is_done(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

PGresult *store_query(struct store *s, const char *sql, int n, const char *const *values)
{
    return PQexecParams(s->conn, sql, n, NULL, values, NULL, NULL, 0);
}

enum rc store_run(struct store *s, const char *sql, struct error *reterr)
{
    CLEANUP(clear_result) PGresult *res = PQexec(s->conn, sql);
    return is_done(res) ? RC_OK : store_statement_error(s, res, reterr);
}

/* Waits until the socket is ready or the deadline has passed. */
static bool ready(const struct store *s, short events, int64_t deadline)
{
    struct pollfd p = { .fd = PQsocket(s->conn), .events = events };
    for (;;) {
        int64_t left = deadline - clock_ms();
        int n = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

PGresult *store_query_within(struct store *s, int64_t timeout_ms, const char *sql, int n, const char *const *values)
{
    int64_t deadline = clock_ms() + timeout_ms;
    PGresult *last = NULL;
    int unsent = 1;
    bool alive = !s->silent && PQsetnonblocking(s->conn, 1) == 0 &&
                 PQsendQueryParams(s->conn, sql, n, NULL, values, NULL, NULL, 0);
    while (alive && (unsent = PQflush(s->conn)) == 1)
        alive = ready(s, POLLIN | POLLOUT, deadline) && PQconsumeInput(s->conn);
    alive &= unsent == 0;
    while (alive) {
        while (alive && PQisBusy(s->conn))
            alive = ready(s, POLLIN, deadline) && PQconsumeInput(s->conn);
        PGresult *next = alive ? PQgetResult(s->conn) : NULL;
        if (alive && !next)
            break;
        if (alive) {
            PQclear(last);
            last = next;
        }
    }
    (void)PQsetnonblocking(s->conn, 0);
    if (alive)
        return last;
    s->silent |= PQstatus(s->conn) == CONNECTION_OK; /* its answer could come later: of no use any more */
    PQclear(last);
    return NULL;
}

PGresult *store_query_for(struct store *s, int64_t timeout_ms, const char *clinic, const char *sql, int n,
                          const char *const *values)
{
    const struct {
        const char *sql;
        int n;
        const char *const *values;
    } steps[] = {
        { "begin", 0, NULL },
        { "select set_config('palpate.clinic', $1, true)", 1, &clinic },
        { sql, n, values },
        { "commit", 0, NULL },
    };
    PGresult *answer = NULL;
    bool good = true;
    for (size_t i = 0; good && i < ARRAY_LEN(steps); i++) {
        PGresult *res = store_query_within(s, timeout_ms, steps[i].sql, steps[i].n, steps[i].values);
        good = is_done(res);
        if (!good || steps[i].sql == sql) {
            PQclear(answer);
            answer = res;
        } else {
            PQclear(res);
        }
    }
    if (!good)
        PQclear(store_query_within(s, SOON_MS, "rollback", 0, NULL));
    return answer;
}

enum rc store_listen(struct store *s, const char *channel, struct error *reterr)
{
    char *name = PQescapeIdentifier(s->conn, channel, strlen(channel)), statement[128];
    if (!name)
        return error_oom(reterr);
    (void)snprintf(statement, sizeof(statement), "listen %s", name);
    PQfreemem(name);
    CLEANUP(clear_result) PGresult *res = store_query_within(s, SOON_MS, statement, 0, NULL);
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    bool standby = state && strcmp(state, "25006") == 0;
    return standby || PQresultStatus(res) == PGRES_COMMAND_OK ? RC_OK : store_statement_error(s, res, reterr);
}

enum rc store_wait(struct store *s, int wake_fd, int timeout_ms, bool *ret_heard, struct error *reterr)
{
    struct pollfd p[] = { { .fd = PQsocket(s->conn), .events = POLLIN }, { .fd = wake_fd, .events = POLLIN } };
    bool heard = false;
    for (int pass = 0; !heard && pass < 2; pass++) { /* what came with an earlier answer is there already */
        if (pass == 1) {
            (void)poll(p, ARRAY_LEN(p), timeout_ms);
            if (!PQconsumeInput(s->conn))
                return connection_error(s->conn, reterr);
        }
        for (PGnotify *n; (n = PQnotifies(s->conn)); heard = true)
            PQfreemem(n);
    }
    *ret_heard = heard;
    return RC_OK;
}

enum rc store_ping(struct store *s, struct error *reterr)
{
    enum rc rc = RC_OK;
    if (s->silent || PQstatus(s->conn) != CONNECTION_OK) {
        PQreset(s->conn);
        s->silent = false;
        if (PQstatus(s->conn) != CONNECTION_OK)
            return connection_error(s->conn, reterr);
        rc = take_role(s, reterr);
        if (rc != RC_OK)
            return rc;
    }
    CLEANUP(clear_result) PGresult *res = store_query_within(s, PING_MS, "select 1", 0, NULL);
    return is_done(res) ? RC_OK : store_statement_error(s, res, reterr);
}

enum rc store_unexpected_form(struct error *reterr)
{
    return error_set(reterr, RC_INTERNAL, "the database answered in an unexpected form");
}

struct str store_text_at(const PGresult *res, int row, int column, struct arena *arena)
{
    return arena_str(arena, (struct str){ PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column) });
}

int32_t store_int_at(const PGresult *res, int row, int column)
{
    return (int32_t)strtol(PQgetvalue(res, row, column), NULL, 10);
}
