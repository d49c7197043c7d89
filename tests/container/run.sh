#!/bin/sh
# The image and the deployment of docker/, for real: an engine of its own, a Debian made from packages, and nothing pulled. The
# engine and the test live in a network of their own, whose way out is slirp4netns: no firewall, bridge or port of the machine is
# touched. Images stay in build/container. Where no engine can be had it says so in one line that counts as skipped.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
keep=$root/build/container
base=palpate-test/debian:bookworm
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
cd "$root" || exit 1
mkdir -p "$keep"

skip() {
    echo "ok 1 - containers # SKIP no Docker engine can be had here: $*"
    echo 1..1
    exit 0
}

wait_for() { # wait_for TRIES COMMAND...: ten tries a second
    tries=$1
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# ---- outside: packages and a network ---------------------------------------------------------------------------------

has_own_network() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

outside() {
    die() { # of install_packages
        skip "$*"
    }
    # shellcheck source=service/packages.sh
    . "$root/service/packages.sh"
    [ "$(id -u)" = 0 ] || skip "it takes root"
    command -v dockerd >/dev/null && command -v docker >/dev/null || install_packages "$keep/install.log" docker.io
    docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null ||
        install_packages "$keep/install.log" docker-compose
    install_packages "$keep/install.log" iproute2 mmdebstrap slirp4netns
    run=$(mktemp -d /tmp/palpate-docker-XXXXXX) # sockets have short names
    trap 'kill "$inside" "${way_out:-$inside}" 2>/dev/null; wait; rm -rf "$run"' EXIT
    trap 'exit 1' INT TERM
    unshare --net --mount sh "$0" inside "$run" &
    inside=$!
    wait_for 100 has_own_network "$inside" || skip "it gets no network of its own"
    slirp4netns --configure --mtu=65520 --disable-host-loopback "$inside" tap0 >"$keep/network.log" 2>&1 &
    way_out=$!
    wait "$inside"
}

# ---- inside: an engine and a Debian ------------------------------------------------------------------------------------

has_way_out() {
    ip route show default | grep -q tap0
}

start_engine() { # start_engine FOLDER
    run=$1
    trap '[ -z "${engine:-}" ] || { kill "$engine" && wait "$engine"; }' EXIT
    trap 'exit 1' INT TERM
    unset DOCKER_CONTEXT DOCKER_TLS_VERIFY
    DOCKER_HOST=unix://$run/socket
    DOCKER_CONFIG=$run
    export DOCKER_HOST DOCKER_CONFIG
    ip link set lo up
    wait_for 100 has_way_out || skip "it gets no way out: $(tail -n 1 "$keep/network.log")"
    # a resolver on this machine's own loopback is out of reach from here
    echo 'nameserver 10.0.2.3' >"$run/resolv.conf"
    ! grep -qE '^nameserver (127\.|::1)' /etc/resolv.conf || mount --bind "$run/resolv.conf" /etc/resolv.conf
    echo '{}' >"$run/daemon.json"
    dockerd --config-file "$run/daemon.json" --data-root "$keep/docker" --exec-root "$run/exec" --pidfile "$run/pid" \
        --containerd-namespace palpate-test --containerd-plugins-namespace palpate-test-plugins -H "$DOCKER_HOST" \
        >"$keep/dockerd.log" 2>&1 &
    engine=$!
    wait_for 300 docker version ||
        skip "$(grep -E 'level=(fatal|error)|^failed' "$keep/dockerd.log" | tail -n 1 | cut -c 1-200)"
}

# What a run that was killed left behind.
clean_up() {
    docker ps -aq | xargs -r docker rm -f >/dev/null
    docker volume ls -q | xargs -r docker volume rm >/dev/null
    docker network prune -f >/dev/null
}

# Renewed every week, and so is what was built on it.
make_base() {
    find "$keep/base.tar" -mtime +7 -delete 2>/dev/null
    docker image prune -f --filter until=168h >/dev/null
    if [ ! -s "$keep/base.tar" ]; then
        docker image rm "$base" >/dev/null 2>&1
        mmdebstrap --quiet --format=tar --variant=apt --dpkgopt='path-exclude=/usr/share/man/*' bookworm "$keep/base.part" \
            >"$keep/base.log" 2>&1 && mv "$keep/base.part" "$keep/base.tar" || return 1
    fi
    docker image inspect "$base" >/dev/null 2>&1 || docker import "$keep/base.tar" "$base" >/dev/null
}

if [ "${1:-}" = inside ]; then
    start_engine "$2"
    clean_up
    make_base || { echo "not ok 1 - a Debian from packages" && cat "$keep/base.log" && exit 1; }
    /usr/bin/python3 tests/container/run.py "$base" "$keep"
else
    outside
fi
