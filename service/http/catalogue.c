/* What the catalogue in force holds: texts made when it was compiled, served with its digest as their tag. */
#include "http/http_priv.h"

static struct catalogue *take_catalogue(struct exchange *x)
{
    struct catalogue *cat = slot_acquire(http_config_of(x->http)->slot);
    if (!cat)
        reply_error(x, RC_NO_CATALOGUE, "no catalogue is in force");
    return cat;
}

static void reply_resource(struct exchange *x, struct str (*find)(const struct catalogue *, struct str))
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = take_catalogue(x);
    if (!cat)
        return;
    struct str text = find(cat, x->id);
    if (text.p)
        reply_cached(x, TYPE_JSON, text, cat->digest);
    else
        reply_error(x, RC_NOT_FOUND, "the catalogue in force has no item with this id");
}

static struct str catalogue_text(const struct catalogue *cat, struct str unused)
{
    (void)unused;
    return cat->resource_catalogue;
}

static struct str facts_text(const struct catalogue *cat, struct str unused)
{
    (void)unused;
    return cat->resource_facts;
}

static struct str techniques_text(const struct catalogue *cat, struct str unused)
{
    (void)unused;
    return cat->resource_techniques;
}

static struct str rules_text(const struct catalogue *cat, struct str unused)
{
    (void)unused;
    return cat->resource_rules;
}

static struct str evidence_list_text(const struct catalogue *cat, struct str unused)
{
    (void)unused;
    return cat->resource_evidence;
}

static struct str rule_text(const struct catalogue *cat, struct str id)
{
    int32_t i = catalogue_find_rule(cat, id);
    return i < 0 ? (struct str){ NULL, 0 } : cat->rules[i].resource;
}

static struct str evidence_text(const struct catalogue *cat, struct str id)
{
    const struct evidence_item *e = catalogue_find_evidence(cat, id);
    return e ? e->resource : (struct str){ NULL, 0 };
}

void get_catalogue(struct exchange *x)
{
    reply_resource(x, catalogue_text);
}

void get_facts(struct exchange *x)
{
    reply_resource(x, facts_text);
}

void get_techniques(struct exchange *x)
{
    reply_resource(x, techniques_text);
}

void get_rules(struct exchange *x)
{
    reply_resource(x, rules_text);
}

void get_rule(struct exchange *x)
{
    reply_resource(x, rule_text);
}

void get_evidence_list(struct exchange *x)
{
    reply_resource(x, evidence_list_text);
}

void get_evidence(struct exchange *x)
{
    reply_resource(x, evidence_text);
}
