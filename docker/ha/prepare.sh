#!/bin/sh
# sh prepare.sh MACHINES.ENV FOLDER: makes FOLDER/NAME/etc for each machine, ready to be copied to its /etc, and
# FOLDER/database.sql for the first primary. What it makes holds keys and passwords: none of it belongs into a repository.
# Run again on the same folder it makes new certificates and keeps the CA and the passwords.
set -eu
umask 077

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: sh prepare.sh MACHINES.ENV FOLDER" >&2; exit 2; }
for tool in envsubst openssl; do
    command -v "$tool" >/dev/null || { echo "prepare.sh: $tool is missing (Debian: gettext-base, openssl)" >&2; exit 1; }
done
set -a
# shellcheck disable=SC1090
. "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
mkdir -p "$2"
cd "$2"
[ -e passwords.env ] || for login in REPLICATION REWIND ADMIN LOGIN; do
    echo "${login}_PASSWORD=$(openssl rand -hex 24)"
done >passwords.env
# shellcheck disable=SC1091
. ./passwords.env
set +a

key() { # key FILE
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

filled() { # filled FILE: with the settings in their places
    # shellcheck disable=SC2016
    envsubst '$NAME $ADDRESS $DB1 $DB2 $DB3 $APP1 $APP2 $NETWORK $POSTGRESQL $REPLICATION_PASSWORD $REWIND_PASSWORD' <"$here/$1"
}

certificate() { # certificate USAGE NAMES: of the machine NAME, as machine.key and machine.crt
    key machine.key
    openssl req -new -key machine.key -subj "/CN=$NAME" -out machine.csr
    printf 'subjectAltName=IP:%s,DNS:%s%s\nextendedKeyUsage=%s\n' "$ADDRESS" "$NAME" "$2" "$1" >machine.ext
    openssl x509 -req -in machine.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1095 -extfile machine.ext \
        -out machine.crt 2>openssl.log || { cat openssl.log >&2; exit 1; }
}

given() { # given FOLDER: the machine's certificate, its key and the CA's certificate
    install -d -m 755 "$NAME" "$NAME/etc"
    install -d -m 700 "$NAME/etc/$1"
    cp ca.crt machine.crt machine.key "$NAME/etc/$1/"
}

database_machine() { # database_machine NAME ADDRESS
    export NAME="$1" ADDRESS="$2"
    certificate serverAuth,clientAuth ,DNS:palpate-db
    given etcd
    given patroni
    install -d -m 755 "$NAME/etc/default"
    filled etcd.env >"$NAME/etc/default/etcd"
    filled patroni.yml >"$NAME/etc/patroni/config.yml"
}

service_machine() { # service_machine NAME ADDRESS
    export NAME="$1" ADDRESS="$2"
    certificate serverAuth ",DNS:$SERVICE_NAME"
    given palpate
    install -d -m 755 "$NAME/etc/haproxy"
    cp ca.crt "$NAME/etc/haproxy/"
    cat machine.crt machine.key >"$NAME/etc/haproxy/machine.pem"
    filled haproxy.cfg >"$NAME/etc/haproxy/haproxy.cfg"
    filled palpate.env >"$NAME/etc/palpate/palpate.env"
    echo "palpate-db:*:palpate:palpate_login:$LOGIN_PASSWORD" >"$NAME/etc/palpate/pgpass"
}

[ -e ca.key ] || {
    key ca.key
    openssl req -x509 -new -key ca.key -subj '/CN=palpate' -days 3650 -out ca.crt
}
database_machine db1 "$DB1"
database_machine db2 "$DB2"
database_machine db3 "$DB3"
service_machine app1 "$APP1"
service_machine app2 "$APP2"
rm -f machine.* openssl.log
echo "palpate-db:*:palpate:palpate_admin:$ADMIN_PASSWORD" >admin.pgpass
cat >database.sql <<END
create role palpate_owner nologin;
create role palpate_migrator nologin;
create role palpate_service nologin;
create role palpate_reader nologin;
create role palpate_keyring nologin;
grant palpate_owner to palpate_migrator;
create role palpate_admin login password '$ADMIN_PASSWORD' in role palpate_migrator, palpate_service, palpate_keyring;
create role palpate_login login password '$LOGIN_PASSWORD' in role palpate_service;
create database palpate;
revoke all on database palpate from public;
grant connect on database palpate to palpate_admin, palpate_login;
grant create on database palpate to palpate_admin, palpate_owner;
\\connect palpate
create schema palpate authorization palpate_admin;
grant create on schema palpate to palpate_keyring;
END
