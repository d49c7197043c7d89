#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { LINE_BYTES_MAX = 2048 };

/* What the calls between the two wrote to standard error. */
static int saved, pipe_end;

static void begin_capture(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    saved = dup(STDERR_FILENO);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    (void)close(ends[1]);
    pipe_end = ends[0];
}

static struct str end_capture(void)
{
    static char text[8 * LINE_BYTES_MAX];
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    (void)close(saved);
    ssize_t n = read(pipe_end, text, sizeof(text));
    (void)close(pipe_end);
    return (struct str){ text, n > 0 ? (size_t)n : 0 };
}

/* ---- a reader for flat JSON objects ------------------------------------------------------------------------ */

struct member {
    char name[256], text[LINE_BYTES_MAX];
    size_t n; /* of text; a number stands there as it is written */
    bool is_number;
};
static struct member members[200];
static size_t n_members;

static const char *read_string(const char *p, char *out, size_t room, size_t *ret_n)
{
    size_t n = 0;
    if (*p++ != '"')
        return NULL;
    for (; *p != '"'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || n + 1 >= room)
            return NULL;
        if (c == '\\') {
            char digits[5] = { 0 }, *end;
            if (p[1] != 'u')
                return NULL;
            memcpy(digits, p + 2, strnlen(p + 2, 4));
            c = (unsigned char)strtoul(digits, &end, 16);
            if (end != digits + 4)
                return NULL;
            p += 5;
        }
        out[n++] = (char)c;
    }
    out[n] = '\0';
    *ret_n = n;
    return p + 1;
}

static const char *read_member(const char *p)
{
    struct member *m = &members[n_members];
    size_t n;
    if (n_members == ARRAY_LEN(members) || !(p = read_string(p, m->name, sizeof(m->name), &n)) || *p++ != ':')
        return NULL;
    n_members++;
    m->is_number = *p != '"';
    if (!m->is_number)
        return read_string(p, m->text, sizeof(m->text), &m->n);
    m->n = (size_t)(*p == '-') + strspn(p + (*p == '-'), "0123456789");
    if (m->n == (size_t)(*p == '-'))
        return NULL;
    memcpy(m->text, p, m->n);
    m->text[m->n] = '\0';
    return p + m->n;
}

/* Is this one line with one object? */
static bool read_line(struct str line)
{
    static char text[8 * LINE_BYTES_MAX + 1];
    const char *p = text;
    n_members = 0;
    memcpy(text, line.p, line.n);
    text[line.n] = '\0';
    do
        p = *p == (n_members ? ',' : '{') ? read_member(p + 1) : NULL;
    while (p && *p == ',');
    return p && p[0] == '}' && p[1] == '\n' && p + 2 == text + line.n && line.n <= LINE_BYTES_MAX;
}

/* ---- the tests ------------------------------------------------------------------------------------------- */

static void writes_one_object_a_line(void **state)
{
    (void)state;
    begin_capture();
    log_event(LOG_INFO, "started", F_STR("address", STR("127.0.0.1")), F_INT("port", 8080), F_INT("least", INT64_MIN),
              F_INT("most", INT64_MAX), F_STR("nothing", STR("")), F_STR("null", ((struct str){ NULL, 0 })));
    struct str line = end_capture();
    static const char *const rows[][2] = {
        { "level", "info" },
        { "event", "started" },
        { "address", "127.0.0.1" },
        { "port", "8080" },
        { "least", "-9223372036854775808" },
        { "most", "9223372036854775807" },
        { "nothing", "" },
        { "null", "" },
    };
    if (!read_line(line))
        fail_msg("not one line with one object: %.*s", STR_ARGS(line));
    assert_int_equal(n_members, 1 + ARRAY_LEN(rows));
    assert_string_equal(members[0].name, "time");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(members[i + 1].name, rows[i][0]);
        assert_string_equal(members[i + 1].text, rows[i][1]);
        assert_int_equal(members[i + 1].is_number, strpbrk(rows[i][1], "0123456789") && rows[i][1][0] != '1');
    }
    /* 2026-11-20T10:11:12.345Z */
    const char *time = members[0].text, *form = "0000-00-00T00:00:00.000Z";
    assert_int_equal(members[0].n, strlen(form));
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? time[i] < '0' || time[i] > '9' : time[i] != form[i])
            fail_msg("\"%s\" is no time", time);
}

static void escapes_what_json_does_not_allow(void **state)
{
    char every[128];
    (void)state;
    for (size_t i = 0; i < sizeof(every); i++)
        every[i] = (char)i;
    const struct str rows[] = {
        STR("\""),           STR("\\"),
        STR("\\\""),         STR("a\nb\r\n"),
        STR("\x1b[31mred"),  STR("tab\t"),
        STR("\x7f"),         STR("\xC3\xA4\xE2\x82\xAC"),
        { "zero\0zero", 9 }, STR("}\n{\"level\":\"error\""),
        { every, 32 },       { every, sizeof(every) },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin_capture();
        log_event(LOG_ERROR, "event", F_STR("before", STR("b")), F_STR("why", rows[i]), F_INT("after", 3));
        struct str line = end_capture();
        if (!read_line(line) || n_members != 6)
            fail_msg("row %zu: %.*s", i, STR_ARGS(line));
        assert_str(((struct str){ members[4].text, members[4].n }), rows[i]);
        assert_string_equal(members[5].text, "3");
    }
}

static void writes_as_many_fields_as_fit(void **state)
{
    struct log_field fields[80];
    (void)state;
    for (size_t n = 0; n <= ARRAY_LEN(fields); n++) {
        if (n)
            fields[n - 1] = n % 2 ? F_INT("number", (int64_t)n - 40) : F_STR("text", STR("four"));
        begin_capture();
        log_fields(LOG_INFO, "event", fields, n);
        struct str line = end_capture();
        if (!read_line(line) || n_members != 3 + n)
            fail_msg("%zu fields: %.*s", n, STR_ARGS(line));
    }
}

/* The last field is cut; what stands of it is its beginning. */
static void cuts_a_field_that_is_too_long(void **state)
{
    static char text[3 * LINE_BYTES_MAX];
    static const char fills[] = { 'x', '\n', '"' };
    (void)state;
    for (size_t f = 0; f < sizeof(fills); f++) {
        memset(text, fills[f], sizeof(text));
        for (size_t n = 0; n<sizeof(text); n += n> 1800 && n < 2100 ? 1 : 97) {
            begin_capture();
            log_event(LOG_ERROR, "event", F_STR("why", ((struct str){ text, n })));
            struct str line = end_capture();
            if (!read_line(line) || n_members != 4 || members[3].n > n ||
                memcmp(members[3].text, text, members[3].n) != 0)
                fail_msg("%zu times %02x: %.*s", n, (unsigned)fills[f], STR_ARGS(line));
            if (n < 100 && members[3].n != n)
                fail_msg("%zu times %02x was cut without need", n, (unsigned)fills[f]);
        }
    }
}

static void writes_lines_from_its_level_on(void **state)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    (void)state;
    assert_int_equal(ARRAY_LEN(names), LOG_LEVEL_COUNT_);
    for (int least = 0; least < LOG_LEVEL_COUNT_; least++) {
        log_set_level((enum log_level)least);
        for (int level = 0; level < LOG_LEVEL_COUNT_; level++) {
            begin_capture();
            log_event((enum log_level)level, "event", F_INT("n", level));
            struct str line = end_capture();
            if ((line.n != 0) != (level >= least))
                fail_msg("a line of level %s where %s is the least", names[level], names[least]);
            if (line.n) {
                assert_true(read_line(line));
                assert_string_equal(members[1].text, names[level]);
            }
        }
    }
    log_set_level(LOG_INFO);
}

static void knows_its_levels_by_name(void **state)
{
    static const struct {
        const char *name;
        int level;
    } rows[] = {
        { "debug", LOG_DEBUG },
        { "info", LOG_INFO },
        { "warning", LOG_WARNING },
        { "error", LOG_ERROR },
        { "", -1 },
        { "Info", -1 },
        { "info ", -1 },
        { "warn", -1 },
        { "errors", -1 },
        { "2", -1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum log_level level = LOG_LEVEL_COUNT_;
        if (log_level_from_name(str_of(rows[i].name), &level) != (rows[i].level >= 0) ||
            (int)level != (rows[i].level >= 0 ? rows[i].level : LOG_LEVEL_COUNT_))
            fail_msg("\"%s\" was read as level %d", rows[i].name, (int)level);
    }
}

/* However much there is: the fields behind a long text stand there, and no number is cut. */
static void keeps_what_stands_behind_a_long_text(void **state)
{
    static char text[LINE_BYTES_MAX + 1];
    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t n = 1500; n < sizeof(text); n++) {
        begin_capture();
        log_event(LOG_ERROR, "event", F_STR("why", ((struct str){ text, n })), F_STR("effect", STR("answers go on")),
                  F_STR("other", STR("text")), F_INT("number", 123456789));
        struct str line = end_capture();
        if (!read_line(line) || n_members != 7 || strcmp(members[4].text, "answers go on") != 0 ||
            strcmp(members[6].text, "123456789") != 0)
            fail_msg("%zu bytes: %.*s", n, STR_ARGS(line));
    }
}

static void writes_one_object_whatever_the_fields(void **state)
{
    static char text[400];
    struct log_field fields[40];
    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t n = 1; n < sizeof(text); n++) {
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            fields[i] = i % 3 ? F_STR("text", ((struct str){ text, n })) : F_INT("number", INT64_MIN);
        begin_capture();
        log_fields(LOG_ERROR, "event", fields, ARRAY_LEN(fields));
        struct str line = end_capture();
        if (!read_line(line))
            fail_msg("%zu bytes: %.*s", n, STR_ARGS(line));
        for (size_t i = 3; i < n_members; i++)
            if (members[i].is_number && strcmp(members[i].text, "-9223372036854775808") != 0)
                fail_msg("a number was cut to %s", members[i].text);
    }
}

/* RFC 8259: a JSON text is UTF-8. */
static void writes_utf_8_only(void **state)
{
    static const char *const rows[] = { "\xFF", "a\xC3", "\xC3(", "\xED", "\x80", "\xE2\x82" };
    static char text[LINE_BYTES_MAX];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin_capture();
        log_event(LOG_ERROR, "event", F_STR("why", str_of(rows[i])));
        struct str line = end_capture();
        for (size_t k = 0; k < line.n; k++)
            if ((unsigned char)line.p[k] >= 0x80)
                fail_msg("row %zu is written as it is: %.*s", i, STR_ARGS(line));
    }
    for (size_t n = 0; n + 3 < sizeof(text); n += 3) /* cut between characters */
        memcpy(text + n, "\xE2\x82\xAC", 3);
    for (size_t pad = 0; pad < 3; pad++) {
        begin_capture();
        log_event(LOG_ERROR, "event", F_STR("pad", ((struct str){ "xx", pad })), F_STR("why", str_of(text)));
        assert_true(read_line(end_capture()));
        assert_int_equal(members[4].n % 3, 0);
    }
}

RUN_TESTS(cmocka_unit_test(writes_one_object_a_line), cmocka_unit_test(escapes_what_json_does_not_allow),
          cmocka_unit_test(writes_as_many_fields_as_fit), cmocka_unit_test(cuts_a_field_that_is_too_long),
          cmocka_unit_test(writes_lines_from_its_level_on), cmocka_unit_test(knows_its_levels_by_name),
          cmocka_unit_test(keeps_what_stands_behind_a_long_text),
          cmocka_unit_test(writes_one_object_whatever_the_fields), cmocka_unit_test(writes_utf_8_only))
