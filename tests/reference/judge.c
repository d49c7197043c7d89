/* Judges many requests in one process, so that thousands can be compared with the reference: one JSON request a line
 * on standard input, one answer, or problem document, a line on standard output.
 *
 * Usage: judge CATALOGUE-FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "decide/decide.h"
#include "loading.h"
#include "wire/wire.h"

static void judge(const struct catalogue *cat, struct str request, struct arena *arena, struct buf *out)
{
    struct faults faults;
    struct screening screening;
    struct decision decision;
    struct error error = { 0 };
    arena_reset(arena);
    faults_init(&faults, arena);
    enum rc rc = read_screening(request, date_today(), &faults, &screening, &error);
    if (rc == RC_OK)
        error.code = rc = screen(cat, &screening, arena, &faults, &decision);
    buf_reset(out);
    if (rc == RC_OK)
        write_decision(out, &decision);
    else
        write_problem(out, &error, STR(""), &faults);
    buf_add_char(out, '\n');
}

int main(int argc, char **argv)
{
    struct catalogue *cat = argc == 2 ? load_catalogue(argv[1], NULL) : NULL;
    if (!cat) {
        fputs("usage: judge CATALOGUE-FOLDER < requests > answers\n", stderr);
        return EXIT_FAILURE;
    }
    struct arena arena;
    struct buf out;
    char *line = NULL;
    size_t room = 0;
    arena_init(&arena, 0);
    buf_init(&out, ANSWER_BYTES_MAX);
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
        size_t length = (size_t)n - (line[n - 1] == '\n');
        judge(cat, (struct str){ line, length }, &arena, &out);
        fwrite(out.p, 1, out.n, stdout);
    }
    free(line);
    buf_done(&out);
    arena_done(&arena);
    catalogue_unref(cat);
    return ferror(stdout) || fclose(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
