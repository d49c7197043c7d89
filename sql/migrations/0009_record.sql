-- The record: every decision that was given, in a chain of digests for each clinic.
--
-- A record's place in its clinic's chain is "seq", from 1 without gaps. Its content_digest covers what it says, with a
-- random salt, so that after the content and the salt are erased nobody can guess it from the digest; its chain_digest
-- covers the one before, seq, id and content_digest. So a record that was altered, taken out or put in shows, and one
-- that was erased (palpate.erasure) or whose time was up (palpate.record_anchor) does not break what stands after it.
--
-- The id is a UUIDv7 that the service makes, and recorded_at is the time in it: whoever has the id knows the partition.

set local role palpate_owner;

create function palpate.uuid_time(id uuid) returns timestamptz
language sql immutable
return to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);
comment on function palpate.uuid_time(uuid) is 'The time in a UUIDv7, to the millisecond (RFC 9562, 5.7)';

create table palpate.screening (
    clinic            palpate.code not null,
    id                uuid not null,
    recorded_at       timestamptz not null,
    seq               bigint not null,
    key               text,
    catalogue_version integer,
    catalogue_digest  text,
    as_of             date,
    language          text,
    request_digest    bytea,
    answer_digest     bytea,
    disposition       palpate.disposition,
    booking           text,
    verdicts          json,
    warnings          text[],
    subject_ref       text,
    duration_us       integer,
    payload           text,
    salt              bytea,
    content_digest    bytea not null,
    chain_digest      bytea not null,
    erased_at         timestamptz,
    erasure           bigint,
    primary key (clinic, recorded_at, id),
    unique (clinic, seq, recorded_at),
    constraint screening_is_whole_or_a_tombstone check (
        case when erased_at is null then
            num_nulls(
                key, catalogue_digest, as_of, language, request_digest, answer_digest, disposition, booking, verdicts,
                warnings, duration_us, salt
            ) = 0 and erasure is null
        else
            num_nonnulls(
                key, catalogue_version, catalogue_digest, as_of, language, request_digest, answer_digest, disposition,
                booking, verdicts, warnings, subject_ref, duration_us, payload, salt
            ) = 0 and erasure is not null
        end
    )
) partition by range (recorded_at);
create index screening_of_subject on palpate.screening (clinic, subject_ref, recorded_at, id)
where subject_ref is not null;
comment on table palpate.screening is 'The record of decisions, a partition a month; written by palpate.record_screenings';
comment on column palpate.screening.key is 'Id of the key, or what names the bearer of the token, that asked';
comment on column palpate.screening.catalogue_version is 'Null: the catalogue was not one of the database';
comment on column palpate.screening.request_digest is 'SHA-256 of the request''s body';
comment on column palpate.screening.answer_digest is 'SHA-256 of the answer''s bytes but for its members "id" and "recorded"';
comment on column palpate.screening.verdicts is 'The verdict on each technique, by its code';
comment on column palpate.screening.warnings is 'Codes of the warnings, in the answer''s order';
comment on column palpate.screening.payload is 'The request''s body, where the clinic keeps it';
comment on column palpate.screening.erased_at is 'From then on a tombstone: no content, but its place in the chain';

create table palpate.record_chain (
    clinic palpate.code primary key references palpate.clinic,
    seq    bigint not null default 0,
    digest bytea not null
) with (fillfactor = 20);
comment on table palpate.record_chain is
    'Where each clinic''s chain ends: seq and chain_digest of its last record; locked by whoever appends';

create table palpate.record_anchor (
    clinic      palpate.code not null references palpate.clinic,
    seq         bigint not null,
    digest      bytea not null,
    anchored_at timestamptz not null default now(),
    records     bigint not null,
    primary key (clinic, seq)
);
comment on table palpate.record_anchor is
    'Where each clinic''s chain begins after records were purged: seq and chain_digest of the last one that is gone';
comment on column palpate.record_anchor.records is 'How many went at that time';

create table palpate.erasure (
    clinic    palpate.code not null references palpate.clinic,
    id        bigint generated always as identity,
    erased_at timestamptz not null default now(),
    key       text not null,
    reason    text,
    records   bigint not null,
    primary key (clinic, id)
);
comment on table palpate.erasure is 'Each erasure that was asked for; whose records it took does not stand here';
comment on column palpate.erasure.key is 'Id of the key that asked';

create table palpate.idempotency (
    clinic      palpate.code not null,
    key_hash    bytea not null,
    fingerprint bytea not null,
    screening   uuid not null,
    recorded_at timestamptz not null,
    primary key (clinic, key_hash)
);
create index idempotency_by_age on palpate.idempotency (clinic, recorded_at);
comment on table palpate.idempotency is 'For 24 hours, the record that was made for an Idempotency-Key';
comment on column palpate.idempotency.key_hash is 'SHA-256 of the key';
comment on column palpate.idempotency.fingerprint is 'SHA-256 of the request that first came with it';

-- ---------------------------------------------------------------------------------------------------------------
-- Whose they are, and who may do what

do $$
declare
    name text;
begin
    foreach name in array array['screening', 'record_chain', 'record_anchor', 'erasure', 'idempotency'] loop
        execute format('alter table palpate.%I enable row level security', name);
        execute format('alter table palpate.%I force row level security', name);
        execute format('create policy own_clinic on palpate.%I using (clinic = palpate.current_clinic())', name);
        execute format('grant select on palpate.%I to palpate_service, palpate_reader', name);
    end loop;
end
$$;
grant insert, update (
    key, catalogue_version, catalogue_digest, as_of, language, request_digest, answer_digest, disposition, booking,
    verdicts, warnings, subject_ref, duration_us, payload, salt, erased_at, erasure
) on palpate.screening to palpate_service;
grant insert, update (seq, digest) on palpate.record_chain to palpate_service;
grant insert on palpate.erasure to palpate_service;
grant insert, update, delete on palpate.idempotency to palpate_service;

create function palpate.only_erasure() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if old.erased_at is not null or new.erased_at is null
        or (new.clinic, new.id, new.recorded_at, new.seq, new.content_digest, new.chain_digest)
            is distinct from (old.clinic, old.id, old.recorded_at, old.seq, old.content_digest, old.chain_digest) then
        raise exception 'a record is never changed, only erased' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
comment on function palpate.only_erasure() is 'A record changes once at most: into its tombstone';
create trigger only_erasure before update on palpate.screening
for each row execute function palpate.only_erasure();

create function palpate.make_partition(at timestamptz) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    first timestamptz := date_trunc('month', at, 'UTC');
    next timestamptz := date_trunc('month', date_trunc('month', at, 'UTC') + interval '32 days', 'UTC');
    name text := 'screening_' || to_char(first at time zone 'UTC', 'YYYY_MM');
begin
    if exists (select from pg_class c where c.relname = name and c.relnamespace = 'palpate'::regnamespace) then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('palpate.make_partition', 0));
    if exists (select from pg_class c where c.relname = name and c.relnamespace = 'palpate'::regnamespace) then
        return; -- made while we waited
    end if;
    execute format('create table palpate.%I (like palpate.screening including constraints)', name);
    execute format('comment on table palpate.%I is %L', name, 'Records of ' || right(name, 7));
    execute format('alter table palpate.%I enable row level security', name);
    execute format('alter table palpate.%I force row level security', name);
    execute format('create policy own_clinic on palpate.%I using (clinic = palpate.current_clinic())', name);
    -- to attach it locks out nobody who reads or writes; to create it in place would
    execute format('alter table palpate.screening attach partition palpate.%I for values from (%L) to (%L)', name,
        first, next);
end
$$;
comment on function palpate.make_partition(timestamptz) is 'Makes the partition of that month (UTC) where it is not there';
revoke all on function palpate.make_partition(timestamptz) from public;
grant execute on function palpate.make_partition(timestamptz) to palpate_service;

-- ---------------------------------------------------------------------------------------------------------------
-- Digests

create function palpate.field(value text) returns text
language sql immutable
return coalesce(octet_length(value) || ':' || value || ',', '-');
comment on function palpate.field(text) is
    'A value so that no two lists of values look the same: its length in bytes, a colon, itself, a comma; null is "-"';

create function palpate.content_digest(s palpate.screening) returns bytea
language sql stable
return sha256(s.salt || convert_to(
    'palpate screening 1' || palpate.field(s.clinic) || palpate.field(s.id::text) || palpate.field(s.key)
    || palpate.field(s.catalogue_version::text) || palpate.field(s.catalogue_digest)
    || palpate.field(to_char(s.as_of, 'YYYY-MM-DD')) || palpate.field(s.language)
    || palpate.field(encode(s.request_digest, 'hex')) || palpate.field(encode(s.answer_digest, 'hex'))
    || palpate.field(s.disposition::text) || palpate.field(s.booking) || palpate.field(s.verdicts::text)
    || palpate.field(array_to_string(s.warnings, ',')) || palpate.field(s.subject_ref)
    || palpate.field(s.duration_us::text) || palpate.field(s.payload),
    'UTF8'
));
comment on function palpate.content_digest(palpate.screening) is
    'SHA-256 of the salt and the content: the words "palpate screening 1" and then each value as palpate.field makes it';

create function palpate.chain_digest(before bytea, seq bigint, id uuid, content bytea) returns bytea
language sql immutable
return sha256(before || int8send(seq) || uuid_send(id) || content);
comment on function palpate.chain_digest(bytea, bigint, uuid, bytea) is
    'SHA-256 of the digest before, seq (8 bytes, the highest first), id (16 bytes) and content digest';

create function palpate.chain_beginning(clinic text) returns bytea
language sql immutable
return sha256(convert_to('palpate chain 1:' || clinic, 'UTF8'));
comment on function palpate.chain_beginning(text) is 'What stands before the first record of a clinic';

-- ---------------------------------------------------------------------------------------------------------------
-- Recording

create function palpate.record_screenings(batch json, again boolean)
returns table (
    ord integer, same boolean, id uuid, catalogue_digest text, as_of date, language text, answer_digest text
)
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
    r record;
    head palpate.record_chain;
    s palpate.screening;
    known text; -- the catalogue that "version" is of
    version integer;
    earliest timestamptz;
    latest timestamptz;
    keyed integer := 0;
begin
    select min(palpate.uuid_time(j.id)), max(palpate.uuid_time(j.id)) into earliest, latest
    from json_to_recordset(batch) as j (id uuid);
    perform palpate.make_partition(earliest);
    perform palpate.make_partition(latest);
    perform palpate.make_partition(latest + interval '7 days'); -- the next one before it is needed

    -- all who append take the heads in the same order, so no two of them wait for each other
    for r in
        select *
        from rows from (
            json_to_recordset(batch) as (
                clinic text, id uuid, key text, catalogue_digest text, as_of date, language text,
                request_digest bytea, answer_digest bytea, disposition palpate.disposition, booking text,
                verdicts json, warnings text[], subject_ref text, duration_us integer, payload text, key_hash bytea,
                fingerprint bytea
            )
        ) with ordinality as j (
            clinic, id, key, catalogue_digest, as_of, language, request_digest, answer_digest, disposition, booking,
            verdicts, warnings, subject_ref, duration_us, payload, key_hash, fingerprint, ord
        )
        order by j.clinic collate "C", j.ord
    loop
        if head.clinic is distinct from r.clinic then
            perform palpate.close_chain(head, keyed);
            perform set_config('palpate.clinic', r.clinic, true);
            select c.* into head from palpate.record_chain c where c.clinic = r.clinic for update;
            if not found then
                insert into palpate.record_chain as c (clinic, digest)
                values (r.clinic, palpate.chain_beginning(r.clinic))
                on conflict do nothing;
                select c.* into strict head from palpate.record_chain c where c.clinic = r.clinic for update;
            end if;
            keyed := 0;
        end if;

        s := null;
        s.clinic := r.clinic;
        s.id := r.id;
        s.recorded_at := palpate.uuid_time(r.id);
        -- Only now that the head is ours: a connection that was lost may still have been at its commit.
        continue when again and exists (
            select from palpate.screening k
            where k.clinic = s.clinic and k.recorded_at = s.recorded_at and k.id = s.id
        );
        if r.key_hash is not null then
            select i.fingerprint = r.fingerprint, f.id, f.catalogue_digest, f.as_of, f.language,
                encode(f.answer_digest, 'hex')
            into same, id, catalogue_digest, as_of, language, answer_digest
            from palpate.idempotency i
            join palpate.screening f on f.clinic = i.clinic and f.recorded_at = i.recorded_at and f.id = i.screening
            where i.clinic = r.clinic and i.key_hash = r.key_hash and f.erased_at is null
                and i.recorded_at > now() - interval '24 hours';
            if found then
                ord := r.ord;
                return next;
                continue;
            end if;
            insert into palpate.idempotency as i (clinic, key_hash, fingerprint, screening, recorded_at)
            values (r.clinic, r.key_hash, r.fingerprint, r.id, s.recorded_at)
            on conflict on constraint idempotency_pkey do update
                set fingerprint = excluded.fingerprint, screening = excluded.screening,
                    recorded_at = excluded.recorded_at;
            keyed := keyed + 1;
        end if;

        if r.catalogue_digest is distinct from known then
            known := r.catalogue_digest;
            select v.version into version from palpate.catalogue_version v where v.digest = known::char(64);
        end if;
        s.seq := head.seq + 1;
        s.key := r.key;
        s.catalogue_version := version;
        s.catalogue_digest := r.catalogue_digest;
        s.as_of := r.as_of;
        s.language := r.language;
        s.request_digest := r.request_digest;
        s.answer_digest := r.answer_digest;
        s.disposition := r.disposition;
        s.booking := r.booking;
        s.verdicts := r.verdicts;
        s.warnings := r.warnings;
        s.subject_ref := r.subject_ref;
        s.duration_us := r.duration_us;
        s.payload := r.payload;
        s.salt := uuid_send(gen_random_uuid());
        s.content_digest := palpate.content_digest(s);
        s.chain_digest := palpate.chain_digest(head.digest, s.seq, s.id, s.content_digest);
        insert into palpate.screening select s.*;
        head.seq := s.seq;
        head.digest := s.chain_digest;
    end loop;
    perform palpate.close_chain(head, keyed);
end
$$;
comment on function palpate.record_screenings(json, boolean) is
    'Appends a list of decisions of any clinics, all or none; gives back only those whose Idempotency-Key was used '
    'before, with the record that was made then. "again": some or all of them may be there already, and are left so.';

create function palpate.close_chain(head palpate.record_chain, keyed integer) returns void
language plpgsql
set search_path = ''
as $$
begin
    if head.clinic is null then
        return;
    end if;
    update palpate.record_chain c set seq = head.seq, digest = head.digest where c.clinic = head.clinic;
    -- whoever adds keys takes twice as many old ones away, so there are never many
    if keyed > 0 then
        delete from palpate.idempotency i
        where i.clinic = head.clinic and i.key_hash in (
            select o.key_hash from palpate.idempotency o
            where o.clinic = head.clinic and o.recorded_at < now() - interval '24 hours'
            order by o.recorded_at
            limit 2 * keyed
        );
    end if;
end
$$;
comment on function palpate.close_chain(palpate.record_chain, integer) is
    'Part of palpate.record_screenings: writes the head back once all of its clinic are appended';

-- ---------------------------------------------------------------------------------------------------------------
-- Reading. The functions from here on are for the clinic that the transaction is for.

create function palpate.screening_resource(s palpate.screening) returns text
language sql stable
return (
    select json_strip_nulls(row_to_json(r))::text
    from (
        select s.id,
            to_char(s.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as recorded_at,
            to_char(s.erased_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as erased_at,
            s.subject_ref as ref, s.key, s.as_of,
            case when s.erased_at is null then (
                select row_to_json(c) from (select s.catalogue_version as number, s.catalogue_digest as digest) as c
            ) end as catalogue,
            s.language, s.disposition, s.booking,
            (
                select json_agg(row_to_json(t))
                from (select v.key as code, v.value as verdict from json_each_text(s.verdicts) as v) as t
            ) as techniques,
            s.warnings, s.duration_us, encode(s.request_digest, 'hex') as request_digest,
            encode(s.answer_digest, 'hex') as answer_digest, s.seq, encode(s.chain_digest, 'hex') as chain_digest
    ) as r
);
comment on function palpate.screening_resource(palpate.screening) is
    'A record as the API shows it, without the request; what is not there is left out';

create function palpate.verify_records() returns table (
    records bigint, erased bigint, first_seq bigint, last_seq bigint, digest text, broken_seq bigint, broken_id uuid,
    fault text
)
language plpgsql stable
set search_path = ''
as $$
#variable_conflict use_column
declare
    s palpate.screening;
    head palpate.record_chain;
    at bigint;
    before bytea;
begin
    records := 0;
    erased := 0;
    select c.* into head from palpate.record_chain c where c.clinic = palpate.current_clinic();
    select a.seq, a.digest into at, before from palpate.record_anchor a
    where a.clinic = palpate.current_clinic() order by a.seq desc limit 1;
    at := coalesce(at, 0);
    before := coalesce(before, palpate.chain_beginning(palpate.current_clinic()));
    first_seq := at + 1;
    for s in select k.* from palpate.screening k where k.clinic = palpate.current_clinic() order by k.seq, k.id loop
        -- plain expressions, one by one: PL/pgSQL is several times slower where one holds a query
        if s.seq <= at then
            fault := 'inserted';
        elsif s.seq > at + 1 then
            fault := 'missing';
        elsif s.recorded_at <> palpate.uuid_time(s.id) then
            fault := 'altered';
        elsif s.erased_at is null and palpate.content_digest(s) is distinct from s.content_digest then
            fault := 'altered';
        elsif s.erased_at is not null and not exists (
            select from palpate.erasure e where e.clinic = s.clinic and e.id = s.erasure
        ) then
            fault := 'erased without an entry';
        elsif palpate.chain_digest(before, s.seq, s.id, s.content_digest) is distinct from s.chain_digest then
            fault := 'not the one that stood here';
        end if;
        if fault is not null then
            broken_seq := case fault when 'missing' then at + 1 else s.seq end;
            broken_id := case when fault <> 'missing' then s.id end;
            exit;
        end if;
        records := records + 1;
        erased := erased + (s.erased_at is not null)::integer;
        at := s.seq;
        before := s.chain_digest;
    end loop;
    if fault is null and (at, before) is distinct from (coalesce(head.seq, 0), coalesce(head.digest, before)) then
        fault := case
            when at < head.seq then 'cut off from here'
            when at > coalesce(head.seq, 0) then 'beyond the end'
            else 'not the end that was written down'
        end;
        broken_seq := case when at < head.seq then at + 1 else at end;
    end if;
    last_seq := at;
    digest := encode(before, 'hex');
    return next;
end
$$;
comment on function palpate.verify_records() is
    'Computes the clinic''s chain anew, from where it begins to its head, and names the first place that does not fit';

create function palpate.erase_subject(subject text, key text, reason text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
    entry bigint;
    n bigint;
begin
    -- nobody appends meanwhile
    perform from palpate.record_chain c where c.clinic = palpate.current_clinic() for update;
    delete from palpate.idempotency i
    using palpate.screening s
    where i.clinic = palpate.current_clinic() and s.clinic = i.clinic and s.recorded_at = i.recorded_at
        and s.id = i.screening and s.subject_ref = erase_subject.subject;
    select count(*) into n from palpate.screening s
    where s.clinic = palpate.current_clinic() and s.subject_ref = erase_subject.subject;
    insert into palpate.erasure (clinic, key, reason, records)
    values (palpate.current_clinic(), erase_subject.key, erase_subject.reason, n)
    returning id into entry;
    update palpate.screening s
    set key = null, catalogue_version = null, catalogue_digest = null, as_of = null, language = null,
        request_digest = null, answer_digest = null, disposition = null, booking = null, verdicts = null,
        warnings = null, subject_ref = null, duration_us = null, payload = null, salt = null, erased_at = now(),
        erasure = entry
    where s.clinic = palpate.current_clinic() and s.subject_ref = erase_subject.subject;
    return n;
end
$$;
comment on function palpate.erase_subject(text, text, text) is
    'Makes tombstones of all records of a subject and notes that it was done; gives how many there were';

-- ---------------------------------------------------------------------------------------------------------------
-- Retention: for those who may act as the owner

create function palpate.purge_records() returns bigint
language plpgsql
set search_path = ''
as $$
declare
    head palpate.record_chain;
    last palpate.screening;
    keep_from bigint;
    n bigint;
begin
    delete from palpate.idempotency i
    where i.clinic = palpate.current_clinic() and i.recorded_at < now() - interval '24 hours';
    select c.* into head from palpate.record_chain c where c.clinic = palpate.current_clinic() for update;
    if not found then
        return 0;
    end if;
    -- only from the front: what stands behind a younger one waits until that one's time is up
    select coalesce(min(s.seq), head.seq + 1) into keep_from
    from palpate.screening s
    where s.clinic = palpate.current_clinic() and s.recorded_at >= now() - (
        select make_interval(days => c.retention_days) from palpate.clinic c where c.id = palpate.current_clinic()
    );
    select s.* into last from palpate.screening s
    where s.clinic = palpate.current_clinic() and s.seq < keep_from
    order by s.seq desc limit 1;
    if not found then
        return 0;
    end if;
    delete from palpate.screening s where s.clinic = palpate.current_clinic() and s.seq < keep_from;
    get diagnostics n = row_count;
    insert into palpate.record_anchor (clinic, seq, digest, records)
    values (palpate.current_clinic(), last.seq, last.chain_digest, n);
    return n;
end
$$;
comment on function palpate.purge_records() is
    'Takes away the records that are older than the clinic keeps them, and leaves an anchor; gives how many went';

create function palpate.drop_empty_partitions() returns integer
language plpgsql
set search_path = ''
set lock_timeout = '3s'
as $$
declare
    part record;
    clinic text;
    used boolean;
    n integer := 0;
begin
    for part in
        select c.relname as name, to_timestamp(right(c.relname, 7) || ' +00', 'YYYY_MM TZH') as first
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'palpate.screening'::regclass
        order by 1
    loop
        continue when part.first + interval '32 days' > now();
        used := false;
        for clinic in select c.id from palpate.clinic c loop
            perform set_config('palpate.clinic', clinic, true);
            used := exists (
                select from palpate.screening s
                where s.clinic = palpate.current_clinic() and s.recorded_at >= part.first
                    and s.recorded_at < date_trunc('month', part.first + interval '32 days', 'UTC')
            );
            exit when used;
        end loop;
        continue when used;
        begin
            execute format('drop table palpate.%I', part.name);
            n := n + 1;
        exception when lock_not_available then
            null; -- somebody reads: the next purge will do
        end;
    end loop;
    return n;
end
$$;
comment on function palpate.drop_empty_partitions() is
    'Drops the months that are past and hold no record of any clinic; gives how many';
revoke all on function palpate.purge_records(), palpate.drop_empty_partitions() from public;
