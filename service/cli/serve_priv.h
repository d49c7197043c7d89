/* Shared by the files of palpate serve only. */
#ifndef PALPATE_CLI_SERVE_PRIV_H
#define PALPATE_CLI_SERVE_PRIV_H

#include "cli/cli.h"
#include "live/live.h"

/* Do the settings say who may call, and is that safe where the service listens? */
enum rc check_callers(const struct settings *s, struct error *reterr) MUST_USE;
/* What callers are judged by, as the settings say; *ret stays NULL where nobody has to say who they are. `rules` must
 * outlive the keyring. After check_callers(). */
enum rc start_keyring(const struct settings *s, struct token_rules *rules, struct keyring **ret,
                      struct error *reterr) MUST_USE;

#endif
