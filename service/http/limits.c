#include "http/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

enum { NS = 1000000000 };

struct bucket {
    uint64_t name; /* a keyed hash; 0: free */
    int64_t full;  /* when it is full, in nanoseconds */
};

struct set {
    pthread_mutex_t lock; /* guards the set */
    struct bucket ways[RATES_WAYS];
};

struct rates {
    int64_t drip_ns; /* between two tokens */
    uint32_t burst;
    uint64_t key[2];
    struct set sets[RATES_SETS];
};

enum rc rates_new(uint32_t rate, uint32_t burst, struct rates **ret, struct error *reterr)
{
    struct rates *r = calloc(1, sizeof(*r));
    if (!r)
        return error_oom(reterr);
    if (getrandom(r->key, sizeof(r->key), 0) != (ssize_t)sizeof(r->key)) {
        free(r);
        return error_set(reterr, RC_OS, "could not get random bytes (%m)");
    }
    r->drip_ns = NS / rate;
    r->burst = burst;
    for (size_t i = 0; i < RATES_SETS; i++)
        (void)pthread_mutex_init(&r->sets[i].lock, NULL);
    *ret = r;
    return RC_OK;
}

void rates_free(struct rates *r)
{
    for (size_t i = 0; r && i < RATES_SETS; i++)
        (void)pthread_mutex_destroy(&r->sets[i].lock);
    free(r);
}

/* ---- names ------------------------------------------------------------------------------------------------ */

static uint64_t turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = turn(v[1], 13) ^ v[0];
    v[0] = turn(v[0], 32);
    v[2] += v[3];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = turn(v[1], 17) ^ v[2];
    v[2] = turn(v[2], 32);
}

/* SipHash-2-4 (Aumasson and Bernstein, 2012). */
static uint64_t hash(const uint64_t key[2], struct str s)
{
    uint64_t v[4] = { key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
                      key[1] ^ 0x7465646279746573u };
    for (size_t i = 0; i <= s.n / 8; i++) {
        size_t left = s.n - i * 8;
        uint64_t word = left < 8 ? (uint64_t)s.n << 56 : 0;
        for (size_t k = 0; k < 8 && k < left; k++)
            word |= (uint64_t)(unsigned char)s.p[i * 8 + k] << 8 * k;
        v[3] ^= word;
        sip_round(v);
        sip_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- buckets ---------------------------------------------------------------------------------------------- */

/* The caller's own, or the one that can best be spared. */
static struct bucket *find_locked(struct set *set, uint64_t name)
{
    struct bucket *spare = &set->ways[0];
    for (size_t i = 0; i < RATES_WAYS; i++) {
        struct bucket *b = &set->ways[i];
        if (b->name == name)
            return b;
        if (b->full < spare->full)
            spare = b;
    }
    *spare = (struct bucket){ .name = name };
    return spare;
}

static uint32_t seconds_up(int64_t ns)
{
    return (uint32_t)((ns + NS - 1) / NS);
}

struct rate rates_take(struct rates *r, struct str caller, int64_t now_ns)
{
    uint64_t h = hash(r->key, caller), name = h ? h : 1;
    struct set *set = &r->sets[name % RATES_SETS];
    int64_t room = (int64_t)r->burst * r->drip_ns;
    (void)pthread_mutex_lock(&set->lock);
    struct bucket *b = find_locked(set, name);
    int64_t full = b->full > now_ns ? b->full : now_ns, after = full + r->drip_ns;
    bool allowed = after - now_ns <= room;
    if (allowed)
        b->full = full = after;
    (void)pthread_mutex_unlock(&set->lock);
    return (struct rate){
        .allowed = allowed,
        .left = (uint32_t)((room - (full - now_ns)) / r->drip_ns),
        .wait_s = allowed ? 0 : seconds_up(after - now_ns - room),
        .reset_s = seconds_up(full - now_ns),
    };
}
