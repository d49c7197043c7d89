/* The certificate that is shown to clients. It can be read again while connections are open: each keeps the one it was
 * opened with. TLS 1.2 and 1.3 only. Safe from any thread. */
#ifndef PALPATE_HTTP_TLS_H
#define PALPATE_HTTP_TLS_H

#include <gnutls/abstract.h>

#include "base/error.h"

struct tls;
struct tls_credentials;

/* Files in PEM; the certificate's holds the whole chain, the server's own first. The paths must outlive the object. */
enum rc tls_open(const char *certificate, const char *key, struct tls **ret, struct error *reterr) MUST_USE;
void tls_close(struct tls *t);
/* Reads the files again. Where they are wrong the one in use stays. */
enum rc tls_reload(struct tls *t, struct error *reterr) MUST_USE;

/* Hands the one in use to a session before its handshake; to be released when the session is gone. */
struct tls_credentials *tls_attach(struct tls *t, gnutls_session_t session);
void tls_release(struct tls_credentials *c);

/* For libmicrohttpd, which wants a certificate of its own; each session has been handed ours by then. Finds none. */
gnutls_certificate_retrieve_function2 tls_has_none;

/* What clients may use, for GnuTLS. */
#define TLS_PRIORITIES                                                                                                 \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-SHA1:-AES-128-CBC:-AES-256-CBC:%SERVER_PRECEDENCE"

#endif
