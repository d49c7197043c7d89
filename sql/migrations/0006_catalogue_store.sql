-- What operators and the service do with catalogues: store one, see what is there, put one in force.

create function palpate.first_difference(given jsonb, kept jsonb, at text default '') returns text
language plpgsql immutable
set search_path = ''
as $$
declare
    step record;
begin
    if jsonb_typeof(given) = 'object' and jsonb_typeof(kept) = 'object' then
        for step in
            select coalesce(g.key, k.key) as name, g.value as given, k.value as kept
            from jsonb_each(given) as g
            full join jsonb_each(kept) as k on k.key = g.key
            where g.value is distinct from k.value
            order by 1
            limit 1
        loop
            return palpate.first_difference(step.given, step.kept, at || '/' || step.name);
        end loop;
    elsif jsonb_typeof(given) = 'array' and jsonb_typeof(kept) = 'array' then
        for step in
            select coalesce(g.ord, k.ord) - 1 as name, g.value as given, k.value as kept,
                coalesce(g.value ->> 'id', g.value ->> 'code') as id
            from jsonb_array_elements(given) with ordinality as g (value, ord)
            full join jsonb_array_elements(kept) with ordinality as k (value, ord) on k.ord = g.ord
            where g.value is distinct from k.value
            order by 1
            limit 1
        loop
            return palpate.first_difference(
                step.given, step.kept, at || '/' || step.name || coalesce(format(' ("%s")', step.id), '')
            );
        end loop;
    end if;
    if given is distinct from kept then
        return format('%s: %s', at, coalesce(left(given::text, 80), 'nothing')
            || ' is kept as ' || coalesce(left(kept::text, 80), 'nothing'));
    end if;
    return null;
end
$$;
comment on function palpate.first_difference(jsonb, jsonb, text) is
    'The first place where two documents differ, as a JSON pointer with the ids on its way, and what stands there; '
    'null where they do not';

create function palpate.catalogue_store(doc jsonb, digest text)
returns table (version integer, created boolean)
language plpgsql
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
declare
    stored integer;
    faults text[];
    difference text;
    state text;
    constraint_broken text;
    constraint_detail text;
begin
    if doc is null or digest is null or digest !~ '^[0-9a-f]{64}$' then
        raise exception 'a catalogue is stored with its document and the SHA-256 of it in lower-case hexadecimal'
            using errcode = 'invalid_parameter_value';
    end if;

    -- one at a time: whoever comes second with the same document finds it stored
    perform pg_advisory_xact_lock(hashtextextended('palpate.catalogue_store', 0));
    select v.version into stored from palpate.catalogue_version v where v.digest = catalogue_store.digest::char(64);
    if found then
        return query select stored, false;
        return;
    end if;

    if jsonb_typeof(doc) <> 'object' then
        raise exception 'catalogue refused: the document is not an object' using errcode = 'check_violation';
    end if;
    select array_agg(f.item || ': ' || f.pointer || ' ' || f.fault order by f.pointer, f.fault)
    into faults
    from palpate.document_faults(doc) as f;
    if faults is not null then
        raise exception 'catalogue refused: %', faults[1]
            using errcode = 'check_violation',
                detail = array_to_string(faults[:20], e'\n');
    end if;

    begin
        insert into palpate.catalogue_version (
            name, label, title, language, review_status, review_by, review_on, digest
        )
        select r.name, r.version, r.title, r.language, v.status, v.by, v.date, catalogue_store.digest
        from jsonb_to_record(doc) as r (name text, version text, title text, language text)
        cross join lateral jsonb_to_record(doc -> 'review') as v (status palpate.review_status, by text, date date)
        returning catalogue_version.version into stored;

        perform palpate.store_languages(stored, doc);
        perform palpate.store_evidence(stored, doc);
        perform palpate.store_facts(stored, doc);
        perform palpate.store_techniques(stored, doc);
        perform palpate.store_rules(stored, doc);
        perform palpate.store_courses(stored, doc);
        perform palpate.store_adjustments(stored, doc);
        perform palpate.store_replanning(stored, doc);
        perform palpate.store_definitions(stored, doc);
    exception when integrity_constraint_violation then
        -- the constraints have telling names, and the detail has the item
        get stacked diagnostics state = returned_sqlstate, constraint_broken = constraint_name,
            constraint_detail = pg_exception_detail;
        raise exception 'catalogue refused: % (%)', replace(constraint_broken, '_', ' '), constraint_detail
            using errcode = state, constraint = constraint_broken;
    end;

    update palpate.catalogue_version v set sealed = true where v.version = stored;

    -- nothing is dropped in silence: what was stored reads as what was given
    difference := palpate.first_difference(doc, palpate.catalogue_document(stored));
    if difference is not null then
        raise exception 'catalogue refused: %', difference
            using errcode = 'check_violation',
                hint = 'A member that would be false, null or an empty list is left out.';
    end if;
    return query select stored, true;
end
$$;
comment on function palpate.catalogue_store(jsonb, text) is
    'Stores a catalogue document under its digest, checked and sealed, and gives its version; one that is stored '
    'already is found by its digest and left alone (created is false). A broken one raises an error of class 23 that '
    'names the item.';

create table palpate.catalogue_active (
    only_row     boolean primary key default true,
    version      integer not null references palpate.catalogue_version,
    activated_at timestamptz not null default now(),
    constraint catalogue_active_has_one_row check (only_row)
);
comment on table palpate.catalogue_active is
    'The version in force: one row, none before the first activation; set by palpate.catalogue_activate';

create function palpate.catalogue_activate(version integer) returns boolean
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
    changed boolean;
begin
    if not exists (
        select from palpate.catalogue_version v where v.version = catalogue_activate.version and v.sealed
    ) then
        raise exception 'there is no catalogue version %', coalesce(catalogue_activate.version::text, 'null')
            using errcode = 'no_data_found';
    end if;
    insert into palpate.catalogue_active as a (version) values (catalogue_activate.version)
    on conflict (only_row) do update
        set version = excluded.version, activated_at = excluded.activated_at
        where a.version <> excluded.version;
    changed := found;
    perform pg_notify('palpate_catalogue', catalogue_activate.version::text);
    return changed;
end
$$;
comment on function palpate.catalogue_activate(integer) is
    'Puts a version in force and says so on the channel palpate_catalogue, with the version as payload, also where it '
    'was in force before; whether anything changed is the result';

create view palpate.catalogue_list as
select v.version, v.label, v.digest, v.loaded_at,
    exists (select from palpate.catalogue_active a where a.version = v.version) as active,
    (select count(*) from palpate.fact f where f.version = v.version) as facts,
    (select count(*) from palpate.rule r where r.version = v.version) as rules,
    (select count(*) from palpate.technique t where t.version = v.version) as techniques,
    (select count(*) from palpate.course c where c.version = v.version) as courses,
    (select count(*) from palpate.evidence e where e.version = v.version) as evidence
from palpate.catalogue_version v;
comment on view palpate.catalogue_list is 'The stored versions, with what is in them';
