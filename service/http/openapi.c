/* The API's own description. */
#include "http/http_priv.h"

void get_openapi_yaml(struct exchange *x)
{
    reply_document(x, "application/yaml", http_config_of(x->http)->openapi_yaml);
}

void get_openapi_json(struct exchange *x)
{
    reply_document(x, TYPE_JSON, http_config_of(x->http)->openapi_json);
}
