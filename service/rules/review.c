/* The review of a catalogue that has no faults: is all of it of use, and does it say one thing at a time?
 *
 * Faults keep a catalogue from being loaded; findings are for those who write it. Each check claims only what holds
 * for every request, so that a finding is worth a look; what a bounded search does not decide is a finding, too. What
 * was looked at and is meant so is accepted in a file of its own, with the reason. */
#include "rules/review_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const code_names[] = {
#define X(id, wire_name) [id] = wire_name,
    REVIEW_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(code_names) == REVIEW_COUNT_, "every finding has a name");

const char *review_code_name(enum review_code code)
{
    return code_names[code];
}

enum { DETAIL_BYTES = 512 };

void review_add(struct review_job *j, enum review_code code, struct review_item item, const char *remedy,
                const char *detail_fmt, ...)
{
    char detail[DETAIL_BYTES];
    va_list args;
    va_start(args, detail_fmt);
    (void)vsnprintf(detail, sizeof(detail), detail_fmt, args);
    va_end(args);
    struct review_finding f = {
        .code = code,
        .kind = item.kind,
        .item = item.id,
        .other = item.other,
        .detail = arena_str(j->arena, str_of(detail)),
        .remedy = str_of(remedy),
    };
    j->oom |= !f.detail.p || !VEC_PUSH(j->arena, &j->found, f);
}

bool review_sure(struct review_job *j, enum sat answer, struct review_item item, const char *question)
{
    if (answer == SAT_NOT_DECIDED && *j->sat->work > 0)
        review_add(j, REVIEW_NOT_DECIDED, item, "make the condition simpler",
                   "the search ended before it was decided %s%s%.*s", question, item.other.n ? " " : "",
                   STR_ARGS(item.other));
    return answer == SAT_YES;
}

/* ---- accepted findings ------------------------------------------------------------------------------------ */

struct acceptance {
    struct str code, other, reason;
    uint32_t n; /* findings there were before any was accepted */
};

static struct str text_of(struct review_job *j, const json_t *v)
{
    const char *text = json_string_value(v);
    struct str s = text && *text ? arena_str(j->arena, str_of(text)) : (struct str){ NULL, 0 };
    j->oom |= text && *text && !s.p;
    return s;
}

static void accept(struct review_job *j, const struct acceptance *a, struct str item)
{
    uint32_t met = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        struct review_finding *f = &j->found.at[i];
        if (!str_eq(str_of(review_code_name(f->code)), a->code) || !str_eq(f->item, item) ||
            (a->other.p && !str_eq(f->other, a->other)))
            continue;
        f->reason = a->reason;
        met++;
    }
    if (met == 0)
        review_add(j, REVIEW_ACCEPTED_UNUSED, (struct review_item){ "file", STR(ACCEPTED_FILE), item }, "take it out",
                   "there is no finding %.*s of %.*s%s%.*s any more", STR_ARGS(a->code), STR_ARGS(item),
                   a->other.n ? " and " : "", STR_ARGS(a->other));
}

/* Only members that are known, each of its type; `items` where one reason holds for several. */
static bool well_formed(const json_t *entry)
{
    static const char *const texts[] = { "finding", "item", "other", "reason" };
    const json_t *items = json_object_get(entry, "items");
    size_t known = json_is_array(items) && json_array_size(items) > 0;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        known += json_string_length(json_object_get(entry, texts[i])) > 0;
    for (size_t i = 0; i < json_array_size(items); i++)
        if (json_string_length(json_array_get(items, i)) == 0)
            return false;
    return known == json_object_size(entry) && json_object_get(entry, "finding") && json_object_get(entry, "reason") &&
           !json_object_get(entry, "item") != !items;
}

static void accept_entry(struct review_job *j, const json_t *entry, size_t index, uint32_t n)
{
    if (!well_formed(entry)) {
        review_add(j, REVIEW_ACCEPTED_INVALID, (struct review_item){ "file", STR(ACCEPTED_FILE), { NULL, 0 } },
                   "give finding, item or items, and reason; other where two are compared",
                   "entry %zu is not a finding that is accepted", index);
        return;
    }
    const json_t *items = json_object_get(entry, "items");
    const struct acceptance a = { .code = text_of(j, json_object_get(entry, "finding")),
                                  .other = text_of(j, json_object_get(entry, "other")),
                                  .reason = text_of(j, json_object_get(entry, "reason")),
                                  .n = n };
    if (!items)
        accept(j, &a, text_of(j, json_object_get(entry, "item")));
    for (size_t i = 0; i < json_array_size(items); i++)
        accept(j, &a, text_of(j, json_array_get(items, i)));
}

void review_accepted(struct review_job *j, struct str text)
{
    const struct review_item here = { "file", STR(ACCEPTED_FILE), { NULL, 0 } };
    struct error err;
    if (!text.p)
        return;
    CLEANUP(json_decrefp) json_t *doc = json_parse(text, &err);
    const json_t *list = json_object_get(doc, "accepted");
    uint32_t n = j->found.n;
    if (!doc)
        j->oom |= err.code == RC_OOM;
    if (!json_is_array(list)) {
        review_add(j, REVIEW_ACCEPTED_INVALID, here, "write {\"accepted\": [...]}", "%s",
                   doc ? "the file has no list of accepted findings" : err.text);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        accept_entry(j, json_array_get(list, i), i, n);
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

enum rc catalogue_review(const struct catalogue *cat, struct str accepted, struct arena *arena, struct review *ret,
                         struct error *reterr)
{
    struct review_job j = { .cat = cat, .arena = arena, .sat = satisfier_new(cat, arena) };
    if (!j.sat)
        return error_oom(reterr);
    review_rules(&j);
    review_clearances(&j);
    review_courses(&j);
    review_facts(&j);
    review_texts(&j);
    if (*j.sat->work == 0)
        review_add(&j, REVIEW_NOT_DECIDED, (struct review_item){ "catalogue", cat->name, { NULL, 0 } },
                   "make the conditions simpler, or the catalogue smaller",
                   "the review took too long, and what it says of rules and courses is not all");
    review_accepted(&j, accepted);
    if (j.oom)
        return error_oom(reterr);
    *ret = (struct review){ .at = j.found.at, .n = j.found.n };
    for (uint32_t i = 0; i < ret->n; i++)
        ret->n_accepted += ret->at[i].reason.p != NULL;
    return RC_OK;
}
