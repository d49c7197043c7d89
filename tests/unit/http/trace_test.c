#include "test.h"

#include "http/trace.h"

static bool is_hex(const char *s, size_t n)
{
    return strlen(s) == n && strspn(s, "0123456789abcdef") == n;
}

static void takes_ids_that_can_hold_nothing_else(void **state)
{
    static const struct {
        const char *id;
        bool taken;
    } rows[] = {
        { "4bf92f3577b34da6a3ce929d0e0e4736", true },
        { "4BF92F3577B34DA6A3CE929D0E0E4736", true },
        { "01890a5d-ac96-774b-bcce-b302099a8057", true },
        { "01890A5D-AC96-774B-BCCE-B302099A8057", true },
        { NULL, false },
        { "", false },
        { "4bf92f3577b34da6a3ce929d0e0e473", false },
        { "4bf92f3577b34da6a3ce929d0e0e47361", false },
        { "4bf92f3577b34da6a3ce929d0e0e473g", false },
        { "01890a5d-ac96-774b-bcce-b302099a805", false },
        { "01890a5dxac96-774b-bcce-b302099a8057", false },
        { "01890a5d-ac96-774b-bcceb302099a8057-", false },
        { "------------------------------------", false },
        { "osteoporosis", false },
        { "Jane Roe, born 1980, pregnant......", false },
        { "01890a5d-ac96-774b-bcce-b302099a8057\r\nX: y", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char id[REQUEST_ID_TEXT_BYTES];
        memset(id, 'x', sizeof(id));
        request_id_take(rows[i].id, id);
        if (rows[i].taken)
            assert_string_equal(id, rows[i].id);
        else if (!is_hex(id, 32) || (rows[i].id && strcmp(id, rows[i].id) == 0))
            fail_msg("row %zu: %s", i, id);
    }
}

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void takes_the_trace_of_a_caller(void **state)
{
    static const struct {
        const char *parent;
        bool taken;
    } rows[] = {
        { "00-" TRACE "-00f067aa0ba902b7-01", true },
        { "00-" TRACE "-00f067aa0ba902b7-00", true },
        { "00-" TRACE "-00f067aa0ba902b7-ff", true },
        { "01-" TRACE "-00f067aa0ba902b7-01", true },
        { "cc-" TRACE "-00f067aa0ba902b7-01-what-comes-later", true }, /* a later version may say more */
        { NULL, false },
        { "", false },
        { "00", false },
        { "00-" TRACE "-00f067aa0ba902b7-01-more", false },
        { "cc-" TRACE "-00f067aa0ba902b7-01.more", false },
        { "ff-" TRACE "-00f067aa0ba902b7-01", false },
        { "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false },
        { "00-" TRACE "-0000000000000000-01", false },
        { "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false },
        { "0g-" TRACE "-00f067aa0ba902b7-01", false },
        { "00-" TRACE "-00f067aa0ba902bz-01", false },
        { "00-" TRACE "-00f067aa0ba902b7-0", false },
        { "00-" TRACE "-00f067aa0ba902b7-0x", false },
        { "00_" TRACE "-00f067aa0ba902b7-01", false },
        { "00-" TRACE "_00f067aa0ba902b7-01", false },
        { "00-" TRACE "-00f067aa0ba902b7_01", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char id[TRACE_ID_TEXT_BYTES];
        trace_id_take(rows[i].parent, id);
        if (!is_hex(id, 32) || (strcmp(id, TRACE) == 0) != rows[i].taken)
            fail_msg("row %zu: %s", i, id);
    }
}

static void makes_another_id_each_time(void **state)
{
    enum { N = 200 };
    char ids[N][REQUEST_ID_TEXT_BYTES];
    (void)state;
    for (size_t i = 0; i < N; i++) {
        request_id_take(NULL, ids[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ids[i], ids[k]);
    }
}

RUN_TESTS(cmocka_unit_test(takes_ids_that_can_hold_nothing_else), cmocka_unit_test(takes_the_trace_of_a_caller),
          cmocka_unit_test(makes_another_id_each_time))
