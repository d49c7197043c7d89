/* Any bytes as an answer that is to be explained: refused, or a page that no text in it can leave. */
#include <stdlib.h>

#include "cli/explain.h"
#include "domain/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const json_t *answer)
{
    static struct explained x;
    x = (struct explained){ .answer = answer };
    page_init(&x.page);
    explain_page(&x);
    if (!page_failed(&x.page))
        for (size_t i = 0; i < x.page.out.n; i++)
            if (((unsigned char)x.page.out.p[i] < ' ' && x.page.out.p[i] != '\n') || x.page.out.p[i] == 0x7f)
                abort();
    page_done(&x.page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = { .code = RC_OK };
    CLEANUP(json_decrefp) json_t *doc = json_parse((struct str){ (const char *)data, size }, &err);
    if (doc && explain_check(doc, &err) == RC_OK)
        look_at(doc);
    else if (!err.text[0])
        abort(); /* refused without a reason */
    return 0;
}
