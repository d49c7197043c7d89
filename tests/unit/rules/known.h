/* Known deviations of the service from its semantics, and defects: rows of tests that would fail for one of them wait
 * for its switch. Whoever mends one sets the switch to 1, sees the rows pass, and takes it away. */
#ifndef PALPATE_TESTS_RULES_KNOWN_H
#define PALPATE_TESTS_RULES_KNOWN_H

enum {
    FIXED_REALS_IN_LISTS = 0,      /* canonical form: [2.0] is [2] */
    FIXED_PREFIX_TWICE = 0,        /* a prefix written in two ways names its fact once */
    FIXED_ASK_IF_GOES_DOWN = 1,    /* S5.1: what a question that does not apply makes absent goes down as in S1 */
    FIXED_CARRIED_ATTRIBUTES = 0,  /* S3, S6: an outdated finding brings what both facts declare, no more */
    FIXED_SETTLED_BY_INSTANCE = 0, /* S18: an operand is settled for the findings that are tried, not for any */
    FIXED_SEX_TOGETHER = 0,        /* S8: several tests of an unknown sex are passed by one sex, or the term is false */
    FIXED_SILENT_OOM = 0,       /* memory that runs out while a catalogue is read is always RC_OOM, never a gap in it */
    FIXED_TECHNIQUE_BEFORE = 0, /* S15: "another technique" than the last one named, not than the last entry's */
    FIXED_NULL_CONDITIONS = 0,  /* canonical form: a condition that is null is none */
    FIXED_OPEN_THROUGH_IMPLIES = 1, /* S18: an umbrella that only an implication leaves open is asked for that */
    FIXED_PLACES_OF_FIRED = 0,      /* S11: what could add a place to a rule that has fired is counted and asked */
    FIXED_OFFERS_ASKED = 0,         /* S18: whether a technique is offered is asked only while it is not forbidden */
    FIXED_HELD_DISPOSITION = 1, /* S12, S18: what holds the disposition is asked, whatever its techniques' verdicts */
    FIXED_LIFTED_WHILE_UNKNOWN = 0, /* S9.3: two unknown results are not the same, so that a clearance lifts nothing */
    FIXED_PLACE_FOR_DISPOSITION =
        0, /* S18: a place that could raise the disposition is asked though all is forbidden */
    FIXED_MODIFIED_THOUGH_FORBIDDEN = 1, /* S18: no modifications could be added where a rule forbids */
};

#endif
