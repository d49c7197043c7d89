#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/language.h"
#include "http/http.h"

#define PREFIX "PALPATE_"
enum { VARIABLE_BYTES = 64 };

static const struct info {
    const char *name;
    enum setting_kind kind;
    const char *otherwise;
    long min, max;
    const char *help;
} table[] = {
#define X(id, name, kind, otherwise, min, max, help) [id] = { name, kind, otherwise, min, max, help },
    SETTING_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(table) == SETTING_COUNT_, "every setting has its line");

/* What each setting of the kind SETTING_CHOICE may be; NULL after the last. */
enum { CHOICES_MAX = 4 };
static const char *const choices[SETTING_COUNT_][CHOICES_MAX] = {
    [SET_AUTH] = { [AUTH_REQUIRED] = "required", [AUTH_OFF] = "off" },
    [SET_PAGES] = { [PAGES_OFF] = "off", [PAGES_ON] = "on" },
    [SET_RECORD] = { [RECORD_OFF] = "off", [RECORD_BEST_EFFORT] = "best_effort", [RECORD_REQUIRED] = "required" },
};

static bool choose(enum setting id, const char *value, long *ret)
{
    for (long i = 0; i < CHOICES_MAX && choices[id][i]; i++) {
        if (strcmp(choices[id][i], value) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* PALPATE_IDLE_TIMEOUT for idle-timeout. */
static void variable_name(const struct info *info, char out[static VARIABLE_BYTES])
{
    size_t n = (size_t)snprintf(out, VARIABLE_BYTES, PREFIX "%s", info->name);
    for (size_t i = sizeof(PREFIX) - 1; i < n; i++)
        out[i] = (char)(out[i] == '-' ? '_' : out[i] >= 'a' && out[i] <= 'z' ? out[i] - 'a' + 'A' : out[i]);
}

/* `as` is how the setting was called: a flag or a variable. Values are not repeated: one may hold a password. */
static enum rc set(struct settings *s, enum setting id, const char *value, const char *as, struct error *reterr)
{
    const struct info *info = &table[id];
    char *end;
    if (!*value) {
        s->text[id] = NULL;
        if (*info->otherwise)
            return error_set(reterr, RC_SETTING, "%s is empty: %s", as, info->help);
        return RC_OK;
    }
    s->text[id] = value;
    switch (info->kind) {
    case SETTING_TEXT:
        return RC_OK;
    case SETTING_NUMBER:
        errno = 0;
        s->number[id] = strtol(value, &end, 10);
        if (*end || errno || (*value != '-' && !(*value >= '0' && *value <= '9')) || s->number[id] < info->min ||
            s->number[id] > info->max)
            return error_set(reterr, RC_SETTING, "%s is not a whole number from %ld to %ld: %s", as, info->min,
                             info->max, info->help);
        return RC_OK;
    case SETTING_CHOICE:
        if (!choose(id, value, &s->number[id]))
            return error_set(reterr, RC_SETTING, "%s is not one of its values: %s", as, info->help);
        return RC_OK;
    case SETTING_LANGUAGE:
        if (!is_language_range(str_of(value)))
            return error_set(reterr, RC_SETTING, "%s is not a language tag: %s", as, info->help);
        return RC_OK;
    case SETTING_LOG_LEVEL:
        if (!log_level_from_name(str_of(value), &s->log_level))
            return error_set(reterr, RC_SETTING, "%s is none of debug, info, warning and error", as);
        return RC_OK;
    }
    return RC_OK;
}

enum rc settings_from_environment(struct settings *s, char *const *environ, struct error *reterr)
{
    enum rc rc = RC_OK;
    *s = (struct settings){ 0 };
    for (size_t i = 0; rc == RC_OK && i < ARRAY_LEN(table); i++)
        rc = set(s, (enum setting)i, table[i].otherwise, table[i].name, reterr);
    for (char *const *e = environ; rc == RC_OK && *e; e++) {
        char name[VARIABLE_BYTES];
        const char *equals = strchr(*e, '=');
        size_t i = 0, n = equals ? (size_t)(equals - *e) : 0;
        if (n == 0 || strncmp(*e, PREFIX, sizeof(PREFIX) - 1) != 0)
            continue;
        for (; i < ARRAY_LEN(table); i++) {
            variable_name(&table[i], name);
            if (strlen(name) == n && memcmp(name, *e, n) == 0)
                break;
        }
        if (i == ARRAY_LEN(table))
            return error_set(reterr, RC_SETTING, "%.*s is not a setting of palpate: see palpate --help", (int)n, *e);
        rc = set(s, (enum setting)i, equals + 1, name, reterr);
    }
    return rc;
}

enum rc settings_set(struct settings *s, const char *flag, const char *value, struct error *reterr)
{
    char as[VARIABLE_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(table[i].name, flag) == 0) {
            (void)snprintf(as, sizeof(as), "--%s", flag);
            return set(s, (enum setting)i, value, as, reterr);
        }
    }
    return error_set(reterr, RC_USAGE, "there is no option --%s", flag);
}

enum rc settings_use_password(const struct settings *s, struct error *reterr)
{
    enum { PASSWORD_BYTES_MAX = 1024 };
    struct buf text;
    const char *file = s->text[SET_DATABASE_PASSWORD];
    if (!file)
        return RC_OK;
    buf_init(&text, PASSWORD_BYTES_MAX);
    enum rc rc = read_input(file, "password for the database", &text, reterr);
    if (rc == RC_OK) {
        while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
            text.n--;
        buf_add_char(&text, '\0');
        if (text.failed || text.n < 2 || strcspn(text.p, "\r\n") != text.n - 1)
            rc = error_set(reterr, RC_SETTING, "%s is not a password for the database: a single line is", file);
    }
    /* libpq takes it from there. NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads yet */
    if (rc == RC_OK && setenv("PGPASSWORD", text.p, 1) != 0)
        rc = error_oom(reterr);
    if (text.p)
        explicit_bzero(text.p, text.room);
    buf_done(&text);
    return rc;
}

void settings_print_help(void)
{
    printf("Settings, as an option or an environment variable (the option counts):\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char name[VARIABLE_BYTES];
        variable_name(&table[i], name);
        printf("  --%-24s %s\n  %-26s %s%s%s\n", table[i].name, name, "", table[i].help,
               *table[i].otherwise ? "; default " : "", table[i].otherwise);
    }
}

void settings_print_markdown(void)
{
    printf("| variable | option | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char name[VARIABLE_BYTES];
        const char *quote = *table[i].otherwise ? "`" : "";
        variable_name(&table[i], name);
        printf("| `%s` | `--%s` | %s%s%s | %s |\n", name, table[i].name, quote, table[i].otherwise, quote,
               table[i].help);
    }
}
