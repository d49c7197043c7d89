/* Any bytes as the value of a header field, of a parameter, of a small text: what is made of them keeps its form. */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/log.h"
#include "base/uuid.h"
#include "http/http_priv.h"
#include "live/tiny_catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static bool is_digits(const char *s, const char *digits, size_t n)
{
    return strlen(s) == n && strspn(s, digits) == n;
}

/* An id that goes into the log and the answer holds nothing else of the client's. */
static void ids(const char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    char request[REQUEST_ID_TEXT_BYTES], trace[TRACE_ID_TEXT_BYTES];
    request_id_take(text, request);
    trace_id_take(text, trace);
    must(is_digits(request, hex, 32) || uuid_is(str_of(request)));
    must(is_digits(trace, "0123456789abcdef", 32) && strspn(trace, "0") < 32);
}

static void lists(const char *text, const struct catalogue *cat)
{
    struct str item;
    size_t n = 0;
    int32_t revision = 0;
    for (const char *rest = text; next_item(&rest, &item); n++) {
        must(item.n && item.p >= text && item.p + item.n <= rest);
        must(!strchr(" \t,", item.p[0]) && !strchr(" \t", item.p[item.n - 1]));
        if (revision_of_tag(item, 7, &revision)) {
            char again[32];
            must(revision > 0);
            (void)snprintf(again, sizeof(again), "\"7-%d\"", revision);
            must(str_eq(item, str_of(again)));
        }
    }
    must(n <= strlen(text));
    must(negotiated_language(text, cat) < cat->n_languages);
    (void)accepts(text, TYPE_JSON);
    must(!matches_etag(text, "\"none of these\"") || strchr(text, '*') || strstr(text, "none of these"));
    must(!is_json_type(text) || strncasecmp(text, TYPE_JSON, strlen(TYPE_JSON)) == 0);
}

static void keys(const char *text)
{
    char key[IDEMPOTENCY_KEY_LEN_MAX];
    size_t n = 0;
    if (read_idempotency_key(text, key, &n)) {
        must(n > 0 && n <= sizeof(key));
        for (size_t i = 0; i < n; i++)
            must(key[i] >= ' ' && key[i] <= '~');
    }
}

static void decoding(struct str text)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct str plain = decode(&arena, text);
    must(plain.n <= text.n);
    if (!text.n || !memchr(text.p, '%', text.n))
        must(str_eq(plain, text));
    arena_done(&arena);
}

static void words(struct str text)
{
    char again[DATE_TEXT_LEN + 1];
    enum log_level level;
    enum scope scope;
    int32_t day;
    if (date_parse(text, &day)) {
        date_format(day, again);
        must(str_eq(text, str_of(again)));
    }
    must(!is_language_tag(text) || is_language_range(text));
    if (is_language_range(text)) {
        must(language_matches(text, text));
        for (struct str r = text; r.n;) {
            struct str shorter = language_shortened(r);
            must(shorter.n < r.n && language_matches(shorter, text) == (shorter.n > 0));
            r = shorter;
        }
    }
    must(!is_clinic_id(text) || text.n < CLINIC_BYTES);
    must(scopes_among(text) < 1U << SCOPE_COUNT_);
    must(!scope_from_name(text, &scope) || str_eq(text, str_of(scope_name(scope))));
    (void)log_level_from_name(text, &level);
}

/* Keys are fetched over https, or from this machine. */
static void addresses(const char *text)
{
    bool file;
    if (jwks_is_url(text, &file))
        must(!file && (strncasecmp(text, "https:", 6) == 0 || strncasecmp(text, "http:", 5) == 0) &&
             strstr(text, "://"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct catalogue *cat;
    char *text = malloc(size + 1);
    if (!cat)
        cat = tiny_catalogue(1);
    if (!text || size > 16 * 1024) { /* the bound on a header */
        free(text);
        return 0;
    }
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    ids(text);
    lists(text, cat);
    keys(text);
    decoding((struct str){ text, size });
    words((struct str){ text, size });
    addresses(text);
    free(text);
    return 0;
}
