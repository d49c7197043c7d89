/* palpate clinic and palpate key: who may call. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auth/auth.h"
#include "base/date.h"
#include "store/store.h"
#include "wire/wire.h"

enum {
    NAME_BYTES_MAX = 200,
    DAYS_MAX = 36500,
    RETENTION_DAYS = 3650,
    SECONDS_PER_DAY = 86400,
    LIST_BYTES_MAX = 256 * 1024 * 1024,
};

static int usage(const char *sentence)
{
    struct error err;
    (void)error_set(&err, RC_USAGE, "%s: see palpate --help", sentence);
    return fail(&err);
}

static bool is_name(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
            return false;
    return n > 0 && n <= NAME_BYTES_MAX && s[0] != ' ' && s[n - 1] != ' ';
}

static bool parse_days(const char *text, int32_t *ret)
{
    char *end;
    long days = strtol(text, &end, 10);
    if (*end || *text < '0' || *text > '9' || days < 1 || days > DAYS_MAX)
        return false;
    *ret = (int32_t)days;
    return true;
}

static enum rc open_store(const struct call *c, struct store **ret, struct error *reterr)
{
    return store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, ret, reterr);
}

/* ---- clinics -------------------------------------------------------------------------------------------------- */

int command_clinic_create(const struct call *c)
{
    struct error err;
    int32_t days = RETENTION_DAYS;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->operand || !is_clinic_id(str_of(c->operand)))
        return usage("a clinic's id is missing or none: a lower-case letter, then letters, digits, _ and -, 64 in all");
    if (!c->name || !is_name(c->name))
        return usage("--name is missing or none: a text of one line, of at most 200 bytes");
    if (c->retention_days && !parse_days(c->retention_days, &days))
        return usage("--retention-days is not a whole number from 1 to 36500");
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = open_store(c, &store, &err);
    if (rc == RC_OK)
        rc = store_clinic_create(store, c->operand, c->name, c->keep_payload, days, &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("made the clinic %s\n", c->operand);
    return EXIT_OK;
}

int command_clinic_close(const struct call *c)
{
    struct error err;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->operand)
        return usage("a clinic's id is missing");
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = open_store(c, &store, &err);
    if (rc == RC_OK)
        rc = store_clinic_close(store, c->operand, &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("closed the clinic %s: none of its keys works any more\n", c->operand);
    return EXIT_OK;
}

static void print_clinics(const struct clinic_row *rows, size_t n)
{
    printf("id                    keeps requests  days  made                  closed                name\n");
    for (size_t i = 0; i < n; i++)
        printf("%-20.*s  %-14s  %4d  %-20.*s  %-20.*s  %.*s\n", STR_ARGS(rows[i].id),
               rows[i].keeps_payload ? "yes" : "", rows[i].retention_days, STR_ARGS(rows[i].created_at),
               STR_ARGS(rows[i].closed_at), STR_ARGS(rows[i].name));
}

static void write_clinics(struct json_out *o, const struct clinic_row *rows, size_t n)
{
    out_open(o, NULL, '{');
    out_open(o, "clinics", '[');
    for (size_t i = 0; i < n; i++) {
        out_open(o, NULL, '{');
        out_str(o, "id", rows[i].id);
        out_str(o, "name", rows[i].name);
        out_bool(o, "keeps_payload", rows[i].keeps_payload);
        out_int(o, "retention_days", rows[i].retention_days);
        out_str(o, "created_at", rows[i].created_at);
        out_str_if(o, "closed_at", rows[i].closed_at);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_close(o, '}');
}

static int list_clinics(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct clinic_row *rows;
    size_t n;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, LIST_BYTES_MAX);
    if (store_clinic_list(store, arena, &rows, &n, &err) != RC_OK)
        return fail(&err);
    if (c->json) {
        write_clinics(&(struct json_out){ &text, false }, rows, n);
        return print_json(buf_str(&text));
    }
    print_clinics(rows, n);
    return EXIT_OK;
}

int command_clinic_list(const struct call *c)
{
    return with_database(c, list_clinics);
}

/* ---- keys ----------------------------------------------------------------------------------------------------- */

/* "screen,records:read"; all must be known. */
static bool parse_scopes(const char *text, unsigned *ret)
{
    *ret = 0;
    for (;;) {
        size_t n = strcspn(text, ",");
        enum scope scope;
        if (!scope_from_name((struct str){ text, n }, &scope))
            return false;
        *ret |= 1U << scope;
        if (!text[n])
            return true;
        text += n + 1;
    }
}

/* The last day on which it works, or how many days from now. */
static bool parse_expiry(const char *text, int64_t *ret_s)
{
    int32_t day;
    if (date_parse(str_of(text), &day)) {
        *ret_s = ((int64_t)day + 1) * SECONDS_PER_DAY;
        return day >= date_today();
    }
    *ret_s = parse_days(text, &day) ? (int64_t)time(NULL) + (int64_t)day * SECONDS_PER_DAY : 0;
    return *ret_s != 0;
}

int command_key_create(const struct call *c)
{
    struct error err;
    struct api_key key;
    unsigned scopes = 1U << SCOPE_SCREEN;
    int64_t expires_at_s = 0;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->clinic || !c->name || !is_name(c->name))
        return usage("--clinic and --name are needed; the name is a text of one line, of at most 200 bytes");
    if (c->scope && !parse_scopes(c->scope, &scopes))
        return usage("--scope is no list of screen, records:read, catalogue:write and admin, with commas");
    if (c->expires && !parse_expiry(c->expires, &expires_at_s))
        return usage("--expires is neither a date to come, as 2027-01-31, nor a number of days up to 36500");
    if (c->holder && !is_name(c->holder))
        return usage("--holder is a person's name, of one line and at most 200 bytes");
    if (!c->holder && scopes & 1U << SCOPE_CATALOGUE_WRITE)
        return usage(
            "a key that may change catalogues needs --holder: the person who answers for what is done with it");
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = api_key_make(&key, &err);
    if (rc == RC_OK)
        rc = open_store(c, &store, &err);
    if (rc == RC_OK)
        rc = store_key_create(store,
                              &(struct new_key){ .clinic = c->clinic,
                                                 .name = c->name,
                                                 .holder = c->holder,
                                                 .id = key.id,
                                                 .hash = key.hash,
                                                 .scopes = scopes,
                                                 .expires_at_s = expires_at_s },
                              &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("%s\n", key.text);
    (void)fflush(stdout);
    fprintf(stderr, "made the key %s of the clinic %s; it is shown this once and cannot be shown again\n", key.id,
            c->clinic);
    return EXIT_OK;
}

static void print_keys(const struct key_row *rows, size_t n)
{
    printf("id            clinic                works  made                  expires               last used"
           "             scopes                          name (holder)\n");
    for (size_t i = 0; i < n; i++)
        printf("%-12.*s  %-20.*s  %-5s  %-20.*s  %-20.*s  %-20.*s  %-30.*s  %.*s%s%.*s%s\n", STR_ARGS(rows[i].id),
               STR_ARGS(rows[i].clinic), rows[i].works ? "yes" : "no", STR_ARGS(rows[i].created_at),
               STR_ARGS(rows[i].expires_at), STR_ARGS(rows[i].last_used_at), STR_ARGS(rows[i].scopes),
               STR_ARGS(rows[i].name), rows[i].holder.n ? " (" : "", STR_ARGS(rows[i].holder),
               rows[i].holder.n ? ")" : "");
}

static void write_keys(struct json_out *o, const struct key_row *rows, size_t n)
{
    out_open(o, NULL, '{');
    out_open(o, "keys", '[');
    for (size_t i = 0; i < n; i++) {
        out_open(o, NULL, '{');
        out_str(o, "id", rows[i].id);
        out_str(o, "clinic", rows[i].clinic);
        out_str(o, "name", rows[i].name);
        out_str_if(o, "holder", rows[i].holder);
        out_open(o, "scopes", '[');
        for (int k = 0; k < SCOPE_COUNT_; k++)
            if (scopes_among(rows[i].scopes) & 1U << k)
                out_str(o, NULL, str_of(scope_name((enum scope)k)));
        out_close(o, ']');
        out_bool(o, "works", rows[i].works);
        out_str(o, "created_at", rows[i].created_at);
        out_str_if(o, "expires_at", rows[i].expires_at);
        out_str_if(o, "revoked_at", rows[i].revoked_at);
        out_str_if(o, "last_used_at", rows[i].last_used_at);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_close(o, '}');
}

static int list_keys(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct key_row *rows;
    size_t n;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, LIST_BYTES_MAX);
    if (store_key_list(store, c->clinic, arena, &rows, &n, &err) != RC_OK)
        return fail(&err);
    if (c->json) {
        write_keys(&(struct json_out){ &text, false }, rows, n);
        return print_json(buf_str(&text));
    }
    print_keys(rows, n);
    return EXIT_OK;
}

int command_key_list(const struct call *c)
{
    return with_database(c, list_keys);
}

int command_key_revoke(const struct call *c)
{
    struct error err;
    bool revoked;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->operand || strlen(c->operand) != API_KEY_ID_LEN)
        return usage("the key's id is missing or none: the 12 letters and digits after palpate_");
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = open_store(c, &store, &err);
    if (rc == RC_OK)
        rc = store_key_revoke(store, c->operand, &revoked, &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("%s %s\n", revoked ? "revoked the key" : "revoked already: the key", c->operand);
    return EXIT_OK;
}

/* ---- one key, as the service sees it -------------------------------------------------------------------------- */

static enum rc read_registry(const struct call *c, struct registry **ret, struct error *reterr)
{
    struct arena arena;
    struct clinic_entry *clinics;
    struct key_entry *keys;
    size_t n_clinics, n_keys;
    CLEANUP(store_closep) struct store *store = NULL;
    arena_init(&arena, 0);
    enum rc rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_SERVICE, &store, reterr);
    if (rc == RC_OK)
        rc = store_registry_read(store, &arena, &clinics, &n_clinics, &keys, &n_keys, reterr);
    if (rc == RC_OK)
        rc = registry_make(clinics, n_clinics, keys, n_keys, ret, reterr);
    arena_done(&arena);
    return rc;
}

int command_key_check(const struct call *c)
{
    enum { INPUT_BYTES_MAX = 1024 };
    struct error err;
    struct buf text;
    struct registry *registry = NULL;
    struct caller caller;
    bool ignored;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    buf_init(&text, INPUT_BYTES_MAX);
    enum rc rc = read_input(c->operand, "the key", &text, &err);
    if (rc == RC_OK)
        rc = read_registry(c, &registry, &err);
    if (rc == RC_OK) {
        struct str key = buf_str(&text);
        while (key.n && (key.p[key.n - 1] == '\n' || key.p[key.n - 1] == '\r'))
            key.n--;
        rc = authenticate(&(struct grounds){ .registry = registry }, key, (int64_t)time(NULL), &caller, &ignored);
        if (rc != RC_OK)
            (void)error_set(&err, rc, "the key does not work: unknown, revoked, expired, or of a closed clinic");
    }
    registry_unref(registry);
    buf_done(&text);
    if (rc != RC_OK)
        return fail(&err);
    printf("the key %s of the clinic %s works:", caller.key, caller.clinic);
    for (int i = 0; i < SCOPE_COUNT_; i++)
        if (caller.scopes & 1U << i)
            printf(" %s", scope_name((enum scope)i));
    printf("\n");
    return EXIT_OK;
}
