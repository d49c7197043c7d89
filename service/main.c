/* Owns the process and nothing else. */
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/cli.h"

extern char **environ;

/* The process holds keys and health data: no core file, nothing of it for other processes of the same user to read
 * (memory, environment), and no program that it could start gains rights by that. */
static void keep_to_itself(void)
{
    const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0L);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
}

int main(int argc, char **argv)
{
    keep_to_itself();
    return cli_main(argc, argv, environ);
}
