/* The variables that conditions read besides facts (S7). */
#include "rules/intake_priv.h"

enum tri complaint_in_list(const struct complaint_list *l, const struct complaint *c)
{
    enum tri result = TRI_YES, r;
    if (l->pain_min != NOT_GIVEN || l->pain_max != NOT_GIVEN) {
        r = c->pain == NOT_GIVEN ? l->not_given
            : c->pain >= (l->pain_min == NOT_GIVEN ? 0 : l->pain_min) &&
                    (l->pain_max == NOT_GIVEN || c->pain <= l->pain_max)
                ? TRI_YES
                : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->days_min != NOT_GIVEN || l->days_max != NOT_GIVEN) {
        r = c->duration_days == NOT_GIVEN ? l->not_given
            : c->duration_days >= (l->days_min == NOT_GIVEN ? 0 : l->days_min) &&
                    (l->days_max == NOT_GIVEN || c->duration_days <= l->days_max)
                ? TRI_YES
                : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->onsets) {
        r = c->onset == NOT_GIVEN ? l->not_given : l->onsets >> c->onset & 1 ? TRI_YES : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->causes) {
        r = c->cause == NOT_GIVEN ? l->not_given : l->causes >> c->cause & 1 ? TRI_YES : TRI_NO;
        result = r < result ? r : result;
    }
    return result;
}

static void set_complaint_variables(struct job *j)
{
    struct intake *in = j->in;
    const struct definitions *defs = &j->cat->definitions;
    bool pain_missing = false;
    int32_t onsets = 0, causes = 0;
    uint32_t regions = 0;
    for (size_t i = 0; i < j->s->n_complaints; i++) {
        const struct complaint *c = &j->s->complaints[i];
        pain_missing |= c->pain == NOT_GIVEN;
        in->pain_low = c->pain > in->pain_low ? c->pain : in->pain_low;
        onsets |= c->onset == NOT_GIVEN ? 0 : 1 << c->onset;
        causes |= c->cause == NOT_GIVEN ? 0 : 1 << c->cause;
        regions |= UINT32_C(1) << c->region;
        if (c->duration_days > in->value[VAR_DURATION_DAYS_MAX])
            in->value[VAR_DURATION_DAYS_MAX] = c->duration_days;
        for (uint32_t l = 0; l < defs->n_lists; l++) {
            enum tri r = complaint_in_list(&defs->lists[l], c);
            if (r == TRI_YES)
                in->list_yes[l] |= UINT32_C(1) << c->region;
            else if (r == TRI_UNKNOWN)
                in->list_unknown[l] |= UINT32_C(1) << c->region;
        }
    }
    in->pain_high = pain_missing ? PAIN_MAX : in->pain_low;
    in->value[VAR_ONSET_ANY] = onsets;
    in->value[VAR_CAUSE_ANY] = causes;
    in->value[VAR_REGIONS_OVER_TWO] = __builtin_popcount(regions) > 2;
    int32_t days = in->value[VAR_DURATION_DAYS_MAX];
    if (days == NOT_GIVEN)
        in->value[VAR_DURATION_DAYS_MAX] = VALUE_MISSING;
    in->value[VAR_ACUITY] = days == NOT_GIVEN                 ? ACUITY_NONE
                            : days < defs->subacute_from_days ? ACUITY_ACUTE
                            : days < defs->chronic_from_days  ? ACUITY_SUBACUTE
                                                              : ACUITY_CHRONIC;
}

static int32_t given(int32_t v)
{
    return v == NOT_GIVEN ? VALUE_MISSING : v;
}

void set_variables(struct job *j)
{
    struct intake *in = j->in;
    for (int i = 0; i < VAR_COUNT_; i++)
        in->value[i] = VALUE_MISSING;
    in->value[VAR_DURATION_DAYS_MAX] = NOT_GIVEN;
    in->value[VAR_AGE_YEARS] = j->s->age_years;
    in->value[VAR_SEX] = j->s->sex == SEX_UNKNOWN ? VALUE_MISSING : (int32_t)j->s->sex;
    in->value[VAR_GOALS] = (int32_t)j->s->goals;
    in->value[VAR_HAS_TECHNIQUE_WISH] = j->s->n_wishes > 0;
    in->value[VAR_WISH_MINUTES] = given(j->s->session_minutes);
    in->value[VAR_WISH_PER_WEEK] = given(j->s->per_week_max);
    in->value[VAR_WISH_PRESSURE] = given(j->s->pressure_wish);
    set_complaint_variables(j);
}
