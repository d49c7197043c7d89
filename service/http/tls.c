#include "http/tls.h"

#include <gnutls/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/metrics.h"

struct tls_credentials {
    gnutls_certificate_credentials_t certificate;
    atomic_int references;
    time_t expires;
};

struct tls {
    const char *certificate, *key;
    pthread_mutex_t lock; /* guards `current` */
    struct tls_credentials *current;
};

void tls_release(struct tls_credentials *c)
{
    if (c && atomic_fetch_sub(&c->references, 1) == 1) {
        gnutls_certificate_free_credentials(c->certificate);
        free(c);
    }
}

/* A chain and its key in memory, while they become credentials. */
struct parts {
    gnutls_datum_t chain_text, key_text;
    gnutls_x509_crt_t *chain;
    unsigned n;
    gnutls_x509_privkey_t key;
};

static void parts_done(struct parts *p)
{
    for (unsigned i = 0; i < p->n; i++)
        gnutls_x509_crt_deinit(p->chain[i]);
    gnutls_free(p->chain);
    if (p->key)
        gnutls_x509_privkey_deinit(p->key);
    gnutls_free(p->chain_text.data);
    if (p->key_text.data)
        explicit_bzero(p->key_text.data, p->key_text.size);
    gnutls_free(p->key_text.data);
}

/* GnuTLS has one function for all of it, which in 3.7.9 leaks a certificate that is cut short. */
static int read_parts(const struct tls *t, struct parts *p)
{
    int e = gnutls_load_file(t->certificate, &p->chain_text);
    if (e >= 0)
        e = gnutls_load_file(t->key, &p->key_text);
    if (e >= 0)
        e = gnutls_x509_crt_list_import2(&p->chain, &p->n, &p->chain_text, GNUTLS_X509_FMT_PEM,
                                         GNUTLS_X509_CRT_LIST_SORT);
    if (e >= 0)
        e = gnutls_x509_privkey_init(&p->key);
    if (e >= 0)
        e = gnutls_x509_privkey_import2(p->key, &p->key_text, GNUTLS_X509_FMT_PEM, NULL, 0);
    return e;
}

static enum rc load(const struct tls *t, struct tls_credentials **ret, struct error *reterr)
{
    CLEANUP(parts_done) struct parts p = { .n = 0 };
    struct tls_credentials *c = calloc(1, sizeof(*c));
    if (!c)
        return error_oom(reterr);
    atomic_init(&c->references, 1);
    int e = gnutls_certificate_allocate_credentials(&c->certificate);
    if (e < 0) {
        free(c);
        return error_oom(reterr);
    }
    e = read_parts(t, &p);
    if (e >= 0)
        e = gnutls_certificate_set_x509_key(c->certificate, p.chain, (int)p.n, p.key);
    if (e < 0) {
        tls_release(c);
        return error_set(reterr, RC_SETTING, "cannot use the certificate %s with the key %s: %s", t->certificate,
                         t->key, gnutls_strerror(e));
    }
    c->expires = gnutls_x509_crt_get_expiration_time(p.chain[0]);
    *ret = c;
    return RC_OK;
}

static void tell(const struct tls_credentials *c)
{
    int64_t left_s = c->expires - time(NULL);
    metric_set(METRIC_TLS_EXPIRES, c->expires);
    log_event(left_s > 0 ? LOG_INFO : LOG_WARNING, "certificate", F_INT("expires_in_days", left_s / 86400));
}

enum rc tls_open(const char *certificate, const char *key, struct tls **ret, struct error *reterr)
{
    struct tls *t = calloc(1, sizeof(*t));
    if (!t)
        return error_oom(reterr);
    t->certificate = certificate;
    t->key = key;
    enum rc rc = load(t, &t->current, reterr);
    if (rc != RC_OK) {
        free(t);
        return rc;
    }
    (void)pthread_mutex_init(&t->lock, NULL);
    tell(t->current);
    *ret = t;
    return RC_OK;
}

void tls_close(struct tls *t)
{
    if (!t)
        return;
    tls_release(t->current);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

enum rc tls_reload(struct tls *t, struct error *reterr)
{
    struct tls_credentials *fresh = NULL;
    enum rc rc = load(t, &fresh, reterr);
    (void)metric_add(fresh ? METRIC_TLS_RELOADED : METRIC_TLS_REFUSED, 1);
    if (!fresh)
        return rc;
    tell(fresh);
    (void)pthread_mutex_lock(&t->lock);
    struct tls_credentials *old = t->current;
    t->current = fresh;
    (void)pthread_mutex_unlock(&t->lock);
    tls_release(old);
    return RC_OK;
}

struct tls_credentials *tls_attach(struct tls *t, gnutls_session_t session)
{
    (void)pthread_mutex_lock(&t->lock);
    struct tls_credentials *c = t->current;
    (void)atomic_fetch_add(&c->references, 1); /* inside the lock: outside it, the last owner may free it */
    (void)pthread_mutex_unlock(&t->lock);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, c->certificate);
    return c;
}

int tls_has_none(gnutls_session_t session, const gnutls_datum_t *authorities, int n,
                 const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **certificate,
                 unsigned *n_certificates, gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)n;
    (void)algorithms;
    (void)n_algorithms;
    *certificate = NULL;
    *n_certificates = 0;
    *key = NULL;
    return -1;
}
