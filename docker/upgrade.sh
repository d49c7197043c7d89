#!/bin/sh
# upgrade.sh IMAGE: brings the tables up to date and then replaces one replica after the other, each only when the one before it is
# fit to serve. A replica that does not become fit is put back, and nothing else is touched. Given the image of before, it rolls
# back: tables are only ever added to, so that a program works with those of a later one.
set -eu
cd "$(dirname "$0")"

die() {
    echo "upgrade.sh: $*" >&2
    exit 1
}

new=${1:-}
[ -n "$new" ] || die "which image is to run? upgrade.sh IMAGE"
old=$(sed -n 's/^PALPATE_IMAGE=//p' .env)
if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
else
    compose=docker-compose
fi

run_image() { # run_image IMAGE ARGUMENT...: compose with that image
    PALPATE_IMAGE=$1
    export PALPATE_IMAGE
    shift
    $compose "$@"
}

state() { # state REPLICA: how healthy it is, and how often it had to be started again
    docker inspect -f '{{.State.Health.Status}} {{.RestartCount}}' "$($compose ps -q "$1")"
}

replace() { # replace REPLICA IMAGE
    run_image "$2" up -d "$1" || return 1
    tries=120
    until [ "$(state "$1")" = 'healthy 0' ]; do
        tries=$((tries - 1))
        case $tries,$(state "$1") in 0,* | *,unhealthy* | *' '[1-9]*) return 1 ;; esac
        sleep 1
    done
}

docker image inspect "$new" >/dev/null 2>&1 || docker pull "$new"
run_image "$new" run --rm --no-deps migrate || die "the tables were not brought up to date; $old goes on"
for replica in palpate-a palpate-b; do
    replace "$replica" "$new" && continue
    run_image "$new" logs --tail 20 "$replica" >&2 || :
    replace palpate-a "$old" && replace palpate-b "$old" || die "$replica does not become fit with $new, nor with $old"
    die "$replica does not become fit with $new: $old is back"
done
sed -i "s|^PALPATE_IMAGE=.*|PALPATE_IMAGE=$new|" .env
echo "$new runs in place of $old"
