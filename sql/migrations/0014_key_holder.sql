-- Who holds a key: the person who answers for what is done with it. A catalogue is signed off by another person than its
-- author, however many keys one of them has.

set local role palpate_owner;

alter table palpate.api_key add column holder palpate.person;
comment on column palpate.api_key.holder is 'The person who answers for what is done with the key; who acts, over HTTP';
-- until now the key itself was who acted
do $$
declare
    clinic text;
begin
    for clinic in select c.id from palpate.clinic c loop
        perform pg_catalog.set_config('palpate.clinic', clinic, true);
        update palpate.api_key set holder = id where 'catalogue:write' = any(scopes);
    end loop;
    perform pg_catalog.set_config('palpate.clinic', '', true);
end
$$;
alter table palpate.api_key add constraint api_key_of_author_has_holder
check (holder is not null or 'catalogue:write' <> all(scopes));
alter table palpate.api_key add constraint api_key_holder_is_bounded check (octet_length(holder) <= 200);

comment on domain palpate.person is
    'Who acted: a name that a person gave, the holder of a key, or what names the bearer of a token';

create trigger tell_keyring_of_holder after update of holder on palpate.api_key
for each statement execute function palpate.tell_keyring();

reset role;
drop function palpate.keyring();
set local role palpate_owner;

create function palpate.keyring()
returns table (id text, clinic text, hash bytea, scopes text[], expires_at timestamptz, holder text)
language sql stable security definer
set search_path = ''
begin atomic
    select k.id, k.clinic::text, k.hash, k.scopes, k.expires_at, k.holder::text
    from palpate.api_key k
    join palpate.clinic c on c.id = k.clinic
    where k.revoked_at is null and c.closed_at is null and (k.expires_at is null or k.expires_at > now());
end;
comment on function palpate.keyring() is 'The keys that work now, of all clinics';
revoke all on function palpate.keyring() from public;
grant execute on function palpate.keyring() to palpate_service;
reset role;
alter function palpate.keyring() owner to palpate_keyring;
