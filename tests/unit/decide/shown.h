/* Decisions as text, line by line, so that a test can say what it expects of one:
 *
 *   disposition proceed            booking book                complete yes
 *   order soft firm                (techniques, best first)
 *   soft modified                  soft could not_allowed      soft because r s
 *   soft mods max_pressure 2; max_pressure 1 @neck,jaw/left; avoid neck,?; no_heat; position seated
 *   soft allowed by a physician, b guardian, c absent, f.date -3, in 9   (a set; days from as_of; "by" alone: none)
 *   soft more                      soft stays r s              soft free in 9
 *   warnings r s                   r is caution modified proceed_modified (severity, effect, disposition)
 *   r systemic                     r at neck,jaw               r by /symptoms/0
 *   r cleared /clearances/0        r clearable physician a b
 *   asks a f.date sex              a changes emergency not_allowed [soft] mods
 *   course c soft                  no course disposition       focus neck jaw
 *   phase One: 4 x 1, 40 min, p3   total 4, weeks 4, reassess 2
 *   first 30 min, p2, soft         replan taper, also gap      adjusted j k
 *   advice ...                     self ...                    co ...
 *   ignored /clearances/0 clearance_unused                     unrecognised /symptoms/0     outdated /symptoms/0 s
 *
 * An empty list shows as its first word alone. In what is expected, "!" before a line says that it must not be there.
 */
#ifndef PALPATE_TESTS_DECIDE_SHOWN_H
#define PALPATE_TESTS_DECIDE_SHOWN_H

#include "base/date.h"
#include "decide/decide.h"
#include "rules/person.h"

struct judged {
    struct person person;
    struct arena arena;
    struct faults faults;
    struct decision d;
    char text[32768];
    size_t n;
};

static inline void say(struct judged *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline void say(struct judged *j, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(j->text + j->n, sizeof(j->text) - j->n, fmt, args);
    va_end(args);
    assert_true(n >= 0 && j->n + (size_t)n < sizeof(j->text));
    j->n += (size_t)n;
}

static inline void say_list(struct judged *j, struct strs s)
{
    for (size_t i = 0; i < s.n; i++)
        say(j, " %.*s", STR_ARGS(s.at[i]));
}

static inline void say_places(struct judged *j, const struct places *p, bool unknown)
{
    const char *comma = "";
    for (int place = 0; place < PLACE_COUNT; place++) {
        if (!places_has(p, place))
            continue;
        say(j, "%s%.*s", comma, STR_ARGS(region_name(place_region(place))));
        if (place_side(place) != NOT_GIVEN)
            say(j, "/%.*s", STR_ARGS(side_name((enum side)place_side(place))));
        comma = ",";
    }
    if (unknown)
        say(j, "%s?", comma);
}

static inline void say_modification(struct judged *j, const struct modification *m)
{
    const struct mod_info *info = &mod_table[m->kind];
    say(j, " %s", info->type == MOD_PLACE ? "avoid" : info->name.p);
    if (info->type == MOD_NUMBER)
        say(j, " %d", m->number);
    if (info->type == MOD_OPTION)
        say(j, " %.*s", STR_ARGS(m->option));
    if (!places_empty(&m->places) || m->place_unknown) {
        say(j, info->type == MOD_PLACE ? " " : " @");
        say_places(j, &m->places, m->place_unknown);
    }
}

/* A day, as so many from as_of. */
static inline int days_ahead(struct str date)
{
    int32_t day = 0;
    assert_true(date_parse(date, &day));
    return day - AS_OF;
}

static inline void say_set(struct judged *j, const struct allow_set *set)
{
    const char *comma = "";
    for (size_t i = 0; i < set->n_clearances; i++, comma = ",")
        say(j, "%s %.*s %.*s", comma, STR_ARGS(set->clearances[i].fact), STR_ARGS(set->clearances[i].by));
    for (size_t i = 0; i < set->n_answers; i++, comma = ",") {
        const struct allow_answer *a = &set->answers[i];
        bool dated = a->attribute.p && str_eq(a->attribute, STR("date"));
        say(j, "%s %.*s", comma, STR_ARGS(a->fact));
        if (dated)
            say(j, ".date %d", days_ahead(a->answer));
        else if (a->attribute.p)
            say(j, ".%.*s %.*s", STR_ARGS(a->attribute), STR_ARGS(a->answer));
        else
            say(j, " %.*s", STR_ARGS(a->answer));
    }
    if (set->date != DATE_NOT_GIVEN)
        say(j, "%s in %d", comma, set->date - AS_OF);
}

static inline void say_allowed(struct judged *j, const struct technique_verdict *t)
{
    for (size_t i = 0; i < t->n_would_allow; i++) {
        say(j, "%.*s allowed by", STR_ARGS(t->code));
        say_set(j, &t->would_allow[i]);
        say(j, "\n");
    }
    if (t->more_would_allow)
        say(j, "%.*s more\n", STR_ARGS(t->code));
    if (t->earliest_date != DATE_NOT_GIVEN)
        say(j, "%.*s free in %d\n", STR_ARGS(t->code), t->earliest_date - AS_OF);
    if (t->cannot_change.n) {
        say(j, "%.*s stays", STR_ARGS(t->code));
        say_list(j, t->cannot_change);
        say(j, "\n");
    }
}

static inline void say_technique(struct judged *j, const struct technique_verdict *t)
{
    say(j, "%.*s %.*s\n", STR_ARGS(t->code), STR_ARGS(verdict_name(t->verdict)));
    say(j, "%.*s could %.*s\n", STR_ARGS(t->code), STR_ARGS(verdict_name(t->could_become)));
    say(j, "%.*s because", STR_ARGS(t->code));
    say_list(j, t->because);
    say(j, "\n%.*s mods", STR_ARGS(t->code));
    for (size_t i = 0; i < t->n_modifications; i++) {
        say(j, i ? ";" : "");
        say_modification(j, &t->modifications[i]);
    }
    say(j, "\n");
    say_allowed(j, t);
}

static inline void say_warning(struct judged *j, const struct warning *w)
{
    struct str none = STR("none");
    say(j, "%.*s is %.*s %.*s %.*s\n", STR_ARGS(w->code), STR_ARGS(severity_name(w->severity)),
        STR_ARGS(verdict_name(w->effect)),
        STR_ARGS(w->disposition == NOT_GIVEN ? none : disposition_name((enum disposition)w->disposition)));
    say(j, w->regional ? "%.*s at " : "%.*s systemic", STR_ARGS(w->code));
    if (w->regional)
        say_places(j, &w->places, false);
    say(j, "\n%.*s by", STR_ARGS(w->code));
    say_list(j, w->triggered_by);
    say(j, "\n");
    assert_int_equal(w->cleared, w->cleared_by.n > 0);
    if (w->cleared) {
        say(j, "%.*s cleared", STR_ARGS(w->code));
        say_list(j, w->cleared_by);
        say(j, "\n");
    }
    if (w->clearable_by.p) {
        say(j, "%.*s clearable %.*s", STR_ARGS(w->code), STR_ARGS(w->clearable_by));
        say_list(j, w->clearance_for);
        say(j, "\n");
    }
}

static inline void say_subject(struct judged *j, const struct question *q)
{
    say(j, "%.*s%s%.*s", STR_ARGS(q->fact), q->attribute.p ? "." : "", (int)q->attribute.n,
        q->attribute.p ? q->attribute.p : "");
}

static inline void say_question(struct judged *j, const struct question *q)
{
    say_subject(j, q);
    say(j, " changes");
    if (q->could_disposition != NOT_GIVEN)
        say(j, " %.*s", STR_ARGS(disposition_name((enum disposition)q->could_disposition)));
    if (q->could_verdict != NOT_GIVEN)
        say(j, " %.*s", STR_ARGS(verdict_name((enum verdict)q->could_verdict)));
    if (q->could_techniques.n) {
        say(j, " [");
        for (size_t i = 0; i < q->could_techniques.n; i++)
            say(j, "%s%.*s", i ? " " : "", STR_ARGS(q->could_techniques.at[i]));
        say(j, "]");
    }
    say(j, q->could_modify ? " mods\n" : "\n");
}

static inline void say_course(struct judged *j, const struct decision *d)
{
    const struct course_plan *c = d->course;
    if (!c) {
        say(j, "no course %.*s\n", STR_ARGS(d->no_course_because));
        return;
    }
    assert_null(d->no_course_because.p);
    say(j, "course %.*s %.*s\nfocus", STR_ARGS(c->id), STR_ARGS(c->technique));
    for (size_t i = 0; i < c->n_focus; i++)
        say(j, " %.*s", STR_ARGS(region_name(c->focus_order[i])));
    say(j, "\n");
    for (size_t i = 0; i < c->n_phases; i++)
        say(j, "phase %.*s: %d x %g, %d min, p%d\n", STR_ARGS(c->phases[i].name), c->phases[i].sessions,
            c->phases[i].per_week / (double)PER_WEEK_SCALE, c->phases[i].minutes, c->phases[i].pressure);
    say(j, "total %d, weeks %d, reassess %d\n", c->total_sessions, c->weeks, c->reassess_after_sessions);
    if (c->first_session.given)
        say(j, "first %d min, p%d%s%.*s\n", c->first_session.minutes, c->first_session.pressure,
            c->first_session.technique.p ? ", " : "", (int)c->first_session.technique.n,
            c->first_session.technique.p ? c->first_session.technique.p : "");
    if (c->replan.p) {
        say(j, "replan %.*s%s", STR_ARGS(c->replan), c->replan_also.n ? ", also" : "");
        say_list(j, c->replan_also);
        say(j, "\n");
    }
    say(j, "adjusted");
    say_list(j, c->adjustments);
    say(j, "\nadvice");
    say_list(j, c->advice);
    say(j, "\nself");
    say_list(j, c->self_care);
    say(j, "\nco");
    say_list(j, c->co_care);
    say(j, "\n");
}

static inline void show(struct judged *j)
{
    const struct decision *d = &j->d;
    j->n = 0;
    say(j, "\ndisposition %.*s\nbooking %.*s\ncomplete %s\norder", STR_ARGS(disposition_name(d->disposition)),
        STR_ARGS(booking_name(d->booking)), d->complete ? "yes" : "no");
    for (size_t i = 0; i < d->n_techniques; i++)
        say(j, " %.*s", STR_ARGS(d->techniques[i].code));
    say(j, "\n");
    for (size_t i = 0; i < d->n_techniques; i++)
        say_technique(j, &d->techniques[i]);
    say(j, "warnings");
    for (size_t i = 0; i < d->n_warnings; i++)
        say(j, " %.*s", STR_ARGS(d->warnings[i].code));
    say(j, "\n");
    for (size_t i = 0; i < d->n_warnings; i++)
        say_warning(j, &d->warnings[i]);
    say(j, "asks");
    for (size_t i = 0; i < d->n_questions; i++) {
        say(j, " ");
        say_subject(j, &d->questions[i]);
    }
    say(j, "\n");
    for (size_t i = 0; i < d->n_questions; i++)
        say_question(j, &d->questions[i]);
    say_course(j, d);
    for (size_t i = 0; i < d->n_ignored; i++)
        say(j, "ignored %.*s %s\n", STR_ARGS(d->ignored[i].pointer), ignored_name(d->ignored[i].reason));
    for (size_t i = 0; i < d->n_unrecognised; i++)
        say(j, "unrecognised %.*s\n", STR_ARGS(d->unrecognised[i].pointer));
    for (size_t i = 0; i < d->n_outdated; i++)
        say(j, "outdated %.*s %.*s\n", STR_ARGS(d->outdated[i].pointer), STR_ARGS(d->outdated[i].fact));
}

static inline void judge_person(struct judged *j, const struct catalogue *cat, const char *line)
{
    person_read(&j->person, line);
    arena_init(&j->arena, 0);
    faults_init(&j->faults, &j->arena);
    enum rc rc = screen(cat, &j->person.s, &j->arena, &j->faults, &j->d);
    if (rc != RC_OK)
        fail_msg("%s: %s, %zu faults", line, rc_name(rc), j->faults.total);
    show(j);
}

static inline bool shows(const struct judged *j, const char *line, size_t n)
{
    for (const char *p = j->text; (p = memchr(p, '\n', j->n - (size_t)(p - j->text))); p++)
        if ((size_t)(p - j->text) + 1 + n < j->n && memcmp(p + 1, line, n) == 0 && p[1 + n] == '\n')
            return true;
    return false;
}

/* Every line of `want` is there, and none that begins with "!". */
static inline void check_shown(const struct judged *j, const char *line, const char *want)
{
    for (const char *p = want; *p;) {
        size_t n = strcspn(p, "\n");
        bool must = *p != '!';
        if (shows(j, p + !must, n - !must) != must)
            fail_msg("%s\nexpected %s%.*s in%s", line, must ? "" : "no ", (int)(n - !must), p + !must, j->text);
        p += n + (p[n] == '\n');
    }
}

/* One case: what the rules are (NULL: as the row before), who comes, and what shows. */
struct row {
    const char *rules, *line, *want;
};

static inline void check_rows(struct parts parts, const struct row *rows, size_t n)
{
    static struct judged j;
    struct catalogue *cat = NULL;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].rules || !cat) {
            catalogue_unref(cat);
            if (rows[i].rules)
                parts.rules = rows[i].rules;
            cat = catalogue_of(parts);
        }
        judge_person(&j, cat, rows[i].line);
        check_shown(&j, rows[i].line, rows[i].want);
        arena_done(&j.arena);
    }
    catalogue_unref(cat);
}

#define CHECK_ROWS(parts, rows) check_rows((parts), (rows), ARRAY_LEN(rows))

#endif
