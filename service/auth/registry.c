/* Clinics and keys, sorted by id. Which keys were used is the one thing that changes: a flag beside each. */
#include "auth/auth_priv.h"

#include <nettle/memops.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct clinic {
    char id[CLINIC_BYTES];
    bool keeps_payload;
};

struct key {
    char id[API_KEY_ID_LEN + 1];
    char hash[DIGEST_TEXT_LEN + 1];
    char holder[HOLDER_BYTES];
    const struct clinic *clinic;
    unsigned scopes;
    int64_t expires_at_s;
};

struct registry {
    atomic_uint refs;
    bool open; /* every clinic may call */
    size_t n_clinics, n_keys;
    struct clinic *clinics;
    struct key *keys;
    atomic_bool *used; /* one for each key */
};

static int order_clinics(const void *a, const void *b)
{
    return strcmp(((const struct clinic *)a)->id, ((const struct clinic *)b)->id);
}

static int order_keys(const void *a, const void *b)
{
    return strcmp(((const struct key *)a)->id, ((const struct key *)b)->id);
}

static void registry_free(struct registry *r)
{
    free(r->clinics);
    free(r->keys);
    free(r->used);
    free(r);
}

static struct registry *registry_new(size_t n_clinics, size_t n_keys)
{
    struct registry *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    atomic_init(&r->refs, 1);
    r->clinics = calloc(n_clinics + 1, sizeof(r->clinics[0])); /* one more: never nothing */
    r->keys = calloc(n_keys + 1, sizeof(r->keys[0]));
    r->used = calloc(n_keys + 1, sizeof(r->used[0]));
    if (r->clinics && r->keys && r->used)
        return r;
    registry_free(r);
    return NULL;
}

static const struct clinic *find_clinic(const struct registry *r, struct str id)
{
    struct clinic wanted = { .keeps_payload = false };
    if (!is_clinic_id(id))
        return NULL;
    memcpy(wanted.id, id.p, id.n);
    return bsearch(&wanted, r->clinics, r->n_clinics, sizeof(r->clinics[0]), order_clinics);
}

static void add_key(struct registry *r, const struct key_entry *e)
{
    struct key *k = &r->keys[r->n_keys];
    k->clinic = find_clinic(r, e->clinic);
    if (!k->clinic || e->id.n != API_KEY_ID_LEN || e->hash.n != DIGEST_TEXT_LEN || e->holder.n >= HOLDER_BYTES)
        return;
    memcpy(k->id, e->id.p, API_KEY_ID_LEN);
    memcpy(k->hash, e->hash.p, DIGEST_TEXT_LEN);
    (void)snprintf(k->holder, sizeof(k->holder), "%.*s", STR_ARGS(e->holder));
    k->scopes = e->scopes;
    k->expires_at_s = e->expires_at_s;
    r->n_keys++;
}

enum rc registry_make(const struct clinic_entry *clinics, size_t n_clinics, const struct key_entry *keys, size_t n_keys,
                      struct registry **ret, struct error *reterr)
{
    struct registry *r = registry_new(n_clinics, n_keys);
    if (!r)
        return error_oom(reterr);
    for (size_t i = 0; i < n_clinics; i++) {
        struct clinic *c = &r->clinics[r->n_clinics];
        if (!is_clinic_id(clinics[i].id))
            continue;
        memcpy(c->id, clinics[i].id.p, clinics[i].id.n);
        c->keeps_payload = clinics[i].keeps_payload;
        r->n_clinics++;
    }
    qsort(r->clinics, r->n_clinics, sizeof(r->clinics[0]), order_clinics);
    for (size_t i = 0; i < n_keys; i++)
        add_key(r, &keys[i]);
    qsort(r->keys, r->n_keys, sizeof(r->keys[0]), order_keys);
    *ret = r;
    return RC_OK;
}

enum rc registry_make_open(struct registry **ret, struct error *reterr)
{
    enum rc rc = registry_make(NULL, 0, NULL, 0, ret, reterr);
    if (rc == RC_OK)
        (*ret)->open = true;
    return rc;
}

struct registry *registry_ref(struct registry *r)
{
    if (r)
        (void)atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void registry_unref(struct registry *r)
{
    if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        registry_free(r);
}

size_t registry_count_clinics(const struct registry *r)
{
    return r->n_clinics;
}

size_t registry_count_keys(const struct registry *r)
{
    return r->n_keys;
}

void registry_each_used(const struct registry *r, bool forget, void (*take)(void *to, const char *id), void *to)
{
    for (size_t i = 0; i < r->n_keys; i++)
        if (forget ? atomic_exchange(&r->used[i], false) : atomic_load(&r->used[i]))
            take(to, r->keys[i].id);
}

static const struct key *find_key(const struct registry *r, const char *id)
{
    struct key wanted = { .clinic = NULL };
    (void)snprintf(wanted.id, sizeof(wanted.id), "%s", id);
    return bsearch(&wanted, r->keys, r->n_keys, sizeof(r->keys[0]), order_keys);
}

static void mark_used(const struct registry *r, const struct key *k)
{
    atomic_bool *used = &r->used[k - r->keys];
    if (!atomic_load_explicit(used, memory_order_relaxed)) /* or every request would write to the same line */
        atomic_store_explicit(used, true, memory_order_relaxed);
}

void registry_mark_used(const struct registry *r, const char *id)
{
    const struct key *k = find_key(r, id);
    if (k)
        mark_used(r, k);
}

bool registry_find_clinic(const struct registry *r, struct str id, bool *ret_keeps_payload)
{
    const struct clinic *c = find_clinic(r, id);
    *ret_keeps_payload = c && c->keeps_payload;
    return c || (r->open && is_clinic_id(id));
}

bool registry_judge_key(const struct registry *r, const struct api_key *key, int64_t now_s, struct caller *ret)
{
    /* no hash is written so: a key that is not there is compared like any other, and never fits */
    static const char nobody[] = "----------------------------------------------------------------";
    static_assert(sizeof(nobody) == DIGEST_TEXT_LEN + 1, "as long as a hash");
    const struct key *k = find_key(r, key->id);
    bool same = memeql_sec(key->hash, k ? k->hash : nobody, DIGEST_TEXT_LEN) != 0;
    if (!k || !same || (k->expires_at_s && k->expires_at_s <= now_s))
        return false;
    mark_used(r, k);
    *ret = (struct caller){ .scopes = k->scopes, .keeps_payload = k->clinic->keeps_payload };
    (void)snprintf(ret->clinic, sizeof(ret->clinic), "%s", k->clinic->id);
    (void)snprintf(ret->key, sizeof(ret->key), "%s", k->id);
    (void)snprintf(ret->holder, sizeof(ret->holder), "%s", k->holder);
    return true;
}
