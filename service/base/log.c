#include "base/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

static const char *const level_names[] = {
#define X(id, name) [id] = name,
    LOG_LEVEL_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(level_names) == LOG_LEVEL_COUNT_, "every level has a name");

static enum log_level least_level = LOG_INFO;

bool log_level_from_name(struct str name, enum log_level *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (str_eq(str_of(level_names[i]), name)) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_set_level(enum log_level least)
{
    least_level = least;
}

bool log_is_on(enum log_level level)
{
    return level >= least_level;
}

/* A line on the stack. A field that does not fit is left out whole, a text that is too long is cut between characters,
 * so that a line is one JSON object in any case. */
struct line {
    char text[LINE_BYTES];
    size_t n;
    bool full;
};

enum { TEXT_BYTES_MAX = 1200 /* of one text, escaped: other fields shall have room */, END_BYTES = 2 };

static void add(struct line *l, const char *s, size_t n)
{
    l->full |= n > sizeof(l->text) - END_BYTES - l->n;
    if (!l->full) {
        memcpy(l->text + l->n, s, n);
        l->n += n;
    }
}

/* How many bytes the character at the front has; 0 when it is none of UTF-8. */
static size_t character(struct str s)
{
    unsigned char c = (unsigned char)*s.p;
    size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < n; i++)
        if (i >= s.n || ((unsigned char)s.p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

static void add_text(struct line *l, struct str s)
{
    size_t end = l->n + TEXT_BYTES_MAX;
    add(l, "\"", 1);
    for (size_t i = 0, n; i < s.n && l->n < end; i += n ? n : 1) {
        unsigned char c = (unsigned char)s.p[i];
        char escaped[8];
        n = character((struct str){ s.p + i, s.n - i });
        if (n && c >= 0x20 && c != '"' && c != '\\')
            add(l, s.p + i, n);
        else
            add(l, escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\u%04x", n ? c : 0xFFFDu));
    }
    add(l, "\"", 1);
}

static void add_member(struct line *l, const char *name)
{
    add(l, ",", 1);
    add_text(l, str_of(name));
    add(l, ":", 1);
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
    struct line l = { .n = 0 };
    struct timespec now;
    struct tm utc;
    char text[64];
    if (level < least_level)
        return;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(text + len, sizeof(text) - len, ".%03ldZ", now.tv_nsec / 1000000);
    add(&l, "{\"time\":", 8);
    add_text(&l, str_of(text));
    add_member(&l, "level");
    add_text(&l, str_of(level_names[level]));
    add_member(&l, "event");
    add_text(&l, str_of(event));
    for (size_t i = 0; i < n; i++) {
        size_t before = l.n;
        add_member(&l, fields[i].name);
        if (fields[i].is_int)
            add(&l, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)fields[i].number));
        else
            add_text(&l, fields[i].text);
        if (l.full)
            l.n = before;
        l.full = false;
    }
    l.text[l.n++] = '}';
    l.text[l.n++] = '\n';
    ssize_t written = write(STDERR_FILENO, l.text, l.n);
    (void)written; /* there is nowhere else to complain */
}
