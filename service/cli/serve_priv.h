/* Shared by the files of palpate serve only. */
#ifndef PALPATE_CLI_SERVE_PRIV_H
#define PALPATE_CLI_SERVE_PRIV_H

#include "cli/cli.h"
#include "http/http.h"

/* Must callers show a key or a token? */
bool must_say_who(const struct settings *s) PURE;
/* Do the settings say who may call, and is that safe where the service listens? */
enum rc check_callers(const struct settings *s, struct error *reterr) MUST_USE;
/* What callers are judged by, as the settings say; *ret stays NULL where nobody has to say who they are. `rules` must
 * outlive the keyring. After check_callers(). */
enum rc start_keyring(const struct settings *s, struct token_rules *rules, struct keyring **ret,
                      struct error *reterr) MUST_USE;

/* Whether decisions are recorded, as the settings say; refuses what cannot be. */
enum rc check_recording(const struct settings *s, enum record_mode *ret, struct error *reterr) MUST_USE;
/* What records and reads records. After check_recording(); stop_recording() accepts what a failure left behind. */
enum rc start_recording(const struct settings *s, enum record_mode mode, struct recording *ret,
                        struct error *reterr) MUST_USE;
void stop_recording(struct recording *r);

#endif
