/* yaml2json FILE: writes a YAML document to standard output as JSON. Plain scalars follow the core schema of YAML 1.2:
 * null, true, false, whole numbers and decimals; anything else, and anything quoted, is a string. */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static json_t *scalar(const yaml_node_t *n)
{
    const char *s = (const char *)n->data.scalar.value;
    size_t len = n->data.scalar.length;
    char *end;
    if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return json_stringn(s, len);
    if (len == 0 || strcmp(s, "null") == 0 || strcmp(s, "~") == 0)
        return json_null();
    if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
        return json_boolean(s[0] == 't');
    if (strspn(s, "-0123456789") == len) {
        errno = 0;
        long long v = strtoll(s, &end, 10);
        if (*end == '\0' && errno == 0)
            return json_integer(v);
    }
    if (strspn(s, "-+.eE0123456789") == len && strpbrk(s, "0123456789")) {
        double v = strtod(s, &end);
        if (*end == '\0')
            return json_real(v);
    }
    return json_stringn(s, len);
}

static json_t *convert(yaml_document_t *doc, const yaml_node_t *n)
{
    if (n->type == YAML_SCALAR_NODE)
        return scalar(n);
    if (n->type == YAML_SEQUENCE_NODE) {
        json_t *list = json_array();
        for (const yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
            if (json_array_append_new(list, convert(doc, yaml_document_get_node(doc, *i))) != 0)
                return NULL;
        return list;
    }
    json_t *object = json_object();
    for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(doc, p->key);
        const char *name = (const char *)key->data.scalar.value;
        if (key->type != YAML_SCALAR_NODE || json_object_get(object, name)) {
            fprintf(stderr, "yaml2json: line %zu: a key that is no text or stands twice\n", key->start_mark.line + 1);
            json_decref(object);
            return NULL;
        }
        if (json_object_set_new(object, name, convert(doc, yaml_document_get_node(doc, p->value))) != 0)
            return NULL;
    }
    return object;
}

static int convert_file(FILE *in)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser))
        return 70;
    yaml_parser_set_input_file(&parser, in);
    if (!yaml_parser_load(&parser, &doc)) {
        fprintf(stderr, "yaml2json: line %zu: %s\n", parser.problem_mark.line + 1, parser.problem);
        yaml_parser_delete(&parser);
        return 65;
    }
    json_t *json = convert(&doc, yaml_document_get_root_node(&doc));
    bool ok = json && json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0 && fflush(stdout) == 0;
    json_decref(json);
    yaml_document_delete(&doc);
    yaml_parser_delete(&parser);
    return ok ? 0 : 65;
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!in) {
        fprintf(stderr, "usage: yaml2json FILE\n");
        return 64;
    }
    int rc = convert_file(in);
    (void)fclose(in);
    return rc;
}
