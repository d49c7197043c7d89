/* Any bytes as the note of what was in force, beside the catalogues that a service keeps: damaged, or rows that hold
 * together. Under its digest, too, which no change by chance would fit. */
#include <stdlib.h>

#include "base/buf.h"
#include "live/live_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(struct str note)
{
    struct cache_row *rows = NULL;
    struct error err;
    size_t n = 0;
    if (cache_read_note(note, &rows, &n, &err) != RC_OK)
        return;
    if (n == 0 || rows[0].clinic[0])
        abort();
    for (size_t i = 0; i < n; i++)
        if (rows[i].version < 0 || rows[i].overlay < 0 || strlen(rows[i].digest) != DIGEST_TEXT_LEN ||
            (i && strcmp(rows[i - 1].clinic, rows[i].clinic) >= 0))
            abort();
    free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct buf signed_note;
    char digest[DIGEST_TEXT_LEN + 1];
    read_one(text);
    buf_init(&signed_note, 1 << 20);
    buf_add_str(&signed_note, text);
    digest_sha256(text, digest);
    buf_printf(&signed_note, "%s\n", digest);
    if (!signed_note.failed)
        read_one(buf_str(&signed_note));
    buf_done(&signed_note);
    return 0;
}
