/* A decision as it is handed to the record: one JSON object, whose members are the columns that
 * palpate.record_screenings() reads. */
#include "wire/wire.h"

/* bytea in hexadecimal, as PostgreSQL reads it. */
static void out_bytes(struct json_out *o, const char *member, const char *hex)
{
    char text[2 + DIGEST_TEXT_LEN] = "\\x";
    memcpy(text + 2, hex, DIGEST_TEXT_LEN);
    out_str(o, member, (struct str){ text, sizeof(text) });
}

void write_record(struct buf *b, const struct record *r)
{
    struct json_out out = { b, false }, *o = &out;
    const struct decision *d = r->decision;
    out_open(o, NULL, '{');
    out_str(o, "clinic", str_of(r->caller->clinic));
    out_str(o, "id", str_of(r->id));
    out_str(o, "key", str_of(r->caller->key));
    out_str(o, "catalogue_digest", d->catalogue_digest);
    out_date(o, "as_of", d->as_of);
    out_str(o, "language", r->language);
    out_bytes(o, "request_digest", r->request_digest);
    out_bytes(o, "answer_digest", r->answer_digest);
    out_str(o, "disposition", disposition_name(d->disposition));
    out_str(o, "booking", booking_name(d->booking));
    out_open(o, "verdicts", '{');
    for (size_t i = 0; i < d->n_techniques; i++) {
        char code[ID_LEN_MAX + 1];
        struct str c = d->techniques[i].code;
        size_t n = c.n < ID_LEN_MAX ? c.n : ID_LEN_MAX;
        memcpy(code, c.p, n);
        code[n] = '\0';
        out_str(o, code, verdict_name(d->techniques[i].verdict));
    }
    out_close(o, '}');
    out_open(o, "warnings", '[');
    for (size_t i = 0; i < d->n_warnings; i++)
        out_str(o, NULL, d->warnings[i].code);
    out_close(o, ']');
    out_str_if(o, "subject_ref", d->ref);
    out_int(o, "duration_us", r->duration_us);
    if (r->caller->keeps_payload)
        out_str(o, "payload", r->request);
    if (r->key_hash) {
        out_bytes(o, "key_hash", r->key_hash);
        out_bytes(o, "fingerprint", r->fingerprint);
    }
    out_close(o, '}');
}
