-- The shape of the catalogue document: which members an item has, and what each of them is. The service merges the
-- catalogue's files into this one document; palpate.catalogue_store takes it apart.
--
-- The shape is judged before anything is stored, so that an editor learns every mistake at once, with the item it is
-- in, and so that storing need not guard its casts. Whether the values make sense together is left to the tables.

create type palpate.member_form as enum (
    'text', 'code', 'language', 'date', 'integer', 'number', 'flag', 'condition', 'term', 'ref',
    'texts', 'codes', 'numbers', 'range', 'terms', 'terms_or_none', 'refs', 'good_for', 'regions', 'value', 'prefixes',
    'object', 'objects', 'languages', 'words'
);
comment on type palpate.member_form is 'What a member of the document holds, as palpate.document_form explains';

create table palpate.document_form (
    form        palpate.member_form primary key,
    description text not null
);
comment on table palpate.document_form is 'The forms of members, in the words of an error message';

insert into palpate.document_form (form, description) values
    ('text', 'a text without space at its ends'),
    ('code', 'an id of lower-case letters, digits, _ and -'),
    ('language', 'a language tag such as es or zh-Hant'),
    ('date', 'a date such as 2026-11-20'),
    ('integer', 'a whole number of at most six digits'),
    ('number', 'a number'),
    ('flag', 'true or false'),
    ('condition', 'a condition: an object with one member'),
    ('term', 'one of'),
    ('ref', 'the id of an item of the kind'),
    ('texts', 'a list of texts'),
    ('codes', 'a list of ids'),
    ('numbers', 'a list of numbers'),
    ('range', 'a list of two whole numbers'),
    ('terms', 'a list, not empty, of'),
    ('terms_or_none', 'a list, which may be empty, of'),
    ('refs', 'a list of ids of items of the kind'),
    ('good_for', 'a list of terms such as goal:sleep, region:neck or acuity:chronic'),
    ('regions', '"systemic", "where_found" or a list of regions'),
    ('value', 'true, a whole number, a text or a list of regions'),
    ('prefixes', 'an object whose members are lists of prefixes'),
    ('object', 'an object'),
    ('objects', 'a list of objects'),
    ('languages', 'an object of objects by language'),
    ('words', 'an object of objects by id of the kind');

create table palpate.document_member (
    item     text not null,
    member   text not null,
    form     palpate.member_form not null references palpate.document_form,
    holds    text,
    needed   boolean not null,
    primary key (item, member),
    constraint document_member_holds_something
        check ((holds is not null) = (form in (
            'term', 'terms', 'terms_or_none', 'ref', 'refs', 'object', 'objects', 'languages', 'words'
        )))
);
comment on table palpate.document_member is 'Every member that the items of a catalogue document may have';
comment on column palpate.document_member.item is 'Kind of item; the document itself is "catalogue"';
comment on column palpate.document_member.holds is
    'Terms: an enumeration of this schema; refs and words: a kind of item that has ids; objects: a kind of item';
comment on column palpate.document_member.needed is
    'Whether every such item has it; the others are left out where they would be false, null or an empty list';

insert into palpate.document_member (item, member, form, holds, needed) values
    ('catalogue', 'name', 'code', null, true),
    ('catalogue', 'version', 'text', null, true),
    ('catalogue', 'title', 'text', null, true),
    ('catalogue', 'language', 'language', null, true),
    ('catalogue', 'review', 'object', 'review', false),
    ('catalogue', 'definitions', 'object', 'definitions', true),
    ('catalogue', 'attributes', 'objects', 'attribute', true),
    ('catalogue', 'facts', 'objects', 'fact', true),
    ('catalogue', 'techniques', 'objects', 'technique', true),
    ('catalogue', 'rules', 'objects', 'rule', true),
    ('catalogue', 'courses', 'objects', 'course', false),
    ('catalogue', 'adjustments', 'objects', 'adjustment', false),
    ('catalogue', 'replanning', 'objects', 'replanning', false),
    ('catalogue', 'evidence', 'objects', 'evidence', true),
    ('catalogue', 'texts', 'languages', 'translation', false),

    ('review', 'status', 'term', 'review_status', true),
    ('review', 'by', 'text', null, false),
    ('review', 'date', 'date', null, false),

    ('definitions', 'complaint_lists', 'objects', 'complaint_list', true),
    ('definitions', 'acuity', 'object', 'acuity_bounds', true),
    ('definitions', 'clearance', 'object', 'clearance_bounds', true),
    ('definitions', 'readings', 'object', 'readings', true),
    ('definitions', 'stop_lifted', 'object', 'stop_lifted', true),
    ('complaint_list', 'id', 'code', null, true),
    ('complaint_list', 'duration_days', 'object', 'bounds', false),
    ('complaint_list', 'pain', 'object', 'bounds', false),
    ('complaint_list', 'onset', 'terms', 'onset', false),
    ('complaint_list', 'cause', 'terms', 'cause', false),
    ('complaint_list', 'not_given', 'term', 'not_given', false),
    ('bounds', 'min', 'integer', null, false),
    ('bounds', 'max', 'integer', null, false),
    ('acuity_bounds', 'subacute_from_days', 'integer', null, true),
    ('acuity_bounds', 'chronic_from_days', 'integer', null, true),
    ('clearance_bounds', 'valid_days', 'integer', null, true),
    ('clearance_bounds', 'complaint_days_if_not_given', 'integer', null, true),
    ('readings', 'window_days', 'integer', null, true),
    ('readings', 'recent_entries', 'integer', null, true),
    ('readings', 'important_points', 'integer', null, true),
    ('readings', 'important_percent', 'integer', null, true),
    ('readings', 'substantial_percent', 'integer', null, true),
    ('readings', 'least_noticeable_points', 'integer', null, true),
    ('readings', 'worse_points', 'integer', null, true),
    ('readings', 'relapse_gap_days', 'integer', null, true),
    ('readings', 'evidence', 'refs', 'evidence', false),
    ('stop_lifted', 'clearance_for', 'ref', 'fact', true),
    ('stop_lifted', 'worsened_pressure_delta', 'integer', null, true),
    ('stop_lifted', 'worsened_minutes_factor', 'number', null, true),

    ('attribute', 'id', 'code', null, true),
    ('attribute', 'question', 'text', null, true),

    ('fact', 'id', 'code', null, true),
    ('fact', 'group', 'code', null, true),
    ('fact', 'kind', 'term', 'fact_kind', true),
    ('fact', 'label', 'text', null, true),
    ('fact', 'question', 'text', null, false),
    ('fact', 'answer_meaning', 'text', null, false),
    ('fact', 'gate', 'flag', null, false),
    ('fact', 'ask_if', 'condition', null, false),
    ('fact', 'valid_days', 'integer', null, false),
    ('fact', 'clearance_only', 'flag', null, false),
    ('fact', 'complaint_regions', 'terms_or_none', 'region', false),
    ('fact', 'attributes', 'refs', 'attribute', false),
    ('fact', 'implies', 'refs', 'fact', false),
    ('fact', 'covers', 'refs', 'fact', false),
    ('fact', 'codes', 'prefixes', null, false),

    ('technique', 'code', 'code', null, true),
    ('technique', 'kind', 'term', 'technique_kind', true),
    ('technique', 'name', 'text', null, true),
    ('technique', 'summary', 'text', null, true),
    ('technique', 'notes', 'text', null, false),
    ('technique', 'pressure', 'integer', null, true),
    ('technique', 'min_pressure', 'integer', null, true),
    ('technique', 'traits', 'terms', 'trait', false),
    ('technique', 'essential', 'terms', 'trait', false),
    ('technique', 'positions', 'terms', 'body_position', true),
    ('technique', 'typical_minutes', 'range', null, true),
    ('technique', 'good_for', 'good_for', null, false),
    ('technique', 'default_offered', 'flag', null, false),
    ('technique', 'offer_when', 'condition', null, false),
    ('technique', 'never_offered', 'text', null, false),
    ('technique', 'evidence', 'refs', 'evidence', true),

    ('rule', 'id', 'code', null, true),
    ('rule', 'topic', 'text', null, false),
    ('rule', 'when', 'condition', null, true),
    ('rule', 'target', 'condition', null, false),
    ('rule', 'effect', 'term', 'verdict', true),
    ('rule', 'disposition', 'term', 'disposition', false),
    ('rule', 'severity', 'term', 'severity', true),
    ('rule', 'if_unknown', 'term', 'if_unknown', false),
    ('rule', 'regions', 'regions', null, true),
    ('rule', 'modifications', 'objects', 'modification', false),
    ('rule', 'message', 'text', null, true),
    ('rule', 'note', 'text', null, true),
    ('rule', 'action', 'text', null, true),
    ('rule', 'rationale', 'text', null, true),
    ('rule', 'evidence', 'refs', 'evidence', true),
    ('rule', 'certainty', 'term', 'certainty', true),
    ('rule', 'clearable_by', 'term', 'clearer', false),
    ('rule', 'clearance_for', 'refs', 'fact', false),
    ('rule', 'cleared_effect', 'term', 'verdict', false),
    ('rule', 'acute', 'flag', null, false),
    ('rule', 'review', 'object', 'review', false),
    ('modification', 'kind', 'term', 'modification_kind', true),
    ('modification', 'value', 'value', null, true),

    ('course', 'id', 'code', null, true),
    ('course', 'topic', 'text', null, false),
    ('course', 'title', 'text', null, true),
    ('course', 'when', 'condition', null, true),
    ('course', 'priority', 'integer', null, true),
    ('course', 'focus', 'terms', 'region', true),
    ('course', 'techniques', 'refs', 'technique', true),
    ('course', 'fallback_technique', 'ref', 'technique', false),
    ('course', 'phases', 'objects', 'phase', true),
    ('course', 'reassess_after_sessions', 'integer', null, true),
    ('course', 'max_sessions_without_gain', 'integer', null, true),
    ('course', 'expected_change', 'text', null, true),
    ('course', 'if_improving', 'text', null, true),
    ('course', 'if_unchanged', 'text', null, true),
    ('course', 'if_worse', 'text', null, true),
    ('course', 'stop_if', 'texts', null, true),
    ('course', 'self_care', 'texts', null, false),
    ('course', 'co_care', 'texts', null, false),
    ('course', 'evidence', 'refs', 'evidence', true),
    ('course', 'certainty', 'term', 'certainty', true),
    ('course', 'notes', 'text', null, false),
    ('phase', 'name', 'text', null, true),
    ('phase', 'sessions', 'integer', null, true),
    ('phase', 'per_week', 'number', null, true),
    ('phase', 'minutes', 'integer', null, true),
    ('phase', 'pressure', 'integer', null, true),
    ('phase', 'intent', 'text', null, false),
    ('phase', 'only_if', 'text', null, false),

    ('adjustment', 'id', 'code', null, true),
    ('adjustment', 'title', 'text', null, true),
    ('adjustment', 'order', 'integer', null, true),
    ('adjustment', 'when', 'condition', null, true),
    ('adjustment', 'scope', 'term', 'adjustment_scope', false),
    ('adjustment', 'first_sessions', 'integer', null, false),
    ('adjustment', 'minutes_max', 'integer', null, false),
    ('adjustment', 'minutes_prefer', 'integer', null, false),
    ('adjustment', 'pressure_max', 'integer', null, false),
    ('adjustment', 'pressure_delta', 'integer', null, false),
    ('adjustment', 'per_week_max', 'number', null, false),
    ('adjustment', 'sessions_max', 'integer', null, false),
    ('adjustment', 'weeks_max', 'integer', null, false),
    ('adjustment', 'focus_max_per_session', 'integer', null, false),
    ('adjustment', 'reassess_after_sessions', 'integer', null, false),
    ('adjustment', 'no_course', 'flag', null, false),
    ('adjustment', 'reason', 'text', null, false),
    ('adjustment', 'no_course_at', 'object', 'no_course_at', false),
    ('adjustment', 'techniques_avoid', 'refs', 'technique', false),
    ('adjustment', 'techniques_drop', 'refs', 'technique', false),
    ('adjustment', 'techniques_allow', 'refs', 'technique', false),
    ('adjustment', 'techniques_first', 'refs', 'technique', false),
    ('adjustment', 'techniques_from_age', 'objects', 'technique_from_age', false),
    ('adjustment', 'positions_prefer', 'terms', 'body_position', false),
    ('adjustment', 'note_if', 'objects', 'note_if', false),
    ('adjustment', 'advice', 'texts', null, false),
    ('adjustment', 'self_care_add', 'texts', null, false),
    ('adjustment', 'co_care_add', 'texts', null, false),
    ('adjustment', 'why', 'text', null, true),
    ('adjustment', 'evidence', 'refs', 'evidence', true),
    ('adjustment', 'certainty', 'term', 'certainty', true),
    ('no_course_at', 'pain_max', 'integer', null, true),
    ('no_course_at', 'reason', 'text', null, true),
    ('no_course_at', 'unless_clearance_for', 'refs', 'fact', false),
    ('no_course_at', 'unless_chronic_with', 'refs', 'fact', false),
    ('technique_from_age', 'technique', 'ref', 'technique', true),
    ('technique_from_age', 'age_years', 'integer', null, true),
    ('note_if', 'course', 'ref', 'course', true),
    ('note_if', 'minutes_below', 'integer', null, false),
    ('note_if', 'per_week_below', 'number', null, false),
    ('note_if', 'say', 'text', null, true),

    ('replanning', 'id', 'code', null, true),
    ('replanning', 'order', 'integer', null, true),
    ('replanning', 'decides', 'flag', null, false),
    ('replanning', 'when', 'condition', null, true),
    ('replanning', 'action', 'term', 'replanning_action', true),
    ('replanning', 'no_course', 'flag', null, false),
    ('replanning', 'disposition', 'term', 'disposition', false),
    ('replanning', 'ask', 'refs', 'fact', false),
    ('replanning', 'pressure_delta', 'integer', null, false),
    ('replanning', 'pressure_delta_max', 'integer', null, false),
    ('replanning', 'minutes_factor', 'number', null, false),
    ('replanning', 'min_days_between', 'integer', null, false),
    ('replanning', 'per_week', 'number', null, false),
    ('replanning', 'per_week_steps', 'numbers', null, false),
    ('replanning', 'sessions_left_max', 'integer', null, false),
    ('replanning', 'reassess_after_sessions', 'integer', null, false),
    ('replanning', 'technique', 'term', 'technique_change', false),
    ('replanning', 'techniques_drop', 'refs', 'technique', false),
    ('replanning', 'techniques_drop_with', 'terms', 'trait', false),
    ('replanning', 'techniques_drop_days', 'integer', null, false),
    ('replanning', 'modifications', 'objects', 'modification', false),
    ('replanning', 'phase_name', 'text', null, false),
    ('replanning', 'phases', 'objects', 'phase', false),
    ('replanning', 'dose_check', 'objects', 'dose_check', false),
    ('replanning', 'say', 'text', null, true),
    ('replanning', 'advice', 'texts', null, false),
    ('replanning', 'evidence', 'refs', 'evidence', true),
    ('replanning', 'certainty', 'term', 'certainty', true),
    ('dose_check', 'course', 'ref', 'course', true),
    ('dose_check', 'minutes', 'integer', null, true),
    ('dose_check', 'per_week', 'number', null, true),

    ('evidence', 'id', 'code', null, true),
    ('evidence', 'aliases', 'codes', null, false),
    ('evidence', 'design', 'term', 'study_design', true),
    ('evidence', 'title', 'text', null, true),
    ('evidence', 'authors', 'text', null, false),
    ('evidence', 'year', 'integer', null, false),
    ('evidence', 'venue', 'text', null, false),
    ('evidence', 'doi', 'text', null, false),
    ('evidence', 'pmid', 'text', null, false),
    ('evidence', 'url', 'text', null, false),
    ('evidence', 'finding', 'text', null, true),
    ('evidence', 'population', 'text', null, false),
    ('evidence', 'certainty', 'term', 'certainty', true),
    ('evidence', 'verified', 'term', 'verification', true),
    ('evidence', 'verified_note', 'text', null, false),

    -- a translation names the same members as the items themselves, and only their texts; the words of a fact are
    -- the item fact_words, and so on
    ('translation', 'review', 'object', 'review', true),
    ('translation', 'attributes', 'words', 'attribute', false),
    ('translation', 'facts', 'words', 'fact', false),
    ('translation', 'techniques', 'words', 'technique', false),
    ('translation', 'rules', 'words', 'rule', false),
    ('translation', 'courses', 'words', 'course', false),
    ('translation', 'adjustments', 'words', 'adjustment', false),
    ('translation', 'replanning', 'words', 'replanning', false),
    ('translation', 'evidence', 'words', 'evidence', false),
    ('attribute_words', 'question', 'text', null, true),
    ('fact_words', 'label', 'text', null, false),
    ('fact_words', 'question', 'text', null, false),
    ('fact_words', 'answer_meaning', 'text', null, false),
    ('technique_words', 'name', 'text', null, false),
    ('technique_words', 'summary', 'text', null, false),
    ('technique_words', 'notes', 'text', null, false),
    ('technique_words', 'never_offered', 'text', null, false),
    ('rule_words', 'message', 'text', null, false),
    ('rule_words', 'note', 'text', null, false),
    ('rule_words', 'action', 'text', null, false),
    ('rule_words', 'rationale', 'text', null, false),
    ('course_words', 'title', 'text', null, false),
    ('course_words', 'expected_change', 'text', null, false),
    ('course_words', 'if_improving', 'text', null, false),
    ('course_words', 'if_unchanged', 'text', null, false),
    ('course_words', 'if_worse', 'text', null, false),
    ('course_words', 'notes', 'text', null, false),
    ('course_words', 'stop_if', 'texts', null, false),
    ('course_words', 'self_care', 'texts', null, false),
    ('course_words', 'co_care', 'texts', null, false),
    ('course_words', 'phases', 'objects', 'phase_words', false),
    ('phase_words', 'name', 'text', null, true),
    ('phase_words', 'intent', 'text', null, false),
    ('phase_words', 'only_if', 'text', null, false),
    ('adjustment_words', 'title', 'text', null, false),
    ('adjustment_words', 'why', 'text', null, false),
    ('adjustment_words', 'reason', 'text', null, false),
    ('adjustment_words', 'no_course_at', 'object', 'no_course_at_words', false),
    ('adjustment_words', 'note_if', 'objects', 'note_if_words', false),
    ('adjustment_words', 'advice', 'texts', null, false),
    ('adjustment_words', 'self_care_add', 'texts', null, false),
    ('adjustment_words', 'co_care_add', 'texts', null, false),
    ('no_course_at_words', 'reason', 'text', null, true),
    ('note_if_words', 'say', 'text', null, true),
    ('replanning_words', 'say', 'text', null, false),
    ('replanning_words', 'advice', 'texts', null, false),
    ('replanning_words', 'phase_name', 'text', null, false),
    ('replanning_words', 'phases', 'objects', 'phase_words', false),
    ('evidence_words', 'finding', 'text', null, false),
    ('evidence_words', 'population', 'text', null, false);

create function palpate.document_children(form palpate.member_form, value jsonb)
returns table (step text, body jsonb)
language sql immutable
set search_path = ''
as $$
    select '', value
    where form = 'object' and jsonb_typeof(value) = 'object'
    union all
    select '/' || e.ord - 1, e.body
    from jsonb_array_elements(
        case when form = 'objects' and jsonb_typeof(value) = 'array' then value else '[]' end
    ) with ordinality as e (body, ord)
    where jsonb_typeof(e.body) = 'object'
    union all
    select '/' || e.key, e.value
    from jsonb_each(
        case when form in ('languages', 'words') and jsonb_typeof(value) = 'object' then value else '{}' end
    ) as e
    where jsonb_typeof(e.value) = 'object'
$$;
comment on function palpate.document_children(palpate.member_form, jsonb) is
    'The items inside a member, each with the rest of its JSON pointer';

create function palpate.is_date(words text) returns boolean
language sql immutable
return case
    when words !~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]$' then false
    else substr(words, 9)::integer between 1 and extract(day from
        make_date(substr(words, 1, 4)::integer, substr(words, 6, 2)::integer, 1) + interval '1 month -1 day')
end;
comment on function palpate.is_date(text) is 'Whether a text is a day of the calendar, as 2026-11-20';

create function palpate.document_faults(document jsonb)
returns table (item text, pointer text, fault text)
language sql stable
set search_path = ''
set jit = off
as $$
    with recursive
    -- owner: the item of the catalogue that an editor looks for
    node (item, owner, pointer, body) as (
        select 'catalogue', 'catalogue', '', document
        union all
        select case m.form when 'words' then m.holds || '_words' else m.holds end,
            case node.item
                when 'catalogue' then m.holds || coalesce(format(' "%s"', coalesce(
                    child.body ->> 'id', child.body ->> 'code', nullif(ltrim(child.step, '/'), '')
                )), '')
                else node.owner
            end,
            node.pointer || '/' || m.member || child.step,
            child.body
        from node
        join palpate.document_member m
            on m.item = node.item and m.form in ('object', 'objects', 'languages', 'words')
        cross join lateral palpate.document_children(m.form, node.body -> m.member) as child
    ),
    vocabulary (name, terms) as (
        select t.typname, array_agg(e.enumlabel::text order by e.enumsortorder)
        from pg_catalog.pg_type t
        join pg_catalog.pg_enum e on e.enumtypid = t.oid
        where t.typnamespace = 'palpate'::regnamespace
        group by t.typname
    ),
    known (kind, ids) as (
        select n.item, array_agg(coalesce(n.body ->> 'id', n.body ->> 'code'))
        from node n
        where n.item in (select m.holds from palpate.document_member m where m.form in ('ref', 'refs', 'words'))
        group by n.item
    ),
    -- a source may be cited by an alias, but its words are found by its id
    alias (names) as (
        select array_agg(a.name #>> '{}')
        from node n
        cross join lateral jsonb_array_elements(
            case jsonb_typeof(n.body -> 'aliases') when 'array' then n.body -> 'aliases' end
        ) as a (name)
        where n.item = 'evidence'
    ),
    given as (
        select n.owner, n.pointer || '/' || m.member as pointer, m.form, m.holds, v.terms,
            case when m.form = 'refs' and m.holds = 'evidence' then k.ids || a.names else k.ids end as ids,
            n.body -> m.member as value, jsonb_typeof(n.body -> m.member) as type, n.body ->> m.member as words,
            f.description || case
                when v.terms is not null then ' ' || array_to_string(v.terms, ', ')
                when m.form in ('ref', 'refs', 'words') then ' ' || m.holds
                else ''
            end as description
        from node n
        join palpate.document_member m on m.item = n.item
        join palpate.document_form f on f.form = m.form
        left join vocabulary v on m.form in ('term', 'terms', 'terms_or_none') and v.name = m.holds
        left join known k on m.form in ('ref', 'refs', 'words') and k.kind = m.holds
        cross join alias a
        where n.body ? m.member
    ),
    listed as (
        select g.owner, g.pointer || '/' || e.ord - 1 as pointer, g.form, g.holds, g.terms, g.ids, g.description,
            e.value, jsonb_typeof(e.value) as type, e.value #>> '{}' as words
        from given g
        cross join lateral jsonb_array_elements(case g.type when 'array' then g.value else '[]' end)
            with ordinality as e (value, ord)
    ),
    keyed as (
        select g.owner, g.pointer || '/' || e.key as pointer, g.form, g.holds, g.ids, g.description,
            e.key, jsonb_typeof(e.value) as type, e.value = '{}' as is_empty
        from given g
        cross join lateral jsonb_each(case g.type when 'object' then g.value else '{}' end) as e
        where g.form in ('languages', 'words')
    )
    select n.owner, n.pointer || '/' || k.member, 'is no member of ' || n.item
    from node n
    cross join lateral jsonb_object_keys(n.body) as k (member)
    where not exists (
        select from palpate.document_member m where m.item = n.item and m.member = k.member
    )
    union all
    select n.owner, n.pointer || '/' || m.member, 'is missing'
    from node n
    join palpate.document_member m on m.item = n.item and m.needed
    where not n.body ? m.member
    union all
    -- a member as a whole
    select g.owner, g.pointer, format('%s is not %s', left(g.value::text, 80), g.description)
    from given g
    where not coalesce(
        case g.form
            when 'text' then g.type = 'string' and palpate.is_prose(g.words)
            when 'code' then g.type = 'string' and palpate.is_code(g.words)
            when 'language' then g.type = 'string' and palpate.is_language_tag(g.words)
            when 'date' then g.type = 'string' and palpate.is_date(g.words)
            when 'integer' then g.type = 'number' and g.words ~ '^-?[0-9]{1,6}$'
            when 'number' then g.type = 'number'
            when 'flag' then g.type = 'boolean'
            when 'condition' then palpate.is_condition(g.value)
            when 'term' then g.type = 'string' and g.words = any (g.terms)
            when 'ref' then g.type = 'string'
            when 'range' then case g.type when 'array' then jsonb_array_length(g.value) = 2 end
            when 'terms_or_none' then g.type = 'array'
            when 'regions' then
                case g.type
                    when 'string' then g.words in ('systemic', 'where_found')
                    when 'array' then g.value <> '[]'
                end
            when 'value' then
                case g.type
                    when 'boolean' then g.value = 'true'
                    when 'number' then g.words ~ '^-?[0-9]{1,6}$'
                    when 'string' then palpate.is_prose(g.words)
                    when 'array' then g.value <> '[]'
                end
            when 'prefixes' then
                g.type = 'object' and g.value <> '{}'
                and not g.value @? 'strict $.* ? (@.type() != "array")'
                and not g.value @? 'strict $.* ? (@.size() == 0)'
                and not g.value @? 'strict $.*[*] ? (@.type() != "string")'
            when 'object' then g.type = 'object'
            when 'languages' then g.type = 'object' and g.value <> '{}'
            when 'words' then g.type = 'object' and g.value <> '{}'
            else g.type = 'array' and g.value <> '[]'
        end, false)
    union all
    -- what stands in a list
    select l.owner, l.pointer, case
            when l.form = 'refs' and l.type = 'string' then format('"%s" is no %s of this catalogue', l.words, l.holds)
            else format('%s does not belong in %s', left(l.value::text, 80), l.description)
        end
    from listed l
    where not coalesce(
        case l.form
            when 'texts' then l.type = 'string' and palpate.is_prose(l.words)
            when 'codes' then l.type = 'string' and palpate.is_code(l.words)
            when 'numbers' then l.type = 'number'
            when 'range' then l.type = 'number' and l.words ~ '^[0-9]{1,6}$'
            when 'terms' then l.type = 'string' and l.words = any (l.terms)
            when 'terms_or_none' then l.type = 'string' and l.words = any (l.terms)
            when 'refs' then l.type = 'string' and l.words = any (l.ids)
            when 'regions' then l.type = 'string' and l.words = any (enum_range(null::palpate.region)::text[])
            when 'value' then l.type = 'string' and l.words = any (enum_range(null::palpate.region)::text[])
            when 'good_for' then
                l.type = 'string' and case split_part(l.words, ':', 1)
                    when 'goal' then substr(l.words, 6) = any (enum_range(null::palpate.goal)::text[])
                    when 'region' then substr(l.words, 8) = any (enum_range(null::palpate.region)::text[])
                    when 'acuity' then substr(l.words, 8) = any (enum_range(null::palpate.acuity)::text[])
                end
            when 'objects' then l.type = 'object'
            else true
        end, false)
    union all
    -- what is named
    select g.owner, g.pointer, format('"%s" is no %s of this catalogue', g.words, g.holds)
    from given g
    where g.form = 'ref' and g.type = 'string' and not coalesce(g.words = any (g.ids), false)
    union all
    select k.owner, k.pointer, case
            when k.type <> 'object' or k.is_empty then 'is not an object with members'
            when k.form = 'words' then format('"%s" is no %s of this catalogue', k.key, k.holds)
            else format('"%s" is not a language tag such as es or zh-Hant', k.key)
        end
    from keyed k
    where k.type <> 'object' or k.is_empty or not coalesce(
        case k.form
            when 'words' then k.key = any (k.ids)
            else palpate.is_language_tag(k.key)
        end, false)
$$;
comment on function palpate.document_faults(jsonb) is
    'What is wrong with the shape of a catalogue document, with the item and a JSON pointer: no row means nothing';
