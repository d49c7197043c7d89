/* Error documents after RFC 9457. `type` is a stable relative reference; `errors` names every fault. */
#include "wire/wire.h"

void write_problem(struct buf *b, const struct error *err, struct str instance, const struct faults *faults)
{
    struct json_out out = { b, false }, *o = &out;
    char type[64];
    size_t n = 0;
    static const char prefix[] = "/problems/";
    for (const char *p = prefix; *p; p++)
        type[n++] = *p;
    for (const char *p = rc_name(err->code); *p && n < sizeof(type); p++)
        type[n++] = *p;
    out_open(o, NULL, '{');
    out_str(o, "type", (struct str){ type, n });
    out_str(o, "title", str_of(rc_title(err->code)));
    out_int(o, "status", rc_http_status(err->code));
    out_str_if(o, "detail", str_of(err->text));
    out_str_if(o, "instance", instance);
    if (faults && faults->n) {
        out_open(o, "errors", '[');
        for (size_t i = 0; i < faults->n; i++) {
            const struct fault *f = &faults->at[i];
            out_open(o, NULL, '{');
            out_str_if(o, "item", f->item);
            out_str(o, "pointer", f->pointer);
            out_str(o, "code", str_of(fault_name(f->code)));
            out_str(o, "detail", f->detail);
            out_str_if(o, "remedy", f->remedy);
            out_close(o, '}');
        }
        out_close(o, ']');
        if (faults->total > faults->n)
            out_int(o, "errors_total", (int64_t)faults->total);
    }
    out_close(o, '}');
}
