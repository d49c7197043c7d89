/* POST /v1/screenings */
#include "http/http_priv.h"

#include <stdio.h>
#include <strings.h>

#include "base/date.h"
#include "base/log.h"
#include "decide/decide.h"

/* The body is whole, ours and JSON; else an answer says what is wrong. */
static bool body_is_fit(struct exchange *x)
{
    const char *encoding = header(x, "Content-Encoding");
    if (x->req->binary_body_length > BODY_BYTES_MAX) {
        reply_error(x, RC_BODY_TOO_LARGE, "the body is larger than %d bytes", BODY_BYTES_MAX);
        return false;
    }
    if (!is_json_type(header(x, "Content-Type")) || (encoding && strcasecmp(encoding, "identity") != 0)) {
        reply_header(x, "Accept-Post", TYPE_JSON);
        reply_error(x, RC_MEDIA_TYPE, "send Content-Type: " TYPE_JSON ", in UTF-8 and not compressed");
        return false;
    }
    return true;
}

void post_screening(struct exchange *x)
{
    struct workspace *w = x->work;
    struct screening s;
    struct decision d;
    struct error err = { .code = RC_OK };
    if (!body_is_fit(x))
        return;
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(http_config_of(x->http)->slot);
    if (!cat) {
        reply_error(x, RC_NO_CATALOGUE, "no catalogue is in force");
        return;
    }
    struct str body = { x->req->binary_body, x->req->binary_body_length };
    enum rc rc = read_screening(body, date_today(), &w->faults, &s, &err);
    if (rc == RC_OK) {
        s.language = negotiated_language(header(x, "Accept-Language"), cat);
        x->language = cat->languages[s.language].tag;
        rc = screen(cat, &s, &w->arena, &w->faults, &d);
        if (rc == RC_INVALID_REQUEST)
            error_set(&err, rc, "the request has %zu fault%s", w->faults.total, w->faults.total == 1 ? "" : "s");
        else if (rc != RC_OK)
            error_oom(&err);
    }
    if (rc == RC_OK) {
        buf_reset(&w->out);
        write_decision(&w->out, &d);
        if (w->out.failed)
            rc = error_oom(&err);
    }
    if (rc != RC_OK) {
        reply_problem(x, &err, &w->faults);
        return;
    }
    reply_header(x, "Cache-Control", "no-store");
    reply_language(x, "Accept-Language");
    reply(x, 200, TYPE_JSON, buf_str(&w->out));
}
