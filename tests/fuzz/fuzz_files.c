/* Any bytes as a catalogue's files, each its name, a line end and its text, with zero bytes between them: refused with
 * faults, or one document, which read again is the same. */
#include <stdlib.h>

#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MAX = 32 };

static size_t cut(char *text, const char *end, struct source_file files[static FILES_MAX])
{
    size_t n = 0;
    for (char *at = text; at < end && n < FILES_MAX; at += strlen(at) + 1) {
        char *line_end = strchr(at, '\n');
        if (!line_end)
            continue;
        files[n++] = (struct source_file){ at, str_of(line_end + 1) };
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct faults faults;
    struct source_file files[FILES_MAX];
    struct source_doc doc = { 0 }, again = { 0 };
    struct arena arena;
    struct error err = { .code = RC_OK };
    char *text = calloc(1, size + 1), *names[FILES_MAX] = { NULL };
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    arena_init(&arena, 64 << 20);
    faults_init(&faults, &arena);
    size_t n = cut(text, text + size, files);
    for (size_t i = 0; i < n; i++)
        files[i].name = names[i] = strndup(files[i].name, strcspn(files[i].name, "\n"));
    enum rc rc = source_load_files(files, n, &doc, &faults, &err);
    if ((rc == RC_CATALOGUE_INVALID) != (faults.total > 0))
        abort();
    if (rc == RC_OK && (source_load_text(doc.text, &again, &err) != RC_OK || strcmp(doc.digest, again.digest) != 0))
        abort();
    source_done(&again);
    source_done(&doc);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(text);
    arena_done(&arena);
    return 0;
}
