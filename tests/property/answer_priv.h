/* Shared by the files of answer properties. */
#ifndef PALPATE_TESTS_PROPERTY_ANSWER_PRIV_H
#define PALPATE_TESTS_PROPERTY_ANSWER_PRIV_H

#include "property.h"

bool words_are_known(struct trial *t);
bool pointers_resolve(struct trial *t);
bool is_json(struct trial *t);

#endif
