/* Waiting longer each time, and not all equally long. */
#include "test.h"

#include <limits.h>

#include "live/live_priv.h"

static void waits_longer_each_time(void **state)
{
    static const struct {
        unsigned failures;
        int64_t most;
    } rows[] = { { 0, 250 },  { 1, 250 },  { 2, 500 },  { 3, 1000 },
                 { 4, 2000 }, { 5, 3000 }, { 6, 3000 }, { UINT_MAX, 3000 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int k = 0; k < 200; k++)
            assert_in_range(backoff_ms(rows[i].failures, 250, 3000), rows[i].most / 2, rows[i].most);
}

static void leaves_half_of_it_to_chance(void **state)
{
    int64_t least = INT64_MAX, most = 0;
    (void)state;
    for (int k = 0; k < 1000; k++) {
        int64_t ms = backoff_ms(1, 80000, 80000);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    assert_in_range(least, 40000, 42000); /* that none of 1000 is there: one in 10^22 */
    assert_in_range(most, 78000, 80000);
}

RUN_TESTS(cmocka_unit_test(waits_longer_each_time), cmocka_unit_test(leaves_half_of_it_to_chance))
