/* palpate serve: starts the parts in order, waits for a signal, stops them in reverse. A second signal while it stops
 * ends it at once. */
#include "cli/serve_priv.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

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
        .room = (size_t)s->number[SET_CATALOGUES],
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
        .header_timeout_s = (int)s->number[SET_HEADER_TIMEOUT],
        .body_timeout_s = (int)s->number[SET_BODY_TIMEOUT],
        .answer_timeout_s = (int)s->number[SET_ANSWER_TIMEOUT],
        .stop_timeout_s = (int)s->number[SET_STOP_TIMEOUT],
        .requests_in_flight_max = (int)s->number[SET_IN_FLIGHT],
        .rate_limit = (uint32_t)s->number[SET_RATE_LIMIT],
        .rate_burst = (uint32_t)s->number[SET_RATE_BURST],
        .tls_certificate = s->text[SET_TLS_CERTIFICATE],
        .tls_key = s->text[SET_TLS_KEY],
        .version = PALPATE_VERSION,
        .threads = (int)s->number[SET_THREADS],
        .slot = slot,
        .watch = watch,
        .desk = desk,
        .accepted = accepted_findings(),
        .keyring = keyring,
        .record = *record,
        .openapi_yaml = api_document("openapi.yaml"),
        .openapi_json = api_document("openapi.json"),
        .pages = embedded_pages,
        .n_pages = s->number[SET_PAGES] == PAGES_ON ? embedded_pages_n : 0,
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
    (void)snprintf(address, sizeof(address), "%s://%s%s%s:%u", s->text[SET_TLS_CERTIFICATE] ? "https" : "http",
                   v6 ? "[" : "", s->text[SET_LISTEN], v6 ? "]" : "", (unsigned)http_port(http));
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

/* Every connection takes an open file; the soft limit is often far below what the system would give. */
static enum rc raise_open_files(const struct settings *s, struct error *reterr)
{
    enum { OF_OUR_OWN = 16, OF_A_THREAD = 2 };
    struct rlimit files;
    long most, needed = s->number[SET_CONNECTIONS] + OF_OUR_OWN + OF_A_THREAD * s->number[SET_THREADS];
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return error_set(reterr, RC_OS, "could not read the limit on open files (%m)");
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* where it cannot be raised, what there is may be enough */
    (void)getrlimit(RLIMIT_NOFILE, &files);
    most = files.rlim_cur > LONG_MAX ? LONG_MAX : (long)files.rlim_cur;
    if (needed > most)
        return error_set(
            reterr, RC_SETTING,
            "%ld connections need %ld open files, and the limit is %ld: set fewer connections or raise the "
            "limit (ulimit -n, LimitNOFILE)",
            s->number[SET_CONNECTIONS], needed, most);
    return RC_OK;
}

static enum rc check(const struct settings *s, struct error *reterr)
{
    if (!s->text[SET_TLS_CERTIFICATE] != !s->text[SET_TLS_KEY])
        return error_set(reterr, RC_SETTING, "tls-certificate and tls-key belong together: set both or none");
    return raise_open_files(s, reterr);
}

/* Until SIGTERM or SIGINT; SIGHUP reads the certificate again. */
static const char *serve_until_told(struct http *http, const sigset_t *signals)
{
    for (;;) {
        struct error err;
        int signal_number;
        (void)sigwait(signals, &signal_number);
        if (signal_number != SIGHUP)
            return signal_number == SIGINT ? "SIGINT" : "SIGTERM";
        if (http_reload(http, &err) == RC_OK)
            log_event(LOG_INFO, "reloaded", F_STR("why", STR("SIGHUP")));
        else
            log_event(LOG_ERROR, "reload_refused", F_STR("why", str_of(err.text)),
                      F_STR("effect", STR("the certificate in use stays")));
    }
}

/* From here on a second signal ends the process at once, and so does the time when something hangs. */
static void begin_to_stop(struct http *http, const struct settings *s, const sigset_t *signals)
{
    enum { LAST_RESORT_S = 10 };
    struct timespec delay = { .tv_sec = s->number[SET_DRAIN_DELAY] };
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_IGN);
    (void)pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    (void)alarm((unsigned)(delay.tv_sec + s->number[SET_STOP_TIMEOUT] + LAST_RESORT_S));
    http_drain(http);
    while (nanosleep(&delay, &delay) != 0 && errno == EINTR)
        ;
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
    sigset_t signals;
    int exit_status;
    if (check_callers(&c->settings, &err) != RC_OK || check_recording(&c->settings, &mode, &err) != RC_OK ||
        check(&c->settings, &err) != RC_OK)
        return fail(&err);
    bool follows = c->settings.text[SET_DATABASE] && !c->settings.text[SET_CATALOGUE];
    struct catalogue *cat = follows ? NULL : load_catalogue(&c->settings, &exit_status);
    if (!follows && !cat)
        return exit_status;
    /* blocked before any thread starts: only this one waits for them */
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    enum rc rc = slot_new(&slot, &err);
    if (rc == RC_OK && cat)
        slot_publish_take(slot, TAKE(cat));
    if (rc == RC_OK)
        rc = start_keyring(&c->settings, &rules, &keyring, &err); /* first: see there */
    if (rc == RC_OK)
        rc = start_watch(&c->settings, slot, &watch, &err);
    if (rc == RC_OK && c->settings.text[SET_DATABASE])
        rc = desk_new(c->settings.text[SET_DATABASE], (size_t)c->settings.number[SET_CATALOGUES], &desk, &err);
    if (rc == RC_OK)
        rc = start_recording(&c->settings, mode, &record, &err);
    if (rc == RC_OK) {
        struct http_config config = config_of(&c->settings, slot, watch, desk, keyring, &record);
        rc = http_start(&config, &http, &err);
    }
    if (rc == RC_OK) {
        announce(http, c, slot, watch, keyring != NULL);
        const char *why = serve_until_told(http, &signals);
        log_event(LOG_INFO, "stopping", F_STR("why", str_of(why)));
        begin_to_stop(http, &c->settings, &signals);
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
