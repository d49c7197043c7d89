#include "cli/cli.h"
int command_explain(const struct call *c)
{
    (void)c;
    return EXIT_OK;
}
