#include "property.h"
const struct property explained_properties[] = { { .name = NULL } };
