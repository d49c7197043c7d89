/* Whether palpate serve records what it decides: what the settings say of it. */
#include "cli/serve_priv.h"

enum rc check_recording(const struct settings *s, enum record_mode *ret, struct error *reterr)
{
    bool can = s->text[SET_DATABASE] && must_say_who(s);
    *ret = s->text[SET_RECORD] ? (enum record_mode)s->number[SET_RECORD] : can ? RECORD_REQUIRED : RECORD_OFF;
    if (*ret == RECORD_OFF || can)
        return RC_OK;
    return error_set(reterr, RC_SETTING,
                     s->text[SET_DATABASE]
                         ? "record needs auth: a record says which clinic asked; set auth=required, or record=off"
                         : "record needs a database to record in: set database, or record=off");
}

enum rc start_recording(const struct settings *s, enum record_mode mode, struct recording *ret, struct error *reterr)
{
    const char *database = s->text[SET_DATABASE];
    enum rc rc = RC_OK;
    *ret = (struct recording){ .mode = mode, .timeout_ms = (int)s->number[SET_RECORD_TIMEOUT] };
    if (database && must_say_who(s))
        rc = pool_new(database, &ret->pool, reterr);
    if (rc == RC_OK && mode != RECORD_OFF)
        rc = shelf_new(ret->pool, &ret->shelf, reterr);
    if (rc == RC_OK && mode != RECORD_OFF)
        rc = recorder_start(database, &ret->recorder, reterr);
    return rc;
}

void stop_recording(struct recording *r)
{
    recorder_stop(r->recorder);
    shelf_free(r->shelf);
    pool_free(r->pool);
}
