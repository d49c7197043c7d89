/* palpate serve: starts the parts in order, waits for a signal, stops them in reverse. */
#include "cli/serve_priv.h"

#include <signal.h>
#include <stdio.h>

#include "gen/embedded.h"
#include "http/http.h"

static struct str api_document(const char *name)
{
    for (size_t i = 0; i < embedded_api_n; i++)
        if (strcmp(embedded_api[i].name, name) == 0)
            return embedded_api[i].text;
    return (struct str){ NULL, 0 };
}

/* Without the database and without what was held last, what is built in has to do. */
static struct catalogue *files_instead(void *settings, struct error *reterr)
{
    struct settings files = *(const struct settings *)settings;
    int exit_status;
    files.text[SET_DATABASE] = NULL;
    struct catalogue *cat = load_catalogue(&files, &exit_status);
    if (!cat)
        (void)error_set(reterr, RC_CATALOGUE_INVALID, "there is no catalogue to start with");
    return cat;
}

/* The database is watched on a connection of its own, and fills the slot unless files do. */
static enum rc start_watch(const struct settings *s, struct slot *slot, struct watch **ret, struct error *reterr)
{
    const struct watch_config config = {
        .conninfo = s->text[SET_DATABASE],
        .slot = slot,
        .cache = s->text[SET_CACHE],
        .follows = !s->text[SET_CATALOGUE],
        .files = files_instead,
        .files_arg = (void *)s,
    };
    return config.conninfo ? watch_start(&config, ret, reterr) : RC_OK;
}

static struct str accepted_findings(void)
{
    for (size_t i = 0; i < embedded_catalogue_n; i++)
        if (strcmp(embedded_catalogue[i].name, ACCEPTED_FILE) == 0)
            return embedded_catalogue[i].text;
    return (struct str){ NULL, 0 };
}

static struct http_config config_of(const struct settings *s, struct slot *slot, struct watch *watch, struct desk *desk,
                                    struct keyring *keyring, const struct recording *record)
{
    return (struct http_config){
        .listen = s->text[SET_LISTEN],
        .port = (uint16_t)s->number[SET_PORT],
        .connections_max = (int)s->number[SET_CONNECTIONS],
        .connections_per_address_max = (int)s->number[SET_CONNECTIONS_EACH],
        .idle_timeout_s = (int)s->number[SET_IDLE_TIMEOUT],
        .threads = (int)s->number[SET_THREADS],
        .slot = slot,
        .watch = watch,
        .desk = desk,
        .accepted = accepted_findings(),
        .keyring = keyring,
        .record = *record,
        .openapi_yaml = api_document("openapi.yaml"),
        .openapi_json = api_document("openapi.json"),
    };
}

/* The field that the proposed request carries. */
static void print_credential(const struct call *c)
{
    if (c->example_key)
        printf(" -H \"Authorization: Bearer $(cat '%s')\"", c->example_key);
    else
        printf(" -H \"Authorization: Bearer $KEY\"");
}

static struct str came_from(const struct settings *s, struct watch *watch)
{
    static const char *const names[] = {
        [FROM_NOWHERE] = NULL, [FROM_FILES] = "built in", [FROM_CACHE] = "cache", [FROM_DATABASE] = "database"
    };
    struct watch_status status = { .from = FROM_NOWHERE };
    if (watch)
        watch_look(watch, &status);
    return status.from != FROM_NOWHERE ? str_of(names[status.from])
           : s->text[SET_CATALOGUE]    ? STR("folder")
                                       : STR("built in");
}

static void announce(const struct http *http, const struct call *c, struct slot *slot, struct watch *watch, bool keys)
{
    const struct settings *s = &c->settings;
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(slot, "");
    bool v6 = strchr(s->text[SET_LISTEN], ':') != NULL;
    log_event(LOG_INFO, "started", F_STR("address", str_of(s->text[SET_LISTEN])), F_INT("port", http_port(http)),
              F_STR("catalogue", cat->version), F_STR("digest", str_of(cat->digest)),
              F_STR("callers", keys ? STR("authenticated") : STR("anyone")), F_STR("from", came_from(s, watch)));
    char address[80];
    (void)snprintf(address, sizeof(address), "http://%s%s%s:%u", v6 ? "[" : "", s->text[SET_LISTEN], v6 ? "]" : "",
                   (unsigned)http_port(http));
    printf("palpate listens on %s\n"
           "try: curl -s %s/v1/screenings -H 'Content-Type: application/json'",
           address, address);
    if (keys)
        print_credential(c);
    printf(" -d '"
           "{\"subject\": {\"age_years\": 46, \"sex\": \"female\"},"
           " \"complaints\": [{\"region\": \"lower_back\", \"pain\": 5, \"duration_days\": 700}],"
           " \"history\": {\"conditions\": [{\"id\": \"osteoporosis\"}]}, \"unlisted\": \"absent\"}'\n");
    (void)fflush(stdout);
}

int command_serve(const struct call *c)
{
    struct error err = { .code = RC_OK };
    struct slot *slot = NULL;
    struct watch *watch = NULL;
    struct desk *desk = NULL;
    struct keyring *keyring = NULL;
    struct token_rules rules;
    struct recording record = { .mode = RECORD_OFF };
    enum record_mode mode;
    struct http *http = NULL;
    sigset_t stop;
    int exit_status, signal_number;
    if (check_callers(&c->settings, &err) != RC_OK || check_recording(&c->settings, &mode, &err) != RC_OK)
        return fail(&err);
    bool follows = c->settings.text[SET_DATABASE] && !c->settings.text[SET_CATALOGUE];
    struct catalogue *cat = follows ? NULL : load_catalogue(&c->settings, &exit_status);
    if (!follows && !cat)
        return exit_status;
    /* blocked before any thread starts: only this one waits for them */
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGINT);
    (void)sigaddset(&stop, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    enum rc rc = slot_new(&slot, &err);
    if (rc == RC_OK && cat)
        slot_publish_take(slot, TAKE(cat));
    if (rc == RC_OK)
        rc = start_keyring(&c->settings, &rules, &keyring, &err); /* first: see there */
    if (rc == RC_OK)
        rc = start_watch(&c->settings, slot, &watch, &err);
    if (rc == RC_OK && c->settings.text[SET_DATABASE])
        rc = desk_new(c->settings.text[SET_DATABASE], &desk, &err);
    if (rc == RC_OK)
        rc = start_recording(&c->settings, mode, &record, &err);
    if (rc == RC_OK) {
        struct http_config config = config_of(&c->settings, slot, watch, desk, keyring, &record);
        rc = http_start(&config, &http, &err);
    }
    if (rc == RC_OK) {
        announce(http, c, slot, watch, keyring != NULL);
        (void)sigwait(&stop, &signal_number);
        log_event(LOG_INFO, "stopping", F_STR("why", signal_number == SIGINT ? STR("SIGINT") : STR("SIGTERM")));
    }
    http_stop(http);
    stop_recording(&record);
    desk_free(desk);
    watch_stop(watch);
    keyring_stop(keyring);
    slot_free(slot);
    catalogue_unref(cat);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}
