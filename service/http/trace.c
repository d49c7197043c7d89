#include "http/trace.h"

#include <stdint.h>
#include <sys/random.h>

enum { POOL_BYTES = 256 };

/* Random bytes of the thread, drawn in advance: a call of the kernel for each request would cost more than the id. */
static void random_bytes(unsigned char out[static ID_BYTES])
{
    static _Thread_local unsigned char pool[POOL_BYTES];
    static _Thread_local size_t left;
    if (left < ID_BYTES) {
        left = POOL_BYTES;
        if (getrandom(pool, POOL_BYTES, 0) != POOL_BYTES) /* never, once the system has started */
            memset(pool, 0x5a, POOL_BYTES);
    }
    left -= ID_BYTES;
    memcpy(out, pool + left, ID_BYTES);
}

static void make(char *out)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[ID_BYTES];
    random_bytes(bytes);
    for (size_t i = 0; i < ID_BYTES; i++) {
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 15];
    }
    *out = '\0';
}

static bool is_hex(const char *s, size_t n, bool capitals)
{
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f') || (capitals && s[i] >= 'A' && s[i] <= 'F')))
            return false;
    return true;
}

static bool is_uuid(const char *s)
{
    static const size_t groups[] = { 8, 4, 4, 4, 12 };
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (!is_hex(s, groups[i], true) || (i + 1 < ARRAY_LEN(groups) && s[groups[i]] != '-'))
            return false;
        s += groups[i] + 1;
    }
    return true;
}

void request_id_take(const char *id, char out[static REQUEST_ID_TEXT_BYTES])
{
    size_t n = id ? strlen(id) : 0;
    if ((n == 36 && is_uuid(id)) || (n == 32 && is_hex(id, n, true)))
        memcpy(out, id, n + 1);
    else
        make(out);
}

static bool is_zero(const char *s, size_t n)
{
    return strspn(s, "0") >= n;
}

/* version "-" trace-id "-" parent-id "-" flags; a version that we do not know may go on after another "-". */
static bool is_traceparent(const char *s)
{
    size_t n = strlen(s);
    if (n < 55 || s[2] != '-' || s[35] != '-' || s[52] != '-')
        return false;
    if (!is_hex(s, 2, false) || !is_hex(s + 3, 32, false) || !is_hex(s + 36, 16, false) || !is_hex(s + 53, 2, false))
        return false;
    if (is_zero(s + 3, 32) || is_zero(s + 36, 16) || memcmp(s, "ff", 2) == 0)
        return false;
    return n == 55 || (memcmp(s, "00", 2) != 0 && s[55] == '-');
}

void trace_id_take(const char *traceparent, char out[static TRACE_ID_TEXT_BYTES])
{
    if (traceparent && is_traceparent(traceparent)) {
        memcpy(out, traceparent + 3, 32);
        out[32] = '\0';
    } else {
        make(out);
    }
}
