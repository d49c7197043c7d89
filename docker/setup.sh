#!/bin/sh
# setup.sh [IMAGE]: once on a machine, before the first "docker compose up": passwords for the database under secrets/, and .env
# with the image to run. What is there stays as it is.
set -eu
cd "$(dirname "$0")"

umask 077
mkdir -p secrets # closed to others; the files are not, for the users of the containers read them
for secret in database-superuser database-admin database-service; do
    [ -s "secrets/$secret" ] && continue
    head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"secrets/$secret"
    chmod 644 "secrets/$secret"
done
[ -s .env ] || cat >.env <<END
COMPOSE_PROJECT_NAME=palpate
# The image of the service; upgrade.sh changes it.
PALPATE_IMAGE=${1:?"which image is to run? setup.sh IMAGE"}
# Where callers reach it: an address of this machine that only the proxy with TLS can reach, and a port.
PALPATE_PUBLISH=127.0.0.1:8080
# POSTGRES_IMAGE=postgres:15-bookworm
# HAPROXY_IMAGE=haproxy:2.6-bookworm
END
