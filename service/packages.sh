# shellcheck shell=sh disable=SC2034
# Sourced by the scripts that need Debian packages, after they have defined die().

missing_packages() { # missing_packages PACKAGE...: those that are not installed
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

install_packages() { # install_packages LOG PACKAGE...
    install_log=$1
    shift
    command -v dpkg-query >/dev/null || die "this is not Debian; install by hand what provides: $*"
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=sudo
    else
        die "packages are missing and neither root nor sudo is at hand; as root: apt-get install $missing"
    fi
    echo "installing: $missing"
    # only the programs are wanted, not a server of the system's own
    [ -e /etc/postgresql-common/createcluster.conf ] || {
        $as_root mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    }
    # shellcheck disable=SC2086
    { $as_root apt-get -qq update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends -o Dpkg::Options::=--force-confold $missing; } >"$install_log" 2>&1 ||
        die "the packages could not be installed: $(tail -n 1 "$install_log") (all of it: $install_log)"
}

# What building takes, and running.
build_packages="gcc libc6-dev cmake ninja-build pkg-config libulfius-dev libmicrohttpd-dev librhonabwy-dev
libgnutls28-dev libcurl4-gnutls-dev libjansson-dev libpq-dev nettle-dev libyaml-dev"
service_packages="$build_packages postgresql"
