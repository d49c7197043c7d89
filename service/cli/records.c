/* palpate records: what was decided is shown, exported, decided again, verified and purged. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "decide/decide.h"
#include "store/records.h"
#include "wire/wire.h"

/* A connection and the clinics that a command is about. */
struct desk {
    struct arena arena;
    struct store *store;
    struct str *clinics;
    size_t n;
};

static void desk_done(struct desk *d)
{
    store_close(d->store);
    arena_done(&d->arena);
}

static enum rc desk_open(const struct call *c, struct desk *d, struct error *reterr)
{
    *d = (struct desk){ .store = NULL };
    arena_init(&d->arena, 0);
    enum rc rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &d->store, reterr);
    if (rc == RC_OK)
        rc = store_record_clinics(d->store, &d->arena, &d->clinics, &d->n, reterr);
    if (rc != RC_OK || !c->clinic)
        return rc;
    for (size_t i = 0; i < d->n; i++) {
        if (str_eq(d->clinics[i], str_of(c->clinic))) {
            d->clinics[0] = d->clinics[i];
            d->n = 1;
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

int command_records_verify(const struct call *c)
{
    struct desk d;
    struct error err;
    bool whole = true;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = desk_open(c, &d, &err);
    for (size_t i = 0; rc == RC_OK && i < d.n; i++) {
        struct verified_chain v;
        rc = store_record_verify(d.store, d.clinics[i].p, &d.arena, &v, &err);
        if (rc == RC_OK) {
            print_chain(d.clinics[i].p, &v);
            whole &= !v.fault.n;
        }
    }
    desk_done(&d);
    return rc != RC_OK ? fail(&err) : whole ? EXIT_OK : EXIT_FINDINGS;
}

/* ---- purge ------------------------------------------------------------------------------------------------- */

int command_records_purge(const struct call *c)
{
    struct desk d;
    struct error err;
    int64_t n = 0;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = desk_open(c, &d, &err);
    for (size_t i = 0; rc == RC_OK && i < d.n; i++) {
        rc = store_record_purge(d.store, d.clinics[i].p, &n, &err);
        if (rc == RC_OK)
            printf("%s: %lld records purged\n", d.clinics[i].p, (long long)n);
    }
    if (rc == RC_OK)
        rc = store_record_drop_months(d.store, &n, &err);
    if (rc == RC_OK && n)
        printf("%lld empty month%s dropped\n", (long long)n, n == 1 ? "" : "s");
    desk_done(&d);
    return rc == RC_OK ? EXIT_OK : fail(&err);
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

int command_records_export(const struct call *c)
{
    struct desk d;
    struct error err;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = desk_open(c, &d, &err);
    for (size_t i = 0; rc == RC_OK && i < d.n; i++)
        rc = export_clinic(d.store, d.clinics[i].p, &err);
    desk_done(&d);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}

/* ---- one record -------------------------------------------------------------------------------------------- */

static enum rc find(struct desk *d, const char *id, struct kept_record *ret, struct error *reterr)
{
    enum rc rc = RC_NOT_FOUND;
    if (!uuid_is(str_of(id)))
        return error_set(reterr, RC_USAGE, "the id of a record is a UUID");
    (void)error_set(reterr, RC_NOT_FOUND, "there is no such record");
    for (size_t i = 0; rc == RC_NOT_FOUND && i < d->n; i++)
        rc = store_record_find(d->store, d->clinics[i].p, id, &d->arena, ret, reterr);
    return rc;
}

static int wants_an_id(void)
{
    struct error err;
    (void)error_set(&err, RC_USAGE, "the id of a record is missing: see palpate --help");
    return fail(&err);
}

int command_records_show(const struct call *c)
{
    struct desk d;
    struct error err;
    struct kept_record r = { .erased = false };
    int exit_status = EXIT_OK;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    if (!c->operand)
        return wants_an_id();
    enum rc rc = desk_open(c, &d, &err);
    if (rc == RC_OK)
        rc = find(&d, c->operand, &r, &err);
    if (rc == RC_OK) {
        struct str text = arena_printf(&d.arena, "%.*s%s%.*s}", (int)r.resource.n - 1, r.resource.p,
                                       r.payload.n ? ",\"request\":" : "", STR_ARGS(r.payload));
        if (!text.p)
            rc = error_oom(&err);
        else if (c->pretty)
            exit_status = print_json(text);
        else
            printf("%.*s\n", STR_ARGS(text));
    }
    desk_done(&d);
    return rc == RC_OK ? exit_status : fail(&err);
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

static enum rc catalogue_of(struct desk *d, const struct kept_record *r, struct faults *faults, struct catalogue **ret,
                            struct error *reterr)
{
    struct str text, overlay;
    enum rc rc =
        store_record_catalogue(d->store, r->clinic.p, r->catalogue_digest.p, &d->arena, &text, &overlay, reterr);
    return rc == RC_OK ? catalogue_of_texts(text, overlay, r->catalogue_digest.p, ret, faults, reterr) : rc;
}

static enum rc replay(struct desk *d, const char *id, bool *ret_same, struct error *reterr)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct kept_record r = { .erased = false };
    char digest[DIGEST_TEXT_LEN + 1];
    enum rc rc = find(d, id, &r, reterr);
    if (rc != RC_OK)
        return rc;
    if (r.erased || !r.payload.n)
        return error_set(reterr, RC_INVALID_REQUEST,
                         r.erased ? "the record has been erased" : "the request was not kept with this record");
    struct faults *faults = ARENA_NEW(&d->arena, struct faults);
    if (!faults)
        return error_oom(reterr);
    faults_init(faults, &d->arena);
    rc = catalogue_of(d, &r, faults, &cat, reterr);
    if (rc == RC_OK)
        rc = decide_again(cat, &r, faults, digest, reterr);
    if (rc != RC_OK)
        return rc;
    *ret_same = str_eq(r.answer_digest, str_of(digest));
    printf("%s: under catalogue %.12s and as of %.*s the answer is %s\n", id, r.catalogue_digest.p, STR_ARGS(r.as_of),
           *ret_same ? "the same, to the byte" : "ANOTHER ONE");
    return RC_OK;
}

int command_records_replay(const struct call *c)
{
    struct desk d;
    struct error err;
    bool same = false;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    if (!c->operand)
        return wants_an_id();
    enum rc rc = desk_open(c, &d, &err);
    if (rc == RC_OK)
        rc = replay(&d, c->operand, &same, &err);
    desk_done(&d);
    return rc != RC_OK ? fail(&err) : same ? EXIT_OK : EXIT_FINDINGS;
}
