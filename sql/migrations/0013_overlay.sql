-- Overlays: a clinic's own rules on top of the catalogue, kept with every version of them.
--
-- A stored overlay never changes, and what it is joined with is whatever is in force for the clinic. Whether it only
-- tightens is proved by the program before it is stored, and again by every service before it is in force. The joined
-- catalogue has a digest of its own, which is noted so that records can be decided again.

set local role palpate_owner;

alter type palpate.catalogue_action add value 'overlaid';
alter type palpate.catalogue_action add value 'overlay_withdrawn';

create table palpate.overlay (
    clinic    palpate.code not null references palpate.clinic,
    number    integer not null,
    document  text not null,
    digest    char(64) not null,
    author    palpate.person not null,
    stored_at timestamptz not null default clock_timestamp(),
    primary key (clinic, number),
    constraint overlay_digest_is_new unique (clinic, digest),
    constraint overlay_digest_is_hex check (digest ~ '^[0-9a-f]{64}$'),
    constraint overlay_number_counts check (number >= 1),
    constraint overlay_is_bounded check (octet_length(document) between 1 and 1048576)
);
comment on table palpate.overlay is 'Rules of clinics that can only tighten the catalogue: added to, never changed';
comment on column palpate.overlay.number is 'Counts the overlays of one clinic';
comment on column palpate.overlay.document is 'As it was sent, to the byte';
comment on column palpate.overlay.digest is 'SHA-256 of the document, in lower-case hexadecimal';

create table palpate.overlay_active (
    clinic       palpate.code primary key references palpate.clinic,
    number       integer not null,
    activated_at timestamptz not null default now(),
    foreign key (clinic, number) references palpate.overlay
);
create index overlay_active_overlay on palpate.overlay_active (clinic, number);
comment on table palpate.overlay_active is 'The overlay that is in force for a clinic; one without a row has none';

create table palpate.overlay_joined (
    clinic  palpate.code not null references palpate.clinic,
    digest  char(64) not null,
    number  integer not null,
    version integer not null references palpate.catalogue_version,
    primary key (clinic, digest),
    foreign key (clinic, number) references palpate.overlay,
    constraint overlay_joined_digest_is_hex check (digest ~ '^[0-9a-f]{64}$')
);
create index overlay_joined_overlay on palpate.overlay_joined (clinic, number);
create index overlay_joined_version on palpate.overlay_joined (version);
comment on table palpate.overlay_joined is
    'Which version and which overlay a joined catalogue is made of, by its digest, for records: added to, never changed';

alter table palpate.overlay enable row level security;
alter table palpate.overlay force row level security;
alter table palpate.overlay_active enable row level security;
alter table palpate.overlay_active force row level security;
alter table palpate.overlay_joined enable row level security;
alter table palpate.overlay_joined force row level security;
create policy own_clinic on palpate.overlay using (clinic = palpate.current_clinic());
create policy own_clinic on palpate.overlay_active using (clinic = palpate.current_clinic());
create policy own_clinic on palpate.overlay_joined using (clinic = palpate.current_clinic());
create policy registry on palpate.overlay to palpate_owner using (true);
create policy registry on palpate.overlay_active to palpate_owner using (true);
create policy registry on palpate.overlay_joined to palpate_owner using (true);

create trigger refuse_history_change before update or delete or truncate on palpate.overlay
for each statement execute function palpate.refuse_history_change();
create trigger refuse_history_change before update or delete or truncate on palpate.overlay_joined
for each statement execute function palpate.refuse_history_change();

-- ---------------------------------------------------------------------------------------------------------------
-- What can be done, for the clinic of the transaction

create function palpate.catalogue_of_clinic() returns integer
language sql stable
set search_path = ''
begin atomic
    select coalesce(
        (select a.version from palpate.catalogue_clinic_active a where a.clinic = palpate.current_clinic()),
        (select a.version from palpate.catalogue_active a)
    );
end;
comment on function palpate.catalogue_of_clinic() is
    'The version in force for the clinic of this transaction: its own, or the one for all';

create function palpate.overlay_note(number integer, version integer, joined text) returns void
language plpgsql security definer
set search_path = ''
as $$
begin
    insert into palpate.overlay_joined (clinic, digest, number, version)
    values (palpate.current_clinic(), overlay_note.joined, overlay_note.number, overlay_note.version)
    on conflict do nothing;
end
$$;
comment on function palpate.overlay_note(integer, integer, text) is
    'Notes the digest of the catalogue that an overlay of this clinic and a version make together';

-- "expected" is the number of the overlay in force that the caller has seen, 0 for none; null: whatever it is.
create function palpate.overlay_expect(expected integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
    found_number integer;
begin
    -- one at a time, with whatever puts a catalogue in force: what was checked must not change under us
    perform pg_advisory_xact_lock(hashtextextended('palpate.catalogue_activate', 0));
    select a.number into found_number from palpate.overlay_active a where a.clinic = palpate.current_clinic();
    if expected <> coalesce(found_number, 0) then
        raise exception 'the overlay has changed since it was read' using errcode = 'PL412', hint = 'Read it again.';
    end if;
    return found_number;
end
$$;
comment on function palpate.overlay_expect(integer) is
    'The overlay in force for whoever changes it, one at a time; null: there is none';

create function palpate.overlay_put(
    document text, joined text, version integer, actor text, expected integer default null
) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    for_clinic text := palpate.clinic_of_change(true);
    before integer := palpate.overlay_expect(expected);
    content text := encode(sha256(convert_to(document, 'UTF8')), 'hex');
    becomes integer;
begin
    if overlay_put.version is distinct from palpate.catalogue_of_clinic() then
        raise exception 'the catalogue in force has changed since the overlay was checked'
            using errcode = 'PL412', hint = 'Try again.';
    end if;
    select o.number into becomes from palpate.overlay o where o.clinic = for_clinic and o.digest = content::char(64);
    if not found then
        insert into palpate.overlay (clinic, number, document, digest, author)
        select for_clinic, coalesce(max(o.number), 0) + 1, overlay_put.document, content, actor
        from palpate.overlay o
        where o.clinic = for_clinic
        returning number into becomes;
    end if;
    perform palpate.overlay_note(becomes, overlay_put.version, joined);
    perform pg_notify('palpate_catalogue', overlay_put.version::text);
    if before = becomes then
        return becomes;
    end if;
    insert into palpate.overlay_active as a (clinic, number) values (for_clinic, becomes)
    on conflict (clinic) do update set number = excluded.number, activated_at = excluded.activated_at;
    insert into palpate.catalogue_event (actor, action, version, clinic, detail)
    values (
        overlay_put.actor, 'overlaid', overlay_put.version, for_clinic,
        format('overlay %s', becomes) || coalesce(', in place of ' || before, '')
    );
    return becomes;
end
$$;
comment on function palpate.overlay_put(text, text, integer, text, integer) is
    'Stores an overlay that was checked on this version, unless it is stored already, puts it in force for the clinic of '
    'this transaction, and says so on the channel palpate_catalogue; its number is the result';

create function palpate.overlay_withdraw(actor text, expected integer default null) returns integer
language plpgsql security definer
set search_path = ''
as $$
declare
    for_clinic text := palpate.clinic_of_change(true);
    before integer := palpate.overlay_expect(expected);
begin
    if before is null then
        raise exception 'no overlay is in force for this clinic' using errcode = 'no_data_found';
    end if;
    delete from palpate.overlay_active a where a.clinic = for_clinic;
    insert into palpate.catalogue_event (actor, action, version, clinic, detail)
    values (
        overlay_withdraw.actor, 'overlay_withdrawn', palpate.catalogue_of_clinic(), for_clinic,
        format('overlay %s', before)
    );
    perform pg_notify('palpate_catalogue', palpate.catalogue_of_clinic()::text);
    return before;
end
$$;
comment on function palpate.overlay_withdraw(text, integer) is
    'From now on the catalogue alone is in force for the clinic of this transaction';

drop function palpate.catalogue_in_force();
create function palpate.catalogue_in_force()
returns table (clinic text, version integer, digest text, overlay_number integer, overlay_digest text)
language sql stable security definer
set search_path = ''
begin atomic
    select '', a.version, v.digest::text, 0, ''
    from palpate.catalogue_active a
    join palpate.catalogue_version v on v.version = a.version
    union all
    (
        select c.id::text, v.version, v.digest::text, coalesce(o.number, 0), coalesce(o.digest::text, '')
        from palpate.clinic c
        left join palpate.catalogue_clinic_active own on own.clinic = c.id
        left join palpate.overlay_active a on a.clinic = c.id
        left join palpate.overlay o on o.clinic = a.clinic and o.number = a.number
        join palpate.catalogue_version v
            on v.version = coalesce(own.version, (select general.version from palpate.catalogue_active general))
        where c.closed_at is null and num_nonnulls(own.version, a.number) > 0
        order by c.id collate "C"
    );
end;
comment on function palpate.catalogue_in_force() is
    'What whoever serves must hold: the version for all, whose clinic is empty, and those of clinics that have their own '
    'version or an overlay (0: none)';

grant select on palpate.overlay, palpate.overlay_active, palpate.overlay_joined to palpate_service, palpate_reader;
revoke all on function palpate.overlay_note(integer, integer, text), palpate.overlay_expect(integer),
    palpate.overlay_put(text, text, integer, text, integer), palpate.overlay_withdraw(text, integer),
    palpate.catalogue_in_force(), palpate.catalogue_of_clinic()
from public;
grant execute on function palpate.overlay_note(integer, integer, text),
    palpate.overlay_put(text, text, integer, text, integer), palpate.overlay_withdraw(text, integer),
    palpate.catalogue_in_force(), palpate.catalogue_of_clinic()
to palpate_service;
