-- From the document to the tables. Each part of the document has a function of its own, in the order that foreign
-- keys ask for. They run on a document whose shape palpate.document_faults has found sound, and are called by
-- palpate.catalogue_store only.

create function palpate.document_words(document jsonb, section text)
returns table (language text, id text, body jsonb)
language sql immutable
set search_path = ''
as $$
    -- the texts inside the items, and their translations under the same members
    select document ->> 'language', coalesce(e.body ->> 'id', e.body ->> 'code'), e.body
    from jsonb_array_elements(document -> section) as e (body)
    union all
    select t.language, e.key, e.value
    from jsonb_each(document -> 'texts') as t (language, body)
    cross join lateral jsonb_each(t.body -> section) as e
$$;
comment on function palpate.document_words(jsonb, text) is
    'Whatever has texts in one section of a document: every item of it, in every language it is said in';

create function palpate.store_languages(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.catalogue_language (version, language, own)
    values (into_version, document ->> 'language', true);

    insert into palpate.catalogue_language (version, language, own, review_status, review_by, review_on)
    select into_version, t.language, false, r.status, r.by, r.date
    from jsonb_each(document -> 'texts') as t (language, body)
    cross join lateral jsonb_to_record(t.body -> 'review')
        as r (status palpate.review_status, by text, date date);
$$;

create function palpate.store_evidence(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.evidence (
        version, id, ord, design, title, authors, year, venue, doi, pmid, url, certainty, verified, verified_note
    )
    select into_version, r.id, e.ord, r.design, r.title, r.authors, r.year, r.venue, r.doi, r.pmid, r.url,
        r.certainty, r.verified, r.verified_note
    from jsonb_array_elements(document -> 'evidence') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, design palpate.study_design, title text, authors text, year integer, venue text, doi text,
        pmid text, url text, certainty palpate.certainty, verified palpate.verification, verified_note text
    );

    insert into palpate.evidence_name (version, name, evidence, ord)
    select into_version, n.name, e.body ->> 'id', n.ord
    from jsonb_array_elements(document -> 'evidence') as e (body)
    cross join lateral (
        select e.body ->> 'id', 0
        union all
        select a.name, a.ord
        from jsonb_array_elements_text(e.body -> 'aliases') with ordinality as a (name, ord)
    ) as n (name, ord);

    insert into palpate.evidence_text (version, language, evidence, finding, population)
    select into_version, w.language, w.id, w.body ->> 'finding', w.body ->> 'population'
    from palpate.document_words(document, 'evidence') as w;
$$;

create function palpate.store_facts(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.attribute (version, id, ord)
    select into_version, e.body ->> 'id', e.ord
    from jsonb_array_elements(document -> 'attributes') with ordinality as e (body, ord);

    insert into palpate.attribute_text (version, language, attribute, question)
    select into_version, w.language, w.id, w.body ->> 'question'
    from palpate.document_words(document, 'attributes') as w;

    insert into palpate.fact (
        version, id, ord, kind, fact_group, gate, ask_if, valid_days, clearance_only, complaints_listed
    )
    select into_version, r.id, e.ord, r.kind, r."group", coalesce(r.gate, false), r.ask_if, r.valid_days,
        coalesce(r.clearance_only, false), r.complaint_regions <> '[]'
    from jsonb_array_elements(document -> 'facts') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, kind palpate.fact_kind, "group" text, gate boolean, ask_if jsonb, valid_days integer,
        clearance_only boolean, complaint_regions jsonb
    );

    insert into palpate.fact_text (version, language, fact, label, question, answer_meaning)
    select into_version, w.language, w.id, w.body ->> 'label', w.body ->> 'question', w.body ->> 'answer_meaning'
    from palpate.document_words(document, 'facts') as w;

    insert into palpate.fact_attribute (version, fact, ord, attribute)
    select into_version, e.body ->> 'id', a.ord, a.id
    from jsonb_array_elements(document -> 'facts') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'attributes') with ordinality as a (id, ord);

    insert into palpate.fact_implication (version, fact, ord, implied)
    select into_version, e.body ->> 'id', f.ord, f.id
    from jsonb_array_elements(document -> 'facts') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'implies') with ordinality as f (id, ord);

    insert into palpate.fact_cover (version, umbrella, ord, covered)
    select into_version, e.body ->> 'id', f.ord, f.id
    from jsonb_array_elements(document -> 'facts') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'covers') with ordinality as f (id, ord);

    insert into palpate.fact_complaint_region (version, fact, ord, region)
    select into_version, e.body ->> 'id', r.ord, r.region::palpate.region
    from jsonb_array_elements(document -> 'facts') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'complaint_regions') with ordinality as r (region, ord);

    insert into palpate.coding (version, fact, system, ord, prefix)
    select into_version, e.body ->> 'id', s.system, p.ord, p.prefix
    from jsonb_array_elements(document -> 'facts') as e (body)
    cross join lateral jsonb_each(e.body -> 'codes') as s (system, prefixes)
    cross join lateral jsonb_array_elements_text(s.prefixes) with ordinality as p (prefix, ord);
$$;

create function palpate.store_techniques(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.technique (
        version, code, ord, kind, pressure, min_pressure, minutes_from, minutes_to, default_offered, offer_when,
        never_offered
    )
    select into_version, r.code, e.ord, r.kind, r.pressure, r.min_pressure,
        (r.typical_minutes -> 0)::integer, (r.typical_minutes -> 1)::integer,
        coalesce(r.default_offered, false), r.offer_when, r.never_offered is not null
    from jsonb_array_elements(document -> 'techniques') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        code text, kind palpate.technique_kind, pressure integer, min_pressure integer, typical_minutes jsonb,
        default_offered boolean, offer_when jsonb, never_offered text
    );

    insert into palpate.technique_text (version, language, technique, name, summary, notes, never_offered)
    select into_version, w.language, w.id, w.body ->> 'name', w.body ->> 'summary', w.body ->> 'notes',
        w.body ->> 'never_offered'
    from palpate.document_words(document, 'techniques') as w;

    insert into palpate.technique_trait (version, technique, ord, trait)
    select into_version, e.body ->> 'code', t.ord, t.trait::palpate.trait
    from jsonb_array_elements(document -> 'techniques') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'traits') with ordinality as t (trait, ord);

    insert into palpate.technique_essential (version, technique, ord, trait)
    select into_version, e.body ->> 'code', t.ord, t.trait::palpate.trait
    from jsonb_array_elements(document -> 'techniques') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'essential') with ordinality as t (trait, ord);

    insert into palpate.technique_position (version, technique, ord, body_position)
    select into_version, e.body ->> 'code', p.ord, p.body_position::palpate.body_position
    from jsonb_array_elements(document -> 'techniques') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'positions') with ordinality as p (body_position, ord);

    insert into palpate.technique_good_for (version, technique, ord, goal, region, acuity)
    select into_version, e.body ->> 'code', g.ord,
        case split_part(g.term, ':', 1) when 'goal' then split_part(g.term, ':', 2) end::palpate.goal,
        case split_part(g.term, ':', 1) when 'region' then split_part(g.term, ':', 2) end::palpate.region,
        case split_part(g.term, ':', 1) when 'acuity' then split_part(g.term, ':', 2) end::palpate.acuity
    from jsonb_array_elements(document -> 'techniques') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'good_for') with ordinality as g (term, ord);

    insert into palpate.technique_evidence (version, technique, ord, evidence)
    select into_version, e.body ->> 'code', s.ord, s.id
    from jsonb_array_elements(document -> 'techniques') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'evidence') with ordinality as s (id, ord);
$$;

create function palpate.document_modifications(body jsonb)
returns table (
    ord bigint,
    kind palpate.modification_kind,
    number integer,
    term text,
    place palpate.modification_place,
    regions palpate.region[]
)
language sql immutable
set search_path = ''
as $$
    select e.ord, (e.body ->> 'kind')::palpate.modification_kind,
        case v.type when 'number' then v.words::integer end,
        case when v.type = 'string' and v.words not in ('where_found', 'where_given') then v.words end,
        case
            when v.words in ('where_found', 'where_given') then v.words
            when v.type = 'array' then 'listed'
        end::palpate.modification_place,
        case v.type when 'array' then array(
            select r.region::palpate.region
            from jsonb_array_elements_text(e.body -> 'value') with ordinality as r (region, ord)
            order by r.ord
        ) end
    from jsonb_array_elements(body -> 'modifications') with ordinality as e (body, ord)
    cross join lateral (select jsonb_typeof(e.body -> 'value'), e.body ->> 'value') as v (type, words)
$$;
comment on function palpate.document_modifications(jsonb) is 'Member "modifications" of an item, as the tables hold it';

create function palpate.store_rules(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.rule (
        version, id, ord, topic, applies_when, target, effect, disposition, severity, if_unknown, place,
        clearable_by, cleared_effect, acute, certainty, review_status, review_by, review_on
    )
    select into_version, r.id, e.ord, r.topic, r."when", r.target, r.effect, r.disposition, r.severity, r.if_unknown,
        case jsonb_typeof(r.regions) when 'string' then r.regions #>> '{}' else 'listed' end::palpate.rule_place,
        r.clearable_by, r.cleared_effect, coalesce(r.acute, false), r.certainty, v.status, v.by, v.date
    from jsonb_array_elements(document -> 'rules') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, topic text, "when" jsonb, target jsonb, effect palpate.verdict, disposition palpate.disposition,
        severity palpate.severity, if_unknown palpate.if_unknown, regions jsonb, clearable_by palpate.clearer,
        cleared_effect palpate.verdict, acute boolean, certainty palpate.certainty
    )
    cross join lateral jsonb_to_record(e.body -> 'review')
        as v (status palpate.review_status, by text, date date);

    insert into palpate.rule_text (version, language, rule, message, note, action, rationale)
    select into_version, w.language, w.id, w.body ->> 'message', w.body ->> 'note', w.body ->> 'action',
        w.body ->> 'rationale'
    from palpate.document_words(document, 'rules') as w;

    insert into palpate.rule_region (version, rule, ord, region)
    select into_version, e.body ->> 'id', r.ord, r.region::palpate.region
    from jsonb_array_elements(document -> 'rules') as e (body)
    cross join lateral jsonb_array_elements_text(
        case jsonb_typeof(e.body -> 'regions') when 'array' then e.body -> 'regions' end
    ) with ordinality as r (region, ord);

    insert into palpate.rule_modification (version, rule, ord, kind, number, term, place, regions)
    select into_version, e.body ->> 'id', m.ord, m.kind, m.number, m.term, m.place, m.regions
    from jsonb_array_elements(document -> 'rules') as e (body)
    cross join lateral palpate.document_modifications(e.body) as m;

    insert into palpate.rule_clearance (version, rule, ord, fact)
    select into_version, e.body ->> 'id', f.ord, f.id
    from jsonb_array_elements(document -> 'rules') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'clearance_for') with ordinality as f (id, ord);

    insert into palpate.rule_evidence (version, rule, ord, evidence)
    select into_version, e.body ->> 'id', s.ord, s.id
    from jsonb_array_elements(document -> 'rules') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'evidence') with ordinality as s (id, ord);
$$;

create function palpate.store_courses(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.course (
        version, id, ord, topic, applies_when, priority, reassess_after_sessions, max_sessions_without_gain,
        fallback_technique, certainty
    )
    select into_version, r.id, e.ord, r.topic, r."when", r.priority, r.reassess_after_sessions,
        r.max_sessions_without_gain, r.fallback_technique, r.certainty
    from jsonb_array_elements(document -> 'courses') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, topic text, "when" jsonb, priority integer, reassess_after_sessions integer,
        max_sessions_without_gain integer, fallback_technique text, certainty palpate.certainty
    );

    insert into palpate.course_text (
        version, language, course, title, expected_change, if_improving, if_unchanged, if_worse, notes
    )
    select into_version, w.language, w.id, w.body ->> 'title', w.body ->> 'expected_change',
        w.body ->> 'if_improving', w.body ->> 'if_unchanged', w.body ->> 'if_worse', w.body ->> 'notes'
    from palpate.document_words(document, 'courses') as w;

    insert into palpate.course_line (version, language, course, list, ord, line)
    select into_version, w.language, w.id, k.list, l.ord, l.line
    from palpate.document_words(document, 'courses') as w
    cross join unnest(enum_range(null::palpate.course_list)) as k (list)
    cross join lateral jsonb_array_elements_text(w.body -> k.list::text) with ordinality as l (line, ord);

    insert into palpate.course_focus (version, course, ord, region)
    select into_version, e.body ->> 'id', r.ord, r.region::palpate.region
    from jsonb_array_elements(document -> 'courses') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'focus') with ordinality as r (region, ord);

    insert into palpate.course_technique (version, course, ord, technique)
    select into_version, e.body ->> 'id', t.ord, t.code
    from jsonb_array_elements(document -> 'courses') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'techniques') with ordinality as t (code, ord);

    insert into palpate.course_phase (version, course, ord, sessions, per_week, minutes, pressure)
    select into_version, e.body ->> 'id', p.ord, r.sessions, r.per_week, r.minutes, r.pressure
    from jsonb_array_elements(document -> 'courses') as e (body)
    cross join lateral jsonb_array_elements(e.body -> 'phases') with ordinality as p (body, ord)
    cross join lateral jsonb_to_record(p.body)
        as r (sessions integer, per_week numeric, minutes integer, pressure integer);

    insert into palpate.course_phase_text (version, language, course, ord, name, intent, only_if)
    select into_version, w.language, w.id, p.ord, p.body ->> 'name', p.body ->> 'intent', p.body ->> 'only_if'
    from palpate.document_words(document, 'courses') as w
    cross join lateral jsonb_array_elements(w.body -> 'phases') with ordinality as p (body, ord);

    insert into palpate.course_evidence (version, course, ord, evidence)
    select into_version, e.body ->> 'id', s.ord, s.id
    from jsonb_array_elements(document -> 'courses') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'evidence') with ordinality as s (id, ord);
$$;

create function palpate.store_adjustments(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.adjustment (
        version, id, ord, rank, applies_when, scope, first_sessions, minutes_max, minutes_prefer, pressure_max,
        pressure_delta, per_week_max, sessions_max, weeks_max, focus_max_per_session, reassess_after_sessions,
        no_course, no_course_at_pain, certainty
    )
    select into_version, r.id, e.ord, r."order", r."when", r.scope, r.first_sessions, r.minutes_max, r.minutes_prefer,
        r.pressure_max, r.pressure_delta, r.per_week_max, r.sessions_max, r.weeks_max, r.focus_max_per_session,
        r.reassess_after_sessions, coalesce(r.no_course, false), (r.no_course_at -> 'pain_max')::integer, r.certainty
    from jsonb_array_elements(document -> 'adjustments') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, "order" integer, "when" jsonb, scope palpate.adjustment_scope, first_sessions integer,
        minutes_max integer, minutes_prefer integer, pressure_max integer, pressure_delta integer,
        per_week_max numeric, sessions_max integer, weeks_max integer, focus_max_per_session integer,
        reassess_after_sessions integer, no_course boolean, no_course_at jsonb, certainty palpate.certainty
    );

    insert into palpate.adjustment_text (version, language, adjustment, title, why, reason, reason_at_pain)
    select into_version, w.language, w.id, w.body ->> 'title', w.body ->> 'why', w.body ->> 'reason',
        w.body -> 'no_course_at' ->> 'reason'
    from palpate.document_words(document, 'adjustments') as w;

    insert into palpate.adjustment_line (version, language, adjustment, list, ord, line)
    select into_version, w.language, w.id, k.list, l.ord, l.line
    from palpate.document_words(document, 'adjustments') as w
    cross join unnest(enum_range(null::palpate.adjustment_list)) as k (list)
    cross join lateral jsonb_array_elements_text(w.body -> k.list::text) with ordinality as l (line, ord);

    insert into palpate.adjustment_technique (version, adjustment, use, ord, technique)
    select into_version, e.body ->> 'id', k.use, t.ord, t.code
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join unnest(enum_range(null::palpate.adjustment_use)) as k (use)
    cross join lateral jsonb_array_elements_text(e.body -> ('techniques_' || k.use::text))
        with ordinality as t (code, ord);

    insert into palpate.adjustment_technique_age (version, adjustment, ord, technique, age_years)
    select into_version, e.body ->> 'id', t.ord, r.technique, r.age_years
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join lateral jsonb_array_elements(e.body -> 'techniques_from_age') with ordinality as t (body, ord)
    cross join lateral jsonb_to_record(t.body) as r (technique text, age_years integer);

    insert into palpate.adjustment_position (version, adjustment, ord, body_position)
    select into_version, e.body ->> 'id', p.ord, p.body_position::palpate.body_position
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'positions_prefer')
        with ordinality as p (body_position, ord);

    insert into palpate.adjustment_exception (version, adjustment, exception, ord, fact)
    select into_version, e.body ->> 'id', k.exception, f.ord, f.id
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join unnest(enum_range(null::palpate.exception_kind)) as k (exception)
    cross join lateral jsonb_array_elements_text(e.body -> 'no_course_at' -> ('unless_' || k.exception::text))
        with ordinality as f (id, ord);

    insert into palpate.adjustment_note (version, adjustment, ord, course, minutes_below, per_week_below)
    select into_version, e.body ->> 'id', n.ord, r.course, r.minutes_below, r.per_week_below
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join lateral jsonb_array_elements(e.body -> 'note_if') with ordinality as n (body, ord)
    cross join lateral jsonb_to_record(n.body)
        as r (course text, minutes_below integer, per_week_below numeric);

    insert into palpate.adjustment_note_text (version, language, adjustment, ord, say)
    select into_version, w.language, w.id, n.ord, n.body ->> 'say'
    from palpate.document_words(document, 'adjustments') as w
    cross join lateral jsonb_array_elements(w.body -> 'note_if') with ordinality as n (body, ord);

    insert into palpate.adjustment_evidence (version, adjustment, ord, evidence)
    select into_version, e.body ->> 'id', s.ord, s.id
    from jsonb_array_elements(document -> 'adjustments') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'evidence') with ordinality as s (id, ord);
$$;

create function palpate.store_replanning(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.replanning (
        version, id, ord, rank, decides, applies_when, action, no_course, disposition, pressure_delta,
        pressure_delta_max, minutes_factor, min_days_between, per_week, per_week_steps, sessions_left_max,
        reassess_after_sessions, technique, techniques_drop_days, certainty
    )
    select into_version, r.id, e.ord, r."order", coalesce(r.decides, false), r."when", r.action,
        coalesce(r.no_course, false), r.disposition, r.pressure_delta, r.pressure_delta_max, r.minutes_factor,
        r.min_days_between, r.per_week, r.per_week_steps, r.sessions_left_max, r.reassess_after_sessions,
        r.technique, r.techniques_drop_days, r.certainty
    from jsonb_array_elements(document -> 'replanning') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, "order" integer, decides boolean, "when" jsonb, action palpate.replanning_action, no_course boolean,
        disposition palpate.disposition, pressure_delta integer, pressure_delta_max integer, minutes_factor numeric,
        min_days_between integer, per_week numeric, per_week_steps numeric[], sessions_left_max integer,
        reassess_after_sessions integer, technique palpate.technique_change, techniques_drop_days integer,
        certainty palpate.certainty
    );

    insert into palpate.replanning_text (version, language, replanning, say, phase_name)
    select into_version, w.language, w.id, w.body ->> 'say', w.body ->> 'phase_name'
    from palpate.document_words(document, 'replanning') as w;

    insert into palpate.replanning_line (version, language, replanning, ord, line)
    select into_version, w.language, w.id, l.ord, l.line
    from palpate.document_words(document, 'replanning') as w
    cross join lateral jsonb_array_elements_text(w.body -> 'advice') with ordinality as l (line, ord);

    insert into palpate.replanning_ask (version, replanning, ord, fact)
    select into_version, e.body ->> 'id', f.ord, f.id
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'ask') with ordinality as f (id, ord);

    insert into palpate.replanning_technique_drop (version, replanning, ord, technique)
    select into_version, e.body ->> 'id', t.ord, t.code
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'techniques_drop') with ordinality as t (code, ord);

    insert into palpate.replanning_trait_drop (version, replanning, ord, trait)
    select into_version, e.body ->> 'id', t.ord, t.trait::palpate.trait
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'techniques_drop_with')
        with ordinality as t (trait, ord);

    insert into palpate.replanning_modification (version, replanning, ord, kind, number, term, place, regions)
    select into_version, e.body ->> 'id', m.ord, m.kind, m.number, m.term, m.place, m.regions
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral palpate.document_modifications(e.body) as m;

    insert into palpate.replanning_phase (version, replanning, ord, sessions, per_week, minutes, pressure)
    select into_version, e.body ->> 'id', p.ord, r.sessions, r.per_week, r.minutes, r.pressure
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements(e.body -> 'phases') with ordinality as p (body, ord)
    cross join lateral jsonb_to_record(p.body)
        as r (sessions integer, per_week numeric, minutes integer, pressure integer);

    insert into palpate.replanning_phase_text (version, language, replanning, ord, name, intent, only_if)
    select into_version, w.language, w.id, p.ord, p.body ->> 'name', p.body ->> 'intent', p.body ->> 'only_if'
    from palpate.document_words(document, 'replanning') as w
    cross join lateral jsonb_array_elements(w.body -> 'phases') with ordinality as p (body, ord);

    insert into palpate.replanning_dose_check (version, replanning, ord, course, minutes, per_week)
    select into_version, e.body ->> 'id', d.ord, r.course, r.minutes, r.per_week
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements(e.body -> 'dose_check') with ordinality as d (body, ord)
    cross join lateral jsonb_to_record(d.body) as r (course text, minutes integer, per_week numeric);

    insert into palpate.replanning_evidence (version, replanning, ord, evidence)
    select into_version, e.body ->> 'id', s.ord, s.id
    from jsonb_array_elements(document -> 'replanning') as e (body)
    cross join lateral jsonb_array_elements_text(e.body -> 'evidence') with ordinality as s (id, ord);
$$;

create function palpate.store_definitions(into_version integer, document jsonb) returns void
language sql
set search_path = ''
as $$
    insert into palpate.definition (
        version, acuity_subacute_from_days, acuity_chronic_from_days, clearance_valid_days, clearance_complaint_days,
        readings_window_days, readings_recent_entries, readings_important_points, readings_important_percent,
        readings_substantial_percent, readings_least_noticeable_points, readings_worse_points,
        readings_relapse_gap_days, stop_lifted_clearance_for, stop_lifted_worsened_pressure_delta,
        stop_lifted_worsened_minutes_factor
    )
    select into_version, a.subacute_from_days, a.chronic_from_days, c.valid_days, c.complaint_days_if_not_given,
        r.window_days, r.recent_entries, r.important_points, r.important_percent, r.substantial_percent,
        r.least_noticeable_points, r.worse_points, r.relapse_gap_days, s.clearance_for, s.worsened_pressure_delta,
        s.worsened_minutes_factor
    from jsonb_to_record(document -> 'definitions')
        as d (acuity jsonb, clearance jsonb, readings jsonb, stop_lifted jsonb)
    cross join lateral jsonb_to_record(d.acuity) as a (subacute_from_days integer, chronic_from_days integer)
    cross join lateral jsonb_to_record(d.clearance) as c (valid_days integer, complaint_days_if_not_given integer)
    cross join lateral jsonb_to_record(d.readings) as r (
        window_days integer, recent_entries integer, important_points integer, important_percent integer,
        substantial_percent integer, least_noticeable_points integer, worse_points integer, relapse_gap_days integer
    )
    cross join lateral jsonb_to_record(d.stop_lifted) as s (
        clearance_for text, worsened_pressure_delta integer, worsened_minutes_factor numeric
    );

    insert into palpate.definition_evidence (version, ord, evidence)
    select into_version, s.ord, s.id
    from jsonb_array_elements_text(document -> 'definitions' -> 'readings' -> 'evidence')
        with ordinality as s (id, ord);

    insert into palpate.complaint_list (
        version, id, ord, duration_days_min, duration_days_max, pain_min, pain_max, onset, cause, not_given
    )
    select into_version, r.id, e.ord, (r.duration_days -> 'min')::integer, (r.duration_days -> 'max')::integer,
        (r.pain -> 'min')::integer, (r.pain -> 'max')::integer, r.onset, r.cause, r.not_given
    from jsonb_array_elements(document -> 'definitions' -> 'complaint_lists') with ordinality as e (body, ord)
    cross join lateral jsonb_to_record(e.body) as r (
        id text, duration_days jsonb, pain jsonb, onset palpate.onset[], cause palpate.cause[],
        not_given palpate.not_given
    );
$$;
