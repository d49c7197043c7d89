#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *title;
    int http_status, exit_status;
} table[] = {
#define X(id, wire_name, http_status, exit_status, title) [id] = { wire_name, title, http_status, exit_status },
    RC_LIST(X)
#undef X
};

const char *rc_name(enum rc rc)
{
    return table[rc].name;
}

const char *rc_title(enum rc rc)
{
    return table[rc].title;
}

int rc_http_status(enum rc rc)
{
    return table[rc].http_status;
}

int rc_exit_status(enum rc rc)
{
    return table[rc].exit_status;
}

enum rc error_set(struct error *err, enum rc code, const char *fmt, ...)
{
    if (err) {
        va_list args;
        err->code = code;
        va_start(args, fmt);
        (void)vsnprintf(err->text, sizeof(err->text), fmt, args);
        va_end(args);
    }
    return code;
}

enum rc error_oom(struct error *err)
{
    return error_set(err, RC_OOM, "could not get memory");
}
