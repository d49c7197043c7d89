/* What is done with a catalogue as a whole: stored, checked, published, put in force, retired. */
#include "store/store_priv.h"

#include <stdio.h>

enum { NUMBER_BYTES = 16, STORE_MS = 120000 };

static enum rc saved(const struct store *s, const PGresult *res, struct catalogue_saved *ret, struct error *reterr)
{
    if (PQresultStatus(res) != PGRES_TUPLES_OK)
        return store_catalogue_error(s, res, reterr);
    if (PQntuples(res) != 1 || PQnfields(res) != 3)
        return store_unexpected_form(reterr);
    *ret = (struct catalogue_saved){
        .version = store_int_at(res, 0, 0),
        .created = PQgetvalue(res, 0, 1)[0] == 't',
        .in_force = PQgetvalue(res, 0, 2)[0] == 't',
    };
    return RC_OK;
}

enum rc store_catalogue_save(struct store *s, struct str document, const char *digest, const char *actor,
                             struct review_counts found, bool only_new, struct catalogue_saved *ret,
                             struct error *reterr)
{
    char open[NUMBER_BYTES], accepted[NUMBER_BYTES];
    const char *const values[] = { document.p, digest, actor, open, accepted, only_new ? "true" : "false" };
    (void)snprintf(open, sizeof(open), "%u", found.open);
    (void)snprintf(accepted, sizeof(accepted), "%u", found.accepted);
    CLEANUP(clear_result)
    PGresult *res =
        store_query_within(s, STORE_MS,
                           "select version, created, in_force from palpate.catalogue_load($1::jsonb, $2, $3,"
                           " $4::integer, $5::integer, $6::boolean)",
                           6, values);
    return saved(s, res, ret, reterr);
}

enum rc store_catalogue_draft(struct store *s, struct str document, const char *digest, const char *actor,
                              struct catalogue_saved *ret, struct error *reterr)
{
    const char *const values[] = { document.p, digest, actor };
    CLEANUP(clear_result)
    PGresult *res = store_query_within(
        s, STORE_MS, "select version, created, false from palpate.catalogue_draft($1::jsonb, $2, $3)", 3, values);
    return saved(s, res, ret, reterr);
}

/* $1 version, $2 revision, $3 actor, $4 clinic, $5 who signs off, $6 and $7 what the review found. */
#define FOR_CLINIC "with c as materialized (select set_config('palpate.clinic', $4::text, true)) select "
#define UNUSED     " from c where num_nonnulls($4::text, $5::text, $6::text, $7::text) >= 0"

enum rc store_catalogue_change(struct store *s, enum catalogue_step step, const struct catalogue_change *change,
                               struct error *reterr)
{
    static const char *const statements[] = {
        [STEP_CHECKED] = FOR_CLINIC "palpate.catalogue_checked($1::integer, $3, $6::integer, $7::integer,"
                                    " $2::integer)" UNUSED,
        [STEP_PUBLISH] = FOR_CLINIC "palpate.catalogue_publish($1::integer, $3, $5, $2::integer)" UNUSED,
        [STEP_ACTIVATE] = FOR_CLINIC "palpate.catalogue_activate($1::integer, $3, $4::text <> '', $2::integer)" UNUSED,
        [STEP_DEACTIVATE] = FOR_CLINIC "palpate.catalogue_deactivate($1::integer, $3, $2::integer)" UNUSED,
        [STEP_RETIRE] = FOR_CLINIC "palpate.catalogue_retire($1::integer, $3, $2::integer)" UNUSED,
    };
    static_assert(ARRAY_LEN(statements) == STEP_COUNT_, "every step has its statement");
    enum rc rc = step == STEP_ACTIVATE && change->clinic
                     ? store_check_room(s, change->clinic, change->version, NULL, change->room, reterr)
                     : RC_OK;
    if (rc != RC_OK)
        return rc;
    char version[NUMBER_BYTES], revision[NUMBER_BYTES], open[NUMBER_BYTES], accepted[NUMBER_BYTES];
    const char *const values[] = { version,
                                   change->revision ? revision : NULL,
                                   change->actor,
                                   change->clinic ? change->clinic : "",
                                   change->signed_off_by,
                                   open,
                                   accepted };
    (void)snprintf(version, sizeof(version), "%d", change->version);
    (void)snprintf(revision, sizeof(revision), "%d", change->revision);
    (void)snprintf(open, sizeof(open), "%u", change->found.open);
    (void)snprintf(accepted, sizeof(accepted), "%u", change->found.accepted);
    CLEANUP(clear_result) PGresult *res = store_query_within(s, STEP_MS, statements[step], ARRAY_LEN(values), values);
    return PQresultStatus(res) == PGRES_TUPLES_OK ? RC_OK : store_catalogue_error(s, res, reterr);
}
