-- The life of a version: who wrote it, who checked it, who signed it off, for whom it is in force, and what happened when.
--
-- A version's content never changes (0002_seal.sql). Its state stands beside it:
--   draft -> checked -> published -> retired
-- and a published version is "active" while it is in force for all clinics or for one. Rolling back is activating an
-- older version. Whoever serves changes these tables through the functions below only.

set local role palpate_owner;

create function palpate.is_person(name text) returns boolean
language sql immutable
return palpate.is_prose(name) and char_length(name) <= 200 and name !~ '[[:cntrl:]]';
comment on function palpate.is_person(text) is 'Whether this can name whoever acted';

create domain palpate.person as text
    constraint person_is_a_short_name check (palpate.is_person(value));
comment on domain palpate.person is 'Who acted: a name that a person gave, or the id of a key';

create function palpate.same_person(one text, other text) returns boolean
language sql immutable
return lower(regexp_replace(btrim(one), '\s+', ' ', 'g')) = lower(regexp_replace(btrim(other), '\s+', ' ', 'g'));
comment on function palpate.same_person(text, text) is 'Names differ by more than spaces and capitals, or are the same';

create type palpate.catalogue_state as enum ('draft', 'checked', 'published', 'active', 'retired');
comment on type palpate.catalogue_state is 'Where a version stands; active: published, and in force somewhere';

create table palpate.catalogue_life (
    state          palpate.catalogue_state not null default 'draft',
    version        integer primary key references palpate.catalogue_version,
    revision       integer not null default 1,
    author         palpate.person not null,
    checked_by     palpate.person,
    checked_at     timestamptz,
    findings       integer,
    accepted       integer,
    signed_off_by  palpate.person,
    published_at   timestamptz,
    retired_by     palpate.person,
    retired_at     timestamptz,
    constraint catalogue_life_active_is_seen_from_activations check (state <> 'active'),
    constraint catalogue_life_signed_off_by_another check (not palpate.same_person(signed_off_by, author)),
    constraint catalogue_life_check_is_whole check (num_nonnulls(checked_by, checked_at, findings, accepted) in (0, 4)),
    constraint catalogue_life_counts_are_counts check (findings >= 0 and accepted >= 0),
    constraint catalogue_life_checked_by_someone check (state not in ('checked', 'published') or checked_at is not null),
    constraint catalogue_life_sign_off_is_whole check (num_nonnulls(signed_off_by, published_at) in (0, 2)),
    constraint catalogue_life_published_by_sign_off check (
        (state = 'published') <= (published_at is not null) and (state in ('draft', 'checked')) <= (published_at is null)
    ),
    constraint catalogue_life_retired_by_someone
        check (num_nonnulls(retired_by, retired_at) = case state when 'retired' then 2 else 0 end)
);
comment on table palpate.catalogue_life is 'The state of each version, and the people who answer for it';
comment on column palpate.catalogue_life.revision is 'Counts the changes of the state and of where it is in force';
comment on column palpate.catalogue_life.findings is 'What the last review found that nobody has accepted';
comment on column palpate.catalogue_life.accepted is 'What it found that somebody has accepted';
comment on column palpate.catalogue_life.signed_off_by is 'Who answers for the version: never its author';

create function palpate.keep_life() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if new.version <> old.version or new.author <> old.author then
        raise exception 'the author of catalogue version % cannot be changed', old.version
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if old.state = 'retired'
        or old.state = 'published' and new.state not in ('published', 'retired')
        or old.state = 'draft' and new.state = 'published'
    then
        raise exception 'catalogue version % is %: it cannot become %', old.version, old.state, new.state
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if old.published_at is not null and (
        (old.signed_off_by, old.published_at, old.checked_by, old.checked_at, old.findings, old.accepted)
        is distinct from (new.signed_off_by, new.published_at, new.checked_by, new.checked_at, new.findings, new.accepted)
    ) then
        raise exception 'the sign-off of catalogue version % cannot be changed', old.version
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    new.revision := old.revision + 1;
    return new;
end
$$;
comment on function palpate.keep_life() is 'A version goes forward only, and what was signed off stays signed off as it was';
create trigger keep_life before update on palpate.catalogue_life
for each row execute function palpate.keep_life();

-- ---------------------------------------------------------------------------------------------------------------
-- In force for one clinic

create table palpate.catalogue_clinic_active (
    clinic       palpate.code primary key references palpate.clinic,
    version      integer not null references palpate.catalogue_version,
    activated_at timestamptz not null default now()
);
create index catalogue_clinic_active_version on palpate.catalogue_clinic_active (version);
comment on table palpate.catalogue_clinic_active is
    'Versions in force for one clinic alone; a clinic without a row follows palpate.catalogue_active';
alter table palpate.catalogue_clinic_active enable row level security;
alter table palpate.catalogue_clinic_active force row level security;
create policy own_clinic on palpate.catalogue_clinic_active using (clinic = palpate.current_clinic());
create policy registry on palpate.catalogue_clinic_active to palpate_owner using (true);

-- ---------------------------------------------------------------------------------------------------------------
-- What happened

create type palpate.catalogue_action as enum (
    'stored', 'checked', 'published', 'activated', 'deactivated', 'retired'
);
comment on type palpate.catalogue_action is 'What is done with a version as a whole';

create table palpate.catalogue_event (
    id           bigint generated always as identity primary key,
    happened_at  timestamptz not null default clock_timestamp(),
    actor        palpate.person not null,
    action       palpate.catalogue_action not null,
    version      integer not null references palpate.catalogue_version,
    clinic       palpate.code references palpate.clinic,
    detail       palpate.prose
);
create index catalogue_event_version on palpate.catalogue_event (version, id);
comment on table palpate.catalogue_event is 'Who did what with which version, and when: added to, never changed';
comment on column palpate.catalogue_event.clinic is 'For which clinic; null: for all';
alter table palpate.catalogue_event enable row level security;
alter table palpate.catalogue_event force row level security;
create policy own_clinic on palpate.catalogue_event using (clinic = palpate.current_clinic());
create policy of_all on palpate.catalogue_event for select using (clinic is null);
create policy registry on palpate.catalogue_event to palpate_owner using (true);

create function palpate.refuse_history_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'history is only added to: % on "%" is refused', lower(tg_op), tg_table_name
        using errcode = 'object_not_in_prerequisite_state';
end
$$;
comment on function palpate.refuse_history_change() is 'What was noted stays noted';
create trigger refuse_history_change before update or delete or truncate on palpate.catalogue_event
for each statement execute function palpate.refuse_history_change();
create trigger refuse_history_change before delete or truncate on palpate.catalogue_life
for each statement execute function palpate.refuse_history_change();

create function palpate.begin_life() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    actor text := coalesce(nullif(current_setting('palpate.actor', true), ''), session_user);
begin
    insert into palpate.catalogue_life (version, author) values (new.version, actor);
    insert into palpate.catalogue_event (actor, action, version) values (actor, 'stored', new.version);
    return null;
end
$$;
comment on function palpate.begin_life() is 'Every version begins as a draft of whoever stores it';

-- What was stored before states were kept was in use, or meant to be.
insert into palpate.catalogue_life (
    state, version, author, checked_by, checked_at, findings, accepted, signed_off_by, published_at
)
select 'published', v.version, 'catalogue files', 'palpate migrate', now(), 0, 0, 'palpate migrate', now()
from palpate.catalogue_version v;
insert into palpate.catalogue_event (actor, action, version, detail)
select 'palpate migrate', 'published', v.version, 'stored before the states of versions were kept'
from palpate.catalogue_version v
order by v.version;

create trigger begin_life after insert on palpate.catalogue_version
for each row execute function palpate.begin_life();

-- ---------------------------------------------------------------------------------------------------------------
-- What can be done. "expected" is the revision that the caller has seen; null: whatever it is.

create function palpate.catalogue_take(version integer, expected integer) returns palpate.catalogue_life
language plpgsql
set search_path = ''
as $$
declare
    found_life palpate.catalogue_life;
begin
    select l.* into found_life from palpate.catalogue_life l where l.version = catalogue_take.version for update;
    if not found then
        raise exception 'there is no catalogue version %', coalesce(catalogue_take.version::text, 'null')
            using errcode = 'no_data_found';
    end if;
    if expected <> found_life.revision then
        raise exception 'catalogue version % has changed since it was read', found_life.version
            using errcode = 'PL412', hint = 'Read it again.';
    end if;
    return found_life;
end
$$;
comment on function palpate.catalogue_take(integer, integer) is 'One version for whoever changes its state, one at a time';

create function palpate.catalogue_draft(doc jsonb, digest text, actor text)
returns table (version integer, created boolean)
language plpgsql security definer
set search_path = ''
as $$
begin
    perform set_config('palpate.actor', (actor::palpate.person)::text, true);
    return query select s.version, s.created from palpate.catalogue_store(doc, digest) s;
end
$$;
comment on function palpate.catalogue_draft(jsonb, text, text) is
    'Stores a document as a draft of this author; one that is stored already is left as it is (created is false)';

create function palpate.catalogue_checked(
    version integer, actor text, findings integer, accepted integer, expected integer default null
) returns palpate.catalogue_state
language plpgsql security definer
set search_path = ''
as $$
declare
    life palpate.catalogue_life := palpate.catalogue_take(version, expected);
    becomes palpate.catalogue_state := case when findings = 0 then 'checked' else 'draft' end;
begin
    if life.state not in ('draft', 'checked') then
        raise exception 'catalogue version % is % already', life.version, life.state
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    update palpate.catalogue_life l
    set state = becomes, checked_by = actor, checked_at = now(), findings = catalogue_checked.findings,
        accepted = catalogue_checked.accepted
    where l.version = life.version;
    insert into palpate.catalogue_event (actor, action, version, detail)
    values (catalogue_checked.actor, 'checked', life.version, format('%s findings, %s accepted', findings, accepted));
    return becomes;
end
$$;
comment on function palpate.catalogue_checked(integer, text, integer, integer, integer) is
    'Notes what a review found; a version with no finding that nobody has accepted is checked, one with some a draft';

create function palpate.catalogue_publish(version integer, actor text, signed_off_by text, expected integer default null)
returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    life palpate.catalogue_life := palpate.catalogue_take(version, expected);
begin
    if life.state <> 'checked' then
        raise exception 'catalogue version % is %: only one that is checked can be published', life.version, life.state
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if palpate.same_person(life.author, catalogue_publish.signed_off_by) then
        raise exception 'catalogue version % is signed off by someone other than its author', life.version
            using errcode = 'object_not_in_prerequisite_state', constraint = 'catalogue_life_signed_off_by_another';
    end if;
    update palpate.catalogue_life l
    set state = 'published', signed_off_by = catalogue_publish.signed_off_by, published_at = now()
    where l.version = life.version;
    insert into palpate.catalogue_event (actor, action, version, detail)
    values (catalogue_publish.actor, 'published', life.version, 'signed off by ' || catalogue_publish.signed_off_by);
end
$$;
comment on function palpate.catalogue_publish(integer, text, text, integer) is
    'Publishes a checked version, signed off by someone other than its author';

create function palpate.clinic_of_change(own boolean) returns text
language plpgsql stable
set search_path = ''
as $$
begin
    if own and palpate.current_clinic() is null then
        raise exception 'no clinic is named' using errcode = 'object_not_in_prerequisite_state';
    end if;
    if own and not exists (
        select from palpate.clinic c where c.id = palpate.current_clinic() and c.closed_at is null
    ) then
        raise exception 'there is no clinic "%"', palpate.current_clinic() using errcode = 'no_data_found';
    end if;
    return case when own then palpate.current_clinic() end;
end
$$;
comment on function palpate.clinic_of_change(boolean) is 'The clinic that this transaction is for, or null for all';

create function palpate.catalogue_activate(version integer, actor text, own boolean, expected integer default null)
returns boolean
language plpgsql security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
    for_clinic text := palpate.clinic_of_change(own);
    before integer;
    life palpate.catalogue_life;
begin
    -- one at a time: what was in force before must not change under us
    perform pg_advisory_xact_lock(hashtextextended('palpate.catalogue_activate', 0));
    life := palpate.catalogue_take(catalogue_activate.version, expected);
    if life.state <> 'published' then
        raise exception 'catalogue version % is %: only one that is published can be put in force',
            life.version, life.state
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if own then
        select a.version into before from palpate.catalogue_clinic_active a where a.clinic = for_clinic;
        insert into palpate.catalogue_clinic_active as a (clinic, version) values (for_clinic, life.version)
        on conflict (clinic) do update
            set version = excluded.version, activated_at = excluded.activated_at where a.version <> excluded.version;
    else
        select a.version into before from palpate.catalogue_active a;
        insert into palpate.catalogue_active as a (version) values (life.version)
        on conflict (only_row) do update
            set version = excluded.version, activated_at = excluded.activated_at where a.version <> excluded.version;
    end if;
    perform pg_notify('palpate_catalogue', life.version::text);
    if before = life.version then
        return false;
    end if;
    update palpate.catalogue_life l set revision = l.revision where l.version in (before, life.version);
    insert into palpate.catalogue_event (actor, action, version, clinic, detail)
    values (catalogue_activate.actor, 'activated', life.version, for_clinic, 'in place of version ' || before);
    return true;
end
$$;
comment on function palpate.catalogue_activate(integer, text, boolean, integer) is
    'Puts a published version in force for all clinics, or with own for the clinic of this transaction alone, and says '
    'so on the channel palpate_catalogue, also where it was in force before; whether anything changed is the result';

create function palpate.catalogue_deactivate(version integer, actor text, expected integer default null) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    for_clinic text := palpate.clinic_of_change(true);
    life palpate.catalogue_life;
begin
    perform pg_advisory_xact_lock(hashtextextended('palpate.catalogue_activate', 0));
    life := palpate.catalogue_take(catalogue_deactivate.version, expected);
    delete from palpate.catalogue_clinic_active a where a.clinic = for_clinic and a.version = life.version;
    if not found then
        raise exception 'catalogue version % is not in force for this clinic alone', life.version
            using errcode = 'no_data_found';
    end if;
    update palpate.catalogue_life l set revision = l.revision where l.version = life.version;
    insert into palpate.catalogue_event (actor, action, version, clinic)
    values (catalogue_deactivate.actor, 'deactivated', life.version, for_clinic);
    perform pg_notify('palpate_catalogue', life.version::text);
end
$$;
comment on function palpate.catalogue_deactivate(integer, text, integer) is
    'From now on the clinic of this transaction follows the version that is in force for all';

create function palpate.catalogue_retire(version integer, actor text, expected integer default null) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    life palpate.catalogue_life;
begin
    perform pg_advisory_xact_lock(hashtextextended('palpate.catalogue_activate', 0));
    life := palpate.catalogue_take(catalogue_retire.version, expected);
    if life.state = 'retired' then
        return;
    end if;
    if exists (select from palpate.catalogue_active a where a.version = life.version)
        or exists (select from palpate.catalogue_clinic_active a where a.version = life.version)
    then
        raise exception 'catalogue version % is in force: put another one in force first', life.version
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    update palpate.catalogue_life l
    set state = 'retired', retired_by = catalogue_retire.actor, retired_at = now()
    where l.version = life.version;
    insert into palpate.catalogue_event (actor, action, version) values (catalogue_retire.actor, 'retired', life.version);
end
$$;
comment on function palpate.catalogue_retire(integer, text, integer) is 'A version that is never to be in force again';

create function palpate.catalogue_load(
    doc jsonb, digest text, actor text, findings integer, accepted integer, only_new boolean
) returns table (version integer, created boolean, in_force boolean)
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
    life palpate.catalogue_life;
begin
    select d.version, d.created into version, created from palpate.catalogue_draft(doc, digest, 'catalogue files') d;
    life := palpate.catalogue_take(version, null);
    if life.state in ('draft', 'checked') then
        perform palpate.catalogue_checked(version, actor, findings, accepted);
        update palpate.catalogue_life l set state = 'checked' where l.version = life.version and l.state = 'draft';
        perform palpate.catalogue_publish(version, actor, actor);
    end if;
    if created or not only_new or not exists (select from palpate.catalogue_active) then
        perform palpate.catalogue_activate(version, actor, false);
    end if;
    in_force := exists (select from palpate.catalogue_active a where a.version = life.version);
    return next;
end
$$;
comment on function palpate.catalogue_load(jsonb, text, text, integer, integer, boolean) is
    'For development and the first start: stores, publishes and activates in one step what the catalogue''s files say, '
    'signed off by whoever does it, whatever its review found; with only_new nothing is put in force that was stored before';

create or replace function palpate.catalogue_activate(version integer) returns boolean
language sql
set search_path = ''
begin atomic
    select palpate.catalogue_activate(version, session_user::text, false);
end;

create function palpate.catalogue_in_force() returns table (clinic text, version integer, digest text)
language sql stable security definer
set search_path = ''
begin atomic
    select '', a.version, v.digest::text
    from palpate.catalogue_active a
    join palpate.catalogue_version v on v.version = a.version
    union all
    (
        select a.clinic::text, a.version, v.digest::text
        from palpate.catalogue_clinic_active a
        join palpate.clinic c on c.id = a.clinic and c.closed_at is null
        join palpate.catalogue_version v on v.version = a.version
        order by a.clinic collate "C"
    );
end;
comment on function palpate.catalogue_in_force() is
    'What whoever serves must hold: the version for all, whose clinic is empty, and those of clinics that have their own';

create or replace view palpate.catalogue_list with (security_invoker = true) as
select v.version, v.label, v.digest, v.loaded_at,
    exists (select from palpate.catalogue_active a where a.version = v.version) as active,
    (select count(*) from palpate.fact f where f.version = v.version) as facts,
    (select count(*) from palpate.rule r where r.version = v.version) as rules,
    (select count(*) from palpate.technique t where t.version = v.version) as techniques,
    (select count(*) from palpate.course c where c.version = v.version) as courses,
    (select count(*) from palpate.evidence e where e.version = v.version) as evidence,
    case
        when exists (select from palpate.catalogue_active a where a.version = v.version)
            or exists (select from palpate.catalogue_clinic_active a where a.version = v.version)
        then 'active'
        else l.state
    end as state,
    exists (
        select from palpate.catalogue_clinic_active a
        where a.version = v.version and a.clinic = palpate.current_clinic()
    ) as own,
    (select count(*) from palpate.catalogue_clinic_active a where a.version = v.version) as clinics,
    l.revision, l.author, l.checked_by, l.checked_at, l.findings, l.accepted, l.signed_off_by, l.published_at,
    l.retired_by, l.retired_at, v.name, v.title
from palpate.catalogue_version v
join palpate.catalogue_life l on l.version = v.version;
comment on view palpate.catalogue_list is
    'The stored versions, with what is in them and where they stand, as far as whoever asks may see it';

grant select on palpate.catalogue_life, palpate.catalogue_clinic_active, palpate.catalogue_event
to palpate_service, palpate_reader;
revoke all on function palpate.catalogue_take(integer, integer), palpate.catalogue_draft(jsonb, text, text),
    palpate.catalogue_checked(integer, text, integer, integer, integer),
    palpate.catalogue_publish(integer, text, text, integer),
    palpate.catalogue_activate(integer, text, boolean, integer), palpate.catalogue_deactivate(integer, text, integer),
    palpate.catalogue_retire(integer, text, integer), palpate.catalogue_in_force(),
    palpate.catalogue_load(jsonb, text, text, integer, integer, boolean)
from public;
grant execute on function palpate.catalogue_draft(jsonb, text, text),
    palpate.catalogue_checked(integer, text, integer, integer, integer),
    palpate.catalogue_publish(integer, text, text, integer),
    palpate.catalogue_activate(integer, text, boolean, integer), palpate.catalogue_deactivate(integer, text, integer),
    palpate.catalogue_retire(integer, text, integer), palpate.catalogue_in_force()
to palpate_service;
