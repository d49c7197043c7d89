/* Shared by the tests of the command line: runs the program in a process of its own and keeps what it wrote. Comes
 * before test.h, because cmocka has a macro called fail. */
#ifndef PALPATE_TESTS_CLI_RUNNING_H
#define PALPATE_TESTS_CLI_RUNNING_H

#include "cli/cli.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"

enum { WORDS_MAX = 8, OUTPUT_BYTES = 1 << 18 };

struct call_row {
    const char *words[WORDS_MAX]; /* after the program's name */
    const char *variable;         /* the environment; may be NULL */
    const char *input;            /* standard input; may be NULL */
    int exit_status;
    const char *out, *errors; /* what must stand there; NULL: nothing may */
};

static char out[OUTPUT_BYTES], errors[OUTPUT_BYTES];

/* A file without a name that holds this text. */
static inline int temporary(const char *text)
{
    int fd = memfd_create("test", 0);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static inline void read_all(int fd, char *text)
{
    ssize_t n = pread(fd, text, OUTPUT_BYTES - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    (void)close(fd);
}

/* Runs the program in a process of its own. */
static inline int run(const struct call_row *row, long fail_at)
{
    char *words[WORDS_MAX + 2] = { (char *)"palpate" }, *environment[] = { (char *)row->variable, NULL };
    int argc = 1, status, in = temporary(row->input ? row->input : ""), to = temporary(""), err = temporary("");
    for (; argc <= WORDS_MAX && row->words[argc - 1]; argc++)
        words[argc] = (char *)row->words[argc - 1];
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(in, STDIN_FILENO);
        (void)dup2(to, STDOUT_FILENO);
        (void)dup2(err, STDERR_FILENO);
        alloc_fail_at(fail_at);
        exit(cli_main(argc, words, environment));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    read_all(to, out);
    read_all(err, errors);
    (void)close(in);
    if (!WIFEXITED(status))
        fail_msg("ended by signal %d: %s", WTERMSIG(status), errors);
    return WEXITSTATUS(status);
}

static inline void check(const struct call_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct call_row *r = &rows[i];
        int status = run(r, 0);
        if (status != r->exit_status || (r->out ? !strstr(out, r->out) : *out != '\0') ||
            (r->errors ? !strstr(errors, r->errors) : *errors != '\0'))
            fail_msg("row %zu, palpate %s %s: %d, not %d; out: %.300s; errors: %.300s", i,
                     r->words[0] ? r->words[0] : "", r->words[0] && r->words[1] ? r->words[1] : "", status,
                     r->exit_status, out, errors);
        if (r->errors && strncmp(r->errors, "palpate: ", 9) == 0 && strncmp(errors, "palpate: ", 9) != 0)
            fail_msg("row %zu: %s", i, errors);
        if (strstr(errors, "s3cret") || strstr(out, "s3cret"))
            fail_msg("row %zu: a value is repeated: %s", i, errors);
    }
}

#endif
