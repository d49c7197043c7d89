/* Any bytes as the body of a screening: refused or judged, never a crash, and judged twice the same. */
#include <stdio.h>
#include <stdlib.h>

#include "decide/decide.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalogue *catalogue(void)
{
    static struct catalogue *cat;
    static struct faults faults;
    struct arena arena;
    struct error err;
    struct source_doc doc = { 0 };
    if (cat)
        return cat;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    if (source_load_dir(SOURCE_DIR "/sql/catalogue", &doc, &faults, &err) != RC_OK ||
        catalogue_new(&doc, &cat, &faults, &err) != RC_OK)
        abort();
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

static void judge(struct str body, struct buf *out)
{
    static struct faults faults;
    struct arena arena;
    struct screening s;
    struct decision d;
    struct error err = { .code = RC_OK };
    arena_init(&arena, 64 << 20);
    faults_init(&faults, &arena);
    enum rc rc = read_screening(body, 20777, &faults, &s, &err);
    if (rc == RC_OK)
        rc = screen(catalogue(), &s, &arena, &faults, &d);
    err.code = rc;
    if (rc == RC_OK)
        write_decision(out, &d);
    else
        write_problem(out, &err, STR("/v1/screenings"), &faults);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once, again;
    struct str body = { (const char *)data, size };
    if (size > BODY_BYTES_MAX)
        return 0;
    buf_init(&once, 32 << 20);
    buf_init(&again, 32 << 20);
    judge(body, &once);
    judge(body, &again);
    if (once.failed || !str_eq(buf_str(&once), buf_str(&again)))
        abort();
    buf_done(&once);
    buf_done(&again);
    return 0;
}
