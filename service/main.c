/* Owns the process and nothing else. */
#include "cli/cli.h"

#include <locale.h>

extern char **environ;

int main(int argc, char **argv)
{
    (void)setlocale(LC_ALL, "C"); /* numbers are read and written one way, whatever the user's language */
    return cli_main(argc, argv, environ);
}
