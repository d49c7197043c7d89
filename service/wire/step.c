/* Reads what is to be done with a catalogue's version. */
#include "domain/json_read.h"
#include "wire/wire.h"

enum { ACCEPTED_MAX = 1000 };

#define WORD(text)                                                                                                     \
    {                                                                                                                  \
        "" text, sizeof(text) - 1                                                                                      \
    }

static const struct str step_names[] = {
    [STEP_WORD_CHECK] = WORD("check"),       [STEP_WORD_PUBLISH] = WORD("publish"),
    [STEP_WORD_ACTIVATE] = WORD("activate"), [STEP_WORD_DEACTIVATE] = WORD("deactivate"),
    [STEP_WORD_RETIRE] = WORD("retire"),
};
static const struct vocabulary step_vocabulary = { "step", step_names, ARRAY_LEN(step_names) };

static const struct str for_names[] = { WORD("own_clinic"), WORD("all_clinics") };
static const struct vocabulary for_vocabulary = { "for", for_names, ARRAY_LEN(for_names) };

/* A finding that the caller accepts; what the review makes of it, it says itself. */
static void read_accepted(const json_t *entry, const struct where *at, struct faults *faults)
{
    static const struct json_member members[] = {
        { "finding", true }, { "reason", true }, { "item", false },
        { "other", false },  { "items", false }, /* the last: a list */
    };
    struct str text;
    if (!json_read_object(entry, members, ARRAY_LEN(members), at, faults))
        return;
    for (size_t i = 0; i < ARRAY_LEN(members) - 1; i++)
        (void)json_read_str(json_object_get(entry, members[i].name), BODY_BYTES_MAX,
                            WHERE_MEMBER(at, str_of(members[i].name)), faults, &text);
    const json_t *items = json_object_get(entry, "items");
    const struct where *in = WHERE_MEMBER(at, STR("items"));
    size_t n = json_read_array(items, ACCEPTED_MAX, in, faults);
    for (size_t i = 0; i < n; i++)
        (void)json_read_str(json_array_get(items, i), BODY_BYTES_MAX, WHERE_INDEX(in, i), faults, &text);
    if (json_is_array(items) && json_array_size(items) == 0)
        fault_add(faults, FAULT_OUT_OF_RANGE, in, "name one", "the list is empty");
    if (!items == !json_object_get(entry, "item"))
        fault_add(faults, FAULT_CONFLICT, at, "give item or items",
                  "one of item and items says what it is accepted for");
}

enum rc read_step(struct str body, struct faults *faults, struct step_request *ret, struct error *reterr)
{
    static const struct json_member members[] = { { "step", true }, { "for", false }, { "accepted", false } };
    CLEANUP(json_decrefp) json_t *root = json_parse(body, reterr);
    if (!root)
        return reterr->code;
    int step = 0, whom = 0;
    const struct where top = { 0 };
    const json_t *given = json_object_get(root, "for");
    size_t before = faults->total;
    (void)json_read_object(root, members, ARRAY_LEN(members), &top, faults);
    bool known =
        json_read_word(json_object_get(root, "step"), &step_vocabulary, WHERE_MEMBER(&top, STR("step")), faults, &step);
    (void)json_read_word(given, &for_vocabulary, WHERE_MEMBER(&top, STR("for")), faults, &whom);
    if (known && !given && step == STEP_WORD_ACTIVATE)
        fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(&top, STR("for")), "say \"own_clinic\" or \"all_clinics\"",
                  "for is missing");
    if (known && given && step != STEP_WORD_ACTIVATE && !(step == STEP_WORD_DEACTIVATE && whom == 0))
        fault_add(faults, FAULT_CONFLICT, WHERE_MEMBER(&top, STR("for")), "leave it out",
                  "for does not go with this step");
    const json_t *accepted = json_object_get(root, "accepted");
    const struct where *list = WHERE_MEMBER(&top, STR("accepted"));
    size_t n = json_read_array(accepted, ACCEPTED_MAX, list, faults);
    for (size_t i = 0; i < n; i++)
        read_accepted(json_array_get(accepted, i), WHERE_INDEX(list, i), faults);
    if (known && accepted && step != STEP_WORD_CHECK)
        fault_add(faults, FAULT_CONFLICT, list, "leave it out", "accepted goes with the step \"check\" only");
    if (faults->arena->exhausted)
        return error_oom(reterr);
    size_t found = faults->total - before;
    if (found)
        return error_set(reterr, RC_INVALID_REQUEST, "the request has %zu fault%s", found, found == 1 ? "" : "s");
    *ret = (struct step_request){ (enum step_word)step, whom == 1, accepted != NULL };
    return RC_OK;
}
