#!/bin/sh
# One command from a fresh machine to a running service: installs what is missing, builds, starts a private PostgreSQL
# under .run/, migrates, loads the catalogue, makes a clinic and a key for it (.run/api-key), and serves until Ctrl-C or
# SIGTERM.
#
# PALPATE_LISTEN and PALPATE_PORT say where (127.0.0.1 and 8080); the other settings of the README work as well.
set -eu

space_needed_mb=300

root=$(cd "$(dirname "$0")/.." && pwd)
run="$root/.run"
data="$run/postgresql/data"
log="$run/postgresql/log"
cd "$root"

die() {
    echo "run.sh: $*" >&2
    exit 1
}

# shellcheck source=service/packages.sh
. "$root/service/packages.sh"

# ---- build ---------------------------------------------------------------------------------------------------------

build() {
    { cmake --preset release && cmake --build --preset release; } >"$run/build.log" 2>&1 ||
        die "the build failed: $(grep -m 1 -E 'error|Error' "$run/build.log" || tail -n 1 "$run/build.log") (all of it: $run/build.log)"
    palpate="$root/build/release/palpate"
}

# ---- a private PostgreSQL ------------------------------------------------------------------------------------------

find_postgresql() {
    for bin in /usr/lib/postgresql/*/bin; do
        version=${bin#/usr/lib/postgresql/}
        version=${version%/bin}
        [ -x "$bin/initdb" ] && [ "${version%%.*}" -ge 15 ] && pg=$bin
    done
    [ -n "${pg:-}" ] || die "PostgreSQL 15 or newer is not installed"
}

# PostgreSQL will not run as root: then it runs as the user postgres, who must be able to reach the folder.
as_database_user() {
    if [ "$(id -u)" != 0 ]; then
        "$@" 9>&-
    elif [ -n "$reach" ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override \
            "$@" 9>&-
    else
        setpriv --reuid=postgres --regid=postgres --clear-groups "$@" 9>&-
    fi
}

prepare_folder() {
    reach=
    mkdir -p "$run/postgresql"
    if [ "$(id -u)" = 0 ]; then
        chown postgres:postgres "$run/postgresql"
        if ! as_database_user touch "$run/postgresql/reached" 2>/dev/null; then
            reach=yes # a folder above is closed to others, as /root is
            as_database_user touch "$run/postgresql/reached" 2>/dev/null ||
                die "the user postgres cannot reach $run: move the project to a folder that others may enter"
        fi
    fi
    chmod 700 "$run/postgresql"
    # a socket's path must be short
    socket="$run/postgresql"
    if [ "${#socket}" -gt 85 ]; then
        socket="/tmp/palpate-$(id -u)-$(printf %s "$run" | cksum | cut -d ' ' -f 1)"
        mkdir -p "$socket"
        [ "$(id -u)" != 0 ] || chown postgres:postgres "$socket"
        chmod 700 "$socket"
    fi
}

database_running() {
    as_database_user "$pg/pg_ctl" -D "$data" status >/dev/null 2>&1
}

start_database() {
    if [ ! -s "$data/PG_VERSION" ]; then
        as_database_user rm -rf "$data"
        as_database_user "$pg/initdb" -D "$data" -U palpate --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
            >"$run/initdb.log" 2>&1 ||
            die "the database could not be made: $(grep -m 1 -iE 'error|fatal|could not' "$run/initdb.log" || tail -n 1 "$run/initdb.log")"
    elif [ "$(cat "$data/PG_VERSION")" != "${pg_version:=$("$pg/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')}" ]; then
        die "the database in .run/ was made by PostgreSQL $(cat "$data/PG_VERSION"), which is gone; delete .run/ to start anew"
    fi
    database_running || as_database_user "$pg/pg_ctl" -D "$data" -s -w -t 60 -l "$log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$socket' -c unix_socket_permissions=0700" start \
        >"$run/start.log" 2>&1 ||
        die "PostgreSQL did not start: $(as_database_user grep -E 'FATAL|PANIC' "$log" 2>/dev/null | tail -n 1 | sed 's/.*\(FATAL\|PANIC\): *//')"
    started=yes
    "$pg/createdb" -h "$socket" -U palpate palpate 2>"$run/createdb.log" || grep -q 'already exists' "$run/createdb.log" ||
        die "the database could not be made: $(tail -n 1 "$run/createdb.log")"
    PALPATE_DATABASE="host=$socket user=palpate dbname=palpate"
    export PALPATE_DATABASE
}

# ---- a clinic to try things with ----------------------------------------------------------------------------------

make_key() {
    key="$run/api-key"
    "$palpate" key check "$key" >"$run/key.log" 2>&1 9>&- && return 0
    "$palpate" clinic create dev --name Development >"$run/key.log" 2>&1 9>&- || grep -q 'already' "$run/key.log" ||
        die "$(tail -n 1 "$run/key.log")"
    rm -f "$key"
    (umask 077 && "$palpate" key create --clinic dev --name run.sh --holder developer \
        --scope screen,records:read,catalogue:write,admin \
        >"$key" 2>"$run/key.log" 9>&-) || die "$(tail -n 1 "$run/key.log")"
}

# ---- the whole -----------------------------------------------------------------------------------------------------

stop_all() {
    trap '' INT TERM
    [ -z "${service:-}" ] || { kill "$service" 2>/dev/null || :; wait "$service" 2>/dev/null || :; }
    [ -z "${started:-}" ] || as_database_user "$pg/pg_ctl" -D "$data" -s -w -m fast stop >/dev/null 2>&1 || :
}

[ -z "${PALPATE_DATABASE:-}" ] ||
    die "PALPATE_DATABASE is set, but run.sh brings a database of its own: unset it, or call palpate serve"
mkdir -p "$run" 2>/dev/null && [ -w "$run" ] || die "$root cannot be written to by $(id -un)"
exec 9>"$run/lock"
flock -n 9 || die "another run.sh is at work here: $(cat "$run/pid" 2>/dev/null || echo "process unknown")"
echo "process $$" >"$run/pid"
free_mb=$(df -Pm "$run" | awk 'NR == 2 { print $4 }')
[ "$free_mb" -ge "$space_needed_mb" ] || die "the disk is full: ${free_mb} MB are free below $root, $space_needed_mb are needed"

trap stop_all EXIT
trap 'exit 0' INT TERM # asked for: not a failure
# shellcheck disable=SC2086
install_packages "$run/install.log" $service_packages
build
find_postgresql
prepare_folder
start_database
"$palpate" migrate >"$run/migrate.log" 2>&1 9>&- || die "$(tail -n 1 "$run/migrate.log")"
"$palpate" catalogue load --only-new >"$run/load.log" 2>&1 9>&- || die "$(tail -n 1 "$run/load.log")"
make_key
"$palpate" serve --example-key "$key" 9>&- &
service=$!
status=0
wait "$service" || status=$?
service=
exit "$status"
