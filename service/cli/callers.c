/* Who may call palpate serve: what the settings say of it. */
#include "cli/serve_priv.h"

#include <arpa/inet.h>

bool must_say_who(const struct settings *s)
{
    return s->text[SET_AUTH] ? s->number[SET_AUTH] == AUTH_REQUIRED : s->text[SET_DATABASE] || s->text[SET_JWKS];
}

/* An address that nobody else can reach; also what is none at all, of which the server will speak. */
static bool is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, address, &v6) != 1 || IN6_IS_ADDR_LOOPBACK(&v6);
}

enum rc check_callers(const struct settings *s, struct error *reterr)
{
    bool file;
    if (!must_say_who(s))
        return is_loopback(s->text[SET_LISTEN])
                   ? RC_OK
                   : error_set(reterr, RC_SETTING,
                               "refusing to answer anyone who asks: listen on 127.0.0.1, or give a database with API "
                               "keys or a jwks, with auth required");
    if (!s->text[SET_DATABASE] && !s->text[SET_JWKS])
        return error_set(reterr, RC_SETTING,
                         "auth is required, but there is neither a database with API keys nor a jwks");
    if (s->text[SET_JWKS] && !s->text[SET_JWT_AUDIENCE])
        return error_set(reterr, RC_SETTING,
                         "jwks needs jwt-audience: else tokens that were made for others would be taken");
    if (s->text[SET_JWKS] && !jwks_is_url(s->text[SET_JWKS], &file) && !file)
        return error_set(reterr, RC_SETTING,
                         "jwks is neither a file nor an address that keys can be trusted from: https, or http on this "
                         "machine, without user and password");
    return RC_OK;
}

enum rc start_keyring(const struct settings *s, struct token_rules *rules, struct keyring **ret, struct error *reterr)
{
    if (!must_say_who(s))
        return RC_OK;
    *rules = (struct token_rules){
        .issuer = s->text[SET_JWT_ISSUER],
        .audience = s->text[SET_JWT_AUDIENCE],
        .clinic_claim = s->text[SET_JWT_CLINIC],
        .leeway_s = (int)s->number[SET_JWT_LEEWAY],
    };
    struct keyring_config config = { s->text[SET_DATABASE], s->text[SET_JWKS], rules };
    return keyring_start(&config, ret, reterr);
}
