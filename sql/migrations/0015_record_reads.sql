-- What is read of records: the version and the overlay of a joined catalogue, and what an Idempotency-Key was used for.

set local role palpate_owner;

create or replace function palpate.screening_resource(s palpate.screening) returns text
language sql stable
return (
    select json_strip_nulls(row_to_json(r))::text
    from (
        select s.id,
            to_char(s.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as recorded_at,
            to_char(s.erased_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as erased_at,
            s.subject_ref as ref, s.key, s.as_of,
            case when s.erased_at is null then (
                select row_to_json(c)
                from (
                    select coalesce(s.catalogue_version, j.version) as number, j.number as overlay,
                        s.catalogue_digest as digest
                    from (select) as one
                    left join palpate.overlay_joined j on j.clinic = s.clinic and j.digest = s.catalogue_digest::char(64)
                ) as c
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

create function palpate.record_of_key(key_hash bytea, fingerprint bytea)
returns table (same boolean, id uuid, catalogue_digest text, as_of date, language text, answer_digest text)
language sql stable
set search_path = ''
begin atomic
    select i.fingerprint = record_of_key.fingerprint, f.id, f.catalogue_digest, f.as_of, f.language,
        encode(f.answer_digest, 'hex')
    from palpate.idempotency i
    join palpate.screening f on f.clinic = i.clinic and f.recorded_at = i.recorded_at and f.id = i.screening
    where i.clinic = palpate.current_clinic() and i.key_hash = record_of_key.key_hash and f.erased_at is null
        and i.recorded_at > now() - interval '24 hours';
end;
comment on function palpate.record_of_key(bytea, bytea) is
    'The record that was made for an Idempotency-Key of this clinic, and whether it came with the same request';
