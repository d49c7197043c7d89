-- Run once, when the database is made: the two logins of the service and what each may do.
--   palpate_admin   migrates, and runs the commands of an operator: for the one-shot services
--   palpate_login   what the replicas log in as: it serves, and nothing more
-- The five roles are those of sql/migrations/0007_clinic.sql, so that palpate_admin need not be allowed to make roles.
\set ON_ERROR_STOP on
\set admin_password `cat /run/secrets/database-admin`
\set login_password `cat /run/secrets/database-service`

create role palpate_owner nologin;
create role palpate_migrator nologin;
create role palpate_service nologin;
create role palpate_reader nologin;
create role palpate_keyring nologin;
grant palpate_owner to palpate_migrator;
create role palpate_admin login password :'admin_password' in role palpate_migrator, palpate_service, palpate_keyring;
create role palpate_login login password :'login_password' in role palpate_service;

revoke all on database :"DBNAME" from public;
grant connect on database :"DBNAME" to palpate_admin, palpate_login;
grant create on database :"DBNAME" to palpate_admin, palpate_owner;

-- Who gives a function to palpate_keyring must be in it, and it must be allowed to have one here.
create schema palpate authorization palpate_owner;
grant usage, create on schema palpate to palpate_keyring;
