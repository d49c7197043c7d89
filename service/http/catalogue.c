/* What the catalogue in force holds: texts made when it was compiled, served with its digest as their tag. */
#include "http/http_priv.h"

static struct catalogue *take_catalogue(struct exchange *x)
{
    struct catalogue *cat = slot_acquire(http_config_of(x->http)->slot, x->caller.clinic);
    if (!cat)
        reply_error(x, RC_NO_CATALOGUE, "no catalogue is in force");
    return cat;
}

typedef struct str (*finder)(const struct catalogue *cat, const struct language *in, struct str id);

static void reply_text(struct exchange *x, const struct catalogue *cat, struct str text)
{
    if (text.p)
        reply_cached(x, TYPE_JSON, text, cat->digest);
    else
        reply_error(x, RC_NOT_FOUND, "the catalogue in force has no item with this id");
}

/* What is the same in every language. */
static void reply_resource(struct exchange *x, finder find)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = take_catalogue(x);
    if (cat)
        reply_text(x, cat, find(cat, cat->languages, x->id));
}

/* What is there in the language that the client reads best. */
static void reply_translated(struct exchange *x, finder find)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = take_catalogue(x);
    if (!cat)
        return;
    const struct language *in = &cat->languages[negotiated_language(header(x, "Accept-Language"), cat)];
    x->language = in->tag;
    reply_text(x, cat, find(cat, in, x->id));
}

static struct str catalogue_text(const struct catalogue *cat, const struct language *in, struct str unused)
{
    (void)unused;
    (void)in;
    return cat->resource_catalogue;
}

static struct str facts_text(const struct catalogue *cat, const struct language *in, struct str unused)
{
    (void)unused;
    (void)cat;
    return in->resource_facts;
}

static struct str techniques_text(const struct catalogue *cat, const struct language *in, struct str unused)
{
    (void)unused;
    (void)cat;
    return in->resource_techniques;
}

static struct str rules_text(const struct catalogue *cat, const struct language *in, struct str unused)
{
    (void)unused;
    (void)cat;
    return in->resource_rules;
}

static struct str evidence_list_text(const struct catalogue *cat, const struct language *in, struct str unused)
{
    (void)unused;
    (void)in;
    return cat->resource_evidence;
}

static struct str rule_text(const struct catalogue *cat, const struct language *in, struct str id)
{
    int32_t i = catalogue_find_rule(cat, id);
    return i < 0 ? (struct str){ NULL, 0 } : in->rule_resources[i];
}

static struct str evidence_text(const struct catalogue *cat, const struct language *in, struct str id)
{
    (void)in;
    const struct evidence_item *e = catalogue_find_evidence(cat, id);
    return e ? e->resource : (struct str){ NULL, 0 };
}

void get_catalogue(struct exchange *x)
{
    reply_resource(x, catalogue_text);
}

void get_facts(struct exchange *x)
{
    reply_translated(x, facts_text);
}

void get_techniques(struct exchange *x)
{
    reply_translated(x, techniques_text);
}

void get_rules(struct exchange *x)
{
    reply_translated(x, rules_text);
}

void get_rule(struct exchange *x)
{
    reply_translated(x, rule_text);
}

void get_evidence_list(struct exchange *x)
{
    reply_resource(x, evidence_list_text);
}

void get_evidence(struct exchange *x)
{
    reply_resource(x, evidence_text);
}
