/* Shared by the files of store/ only. */
#ifndef PALPATE_STORE_STORE_PRIV_H
#define PALPATE_STORE_STORE_PRIV_H

#include <libpq-fe.h>

#include "store/store.h"

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
/* The same, but NULL when no answer comes within some seconds; the connection is then of no use until the next ping. */
PGresult *store_query_timed(struct store *s, const char *sql, int n, const char *const *values);
/* The same, but no answer in this time counts as a lost connection. */
PGresult *store_query_within(struct store *s, int64_t timeout_ms, const char *sql, int n, const char *const *values);
/* Statements without parameters, whose rows do not matter. */
enum rc store_run(struct store *s, const char *sql, struct error *reterr);
/* What the server said, for the one who asked: the message, and the detail when there is one. */
enum rc store_statement_error(const struct store *s, const PGresult *res, struct error *reterr);
/* What a statement that works on one clinic's rows stands between: a transaction that says which clinic. The second
 * commits when `rc` is RC_OK, else rolls back; it returns what then holds. */
enum rc store_begin_for(struct store *s, const char *clinic, struct error *reterr);
enum rc store_end(struct store *s, enum rc rc, struct error *reterr);
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
