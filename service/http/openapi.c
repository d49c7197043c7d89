/* The API's own description. */
#include "http/http_priv.h"

static void reply_document(struct exchange *x, const char *type, struct str text)
{
    char digest[DIGEST_TEXT_LEN + 1];
    digest_sha256(text, digest);
    reply_cached(x, type, text, digest);
}

void get_openapi_yaml(struct exchange *x)
{
    reply_document(x, "application/yaml", http_config_of(x->http)->openapi_yaml);
}

void get_openapi_json(struct exchange *x)
{
    reply_document(x, TYPE_JSON, http_config_of(x->http)->openapi_json);
}
