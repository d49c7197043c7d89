/* Runs a fuzz target over files and folders of files, where there is no libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replayed;

static int replay_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    struct stat st;
    if (!in || fstat(fileno(in), &st) != 0) {
        fprintf(stderr, "cannot read %s\n", path);
        return 66;
    }
    uint8_t *data = malloc((size_t)st.st_size + 1);
    size_t n = data ? fread(data, 1, (size_t)st.st_size, in) : 0;
    (void)fclose(in);
    if (data)
        (void)LLVMFuzzerTestOneInput(data, n);
    free(data);
    printf("ok %zu - %s\n", ++replayed, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    return 0;
}

static int replay(const char *path)
{
    struct stat st;
    int status = 0;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "cannot find %s\n", path);
        return 66;
    }
    if (!S_ISDIR(st.st_mode))
        return replay_file(path);
    DIR *d = opendir(path);
    for (const struct dirent *e; d && status == 0 && (e = readdir(d));) {
        char name[4096];
        if (e->d_name[0] == '.')
            continue;
        if (snprintf(name, sizeof(name), "%s/%s", path, e->d_name) < (int)sizeof(name))
            status = replay_file(name);
    }
    if (d)
        (void)closedir(d);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc && status == 0; i++)
        if (argv[i][0] != '-')
            status = replay(argv[i]);
    printf("1..%zu\n", replayed);
    return status ? status : replayed ? 0 : 1;
}
