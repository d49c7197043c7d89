/* Any lines as the environment, and as options: refused with a sentence that repeats no value, or settings within their
 * bounds. */
#include <stdlib.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 64 };

/* Cuts the text at its line ends. */
static size_t cut(char *text, char *lines[static LINES_MAX + 1])
{
    size_t n = 0;
    for (char *save, *line = strtok_r(text, "\n", &save); line && n < LINES_MAX; line = strtok_r(NULL, "\n", &save))
        lines[n++] = line;
    lines[n] = NULL;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s;
    struct error err = { .code = RC_OK };
    char *lines[LINES_MAX + 1], *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    size_t n = cut(text, lines);
    enum rc rc = settings_from_environment(&s, lines, &err);
    if (rc != RC_OK && (rc != RC_SETTING || !err.text[0]))
        abort();
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        char *equals = strchr(lines[i], '=');
        if (!equals)
            continue;
        *equals = '\0';
        rc = settings_set(&s, lines[i], equals + 1, &err);
        if (rc != RC_OK && ((rc != RC_SETTING && rc != RC_USAGE) || !err.text[0]))
            abort();
    }
    if (rc == RC_OK && (s.number[SET_PORT] < 0 || s.number[SET_PORT] > UINT16_MAX || s.number[SET_THREADS] < 1))
        abort();
    free(text);
    return 0;
}
