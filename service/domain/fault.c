#include "domain/fault.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const fault_names[] = {
#define X(id, wire_name) [id] = wire_name,
    FAULT_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(fault_names) == FAULT_COUNT_, "every fault has a wire name");

const char *fault_name(enum fault_code code)
{
    return fault_names[code];
}

void faults_init(struct faults *f, struct arena *arena)
{
    f->arena = arena;
    f->item = (struct str){ NULL, 0 };
    f->n = 0;
    f->total = 0;
}

static size_t step_write(const struct where *at, char *out)
{
    size_t n = 0;
    if (!at->member.p) {
        char digits[24];
        int len = snprintf(digits, sizeof(digits), "%zu", at->index);
        for (int i = 0; i < len; i++, n++)
            if (out)
                out[n] = digits[i];
        return n;
    }
    for (size_t i = 0; i < at->member.n; i++) { /* RFC 6901: ~ is ~0 and / is ~1 */
        char c = at->member.p[i];
        if (c == '~' || c == '/') {
            if (out) {
                out[n] = '~';
                out[n + 1] = c == '~' ? '0' : '1';
            }
            n += 2;
        } else {
            if (out)
                out[n] = c;
            n++;
        }
    }
    return n;
}

struct str where_pointer(struct arena *arena, const struct where *at)
{
    size_t n = 0;
    for (const struct where *w = at; w; w = w->up)
        n += 1 + step_write(w, NULL);
    char *p = arena_alloc(arena, n + 1, 1);
    if (!p)
        return (struct str){ NULL, 0 };
    size_t end = n;
    for (const struct where *w = at; w; w = w->up) {
        end -= step_write(w, NULL);
        (void)step_write(w, p + end);
        p[--end] = '/';
    }
    return (struct str){ p, n };
}

void fault_add(struct faults *f, enum fault_code code, const struct where *at, const char *remedy,
               const char *detail_fmt, ...)
{
    char detail[256];
    va_list args;
    f->total++;
    if (f->n == FAULTS_MAX)
        return;
    va_start(args, detail_fmt);
    (void)vsnprintf(detail, sizeof(detail), detail_fmt, args);
    va_end(args);
    f->at[f->n] = (struct fault){
        .code = code,
        .item = f->item.p ? arena_str(f->arena, f->item) : f->item,
        .pointer = where_pointer(f->arena, at),
        .detail = arena_str(f->arena, str_of(detail)),
        .remedy = arena_str(f->arena, str_of(remedy ? remedy : "")),
    };
    f->n++;
}
