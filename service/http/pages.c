/* The pages for people: an intake form to try at /, the API reference at /docs, and the files of both. They are the
 * same for everyone and hold nothing of anyone; what they show they ask of this service, with the key that the visitor
 * gives them. Nothing but files of this service may run, load, frame or be called in them. */
#include "http/http_priv.h"

#include <stdio.h>

static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                             "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
                             "require-trusted-types-for 'script'; trusted-types 'none'";

static const struct {
    const char *ending, *type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".json", TYPE_JSON },
    { ".svg", "image/svg+xml" },
};

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].ending, ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static void reply_file(struct exchange *x, struct str name)
{
    const struct http_config *c = http_config_of(x->http);
    for (size_t i = 0; i < c->n_pages; i++) {
        if (!str_eq(name, str_of(c->pages[i].name)))
            continue;
        reply_header(x, "Content-Security-Policy", policy);
        reply_header(x, "Referrer-Policy", "no-referrer");
        reply_header(x, "Cross-Origin-Opener-Policy", "same-origin");
        reply_header(x, "Cross-Origin-Resource-Policy", "same-origin");
        reply_document(x, type_of(c->pages[i].name), c->pages[i].text);
        return;
    }
    reply_error(x, RC_NOT_FOUND, "there is no such page; see / and /docs for those there are");
}

void get_form_page(struct exchange *x)
{
    reply_file(x, STR("index.html"));
}

void get_docs_page(struct exchange *x)
{
    reply_file(x, STR("docs.html"));
}

void get_page_file(struct exchange *x)
{
    reply_file(x, x->id);
}
