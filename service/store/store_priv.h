/* Shared by the files of store/ only. */
#ifndef PALPATE_STORE_STORE_PRIV_H
#define PALPATE_STORE_STORE_PRIV_H

#include <libpq-fe.h>

#include "store/store.h"

struct store {
    PGconn *conn;
    enum store_role role;
    bool silent; /* the last ping was not answered */
};

/* For CLEANUP. */
static inline void clear_result(PGresult **r)
{
    PQclear(*r);
}

/* One statement with its parameters as text; PQclear() the result. */
PGresult *store_query(struct store *s, const char *sql, int n, const char *const *values);
/* Statements without parameters, whose rows do not matter. */
enum rc store_run(struct store *s, const char *sql, struct error *reterr);
/* What the server said, for the one who asked: the message, and the detail when there is one. */
enum rc store_statement_error(const struct store *s, const PGresult *res, struct error *reterr);
enum rc store_unexpected_form(struct error *reterr);
int32_t store_int_at(const PGresult *res, int row, int column) PURE;

#endif
