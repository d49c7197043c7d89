/* Who calls, and may they? RFC 6750 without its hints: whoever sends a key that is no good learns nothing from us about
 * why. */
#include "http/http_priv.h"

#include <strings.h>

/* The field Authorization, NULL when there is none. False when there are several: which of them would count is not
 * said. */
static bool read_authorization(const struct exchange *x, const char **ret)
{
    const struct _u_map *fields = x->req->map_header;
    *ret = NULL;
    for (int i = 0; i < fields->nb_values; i++) {
        if (strcasecmp(fields->keys[i], "Authorization") != 0)
            continue;
        if (*ret || strchr(fields->values[i], ',')) /* ulfius joins fields of one spelling with a comma */
            return false;
        *ret = fields->values[i];
    }
    return true;
}

/* What follows "Bearer "; nothing where there is another scheme or none. */
static struct str bearer_credential(const char *value)
{
    static const char scheme[] = "Bearer ";
    if (!value || strncasecmp(value, scheme, sizeof(scheme) - 1) != 0)
        return (struct str){ NULL, 0 };
    value += sizeof(scheme) - 1;
    return str_of(value + strspn(value, " "));
}

static bool refuse(struct exchange *x, enum rc rc)
{
    if (rc == RC_FORBIDDEN) {
        reply_header(x, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
        reply_error(x, rc, "this resource needs a scope that the key or token does not have");
    } else if (rc == RC_STORE_DOWN) {
        reply_error(x, rc, "could not judge the key or token: what it is compared with has not been read yet");
    } else {
        reply_header(x, "WWW-Authenticate", "Bearer");
        reply_error(x, rc, "send a key or token that is valid as Authorization: Bearer KEY");
    }
    return false;
}

bool takes_document(const struct http *h, struct MHD_Connection *c, const char *method, const char *url)
{
    struct keyring *keyring = http_config_of(h)->keyring;
    struct caller caller;
    bool stores = (strcmp(method, "POST") == 0 && strcmp(url, "/v1/catalogues") == 0) ||
                  (strcmp(method, "PUT") == 0 && strcmp(url, "/v1/overlay") == 0);
    if (!keyring || !stores)
        return false;
    const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    struct str credential = bearer_credential(value ? value : "");
    return credential.n && keyring_judge(keyring, credential, &caller) == RC_OK &&
           caller.scopes & 1U << SCOPE_CATALOGUE_WRITE;
}

bool authorized(struct exchange *x, int needs)
{
    struct keyring *keyring = http_config_of(x->http)->keyring;
    if (!keyring)
        x->caller = (struct caller){ .scopes = ~0U };
    if (needs == ROUTE_OPEN || needs == ROUTE_PAGE || (!keyring && needs != ROUTE_UNSTATED))
        return true;
    const char *value;
    if (!read_authorization(x, &value)) {
        reply_error(x, RC_MALFORMED_REQUEST, "send one field Authorization, with one credential");
        return false;
    }
    struct str credential = bearer_credential(value);
    enum rc rc =
        credential.n && needs != ROUTE_UNSTATED ? keyring_judge(keyring, credential, &x->caller) : RC_UNAUTHORIZED;
    if (rc == RC_OK && needs >= ROUTE_SCOPE && !(x->caller.scopes & 1U << (needs - ROUTE_SCOPE)))
        rc = RC_FORBIDDEN;
    return rc == RC_OK || refuse(x, rc);
}
