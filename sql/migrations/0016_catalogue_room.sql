-- How many catalogues a service has to hold: it refuses what it has no room for, so nobody may ask for more.

set local role palpate_owner;

create function palpate.catalogues_with(version integer, overlay_digest text) returns integer
language sql stable
set search_path = ''
begin atomic
    select count(distinct (f.digest, f.overlay_digest))::integer
    from (
        select f.digest, f.overlay_digest
        from palpate.catalogue_in_force() f
        where f.clinic is distinct from palpate.current_clinic()
        union all
        select v.digest, coalesce(catalogues_with.overlay_digest, (
            select o.digest
            from palpate.overlay_active a
            join palpate.overlay o on o.clinic = a.clinic and o.number = a.number
            where a.clinic = palpate.current_clinic()
        ), '')
        from palpate.catalogue_version v
        where v.version = catalogues_with.version
    ) f;
end;
comment on function palpate.catalogues_with(integer, text) is
    'How many catalogues are in force once the clinic of this transaction has that version, and the overlay with that '
    'digest or, null, the one it has';
revoke all on function palpate.catalogues_with(integer, text) from public;
grant execute on function palpate.catalogues_with(integer, text) to palpate_service;
