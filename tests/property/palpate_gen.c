/* Prints random valid requests, one a line: `palpate-gen --seed N --count N [--rule ID] [--catalogue DIR]`.
 *
 * Request i is that of seed N + i, whatever the count: a request that shows something can be made again alone. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "generate/generate.h"
#include "loading.h"
#include "wire/wire.h"

struct options {
    const char *catalogue, *rule;
    uint64_t seed, count;
};

static int usage(void)
{
    fputs("usage: palpate-gen [--seed N] [--count N] [--rule ID] [--catalogue DIR]\n", stderr);
    return EXIT_FAILURE;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'n' },
        { "rule", required_argument, NULL, 'r' },
        { "catalogue", required_argument, NULL, 'c' },
        { NULL, 0, NULL, 0 },
    };
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) { // NOLINT(concurrency-mt-unsafe): one thread
        if (c == 'r')
            o->rule = optarg;
        else if (c == 'c')
            o->catalogue = optarg;
        else if ((c != 's' && c != 'n') || !read_number(optarg, c == 's' ? &o->seed : &o->count))
            return false;
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    static struct someone who;
    struct options o = { .catalogue = SOURCE_DIR "/sql/catalogue", .seed = 1, .count = 10 };
    struct people people = { .cat = NULL };
    struct buf line;
    if (!read_options(argc, argv, &o))
        return usage();
    struct catalogue *cat = load_catalogue(o.catalogue, NULL);
    int32_t rule = cat && o.rule ? catalogue_find_rule(cat, str_of(o.rule)) : ANY_RULE;
    bool good = cat && (!o.rule || rule >= 0);
    if (cat && !good)
        fprintf(stderr, "palpate-gen: the catalogue has no rule \"%s\"\n", o.rule);
    good = good && people_init(&people, cat);
    buf_init(&line, BODY_BYTES_MAX);
    for (uint64_t i = 0; good && i < o.count; i++) {
        make_someone(&people, o.seed + i, rule, &who);
        buf_reset(&line);
        write_request(&line, &who.s);
        buf_add_char(&line, '\n');
        good = !line.failed && fwrite(line.p, 1, line.n, stdout) == line.n;
    }
    buf_done(&line);
    people_done(&people);
    catalogue_unref(cat);
    return good && fclose(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
