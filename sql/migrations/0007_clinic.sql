-- Who may do what, whose data is whose, and the keys that clinics call with.
--
-- Five roles, none of which logs in: a login is granted the one it needs, and the program takes that role up.
--   palpate_owner     owns the schema and everything in it
--   palpate_migrator  may act as the owner: for the login that migrates and administers
--   palpate_service   what "palpate serve" acts as
--   palpate_reader    reads, one clinic at a time
--   palpate_keyring   sees the keys of all clinics; nobody acts as it, but three functions do
--
-- A table with a column "clinic" holds one clinic's rows as far as anyone can see: row level security is forced on it,
-- and the transaction says which clinic it is for (palpate.current_clinic). Where it does not, there are no rows.

do $$
declare
    role text;
begin
    foreach role in array array[
        'palpate_owner', 'palpate_migrator', 'palpate_service', 'palpate_reader', 'palpate_keyring'
    ] loop
        begin
            if not exists (select from pg_catalog.pg_roles r where r.rolname = role) then
                execute pg_catalog.format('create role %I nologin', role);
            end if;
        exception
            when duplicate_object or unique_violation then
                null; -- another database of this server was migrated at the same moment
            when insufficient_privilege then
                raise exception 'the role % is missing, and % may not create roles', role, current_user
                    using errcode = 'insufficient_privilege',
                        hint = 'Let an administrator create the five roles that 0007_clinic.sql names, without login.';
        end;
    end loop;
    begin
        grant palpate_owner to palpate_migrator;
        if not pg_catalog.pg_has_role(current_user, 'palpate_owner', 'member') then
            execute pg_catalog.format('grant palpate_migrator, palpate_service to %I', current_user);
        end if;
    exception when unique_violation or insufficient_privilege then
        if not pg_catalog.pg_has_role(current_user, 'palpate_owner', 'member') then
            raise;
        end if;
    end;
end
$$;

-- What the migrations before this one made belonged to whoever ran them.
alter schema palpate owner to palpate_owner;
do $$
declare
    statement text;
begin
    for statement in
        select pg_catalog.format(
            'alter %s palpate.%I owner to palpate_owner', case c.relkind when 'v' then 'view' else 'table' end,
            c.relname
        )
        from pg_catalog.pg_class c
        where c.relnamespace = 'palpate'::regnamespace and c.relkind in ('r', 'v')
        union all
        select pg_catalog.format('alter routine %s owner to palpate_owner', p.oid::regprocedure)
        from pg_catalog.pg_proc p
        where p.pronamespace = 'palpate'::regnamespace
        union all
        select pg_catalog.format(
            'alter %s palpate.%I owner to palpate_owner', case t.typtype when 'd' then 'domain' else 'type' end,
            t.typname
        )
        from pg_catalog.pg_type t
        where t.typnamespace = 'palpate'::regnamespace and t.typtype in ('d', 'e')
    loop
        execute statement;
    end loop;
end
$$;

set local role palpate_owner;

grant usage on schema palpate to palpate_service, palpate_reader, palpate_keyring;
grant select on all tables in schema palpate to palpate_service, palpate_reader;

-- ---------------------------------------------------------------------------------------------------------------
-- Clinics and their keys

create function palpate.current_clinic() returns text
language sql stable
return nullif(current_setting('palpate.clinic', true), '');
comment on function palpate.current_clinic() is
    'The clinic that this transaction is for: set_config(''palpate.clinic'', id, true). Null: for none';

create table palpate.clinic (
    id              palpate.code primary key,
    name            palpate.prose not null,
    keeps_payload   boolean not null default false,
    retention_days  integer not null default 3650,
    created_at      timestamptz not null default now(),
    closed_at       timestamptz,
    constraint clinic_retention_is_bounded check (retention_days between 1 and 36500)
);
comment on table palpate.clinic is 'The clinics that call the service; each sees its own records only';
comment on column palpate.clinic.keeps_payload is 'Whether the request itself is kept with each record';
comment on column palpate.clinic.retention_days is 'How long records are kept; palpate records purge takes older ones away';
comment on column palpate.clinic.closed_at is 'From then on no key of the clinic works';

create table palpate.api_key (
    id            text primary key,
    clinic        palpate.code not null references palpate.clinic,
    name          palpate.prose not null,
    hash          bytea not null,
    scopes        text[] not null,
    created_at    timestamptz not null default now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    constraint api_key_id_is_a_prefix check (id ~ '^[a-z2-7]{12}$'),
    constraint api_key_hash_is_sha256 check (octet_length(hash) = 32),
    constraint api_key_hash_is_new unique (hash),
    constraint api_key_scopes_are_known check (
        palpate.distinct_and_full(scopes) and scopes <@ array['screen', 'records:read', 'catalogue:write', 'admin']
    )
);
create index api_key_of_clinic on palpate.api_key (clinic);
comment on table palpate.api_key is 'Keys that clinics call with; the key itself is shown once and never stored';
comment on column palpate.api_key.id is 'The readable part of the key, by which people speak of it';
comment on column palpate.api_key.hash is 'SHA-256 of the whole key, which has 256 random bits';
comment on column palpate.api_key.last_used_at is 'To the minute or so';

alter table palpate.clinic enable row level security;
alter table palpate.clinic force row level security;
alter table palpate.api_key enable row level security;
alter table palpate.api_key force row level security;
create policy own_clinic on palpate.clinic using (id = palpate.current_clinic());
create policy registry on palpate.clinic to palpate_owner using (true);
create policy own_clinic on palpate.api_key using (clinic = palpate.current_clinic());
create policy keyring on palpate.clinic for select to palpate_keyring using (true);
create policy keyring on palpate.api_key to palpate_keyring using (true);

grant select on palpate.clinic to palpate_service, palpate_reader, palpate_keyring;
grant select on palpate.api_key to palpate_reader, palpate_keyring;
grant update (last_used_at) on palpate.api_key to palpate_keyring;

-- ---------------------------------------------------------------------------------------------------------------
-- The keyring: before a caller is known there is no clinic to be confined to

create function palpate.keyring()
returns table (id text, clinic text, hash bytea, scopes text[], expires_at timestamptz)
language sql stable security definer
set search_path = ''
begin atomic
    select k.id, k.clinic::text, k.hash, k.scopes, k.expires_at
    from palpate.api_key k
    join palpate.clinic c on c.id = k.clinic
    where k.revoked_at is null and c.closed_at is null and (k.expires_at is null or k.expires_at > now());
end;
comment on function palpate.keyring() is 'The keys that work now, of all clinics';

create function palpate.open_clinics() returns table (id text, keeps_payload boolean)
language sql stable security definer
set search_path = ''
begin atomic
    select c.id::text, c.keeps_payload from palpate.clinic c where c.closed_at is null;
end;
comment on function palpate.open_clinics() is 'The clinics that may call';

create function palpate.keys_used(ids text[]) returns void
language sql security definer
set search_path = ''
begin atomic
    update palpate.api_key k set last_used_at = now() where k.id = any (keys_used.ids);
end;
comment on function palpate.keys_used(text[]) is 'Notes that these keys were used just now';

revoke all on function palpate.keyring(), palpate.open_clinics(), palpate.keys_used(text[]) from public;
grant execute on function palpate.keyring(), palpate.open_clinics(), palpate.keys_used(text[]) to palpate_service;
reset role;
alter function palpate.keyring() owner to palpate_keyring;
alter function palpate.open_clinics() owner to palpate_keyring;
alter function palpate.keys_used(text[]) owner to palpate_keyring;
set local role palpate_owner;

create function palpate.tell_keyring() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_catalog.pg_notify('palpate_keyring', '');
    return null;
end
$$;
comment on function palpate.tell_keyring() is 'Every process that holds the keyring reads it again';
create trigger tell_keyring after insert or delete or update of id, keeps_payload, closed_at on palpate.clinic
for each statement execute function palpate.tell_keyring();
create trigger tell_keyring after insert or delete or update of clinic, hash, scopes, expires_at, revoked_at
on palpate.api_key for each statement execute function palpate.tell_keyring();
