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

/* Ready: a catalogue is in force, the database answers where there is one, and callers can be judged. */
void get_ready(struct exchange *x)
{
    const struct watch *watch = http_config_of(x->http)->watch;
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(http_config_of(x->http)->slot);
    struct keyring *keyring = http_config_of(x->http)->keyring;
    bool database = !watch || watch_reachable(watch), keys = !keyring || keyring_is_ready(keyring);
    bool ready = cat && database && keys;
    struct json_out o = { &x->work->out, false };
    buf_reset(o.b);
    out_open(&o, NULL, '{');
    out_str(&o, "status", ready ? STR("ready") : STR("not_ready"));
    out_str(&o, "database", !watch ? STR("none") : database ? STR("reachable") : STR("unreachable"));
    out_str(&o, "keys", !keyring ? STR("none") : keys ? STR("known") : STR("unknown"));
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
