/* Signing keys from a file or an address.
 *
 * An address is asked every minute, and sooner when a token names a key that the set lacks, but never more often than
 * every few seconds: else whoever sends tokens with names of their own decides how often we call. */
#include "live/live_priv.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "live/fetch.h"

enum {
    EVERY_MS = 60 * 1000,
    LEAST_MS = 5 * 1000,
    FETCH_MS = 5 * 1000,
    CONNECT_MS = 3 * 1000,
    MOST_MS = 80 * 1000, /* between failures */
};

static bool is_loopback_host(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 || strncmp(host, "127.", 4) == 0;
}

bool jwks_is_url(const char *where, bool *ret_file)
{
    char *scheme = NULL, *host = NULL, *user = NULL, *password = NULL;
    *ret_file = strstr(where, "://") == NULL;
    if (*ret_file)
        return false;
    CURLU *url = curl_url();
    bool good = url && curl_url_set(url, CURLUPART_URL, where, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK &&
                curl_url_get(url, CURLUPART_PASSWORD, &password, 0) != CURLUE_OK &&
                (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback_host(host)));
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_free(password);
    curl_url_cleanup(url);
    return good;
}

void jwks_source_init(struct jwks_source *s, const char *where, atomic_bool *give_up)
{
    bool file;
    *s = (struct jwks_source){ .where = where, .give_up = give_up };
    s->remote = jwks_is_url(where, &file);
}

/* ---- a file --------------------------------------------------------------------------------------------------- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum rc read_file(struct jwks_source *s, struct buf *text, struct error *reterr)
{
    char part[4096];
    ssize_t n = 0;
    int fd = open(s->where, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
    if (fd < 0 || fstat(fd, &s->seen) != 0 || !S_ISREG(s->seen.st_mode)) {
        enum rc rc = fd < 0 ? error_set(reterr, RC_FILE, "cannot read the key set %s (%m)", s->where)
                            : error_set(reterr, RC_FILE, "the key set %s is no file", s->where);
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    while (!text->failed && ((n = read(fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR)))
        buf_add(text, part, n > 0 ? (size_t)n : 0);
    enum rc rc = n < 0 ? error_set(reterr, RC_FILE, "cannot read the key set %s (%m)", s->where) : RC_OK;
    (void)close(fd);
    return rc;
}

/* ---- an address ----------------------------------------------------------------------------------------------- */

static enum rc fetch_keys(struct jwks_source *s, struct buf *text, struct error *reterr)
{
    const struct fetch f = {
        .url = s->where,
        .direct = strncasecmp(s->where, "http:", 5) == 0, /* on this machine */
        .connect_ms = CONNECT_MS,
        .timeout_ms = FETCH_MS,
        .give_up = s->give_up,
    };
    long status;
    const char *why = fetch(&f, text, &status);
    if (why)
        return error_set(reterr, RC_STORE_DOWN, "could not fetch the key set: %s", why);
    return status == 200 || text->failed /* what is wrong with it is said by who reads it */
               ? RC_OK
               : error_set(reterr, RC_STORE_DOWN, "could not fetch the key set: its server answers %ld", status);
}

/* ---- both ----------------------------------------------------------------------------------------------------- */

bool jwks_source_is_due(const struct jwks_source *s, bool wanted)
{
    int64_t now = clock_ms();
    struct stat is;
    if (now >= s->next_ms)
        return true;
    if (s->remote)
        return wanted && s->failures == 0 && now >= s->asked_ms + LEAST_MS;
    return stat(s->where, &is) == 0 && !same_file(&is, &s->seen);
}

enum rc jwks_source_read(struct jwks_source *s, struct jwks **ret, struct error *reterr)
{
    struct buf text;
    buf_init(&text, JWKS_BYTES_MAX + 1);
    enum rc rc = s->remote ? fetch_keys(s, &text, reterr) : read_file(s, &text, reterr);
    if (rc == RC_OK && text.failed)
        rc = error_set(reterr, RC_SETTING, "the key set is larger than %d bytes", JWKS_BYTES_MAX);
    if (rc == RC_OK)
        rc = jwks_read(buf_str(&text), ret, reterr);
    buf_done(&text);
    if (s->remote && rc == RC_SETTING) { /* a page that says "back soon" is no reason to stay down */
        rc = RC_STORE_DOWN;
        if (reterr)
            reterr->code = rc;
    }
    s->failures = rc == RC_OK ? 0 : s->failures + 1;
    s->asked_ms = clock_ms();
    s->next_ms = s->asked_ms + (rc == RC_OK ? EVERY_MS : backoff_ms(s->failures, LEAST_MS, MOST_MS));
    return rc;
}
