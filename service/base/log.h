/* Log lines: events with fields, one JSON object a line on standard error.
 *
 * Written by main, http, live and the commands only. No line ever carries what a client answered, nor a secret. Safe
 * from any thread: a line is written by one call. */
#ifndef PALPATE_BASE_LOG_H
#define PALPATE_BASE_LOG_H

#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

#define LOG_LEVEL_LIST(X)                                                                                              \
    X(LOG_DEBUG, "debug")     /* off in production */                                                                  \
    X(LOG_INFO, "info")       /* life cycle */                                                                         \
    X(LOG_WARNING, "warning") /* we coped, and the line says how */                                                    \
    X(LOG_ERROR, "error")     /* someone must act */
#define X(id, name) id,
enum log_level { LOG_LEVEL_LIST(X) LOG_LEVEL_COUNT_ };
#undef X

bool log_level_from_name(struct str name, enum log_level *ret);
/* Lines below this level are not written. Set once, before threads start. */
void log_set_level(enum log_level least);
bool log_is_on(enum log_level level);

struct log_field {
    const char *name;
    bool is_int;
    int64_t number;
    struct str text;
};
#define F_INT(field, v) ((struct log_field){ .name = (field), .is_int = true, .number = (v) })
#define F_STR(field, v) ((struct log_field){ .name = (field), .text = (v) })

void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n);
#define log_event(level, event, ...)                                                                                   \
    log_fields((level), (event), (const struct log_field[]){ __VA_ARGS__ },                                            \
               sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
