/* A catalogue from its folder, and numbers from the command line. */
#ifndef PALPATE_TESTS_PROPERTY_LOADING_H
#define PALPATE_TESTS_PROPERTY_LOADING_H

#include "rules/rules.h"

/* Tells on standard error what is wrong, and is NULL then. Where `ret_doc` is given it gets the document too, to be
 * freed with source_done(). */
struct catalogue *load_catalogue(const char *dir, struct source_doc *ret_doc) MUST_USE;

bool read_number(const char *text, uint64_t *ret) MUST_USE;

#endif
