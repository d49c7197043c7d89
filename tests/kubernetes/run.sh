#!/bin/sh
# sh tests/kubernetes/run.sh PALPATE: docker/kubernetes/ rendered by kustomize and judged by kubeconform. Both and the
# schemas are fetched into build/tools, once; with them there no network is needed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/build/tools
python=/usr/bin/python3
operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
operator_sum=h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=
crd=$tools/kubernetes/servicemonitors.yaml

find_go() {
    case $(go env GOVERSION 2>/dev/null) in
    go1.2[1-9]* | go1.[3-9][0-9]*) go=go ;;
    *)
        cmp -s "$here/requirements-go.txt" "$tools/go/installed" || {
            rm -rf "$tools/go"
            "$python" -m venv "$tools/go"
            "$tools/go/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements-go.txt"
            cp "$here/requirements-go.txt" "$tools/go/installed"
        }
        go=$tools/go/bin/go
        ;;
    esac
}

fetch() {
    find_go
    rm -rf "$tools/kubernetes"
    mkdir -p "$tools/kubernetes"
    "$go" -C "$here" build -o "$tools/kubernetes/" github.com/yannh/kubeconform/cmd/kubeconform sigs.k8s.io/kustomize/kustomize/v5
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
        -d "$tools/kubernetes" -r "$here/requirements-schemas.txt"
    cd "$tools/kubernetes" # outside of the module, which does not need the operator
    "$go" mod download -json "$operator" >operator.json
    grep -qF "\"Sum\": \"$operator_sum\"" operator.json || { echo "$operator is not what it was" >&2; exit 1; }
    from=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' operator.json)
    cp "$from/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" "$crd"
    cat "$here/run.sh" "$here/go.sum" "$here"/requirements-*.txt >installed
}

mkdir -p "$tools"
cat "$here/run.sh" "$here/go.sum" "$here"/requirements-*.txt | cmp -s - "$tools/kubernetes/installed" || (fetch)
exec "$python" "$root/tests/it/kubernetes_test.py" "$1" "$tools/kubernetes/kustomize" "$tools/kubernetes/kubeconform" \
    "$tools"/kubernetes/kubernetes_validate-*.whl "$crd"
