#!/bin/sh
# Makes the clients of README.md from api/openapi.yaml, and compiles the examples of that page:
#
# sh api/clients/make.sh [LANGUAGE...]: of typescript, python, java, go and c; without any, all of them.
#
# All of it goes to build/clients/. The generators are fetched once, in pinned versions. MAVEN_CENTRAL and GOPROXY may
# name mirrors.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
document=$here/../openapi.yaml
out=$here/../../build/clients
mkdir -p "$out/downloads"
out=$(cd "$out" && pwd)

die() {
    echo "api/clients/make.sh: $*" >&2
    exit 1
}

fetch() { # fetch URL SHA256 FILE
    [ -e "$3" ] && echo "$2  $3" | sha256sum --check --status && return 0
    curl --fail --silent --show-error --location --retry 3 --output "$3.part" "$1" || die "cannot fetch $1"
    echo "$2  $3.part" | sha256sum --check --status || die "$1 is not what it was"
    mv "$3.part" "$3"
}

jars() { # the jars that jars.sha256 lists: the generator, and in jars/ what its client for Java needs
    cmp -s "$here/jars.sha256" "$out/jars/.of" && return 0
    rm -rf "$out/jars"
    mkdir "$out/jars"
    while read -r digest path; do
        fetch "${MAVEN_CENTRAL:-https://repo1.maven.org/maven2}/$path" "$digest" "$out/downloads/${path##*/}"
        case $path in
        */openapi-generator-cli/*) ln -sf "downloads/${path##*/}" "$out/openapi-generator-cli.jar" ;;
        *) ln -s "../downloads/${path##*/}" "$out/jars/" ;;
        esac
    done <"$here/jars.sha256"
    cp "$here/jars.sha256" "$out/jars/.of"
}

example() { # example LANGUAGE: what README.md has in that language
    awk -v fence="\`\`\`$1" '$0 == "```" { inside = 0 } inside { print } $0 == fence { inside = 1 }' "$here/README.md"
}

openapi_generator() {
    jars
    java -XX:TieredStopAtLevel=1 -jar "$out/openapi-generator-cli.jar" generate -i "$document" \
        --global-property=apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false "$@"
}

typescript() {
    cp "$here/typescript/package.json" "$here/typescript/package-lock.json" .
    cmp -s package-lock.json node_modules/.of || {
        npm ci --no-audit --no-fund
        cp package-lock.json node_modules/.of
    }
    node_modules/.bin/openapi-typescript "$document" -o palpate.d.ts
    example ts >example.ts
    node_modules/.bin/tsc --strict --skipLibCheck --target es2022 --module nodenext --types node example.ts
}

python() {
    cmp -s "$here/python/requirements.txt" venv/.of || {
        "${PYTHON:-python3}" -m venv --clear venv
        venv/bin/pip --quiet install --require-hashes --only-binary :all: -r "$here/python/requirements.txt"
        cp "$here/python/requirements.txt" venv/.of
    }
    PATH=$PWD/venv/bin:$PATH openapi-python-client generate --path "$document" --meta none \
        --output-path palpate_client --overwrite
    example python >example.py
    venv/bin/python -m compileall -q palpate_client example.py
}

java_client() {
    openapi_generator -g java --library native -o palpate \
        -p invokerPackage=palpate,apiPackage=palpate.api,modelPackage=palpate.model,hideGenerationTimestamp=true
    example java >Example.java
    find palpate/src/main/java -name '*.java' >sources
    javac -J-XX:TieredStopAtLevel=1 -nowarn -proc:none --release 11 -cp "$out/jars/*" -d classes @sources Example.java
}

# A Go that can fetch the version that go.mod asks for, or that version.
find_go() {
    case $(go env GOVERSION 2>/dev/null) in
    go1.[0-9] | go1.[0-9].* | go1.1[0-9] | go1.1[0-9].* | go1.20 | go1.20.* | '') ;;
    *)
        echo go
        return 0
        ;;
    esac
    case $(uname -m) in
    x86_64) platform=linux-amd64 digest=8cea6783dab64d68b38f5b81ecd38d45155a3c06638991acc6af19e0fca80edb ;;
    aarch64) platform=linux-arm64 digest=4d31d22f75fed99025f7b082319eabeb74106d11e343fc203b336ba2afdeb3a1 ;;
    *) die "Go 1.21 or later is missing" ;;
    esac
    name=v0.0.1-go1.25.5.$platform
    proxy=${GOPROXY:-https://proxy.golang.org}
    fetch "${proxy%%[,|]*}/golang.org/toolchain/@v/$name.zip" "$digest" "$out/downloads/go-$name.zip"
    folder=$out/downloads/golang.org/toolchain@$name
    [ -e "$folder/.whole" ] || {
        "${PYTHON:-python3}" -m zipfile -e "$out/downloads/go-$name.zip" "$out/downloads"
        find "$folder/bin" "$folder/pkg/tool" -type f -exec chmod +x {} +
        touch "$folder/.whole"
    }
    echo "$folder/bin/go"
}

go_client() {
    go=$(find_go)
    cp "$here/go/go.mod" "$here/go/go.sum" .
    mkdir -p palpate
    "$go" tool oapi-codegen -generate types,client -package palpate -o palpate/palpate.go "$document"
    example go >main.go
    "$go" vet . ./palpate
    "$go" build -o example .
}

c_client() {
    any='-D_t=object_t -D_free=object_free -D_parseFromJSON=object_parseFromJSON -D_convertToJSON=object_convertToJSON'
    openapi_generator -g c -o palpate --type-mappings=AnyType=object
    cmake -G Ninja -S palpate -B build -DBUILD_SHARED_LIBS=OFF -DCMAKE_C_FLAGS="-O1 -w $any"
    cmake --build build
    example c >example.c
    # shellcheck disable=SC2086
    ${CC:-cc} -std=gnu17 -Wall -Wextra -Werror $any -Ipalpate -o example example.c build/*.a -lcurl
}

[ $# -gt 0 ] || set -- typescript python java go c
of=$(find "$document" "$here" -type f -exec sha256sum {} + | sort | sha256sum)
for language; do
    case $language in
    typescript | python) make=$language ;;
    java | go | c) make=${language}_client ;;
    *) die "no such language: $language" ;;
    esac
    mkdir -p "$out/$language"
    [ "$(cat "$out/$language/.of" 2>/dev/null)" != "$of" ] || continue
    (cd "$out/$language" && "$make")
    echo "$of" >"$out/$language/.of"
done
