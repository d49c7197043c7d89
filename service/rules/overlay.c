/* A clinic's own rules on top of a catalogue.
 *
 * An overlay can only tighten: for every request, no technique's verdict or could_become, no disposition, no booking
 * and no modification is milder under the catalogue with the overlay than under the catalogue alone. This holds
 * because
 *
 *   - an overlay only adds rules, and sources for them: what the catalogue says stays as it is, word for word. Any
 *     other member, and an id that the catalogue has, is refused when the two are joined;
 *   - what a rule does to a request hangs on the request, on facts and techniques, and on that rule alone (S8, S9,
 * S11): a further rule leaves every other one as it was. Its clearances lift itself, for a clearance acts on the rules
 *     that list what it is for, by their own conditions;
 *   - effects, dispositions and holding join by the graver (S8, S12), modifications by the stricter (S10).
 *
 * Three things do not follow from that, and are looked at in what was compiled:
 *
 *   - a booking is refused where every technique is forbidden, but only while the disposition is below needs_answers;
 *     a rule that asks for clearance, or holds, would turn that into a hold (S16). Such a rule is refused unless some
 *     technique offered by default is never forbidden by the catalogue's milder rules;
 *   - words of modifications are joined by listing them all: a position that the catalogue does not know could be read
 *     as a choice. An overlay uses the catalogue's positions and kinds of hygiene;
 *   - a clearance for a `clearance_only` fact stands for a whole matter, such as severe pain or age, and opens courses
 *     (S14). An overlay asks for none, so that what a clinician signed for a clinic's rule is not taken for more.
 *
 * A course may be another one, because the technique chosen first may be forbidden now: it is one that the catalogue
 * allows as well, within what the catalogue asks for of its technique. Questions may fall away where a graver answer
 * leaves nothing to ask. */
#include "rules/rules_priv.h"

#include <stdlib.h>

#define OVERLAY_PREFIX "x_"

static const struct json_member overlay_members[] = { { "overlay", true }, { "rules", true }, { "evidence", false } };
static const struct json_member head_members[] = {
    { "name", true }, { "version", true }, { "title", true }, { "who", true }
};

enum { NAME_PART_MAX = 24 };

/* ---- the head --------------------------------------------------------------------------------------------- */

/* Lower-case letters, digits and hyphens, and dots where it is a version: they become part of the catalogue's. */
static bool is_name_part(struct str s, bool dots)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (i > 0 && c == '-') || (dots && i > 0 && c == '.')))
            return false;
    }
    return s.n > 0;
}

static struct str read_part(const json_t *head, const char *member, bool dots, const struct where *at,
                            struct faults *faults)
{
    struct str s = { NULL, 0 };
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    if (json_read_str(json_object_get(head, member), NAME_PART_MAX, in, faults, &s) && !is_name_part(s, dots))
        fault_add(faults, FAULT_UNKNOWN_VALUE, in,
                  dots ? "write lower-case letters, digits, hyphens and dots"
                       : "write lower-case letters, digits and hyphens",
                  "it becomes part of the catalogue's version");
    return s;
}

struct head {
    struct str name, version, title;
};

static struct head read_overlay_head(const json_t *overlay, struct faults *faults)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("overlay"));
    const json_t *head = json_object_get(overlay, "overlay");
    struct head h = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    struct str who;
    if (!head || !json_read_object(head, head_members, ARRAY_LEN(head_members), at, faults))
        return h;
    h.name = read_part(head, "name", false, at, faults);
    h.version = read_part(head, "version", true, at, faults);
    (void)json_read_str(json_object_get(head, "title"), NAME_LEN_MAX, WHERE_MEMBER(at, STR("title")), faults, &h.title);
    (void)json_read_str(json_object_get(head, "who"), NAME_LEN_MAX, WHERE_MEMBER(at, STR("who")), faults, &who);
    return h;
}

/* ---- what is its own -------------------------------------------------------------------------------------- */

static bool has_item(const json_t *list, const char *key, struct str id)
{
    const json_t *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *other = json_string_value(json_object_get(item, key));
        if (other && str_eq(str_of(other), id))
            return true;
    }
    return false;
}

/* Rules share their ids' room with whatever else stands as a reason in an answer. */
static const char *taken_by(const json_t *base, struct str id)
{
    static const struct {
        const char *list, *what;
    } lists[] = { { "rules", "a rule" },
                  { "replanning", "a step of re-planning" },
                  { "courses", "a course" },
                  { "adjustments", "an adjustment" },
                  { "evidence", "a source" } };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (has_item(json_object_get(base, lists[i].list), "id", id))
            return lists[i].what;
    return NULL;
}

static void check_id(const json_t *base, struct str id, const struct where *at, struct faults *faults)
{
    const char *owner = taken_by(base, id);
    const size_t n = sizeof(OVERLAY_PREFIX) - 1;
    if (owner)
        fault_add(faults, FAULT_CONFLICT, at, "give it an id of its own, which begins with " OVERLAY_PREFIX,
                  "the catalogue has %s of this id: an overlay adds rules, and neither takes away nor changes one",
                  owner);
    else if (id.n <= n || memcmp(id.p, OVERLAY_PREFIX, n) != 0)
        fault_add(faults, FAULT_UNKNOWN_VALUE, at, "begin it with " OVERLAY_PREFIX,
                  "ids of an overlay begin with " OVERLAY_PREFIX ", so that no catalogue will ever have the same");
}

static void check_items(const json_t *base, const json_t *overlay, const char *list, size_t most, struct faults *faults)
{
    const struct where *at = WHERE_MEMBER(NULL, str_of(list));
    const json_t *items = json_object_get(overlay, list);
    size_t n = json_read_array(items, most, at, faults);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(items, i);
        const struct where *in = WHERE_INDEX(at, i);
        struct str id;
        if (!json_is_object(item))
            fault_add(faults, FAULT_WRONG_TYPE, in, "write one as the catalogue's stand in its files",
                      "expected an object");
        else if (!json_object_get(item, "id"))
            fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(in, STR("id")), "give it", "it has no id");
        else if (json_read_str(json_object_get(item, "id"), ID_LEN_MAX, WHERE_MEMBER(in, STR("id")), faults, &id)) {
            faults->item = id;
            check_id(base, id, WHERE_MEMBER(NULL, STR("id")), faults);
            faults->item = (struct str){ NULL, 0 };
        }
        if (json_object_get(item, "aliases"))
            fault_add(faults, FAULT_UNKNOWN_MEMBER, WHERE_MEMBER(in, STR("aliases")), "leave it out",
                      "an overlay's source has one name");
    }
}

static void check_members(const json_t *overlay, struct faults *faults)
{
    const char *member;
    json_t *value;
    json_object_foreach((json_t *)overlay, member, value)
    {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(overlay_members); i++)
            known |= strcmp(member, overlay_members[i].name) == 0;
        if (!known)
            fault_add(faults, FAULT_UNKNOWN_MEMBER, WHERE_MEMBER(NULL, str_of(member)),
                      "leave it out: an overlay has a head, rules, and sources for them",
                      "an overlay adds rules, and changes nothing else of a catalogue");
    }
    for (size_t i = 0; i < ARRAY_LEN(overlay_members); i++)
        if (overlay_members[i].required && !json_object_get(overlay, overlay_members[i].name))
            fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(NULL, str_of(overlay_members[i].name)), "give it",
                      "an overlay has a head \"overlay\" and a list \"rules\"");
}

/* ---- joining ---------------------------------------------------------------------------------------------- */

static bool append(json_t *base, const json_t *overlay, const char *list, struct str topic)
{
    json_t *into = json_object_get(base, list), *item;
    size_t i;
    if (!into && json_object_set_new(base, list, into = json_array()) != 0)
        return false;
    json_array_foreach(json_object_get(overlay, list), i, item)
    {
        json_t *own = json_deep_copy(item);
        if (topic.p && own && !json_object_get(own, "topic") &&
            json_object_set_new(own, "topic", json_stringn(topic.p, topic.n)) != 0) {
            json_decref(own);
            return false;
        }
        if (json_array_append_new(into, own) != 0)
            return false;
    }
    return true;
}

static enum rc append_all(json_t *base, const json_t *overlay, const struct head *h, struct error *reterr)
{
    const char *version = json_string_value(json_object_get(base, "version"));
    json_t *label = json_sprintf("%s+%.*s.%.*s", version ? version : "", STR_ARGS(h->name), STR_ARGS(h->version));
    bool good = json_object_set_new(base, "version", label) == 0;
    good = good && append(base, overlay, "rules", h->title);
    good = good && append(base, overlay, "evidence", (struct str){ NULL, 0 });
    return good ? RC_OK : error_oom(reterr);
}

static enum rc parse(struct str text, json_t **ret, struct error *reterr)
{
    struct error err = { .code = RC_OK };
    *ret = json_parse(text, &err);
    return *ret ? RC_OK : error_set(reterr, err.code, "%s", err.text);
}

static enum rc read_overlay(struct str text, json_t **ret, struct error *reterr)
{
    if (text.n > OVERLAY_BYTES_MAX)
        return error_set(reterr, RC_BODY_TOO_LARGE, "the overlay is larger than %d bytes", OVERLAY_BYTES_MAX);
    enum rc rc = parse(text, ret, reterr);
    return rc != RC_OK || json_is_object(*ret) ? rc
                                               : error_set(reterr, RC_CATALOGUE_INVALID, "an overlay is an object");
}

static enum rc faults_of(const struct faults *faults, size_t before, struct error *reterr)
{
    if (faults->arena->exhausted)
        return error_oom(reterr);
    if (faults->total == before)
        return RC_OK;
    return error_set(reterr, RC_CATALOGUE_INVALID, "the overlay has %zu fault%s", faults->total - before,
                     faults->total - before == 1 ? "" : "s");
}

/* *ret_n_own: how many rules the overlay has. */
static enum rc join(const struct source_doc *base, struct str text, struct source_doc *ret, uint32_t *ret_n_own,
                    struct faults *faults, struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *overlay = NULL, *doc = NULL;
    size_t before = faults->total;
    enum rc rc = read_overlay(text, &overlay, reterr);
    if (rc == RC_OK)
        rc = parse(base->text, &doc, reterr);
    if (rc != RC_OK)
        return rc;
    faults->item = (struct str){ NULL, 0 };
    check_members(overlay, faults);
    struct head h = read_overlay_head(overlay, faults);
    check_items(doc, overlay, "rules", OVERLAY_RULES_MAX, faults);
    check_items(doc, overlay, "evidence", OVERLAY_RULES_MAX, faults);
    rc = faults_of(faults, before, reterr);
    if (rc == RC_OK)
        rc = append_all(doc, overlay, &h, reterr);
    *ret_n_own = (uint32_t)json_array_size(json_object_get(overlay, "rules"));
    return rc == RC_OK ? source_finish(doc, ret, reterr) : rc;
}

/* ---- what was compiled ------------------------------------------------------------------------------------ */

/* The techniques that a rule may forbid while its disposition stays below needs_answers. */
static uint64_t forbids_softly(const struct rule *r)
{
    if (r->disposition >= DISPOSITION_NEEDS_ANSWERS)
        return 0;
    uint64_t lost = r->clearable_by == NOT_GIVEN ? r->nothing_left : 0;
    return r->effect == VERDICT_NOT_ALLOWED ? r->targets | lost : lost;
}

/* Could the first `n` rules alone refuse a booking without a disposition that does? */
static bool may_refuse_softly(const struct catalogue *cat, uint32_t n)
{
    uint64_t forbidden = 0;
    for (uint32_t i = 0; i < n; i++)
        forbidden |= forbids_softly(&cat->rules[i]);
    for (uint32_t t = 0; t < cat->n_techniques; t++) {
        const struct technique *technique = &cat->techniques[t];
        if (technique->default_offered && !technique->never_offered && !technique->has_offer_when &&
            !(forbidden >> t & 1))
            return false;
    }
    return true;
}

static void check_disposition(const struct rule *r, struct faults *faults)
{
    bool asks = r->disposition == DISPOSITION_CLEARANCE_REQUIRED, holds = r->hold && r->disposition != NOT_GIVEN;
    if (asks || holds)
        fault_add(faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("disposition")),
                  asks ? "leave the disposition out" : "leave the disposition or if_unknown out",
                  "where the catalogue's own rules forbid every technique, its answer is to refuse the booking, and "
                  "this rule would turn that into a hold");
}

static bool catalogue_uses(const struct catalogue *cat, uint32_t n, const struct mod *m)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < cat->rules[i].n_mods; k++)
            if (cat->rules[i].mods[k].kind == m->kind && str_eq(cat->rules[i].mods[k].option, m->option))
                return true;
    return false;
}

static void check_words(const struct catalogue *cat, uint32_t n, const struct rule *r, struct faults *faults)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("modifications"));
    for (uint32_t i = 0; i < r->n_mods; i++) {
        const struct mod *m = &r->mods[i];
        if ((m->kind == MOD_POSITION || m->kind == MOD_HYGIENE) && !catalogue_uses(cat, n, m))
            fault_add(faults, FAULT_UNKNOWN_VALUE, WHERE_MEMBER(WHERE_INDEX(at, i), STR("value")),
                      "use a word that the catalogue's rules use",
                      "the catalogue does not know this %.*s, and beside its own it could be read as a choice",
                      STR_ARGS(mod_table[m->kind].name));
    }
}

static void check_clearance(const struct catalogue *cat, const struct rule *r, struct faults *faults)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("clearance_for"));
    for (uint32_t i = 0; i < r->clearance_for.n; i++)
        if (cat->facts[r->clearance_for.at[i]].clearance_only)
            fault_add(
                faults, FAULT_INCONSISTENT, WHERE_INDEX(at, i), "name a fact that the rule reads",
                "a clearance for this lifts the catalogue's own rules and opens courses, whatever it was asked for");
}

static void check_compiled(const struct catalogue *cat, uint32_t n_base, struct faults *faults)
{
    bool soft = may_refuse_softly(cat, n_base);
    uint32_t terms = 0;
    for (uint32_t i = n_base; i < cat->n_rules; i++) {
        const struct rule *r = &cat->rules[i];
        faults->item = r->id;
        if (soft)
            check_disposition(r, faults);
        check_words(cat, n_base, r, faults);
        check_clearance(cat, r, faults);
        terms += r->when.n_terms;
        if (terms > OVERLAY_TERMS_MAX && terms - r->when.n_terms <= OVERLAY_TERMS_MAX)
            fault_add(faults, FAULT_TOO_MANY, WHERE_MEMBER(NULL, STR("when")), "make the conditions simpler",
                      "the conditions up to here have %u cases together, and an overlay may have %d", terms,
                      OVERLAY_TERMS_MAX);
    }
    faults->item = (struct str){ NULL, 0 };
}

enum rc overlay_new(const struct source_doc *base, struct str overlay, struct source_doc *ret_doc,
                    struct catalogue **ret, struct faults *faults, struct error *reterr)
{
    struct source_doc doc = { 0 };
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    size_t before = faults->total;
    uint32_t n_own;
    enum rc rc = join(base, overlay, &doc, &n_own, faults, reterr);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, faults, reterr);
    if (rc == RC_OK) {
        check_compiled(cat, cat->n_rules - n_own, faults);
        rc = faults_of(faults, before, reterr);
    }
    if (rc != RC_OK || !ret_doc)
        source_done(&doc);
    else
        *ret_doc = doc;
    if (rc == RC_OK)
        *ret = TAKE(cat);
    return rc;
}

enum rc catalogue_of_texts(struct str document, struct str overlay, const char *digest, struct catalogue **ret,
                           struct faults *faults, struct error *reterr)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct source_doc doc = { 0 };
    enum rc rc = source_load_text(document, &doc, reterr);
    if (rc == RC_OK)
        rc = overlay.n ? overlay_new(&doc, overlay, NULL, &cat, faults, reterr)
                       : catalogue_new(&doc, &cat, faults, reterr);
    source_done(&doc);
    if (rc == RC_OK && strcmp(cat->digest, digest) != 0)
        rc = error_set(reterr, RC_CATALOGUE_INVALID, "the content of the catalogue %.12s does not fit its digest",
                       digest);
    if (rc == RC_OK)
        *ret = TAKE(cat);
    return rc;
}

/* ---- at its word ------------------------------------------------------------------------------------------ */

static int32_t place_of_item(const json_t *list, const char *key, const json_t *item)
{
    const char *id = json_string_value(json_object_get(item, key));
    const json_t *other;
    size_t i;
    json_array_foreach(list, i, other)
    {
        const char *name = json_string_value(json_object_get(other, key));
        if (id && name && strcmp(id, name) == 0)
            return (int32_t)i;
    }
    return -1;
}

/* Items of the same id take the place of the catalogue's. */
static bool replace_items(json_t *into, const char *member, json_t *list)
{
    const char *key = strcmp(member, "techniques") == 0 ? "code" : "id";
    json_t *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        int32_t at = place_of_item(into, key, item);
        if (at >= 0 ? json_array_set(into, (size_t)at, item) : json_array_append(into, item))
            return false;
    }
    return true;
}

enum rc overlay_at_its_word(const struct source_doc *base, struct str overlay, struct source_doc *ret,
                            struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *own = NULL, *doc = NULL;
    const char *member;
    json_t *value;
    enum rc rc = read_overlay(overlay, &own, reterr);
    if (rc == RC_OK)
        rc = parse(base->text, &doc, reterr);
    if (rc != RC_OK)
        return rc;
    json_object_foreach(own, member, value)
    {
        json_t *into = json_object_get(doc, member);
        bool lists = json_is_array(into) && json_is_array(value);
        if (strcmp(member, "overlay") == 0)
            continue;
        if (lists ? !replace_items(into, member, value) : json_object_set(doc, member, value) != 0)
            return error_oom(reterr);
    }
    return source_finish(doc, ret, reterr);
}
