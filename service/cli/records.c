/* palpate records: what was decided is shown, exported, decided again, verified and purged. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "decide/decide.h"
#include "store/records.h"
#include "wire/wire.h"

/* The clinics that the command is about: all, or the one that is named. */
static enum rc clinics_of(const struct call *c, struct store *store, struct arena *arena, struct str **ret,
                          size_t *ret_n, struct error *reterr)
{
    enum rc rc = store_record_clinics(store, arena, ret, ret_n, reterr);
    if (rc != RC_OK || !c->clinic)
        return rc;
    for (size_t i = 0; i < *ret_n; i++) {
        if (str_eq((*ret)[i], str_of(c->clinic))) {
            *ret += i;
            *ret_n = 1;
            return RC_OK;
        }
    }
    return error_set(reterr, RC_NOT_FOUND, "there is no clinic %s", c->clinic);
}

/* ---- verify ------------------------------------------------------------------------------------------------ */

static void print_chain(const char *clinic, const struct verified_chain *v)
{
    printf("%s: ", clinic);
    if (v->records)
        printf("%lld records (%lld to %lld)", (long long)v->records, (long long)v->first, (long long)v->last);
    else
        printf("no records");
    if (v->erased)
        printf(", %lld of them erased", (long long)v->erased);
    if (!v->fault.n) {
        printf(", whole; the last digest is %.*s\n", STR_ARGS(v->digest));
        return;
    }
    printf(", then broken at %lld: %.*s", (long long)v->broken, STR_ARGS(v->fault));
    if (v->broken_id.n)
        printf(" (%.*s)", STR_ARGS(v->broken_id));
    putchar('\n');
}

static int verify(const struct call *c, struct store *store, struct arena *arena)
{
    struct str *clinics;
    struct error err;
    bool whole = true;
    size_t n = 0;
    enum rc rc = clinics_of(c, store, arena, &clinics, &n, &err);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct verified_chain v;
        rc = store_record_verify(store, clinics[i].p, arena, &v, &err);
        if (rc == RC_OK) {
            print_chain(clinics[i].p, &v);
            whole &= !v.fault.n;
        }
    }
    return rc != RC_OK ? fail(&err) : whole ? EXIT_OK : EXIT_FINDINGS;
}

int command_records_verify(const struct call *c)
{
    return with_database(c, verify);
}

/* ---- purge ------------------------------------------------------------------------------------------------- */

static int purge(const struct call *c, struct store *store, struct arena *arena)
{
    struct str *clinics;
    struct error err;
    size_t n = 0;
    int64_t gone = 0;
    enum rc rc = clinics_of(c, store, arena, &clinics, &n, &err);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = store_record_purge(store, clinics[i].p, &gone, &err);
        if (rc == RC_OK)
            printf("%s: %lld records purged\n", clinics[i].p, (long long)gone);
    }
    if (rc == RC_OK)
        rc = store_record_drop_months(store, &gone, &err);
    if (rc == RC_OK && gone)
        printf("%lld empty month%s dropped\n", (long long)gone, gone == 1 ? "" : "s");
    return rc == RC_OK ? EXIT_OK : fail(&err);
}

int command_records_purge(const struct call *c)
{
    return with_database(c, purge);
}

/* ---- export ------------------------------------------------------------------------------------------------ */

/* One line for each, which palpate catalogue impact reads. A clinic's requests may be many: a part at a time. */
static enum rc export_clinic(struct store *store, const char *clinic, struct error *reterr)
{
    struct arena arena;
    struct kept_record *list;
    size_t n = 1;
    int64_t seq = 0;
    enum rc rc = RC_OK;
    arena_init(&arena, 0);
    while (rc == RC_OK && n) {
        rc = store_record_kept(store, clinic, seq, &arena, &list, &n, &seq, reterr);
        for (size_t i = 0; rc == RC_OK && i < n; i++)
            printf("{\"id\":\"%.*s\",\"as_of\":\"%.*s\",\"request\":%.*s}\n", STR_ARGS(list[i].id),
                   STR_ARGS(list[i].as_of), STR_ARGS(list[i].payload));
        arena_reset(&arena);
    }
    arena_done(&arena);
    return rc;
}

static int export_all(const struct call *c, struct store *store, struct arena *arena)
{
    struct str *clinics;
    struct error err;
    size_t n = 0;
    enum rc rc = clinics_of(c, store, arena, &clinics, &n, &err);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = export_clinic(store, clinics[i].p, &err);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}

int command_records_export(const struct call *c)
{
    return with_database(c, export_all);
}

/* ---- one record -------------------------------------------------------------------------------------------- */

static enum rc find(const struct call *c, struct store *store, struct arena *arena, struct kept_record *ret,
                    struct error *reterr)
{
    struct str *clinics;
    size_t n = 0;
    enum rc rc = clinics_of(c, store, arena, &clinics, &n, reterr);
    if (rc != RC_OK)
        return rc;
    rc = error_set(reterr, RC_NOT_FOUND, "there is no such record");
    for (size_t i = 0; rc == RC_NOT_FOUND && i < n; i++)
        rc = store_record_find(store, clinics[i].p, c->operand, arena, ret, reterr);
    return rc;
}

/* For the record that is named. */
static int for_record(const struct call *c, int (*work)(const struct call *c, struct store *store, struct arena *arena))
{
    struct error err;
    if (c->operand && uuid_is(str_of(c->operand)))
        return with_database(c, work);
    (void)error_set(&err, RC_USAGE,
                    c->operand ? "the id of a record is a UUID" : "the id of a record is missing: see palpate --help");
    return fail(&err);
}

static int show(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct kept_record r = { .erased = false };
    if (find(c, store, arena, &r, &err) != RC_OK)
        return fail(&err);
    struct str text = arena_printf(arena, "%.*s%s%.*s}", (int)r.resource.n - 1, r.resource.p,
                                   r.payload.n ? ",\"request\":" : "", STR_ARGS(r.payload));
    if (!text.p) {
        (void)error_oom(&err);
        return fail(&err);
    }
    if (c->pretty)
        return print_json(text);
    printf("%.*s\n", STR_ARGS(text));
    return EXIT_OK;
}

int command_records_show(const struct call *c)
{
    return for_record(c, show);
}

/* ---- replay ------------------------------------------------------------------------------------------------ */

/* Decides as it was decided then; the digest of the answer's bytes. */
static enum rc decide_again(const struct catalogue *cat, const struct kept_record *r, struct faults *faults,
                            char ret_digest[static DIGEST_TEXT_LEN + 1], struct error *reterr)
{
    struct screening s;
    struct decision d;
    struct buf out;
    int32_t as_of = 0, language = catalogue_find_language(cat, r->language);
    if (!date_parse(r->as_of, &as_of))
        return error_set(reterr, RC_INTERNAL, "the record has no day that can be read");
    buf_init(&out, ANSWER_BYTES_MAX);
    enum rc rc = read_screening(r->payload, as_of, faults, &s, reterr);
    if (rc == RC_OK) {
        s.language = language < 0 ? 0 : (uint32_t)language;
        rc = screen(cat, &s, faults->arena, faults, &d);
    }
    if (rc == RC_OK) {
        write_decision(&out, &d);
        rc = out.failed ? RC_OOM : RC_OK;
    }
    if (rc == RC_OK)
        digest_sha256(buf_str(&out), ret_digest);
    else if (rc == RC_OOM)
        (void)error_oom(reterr);
    else
        (void)error_set(reterr, rc, "the recorded request is not accepted any more");
    buf_done(&out);
    return rc;
}

static enum rc replay_record(const struct kept_record *r, struct store *store, struct arena *arena, bool *ret_same,
                             struct error *reterr)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct str text, overlay;
    char digest[DIGEST_TEXT_LEN + 1];
    if (r->erased || !r->payload.n)
        return error_set(reterr, RC_INVALID_REQUEST,
                         r->erased ? "the record has been erased" : "the request was not kept with this record");
    struct faults *faults = ARENA_NEW(arena, struct faults);
    if (!faults)
        return error_oom(reterr);
    faults_init(faults, arena);
    enum rc rc = store_record_catalogue(store, r->clinic.p, r->catalogue_digest.p, arena, &text, &overlay, reterr);
    if (rc == RC_OK)
        rc = catalogue_of_texts(text, overlay, r->catalogue_digest.p, &cat, faults, reterr);
    if (rc == RC_OK)
        rc = decide_again(cat, r, faults, digest, reterr);
    if (rc == RC_OK)
        *ret_same = str_eq(r->answer_digest, str_of(digest));
    return rc;
}

static int replay(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct kept_record r = { .erased = false };
    bool same = false;
    enum rc rc = find(c, store, arena, &r, &err);
    if (rc == RC_OK)
        rc = replay_record(&r, store, arena, &same, &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("%s: under catalogue %.12s and as of %.*s the answer is %s\n", c->operand, r.catalogue_digest.p,
           STR_ARGS(r.as_of), same ? "the same, to the byte" : "ANOTHER ONE");
    return same ? EXIT_OK : EXIT_FINDINGS;
}

int command_records_replay(const struct call *c)
{
    return for_record(c, replay);
}
