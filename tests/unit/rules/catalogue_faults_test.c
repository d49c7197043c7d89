/* Catalogues that are refused: one small edit of a valid document each, with the fault it must give. */
#include "rules/doc.h"

static json_t *valid_document(void)
{
    return doc_of((struct parts){
        .facts = "[{'id': 'a', 'attributes': ['date', 'region'], 'valid_days': 9, 'codes': {'atc': ['A1', 'B2']}},"
                 " {'id': 'b', 'implies': ['a'], 'gate': true, 'answer_meaning': 'm'},"
                 " {'id': 'u', 'covers': ['c', 'd'], 'ask_if': {'<': [{'var': 'age_years'}, 18]}},"
                 " {'id': 'c'}, {'id': 'd'}, {'id': 'v', 'covers': ['w']}, {'id': 'w'},"
                 " {'id': 'k', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': ['neck']}]",
        .techniques = "[{'code': 'soft', 'pressure': 3},"
                      " {'code': 'warm', 'traits': ['heat', 'oil'], 'essential': ['heat'], 'min_pressure': 2,"
                      "  'good_for': ['goal:sleep', 'region:neck', 'acuity:acute'], 'offer_when': {'var': 'a'}},"
                      " {'code': 'hard', 'never_offered': 'no', 'default_offered': false}]",
        .rules = "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required',"
                 "  'disposition': 'clearance_required', 'clearable_by': 'physician', 'clearance_for': ['a'],"
                 "  'cleared_effect': 'modified', 'acute': true, 'if_unknown': 'hold',"
                 "  'modifications': [{'kind': 'max_pressure', 'value': 2},"
                 "                    {'kind': 'avoid_region', 'value': ['neck', 'jaw']},"
                 "                    {'kind': 'no_oil', 'value': true}, {'kind': 'position', 'value': 'seated'}]},"
                 " {'id': 'q', 'when': {'var': 'c'}, 'regions': ['neck'], 'target': {'==': [{'var': 'heat'}, true]}}]",
        .courses = "[{'id': 'co', 'when': {'var': 'c'}, 'fallback_technique': 'soft'}]",
        .adjustments = "[{'id': 'ad', 'when': {'var': 'c'}, 'techniques_from_age': [{'technique': 'soft',"
                       "  'age_years': 13}], 'no_course_at': {'pain_max': 8, 'reason': 'r',"
                       "  'unless_clearance_for': ['k'], 'unless_chronic_with': ['c']},"
                       "  'note_if': [{'course': 'co', 'minutes_below': 60, 'say': 's'}]},"
                       " {'id': 'ae', 'when': {'var': 'd'}}]",
        .replanning = "[{'id': 're', 'when': {'var': 'improved'}, 'action': 'taper', 'per_week_steps': [2, 1, 0.5],"
                      "  'dose_check': [{'course': 'co', 'minutes': 60, 'per_week': 2}], 'phases': [{'name': 'p',"
                      "  'sessions': 1, 'per_week': 1, 'minutes': 30, 'pressure': 2}],"
                      "  'modifications': [{'kind': 'no_heat', 'value': true},"
                      "                    {'kind': 'avoid_region', 'value': ['neck']}]},"
                      " {'id': 'rf', 'when': {'var': 'worsened'}, 'decides': false, 'action': 'lighten'}]",
        .evidence = "[{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'expert',"
                    "  'verified': 'read', 'aliases': ['e2'], 'year': 2020}]",
    });
}

/* What is put (NULL: taken away) at a place of the document, and the fault: of which item, and where in it. */
static const struct row {
    const char *place, *value;
    enum fault_code code;
    const char *item, *pointer;
} rows[] = {
    /* the document */
    { "/name", NULL, FAULT_MISSING_MEMBER, "", "/name" },
    { "/name", "3", FAULT_WRONG_TYPE, "", "/name" },
    { "/name", "''", FAULT_OUT_OF_RANGE, "", "/name" },
    { "/version", NULL, FAULT_MISSING_MEMBER, "", "/version" },
    { "/version", "'1234567890123456789012345678901234567890123456789012345678901234567890'", FAULT_TOO_LONG, "",
      "/version" },
    { "/language", "'de'", FAULT_UNKNOWN_VALUE, "", "/language" },
    { "/extra", "1", FAULT_UNKNOWN_MEMBER, "", "/extra" },
    { "/facts", "3", FAULT_WRONG_TYPE, "", "/facts" },
    { "/rules", "{}", FAULT_WRONG_TYPE, "", "/rules" },
    { "/evidence", NULL, FAULT_MISSING_MEMBER, "", "/evidence" },
    /* attributes */
    { "/attributes/0", NULL, FAULT_MISSING_MEMBER, "", "/attributes" },
    { "/attributes/11", NULL, FAULT_MISSING_MEMBER, "", "/attributes" },
    { "/attributes/12", NULL, FAULT_MISSING_MEMBER, "", "/attributes" },
    { "/attributes/-", "{'id': 'weight', 'question': 'q'}", FAULT_UNKNOWN_ID, "", "/attributes/13" },
    { "/attributes/3/extra", "1", FAULT_UNKNOWN_MEMBER, "", "/attributes/3/extra" },
    { "/attributes/3/question", "7", FAULT_WRONG_TYPE, "", "/attributes/3/question" },
    /* definitions */
    { "/definitions/extra", "1", FAULT_UNKNOWN_MEMBER, "", "/definitions/extra" },
    { "/definitions/acuity", NULL, FAULT_MISSING_MEMBER, "", "/definitions/acuity" },
    { "/definitions/acuity/chronic_from_days", "41", FAULT_OUT_OF_RANGE, "", "/definitions/acuity/chronic_from_days" },
    { "/definitions/acuity/subacute_from_days", "0", FAULT_OUT_OF_RANGE, "", "/definitions/acuity/subacute_from_days" },
    { "/definitions/clearance/valid_days", "-1", FAULT_OUT_OF_RANGE, "", "/definitions/clearance/valid_days" },
    { "/definitions/readings/important_percent", "101", FAULT_OUT_OF_RANGE, "",
      "/definitions/readings/important_percent" },
    { "/definitions/readings/window_days", NULL, FAULT_MISSING_MEMBER, "", "/definitions/readings/window_days" },
    { "/definitions/readings/evidence", "['e', 'nowhere']", FAULT_INVALID_REFERENCE, "",
      "/definitions/readings/evidence/1" },
    { "/definitions/complaint_lists/1/not_given", "'maybe'", FAULT_UNKNOWN_VALUE, "",
      "/definitions/complaint_lists/1/not_given" },
    { "/definitions/complaint_lists/1/not_given", "'unknown'", FAULT_INCONSISTENT, "",
      "/definitions/complaint_lists/1" },
    { "/definitions/complaint_lists/6/pain/max", "9", FAULT_INCONSISTENT, "", "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/6/pain", "{'max': 9}", FAULT_INCONSISTENT, "", "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/6/duration_days", "{'min': 3}", FAULT_INCONSISTENT, "",
      "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/6/duration_days", "{'max': 3}", FAULT_INCONSISTENT, "",
      "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/6/onset", "['sudden']", FAULT_INCONSISTENT, "", "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/6/cause", "['strain']", FAULT_INCONSISTENT, "", "/definitions/complaint_lists/6" },
    { "/definitions/complaint_lists/1/duration_days", "{}", FAULT_MISSING_MEMBER, "",
      "/definitions/complaint_lists/1/duration_days" },
    { "/definitions/complaint_lists/1/duration_days/least", "3", FAULT_UNKNOWN_MEMBER, "",
      "/definitions/complaint_lists/1/duration_days/least" },
    { "/definitions/complaint_lists/5/pain/min", "11", FAULT_OUT_OF_RANGE, "",
      "/definitions/complaint_lists/5/pain/min" },
    { "/definitions/complaint_lists/4/onset", "['slow']", FAULT_UNKNOWN_VALUE, "",
      "/definitions/complaint_lists/4/onset/0" },
    { "/definitions/stop_lifted/clearance_for", "'nothing'", FAULT_INVALID_REFERENCE, "",
      "/definitions/stop_lifted/clearance_for" },
    { "/definitions/stop_lifted/worsened_pressure_delta", "1", FAULT_OUT_OF_RANGE, "",
      "/definitions/stop_lifted/worsened_pressure_delta" },
    { "/definitions/stop_lifted/worsened_minutes_factor", "0", FAULT_OUT_OF_RANGE, "",
      "/definitions/stop_lifted/worsened_minutes_factor" },
    { "/definitions/stop_lifted/worsened_minutes_factor", "0.125", FAULT_WRONG_TYPE, "",
      "/definitions/stop_lifted/worsened_minutes_factor" },
    /* facts */
    { "/facts/0/id", "'d'", FAULT_DUPLICATE, "d", "" },
    { "/facts/0/id", NULL, FAULT_MISSING_MEMBER, "", "/id" },
    { "/facts/4/id", "'d.e'", FAULT_TOO_LONG, "", "/facts/4" },
    { "/facts/4/id", "'1234567890123456789012345678901234567890123456789012345678901234567890'", FAULT_TOO_LONG, "",
      "/facts/4" },
    { "/facts/0/kind", "'mood'", FAULT_UNKNOWN_VALUE, "a", "/kind" },
    { "/facts/0/extra", "'x'", FAULT_UNKNOWN_MEMBER, "a", "/extra" },
    { "/facts/0/group", NULL, FAULT_MISSING_MEMBER, "a", "/group" },
    { "/facts/0/label", NULL, FAULT_MISSING_MEMBER, "a", "/label" },
    { "/facts/0/question", NULL, FAULT_INCONSISTENT, "a", "" },
    { "/facts/7/question", "'Why?'", FAULT_INCONSISTENT, "k", "" },
    { "/facts/7/gate", "true", FAULT_INCONSISTENT, "k", "" },
    { "/facts/7/attributes", "['date']", FAULT_INCONSISTENT, "k", "" },
    { "/facts/7/complaint_regions", "['nowhere']", FAULT_UNKNOWN_VALUE, "k", "/complaint_regions/0" },
    { "/facts/3/complaint_regions", "[]", FAULT_INCONSISTENT, "c", "/complaint_regions" },
    { "/facts/0/gate", "'yes'", FAULT_WRONG_TYPE, "a", "/gate" },
    { "/facts/0/attributes/1", "'weight'", FAULT_UNKNOWN_VALUE, "a", "/attributes/1" },
    { "/facts/0/attributes", "['region']", FAULT_INCONSISTENT, "a", "/valid_days" },
    { "/facts/0/valid_days", "-1", FAULT_OUT_OF_RANGE, "a", "/valid_days" },
    { "/facts/0/valid_days", "2.5", FAULT_WRONG_TYPE, "a", "/valid_days" },
    { "/facts/0/valid_days", "36526", FAULT_OUT_OF_RANGE, "a", "/valid_days" },
    { "/facts/1/implies/0", "'nothing'", FAULT_INVALID_REFERENCE, "b", "/implies/0" },
    { "/facts/1/implies/-", "'a'", FAULT_DUPLICATE, "b", "/implies/1" },
    { "/facts/2/covers/0", "'nothing'", FAULT_INVALID_REFERENCE, "u", "/covers/0" },
    { "/facts/2/covers/-", "'c'", FAULT_DUPLICATE, "u", "/covers/2" },
    { "/facts/5/covers/-", "'c'", FAULT_INCONSISTENT, "v", "/covers" }, /* two umbrellas */
    { "/facts/5/covers/-", "'k'", FAULT_INCONSISTENT, "v", "/covers" },
    { "/facts/7/covers", "['b']", FAULT_INCONSISTENT, "k", "/covers" },
    { "/facts/1/implies/-", "'k'", FAULT_INCONSISTENT, "b", "/implies" },
    { "/facts/7/implies", "['a']", FAULT_INCONSISTENT, "k", "/implies" },
    { "/facts/6/implies", "['w']", FAULT_INCONSISTENT, "w", "/implies" }, /* itself */
    { "/facts/5/implies", "['w']", FAULT_INCONSISTENT, "v", "/implies" }, /* covers and implies the same */
    { "/facts/0/codes", "['A1']", FAULT_WRONG_TYPE, "a", "/codes" },
    { "/facts/0/codes/atc/0", "'A-1'", FAULT_UNKNOWN_VALUE, "a", "/codes/atc/0" },
    { "/facts/0/codes/atc/0", "'A{'", FAULT_UNKNOWN_VALUE, "a", "/codes/atc/0" },
    { "/facts/0/codes/atc/0", "'A:'", FAULT_UNKNOWN_VALUE, "a", "/codes/atc/0" },
    { "/facts/0/codes/atc/1", "'..'", FAULT_UNKNOWN_VALUE, "a", "/codes/atc/1" },
    { "/facts/0/codes/atc/1", "'A123456789012345678901234567890123'", FAULT_UNKNOWN_VALUE, "a", "/codes/atc/1" },
    { "/facts/0/codes/atc/1", "7", FAULT_WRONG_TYPE, "a", "/codes/atc/1" },
    { "/facts/2/ask_if", "{'var': 'c'}", FAULT_INVALID_CONDITION, "u", "/ask_if" },
    /* evidence */
    { "/evidence/0/title", NULL, FAULT_MISSING_MEMBER, "", "/evidence/0/title" },
    { "/evidence/0/certainty", "'sure'", FAULT_UNKNOWN_VALUE, "", "/evidence/0/certainty" },
    { "/evidence/0/year", "1499", FAULT_OUT_OF_RANGE, "", "/evidence/0/year" },
    { "/evidence/0/id", "3", FAULT_WRONG_TYPE, "", "/evidence/0/id" },
    { "/evidence/0/aliases/-", "3", FAULT_WRONG_TYPE, "", "/evidence/0/aliases/1" },
    { "/evidence/0/extra", "1", FAULT_UNKNOWN_MEMBER, "", "/evidence/0/extra" },
    { "/evidence/0/aliases/-", "'e'", FAULT_DUPLICATE, "e", "" },
    { "/evidence/0/aliases/-", "'e2'", FAULT_DUPLICATE, "e2", "" },
    /* techniques */
    { "/techniques/1/code", "'soft'", FAULT_DUPLICATE, "soft", "" },
    { "/techniques/0/name", NULL, FAULT_MISSING_MEMBER, "soft", "/name" },
    { "/techniques/0/extra", "1", FAULT_UNKNOWN_MEMBER, "soft", "/extra" },
    { "/techniques/0/pressure", "6", FAULT_OUT_OF_RANGE, "soft", "/pressure" },
    { "/techniques/0/pressure", "0", FAULT_OUT_OF_RANGE, "soft", "/pressure" },
    { "/techniques/0/min_pressure", "4", FAULT_INCONSISTENT, "soft", "/min_pressure" },
    { "/techniques/1/traits/0", "'cold'", FAULT_UNKNOWN_VALUE, "warm", "/traits/0" },
    { "/techniques/1/traits", "['oil']", FAULT_INCONSISTENT, "warm", "/essential" },
    { "/techniques/1/essential", "['thrust']", FAULT_INCONSISTENT, "warm", "/essential" },
    { "/techniques/1/good_for/0", "'goal:fame'", FAULT_UNKNOWN_VALUE, "warm", "/good_for/0" },
    { "/techniques/1/good_for/1", "'region:'", FAULT_UNKNOWN_VALUE, "warm", "/good_for/1" },
    { "/techniques/1/good_for/2", "'neck'", FAULT_UNKNOWN_VALUE, "warm", "/good_for/2" },
    { "/techniques/0/typical_minutes", "[10]", FAULT_WRONG_TYPE, "soft", "/typical_minutes" },
    { "/techniques/0/typical_minutes", "[30, 10]", FAULT_OUT_OF_RANGE, "soft", "/typical_minutes/1" },
    { "/techniques/0/typical_minutes", "[0, 10]", FAULT_OUT_OF_RANGE, "soft", "/typical_minutes/0" },
    { "/techniques/0/typical_minutes", "[10, 481]", FAULT_OUT_OF_RANGE, "soft", "/typical_minutes/1" },
    { "/techniques/0/evidence/0", "'nothing'", FAULT_INVALID_REFERENCE, "soft", "/evidence/0" },
    { "/techniques/1/offer_when", "{'var': 'nothing'}", FAULT_INVALID_CONDITION, "warm", "/offer_when" },
    { "/techniques/1/positions", "'prone'", FAULT_WRONG_TYPE, "warm", "/positions" },
    /* rules */
    { "/rules/1/id", "'r'", FAULT_DUPLICATE, "r", "" },
    { "/rules/1/when", NULL, FAULT_MISSING_MEMBER, "q", "/when" },
    { "/rules/1/extra", "1", FAULT_UNKNOWN_MEMBER, "q", "/extra" },
    { "/rules/1/message", NULL, FAULT_MISSING_MEMBER, "q", "/message" },
    { "/rules/1/effect", "'forbidden'", FAULT_UNKNOWN_VALUE, "q", "/effect" },
    { "/rules/1/effect", "'needs_answers'", FAULT_UNKNOWN_VALUE, "q", "/effect" },
    { "/rules/0/effect", "'modified'", FAULT_INCONSISTENT, "r", "/effect" }, /* the disposition is graver */
    { "/rules/0/disposition", "'do_not_treat'", FAULT_INCONSISTENT, "r", "/effect" },
    { "/rules/0/disposition", "'emergency'", FAULT_INCONSISTENT, "r", "/effect" },
    { "/rules/1/disposition", "'clearance_required'", FAULT_INCONSISTENT, "q", "/effect" },
    { "/rules/0/disposition", "'proceed'", FAULT_INCONSISTENT, "r", "/disposition" },
    { "/rules/0/disposition", "'needs_answers'", FAULT_INCONSISTENT, "r", "/disposition" },
    { "/rules/0/disposition", "'wait'", FAULT_UNKNOWN_VALUE, "r", "/disposition" },
    { "/rules/0/severity", "'grave'", FAULT_UNKNOWN_VALUE, "r", "/severity" },
    { "/rules/0/if_unknown", "'wait'", FAULT_UNKNOWN_VALUE, "r", "/if_unknown" },
    { "/rules/0/certainty", NULL, FAULT_MISSING_MEMBER, "r", "/certainty" },
    { "/rules/0/evidence/-", "'nothing'", FAULT_INVALID_REFERENCE, "r", "/evidence/1" },
    { "/rules/1/target", "{'==': [{'var': 'thrust'}, true]}", FAULT_INCONSISTENT, "q", "/target" },
    { "/rules/1/target", "{'<': [{'var': 'pressure'}, 3]}", FAULT_INCONSISTENT, "q", "/target" },
    { "/rules/1/regions", "'everywhere'", FAULT_UNKNOWN_VALUE, "q", "/regions" },
    { "/rules/1/regions/0", "'nowhere'", FAULT_UNKNOWN_VALUE, "q", "/regions/0" },
    { "/rules/1/regions/0", "'whole_body'", FAULT_INCONSISTENT, "q", "/regions/0" },
    { "/rules/1/regions", NULL, FAULT_MISSING_MEMBER, "q", "/regions" },
    { "/rules/0/clearable_by", NULL, FAULT_INCONSISTENT, "r", "" },
    { "/rules/0/clearance_for", NULL, FAULT_INCONSISTENT, "r", "" },
    { "/rules/0/cleared_effect", NULL, FAULT_INCONSISTENT, "r", "" },
    { "/rules/1/clearable_by", "'physician'", FAULT_INCONSISTENT, "q", "" },
    { "/rules/1/clearance_for", "['a']", FAULT_INCONSISTENT, "q", "" },
    { "/rules/1/cleared_effect", "'allowed'", FAULT_INCONSISTENT, "q", "" },
    { "/rules/0/clearable_by", "'neighbour'", FAULT_UNKNOWN_VALUE, "r", "/clearable_by" },
    { "/rules/0/clearance_for/0", "'nothing'", FAULT_INVALID_REFERENCE, "r", "/clearance_for/0" },
    { "/rules/0/cleared_effect", "'not_allowed'", FAULT_UNKNOWN_VALUE, "r", "/cleared_effect" },
    { "/rules/0/acute", "'yes'", FAULT_WRONG_TYPE, "r", "/acute" },
    { "/rules/0/when", "{'nor': []}", FAULT_INVALID_CONDITION, "r", "/when/nor" },
    /* modifications */
    { "/rules/0/modifications/0", "7", FAULT_WRONG_TYPE, "r", "/modifications/0" },
    { "/rules/0/modifications/0/kind", "'no_music'", FAULT_UNKNOWN_VALUE, "r", "/modifications/0/kind" },
    { "/rules/0/modifications/0/kind", NULL, FAULT_MISSING_MEMBER, "r", "/modifications/0/kind" },
    { "/rules/0/modifications/0/value", "0", FAULT_OUT_OF_RANGE, "r", "/modifications/0/value" },
    { "/rules/0/modifications/0/value", "6", FAULT_OUT_OF_RANGE, "r", "/modifications/0/value" },
    { "/rules/0/modifications/0/value", "'two'", FAULT_WRONG_TYPE, "r", "/modifications/0/value" },
    { "/rules/0/modifications/0", "{'kind': 'max_minutes', 'value': 481}", FAULT_OUT_OF_RANGE, "r",
      "/modifications/0/value" },
    { "/rules/0/modifications/0", "{'kind': 'max_minutes', 'value': 0}", FAULT_OUT_OF_RANGE, "r",
      "/modifications/0/value" },
    { "/rules/0/modifications/0/regions", "['neck']", FAULT_UNKNOWN_MEMBER, "r", "/modifications/0/regions" },
    { "/rules/0/modifications/1/value", "'neck'", FAULT_UNKNOWN_VALUE, "r", "/modifications/1/value" },
    { "/rules/0/modifications/1/value", "['neck', 'nowhere']", FAULT_UNKNOWN_VALUE, "r", "/modifications/1/value/1" },
    { "/rules/0/modifications/1/value", "['whole_body']", FAULT_INCONSISTENT, "r", "/modifications/1/value/0" },
    { "/rules/0/modifications/1/value", "true", FAULT_WRONG_TYPE, "r", "/modifications/1/value" },
    { "/rules/0/modifications/2/value", "'yes'", FAULT_WRONG_TYPE, "r", "/modifications/2/value" },
    { "/rules/0/modifications/2/value", "1", FAULT_WRONG_TYPE, "r", "/modifications/2/value" },
    { "/rules/0/modifications/2/value", "false", FAULT_MISSING_MEMBER, "r", "/modifications/2/value" },
    { "/rules/0/modifications/3/value", "true", FAULT_WRONG_TYPE, "r", "/modifications/3/value" },
    { "/rules/0/modifications", "'none'", FAULT_WRONG_TYPE, "r", "/modifications" },
    /* courses */
    { "/courses/0/when", NULL, FAULT_MISSING_MEMBER, "co", "/when" },
    { "/courses/0/when", "{'var': 'improved'}", FAULT_INVALID_CONDITION, "co", "/when" },
    { "/courses/0/extra", "1", FAULT_UNKNOWN_MEMBER, "co", "/extra" },
    { "/courses/0/priority", "1001", FAULT_OUT_OF_RANGE, "co", "/priority" },
    { "/courses/0/focus/0", "'nowhere'", FAULT_UNKNOWN_VALUE, "co", "/focus/0" },
    { "/courses/0/techniques/0", "'nothing'", FAULT_INVALID_REFERENCE, "co", "/techniques/0" },
    { "/courses/0/techniques/-", "'soft'", FAULT_DUPLICATE, "co", "/techniques/1" },
    { "/courses/0/fallback_technique", "'nothing'", FAULT_INVALID_REFERENCE, "co", "/fallback_technique" },
    { "/courses/0/phases/0/sessions", "0", FAULT_OUT_OF_RANGE, "co", "/phases/0/sessions" },
    { "/courses/0/phases/0/per_week", "14.5", FAULT_OUT_OF_RANGE, "co", "/phases/0/per_week" },
    { "/courses/0/phases/0/per_week", "0.125", FAULT_WRONG_TYPE, "co", "/phases/0/per_week" },
    { "/courses/0/phases/0/minutes", "481", FAULT_OUT_OF_RANGE, "co", "/phases/0/minutes" },
    { "/courses/0/phases/0/pressure", "6", FAULT_OUT_OF_RANGE, "co", "/phases/0/pressure" },
    { "/courses/0/phases/0/name", NULL, FAULT_MISSING_MEMBER, "co", "/phases/0/name" },
    { "/courses/0/phases/0/extra", "1", FAULT_UNKNOWN_MEMBER, "co", "/phases/0/extra" },
    { "/courses/0/reassess_after_sessions", "0", FAULT_OUT_OF_RANGE, "co", "/reassess_after_sessions" },
    { "/courses/0/stop_if", "'pain'", FAULT_WRONG_TYPE, "co", "/stop_if" },
    { "/courses/0/evidence/0", "'nothing'", FAULT_INVALID_REFERENCE, "co", "/evidence/0" },
    { "/courses/0/certainty", "'sure'", FAULT_UNKNOWN_VALUE, "co", "/certainty" },
    /* adjustments */
    { "/adjustments/1/id", "'ad'", FAULT_DUPLICATE, "ad", "" },
    { "/adjustments/1/order", "10", FAULT_DUPLICATE, "", "/adjustments/1" },
    { "/adjustments/0/order", "-1", FAULT_OUT_OF_RANGE, "", "/adjustments/0/order" },
    { "/adjustments/0/scope", "'week'", FAULT_UNKNOWN_VALUE, "ad", "/scope" },
    { "/adjustments/0/extra", "1", FAULT_UNKNOWN_MEMBER, "ad", "/extra" },
    { "/adjustments/0/minutes_max", "0", FAULT_OUT_OF_RANGE, "ad", "/minutes_max" },
    { "/adjustments/0/pressure_max", "6", FAULT_OUT_OF_RANGE, "ad", "/pressure_max" },
    { "/adjustments/0/pressure_delta", "1", FAULT_OUT_OF_RANGE, "ad", "/pressure_delta" },
    { "/adjustments/0/per_week_max", "15", FAULT_OUT_OF_RANGE, "ad", "/per_week_max" },
    { "/adjustments/0/techniques_drop", "['nothing']", FAULT_INVALID_REFERENCE, "ad", "/techniques_drop/0" },
    { "/adjustments/0/techniques_allow", "['nothing']", FAULT_INVALID_REFERENCE, "ad", "/techniques_allow/0" },
    { "/adjustments/0/techniques_first", "['nothing']", FAULT_INVALID_REFERENCE, "ad", "/techniques_first/0" },
    { "/adjustments/0/techniques_from_age/0/technique", "'nothing'", FAULT_INVALID_REFERENCE, "ad",
      "/techniques_from_age/0" },
    { "/adjustments/0/techniques_from_age/0/age_years", "131", FAULT_OUT_OF_RANGE, "ad",
      "/techniques_from_age/0/age_years" },
    { "/adjustments/0/no_course_at/pain_max", "11", FAULT_OUT_OF_RANGE, "ad", "/no_course_at/pain_max" },
    { "/adjustments/0/no_course_at/reason", NULL, FAULT_MISSING_MEMBER, "ad", "/no_course_at/reason" },
    { "/adjustments/0/no_course_at/unless_clearance_for/0", "'nothing'", FAULT_INVALID_REFERENCE, "ad",
      "/no_course_at/unless_clearance_for/0" },
    { "/adjustments/0/note_if/0/course", "'nothing'", FAULT_INVALID_REFERENCE, "ad", "/note_if/0/course" },
    { "/adjustments/0/note_if/0/say", NULL, FAULT_MISSING_MEMBER, "ad", "/note_if/0/say" },
    { "/adjustments/0/evidence/0", "'nothing'", FAULT_INVALID_REFERENCE, "ad", "/evidence/0" },
    { "/adjustments/0/when", NULL, FAULT_MISSING_MEMBER, "ad", "/when" },
    /* re-planning */
    { "/replanning/1/id", "'re'", FAULT_DUPLICATE, "re", "" },
    { "/replanning/1/order", "10", FAULT_DUPLICATE, "", "/replanning/1" },
    { "/replanning/0/action", "'dance'", FAULT_UNKNOWN_VALUE, "re", "/action" },
    { "/replanning/0/disposition", "'wait'", FAULT_UNKNOWN_VALUE, "re", "/disposition" },
    { "/replanning/0/per_week_steps", "[1, 2]", FAULT_INCONSISTENT, "re", "/per_week_steps/1" },
    { "/replanning/0/per_week_steps", "[1, 1]", FAULT_INCONSISTENT, "re", "/per_week_steps/1" },
    { "/replanning/0/per_week_steps/0", "0", FAULT_OUT_OF_RANGE, "re", "/per_week_steps/0" },
    { "/replanning/0/minutes_factor", "1.5", FAULT_OUT_OF_RANGE, "re", "/minutes_factor" },
    { "/replanning/0/dose_check/0/course", "'nothing'", FAULT_INVALID_REFERENCE, "re", "/dose_check/0/course" },
    { "/replanning/0/dose_check/0/minutes", "0", FAULT_OUT_OF_RANGE, "re", "/dose_check/0/minutes" },
    { "/replanning/0/modifications/0", "{'kind': 'max_minutes', 'value': 30}", FAULT_UNKNOWN_VALUE, "re",
      "/modifications/0" },
    { "/replanning/0/modifications/1/value", "'where_found'", FAULT_UNKNOWN_VALUE, "re", "/modifications/1" },
    { "/replanning/0/modifications/1/value", "['nowhere']", FAULT_UNKNOWN_VALUE, "re", "/modifications/1/value/0" },
    { "/replanning/0/technique", "'other'", FAULT_UNKNOWN_VALUE, "re", "/technique" },
    { "/replanning/0/techniques_drop", "['nothing']", FAULT_INVALID_REFERENCE, "re", "/techniques_drop/0" },
    { "/replanning/0/techniques_drop_with", "['cold']", FAULT_UNKNOWN_VALUE, "re", "/techniques_drop_with/0" },
    { "/replanning/0/ask", "['nothing']", FAULT_INVALID_REFERENCE, "re", "/ask/0" },
    { "/replanning/0/say", NULL, FAULT_MISSING_MEMBER, "re", "/say" },
    { "/replanning/0/extra", "1", FAULT_UNKNOWN_MEMBER, "re", "/extra" },
    { "/replanning/1/no_course", "true", FAULT_INCONSISTENT, "rf", "" },
    { "/replanning/1/disposition", "'clearance_required'", FAULT_INCONSISTENT, "rf", "" },
    { "/replanning/1/phases", "[{'name': 'p', 'sessions': 1, 'per_week': 1, 'minutes': 30, 'pressure': 2}]",
      FAULT_INCONSISTENT, "rf", "" },
    { "/replanning/0/when", "{'var': 'a'}", FAULT_INVALID_CONDITION, "re", "/when" },
};

struct world {
    struct arena arena;
    struct faults faults;
    struct error err;
    struct catalogue *cat;
};

static enum rc build(struct world *w, const json_t *doc)
{
    w->err.code = RC_OK;
    w->cat = NULL;
    arena_init(&w->arena, 0);
    faults_init(&w->faults, &w->arena);
    return doc_build(doc, &w->cat, &w->faults, &w->err);
}

static void done(struct world *w)
{
    catalogue_unref(w->cat);
    arena_done(&w->arena);
}

/* The fault is the first of its place: an edit may bring others behind it. */
static bool has_fault(const struct world *w, const struct row *row)
{
    for (size_t i = 0; i < w->faults.n; i++) {
        const struct fault *f = &w->faults.at[i];
        if (f->code == row->code && str_eq(f->pointer, str_of(row->pointer)) && fault_is_of(f, row->item) &&
            f->detail.n && f->remedy.n)
            return true;
    }
    return false;
}

static void takes_the_document_as_it_is(void **state)
{
    struct world w;
    json_t *doc = valid_document();
    (void)state;
    if (build(&w, doc) != RC_OK)
        fail_msg("%s: %.*s", w.err.text, STR_ARGS(w.faults.at[0].detail));
    assert_int_equal(w.faults.total, 0);
    done(&w);
    json_decref(doc);
}

static void refuses_every_broken_variant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        json_t *doc = valid_document();
        doc_set(doc, rows[i].place, rows[i].value);
        enum rc rc = build(&w, doc);
        if (rc != RC_CATALOGUE_INVALID || w.cat || !has_fault(&w, &rows[i])) {
            for (size_t k = 0; k < w.faults.n; k++)
                print_error("found %s at %.*s\n", fault_name(w.faults.at[k].code), STR_ARGS(w.faults.at[k].pointer));
            fail_msg("%s %s: %s at %s expected", rows[i].place, rows[i].value ? rows[i].value : "left out",
                     fault_name(rows[i].code), rows[i].pointer);
        }
        char said[64];
        (void)snprintf(said, sizeof(said), "the catalogue has %zu fault%s", w.faults.total,
                       w.faults.total == 1 ? "" : "s");
        assert_string_equal(w.err.text, said);
        done(&w);
        json_decref(doc);
    }
}

/* Whatever is required is missed when it is not there. */
static void misses_every_required_member(void **state)
{
    static const struct {
        const char *place, *members; /* of the object there */
    } objects[] = {
        { "",
          "name version title language definitions attributes facts techniques rules courses adjustments replanning "
          "evidence" },
        { "/definitions", "complaint_lists acuity clearance readings stop_lifted" },
        { "/definitions/acuity", "subacute_from_days chronic_from_days" },
        { "/definitions/clearance", "valid_days complaint_days_if_not_given" },
        { "/definitions/readings",
          "window_days recent_entries important_points important_percent substantial_percent least_noticeable_points "
          "worse_points relapse_gap_days" },
        { "/definitions/stop_lifted", "clearance_for worsened_pressure_delta worsened_minutes_factor" },
        { "/definitions/complaint_lists/1", "id" },
        { "/attributes/0", "id question" },
        { "/facts/0", "id kind group label" },
        { "/techniques/0",
          "code kind name summary pressure min_pressure positions typical_minutes good_for evidence notes" },
        { "/rules/0", "id when effect severity regions message note action rationale evidence certainty" },
        { "/rules/0/modifications/0", "kind value" },
        { "/courses/0",
          "id title when priority focus techniques phases reassess_after_sessions max_sessions_without_gain "
          "expected_change if_improving if_unchanged if_worse stop_if self_care co_care evidence certainty" },
        { "/courses/0/phases/0", "name sessions per_week minutes pressure" },
        { "/adjustments/0", "id title order when why evidence certainty" },
        { "/adjustments/0/techniques_from_age/0", "technique age_years" },
        { "/adjustments/0/no_course_at", "pain_max reason" },
        { "/adjustments/0/note_if/0", "course say" },
        { "/replanning/0", "id order when action say evidence certainty" },
        { "/replanning/0/dose_check/0", "course minutes per_week" },
        { "/evidence/0", "id design title finding certainty verified" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        char members[256];
        (void)snprintf(members, sizeof(members), "%s", objects[i].members);
        for (char *rest = members, *member; (member = strtok_r(rest, " ", &rest));) {
            struct world w;
            char place[128];
            bool missed = false;
            json_t *doc = valid_document();
            (void)snprintf(place, sizeof(place), "%s/%s", objects[i].place, member);
            doc_set(doc, place, NULL);
            assert_int_equal(build(&w, doc), RC_CATALOGUE_INVALID);
            for (size_t k = 0; k < w.faults.n; k++) {
                struct str p = w.faults.at[k].pointer;
                size_t n = strlen(member);
                missed |= w.faults.at[k].code == FAULT_MISSING_MEMBER && p.n > n && p.p[p.n - n - 1] == '/' &&
                          memcmp(p.p + p.n - n, member, n) == 0;
            }
            if (!missed)
                fail_msg("nobody misses %s", place);
            done(&w);
            json_decref(doc);
        }
    }
}

static void says_who_goes_in_a_circle(void **state)
{
    static const struct {
        const char *facts;
        size_t faults;
        const char *item;
    } circles[] = {
        { "[{'id': 'a', 'implies': ['b']}, {'id': 'b', 'implies': ['a']}]", 2, "a" },
        { "[{'id': 'a', 'implies': ['b']}, {'id': 'b', 'implies': ['c']}, {'id': 'c', 'implies': ['a']}]", 3, "a" },
        { "[{'id': 'a', 'covers': ['b']}, {'id': 'b', 'covers': ['a']}]", 2, "a" },
        { "[{'id': 'a', 'covers': ['b']}, {'id': 'b'}, {'id': 'c', 'implies': ['c']}]", 1, "c" },
        { "[{'id': 'u', 'covers': ['a'], 'implies': ['a']}, {'id': 'a'}]", 2, "u" },
        { "[{'id': 'a', 'implies': ['b']}, {'id': 'b', 'implies': ['a', 'c']}, {'id': 'c'}]", 3, "a" }, /* behind it */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(circles); i++) {
        struct world w;
        json_t *doc = doc_of((struct parts){ .facts = circles[i].facts });
        assert_int_equal(build(&w, doc), RC_CATALOGUE_INVALID);
        if (w.faults.total != circles[i].faults)
            fail_msg("%s: %zu faults", circles[i].facts, w.faults.total);
        assert_int_equal(w.faults.at[0].code, FAULT_INCONSISTENT);
        assert_non_null(strstr(w.faults.at[0].detail.p, "leads back to itself"));
        assert_true(fault_is_of(&w.faults.at[0], circles[i].item));
        done(&w);
        json_decref(doc);
    }
}

/* One edit in each part: no fault keeps the reader from the next part. */
static void reports_faults_of_all_parts_at_once(void **state)
{
    static const char *const places[] = { "/language",
                                          "/definitions/clearance/valid_days",
                                          "/facts/0/kind",
                                          "/techniques/0/pressure",
                                          "/rules/0/severity",
                                          "/courses/0/priority",
                                          "/adjustments/0/scope",
                                          "/replanning/0/action" };
    struct world w;
    json_t *doc = valid_document();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        doc_set(doc, places[i], "'nonsense'");
    assert_int_equal(build(&w, doc), RC_CATALOGUE_INVALID);
    assert_int_equal(w.faults.total, ARRAY_LEN(places));
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *member = strrchr(places[i], '/');
        bool found = false;
        for (size_t k = 0; k < w.faults.n; k++) {
            struct str p = w.faults.at[k].pointer;
            size_t n = strlen(member);
            found |= p.n >= n && memcmp(p.p + p.n - n, member, n) == 0;
        }
        if (!found)
            fail_msg("nothing is said of %s", places[i]);
    }
    done(&w);
    json_decref(doc);
}

static void counts_faults_beyond_those_it_keeps(void **state)
{
    struct world w;
    json_t *doc = valid_document(), *rules = json_object_get(doc, "rules");
    (void)state;
    for (int i = 0; i < FAULTS_MAX + 50; i++) {
        json_t *rule = json_deep_copy(json_array_get(rules, 1));
        char id[16];
        (void)snprintf(id, sizeof(id), "more%d", i);
        json_object_set_new(rule, "id", json_string(id));
        json_object_set_new(rule, "severity", json_string("grave"));
        json_array_append_new(rules, rule);
    }
    assert_int_equal(build(&w, doc), RC_CATALOGUE_INVALID);
    assert_int_equal(w.faults.n, FAULTS_MAX);
    assert_int_equal(w.faults.total, FAULTS_MAX + 50);
    done(&w);
    json_decref(doc);
}

/* ---- bounds ----------------------------------------------------------------------------------------------- */

static json_t *many(const char *item, const char *key, size_t n)
{
    json_t *list = json_array(), *one = quoted(item);
    for (size_t i = 0; i < n; i++) {
        char id[24];
        json_t *copy = json_copy(one);
        (void)snprintf(id, sizeof(id), "x%zu", i);
        json_object_set_new(copy, key, json_string(id));
        json_array_append_new(list, copy);
    }
    json_decref(one);
    return list;
}

/* Is a document whose list `member` has `n` items taken, or refused with "too many"? */
static bool takes(const char *member, const char *item, const char *key, size_t n, const char *pointer)
{
    struct world w;
    json_t *doc = doc_of((struct parts){ .rules = NULL });
    json_t *list = many(item, key, n), *first = json_array_get(json_object_get(doc, member), 0);
    if (first) /* keep what the other parts name */
        json_array_set(list, n - 1, first);
    json_object_set_new(doc, member, list);
    enum rc rc = build(&w, doc);
    if (rc != RC_OK) {
        assert_int_equal(w.faults.at[0].code, FAULT_TOO_MANY);
        assert_str(w.faults.at[0].pointer, str_of(pointer));
    }
    done(&w);
    json_decref(doc);
    return rc == RC_OK;
}

static void bounds_its_lists(void **state)
{
    static const char fact[] = "{'kind': 'condition', 'group': 'g', 'label': 'l', 'question': 'q'}";
    static const char technique[] =
        "{'kind': 'technique', 'name': 'N', 'summary': 's', 'pressure': 5, 'min_pressure': 1,"
        " 'positions': ['prone'], 'typical_minutes': [10, 90], 'good_for': ['goal:sleep'], 'evidence': ['e'],"
        " 'notes': 'n'}";
    (void)state;
    assert_true(takes("facts", fact, "id", FACTS_LIMIT - 1, ""));
    assert_true(takes("facts", fact, "id", FACTS_LIMIT, ""));
    assert_false(takes("facts", fact, "id", FACTS_LIMIT + 1, "/facts"));
    assert_true(takes("techniques", technique, "code", TECHNIQUES_LIMIT - 1, ""));
    assert_true(takes("techniques", technique, "code", TECHNIQUES_LIMIT, ""));
    assert_false(takes("techniques", technique, "code", TECHNIQUES_LIMIT + 1, "/techniques"));
}

static void bounds_complaint_lists(void **state)
{
    (void)state;
    for (size_t n = COMPLAINT_LISTS_LIMIT - 1; n <= COMPLAINT_LISTS_LIMIT + 1; n++) {
        struct world w;
        json_t *doc = doc_of((struct parts){ .rules = NULL });
        json_object_set_new(json_object_get(doc, "definitions"), "complaint_lists", many("{}", "id", n));
        enum rc rc = build(&w, doc);
        assert_int_equal(rc == RC_OK, n <= COMPLAINT_LISTS_LIMIT);
        if (rc != RC_OK)
            assert_int_equal(w.faults.at[0].code, FAULT_TOO_MANY);
        done(&w);
        json_decref(doc);
    }
}

/* All values of one kind of modification are few: sets of them are one word. */
static void bounds_options(void **state)
{
    (void)state;
    for (int n = OPTIONS_LIMIT - 1; n <= OPTIONS_LIMIT + 1; n++) {
        struct world w;
        json_t *doc =
            doc_of((struct parts){ .facts = "[{'id': 'a'}]", .rules = "[{'id': 'r', 'when': {'var': 'a'}}]" });
        json_t *mods = json_array();
        for (int i = 0; i < n; i++) {
            char value[16];
            (void)snprintf(value, sizeof(value), "v%d", i);
            json_array_append_new(mods, json_pack("{ss, ss}", "kind", "position", "value", value));
        }
        json_object_set_new(json_array_get(json_object_get(doc, "rules"), 0), "modifications", mods);
        enum rc rc = build(&w, doc);
        assert_int_equal(rc == RC_OK, n <= OPTIONS_LIMIT);
        if (rc == RC_OK) {
            assert_int_equal(w.cat->n_options[MOD_POSITION], n);
        } else {
            assert_int_equal(w.faults.at[0].code, FAULT_TOO_MANY);
            assert_str(w.faults.at[0].pointer, STR("/modifications/32/value"));
        }
        done(&w);
        json_decref(doc);
    }
}

static void refuses_what_is_no_document(void **state)
{
    static const char *const texts[] = { "", "{", "[]", "3", "null", "{\"a\": 1, \"a\": 2}", "{} {}" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena arena;
        struct faults faults;
        struct error err = { .code = RC_OK };
        struct catalogue *cat = NULL;
        struct source_doc doc = { .text = str_of(texts[i]) };
        arena_init(&arena, 0);
        faults_init(&faults, &arena);
        assert_int_equal(catalogue_new(&doc, &cat, &faults, &err), RC_CATALOGUE_INVALID);
        assert_int_equal(err.code, RC_CATALOGUE_INVALID);
        assert_null(cat);
        arena_done(&arena);
    }
}

RUN_TESTS(cmocka_unit_test(takes_the_document_as_it_is), cmocka_unit_test(refuses_every_broken_variant),
          cmocka_unit_test(misses_every_required_member), cmocka_unit_test(says_who_goes_in_a_circle),
          cmocka_unit_test(reports_faults_of_all_parts_at_once), cmocka_unit_test(counts_faults_beyond_those_it_keeps),
          cmocka_unit_test(bounds_its_lists), cmocka_unit_test(bounds_complaint_lists),
          cmocka_unit_test(bounds_options), cmocka_unit_test(refuses_what_is_no_document))
