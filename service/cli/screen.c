/* palpate screen: one request judged without a server. */
#include "cli/cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "decide/decide.h"
#include "wire/wire.h"

enum rc read_input(const char *name, const char *what, struct buf *into, struct error *reterr)
{
    bool standard = !name || strcmp(name, "-") == 0;
    FILE *in = standard ? stdin : fopen(name, "rb");
    char chunk[8192];
    size_t got = 0;
    if (!in)
        return error_set(reterr, RC_FILE, "cannot read %s: %m", name);
    while (!into->failed && (got = fread(chunk, 1, sizeof(chunk), in)) > 0)
        buf_add(into, chunk, got);
    bool broken = ferror(in) != 0;
    if (!standard)
        (void)fclose(in);
    if (into->failed && into->n + got <= into->ceiling_bytes)
        return error_oom(reterr);
    if (into->failed)
        return error_set(reterr, RC_BODY_TOO_LARGE, "the %s is larger than %zu bytes", what, into->ceiling_bytes);
    return broken ? error_set(reterr, RC_FILE, "cannot read the %s: %m", what) : RC_OK;
}

static int print_answer(const struct call *c, const struct buf *out)
{
    if (!c->pretty) {
        (void)fwrite(out->p, 1, out->n, stdout);
        putchar('\n');
        return EXIT_OK;
    }
    return print_json(buf_str(out));
}

int print_json(struct str text)
{
    json_t *v = json_loadb(text.p, text.n, 0, NULL);
    if (!v || json_dumpf(v, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0)
        return EXIT_SOFTWARE;
    putchar('\n');
    json_decref(v);
    return EXIT_OK;
}

enum rc judge_request(const struct catalogue *cat, struct str language, struct str body, struct faults *faults,
                      struct buf *out, struct error *reterr)
{
    struct screening s;
    struct decision d;
    enum rc rc = read_screening(body, date_today(), faults, &s, reterr);
    if (rc == RC_OK) {
        int32_t found = catalogue_find_language(cat, language);
        s.language = found < 0 ? 0 : (uint32_t)found;
        rc = screen(cat, &s, faults->arena, faults, &d);
        if (rc == RC_INVALID_REQUEST)
            error_set(reterr, rc, "the request has %zu fault%s", faults->total, faults->total == 1 ? "" : "s");
        else if (rc != RC_OK)
            error_oom(reterr);
    }
    if (rc == RC_OK) {
        write_decision(out, &d);
        if (out->failed)
            rc = error_oom(reterr);
    }
    return rc;
}

int command_screen(const struct call *c)
{
    struct buf in, out;
    struct arena arena;
    struct error err;
    int exit_status;
    struct faults *faults = calloc(1, sizeof(*faults));
    buf_init(&in, BODY_BYTES_MAX);
    buf_init(&out, ANSWER_BYTES_MAX);
    arena_init(&arena, 0);
    CLEANUP(catalogue_unrefp) struct catalogue *cat = load_called(c, NULL, &exit_status);
    if (cat && !faults) {
        (void)error_oom(&err);
        exit_status = fail(&err);
    }
    if (cat && faults) {
        faults_init(faults, &arena);
        enum rc rc = read_input(c->operand, "request", &in, &err);
        if (rc == RC_OK)
            rc = judge_request(cat, str_of(c->settings.text[SET_LANGUAGE]), buf_str(&in), faults, &out, &err);
        if (rc == RC_INVALID_REQUEST)
            print_faults(faults);
        exit_status = rc == RC_OK ? print_answer(c, &out) : fail(&err);
    }
    free(faults);
    arena_done(&arena);
    buf_done(&out);
    buf_done(&in);
    return exit_status;
}
