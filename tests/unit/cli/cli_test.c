/* Exit statuses and what standard error says with each. */
#include "cli/running.h"

#define LONG_62 "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void refuses_wrong_use(void **state)
{
    static const struct call_row rows[] = {
        { { NULL }, .exit_status = 64, .errors = "palpate: a command is missing: see palpate --help\n" },
        { { "" }, .exit_status = 64, .errors = "palpate: there is no command :" },
        { { "nonsense" }, .exit_status = 64, .errors = "palpate: there is no command nonsense:" },
        { { "serv" }, .exit_status = 64, .errors = "palpate: there is no command serv:" },
        { { "--nonsense" }, .exit_status = 64, .errors = "palpate: there is no command --nonsense:" },
        { { "--port=1", "serve" }, .exit_status = 64, .errors = "palpate: there is no command" },
        { { "check" }, .exit_status = 64, .errors = "palpate: there is no command check:" },
        { { "catalogue" }, .exit_status = 64, .errors = "palpate: a command is missing after catalogue:" },
        { { "catalogue", "nonsense" }, .exit_status = 64, .errors = "palpate: there is no command nonsense:" },
        { { "catalogue", "serve" }, .exit_status = 64, .errors = "palpate: there is no command serve:" },
        { { "catalogue", "catalogue" }, .exit_status = 64, .errors = "palpate: there is no command catalogue:" },
        { { "serve", "now" }, .exit_status = 64, .errors = "palpate: there is an operand too many" },
        { { "settings", "-" }, .exit_status = 64, .errors = "palpate: there is an operand too many" },
        { { "catalogue", "load", "folder" }, .exit_status = 64, .errors = "palpate: there is an operand too many" },
        { { "catalogue", "check", "folder", "--database=port=1" },
          .exit_status = 64,
          .errors = "palpate: \"folder\" is not the number of a version" },
        { { "catalogue", "retire", "--database=port=1" }, .exit_status = 64, .errors = "palpate: name a version" },
        { { "catalogue", "activate", "0", "--database=port=1" }, .exit_status = 64, .errors = "palpate: \"0\" is not" },
        { { "catalogue", "activate", "99999999999", "--database=port=1" },
          .exit_status = 64,
          .errors = "palpate: \"9" },
        { { "catalogue", "history", "1x", "--database=port=1" },
          .exit_status = 64,
          .errors = "palpate: \"1x\" is not" },
        { { "catalogue", "publish", "1" }, .exit_status = 64, .errors = "palpate: say who signs the version off" },
        { { "catalogue", "deactivate", "1" }, .exit_status = 64, .errors = "palpate: say for which clinic" },
        { { "catalogue", "retire", "1", "--clinic=x" },
          .exit_status = 64,
          .errors = "palpate: there is no option --clinic" },
        { { "catalogue", "retire", "1", "--as" },
          .exit_status = 64,
          .errors = "palpate: a value is missing after --as" },
        { { "screen", "a", "b" }, .exit_status = 64, .errors = "palpate: there is an operand too many" },
        { { "serve", "--nonsense", "1" }, .exit_status = 64, .errors = "palpate: there is no option --nonsense\n" },
        { { "serve", "--nonsense=1" }, .exit_status = 64, .errors = "palpate: there is no option --nonsense\n" },
        { { "serve", "--Port=1" }, .exit_status = 64, .errors = "palpate: there is no option --Port\n" },
        { { "serve", "--rule=x" }, .exit_status = 64, .errors = "palpate: there is no option --rule\n" },
        { { "catalogue", "check", "--fact", "x" },
          .exit_status = 64,
          .errors = "palpate: there is no option --fact\n" },
        { { "serve", "--=1" }, .exit_status = 64, .errors = "palpate: there is no option --\n" },
        { { "serve", "--", "x" }, .exit_status = 64, .errors = "palpate: there is no option --\n" },
        { { "serve", LONG_62 "=1" }, .exit_status = 64, .errors = "palpate: there is no option --aaa" },
        { { "serve", LONG_62 "b=1" }, .exit_status = 64, .errors = "palpate: there is no option --aaa" },
        { { "serve", LONG_62 "bc=1" }, .exit_status = 64, .errors = "palpate: there is no such option" },
        { { "serve", "--nonsense" }, .exit_status = 64, .errors = "palpate: there is no option --nonsense\n" },
        { { "screen", "--pretty=no" }, .exit_status = 64, .errors = "palpate: there is no value for --pretty" },
        { { "catalogue", "check", "--strict=no" },
          .exit_status = 64,
          .errors = "palpate: there is no value for --strict:" },
        { { "catalogue", "load", "--strict" }, .exit_status = 64, .errors = "palpate: there is no option --strict\n" },
        { { "catalogue", "list", "--all" }, .exit_status = 64, .errors = "palpate: there is no option --all\n" },
        { { "serve", "--port" }, .exit_status = 64, .errors = "palpate: a value is missing after --port:" },
        { { "serve", "--port=1", "--listen" },
          .exit_status = 64,
          .errors = "palpate: a value is missing after --listen:" },
        { { "catalogue", "show", "--rule" }, .exit_status = 64, .errors = "palpate: a value is missing after --rule:" },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

static void refuses_wrong_settings(void **state)
{
    static const struct call_row rows[] = {
        { { "serve", "--port=s3cret" },
          .exit_status = 78,
          .errors = "palpate: --port is not a whole number from 0 to 65535:" },
        { { "serve", "--port", "65536" }, .exit_status = 78, .errors = "palpate: --port is not a whole number" },
        { { "serve", "--port=" }, .exit_status = 78, .errors = "palpate: --port is empty:" },
        { { "serve", "--port", "" }, .exit_status = 78, .errors = "palpate: --port is empty:" },
        { { "serve", "--log-level=loud" }, .exit_status = 78, .errors = "palpate: --log-level is none of" },
        { { "serve", "--listen=nowhere" },
          .exit_status = 78,
          .errors = "palpate: \"nowhere\" is not a numeric address" },
        { { "serve", "--listen", "nowhere" }, "PALPATE_LISTEN=elsewhere", .exit_status = 78, .errors = "\"nowhere\"" },
        { { "serve" }, "PALPATE_LISTEN=elsewhere", .exit_status = 78, .errors = "\"elsewhere\"" },
        { { "settings" },
          "PALPATE_NONSENSE=s3cret",
          .exit_status = 78,
          .errors = "palpate: PALPATE_NONSENSE is not a setting" },
        { { "settings" },
          "PALPATE_PORT=s3cret",
          .exit_status = 78,
          .errors = "palpate: PALPATE_PORT is not a whole number" },
        { { "migrate" },
          .exit_status = 78,
          .errors = "palpate: no database is set: give --database or PALPATE_DATABASE\n" },
        { { "migrate" }, "PALPATE_DATABASE=", .exit_status = 78, .errors = "palpate: no database is set" },
        { { "catalogue", "load" }, .exit_status = 78, .errors = "palpate: no database is set" },
        { { "catalogue", "list" }, .exit_status = 78, .errors = "palpate: no database is set" },
        { { "catalogue", "check", "1" }, .exit_status = 78, .errors = "palpate: no database is set" },
        { { "catalogue", "retire", "1" }, .exit_status = 78, .errors = "palpate: no database is set" },
        { { "catalogue", "history" }, .exit_status = 78, .errors = "palpate: no database is set" },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

static void says_what_is_not_there(void **state)
{
    static const struct call_row rows[] = {
        { { "migrate", "--database=host=127.0.0.1 port=1 password=s3cret" },
          .exit_status = 69,
          .errors = "palpate: could not reach" },
        { { "catalogue", "list" },
          "PALPATE_DATABASE=postgresql://u:s3cret@127.0.0.1:1/d",
          .exit_status = 69,
          .errors = "palpate: could" },
        { { "catalogue", "history" },
          "PALPATE_DATABASE=host=127.0.0.1 port=1",
          .exit_status = 69,
          .errors = "palpate: could not reach" },
        { { "screen" },
          "PALPATE_DATABASE=host=127.0.0.1 port=1",
          "{}",
          .exit_status = 69,
          .errors = "palpate: could not reach" },
        { { "catalogue", "check", "--catalogue=/nonexistent" }, .exit_status = 66, .errors = "/nonexistent" },
        { { "serve" }, "PALPATE_CATALOGUE=/nonexistent", .exit_status = 66, .errors = "/nonexistent" },
        { { "screen", "/nonexistent" }, .exit_status = 66, .errors = "palpate: cannot read /nonexistent: " },
        { { "screen", "/" }, .exit_status = 66, .errors = "palpate: cannot read " },
        { { "catalogue", "show", "--rule=no such rule" },
          .exit_status = 66,
          .errors = "palpate: the catalogue has no such item\n" },
        { { "catalogue", "show", "--fact=x y" },
          .exit_status = 66,
          .errors = "palpate: the catalogue has no such item\n" },
        { { "catalogue", "show", "--evidence", "" },
          .exit_status = 66,
          .errors = "palpate: the catalogue has no such item\n" },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

#define GOOD "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"as_of\":\"2026-11-20\"}"

static void judges_one_request(void **state)
{
    static const struct call_row rows[] = {
        { { "screen" }, NULL, GOOD, 0, "{\"as_of\":\"2026-11-20\",", NULL },
        { { "screen", "-" }, NULL, GOOD, 0, "{\"as_of\":\"2026-11-20\",", NULL },
        { { "screen", "--pretty" }, NULL, GOOD, 0, "{\n  \"as_of\": \"2026-11-20\",\n", NULL },
        { { "screen", "--pretty", "-", "--port=1" }, NULL, GOOD, 0, "{\n  \"as_of\"", NULL },
        { { "screen", "/dev/null" }, NULL, GOOD, 65, NULL, "palpate: the document is empty\n" },
        { { "screen" }, NULL, "", 65, NULL, "palpate: the document is empty\n" },
        { { "screen" }, NULL, "{", 65, NULL, "palpate: the document ends too early (line 1, column 1)\n" },
        { { "screen" },
          NULL,
          "{}",
          1,
          NULL,
          "/subject: this member is required; give it [missing_member]\n"
          "/complaints: there are neither complaints nor goals; give at least one complaint or one goal "
          "[missing_member]\n"
          "palpate: the request has 2 faults\n" },
        { { "screen" }, NULL, "{\"subject\":{\"age_years\":46},\"goals\":[\"s3cret\"]}", 1, NULL, "/goals/0: " },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

static void bounds_the_request(void **state)
{
    enum { MAX = 64 * 1024 };
    static char text[MAX + 2];
    (void)state;
    for (size_t n = MAX - 1; n <= MAX + 1; n++) {
        struct call_row row = { { "screen" }, .input = text };
        memset(text, ' ', sizeof(text));
        memcpy(text, GOOD, strlen(GOOD));
        text[n] = '\0';
        int status = run(&row, 0);
        if (status != (n <= MAX ? 0 : 65))
            fail_msg("%zu bytes: %d, %s", n, status, errors);
        if (n > MAX)
            assert_string_equal(errors, "palpate: the request is larger than 65536 bytes\n");
    }
}

static void says_when_memory_is_out(void **state)
{
    static const struct {
        struct call_row row;
        long fail_at; /* this allocation of our own code */
    } rows[] = {
        { { .words = { "migrate", "--database=port=1" } }, 1 },
        { { .words = { "migrate", "--database=port=1" } }, 2 },
        { { .words = { "catalogue", "list", "--database=port=1" } }, 1 },
        { { .words = { "catalogue", "load", "--database=port=1" } }, 1 },
        { { .words = { "catalogue", "check" } }, 1 },
        { { .words = { "catalogue", "show" } }, 1 },
        { { .words = { "screen" }, .input = GOOD }, 1 },
        { { .words = { "screen" }, .input = GOOD }, 2 },
        { { .words = { "catalogue", "check" } }, 4 }, /* a text of the catalogue */
        { { .words = { "catalogue", "check" } }, 6 },
        { { .words = { "catalogue", "check" } }, 8 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status = run(&rows[i].row, rows[i].fail_at);
        if (status != 71 || strcmp(errors, "palpate: could not get memory\n") != 0)
            fail_msg("row %zu: %d, %s", i, status, errors);
    }
}

/* An answer that could not be written was not given. */
static void says_that_its_output_is_lost(void **state)
{
    static const struct call_row rows[] = {
        { .words = { "screen" }, .input = GOOD },
        { .words = { "settings" } },
        { .words = { "catalogue", "show" } },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            char *words[] = { (char *)"palpate", (char *)rows[i].words[0], (char *)rows[i].words[1], NULL },
                 *none[] = { NULL };
            (void)dup2(temporary(GOOD), STDIN_FILENO);
            (void)!freopen("/dev/full", "w", stdout);
            (void)!freopen("/dev/null", "w", stderr);
            exit(cli_main(rows[i].words[1] ? 3 : 2, words, none));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 71)
            fail_msg("row %zu: %d", i, WEXITSTATUS(status));
    }
}

RUN_TESTS(cmocka_unit_test(refuses_wrong_use), cmocka_unit_test(refuses_wrong_settings),
          cmocka_unit_test(says_what_is_not_there), cmocka_unit_test(judges_one_request),
          cmocka_unit_test(bounds_the_request), cmocka_unit_test(says_when_memory_is_out),
          cmocka_unit_test(says_that_its_output_is_lost))
