-- From the tables back to the document, the very one that was stored: the same members, numbers and order of lists.
-- Members that have their default are left out. Each part has a function of its own; palpate.catalogue_document, at the
-- end, puts them together.

create function palpate.read_review(status palpate.review_status, by text, on_date date) returns jsonb
language sql stable
return case when status is not null then
    jsonb_strip_nulls(jsonb_build_object('status', status, 'by', by, 'date', on_date))
end;
comment on function palpate.read_review(palpate.review_status, text, date) is 'Member "review" of an item';

create function palpate.read_modification(
    kind palpate.modification_kind,
    number integer,
    term text,
    place palpate.modification_place,
    regions palpate.region[]
) returns jsonb
language sql stable
return jsonb_build_object('kind', kind, 'value', case
    when number is not null then to_jsonb(number)
    when term is not null then to_jsonb(term)
    when place = 'listed' then to_jsonb(regions)
    when place is not null then to_jsonb(place)
    else 'true'::jsonb
end);
comment on function palpate.read_modification(
    palpate.modification_kind, integer, text, palpate.modification_place, palpate.region[]
) is 'One member of the list "modifications"';

-- The words of items in one language: palpate.words_of_facts and its like give one row for each item that is spoken of,
-- with the members that hold texts. Those of the own language go into the items, the others under "texts".

create function palpate.words_of_attributes(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.attribute, jsonb_build_object('question', t.question)
    from palpate.attribute_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_facts(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.fact, jsonb_strip_nulls(jsonb_build_object(
        'label', t.label, 'question', t.question, 'answer_meaning', t.answer_meaning
    ))
    from palpate.fact_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_techniques(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.technique, jsonb_strip_nulls(jsonb_build_object(
        'name', t.name, 'summary', t.summary, 'notes', t.notes, 'never_offered', t.never_offered
    ))
    from palpate.technique_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_rules(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.rule, jsonb_strip_nulls(jsonb_build_object(
        'message', t.message, 'note', t.note, 'action', t.action, 'rationale', t.rationale
    ))
    from palpate.rule_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_evidence(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.evidence, jsonb_strip_nulls(jsonb_build_object(
        'finding', t.finding, 'population', t.population
    ))
    from palpate.evidence_text t
    where t.version = of_version and t.language = in_language
$$;

-- Phases and notes carry numbers beside their texts: in the own language the items' own ones take the place of these.

create function palpate.words_of_courses(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.course, jsonb_strip_nulls(jsonb_build_object(
            'title', t.title, 'expected_change', t.expected_change, 'if_improving', t.if_improving,
            'if_unchanged', t.if_unchanged, 'if_worse', t.if_worse, 'notes', t.notes,
            'phases', (
                select jsonb_agg(jsonb_build_object(
                    'name', p.name, 'intent', p.intent, 'only_if', p.only_if
                ) order by p.ord)
                from palpate.course_phase_text p
                where p.version = t.version and p.language = t.language and p.course = t.course
            )
        )) || coalesce((
            select jsonb_object_agg(l.list, l.lines)
            from (
                select l.list, jsonb_agg(l.line order by l.ord) as lines
                from palpate.course_line l
                where l.version = t.version and l.language = t.language and l.course = t.course
                group by l.list
            ) as l
        ), '{}')
    from palpate.course_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_adjustments(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.adjustment, jsonb_strip_nulls(jsonb_build_object(
            'title', t.title, 'why', t.why, 'reason', t.reason,
            'no_course_at', case when t.reason_at_pain is not null
                then jsonb_build_object('reason', t.reason_at_pain) end,
            'note_if', (
                select jsonb_agg(jsonb_build_object('say', n.say) order by n.ord)
                from palpate.adjustment_note_text n
                where n.version = t.version and n.language = t.language and n.adjustment = t.adjustment
            )
        )) || coalesce((
            select jsonb_object_agg(l.list, l.lines)
            from (
                select l.list, jsonb_agg(l.line order by l.ord) as lines
                from palpate.adjustment_line l
                where l.version = t.version and l.language = t.language and l.adjustment = t.adjustment
                group by l.list
            ) as l
        ), '{}')
    from palpate.adjustment_text t
    where t.version = of_version and t.language = in_language
$$;

create function palpate.words_of_replanning(of_version integer, in_language text)
returns table (id text, body jsonb)
language sql stable
set search_path = ''
as $$
    select t.replanning, jsonb_strip_nulls(jsonb_build_object(
            'say', t.say,
            'phase_name', t.phase_name,
            'advice', (
                select jsonb_agg(l.line order by l.ord)
                from palpate.replanning_line l
                where l.version = t.version and l.language = t.language and l.replanning = t.replanning
            ),
            'phases', (
                select jsonb_agg(jsonb_build_object(
                    'name', p.name, 'intent', p.intent, 'only_if', p.only_if
                ) order by p.ord)
                from palpate.replanning_phase_text p
                where p.version = t.version and p.language = t.language and p.replanning = t.replanning
            )
        ))
    from palpate.replanning_text t
    where t.version = of_version and t.language = in_language
$$;

-- The items, in the catalogue's own language.

create function palpate.read_attributes(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_build_object('id', a.id) order by a.ord)
    from palpate.attribute a
    join palpate.words_of_attributes(of_version, in_language) as w on w.id = a.id
    where a.version = of_version
$$;

create function palpate.read_facts(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', f.id,
        'group', f.fact_group,
        'kind', f.kind,
        'gate', nullif(f.gate, false),
        'ask_if', f.ask_if,
        'valid_days', f.valid_days,
        'clearance_only', nullif(f.clearance_only, false),
        'complaint_regions', case when f.complaints_listed is not null then coalesce((
            select jsonb_agg(r.region order by r.ord)
            from palpate.fact_complaint_region r
            where r.version = f.version and r.fact = f.id
        ), '[]') end,
        'attributes', (
            select jsonb_agg(a.attribute order by a.ord)
            from palpate.fact_attribute a
            where a.version = f.version and a.fact = f.id
        ),
        'implies', (
            select jsonb_agg(i.implied order by i.ord)
            from palpate.fact_implication i
            where i.version = f.version and i.fact = f.id
        ),
        'covers', (
            select jsonb_agg(c.covered order by c.ord)
            from palpate.fact_cover c
            where c.version = f.version and c.umbrella = f.id
        ),
        'codes', (
            select jsonb_object_agg(s.system, s.prefixes)
            from (
                select c.system, jsonb_agg(c.prefix order by c.ord) as prefixes
                from palpate.coding c
                where c.version = f.version and c.fact = f.id
                group by c.system
            ) as s
        )
    )) order by f.ord)
    from palpate.fact f
    join palpate.words_of_facts(of_version, in_language) as w on w.id = f.id
    where f.version = of_version
$$;

create function palpate.read_techniques(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'code', q.code,
        'kind', q.kind,
        'pressure', q.pressure,
        'min_pressure', q.min_pressure,
        'typical_minutes', jsonb_build_array(q.minutes_from, q.minutes_to),
        'traits', (
            select jsonb_agg(t.trait order by t.ord)
            from palpate.technique_trait t
            where t.version = q.version and t.technique = q.code
        ),
        'essential', (
            select jsonb_agg(t.trait order by t.ord)
            from palpate.technique_essential t
            where t.version = q.version and t.technique = q.code
        ),
        'positions', (
            select jsonb_agg(p.body_position order by p.ord)
            from palpate.technique_position p
            where p.version = q.version and p.technique = q.code
        ),
        'good_for', (
            select jsonb_agg(coalesce('goal:' || g.goal, 'region:' || g.region, 'acuity:' || g.acuity) order by g.ord)
            from palpate.technique_good_for g
            where g.version = q.version and g.technique = q.code
        ),
        'default_offered', nullif(q.default_offered, false),
        'offer_when', q.offer_when,
        'evidence', (
            select jsonb_agg(e.evidence order by e.ord)
            from palpate.technique_evidence e
            where e.version = q.version and e.technique = q.code
        )
    )) order by q.ord)
    from palpate.technique q
    join palpate.words_of_techniques(of_version, in_language) as w on w.id = q.code
    where q.version = of_version
$$;

create function palpate.read_rules(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', r.id,
        'topic', r.topic,
        'when', r.applies_when,
        'target', r.target,
        'effect', r.effect,
        'disposition', r.disposition,
        'severity', r.severity,
        'if_unknown', r.if_unknown,
        'regions', case when r.place <> 'listed' then to_jsonb(r.place) else (
            select jsonb_agg(g.region order by g.ord)
            from palpate.rule_region g
            where g.version = r.version and g.rule = r.id
        ) end,
        'modifications', (
            select jsonb_agg(palpate.read_modification(m.kind, m.number, m.term, m.place, m.regions) order by m.ord)
            from palpate.rule_modification m
            where m.version = r.version and m.rule = r.id
        ),
        'evidence', (
            select jsonb_agg(e.evidence order by e.ord)
            from palpate.rule_evidence e
            where e.version = r.version and e.rule = r.id
        ),
        'certainty', r.certainty,
        'clearable_by', r.clearable_by,
        'clearance_for', (
            select jsonb_agg(c.fact order by c.ord)
            from palpate.rule_clearance c
            where c.version = r.version and c.rule = r.id
        ),
        'cleared_effect', r.cleared_effect,
        'acute', nullif(r.acute, false),
        'review', palpate.read_review(r.review_status, r.review_by, r.review_on)
    )) order by r.ord)
    from palpate.rule r
    join palpate.words_of_rules(of_version, in_language) as w on w.id = r.id
    where r.version = of_version
$$;

create function palpate.read_courses(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', c.id,
        'topic', c.topic,
        'when', c.applies_when,
        'priority', c.priority,
        'focus', (
            select jsonb_agg(f.region order by f.ord)
            from palpate.course_focus f
            where f.version = c.version and f.course = c.id
        ),
        'techniques', (
            select jsonb_agg(t.technique order by t.ord)
            from palpate.course_technique t
            where t.version = c.version and t.course = c.id
        ),
        'fallback_technique', c.fallback_technique,
        'phases', (
            select jsonb_agg(jsonb_build_object(
                'name', t.name, 'sessions', p.sessions, 'per_week', p.per_week, 'minutes', p.minutes,
                'pressure', p.pressure, 'intent', t.intent, 'only_if', t.only_if
            ) order by p.ord)
            from palpate.course_phase p
            join palpate.course_phase_text t
                on t.version = p.version and t.language = in_language and t.course = p.course and t.ord = p.ord
            where p.version = c.version and p.course = c.id
        ),
        'reassess_after_sessions', c.reassess_after_sessions,
        'max_sessions_without_gain', c.max_sessions_without_gain,
        'evidence', (
            select jsonb_agg(e.evidence order by e.ord)
            from palpate.course_evidence e
            where e.version = c.version and e.course = c.id
        ),
        'certainty', c.certainty
    )) order by c.ord)
    from palpate.course c
    join palpate.words_of_courses(of_version, in_language) as w on w.id = c.id
    where c.version = of_version
$$;

create function palpate.read_adjustments(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', a.id,
        'order', a.rank,
        'when', a.applies_when,
        'scope', a.scope,
        'first_sessions', a.first_sessions,
        'minutes_max', a.minutes_max,
        'minutes_prefer', a.minutes_prefer,
        'pressure_max', a.pressure_max,
        'pressure_delta', a.pressure_delta,
        'per_week_max', a.per_week_max,
        'sessions_max', a.sessions_max,
        'weeks_max', a.weeks_max,
        'focus_max_per_session', a.focus_max_per_session,
        'reassess_after_sessions', a.reassess_after_sessions,
        'no_course', nullif(a.no_course, false),
        'no_course_at', case when a.no_course_at_pain is not null then
            w.body -> 'no_course_at' || jsonb_build_object('pain_max', a.no_course_at_pain) || coalesce((
                select jsonb_object_agg('unless_' || x.exception, x.facts)
                from (
                    select e.exception, jsonb_agg(e.fact order by e.ord) as facts
                    from palpate.adjustment_exception e
                    where e.version = a.version and e.adjustment = a.id
                    group by e.exception
                ) as x
            ), '{}')
        end,
        'techniques_from_age', (
            select jsonb_agg(jsonb_build_object('technique', t.technique, 'age_years', t.age_years) order by t.ord)
            from palpate.adjustment_technique_age t
            where t.version = a.version and t.adjustment = a.id
        ),
        'positions_prefer', (
            select jsonb_agg(p.body_position order by p.ord)
            from palpate.adjustment_position p
            where p.version = a.version and p.adjustment = a.id
        ),
        'note_if', (
            select jsonb_agg(jsonb_build_object(
                'course', n.course, 'minutes_below', n.minutes_below, 'per_week_below', n.per_week_below, 'say', t.say
            ) order by n.ord)
            from palpate.adjustment_note n
            join palpate.adjustment_note_text t
                on t.version = n.version and t.language = in_language and t.adjustment = n.adjustment and t.ord = n.ord
            where n.version = a.version and n.adjustment = a.id
        ),
        'evidence', (
            select jsonb_agg(e.evidence order by e.ord)
            from palpate.adjustment_evidence e
            where e.version = a.version and e.adjustment = a.id
        ),
        'certainty', a.certainty
    )) || coalesce((
        select jsonb_object_agg('techniques_' || x.use, x.techniques)
        from (
            select t.use, jsonb_agg(t.technique order by t.ord) as techniques
            from palpate.adjustment_technique t
            where t.version = a.version and t.adjustment = a.id
            group by t.use
        ) as x
    ), '{}') order by a.ord)
    from palpate.adjustment a
    join palpate.words_of_adjustments(of_version, in_language) as w on w.id = a.id
    where a.version = of_version
$$;

create function palpate.read_replanning(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', r.id,
        'order', r.rank,
        'decides', nullif(r.decides, false),
        'when', r.applies_when,
        'action', r.action,
        'no_course', nullif(r.no_course, false),
        'disposition', r.disposition,
        'ask', (
            select jsonb_agg(a.fact order by a.ord)
            from palpate.replanning_ask a
            where a.version = r.version and a.replanning = r.id
        ),
        'pressure_delta', r.pressure_delta,
        'pressure_delta_max', r.pressure_delta_max,
        'minutes_factor', r.minutes_factor,
        'min_days_between', r.min_days_between,
        'per_week', r.per_week,
        'per_week_steps', r.per_week_steps,
        'sessions_left_max', r.sessions_left_max,
        'reassess_after_sessions', r.reassess_after_sessions,
        'technique', r.technique,
        'techniques_drop', (
            select jsonb_agg(d.technique order by d.ord)
            from palpate.replanning_technique_drop d
            where d.version = r.version and d.replanning = r.id
        ),
        'techniques_drop_with', (
            select jsonb_agg(d.trait order by d.ord)
            from palpate.replanning_trait_drop d
            where d.version = r.version and d.replanning = r.id
        ),
        'techniques_drop_days', r.techniques_drop_days,
        'modifications', (
            select jsonb_agg(palpate.read_modification(m.kind, m.number, m.term, m.place, m.regions) order by m.ord)
            from palpate.replanning_modification m
            where m.version = r.version and m.replanning = r.id
        ),
        'phases', (
            select jsonb_agg(jsonb_build_object(
                'name', t.name, 'sessions', p.sessions, 'per_week', p.per_week, 'minutes', p.minutes,
                'pressure', p.pressure, 'intent', t.intent, 'only_if', t.only_if
            ) order by p.ord)
            from palpate.replanning_phase p
            join palpate.replanning_phase_text t
                on t.version = p.version and t.language = in_language and t.replanning = p.replanning and t.ord = p.ord
            where p.version = r.version and p.replanning = r.id
        ),
        'dose_check', (
            select jsonb_agg(jsonb_build_object(
                'course', d.course, 'minutes', d.minutes, 'per_week', d.per_week
            ) order by d.ord)
            from palpate.replanning_dose_check d
            where d.version = r.version and d.replanning = r.id
        ),
        'evidence', (
            select jsonb_agg(e.evidence order by e.ord)
            from palpate.replanning_evidence e
            where e.version = r.version and e.replanning = r.id
        ),
        'certainty', r.certainty
    )) order by r.ord)
    from palpate.replanning r
    join palpate.words_of_replanning(of_version, in_language) as w on w.id = r.id
    where r.version = of_version
$$;

create function palpate.read_evidence(of_version integer, in_language text) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_agg(w.body || jsonb_strip_nulls(jsonb_build_object(
        'id', e.id,
        'aliases', (
            select jsonb_agg(n.name order by n.ord)
            from palpate.evidence_name n
            where n.version = e.version and n.evidence = e.id and n.ord > 0
        ),
        'design', e.design,
        'title', e.title,
        'authors', e.authors,
        'year', e.year,
        'venue', e.venue,
        'doi', e.doi,
        'pmid', e.pmid,
        'url', e.url,
        'certainty', e.certainty,
        'verified', e.verified,
        'verified_note', e.verified_note
    )) order by e.ord)
    from palpate.evidence e
    join palpate.words_of_evidence(of_version, in_language) as w on w.id = e.id
    where e.version = of_version
$$;

create function palpate.read_definitions(of_version integer) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_build_object(
        'complaint_lists', (
            select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'id', l.id,
                'duration_days', case when num_nonnulls(l.duration_days_min, l.duration_days_max) > 0
                    then jsonb_build_object('min', l.duration_days_min, 'max', l.duration_days_max) end,
                'pain', case when num_nonnulls(l.pain_min, l.pain_max) > 0
                    then jsonb_build_object('min', l.pain_min, 'max', l.pain_max) end,
                'onset', l.onset,
                'cause', l.cause,
                'not_given', l.not_given
            )) order by l.ord)
            from palpate.complaint_list l
            where l.version = d.version
        ),
        'acuity', jsonb_build_object(
            'subacute_from_days', d.acuity_subacute_from_days,
            'chronic_from_days', d.acuity_chronic_from_days
        ),
        'clearance', jsonb_build_object(
            'valid_days', d.clearance_valid_days,
            'complaint_days_if_not_given', d.clearance_complaint_days
        ),
        'readings', jsonb_build_object(
            'window_days', d.readings_window_days,
            'recent_entries', d.readings_recent_entries,
            'important_points', d.readings_important_points,
            'important_percent', d.readings_important_percent,
            'substantial_percent', d.readings_substantial_percent,
            'least_noticeable_points', d.readings_least_noticeable_points,
            'worse_points', d.readings_worse_points,
            'relapse_gap_days', d.readings_relapse_gap_days,
            'evidence', (
                select jsonb_agg(e.evidence order by e.ord)
                from palpate.definition_evidence e
                where e.version = d.version
            )
        ),
        'stop_lifted', jsonb_build_object(
            'clearance_for', d.stop_lifted_clearance_for,
            'worsened_pressure_delta', d.stop_lifted_worsened_pressure_delta,
            'worsened_minutes_factor', d.stop_lifted_worsened_minutes_factor
        )
    )
    from palpate.definition d
    where d.version = of_version
$$;

create function palpate.read_translations(of_version integer) returns jsonb
language sql stable
set search_path = ''
as $$
    select jsonb_object_agg(l.language, jsonb_strip_nulls(jsonb_build_object(
        'review', palpate.read_review(l.review_status, l.review_by, l.review_on),
        'attributes', (
            select jsonb_object_agg(w.id, w.body) from palpate.words_of_attributes(of_version, l.language) as w
        ),
        'facts', (select jsonb_object_agg(w.id, w.body) from palpate.words_of_facts(of_version, l.language) as w),
        'techniques', (
            select jsonb_object_agg(w.id, w.body) from palpate.words_of_techniques(of_version, l.language) as w
        ),
        'rules', (select jsonb_object_agg(w.id, w.body) from palpate.words_of_rules(of_version, l.language) as w),
        'courses', (select jsonb_object_agg(w.id, w.body) from palpate.words_of_courses(of_version, l.language) as w),
        'adjustments', (
            select jsonb_object_agg(w.id, w.body) from palpate.words_of_adjustments(of_version, l.language) as w
        ),
        'replanning', (
            select jsonb_object_agg(w.id, w.body) from palpate.words_of_replanning(of_version, l.language) as w
        ),
        'evidence', (
            select jsonb_object_agg(w.id, w.body) from palpate.words_of_evidence(of_version, l.language) as w
        )
    )))
    from palpate.catalogue_language l
    where l.version = of_version and not l.own
$$;

create function palpate.catalogue_document(version integer) returns jsonb
language plpgsql stable
set search_path = ''
set jit = off
as $$
declare
    document jsonb;
begin
    select jsonb_strip_nulls(jsonb_build_object(
        'name', v.name,
        'version', v.label,
        'title', v.title,
        'language', v.language,
        'review', palpate.read_review(v.review_status, v.review_by, v.review_on),
        'definitions', palpate.read_definitions(v.version),
        'attributes', palpate.read_attributes(v.version, v.language),
        'facts', palpate.read_facts(v.version, v.language),
        'techniques', palpate.read_techniques(v.version, v.language),
        'rules', palpate.read_rules(v.version, v.language),
        'courses', palpate.read_courses(v.version, v.language),
        'adjustments', palpate.read_adjustments(v.version, v.language),
        'replanning', palpate.read_replanning(v.version, v.language),
        'evidence', palpate.read_evidence(v.version, v.language),
        'texts', palpate.read_translations(v.version)
    ))
    into document
    from palpate.catalogue_version v
    where v.version = catalogue_document.version;
    if document is null then
        raise exception 'there is no catalogue version %', version using errcode = 'no_data_found';
    end if;
    return document;
end
$$;
comment on function palpate.catalogue_document(integer) is
    'The document of a version, equal as a JSON value to the one that was stored';
