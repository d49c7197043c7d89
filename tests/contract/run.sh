#!/bin/sh
# Others' tools on the OpenAPI document; README.md says which. Installs what it needs into build/tools, once.
#
# sh tests/contract/run.sh lint
# sh tests/contract/run.sh changes
# sh tests/contract/run.sh live PALPATE [CASES [SEED]]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/build/tools
python=/usr/bin/python3 # Debian's own, which has the modules that the tests need
mkdir -p "$tools"

# python_tools NAME: what requirements-NAME.txt lists, with its hashes, in an environment of its own
python_tools() {
    list=$here/requirements-$1.txt
    cmp -s "$list" "$tools/$1/installed" && return
    rm -rf "${tools:?}/$1"
    "$python" -m venv "$tools/$1"
    "$tools/$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$list"
    cp "$list" "$tools/$1/installed"
}

node_tools() {
    cmp -s "$here/package-lock.json" "$here/node_modules/installed" && return
    (cd "$here" && npm ci --silent --ignore-scripts)
    cp "$here/package-lock.json" "$here/node_modules/installed"
}

oasdiff() {
    go=$(command -v go) || {
        python_tools go
        go=$tools/go/bin/go
    }
    "$go" -C "$here" build -trimpath -o "$tools/oasdiff" github.com/oasdiff/oasdiff
}

case $1 in
lint)
    node_tools
    cd "$here"
    export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
    node_modules/.bin/redocly lint --config redocly.yaml "$root/api/openapi.yaml"
    node_modules/.bin/spectral lint --ruleset spectral.yaml --fail-severity hint "$root/api/openapi.yaml"
    ;;
changes)
    oasdiff
    exec "$python" "$here/changes_test.py" "$tools/oasdiff"
    ;;
live)
    shift
    python_tools schemathesis
    exec "$python" "$here/live_test.py" "$tools/schemathesis/bin/schemathesis" "$@"
    ;;
*)
    echo "usage: $0 lint | changes | live PALPATE [CASES [SEED]]" >&2
    exit 2
    ;;
esac
