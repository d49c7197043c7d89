#include "test.h"

#include <ctype.h>

#include "base/error.h"

static void gives_every_code_its_names_and_statuses(void **state)
{
    static const int exits[] = { EXIT_OK,          EXIT_FINDINGS, EXIT_USAGE, EXIT_DATA,  EXIT_NO_INPUT,
                                 EXIT_UNAVAILABLE, EXIT_SOFTWARE, EXIT_OS,    EXIT_CONFIG };
    (void)state;
    for (int rc = 0; rc < RC_COUNT_; rc++) {
        const char *name = rc_name((enum rc)rc), *title = rc_title((enum rc)rc);
        int http = rc_http_status((enum rc)rc), exit_status = rc_exit_status((enum rc)rc);
        bool known_exit = false;
        if (!name || !*name || !title || !*title)
            fail_msg("code %d has no name or no title", rc);
        else
            assert_string_equal(name + strspn(name, "abcdefghijklmnopqrstuvwxyz_"), "");
        if (!title || !isupper((unsigned char)*title) || title[strlen(title) - 1] == '.')
            fail_msg("the title of %s: \"%s\"", name, title);
        if (rc == RC_OK ? http != 200 : http < 400 || http > 599)
            fail_msg("%s has the HTTP status %d", name, http);
        for (size_t i = 0; i < ARRAY_LEN(exits); i++)
            known_exit |= exits[i] == exit_status;
        if (!known_exit || (exit_status == EXIT_OK) != (rc == RC_OK))
            fail_msg("%s has the exit status %d", name, exit_status);
        for (int other = 0; other < rc; other++)
            if (strcmp(name, rc_name((enum rc)other)) == 0)
                fail_msg("two codes are called %s", name);
    }
}

/* What clients and scripts rely on. */
static void keeps_what_clients_see(void **state)
{
    static const struct {
        enum rc rc;
        const char *name;
        int http, exit_status;
    } rows[] = {
        { RC_OK, "ok", 200, 0 },
        { RC_MALFORMED_JSON, "malformed_json", 400, 65 },
        { RC_UNAUTHORIZED, "unauthorized", 401, 1 },
        { RC_FORBIDDEN, "forbidden", 403, 1 },
        { RC_NOT_FOUND, "not_found", 404, 66 },
        { RC_METHOD, "method_not_allowed", 405, 64 },
        { RC_NOT_ACCEPTABLE, "not_acceptable", 406, 64 },
        { RC_BODY_TOO_LARGE, "body_too_large", 413, 65 },
        { RC_MEDIA_TYPE, "unsupported_media_type", 415, 64 },
        { RC_INVALID_REQUEST, "invalid_request", 422, 1 },
        { RC_OOM, "out_of_memory", 503, 71 },
        { RC_NO_CATALOGUE, "no_catalogue", 503, 69 },
        { RC_STORE_DOWN, "store_unavailable", 503, 69 },
        { RC_CATALOGUE_INVALID, "catalogue_invalid", 422, 1 },
        { RC_CONFLICT, "conflict", 409, 1 },
        { RC_PRECONDITION_FAILED, "precondition_failed", 412, 1 },
        { RC_PRECONDITION_REQUIRED, "precondition_required", 428, 64 },
        { RC_SETTING, "setting_invalid", 500, 78 },
        { RC_USAGE, "usage", 500, 64 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(rc_name(rows[i].rc), rows[i].name);
        if (rc_http_status(rows[i].rc) != rows[i].http || rc_exit_status(rows[i].rc) != rows[i].exit_status)
            fail_msg("%s is %d and %d", rows[i].name, rc_http_status(rows[i].rc), rc_exit_status(rows[i].rc));
    }
}

static void cuts_a_text_that_is_too_long(void **state)
{
    static char text[ERROR_TEXT_BYTES + 10];
    struct {
        struct error err;
        unsigned char behind[16];
    } guarded;
    (void)state;
    for (size_t n = ERROR_TEXT_BYTES - 2; n <= ERROR_TEXT_BYTES + 1; n++) { /* one less fits with its zero byte */
        memset(text, 'x', sizeof(text));
        text[n] = '\0';
        memset(&guarded, 0xEE, sizeof(guarded));
        assert_int_equal(error_set(&guarded.err, RC_FILE, "%s", text), RC_FILE);
        assert_int_equal(guarded.err.code, RC_FILE);
        assert_int_equal(strlen(guarded.err.text), n < ERROR_TEXT_BYTES ? n : ERROR_TEXT_BYTES - 1);
        for (size_t i = 0; i < sizeof(guarded.behind); i++)
            assert_int_equal(guarded.behind[i], 0xEE);
    }
}

static void fills_an_error_or_nothing(void **state)
{
    struct error err;
    (void)state;
    assert_int_equal(error_set(&err, RC_USAGE, "%s has %d", "this", 3), RC_USAGE);
    assert_string_equal(err.text, "this has 3");
    assert_int_equal(error_set(NULL, RC_OS, "nobody %s", "listens"), RC_OS);
    assert_int_equal(error_oom(&err), RC_OOM);
    assert_int_equal(err.code, RC_OOM);
    assert_true(*err.text);
    assert_int_equal(error_oom(NULL), RC_OOM);
}

RUN_TESTS(cmocka_unit_test(gives_every_code_its_names_and_statuses), cmocka_unit_test(keeps_what_clients_see),
          cmocka_unit_test(cuts_a_text_that_is_too_long), cmocka_unit_test(fills_an_error_or_nothing))
