/* Files of the source tree that are built into the program, so that one binary is enough. Made by gen/embed.c. */
#ifndef PALPATE_GEN_EMBEDDED_H
#define PALPATE_GEN_EMBEDDED_H

#include "base/str.h"

struct embedded {
    const char *name; /* relative to the folder it comes from */
    struct str text;  /* terminated by a zero byte that does not count */
};

extern const struct embedded embedded_catalogue[];
extern const size_t embedded_catalogue_n;
extern const struct embedded embedded_migrations[]; /* in order of name */
extern const size_t embedded_migrations_n;
extern const struct embedded embedded_api[]; /* openapi.json, openapi.yaml */
extern const size_t embedded_api_n;

extern const struct embedded embedded_pages[]; /* the files of api/pages */
extern const size_t embedded_pages_n;

#endif
