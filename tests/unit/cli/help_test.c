/* What the program prints of itself. */
#include "cli/running.h"

static void prints_what_is_asked_for(void **state)
{
    static const struct call_row rows[] = {
        { { "--version" }, .out = "palpate " },
        { { "--help" }, .out = "makes no diagnosis" },
        { { "-h" }, .out = "makes no diagnosis" },
        { { "help" }, .out = "makes no diagnosis" },
        { { "serve", "--help" }, .out = "palpate serve\n" },
        { { "serve", "--port=1", "-h" }, .out = "palpate serve\n" },
        { { "catalogue", "--help" }, .out = "palpate catalogue show\n" },
        { { "catalogue", "show", "--help" }, .out = "palpate catalogue show\n" },
        { { "settings" }, .out = "| variable | option | default | meaning |\n|---|---|---|---|\n" },
        { { "catalogue", "check" }, .out = "; no faults\n" },
        { { "catalogue", "check", "--catalogue", SOURCE_DIR "/sql/catalogue" }, .out = "; no faults\n" },
        { { "catalogue", "check", "--strict", "--all" }, .out = "\n    accepted: " },
        { { "catalogue", "check", "--strict" }, .out = "\n0 findings, " },
        { { "catalogue", "show" }, .out = "\"version\":" },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
    assert_int_equal(run(&rows[4], 0), 0);
    assert_null(strstr(out, "palpate migrate")); /* one command's help is its own */
    assert_int_equal(run(&rows[6], 0), 0);
    assert_null(strstr(out, "palpate migrate"));
}

/* Accepted findings are counted, and shown when asked for. */
static void shows_accepted_findings_when_asked(void **state)
{
    (void)state;
    assert_int_equal(run(&(struct call_row){ .words = { "catalogue", "check" } }, 0), 0);
    assert_null(strstr(out, "accepted: "));
    assert_non_null(strstr(out, " accepted\n"));
}

/* From one table come the help and the table in README.md. */
static void mentions_every_setting(void **state)
{
    static const struct call_row help = { .words = { "--help" } }, markdown = { .words = { "settings" } };
    static const struct {
        const char *option, *variable, *otherwise;
    } rows[] = {
#define X(id, name, kind, otherwise, min, max, help_text) { "--" name, NULL, otherwise },
        SETTING_LIST(X)
#undef X
    };
    size_t lines = 0;
    (void)state;
    assert_int_equal(run(&help, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char variable[64] = "PALPATE_", line[128];
        for (size_t k = 2, n = strlen(variable); rows[i].option[k]; k++)
            variable[n++] = (char)(rows[i].option[k] == '-' ? '_' : rows[i].option[k] - 'a' + 'A');
        (void)snprintf(line, sizeof(line), "  %s ", rows[i].option);
        if (!strstr(out, line) || !strstr(out, variable))
            fail_msg("the help does not mention %s or %s", rows[i].option, variable);
        if (*rows[i].otherwise) {
            (void)snprintf(line, sizeof(line), "; default %s\n", rows[i].otherwise);
            assert_non_null(strstr(out, line));
        }
    }
    assert_int_equal(run(&markdown, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char line[128];
        (void)snprintf(line, sizeof(line), "` | `%s` | %s%s%s | ", rows[i].option, *rows[i].otherwise ? "`" : "",
                       rows[i].otherwise, *rows[i].otherwise ? "`" : "");
        if (!strstr(out, line))
            fail_msg("the table has no line %s", line);
    }
    for (const char *p = out; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 2 + SETTING_COUNT_);
}

static void mentions_every_command(void **state)
{
    static const char *const rows[] = { "palpate serve\n",
                                        "palpate migrate\n",
                                        "palpate screen [FILE|-]\n",
                                        "palpate explain [FILE|-]\n",
                                        "palpate settings\n",
                                        "palpate catalogue check [VERSION]\n",
                                        "palpate catalogue load\n",
                                        "palpate catalogue list\n",
                                        "palpate catalogue show\n",
                                        "palpate catalogue publish VERSION\n",
                                        "palpate catalogue activate VERSION\n",
                                        "palpate catalogue deactivate VERSION\n",
                                        "palpate catalogue retire VERSION\n",
                                        "palpate catalogue history [VERSION]\n",
                                        "palpate records verify\n",
                                        "palpate records purge\n",
                                        "palpate records export\n",
                                        "palpate records replay ID\n",
                                        "palpate records show ID\n",
                                        "palpate clinic create ID\n",
                                        "palpate clinic list\n",
                                        "palpate clinic close ID\n",
                                        "palpate key create\n",
                                        "palpate key list\n",
                                        "palpate key revoke ID\n",
                                        "palpate key check [FILE|-]\n",
                                        "palpate --help | --version\n" };
    (void)state;
    assert_int_equal(run(&(struct call_row){ .words = { "--help" } }, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strstr(out, rows[i]))
            fail_msg("the help does not mention %s", rows[i]);
}

RUN_TESTS(cmocka_unit_test(prints_what_is_asked_for), cmocka_unit_test(shows_accepted_findings_when_asked),
          cmocka_unit_test(mentions_every_setting), cmocka_unit_test(mentions_every_command))
