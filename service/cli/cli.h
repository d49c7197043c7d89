/* The command line: settings, commands, help. */
#ifndef PALPATE_CLI_CLI_H
#define PALPATE_CLI_CLI_H

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "rules/rules.h"

/* Every setting, once: from this table come the flags, the environment variables, the checks, the help and the table in
 * README.md. Numbers are checked against the bounds; an empty default means "not set". */
enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_CHOICE, SETTING_LANGUAGE, SETTING_LOG_LEVEL };
/*    id                    name              kind               default      min  max     help */
#define SETTING_LIST(X)                                                                                                \
    X(SET_LISTEN, "listen", SETTING_TEXT, "127.0.0.1", 0, 0, "numeric address to listen on")                           \
    X(SET_PORT, "port", SETTING_NUMBER, "8080", 0, 65535, "port to listen on; 0 takes any free one")                   \
    X(SET_DATABASE, "database", SETTING_TEXT, "", 0, 0,                                                                \
      "PostgreSQL to use, as a libpq URI or keywords; without it the catalogue comes from files")                      \
    X(SET_DATABASE_PASSWORD, "database-password-file", SETTING_TEXT, "", 0, 0,                                         \
      "file that holds the password for the database, where its address has none")                                     \
    X(SET_CATALOGUE, "catalogue", SETTING_TEXT, "", 0, 0,                                                              \
      "folder of catalogue files; without it those built into the program")                                            \
    X(SET_AUTH, "auth", SETTING_CHOICE, "", 0, 0,                                                                      \
      "required or off: whether callers must show a key or a token; not set, it is required with a database or a "     \
      "jwks, else off")                                                                                                \
    X(SET_JWKS, "jwks", SETTING_TEXT, "", 0, 0,                                                                        \
      "file or https address of the JSON Web Key Set that tokens are signed with; without it only API keys are taken") \
    X(SET_JWT_ISSUER, "jwt-issuer", SETTING_TEXT, "", 0, 0, "what the claim iss of a token must be; without it any")   \
    X(SET_JWT_AUDIENCE, "jwt-audience", SETTING_TEXT, "", 0, 0,                                                        \
      "what the claim aud of a token must name; needed with a jwks")                                                   \
    X(SET_JWT_CLINIC, "jwt-clinic-claim", SETTING_TEXT, "clinic", 0, 0, "claim of a token that names its clinic")      \
    X(SET_JWT_LEEWAY, "jwt-leeway", SETTING_NUMBER, "60", 0, 600,                                                      \
      "seconds by which the clock that a token was made by may differ")                                                \
    X(SET_RECORD, "record", SETTING_CHOICE, "", 0, 0,                                                                  \
      "required, best_effort or off: whether a decision must be recorded before it is given; not set, it is required " \
      "with a database and auth, else off")                                                                            \
    X(SET_RECORD_TIMEOUT, "record-timeout", SETTING_NUMBER, "5000", 10, 60000,                                         \
      "milliseconds that a decision may wait for its record")                                                          \
    X(SET_CACHE, "cache", SETTING_TEXT, "", 0, 0,                                                                      \
      "folder to keep the last catalogue of the database in, for a start without it")                                  \
    X(SET_CATALOGUES, "catalogues", SETTING_NUMBER, "16", 1, 10000,                                                    \
      "catalogues that are held at once: versions, and versions with the overlay of a clinic")                         \
    X(SET_THREADS, "threads", SETTING_NUMBER, "2", 1, 64,                                                              \
      "threads that serve requests; where decisions are recorded each connection has its own")                         \
    X(SET_CONNECTIONS, "connections", SETTING_NUMBER, "1000", 1, 100000, "open connections at most")                   \
    X(SET_CONNECTIONS_EACH, "connections-per-address", SETTING_NUMBER, "500", 0, 100000,                               \
      "open connections of one client address at most; 0 sets no bound")                                               \
    X(SET_IDLE_TIMEOUT, "idle-timeout", SETTING_NUMBER, "30", 1, 3600,                                                 \
      "seconds after which a connection without traffic is closed")                                                    \
    X(SET_HEADER_TIMEOUT, "header-timeout", SETTING_NUMBER, "10", 1, 3600,                                             \
      "seconds in which a request's header must come, from the connection on")                                         \
    X(SET_BODY_TIMEOUT, "body-timeout", SETTING_NUMBER, "20", 1, 3600, "seconds in which a request's body must come")  \
    X(SET_ANSWER_TIMEOUT, "answer-timeout", SETTING_NUMBER, "30", 1, 3600,                                             \
      "seconds in which the client must take the answer")                                                              \
    X(SET_IN_FLIGHT, "requests-in-flight", SETTING_NUMBER, "500", 0, 100000,                                           \
      "requests that are answered at the same time, others get 503; 0 sets no bound")                                  \
    X(SET_RATE_LIMIT, "rate-limit", SETTING_NUMBER, "0", 0, 1000000,                                                   \
      "requests a second of one key, or of one address where there are no keys; 0 sets no bound")                      \
    X(SET_RATE_BURST, "rate-burst", SETTING_NUMBER, "100", 1, 1000000,                                                 \
      "requests that may come at once before the rate counts")                                                         \
    X(SET_DRAIN_DELAY, "drain-delay", SETTING_NUMBER, "0", 0, 3600,                                                    \
      "seconds to go on serving after SIGTERM while /health/ready says no, for load balancers to notice")              \
    X(SET_STOP_TIMEOUT, "stop-timeout", SETTING_NUMBER, "10", 0, 3600,                                                 \
      "seconds that requests in flight get to finish when it stops")                                                   \
    X(SET_TLS_CERTIFICATE, "tls-certificate", SETTING_TEXT, "", 0, 0,                                                  \
      "file with the certificate and its chain in PEM; without it HTTP is not encrypted")                              \
    X(SET_TLS_KEY, "tls-key", SETTING_TEXT, "", 0, 0, "file with the private key of that certificate in PEM")          \
    X(SET_PAGES, "pages", SETTING_CHOICE, "on", 0, 0,                                                                  \
      "on or off: whether / is a form to try the service with and /docs its API reference")                            \
    X(SET_LANGUAGE, "language", SETTING_LANGUAGE, "en", 0, 0,                                                          \
      "language of the texts that palpate screen prints, as a tag such as ko")                                         \
    X(SET_LOG_LEVEL, "log-level", SETTING_LOG_LEVEL, "info", 0, 0,                                                     \
      "least level of log lines: debug, info, warning or error")
#define X(id, name, kind, otherwise, min, max, help) id,
enum setting { SETTING_LIST(X) SETTING_COUNT_ };
#undef X

enum { AUTH_REQUIRED, AUTH_OFF }; /* the choices of SET_AUTH */
enum { PAGES_OFF, PAGES_ON };     /* those of SET_PAGES */

struct settings {
    const char *text[SETTING_COUNT_]; /* NULL when not set */
    long number[SETTING_COUNT_];      /* of a choice: which */
    enum log_level log_level;
};

/* Takes the defaults and the environment: PALPATE_ and the name in capitals, with _ for -. An unknown variable that
 * begins so is refused. */
enum rc settings_from_environment(struct settings *s, char *const *environ, struct error *reterr) MUST_USE;
/* `flag` without its dashes. RC_USAGE when there is no such setting. */
enum rc settings_set(struct settings *s, const char *flag, const char *value, struct error *reterr) MUST_USE;
/* Once, before threads start: reads the file of the database's password, where one is set, for every connection. */
enum rc settings_use_password(const struct settings *s, struct error *reterr) MUST_USE;
void settings_print_help(void);
void settings_print_markdown(void);

struct store;

/* One call of the program. Returns its exit status. */
int cli_main(int argc, char **argv, char *const *environ);

enum { ACTOR_BYTES = 256 };

/* ---- commands --------------------------------------------------------------------------------------------- */

struct call {
    struct settings settings;
    const char *operand;                                     /* NULL when not given */
    const char *rule, *fact, *course, *technique, *evidence; /* --rule and so on, of catalogue show */
    const char *missing;                                     /* --missing, of catalogue check: a language */
    const char *overlay;                                     /* --overlay, a file */
    const char *against, *requests, *generate, *seed;        /* of catalogue impact */
    bool pretty, json;
    bool strict, all;                                     /* of catalogue check */
    const char *example_key;                              /* --example-key, of serve: a file */
    const char *clinic, *name, *holder, *scope, *expires; /* of key and clinic */
    const char *retention_days;
    bool keep_payload;
    const char *acts;            /* --as: who acts; NULL: whoever is logged in */
    const char *signed_by;       /* --signed-by, of catalogue publish */
    const char *accepted;        /* --accepted, of catalogue check VERSION: a file */
    bool draft, only_new, first; /* of catalogue load */
    bool live;                   /* of health */
    bool allow_newer;            /* of migrate */
};

int command_serve(const struct call *c);
int command_health(const struct call *c);
int command_migrate(const struct call *c);
int command_catalogue_check(const struct call *c);
/* What is translated into which language, and with --missing what is not. */
int report_languages(const struct catalogue *cat, const struct call *c);
int command_catalogue_load(const struct call *c);
int command_catalogue_list(const struct call *c);
int command_catalogue_publish(const struct call *c);
int command_catalogue_activate(const struct call *c);
int command_catalogue_deactivate(const struct call *c);
int command_catalogue_retire(const struct call *c);
int command_catalogue_history(const struct call *c);
/* catalogue check VERSION: reviews one of the database and notes the outcome there. */
int check_stored(const struct call *c);
/* Whose name the history gets. */
const char *acting(const struct call *c, char buffer[static ACTOR_BYTES]);
int command_catalogue_show(const struct call *c);
int command_catalogue_impact(const struct call *c);
int command_overlay_load(const struct call *c);
int command_overlay_list(const struct call *c);
int command_overlay_withdraw(const struct call *c);
int command_screen(const struct call *c);
int command_explain(const struct call *c);
int command_settings(const struct call *c);
int command_records_verify(const struct call *c);
int command_records_purge(const struct call *c);
int command_records_replay(const struct call *c);
int command_records_show(const struct call *c);
int command_records_export(const struct call *c);
int command_clinic_create(const struct call *c);
int command_clinic_list(const struct call *c);
int command_clinic_close(const struct call *c);
int command_key_create(const struct call *c);
int command_key_list(const struct call *c);
int command_key_revoke(const struct call *c);
int command_key_check(const struct call *c);

/* Prints "palpate: sentence" and gives the exit status. */
int fail(const struct error *err);
/* For a command that cannot do without one. */
int no_database(void);
/* Does the work of such a command, as the owner, and gives its exit status; the arena lives as long as the work. */
int with_database(const struct call *c, int (*work)(const struct call *c, struct store *store, struct arena *arena));
/* Prints every fault, one a line. */
void print_faults(const struct faults *faults);

/* The catalogue that the settings ask for: files where a folder is named or there is no database, else the one in
 * force in the database. Prints what is wrong; *ret_exit is then the exit status. */
struct catalogue *load_catalogue(const struct settings *s, int *ret_exit);
/* With its document, which source_done() frees; *ret_doc is set only when there is a catalogue. */
struct catalogue *load_catalogue_document(const struct settings *s, struct source_doc *ret_doc, int *ret_exit);
/* The same, with the overlay of --overlay on it. */
struct catalogue *load_called(const struct call *c, struct source_doc *ret_doc, int *ret_exit);
/* Puts the overlay in the file `name` on a catalogue; `ret_doc` may be NULL. Prints every fault, and an example. */
struct catalogue *put_overlay(const struct source_doc *base, const char *name, struct source_doc *ret_doc,
                              int *ret_exit);
/* The same with the overlay's text. */
struct catalogue *put_overlay_text(const struct source_doc *base, struct str overlay, struct source_doc *ret_doc,
                                   int *ret_exit);
/* A version of the database, or with 0 the one in force there. */
struct catalogue *load_stored(const struct settings *s, int32_t version, int *ret_exit);
/* The accepted findings that stand beside the catalogue's files. */
enum rc load_accepted(const struct settings *s, struct arena *arena, struct str *ret, struct error *reterr) MUST_USE;
/* Prints what a review found: with --all also what is accepted. */
void print_review(const struct call *c, const struct catalogue *cat, const struct review *found);
/* The document of a version of the database, or with 0 of the one in force; its text comes into `arena`. */
enum rc stored_document(const struct settings *s, int32_t version, struct source_doc *ret, struct arena *arena,
                        struct error *reterr) MUST_USE;
/* The document of the files: those of the folder, or those built in. */
enum rc load_document(const struct settings *s, struct source_doc *ret, struct faults *faults,
                      struct error *reterr) MUST_USE;

/* Reads a whole file, or standard input for NULL and "-". `what` names it in sentences; more than the ceiling of
 * `into` is refused. */
enum rc read_input(const char *name, const char *what, struct buf *into, struct error *reterr) MUST_USE;
/* Judges a request's text and writes the answer, in the language of that tag where the catalogue has it. Faults of the
 * request are left in `faults`. */
enum rc judge_request(const struct catalogue *cat, struct str language, struct str body, struct faults *faults,
                      struct buf *out, struct error *reterr) MUST_USE;
/* JSON in lines, for reading. */
int print_json(struct str text);

#endif
