#include "live/live_priv.h"

#include <sys/random.h>

int64_t backoff_ms(unsigned failures, int64_t first_ms, int64_t most_ms)
{
    uint32_t chance = 0;
    int64_t ms = first_ms;
    for (; failures > 1 && ms < most_ms; failures--)
        ms *= 2;
    if (ms > most_ms)
        ms = most_ms;
    (void)!getrandom(&chance, sizeof(chance), GRND_NONBLOCK); /* none will do, too */
    return ms / 2 + (ms - ms / 2) * chance / UINT32_MAX;
}
