/* A rule in words. */
#include "cli/show.h"
#include "cli/words.h"

/* ---- when, and while it is not known ---------------------------------------------------------------------- */

static void show_when(struct shown *sh, const json_t *item)
{
    page_heading(&sh->page, "When it fires");
    say_condition(&sh->page, &sh->sentences, "It fires when", json_object_get(item, "when"));
    show_reading_note(sh);
}

static void show_unknown(struct shown *sh, const struct rule *r)
{
    struct page *p = &sh->page;
    page_heading(p, "While that is not known");
    if (!r->hold) {
        page_say(p, 0, "",
                 "While it is not known whether this rule fires, nothing is held back for it: what is "
                 "missing is asked if the answer could make a difference.");
        return;
    }
    page_begin(p, 0, "");
    page_add(p, "It holds: while it is not known whether this rule fires, its techniques wait for an answer");
    if (r->disposition != NOT_GIVEN)
        page_add(p, ", and so does the booking, unless something graver is already known");
    page_add(p, ".");
    page_end(p);
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

static void show_techniques(struct shown *sh, const struct rule *r, const json_t *item)
{
    struct page *p = &sh->page;
    const struct catalogue *cat = sh->cat;
    const json_t *target = json_object_get(item, "target");
    size_t n = (size_t)__builtin_popcountll(r->targets), i = 0;
    page_heading(p, "Which techniques it concerns");
    if (target)
        say_target(p, &sh->sentences, "It concerns every technique for which", target);
    page_begin(p, 0, "");
    if (n == 0)
        page_add(p, "No technique that is ever offered: nothing follows from this rule.");
    else if (r->targets == cat->offered)
        page_add(p, "Every technique of the catalogue.");
    else
        page_add(p, "In this catalogue %s: ", n == 1 ? "this is" : "these are");
    for (uint32_t t = 0; t < cat->n_techniques && r->targets != cat->offered; t++)
        if (r->targets >> t & 1) {
            page_add(p, "%s", page_between(i++, n, " and "));
            page_add_str(p, cat->techniques[t].name);
        }
    page_add(p, "%s", n && r->targets != cat->offered ? "." : "");
    page_end(p);
}

/* ---- what it does ----------------------------------------------------------------------------------------- */

static const char *const effect_words[] = {
    [VERDICT_ALLOWED] = "The techniques stay allowed: the rule only gives a warning.",
    [VERDICT_MODIFIED] = "The techniques are allowed only with changes.",
    [VERDICT_NEEDS_ANSWERS] = "The techniques wait for answers.",
    [VERDICT_CLEARANCE_REQUIRED] = "The techniques may not be used without a clearance.",
    [VERDICT_NOT_ALLOWED] = "The techniques are not allowed.",
};
static_assert(ARRAY_LEN(effect_words) == VERDICT_COUNT_, "every effect has words");

static void show_disposition(struct page *p, const struct rule *r)
{
    page_begin(p, 0, "");
    page_add(p, "For the client as a whole: ");
    if (r->disposition == NOT_GIVEN) {
        page_add(p, "it asks for nothing beyond these techniques.");
    } else {
        say_word(p, &disposition_vocabulary, disposition_name((enum disposition)r->disposition));
        if (r->disposition >= DISPOSITION_DO_NOT_TREAT)
            page_add(p, " (so that no technique is allowed, whatever it targets)");
        else if (r->disposition == DISPOSITION_CLEARANCE_REQUIRED)
            page_add(p, " (so that every technique waits for it)");
        page_add(p, ".");
    }
    page_end(p);
}

static void show_scope(struct page *p, const struct rule *r)
{
    page_begin(p, 0, "");
    switch (r->scope) {
    case RULE_SYSTEMIC:
        page_add(p, "Where: it concerns the whole session.");
        break;
    case RULE_REGIONS:
        page_add(p, "Where: it concerns the ");
        say_region_set(p, places_regions(&r->regions), " and ");
        page_add(p, ", whatever the place of the complaint.");
        break;
    case RULE_WHERE_FOUND:
        page_add(p, "Where: it concerns the place given with the finding that makes it fire. While that place is not "
                    "known it is asked, and changes to it hold for the whole session.");
        if (r->bans_where_found)
            page_add(p, " What may not be worked on is not known until then%s.",
                     r->hold ? ": the techniques wait for the answer" : "");
        break;
    }
    page_end(p);
}

static const char *where_of(const struct rule *r, const struct mod *m)
{
    if (r->scope == RULE_SYSTEMIC || m->kind == MOD_AVOID_REGION)
        return "";
    return !mod_table[m->kind].part       ? ", for the whole session"
           : r->scope == RULE_WHERE_FOUND ? ", at that place"
                                          : ", on those parts";
}

static void say_names(struct page *p, const struct catalogue *cat, uint64_t techniques)
{
    size_t n = (size_t)__builtin_popcountll(techniques), i = 0;
    for (uint32_t t = 0; t < cat->n_techniques; t++)
        if (techniques >> t & 1) {
            page_add(p, "%s", page_between(i++, n, " and "));
            page_add_str(p, cat->techniques[t].name);
        }
}

/* Techniques that the changes leave without what makes them: S10. */
static void show_nothing_left(struct shown *sh, const struct rule *r)
{
    struct page *p = &sh->page;
    const char *then = r->clearable_by == NOT_GIVEN ? "not allowed" : "not allowed without a clearance";
    uint64_t sure = r->nothing_left & r->targets, maybe = r->nothing_left_placed & r->targets & ~sure;
    bool placed = r->scope == RULE_WHERE_FOUND;
    if (placed) { /* with a place that is known only what holds for the whole session counts */
        sure = r->nothing_left_placed & r->targets;
        maybe = r->nothing_left & r->targets & ~sure;
    }
    if (sure) {
        page_begin(p, 0, "");
        page_add(p, "These changes leave nothing of ");
        say_names(p, sh->cat, sure);
        page_add(p, ": %s.", then);
        page_end(p);
    }
    if (placed && maybe) {
        page_begin(p, 0, "");
        page_add(p, "While the place of the finding is not known, they leave nothing of ");
        say_names(p, sh->cat, maybe);
        page_add(p, ": meanwhile %s.", then);
        page_end(p);
    }
}

static void show_effect(struct shown *sh, const struct rule *r, const json_t *item)
{
    struct page *p = &sh->page;
    const json_t *mods = json_object_get(item, "modifications");
    page_heading(p, "What it does");
    page_begin(p, 0, "");
    page_add(p, "Kind of warning: ");
    say_word(p, &severity_vocabulary, severity_name(r->severity));
    page_add(p, ". %s", effect_words[r->effect]);
    page_end(p);
    show_disposition(p, r);
    show_scope(p, r);
    if (r->n_mods)
        page_say(p, 0, "", "Changes:");
    for (uint32_t i = 0; i < r->n_mods; i++) {
        page_begin(p, 2, "- ");
        say_modification(p, json_array_get(mods, i));
        page_add(p, "%s", where_of(r, &r->mods[i]));
        page_end(p);
    }
    show_nothing_left(sh, r);
}

/* ---- clearance -------------------------------------------------------------------------------------------- */

static void show_who(struct page *p, const struct rule *r)
{
    page_begin(p, 0, "");
    page_add(p, "It can be cleared by ");
    say_word(p, &clearer_vocabulary, clearer_name((enum clearer)r->clearable_by));
    if (r->clearable_by == CLEARER_PHYSICIAN)
        page_add(p,
                 ", or by any clinician named in place of one (a surgeon, or the oncology, cardiology, haematology or "
                 "obstetric team)");
    page_add(p, ", and by nobody else.");
    page_end(p);
}

/* A guardian writes no letter. */
static const char *paper_of(const struct rule *r)
{
    return r->clearable_by == CLEARER_GUARDIAN ? "agreement" : "letter";
}

/* A letter about a complaint counts only for a complaint that was there when it was written (S9). */
static void show_complaint_letter(struct shown *sh, const struct fact *f)
{
    struct page *p = &sh->page;
    page_begin(p, 0, "");
    page_add(p, "A letter about \"%.*s\" must also be no older than ", STR_ARGS(f->label));
    page_add(p, "%s", f->complaint_regions ? "every complaint of the " : "every complaint");
    say_region_set(p, f->complaint_regions, " and ");
    page_add(p, " (no older than %d days where the complaint's duration is not given).",
             sh->cat->definitions.clearance_complaint_days);
    page_end(p);
}

static void show_letter(struct shown *sh, const struct rule *r)
{
    struct page *p = &sh->page;
    page_begin(p, 0, "");
    page_add(p, "The %s must be about ", paper_of(r));
    for (uint32_t i = 0; i < r->clearance_for.n; i++) {
        const struct fact *f = &sh->cat->facts[r->clearance_for.at[i]];
        page_add(p, "%s\"%.*s\" (%.*s)", page_between(i, r->clearance_for.n, " or "), STR_ARGS(f->label),
                 STR_ARGS(f->id));
    }
    page_add(p, ", and counts for ");
    say_days(p, sh->cat->definitions.clearance_valid_days);
    page_add(p,
             " after its date. What was found after its date is not cleared, nor is another finding that makes the "
             "rule fire. Where the rule fires without any finding it names (by age, by a complaint or for lack of "
             "consent), the %s lifts it as it stands.",
             paper_of(r));
    page_end(p);
    for (uint32_t i = 0; i < r->clearance_for.n; i++)
        if (sh->cat->facts[r->clearance_for.at[i]].has_complaint_regions)
            show_complaint_letter(sh, &sh->cat->facts[r->clearance_for.at[i]]);
}

/* A letter covers what was there before it; without a date that is not told (S9). */
static void show_undated(struct page *p, const struct catalogue *cat, const struct rule *r)
{
    bool dated = false;
    if (r->clearable_by == CLEARER_GUARDIAN)
        return;
    for (uint32_t i = 0; i < r->clearance_for.n; i++)
        dated |= cat->facts[r->clearance_for.at[i]].attributes >> ATTR_DATE & 1;
    if (dated)
        page_say(p, 0, "", "%s",
                 r->acute
                     ? "It is about something acute: a finding without a date may be newer than the letter, so its "
                       "date is asked."
                     : "A finding without a date counts as known to the one who wrote the letter.");
}

static void show_clearance(struct shown *sh, const struct rule *r)
{
    struct page *p = &sh->page;
    page_heading(p, "Clearance");
    if (r->clearable_by == NOT_GIVEN) {
        page_say(p, 0, "", "No clearance lifts it.");
        return;
    }
    show_who(p, r);
    show_letter(sh, r);
    page_begin(p, 0, "");
    page_add(p,
             "Once cleared, this rule no longer stands in the way: its techniques count as %s. The warning stays, "
             "marked as cleared.",
             r->cleared_effect == VERDICT_ALLOWED
                 ? "allowed as far as this rule goes"
                 : "\"allowed with changes\", of which it names none itself (the letter and other rules do)");
    page_end(p);
    show_undated(p, sh->cat, r);
}

/* ---- texts ------------------------------------------------------------------------------------------------ */

static void show_said(struct page *p, const struct rule *r)
{
    page_heading(p, "What is said");
    page_field(p, 0, "To the client", r->message);
    page_field(p, 0, "What to do", r->action);
    page_field(p, 0, "For the therapist", r->note);
}

static void show_why(struct shown *sh, const struct rule *r, const json_t *item)
{
    struct page *p = &sh->page;
    page_heading(p, "Why");
    page_begin(p, 0, "");
    page_add_str(p, r->rationale);
    if (r->certainty != NOT_GIVEN) {
        page_add(p, " Certainty of this rule: ");
        say_word(p, &certainty_vocabulary, certainty_name((enum certainty)r->certainty));
        page_add(p, ".");
    }
    page_end(p);
    show_sources(sh, json_object_get(item, "evidence"));
}

void show_rule(struct shown *sh, const json_t *item)
{
    const struct rule *r = &sh->cat->rules[catalogue_find_rule(sh->cat, member_text(item, "id"))];
    show_head(sh, "Rule", r->id);
    page_field(&sh->page, 0, "About", member_text(item, "topic"));
    show_said(&sh->page, r);
    show_when(sh, item);
    show_unknown(sh, r);
    show_techniques(sh, r, item);
    show_effect(sh, r, item);
    show_clearance(sh, r);
    show_why(sh, r, item);
    show_findings(sh);
    show_review(sh, item);
}
