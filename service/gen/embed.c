/* embed SYMBOL FOLDER NAME... : writes a C file to standard output that holds the files FOLDER/NAME. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_string(FILE *in)
{
    int c, column = 0;
    fputs("    \"", stdout);
    while ((c = getc(in)) != EOF) {
        if (column > 90) {
            fputs("\"\n    \"", stdout);
            column = 0;
        }
        if (c == '\n')
            column += printf("\\n");
        else if (c == '"' || c == '\\')
            column += printf("\\%c", c);
        else if (c < 0x20 || c >= 0x7f || c == '?') /* octal: ends after three digits, whatever follows */
            column += printf("\\%03o", (unsigned)c);
        else
            column += printf("%c", c);
    }
    fputs("\"", stdout);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: embed SYMBOL FOLDER NAME...\n", stderr);
        return 64;
    }
    printf("#include \"gen/embedded.h\"\n\n");
    for (int i = 3; i < argc; i++) {
        char path[4096];
        if (snprintf(path, sizeof(path), "%s/%s", argv[2], argv[i]) >= (int)sizeof(path))
            return 70;
        FILE *in = fopen(path, "rb");
        if (!in) {
            fprintf(stderr, "embed: cannot read %s: %m\n", path);
            return 66;
        }
        printf("static const char file_%d[] =\n", i - 3);
        write_string(in);
        printf(";\n");
        (void)fclose(in);
    }
    printf("\nconst struct embedded %s[] = {\n", argv[1]);
    for (int i = 3; i < argc; i++)
        printf("    { \"%s\", { file_%d, sizeof(file_%d) - 1 } },\n", argv[i], i - 3, i - 3);
    printf("};\nconst size_t %s_n = %d;\n", argv[1], argc - 3);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 74;
}
