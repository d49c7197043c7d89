/* Brings the schema up to date. */
#include "store/store_priv.h"

#include <stdio.h>

#include "base/digest.h"

/* Any number will do, as long as nothing else of ours uses it. */
#define MIGRATION_LOCK "7881702243562284"

static int number_of(const char *name)
{
    int n = 0;
    for (int i = 0; i < 4 && name[i] >= '0' && name[i] <= '9'; i++)
        n = n * 10 + (name[i] - '0');
    return n;
}

/* Everything that has been applied must still be there, unchanged, and come before what has not. With `newer_too` there
 * may be more of them after all of ours. */
static enum rc compare_ledger(const PGresult *ledger, const struct migration *migrations, size_t n, bool newer_too,
                              struct error *reterr)
{
    for (int i = 0; i < PQntuples(ledger); i++) {
        const char *name = PQgetvalue(ledger, i, 0), *checksum = PQgetvalue(ledger, i, 1);
        char ours[DIGEST_TEXT_LEN + 1];
        size_t k = 0;
        while (k < n && strcmp(migrations[k].name, name) != 0)
            k++;
        if (k == n && newer_too && (size_t)i >= n)
            return RC_OK;
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
    PGresult *res =
        store_query(s, "insert into palpate.migration (number, name, checksum) values ($1, $2, $3)", 3, values);
    return PQresultStatus(res) == PGRES_COMMAND_OK ? RC_OK : store_statement_error(s, res, reterr);
}

static enum rc apply(struct store *s, const struct migration *m, struct error *reterr)
{
    struct error why, ignored;
    enum rc rc = store_run(s, "begin", &why);
    if (rc == RC_OK)
        rc = store_run(s, m->sql.p, &why);
    if (rc == RC_OK)
        rc = enter_in_ledger(s, m, &why);
    if (rc == RC_OK)
        rc = store_run(s, "commit", &why);
    if (rc == RC_OK)
        return RC_OK;
    (void)store_run(s, "rollback", &ignored);
    return error_set(reterr, rc == RC_STORE_REFUSED ? RC_MIGRATION : rc, "migration %s: %.400s", m->name, why.text);
}

static enum rc migrate_locked(struct store *s, const struct migration *migrations, size_t n, bool newer_too,
                              void (*report)(void *to, const char *name), void *to, size_t *ret_applied,
                              struct error *reterr)
{
    enum rc rc = store_run(s,
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
    PGresult *ledger = store_query(s, "select name, checksum from palpate.migration order by number", 0, NULL);
    if (PQresultStatus(ledger) != PGRES_TUPLES_OK)
        return store_statement_error(s, ledger, reterr);
    rc = compare_ledger(ledger, migrations, n, newer_too, reterr);
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

enum rc store_migrate(struct store *s, const struct migration *migrations, size_t n, bool newer_too,
                      void (*report)(void *to, const char *name), void *to, size_t *ret_applied, struct error *reterr)
{
    struct error ignored;
    enum rc rc = store_run(s, "select pg_advisory_lock(" MIGRATION_LOCK ")", reterr);
    if (rc != RC_OK)
        return rc;
    rc = migrate_locked(s, migrations, n, newer_too, report, to, ret_applied, reterr);
    (void)store_run(s, "select pg_advisory_unlock(" MIGRATION_LOCK ")", &ignored);
    return rc;
}
