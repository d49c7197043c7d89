/* palpate health: what a container is asked for its state, by the program itself because nothing else is there.
 *
 * It reads the settings that the service reads, so that an environment that holds for both is enough. */
#include "cli/cli.h"

#include <stdio.h>

#include "domain/json_read.h"
#include "live/fetch.h"

enum { CONNECT_MS = 2000, TIMEOUT_MS = 4000, BODY_BYTES_MAX = 64 * 1024, URL_BYTES = 128 };

/* An address that means all of this machine's is reached on loopback. */
static void own_address(const struct call *c, char url[static URL_BYTES])
{
    const struct settings *s = &c->settings;
    const char *host = s->text[SET_LISTEN];
    bool v6 = strchr(host, ':') != NULL;
    host = strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(host, "::") == 0 ? "::1" : host;
    (void)snprintf(url, URL_BYTES, "%s://%s%.64s%s:%ld/health/%s", s->text[SET_TLS_CERTIFICATE] ? "https" : "http",
                   v6 ? "[" : "", host, v6 ? "]" : "", s->number[SET_PORT], c->live ? "live" : "ready");
}

/* Something else may listen there. */
static bool is_ours(struct str body)
{
    struct error ignored;
    json_t *answer = json_parse(body, &ignored);
    bool ours = json_is_string(json_object_get(answer, "status"));
    json_decref(answer);
    return ours;
}

int command_health(const struct call *c)
{
    char url[URL_BYTES];
    struct buf text;
    struct error err;
    long status;
    if (c->settings.number[SET_PORT] == 0) {
        (void)error_set(&err, RC_SETTING, "port 0 is any free one: give the port that the service took");
        return fail(&err);
    }
    own_address(c, url);
    buf_init(&text, BODY_BYTES_MAX);
    /* nothing is told to whoever answers, and its certificate is for the name that others call it by */
    const struct fetch f = { url, .direct = true, .any_name = true, .connect_ms = CONNECT_MS,
                             .timeout_ms = TIMEOUT_MS };
    const char *why = fetch(&f, &text, &status);
    bool good = !why && status == 200, ours = !why && !text.failed && is_ours(buf_str(&text));
    if (ours)
        printf("%.*s\n", STR_ARGS(buf_str(&text)));
    else if (why)
        fprintf(stderr, "palpate: %s gives no answer: %s\n", url, why);
    else
        fprintf(stderr, "palpate: %s is no service of this kind: it answers %ld\n", url, status);
    buf_done(&text);
    return good && ours ? EXIT_OK : EXIT_FINDINGS;
}
