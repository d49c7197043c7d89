-- What keeps the catalogue whole: checks across rows, and the seal after which nothing of a version changes.
--
-- A version is written, checked and sealed in one transaction: none can be committed unsealed. What is sealed is
-- neither added to, nor changed, nor taken away.

create function palpate.catalogue_flaws(of_version integer)
returns table (item text, id text, flaw text)
language sql stable
set search_path = ''
set jit = off
as $$
    with recursive
    own as (
        select l.language from palpate.catalogue_language l where l.version = of_version and l.own
    ),
    upward (fact, above) as (
        select i.fact, i.implied from palpate.fact_implication i where i.version = of_version
        union
        select c.covered, c.umbrella from palpate.fact_cover c where c.version = of_version
    ),
    reach (fact, above) as (
        select u.fact, u.above from upward u
        union
        select r.fact, u.above from reach r join upward u on u.fact = r.above
    ),
    -- every text there must be in the catalogue's own language: a null here is a flaw
    needed (item, id, member, words) as (
        select 'attribute', a.id, 'question', t.question
        from palpate.attribute a cross join own
        left join palpate.attribute_text t
            on t.version = a.version and t.attribute = a.id and t.language = own.language
        where a.version = of_version
        union all
        select 'fact', f.id, m.member, m.words
        from palpate.fact f cross join own
        left join palpate.fact_text t on t.version = f.version and t.fact = f.id and t.language = own.language
        cross join lateral (values
            ('label', t.label),
            ('question', case when f.clearance_only then 'never asked' else t.question end)
        ) as m (member, words)
        where f.version = of_version
        union all
        select 'technique', q.code, m.member, m.words
        from palpate.technique q cross join own
        left join palpate.technique_text t
            on t.version = q.version and t.technique = q.code and t.language = own.language
        cross join lateral (values
            ('name', t.name),
            ('summary', t.summary),
            ('never_offered', case when q.never_offered then t.never_offered else 'offered' end)
        ) as m (member, words)
        where q.version = of_version
        union all
        select 'rule', r.id, m.member, m.words
        from palpate.rule r cross join own
        left join palpate.rule_text t on t.version = r.version and t.rule = r.id and t.language = own.language
        cross join lateral (values
            ('message', t.message), ('note', t.note), ('action', t.action), ('rationale', t.rationale)
        ) as m (member, words)
        where r.version = of_version
        union all
        select 'course', c.id, m.member, m.words
        from palpate.course c cross join own
        left join palpate.course_text t on t.version = c.version and t.course = c.id and t.language = own.language
        cross join lateral (values
            ('title', t.title), ('expected_change', t.expected_change), ('if_improving', t.if_improving),
            ('if_unchanged', t.if_unchanged), ('if_worse', t.if_worse),
            ('stop_if', (
                select l.line from palpate.course_line l
                where l.version = c.version and l.language = own.language and l.course = c.id and l.list = 'stop_if'
                limit 1
            ))
        ) as m (member, words)
        where c.version = of_version
        union all
        select 'course', p.course, 'name of phase ' || p.ord, t.name
        from palpate.course_phase p cross join own
        left join palpate.course_phase_text t
            on t.version = p.version and t.course = p.course and t.ord = p.ord and t.language = own.language
        where p.version = of_version
        union all
        select 'adjustment', a.id, m.member, m.words
        from palpate.adjustment a cross join own
        left join palpate.adjustment_text t
            on t.version = a.version and t.adjustment = a.id and t.language = own.language
        cross join lateral (values
            ('title', t.title),
            ('why', t.why),
            ('reason', case when a.no_course then t.reason else 'there is a course' end),
            ('reason of no_course_at', case when a.no_course_at_pain is null then 'none' else t.reason_at_pain end)
        ) as m (member, words)
        where a.version = of_version
        union all
        select 'adjustment', n.adjustment, 'text of note ' || n.ord, t.say
        from palpate.adjustment_note n cross join own
        left join palpate.adjustment_note_text t
            on t.version = n.version and t.adjustment = n.adjustment and t.ord = n.ord and t.language = own.language
        where n.version = of_version
        union all
        select 'replanning', r.id, m.member, m.words
        from palpate.replanning r cross join own
        left join palpate.replanning_text t
            on t.version = r.version and t.replanning = r.id and t.language = own.language
        cross join lateral (values
            ('say', t.say),
            ('phase_name', case when r.action in ('finish', 'taper') then t.phase_name else 'keeps its phases' end)
        ) as m (member, words)
        where r.version = of_version
        union all
        select 'replanning', p.replanning, 'name of phase ' || p.ord, t.name
        from palpate.replanning_phase p cross join own
        left join palpate.replanning_phase_text t
            on t.version = p.version and t.replanning = p.replanning and t.ord = p.ord and t.language = own.language
        where p.version = of_version
        union all
        select 'evidence', e.id, 'finding', t.finding
        from palpate.evidence e cross join own
        left join palpate.evidence_text t
            on t.version = e.version and t.evidence = e.id and t.language = own.language
        where e.version = of_version
    ),
    -- texts one by one: a translation says nothing that the own language does not, and of a list it has every line
    said (language, item, id, member, ord) as (
        select t.language, 'fact', t.fact, m.member, 1
        from palpate.fact_text t
        cross join lateral (values
            ('label', t.label), ('question', t.question), ('answer_meaning', t.answer_meaning)
        ) as m (member, words)
        where t.version = of_version and m.words is not null
        union all
        select t.language, 'technique', t.technique, m.member, 1
        from palpate.technique_text t
        cross join lateral (values
            ('name', t.name), ('summary', t.summary), ('notes', t.notes), ('never_offered', t.never_offered)
        ) as m (member, words)
        where t.version = of_version and m.words is not null
        union all
        select t.language, 'course', t.course, 'notes', 1
        from palpate.course_text t where t.version = of_version and t.notes is not null
        union all
        select l.language, 'course', l.course, l.list::text, l.ord
        from palpate.course_line l where l.version = of_version
        union all
        select t.language, 'course', t.course, 'phases/' || m.member, t.ord
        from palpate.course_phase_text t
        cross join lateral (values
            ('name', t.name), ('intent', t.intent), ('only_if', t.only_if)
        ) as m (member, words)
        where t.version = of_version and m.words is not null
        union all
        select t.language, 'adjustment', t.adjustment, m.member, 1
        from palpate.adjustment_text t
        cross join lateral (values
            ('reason', t.reason), ('no_course_at/reason', t.reason_at_pain)
        ) as m (member, words)
        where t.version = of_version and m.words is not null
        union all
        select l.language, 'adjustment', l.adjustment, l.list::text, l.ord
        from palpate.adjustment_line l where l.version = of_version
        union all
        select t.language, 'adjustment', t.adjustment, 'note_if', t.ord
        from palpate.adjustment_note_text t where t.version = of_version
        union all
        select t.language, 'replanning', t.replanning, 'phase_name', 1
        from palpate.replanning_text t where t.version = of_version and t.phase_name is not null
        union all
        select l.language, 'replanning', l.replanning, 'advice', l.ord
        from palpate.replanning_line l where l.version = of_version
        union all
        select t.language, 'replanning', t.replanning, 'phases/' || m.member, t.ord
        from palpate.replanning_phase_text t
        cross join lateral (values
            ('name', t.name), ('intent', t.intent), ('only_if', t.only_if)
        ) as m (member, words)
        where t.version = of_version and m.words is not null
        union all
        select t.language, 'evidence', t.evidence, 'population', 1
        from palpate.evidence_text t where t.version = of_version and t.population is not null
    ),
    said_times as (
        select s.language, s.item, s.id, s.member, count(*) as times
        from said s
        group by s.language, s.item, s.id, s.member
    )
    -- the model
    select 'fact', f.id, 'has valid_days but not the attribute date'
    from palpate.fact f
    where f.version = of_version and f.valid_days is not null and not exists (
        select from palpate.fact_attribute a where a.version = f.version and a.fact = f.id and a.attribute = 'date'
    )
    union all
    select 'fact', f.id, 'is named by clearances only, but has attributes, codes or other facts'
    from palpate.fact f
    where f.version = of_version and f.clearance_only and (
        exists (select from palpate.fact_attribute a where a.version = f.version and a.fact = f.id)
        or exists (select from palpate.coding c where c.version = f.version and c.fact = f.id)
        or exists (select from upward u where f.id in (u.fact, u.above))
    )
    union all
    select 'fact', f.id, case
        when f.complaints_listed then 'lists no complaint regions'
        else 'lists complaint regions, but does not say so'
    end
    from palpate.fact f
    where f.version = of_version and coalesce(f.complaints_listed, false) <> exists (
        select from palpate.fact_complaint_region c where c.version = f.version and c.fact = f.id
    )
    union all
    select 'fact', r.fact, 'stands above itself by what it implies or is covered by'
    from reach r
    where r.fact = r.above
    union all
    select 'fact', f.id, 'has the name of a list of complaint regions'
    from palpate.fact f
    join palpate.complaint_list l on l.version = f.version and l.id = f.id
    where f.version = of_version
    union all
    select 'technique', q.code, 'has no position'
    from palpate.technique q
    where q.version = of_version and not exists (
        select from palpate.technique_position p where p.version = q.version and p.technique = q.code
    )
    union all
    select 'rule', r.id, 'modifies, but has no modification'
    from palpate.rule r
    where r.version = of_version and r.effect = 'modified' and not exists (
        select from palpate.rule_modification m where m.version = r.version and m.rule = r.id
    )
    union all
    select 'rule', r.id, 'only informs, but has a modification or a disposition'
    from palpate.rule r
    where r.version = of_version and r.effect = 'allowed' and (
        r.disposition is not null
        or exists (select from palpate.rule_modification m where m.version = r.version and m.rule = r.id)
    )
    union all
    select 'rule', r.id, case
        when r.clearable_by is null then 'has clearance_for but no clearable_by'
        else 'has clearable_by but no clearance_for'
    end
    from palpate.rule r
    where r.version = of_version and (r.clearable_by is null) = exists (
        select from palpate.rule_clearance c where c.version = r.version and c.rule = r.id
    )
    union all
    select 'rule', r.id, 'has listed regions exactly where it should not'
    from palpate.rule r
    where r.version = of_version and (r.place = 'listed') <> exists (
        select from palpate.rule_region g where g.version = r.version and g.rule = r.id
    )
    union all
    select 'rule', r.id, 'cites no evidence'
    from palpate.rule r
    where r.version = of_version and not exists (
        select from palpate.rule_evidence e where e.version = r.version and e.rule = r.id
    )
    union all
    select 'rule', r.id, 'has the id of an adjustment or of a re-planning rule, whose code stands beside it in answers'
    from palpate.rule r
    where r.version = of_version and (
        exists (select from palpate.adjustment a where a.version = r.version and a.id = r.id)
        or exists (select from palpate.replanning p where p.version = r.version and p.id = r.id)
    )
    union all
    select 'adjustment', a.id, 'has the id of a re-planning rule, whose code stands beside it in answers'
    from palpate.adjustment a
    join palpate.replanning p on p.version = a.version and p.id = a.id
    where a.version = of_version
    union all
    select 'course', c.id, 'has no technique, no phase or no focus'
    from palpate.course c
    where c.version = of_version and not (
        exists (select from palpate.course_technique q where q.version = c.version and q.course = c.id)
        and exists (select from palpate.course_phase p where p.version = c.version and p.course = c.id)
        and exists (select from palpate.course_focus f where f.version = c.version and f.course = c.id)
    )
    union all
    select 'course', c.id, 'falls back on a technique that is not one of its own'
    from palpate.course c
    where c.version = of_version and c.fallback_technique is not null and not exists (
        select from palpate.course_technique q
        where q.version = c.version and q.course = c.id and q.technique = c.fallback_technique
    )
    union all
    select 'adjustment', a.id, 'has exceptions to a bound that it has not'
    from palpate.adjustment a
    where a.version = of_version and a.no_course_at_pain is null and exists (
        select from palpate.adjustment_exception e where e.version = a.version and e.adjustment = a.id
    )
    union all
    select 'replanning', r.id, case
        when r.action = 'booster' then 'has no phase'
        else 'has phases, but is no booster'
    end
    from palpate.replanning r
    where r.version = of_version and (r.action = 'booster') <> exists (
        select from palpate.replanning_phase p where p.version = r.version and p.replanning = r.id
    )
    union all
    select 'replanning', r.id, 'leaves techniques out for some days without naming days and techniques'
    from palpate.replanning r
    where r.version = of_version and (r.techniques_drop_days is not null) <> (
        exists (select from palpate.replanning_technique_drop d where d.version = r.version and d.replanning = r.id)
        or exists (select from palpate.replanning_trait_drop d where d.version = r.version and d.replanning = r.id)
    )
    union all
    select 'definitions', 'definitions', 'are missing'
    where not exists (select from palpate.definition d where d.version = of_version)
    -- the texts
    union all
    select 'catalogue', of_version::text, 'has no language of its own'
    where not exists (select from own)
    union all
    select n.item, n.id, 'has no text: ' || n.member
    from needed n
    where n.words is null
    union all
    select 'fact', t.fact, 'is never asked, but has a question'
    from palpate.fact f
    join palpate.fact_text t on t.version = f.version and t.fact = f.id
    where f.version = of_version and f.clearance_only and t.question is not null
    union all
    select 'technique', t.technique, 'says why it is never offered, but is'
    from palpate.technique q
    join palpate.technique_text t on t.version = q.version and t.technique = q.code
    where q.version = of_version and not q.never_offered and t.never_offered is not null
    union all
    select 'adjustment', t.adjustment, 'says why there is no course, but there is one'
    from palpate.adjustment a
    join palpate.adjustment_text t on t.version = a.version and t.adjustment = a.id
    where a.version = of_version
        and (not a.no_course and t.reason is not null or a.no_course_at_pain is null and t.reason_at_pain is not null)
    union all
    select t.item, t.id, format('has %s text(s) in %s as %s, but %s in its own language',
                                t.times, t.language, t.member, coalesce(o.times, 0))
    from said_times t
    cross join own
    left join said_times o
        on o.language = own.language and o.item = t.item and o.id = t.id and o.member = t.member
    where t.times is distinct from o.times
$$;
comment on function palpate.catalogue_flaws(integer) is
    'What is wrong with a version beyond what its tables'' constraints can see: no row means none';

create function palpate.check_and_seal() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    flaws text[];
begin
    if tg_op = 'INSERT' then
        if new.sealed then
            raise exception 'catalogue version % is sealed before it is written', new.version
                using errcode = 'object_not_in_prerequisite_state';
        end if;
        return new;
    end if;
    if old.sealed or not new.sealed
        or to_jsonb(new) - 'sealed' <> to_jsonb(old) - 'sealed'
    then
        raise exception 'catalogue version % cannot be changed', old.version
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Store the changed catalogue as a new version.';
    end if;
    select array_agg(format('%s "%s" %s', f.item, f.id, f.flaw) order by f.item, f.id, f.flaw)
    into flaws
    from palpate.catalogue_flaws(new.version) as f;
    if flaws is not null then
        raise exception 'catalogue refused: %', flaws[1]
            using errcode = 'check_violation',
                detail = array_to_string(flaws[:20], e'\n');
    end if;
    return new;
end
$$;
comment on function palpate.check_and_seal() is 'A version changes once, when it is sealed, and only without a flaw';

create trigger check_and_seal before insert or update on palpate.catalogue_version
for each row execute function palpate.check_and_seal();

create function palpate.require_seal() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if not (select v.sealed from palpate.catalogue_version v where v.version = new.version) then
        raise exception 'catalogue version % was not sealed', new.version
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    return null;
end
$$;
comment on function palpate.require_seal() is 'No version is committed before it is checked and sealed';

create constraint trigger require_seal after insert on palpate.catalogue_version
deferrable initially deferred for each row execute function palpate.require_seal();

create function palpate.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'the catalogue cannot be changed: % on "%" is refused', lower(tg_op), tg_table_name
        using errcode = 'object_not_in_prerequisite_state',
            hint = 'Store the changed catalogue as a new version.';
end
$$;
comment on function palpate.refuse_change() is 'Rows of the catalogue are neither updated nor deleted';

create function palpate.refuse_late_row() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    late integer;
begin
    select v.version into late
    from added a
    join palpate.catalogue_version v on v.version = a.version
    where v.sealed
    limit 1;
    if found then
        raise exception 'catalogue version % is sealed: insert on "%" is refused', late, tg_table_name
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Store the changed catalogue as a new version.';
    end if;
    return null;
end
$$;
comment on function palpate.refuse_late_row() is 'Nothing is added to a sealed version';

create trigger refuse_change before delete or truncate on palpate.catalogue_version
for each statement execute function palpate.refuse_change();

-- every other table of the catalogue has the version as the first column of its key
do $$
declare
    content regclass;
begin
    for content in
        select c.oid::regclass
        from pg_catalog.pg_class c
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'version' and a.attnum = 1
        where c.relnamespace = 'palpate'::regnamespace and c.relkind = 'r'
            and c.oid <> 'palpate.catalogue_version'::regclass
    loop
        execute format('create trigger refuse_change before update or delete or truncate on %s
            for each statement execute function palpate.refuse_change()', content);
        execute format('create trigger refuse_late_row after insert on %s referencing new table as added
            for each statement execute function palpate.refuse_late_row()', content);
    end loop;
end
$$;
