#include "base/uuid.h"

#include <stdint.h>
#include <sys/random.h>
#include <time.h>

static bool is_hyphen_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_new(char out[static UUID_TEXT_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";
    struct timespec now;
    uint8_t bytes[16];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return false;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> 8 * (5 - i));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f)); /* the version */
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f)); /* the variant */
    for (size_t i = 0, b = 0; i < UUID_TEXT_LEN; i++) {
        if (is_hyphen_at(i)) {
            out[i] = '-';
            continue;
        }
        out[i] = hex[bytes[b / 2] >> (b % 2 ? 0 : 4) & 15];
        b++;
    }
    out[UUID_TEXT_LEN] = '\0';
    return true;
}

bool uuid_is(struct str text)
{
    if (text.n != UUID_TEXT_LEN)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (is_hyphen_at(i) ? c != '-' : !digit)
            return false;
    }
    return true;
}
