/* Settings: defaults, environment, options, and what is wrong with them. */
#include "cli/cli.h" /* first: cmocka has a macro called fail */

#include "test.h"

#include "http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct row {
    enum setting id;
    const char *name, *variable, *otherwise;
    bool number;
    long least, most;
} all[] = {
    { SET_LISTEN, "listen", "PALPATE_LISTEN", "127.0.0.1", false, 0, 0 },
    { SET_PORT, "port", "PALPATE_PORT", "8080", true, 0, 65535 },
    { SET_DATABASE, "database", "PALPATE_DATABASE", NULL, false, 0, 0 },
    { SET_DATABASE_PASSWORD, "database-password-file", "PALPATE_DATABASE_PASSWORD_FILE", NULL, false, 0, 0 },
    { SET_CATALOGUE, "catalogue", "PALPATE_CATALOGUE", NULL, false, 0, 0 },
    { SET_AUTH, "auth", "PALPATE_AUTH", NULL, false, 0, 0 },
    { SET_JWKS, "jwks", "PALPATE_JWKS", NULL, false, 0, 0 },
    { SET_JWT_ISSUER, "jwt-issuer", "PALPATE_JWT_ISSUER", NULL, false, 0, 0 },
    { SET_JWT_AUDIENCE, "jwt-audience", "PALPATE_JWT_AUDIENCE", NULL, false, 0, 0 },
    { SET_JWT_CLINIC, "jwt-clinic-claim", "PALPATE_JWT_CLINIC_CLAIM", "clinic", false, 0, 0 },
    { SET_JWT_LEEWAY, "jwt-leeway", "PALPATE_JWT_LEEWAY", "60", true, 0, 600 },
    { SET_RECORD, "record", "PALPATE_RECORD", NULL, false, 0, 0 },
    { SET_RECORD_TIMEOUT, "record-timeout", "PALPATE_RECORD_TIMEOUT", "5000", true, 10, 60000 },
    { SET_CACHE, "cache", "PALPATE_CACHE", NULL, false, 0, 0 },
    { SET_CATALOGUES, "catalogues", "PALPATE_CATALOGUES", "16", true, 1, 10000 },
    { SET_THREADS, "threads", "PALPATE_THREADS", "2", true, 1, 64 },
    { SET_CONNECTIONS, "connections", "PALPATE_CONNECTIONS", "1000", true, 1, 100000 },
    { SET_CONNECTIONS_EACH, "connections-per-address", "PALPATE_CONNECTIONS_PER_ADDRESS", "500", true, 0, 100000 },
    { SET_IDLE_TIMEOUT, "idle-timeout", "PALPATE_IDLE_TIMEOUT", "30", true, 1, 3600 },
    { SET_HEADER_TIMEOUT, "header-timeout", "PALPATE_HEADER_TIMEOUT", "10", true, 1, 3600 },
    { SET_BODY_TIMEOUT, "body-timeout", "PALPATE_BODY_TIMEOUT", "20", true, 1, 3600 },
    { SET_ANSWER_TIMEOUT, "answer-timeout", "PALPATE_ANSWER_TIMEOUT", "30", true, 1, 3600 },
    { SET_IN_FLIGHT, "requests-in-flight", "PALPATE_REQUESTS_IN_FLIGHT", "500", true, 0, 100000 },
    { SET_RATE_LIMIT, "rate-limit", "PALPATE_RATE_LIMIT", "0", true, 0, 1000000 },
    { SET_RATE_BURST, "rate-burst", "PALPATE_RATE_BURST", "100", true, 1, 1000000 },
    { SET_DRAIN_DELAY, "drain-delay", "PALPATE_DRAIN_DELAY", "0", true, 0, 3600 },
    { SET_STOP_TIMEOUT, "stop-timeout", "PALPATE_STOP_TIMEOUT", "10", true, 0, 3600 },
    { SET_TLS_CERTIFICATE, "tls-certificate", "PALPATE_TLS_CERTIFICATE", NULL, false, 0, 0 },
    { SET_TLS_KEY, "tls-key", "PALPATE_TLS_KEY", NULL, false, 0, 0 },
    { SET_PAGES, "pages", "PALPATE_PAGES", "on", false, 0, 0 },
    { SET_LANGUAGE, "language", "PALPATE_LANGUAGE", "en", false, 0, 0 },
    { SET_LOG_LEVEL, "log-level", "PALPATE_LOG_LEVEL", "info", false, 0, 0 },
};

static struct settings settings;
static struct error err;

/* Reads an environment of one variable, "name=value", or of none. */
static enum rc from(const char *variable)
{
    char *environment[] = { (char *)"PATH=/bin", (char *)variable, NULL };
    memset(&settings, 0xEE, sizeof(settings));
    err = (struct error){ .code = RC_OK };
    return settings_from_environment(&settings, environment, &err);
}

static void is_sentence(const char *what)
{
    size_t n = strlen(err.text);
    if (n < 10 || strchr(err.text, '\n') || err.text[n - 1] == '.')
        fail_msg("%s: this is no sentence: \"%s\"", what, err.text);
}

static void have_defaults(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(all), SETTING_COUNT_);
    assert_int_equal(from(NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const char *got = settings.text[all[i].id];
        if (!got != !all[i].otherwise || (got && strcmp(got, all[i].otherwise) != 0))
            fail_msg("%s is %s", all[i].name, got ? got : "not set");
        if (all[i].number && all[i].otherwise)
            assert_int_equal(settings.number[all[i].id], strtol(all[i].otherwise, NULL, 10));
    }
    assert_int_equal(settings.log_level, LOG_INFO);
}

static void come_from_the_environment(void **state)
{
    static const struct {
        const char *variable;
        enum setting id;
        const char *text; /* NULL: not set */
    } rows[] = {
        { "PALPATE_LISTEN=::1", SET_LISTEN, "::1" },
        { "PALPATE_PORT=9", SET_PORT, "9" },
        { "PALPATE_DATABASE=postgresql://u:p=w@h/d?x=y", SET_DATABASE, "postgresql://u:p=w@h/d?x=y" },
        { "PALPATE_DATABASE=", SET_DATABASE, NULL },
        { "PALPATE_DATABASE= ", SET_DATABASE, " " },
        { "PALPATE_CATALOGUE=/a b", SET_CATALOGUE, "/a b" },
        { "PALPATE_CATALOGUE=", SET_CATALOGUE, NULL },
        { "PALPATE_CONNECTIONS_PER_ADDRESS=17", SET_CONNECTIONS_EACH, "17" },
        { "PALPATE_IDLE_TIMEOUT=3600", SET_IDLE_TIMEOUT, "3600" },
        { "PALPATE_LANGUAGE=ko-KR", SET_LANGUAGE, "ko-KR" },
        { "PALPATE_LOG_LEVEL=debug", SET_LOG_LEVEL, "debug" },
        /* not ours */
        { "PALPATE=1", SET_PORT, "8080" },
        { "PALPATEPORT=1", SET_PORT, "8080" },
        { "palpate_port=1", SET_PORT, "8080" },
        { "XPALPATE_PORT=1", SET_PORT, "8080" },
        { "PALPATE_PORT", SET_PORT, "8080" }, /* no value at all */
        { "=PALPATE_PORT=1", SET_PORT, "8080" },
        { "", SET_PORT, "8080" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (from(rows[i].variable) != RC_OK)
            fail_msg("%s: %s", rows[i].variable, err.text);
        const char *got = settings.text[rows[i].id];
        if (!got != !rows[i].text || (got && strcmp(got, rows[i].text) != 0))
            fail_msg("%s gives %s", rows[i].variable, got ? got : "nothing");
    }
    assert_int_equal(from("PALPATE_LOG_LEVEL=error"), RC_OK);
    assert_int_equal(settings.log_level, LOG_ERROR);
}

static void refuse_variables_that_are_none_of_theirs(void **state)
{
    static const char *const rows[] = {
        "PALPATE_PROT=1",         "PALPATE_=1",
        "PALPATE_port=1",         "PALPATE_PORTS=1",
        "PALPATE_POR=1",          "PALPATE_PORT =1",
        "PALPATE_IDLE-TIMEOUT=1", "PALPATE_PASSWORD=s3cret",
        "PALPATE_VERSION=",       "PALPATE_AVERYVERYVERYVERYVERYVERYVERYVERYVERYVERYVERYVERYVERYVERYLONGNAMEINDEED=1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char name[128];
        if (from(rows[i]) != RC_SETTING || err.code != RC_SETTING)
            fail_msg("%s was taken", rows[i]);
        (void)snprintf(name, sizeof(name), "%.*s is not a setting", (int)strcspn(rows[i], "="), rows[i]);
        if (strncmp(err.text, name, strlen(name)) != 0 || strstr(err.text, "s3cret"))
            fail_msg("%s: %s", rows[i], err.text);
        is_sentence(rows[i]);
    }
}

static void bound_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const long values[] = { all[i].least - 1, all[i].least, all[i].least + 1,
                                all[i].most - 1,  all[i].most,  all[i].most + 1 };
        for (size_t k = 0; all[i].number && k < ARRAY_LEN(values); k++) {
            bool good = values[k] >= all[i].least && values[k] <= all[i].most;
            char value[32], variable[128], range[64];
            (void)snprintf(value, sizeof(value), "%ld", values[k]);
            (void)snprintf(variable, sizeof(variable), "%s=%ld", all[i].variable, values[k]);
            if (from(variable) != (good ? RC_OK : RC_SETTING))
                fail_msg("%s: %s", variable, err.text);
            if (good) {
                assert_int_equal(settings.number[all[i].id], values[k]);
            } else {
                (void)snprintf(range, sizeof(range), "%s is not a whole number from %ld to %ld", all[i].variable,
                               all[i].least, all[i].most);
                assert_memory_equal(err.text, range, strlen(range));
                is_sentence(variable);
            }
            assert_int_equal(from(NULL), RC_OK);
            assert_int_equal(settings_set(&settings, all[i].name, value, &err), good ? RC_OK : RC_SETTING);
            assert_int_equal(settings.number[all[i].id] == values[k] || !good, true);
        }
    }
}

static void refuse_what_is_no_number(void **state)
{
    static const char *const rows[] = {
        "x",
        " 1",
        "+1",
        "\t1",
        "1x",
        "1 ",
        "1.0",
        "1e1",
        "0x10",
        "-",
        "--1",
        "1,000",
        "ten",
        "\xD9\xA1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "1\n",
        "NaN",
        "true",
        " ",
        "+",
        "1-",
        "s3cret",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(all); k++) {
            if (!all[k].number)
                continue;
            assert_int_equal(from(NULL), RC_OK);
            if (settings_set(&settings, all[k].name, rows[i], &err) != RC_SETTING)
                fail_msg("--%s=%s was taken", all[k].name, rows[i]);
            if (strstr(err.text, "s3cret"))
                fail_msg("the value is repeated: %s", err.text);
        }
    }
}

static void refuse_empty_values_but_where_nothing_means_not_set(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        char variable[128], flag[64];
        (void)snprintf(variable, sizeof(variable), "%s=", all[i].variable);
        (void)snprintf(flag, sizeof(flag), "--%s is empty: ", all[i].name);
        if (from(variable) != (all[i].otherwise ? RC_SETTING : RC_OK))
            fail_msg("%s: %s", variable, err.text);
        assert_int_equal(from(NULL), RC_OK);
        settings.text[all[i].id] = "something";
        assert_int_equal(settings_set(&settings, all[i].name, "", &err), all[i].otherwise ? RC_SETTING : RC_OK);
        assert_null(settings.text[all[i].id]);
        if (all[i].otherwise)
            assert_memory_equal(err.text, flag, strlen(flag));
    }
}

static void know_four_levels(void **state)
{
    static const char *const bad[] = { "loud", "Info", "warn", "info ", "1", "s3cret" };
    static const char *const good[] = { "debug", "info", "warning", "error" };
    (void)state;
    assert_int_equal(from(NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(settings_set(&settings, "log-level", good[i], &err), RC_OK);
        assert_int_equal(settings.log_level, i);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(settings_set(&settings, "log-level", bad[i], &err), RC_SETTING);
        assert_string_equal(err.text, "--log-level is none of debug, info, warning and error");
    }
}

static void know_their_choices(void **state)
{
    static const char *const bad[] = { "Required", "on", "offf", "required off", " off", "s3cret" };
    (void)state;
    assert_int_equal(from("PALPATE_RECORD=best_effort"), RC_OK);
    assert_int_equal(settings.number[SET_RECORD], RECORD_BEST_EFFORT);
    assert_int_equal(settings_set(&settings, "record", "off", &err), RC_OK);
    assert_int_equal(settings.number[SET_RECORD], RECORD_OFF);
    assert_int_equal(settings_set(&settings, "record", "required", &err), RC_OK);
    assert_int_equal(settings.number[SET_RECORD], RECORD_REQUIRED);
    assert_int_equal(settings_set(&settings, "record", "best", &err), RC_SETTING);
    assert_int_equal(from("PALPATE_AUTH=off"), RC_OK);
    assert_int_equal(settings.number[SET_AUTH], AUTH_OFF);
    assert_int_equal(settings_set(&settings, "auth", "required", &err), RC_OK);
    assert_int_equal(settings.number[SET_AUTH], AUTH_REQUIRED);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(settings_set(&settings, "auth", bad[i], &err), RC_SETTING);
        assert_int_equal(strncmp(err.text, "--auth is not one of its values: required or off", 48), 0);
        is_sentence(bad[i]);
        if (strstr(err.text, "s3cret"))
            fail_msg("the value is repeated: %s", err.text);
    }
}

/* A file with these bytes as the one of the database's password. */
static enum rc use_password(const char *bytes, size_t n)
{
    char path[] = "/tmp/palpate-password-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && close(fd) == 0);
    assert_int_equal(from(NULL), RC_OK);
    settings.text[SET_DATABASE_PASSWORD] = path;
    enum rc rc = settings_use_password(&settings, &err);
    settings.text[SET_DATABASE_PASSWORD] = NULL;
    assert_int_equal(unlink(path), 0);
    return rc;
}

static void password_is(const char *wanted)
{
    const char *found = getenv("PGPASSWORD");
    if (!found || strcmp(found, wanted) != 0)
        fail_msg("the password is \"%s\"", found ? found : "not set");
}

static void take_the_password_from_a_file(void **state)
{
    char longest[1025];
    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[1023] = '\0';
    assert_int_equal(unsetenv("PGPASSWORD"), 0);
    assert_int_equal(from(NULL), RC_OK);
    assert_int_equal(settings_use_password(&settings, &err), RC_OK);
    assert_null(getenv("PGPASSWORD"));
    assert_int_equal(use_password("s3cret\n", 7), RC_OK);
    password_is("s3cret");
    assert_int_equal(use_password(" a b\r\n", 6), RC_OK);
    password_is(" a b");
    assert_int_equal(use_password(longest, 1023), RC_OK);
    password_is(longest);
    longest[1023] = 'x';
    assert_int_equal(use_password(longest, 1024), RC_SETTING);
    assert_int_equal(use_password(longest, 1025), RC_BODY_TOO_LARGE);
    assert_int_equal(use_password("", 0), RC_SETTING);
    assert_int_equal(use_password("\n", 1), RC_SETTING);
    assert_int_equal(use_password("s3\ncret", 7), RC_SETTING);
    is_sentence("two lines");
    assert_null(strstr(err.text, "cret"));
    assert_int_equal(use_password("s3\0cret", 7), RC_SETTING);
    settings.text[SET_DATABASE_PASSWORD] = "/nonexistent";
    assert_int_equal(settings_use_password(&settings, &err), RC_FILE);
    assert_int_equal(unsetenv("PGPASSWORD"), 0);
}

static void refuse_options_that_are_none(void **state)
{
    static const char *const rows[] = { "",    "prot",         "Port",         "port ", "ports",
                                        "por", "PALPATE_PORT", "idle_timeout", "-port" };
    (void)state;
    assert_int_equal(from(NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "there is no option --%s", rows[i]);
        assert_int_equal(settings_set(&settings, rows[i], "1", &err), RC_USAGE);
        assert_string_equal(err.text, text);
    }
    assert_int_equal(settings.number[SET_PORT], 8080);
}

static void let_the_option_count_and_the_last_of_two(void **state)
{
    char *environment[] = { (char *)"PALPATE_PORT=1", (char *)"PALPATE_LISTEN=::1", (char *)"PALPATE_PORT=2", NULL };
    (void)state;
    assert_int_equal(settings_from_environment(&settings, environment, &err), RC_OK);
    assert_int_equal(settings.number[SET_PORT], 2);
    assert_int_equal(settings_set(&settings, "port", "3", &err), RC_OK);
    assert_int_equal(settings_set(&settings, "port", "4", &err), RC_OK);
    assert_int_equal(settings.number[SET_PORT], 4);
    assert_string_equal(settings.text[SET_PORT], "4");
    assert_string_equal(settings.text[SET_LISTEN], "::1");
}

RUN_TESTS(cmocka_unit_test(have_defaults), cmocka_unit_test(come_from_the_environment),
          cmocka_unit_test(refuse_variables_that_are_none_of_theirs), cmocka_unit_test(bound_numbers),
          cmocka_unit_test(refuse_what_is_no_number),
          cmocka_unit_test(refuse_empty_values_but_where_nothing_means_not_set), cmocka_unit_test(know_four_levels),
          cmocka_unit_test(know_their_choices), cmocka_unit_test(take_the_password_from_a_file),
          cmocka_unit_test(refuse_options_that_are_none), cmocka_unit_test(let_the_option_count_and_the_last_of_two))
