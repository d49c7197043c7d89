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

/* The database is watched on a connection of its own. */
static enum rc start_watch(const struct settings *s, struct watch **ret, struct error *reterr)
{
    struct store *store;
    if (!s->text[SET_DATABASE])
        return RC_OK;
    enum rc rc = store_open(s->text[SET_DATABASE], STORE_AS_SERVICE, &store, reterr);
    return rc == RC_OK ? watch_start_take(store, ret, reterr) : rc;
}

static struct http_config config_of(const struct settings *s, struct slot *slot, const struct watch *watch,
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

static void announce(const struct http *http, const struct call *c, const struct catalogue *cat, bool keys)
{
    const struct settings *s = &c->settings;
    bool v6 = strchr(s->text[SET_LISTEN], ':') != NULL;
    log_event(LOG_INFO, "started", F_STR("address", str_of(s->text[SET_LISTEN])), F_INT("port", http_port(http)),
              F_STR("catalogue", cat->version), F_STR("digest", str_of(cat->digest)),
              F_STR("callers", keys ? STR("authenticated") : STR("anyone")),
              F_STR("from", s->text[SET_CATALOGUE]  ? STR("folder")
                            : s->text[SET_DATABASE] ? STR("database")
                                                    : STR("built in")));
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
    struct keyring *keyring = NULL;
    struct token_rules rules;
    struct recording record = { .mode = RECORD_OFF };
    enum record_mode mode;
    struct http *http = NULL;
    sigset_t stop;
    int exit_status, signal_number;
    if (check_callers(&c->settings, &err) != RC_OK || check_recording(&c->settings, &mode, &err) != RC_OK)
        return fail(&err);
    struct catalogue *cat = load_catalogue(&c->settings, &exit_status);
    if (!cat)
        return exit_status;
    /* blocked before any thread starts: only this one waits for them */
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGINT);
    (void)sigaddset(&stop, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    enum rc rc = slot_new(&slot, &err);
    if (rc == RC_OK) {
        slot_publish_take(slot, catalogue_ref(cat));
        rc = start_watch(&c->settings, &watch, &err);
    }
    if (rc == RC_OK)
        rc = start_keyring(&c->settings, &rules, &keyring, &err);
    if (rc == RC_OK)
        rc = start_recording(&c->settings, mode, &record, &err);
    if (rc == RC_OK) {
        struct http_config config = config_of(&c->settings, slot, watch, keyring, &record);
        rc = http_start(&config, &http, &err);
    }
    if (rc == RC_OK) {
        announce(http, c, cat, keyring != NULL);
        (void)sigwait(&stop, &signal_number);
        log_event(LOG_INFO, "stopping", F_STR("why", signal_number == SIGINT ? STR("SIGINT") : STR("SIGTERM")));
    }
    http_stop(http);
    stop_recording(&record);
    keyring_stop(keyring);
    watch_stop(watch);
    slot_free(slot);
    catalogue_unref(cat);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}
