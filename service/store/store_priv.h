/* Shared by the files of store/ only. */
#ifndef PALPATE_STORE_STORE_PRIV_H
#define PALPATE_STORE_STORE_PRIV_H

#include <libpq-fe.h>

#include "store/store.h"

/* How long an answer may take: what a thread of the service waits for; a list or a change; a whole document. */
enum { SOON_MS = 5000, STEP_MS = 20000, LOAD_MS = 60000 };
/* Says in one statement which clinic ($1) it is for, before anything of it is read: "from asks" follows. */
#define ASKS "with asks as materialized (select set_config('palpate.clinic', $1, true) as clinic) "
/* The form in which times are read, as a parameter of to_char(). */
#define UTC_FORM "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""

struct store {
    PGconn *conn;
    enum store_role role;
    bool silent; /* something was not answered in time */
};

/* For CLEANUP. */
static inline void clear_result(PGresult **r)
{
    PQclear(*r);
}

/* One statement with its parameters as text; PQclear() the result. */
PGresult *store_query(struct store *s, const char *sql, int n, const char *const *values);
/* The same, but NULL when no answer comes within this time; the connection is then of no use until the next ping. It
 * never blocks on a peer that is silent. */
PGresult *store_query_within(struct store *s, int64_t timeout_ms, const char *sql, int n, const char *const *values);
/* The same, in a transaction of its own that says which clinic it is for: what works on one clinic's rows. The answer
 * is that of `sql`, with all committed, or that of whatever failed. */
PGresult *store_query_for(struct store *s, int64_t timeout_ms, const char *clinic, const char *sql, int n,
                          const char *const *values);
/* Statements without parameters, whose rows do not matter. */
enum rc store_run(struct store *s, const char *sql, struct error *reterr);
/* What the server said, for the one who asked: the message, and the detail when there is one. */
enum rc store_statement_error(const struct store *s, const PGresult *res, struct error *reterr);
/* The text of a cell, in `arena`; "" for null. p is NULL when memory is out. */
struct str store_text_at(const PGresult *res, int row, int column, struct arena *arena);
/* The same, and what to do when the schema is not there. */
enum rc store_catalogue_error(const struct store *s, const PGresult *res, struct error *reterr);
/* Is there room for a version with an overlay (its digest; NULL: the one it has) for the clinic? RC_CONFLICT: no. */
enum rc store_check_room(struct store *s, const char *clinic, int32_t version, const char *overlay, int32_t room,
                         struct error *reterr);
enum rc store_unexpected_form(struct error *reterr);
int32_t store_int_at(const PGresult *res, int row, int column) PURE;

#endif
