/* The review: a catalogue that is clean, and one slip put into it at a time. */
#include "rules/doc.h"

/* Of each kind of item one or more, all of use. */
static json_t *clean_document(void)
{
    return doc_of((struct parts){
        .facts = "[{'id': 'a', 'attributes': ['date', 'region', 'grade'], 'valid_days': 9},"
                 " {'id': 'b', 'implies': ['a']}, {'id': 'c'}, {'id': 'd'},"
                 " {'id': 'g', 'covers': ['c', 'd'], 'gate': true},"
                 " {'id': 'w', 'ask_if': {'==': [{'var': 'sex'}, 'female']}},"
                 " {'id': 'k', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': ['neck']}]",
        .techniques = "[{'code': 'soft', 'pressure': 3}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat'],"
                      "  'min_pressure': 2, 'offer_when': {'!': {'var': 'w'}}},"
                      " {'code': 'hard', 'never_offered': 'no', 'default_offered': false}]",
        .rules =
            "[{'id': 'gate', 'when': {'and': [{'var': 'g'}, {'!': {'or': [{'var': 'c'}, {'var': 'd'}]}}]},"
            "  'effect': 'clearance_required', 'disposition': 'clearance_required', 'if_unknown': 'hold',"
            "  'severity': 'clearance', 'clearable_by': 'physician', 'clearance_for': ['g'],"
            "  'cleared_effect': 'allowed', 'message': 'gate'},"
            " {'id': 'gentle', 'when': {'var': 'c'}, 'clearable_by': 'physician', 'clearance_for': ['c'],"
            "  'cleared_effect': 'allowed', 'modifications': [{'kind': 'max_pressure', 'value': 2},"
            "  {'kind': 'position', 'value': 'seated'}, {'kind': 'position', 'value': 'supine'}], 'message': 'gentle'},"
            " {'id': 'cap', 'when': {'var': 'c'}, 'modifications': [{'kind': 'max_pressure', 'value': 3}],"
            "  'message': 'cap'},"
            " {'id': 'place', 'when': {'>': [{'var': 'a.grade'}, 2]}, 'regions': 'where_found', 'message': 'place',"
            "  'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]},"
            " {'id': 'heat', 'when': {'and': [{'in': ['neck', {'var': 'severe_complaint_regions'}]},"
            "   {'>': [{'var': 'age_years'}, 60]}]}, 'target': {'==': [{'var': 'heat'}, true]},"
            "  'effect': 'clearance_required', 'severity': 'clearance', 'clearable_by': 'physician',"
            "  'clearance_for': ['k'], 'cleared_effect': 'allowed', 'message': 'heat'},"
            " {'id': 'stop', 'when': {'and': [{'var': 'd'}, {'var': 'w'}]}, 'effect': 'not_allowed',"
            "  'disposition': 'do_not_treat', 'severity': 'absolute', 'message': 'stop'}]",
        .courses = "[{'id': 'neck', 'when': {'in': ['neck', {'var': 'complaint_regions'}]}, 'priority': 20},"
                   " {'id': 'lasting', 'when': {'==': [{'var': 'acuity'}, 'chronic']}, 'priority': 10,"
                   "  'techniques': ['warm', 'soft']}]",
        .adjustments = "[{'id': 'young', 'when': {'<': [{'var': 'age_years'}, 12]}, 'no_course': true, 'reason': 'r'},"
                       " {'id': 'short', 'when': {'var': 'b'}, 'minutes_max': 30, 'techniques_drop': ['warm']}]",
        .replanning = "[{'id': 'better', 'when': {'var': 'improved'}, 'action': 'taper'},"
                      " {'id': 'worse', 'when': {'var': 'worsened'}, 'decides': false, 'action': 'lighten'},"
                      " {'id': 'else', 'when': {'>=': [{'var': 'sessions_done'}, 1]}}]",
        .evidence = "[{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'expert',"
                    "  'verified': 'read', 'aliases': ['e2']},"
                    " {'id': 'h', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'expert',"
                    "  'verified': 'recalled'}]",
        .texts =
            "{'de': {'review': {'status': 'draft'}, 'techniques': {'soft': {'name': 'S'}, 'warm': {'name': 'W'}}}}",
    });
}

#define RULE(id, rest)                                                                                                 \
    "{'id': '" id "', 'severity': 'caution', 'regions': 'systemic', 'note': 'n', 'action': 'b', 'rationale': 'r',"     \
    " 'evidence': ['e'], 'certainty': 'expert', " rest "}"
#define FIRM             "'effect': 'modified', 'message': 'm', "
#define LIFTED(by, what) "'clearable_by': '" by "', 'clearance_for': ['" what "'], 'cleared_effect': 'allowed'"
#define AGED(lo, hi)     "{'and': [{'>': [{'var': 'age_years'}, " #lo "]}, {'<': [{'var': 'age_years'}, " #hi "]}]}"

/* What is put at a place of the document, and the findings it must give: "code kind item [other]" in order. */
static const struct row {
    const char *place, *value, *found;
} rows[] = {
    { "/title", "'Test'", "" },
    /* rules */
    { "/rules/3/when", AGED(60, 50), "rule_never_fires rule place; fact_unread fact a; " },
    { "/rules/3/when", "{'>': [{'var': 'a.grade'}, 5]}", "rule_never_fires rule place; " },
    { "/rules/3/when", "{'and': [{'var': 'b'}, {'!': {'var': 'a'}}]}",
      "rule_never_fires rule place; fact_unread fact a; " },
    { "/rules/-", RULE("x", FIRM "'when': {'and': [{'var': 'd'}, {'var': 'w'}, {'var': 'c'}]}"),
      "rule_shadowed rule x cap; " },
    { "/rules/-",
      RULE("x", FIRM "'when': {'and': [{'var': 'd'}, {'var': 'w'}]}, 'modifications':"
                     " [{'kind': 'max_minutes', 'value': 30}]"),
      "rule_shadowed rule x stop; " },
    { "/rules/-", RULE("x", FIRM "'when': {'var': 'c'}, 'if_unknown': 'hold'"), "" },
    { "/rules/-", RULE("x", FIRM "'when': {'var': 'c'}, 'modifications': [{'kind': 'max_pressure', 'value': 3}]"),
      "rule_shadowed rule x cap; " },
    { "/rules/-", RULE("x", FIRM "'when': {'var': 'c'}, 'modifications': [{'kind': 'max_pressure', 'value': 2}]"),
      "caps_differ rule x cap; " },
    { "/rules/-", RULE("x", FIRM "'when': {'var': 'c'}, 'modifications': [{'kind': 'max_minutes', 'value': 20}]"), "" },
    { "/rules/-", RULE("x", "'effect': 'allowed', 'message': 'cap', 'when': {'var': 'w'}"),
      "message_twice rule x cap; " },
    { "/rules/2/message", "'gentle'", "" },
    { "/rules/1/modifications/-", "{'kind': 'max_pressure', 'value': 1}", "modification_twice rule gentle; " },
    { "/rules/1/modifications/-", "{'kind': 'position', 'value': 'seated'}", "modification_twice rule gentle; " },
    { "/rules/1/modifications/-", "{'kind': 'position', 'value': 'prone'}", "" },
    { "/rules/3/modifications/-", "{'kind': 'avoid_region', 'value': ['neck']}", "" },
    { "/rules/5/modifications", "[{'kind': 'no_oil', 'value': true}]", "modification_unused rule stop; " },
    { "/rules/-",
      RULE("x", FIRM "'when': {'var': 'w'}, 'target': {'==': [{'var': 'heat'}, true]}, 'modifications':"
                     " [{'kind': 'no_heat', 'value': true}]"),
      "nothing_left rule x; " },
    { "/rules/-", RULE("x", FIRM "'when': {'var': 'w'}, 'modifications': [{'kind': 'no_heat', 'value': true}]"), "" },
    /* clearances */
    { "/rules/1/clearance_for", "['c', 'd']", "clearance_unread rule gentle d; " },
    { "/rules/4/when", "{'in': ['hip', {'var': 'complaint_regions'}]}", "clearance_elsewhere rule heat k; " },
    { "/rules/4/clearance_for", "['a']", "clearance_unread rule heat a; clearance_unnamed fact k; " },
    { "/rules/1/when", "{'or': [{'var': 'c'}, {'var': 'w'}]}", "clearance_too_wide rule gentle w; " },
    { "/rules/1/when", "{'or': [{'var': 'c'}, {'<': [{'var': 'age_years'}, 9]}]}", "" },
    /* courses */
    { "/courses/0/when", AGED(60, 50), "course_never_matches course neck; " },
    { "/courses/0/when", "{'in': [{'var': 'acuity'}, ['chronic', 'acute']]}",
      "course_outranked course lasting neck; " },
    { "/courses/-",
      "{'id': 'x', 'when': {'and': [{'in': ['jaw', {'var': 'complaint_regions'}]}, {'in': ['neck', {'var':"
      " 'severe_complaint_regions'}]}]}, 'title': 'T', 'priority': 1, 'focus': ['jaw'], 'techniques': ['soft'],"
      " 'phases': [{'name': 'One', 'sessions': 4, 'per_week': 1, 'minutes': 40, 'pressure': 3}],"
      " 'reassess_after_sessions': 2, 'max_sessions_without_gain': 4, 'expected_change': 'x', 'if_improving': 'i',"
      " 'if_unchanged': 'u', 'if_worse': 'w', 'stop_if': ['s'], 'self_care': ['c'], 'co_care': ['o'],"
      " 'evidence': ['e'], 'certainty': 'low'}",
      "course_outranked course x neck; " },
    { "/courses/0/when", AGED(3, 9), "course_ruled_out course neck young; " },
    { "/courses/1/when", "{'and': [{'var': 'd'}, {'var': 'w'}]}",
      "course_ruled_out course lasting stop; course_without_technique course lasting; " },
    { "/courses/1/techniques", "['hard']", "course_without_technique course lasting; " },
    { "/courses/1", NULL, "" },
    { "/adjustments/1/when", AGED(60, 50), "adjustment_never_matches adjustment short; " },
    { "/adjustments/0/reason", NULL, "text_missing adjustment young; " },
    { "/replanning/2/when", "{'and': [{'var': 'improved'}, {'var': 'relapsed'}]}",
      "replan_never_decides re-planning else better; " },
    { "/replanning/0/when",
      "{'and': [{'>': [{'var': 'sessions_done'}, {'var': 'planned_total'}]},"
      " {'!': {'<': [{'var': 'planned_total'}, {'var': 'sessions_done'}]}}]}",
      "replan_never_decides re-planning better; " },
    { "/replanning/2/when",
      "{'and': [{'var': 'improved'}, {'>': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}]}",
      "replan_never_decides re-planning else better; " },
    { "/replanning/0/when", "{'>': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", "" },
    { "/replanning/0/when", "{'>': [{'var': 'pain_now'}, 10]}", "replan_never_decides re-planning better; " },
    /* facts */
    { "/facts/5/gate", "true", "gate_unread fact w; " },
    { "/facts/-", "{'id': 'x', 'kind': 'condition', 'group': 'g', 'label': 'l', 'question': 'q'}",
      "fact_unread fact x; " },
    { "/facts/-", "{'id': 'x', 'kind': 'condition', 'group': 'g', 'label': 'l', 'question': 'q', 'implies': ['a']}",
      "" },
    { "/facts/5/ask_if", AGED(60, 50), "never_asked fact w; " },
    { "/techniques/1/offer_when", "{'and': [{'var': 'b'}, {'!': {'var': 'a'}}]}",
      "technique_never_offered technique warm; " },
    /* texts and evidence */
    { "/texts/de/techniques/warm", NULL, "text_missing technique warm de; " },
    { "/texts/fr", "{'review': {'status': 'draft'}, 'techniques': {'warm': {'name': 'W'}}}",
      "text_missing technique soft fr; " },
    { "/rules/5/evidence", "['h']", "evidence_recalled rule stop; " },
    { "/rules/5/evidence", "['h', 'e2']", "" },
    { "/courses/1/evidence", "['h']", "evidence_recalled course lasting; " },
    { "/evidence/-",
      "{'id': 'z', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'expert', 'verified': 'read'}",
      "evidence_uncited source z; " },
};

struct reviewed {
    struct catalogue *cat;
    struct arena arena;
    struct review review;
    char found[4096];
};

static void review_document(struct reviewed *r, const json_t *doc, const char *accepted)
{
    struct error err = { .code = RC_OK };
    struct faults *faults = malloc(sizeof(*faults));
    assert_non_null(faults);
    arena_init(&r->arena, 0);
    faults_init(faults, &r->arena);
    r->cat = NULL;
    if (doc_build(doc, &r->cat, faults, &err) != RC_OK)
        fail_msg("%s: %.*s %.*s: %.*s", err.text, STR_ARGS(faults->at[0].item), STR_ARGS(faults->at[0].pointer),
                 STR_ARGS(faults->at[0].detail));
    free(faults);
    assert_int_equal(catalogue_review(r->cat, str_of(accepted), &r->arena, &r->review, &err), RC_OK);
    size_t n = 0;
    r->found[0] = '\0';
    for (uint32_t i = 0; i < r->review.n && n < sizeof(r->found); i++) {
        const struct review_finding *f = &r->review.at[i];
        assert_true(f->detail.n > 0 && f->remedy.n > 0);
        n += (size_t)snprintf(r->found + n, sizeof(r->found) - n, "%s%s %s %.*s%s%.*s; ",
                              f->reason.p ? "accepted " : "", review_code_name(f->code), f->kind, STR_ARGS(f->item),
                              f->other.n ? " " : "", STR_ARGS(f->other));
    }
}

static void reviewed_done(struct reviewed *r)
{
    arena_done(&r->arena);
    catalogue_unref(r->cat);
}

static void finds_each_slip_and_nothing_else(void **state)
{
    bool seen[REVIEW_COUNT_] = { false };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reviewed r;
        json_t *doc = clean_document();
        doc_set(doc, "/definitions/readings/evidence", "['h', 'e']");
        doc_set(doc, rows[i].place, rows[i].value);
        review_document(&r, doc, NULL);
        if (strcmp(r.found, rows[i].found) != 0)
            fail_msg("row %zu, %s: found %s, not %s", i, rows[i].place, r.found, rows[i].found);
        for (uint32_t k = 0; k < r.review.n; k++)
            seen[r.review.at[k].code] = true;
        assert_int_equal(r.review.n_accepted, 0);
        reviewed_done(&r);
        json_decref(doc);
    }
    for (int c = 0; c < REVIEW_COUNT_; c++)
        if (!seen[c] && c != REVIEW_NOT_DECIDED && c != REVIEW_ACCEPTED_UNUSED && c != REVIEW_ACCEPTED_INVALID)
            fail_msg("no slip gives %s", review_code_name((enum review_code)c));
}

/* Two findings, the second of which compares two items. */
static void accepts_what_is_listed(void **state)
{
    static const struct {
        const char *accepted, *found;
    } lists[] = {
        { NULL, "rule_shadowed rule x cap; fact_unread fact y; " },
        { "{\"accepted\": []}", "rule_shadowed rule x cap; fact_unread fact y; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"item\": \"y\", \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; accepted fact_unread fact y; " },
        { "{\"accepted\": [{\"finding\": \"rule_shadowed\", \"item\": \"x\", \"reason\": \"r\"}]}",
          "accepted rule_shadowed rule x cap; fact_unread fact y; " },
        { "{\"accepted\": [{\"finding\": \"rule_shadowed\", \"item\": \"x\", \"other\": \"cap\", \"reason\": \"r\"}]}",
          "accepted rule_shadowed rule x cap; fact_unread fact y; " },
        { "{\"accepted\": [{\"finding\": \"rule_shadowed\", \"item\": \"x\", \"other\": \"c\", \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_unused file accepted.json x; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"items\": [\"y\", \"z\"], \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; accepted fact_unread fact y; accepted_unused file accepted.json z; " },
        { "{\"accepted\": [{\"finding\": \"gate_unread\", \"item\": \"y\", \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_unused file accepted.json y; " },
        /* not well formed */
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"item\": \"y\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"item\": \"y\", \"reason\": \"\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"item\": \"y\", \"items\": [\"y\"], \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"items\": [], \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"items\": [3], \"reason\": \"r\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [{\"finding\": \"fact_unread\", \"item\": \"y\", \"reason\": \"r\", \"by\": \"me\"}]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{\"accepted\": [3]}",
          "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{}", "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "{", "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
        { "", "rule_shadowed rule x cap; fact_unread fact y; accepted_invalid file accepted.json; " },
    };
    json_t *doc = clean_document();
    (void)state;
    doc_set(doc, "/definitions/readings/evidence", "['h']");
    doc_set(doc, "/rules/-", RULE("x", FIRM "'when': {'and': [{'var': 'b'}, {'var': 'c'}]}"));
    doc_set(doc, "/facts/-", "{'id': 'y', 'kind': 'condition', 'group': 'g', 'label': 'l', 'question': 'q'}");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct reviewed r;
        review_document(&r, doc, lists[i].accepted);
        if (strcmp(r.found, lists[i].found) != 0)
            fail_msg("row %zu: found %s, not %s", i, r.found, lists[i].found);
        assert_int_equal(r.review.n_accepted, strstr(r.found, "accepted fact") || strstr(r.found, "accepted rule"));
        reviewed_done(&r);
    }
    json_decref(doc);
}

/* What one rule says of a place another says as well, to the same people. */
static void finds_twins(void **state)
{
    static const struct {
        const char *first, *second, *found;
    } pairs[] = {
        { "'when': {'var': 'a'}", "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}", "rule_shadowed rule r1 r0; " },
        { "'when': {'var': 'a'}, 'clearable_by': 'physician', 'clearance_for': ['a'], 'cleared_effect': 'allowed'",
          "'when': {'var': 'a'}", "rule_shadowed rule r0 r1; " },
        { "'when': {'var': 'a'}, 'clearable_by': 'physician', 'clearance_for': ['a'], 'cleared_effect': 'allowed'",
          "'when': {'var': 'a'}, 'clearable_by': 'surgeon', 'clearance_for': ['a'], 'cleared_effect': 'allowed'", "" },
        { "'when': {'var': 'a'}, 'regions': ['neck'], 'modifications': [{'kind': 'max_pressure', 'value': 2}]",
          "'when': {'var': 'a'}, 'modifications': [{'kind': 'max_pressure', 'value': 3}]", "" },
        { "'when': {'var': 'a'}, 'regions': ['neck'], 'modifications': [{'kind': 'max_pressure', 'value': 3}]",
          "'when': {'var': 'a'}, 'modifications': [{'kind': 'max_pressure', 'value': 3}]",
          "rule_shadowed rule r0 r1; " },
        { "'when': {'var': 'a'}, 'regions': ['neck', 'jaw'], 'modifications': [{'kind': 'no_oil', 'value': true}]",
          "'when': {'var': 'b'}, 'regions': ['jaw'], 'modifications': [{'kind': 'no_oil', 'value': true}]",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'var': 'a'}, 'regions': ['jaw'], 'modifications': [{'kind': 'no_oil', 'value': true}]",
          "'when': {'var': 'b'}, 'regions': ['jaw', 'neck'], 'modifications': [{'kind': 'no_oil', 'value': true}]",
          "" },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'avoid_region', 'value': ['neck', 'jaw']}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'avoid_region', 'value': ['jaw']}]",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]", "" },
        { "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'allowed'",
          "'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['b', 'a'], "
          "'cleared_effect': 'allowed'",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'allowed'",
          "'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['b', 'a'], "
          "'cleared_effect': 'modified'",
          "" },
        { "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'modified', 'disposition': 'proceed_modified'",
          "'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['b', 'a'], "
          "'cleared_effect': 'allowed'",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'allowed'",
          "'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'allowed', 'acute': true",
          "" },
        { "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a', 'b'], "
          "'cleared_effect': 'allowed'",
          "'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearable_by': 'physician', 'clearance_for': ['a'], "
          "'cleared_effect': 'allowed'",
          "" },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'position', 'value': 'seated'}, {'kind': 'position', "
          "'value': 'prone'}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'position', 'value': 'prone'}]",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'position', 'value': 'seated'}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'position', 'value': 'prone'}]", "" },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'avoid_region', 'value': ['jaw']}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'avoid_region', 'value': ['neck', 'jaw']}]", "" },
        { "'when': {'var': 'a'}, 'effect': 'not_allowed', 'disposition': 'do_not_treat', 'severity': 'absolute'",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]",
          "rule_shadowed rule r1 r0; " },
        { "'when': {'var': 'a'}, 'effect': 'not_allowed', 'severity': 'absolute'",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]", "" },
        { "'when': {'var': 'a'}, 'regions': ['neck'], 'modifications': [{'kind': 'max_pressure', 'value': 3}]",
          "'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'regions': ['neck'], 'modifications': [{'kind': "
          "'max_pressure', 'value': 2}]",
          "rule_shadowed rule r0 r1; caps_differ rule r1 r0; " },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'max_minutes', 'value': 30}]",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'max_minutes', 'value': 20}]", "" },
        { "'when': {'var': 'a'}, 'modifications': [{'kind': 'no_oil', 'value': true}], 'regions': 'where_found'",
          "'when': {'var': 'b'}, 'modifications': [{'kind': 'no_oil', 'value': true}], 'regions': 'where_found'", "" },
        { "'when': {'var': 'a'}, 'severity': 'absolute'", "'when': {'var': 'b'}, 'disposition': 'proceed_modified'",
          "" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        char rules[2048];
        struct reviewed r;
        (void)snprintf(rules, sizeof(rules), "[{'id': 'r0', %s}, {'id': 'r1', %s}]", pairs[i].first, pairs[i].second);
        json_t *doc = doc_of((struct parts){ .facts = "[{'id': 'a', 'attributes': ['region']},"
                                                      " {'id': 'b', 'implies': ['a'], 'attributes': ['region']}]",
                                             .rules = rules,
                                             .courses = "[{'id': 'c', 'when': {'>': [{'var': 'age_years'}, 60]}}]",
                                             .adjustments = "[{'id': 'j', 'when': {'var': 'a'}}]",
                                             .replanning = "[{'id': 'p', 'when': {'var': 'improved'}}]" });
        review_document(&r, doc, NULL);
        if (strcmp(r.found, pairs[i].found) != 0)
            fail_msg("row %zu: found %s, not %s", i, r.found, pairs[i].found);
        reviewed_done(&r);
        json_decref(doc);
    }
}

/* Of eight facts two have the same of five grades; that is beyond the search, and is said so rather than nothing. */
static void says_what_is_not_decided(void **state)
{
    static char rules[16384], facts[1024];
    size_t n = 0, at = 0;
    struct reviewed r;
    (void)state;
    n += (size_t)snprintf(rules, sizeof(rules), "[{'id': 'same', 'effect': 'not_allowed', 'when': {'or': [");
    for (int i = 0; i < 8; i++) {
        at += (size_t)snprintf(facts + at, sizeof(facts) - at, "%c{'id': 'f%d', 'attributes': ['grade']}",
                               i ? ',' : '[', i);
        for (int k = 0; k < i; k++)
            for (int g = 1; g <= 5; g++)
                n += (size_t)snprintf(
                    rules + n, sizeof(rules) - n,
                    "%s{'and': [{'==': [{'var': 'f%d.grade'}, %d]}, {'==': [{'var': 'f%d.grade'}, %d]}]}",
                    i > 1 || g > 1 ? "," : "", i, g, k, g);
    }
    n += (size_t)snprintf(rules + n, sizeof(rules) - n, "]}}, {'id': 'all', 'when': {'and': [");
    for (int i = 0; i < 8; i++)
        n += (size_t)snprintf(rules + n, sizeof(rules) - n, "%s{'>': [{'var': 'f%d.grade'}, 0]}", i ? "," : "", i);
    n += (size_t)snprintf(rules + n, sizeof(rules) - n, "]}}]");
    (void)snprintf(facts + at, sizeof(facts) - at, "]");
    assert_true(n < sizeof(rules));
    json_t *doc = doc_of((struct parts){ .facts = facts,
                                         .rules = rules,
                                         .courses = "[{'id': 'c', 'when': {'var': 'f0'}}]",
                                         .adjustments = "[{'id': 'j', 'when': {'var': 'f1'}}]",
                                         .replanning = "[{'id': 'p', 'when': {'var': 'improved'}}]" });
    review_document(&r, doc, NULL);
    assert_string_equal(r.found, "not_decided rule all same; ");
    reviewed_done(&r);
    json_decref(doc);
}

static void names_every_finding(void **state)
{
    (void)state;
    for (int c = 0; c < REVIEW_COUNT_; c++)
        for (int k = 0; k < c; k++)
            assert_string_not_equal(review_code_name((enum review_code)c), review_code_name((enum review_code)k));
}

RUN_TESTS(cmocka_unit_test(finds_each_slip_and_nothing_else), cmocka_unit_test(accepts_what_is_listed),
          cmocka_unit_test(finds_twins), cmocka_unit_test(says_what_is_not_decided),
          cmocka_unit_test(names_every_finding))
