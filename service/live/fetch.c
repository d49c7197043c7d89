/* The only user of libcurl's transfers. */
#include "live/fetch.h"

#include <curl/curl.h>
#include <strings.h>

static size_t take_part(char *p, size_t size, size_t n, void *to)
{
    struct buf *text = to;
    buf_add(text, p, size * n);
    return text->failed ? 0 : size * n;
}

static int ask_whether_to_stop(void *asked, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct fetch *f = asked;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return f->give_up && atomic_load(f->give_up);
}

static bool prepare(CURL *c, const struct fetch *f, struct buf *text)
{
    bool plain = strncasecmp(f->url, "http:", 5) == 0;
    return curl_easy_setopt(c, CURLOPT_URL, f->url) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           (!f->direct || curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == CURLE_OK) &&
           (!f->any_name || (curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
                             curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK)) &&
           curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, f->timeout_ms) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, f->connect_ms) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_USERAGENT, "palpate") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_part) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, text) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, ask_whether_to_stop) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_XFERINFODATA, f) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
}

const char *fetch(const struct fetch *f, struct buf *text, long *ret_status)
{
    CURL *c = curl_easy_init();
    if (!c || !prepare(c, f, text)) {
        curl_easy_cleanup(c);
        return "out of memory";
    }
    CURLcode code = curl_easy_perform(c);
    *ret_status = 0;
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
    curl_easy_cleanup(c);
    return code == CURLE_OK || text->failed ? NULL : curl_easy_strerror(code);
}
