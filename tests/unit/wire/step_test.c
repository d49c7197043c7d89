/* Steps in the life of a catalogue's version, as requests say them. */
#include "test.h"

#include "wire/wire.h"

static enum rc read(const char *body, struct step_request *ret)
{
    static struct faults faults;
    struct arena arena;
    struct error err;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = read_step(str_of(body), &faults, ret, &err);
    if ((rc == RC_INVALID_REQUEST) != (faults.total > 0))
        fail_msg("%s: %s with %zu faults", body, rc_name(rc), faults.total);
    arena_done(&arena);
    return rc;
}

static void reads_every_step(void **state)
{
    static const struct {
        const char *body;
        struct step_request wanted;
    } rows[] = {
        { "{\"step\":\"check\"}", { STEP_WORD_CHECK, false, false } },
        { "{\"step\":\"check\",\"accepted\":[]}", { STEP_WORD_CHECK, false, true } },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"item\":\"i\",\"other\":\"o\",\"reason\":\"r\"},{"
          "\"finding\":\"f\",\"items\":[\"i\",\"j\"],\"reason\":\"r\"}]}",
          { STEP_WORD_CHECK, false, true } },
        { "{\"step\":\"publish\"}", { STEP_WORD_PUBLISH, false, false } },
        { "{\"step\":\"activate\",\"for\":\"own_clinic\"}", { STEP_WORD_ACTIVATE, false, false } },
        { "{\"for\":\"all_clinics\",\"step\":\"activate\"}", { STEP_WORD_ACTIVATE, true, false } },
        { "{\"step\":\"deactivate\"}", { STEP_WORD_DEACTIVATE, false, false } },
        { "{\"step\":\"deactivate\",\"for\":\"own_clinic\"}", { STEP_WORD_DEACTIVATE, false, false } },
        { "{\"step\":\"retire\"}", { STEP_WORD_RETIRE, false, false } },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct step_request got = { 0 };
        if (read(rows[i].body, &got) != RC_OK || got.step != rows[i].wanted.step ||
            got.all_clinics != rows[i].wanted.all_clinics || got.accepts != rows[i].wanted.accepts)
            fail_msg("%s is not read as it is meant", rows[i].body);
    }
}

static void refuses_the_rest(void **state)
{
    static const struct {
        const char *body;
        enum rc rc;
    } rows[] = {
        { "", RC_MALFORMED_JSON },
        { "{\"step\":\"check\",\"step\":\"check\"}", RC_MALFORMED_JSON },
        { "[]", RC_INVALID_REQUEST },
        { "{}", RC_INVALID_REQUEST },
        { "{\"step\":null}", RC_INVALID_REQUEST },
        { "{\"step\":\"fly\"}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"x\":1}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":{}}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[7]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{}]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"reason\":\"r\"}]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"item\":\"i\"}]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"\",\"item\":\"i\",\"reason\":\"r\"}]}",
          RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"item\":7,\"reason\":\"r\"}]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"items\":[],\"reason\":\"r\"}]}", RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"items\":[\"\"],\"reason\":\"r\"}]}",
          RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"items\":\"i\",\"reason\":\"r\"}]}",
          RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"item\":\"i\",\"items\":[\"i\"],\"reason\":\"r\"}]}",
          RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"accepted\":[{\"finding\":\"f\",\"item\":\"i\",\"reason\":\"r\",\"x\":1}]}",
          RC_INVALID_REQUEST },
        { "{\"step\":\"check\",\"for\":\"own_clinic\"}", RC_INVALID_REQUEST },
        { "{\"step\":\"publish\",\"accepted\":[]}", RC_INVALID_REQUEST },
        { "{\"step\":\"activate\"}", RC_INVALID_REQUEST }, /* for whom is never guessed */
        { "{\"step\":\"activate\",\"for\":\"everyone\"}", RC_INVALID_REQUEST },
        { "{\"step\":\"deactivate\",\"for\":\"all_clinics\"}", RC_INVALID_REQUEST },
        { "{\"step\":\"retire\",\"for\":\"all_clinics\"}", RC_INVALID_REQUEST },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct step_request got;
        enum rc rc = read(rows[i].body, &got);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].body, rc_name(rc));
    }
}

RUN_TESTS(cmocka_unit_test(reads_every_step), cmocka_unit_test(refuses_the_rest))
