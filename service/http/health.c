/* Is the process alive; is it fit to serve? */
#include "http/http_priv.h"

static void reply_health(struct exchange *x, int status)
{
    struct buf *out = &x->work->out;
    reply_header(x, "Cache-Control", "no-store");
    reply(x, out->failed ? 503 : status, TYPE_JSON, buf_str(out));
}

void get_live(struct exchange *x)
{
    struct json_out o = { &x->work->out, false };
    buf_reset(o.b);
    out_open(&o, NULL, '{');
    out_str(&o, "status", STR("live"));
    out_close(&o, '}');
    reply_health(x, 200);
}

static void write_database(struct json_out *o, const struct watch_status *status)
{
    static const char *const from[] = {
        [FROM_NOWHERE] = NULL, [FROM_FILES] = "files", [FROM_CACHE] = "cache", [FROM_DATABASE] = "database"
    };
    out_str(o, "database", status->reachable ? STR("reachable") : STR("unreachable"));
    if (status->from != FROM_NOWHERE)
        out_str(o, "catalogue_from", str_of(from[status->from]));
    if (status->n_refused) {
        out_open(o, "refused", '{');
        out_int(o, "version", status->refused_version);
        out_str(o, "why", str_of(status->refused_why));
        out_int(o, "versions", status->n_refused);
        out_close(o, '}');
    }
}

/* Screenings are answered and callers can be judged. Without the database they are, from memory, unless they have to be
 * recorded. */
bool is_fit(const struct http_config *c, const struct catalogue *cat)
{
    bool keys = !c->keyring || keyring_is_ready(c->keyring);
    return cat && keys && (c->record.mode != RECORD_REQUIRED || (c->watch && watch_reachable(c->watch)));
}

/* Ready: fit, and nobody has asked us to stop. */
void get_ready(struct exchange *x)
{
    const struct http_config *config = http_config_of(x->http);
    struct watch_status status = { .reachable = false };
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(config->slot, "");
    if (config->watch)
        watch_look(config->watch, &status);
    bool keys = !config->keyring || keyring_is_ready(config->keyring);
    bool stopping = http_is_stopping(x->http), ready = is_fit(config, cat) && !stopping;
    struct json_out o = { &x->work->out, false };
    buf_reset(o.b);
    out_open(&o, NULL, '{');
    out_str(&o, "status", ready ? STR("ready") : STR("not_ready"));
    if (config->watch)
        write_database(&o, &status);
    else
        out_str(&o, "database", STR("none"));
    out_str(&o, "keys", !config->keyring ? STR("none") : keys ? STR("known") : STR("unknown"));
    if (stopping)
        out_bool(&o, "stopping", true);
    if (cat) {
        out_open(&o, "catalogue", '{');
        out_str(&o, "version", cat->version);
        out_str(&o, "digest", str_of(cat->digest));
        out_close(&o, '}');
    }
    out_close(&o, '}');
    if (!ready)
        reply_header(x, "Retry-After", RETRY_AFTER);
    reply_health(x, ready ? 200 : 503);
}
