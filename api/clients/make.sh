#!/bin/sh
# Makes the clients of README.md from api/openapi.yaml, and compiles the examples of that page:
#
# sh api/clients/make.sh [LANGUAGE...]: of typescript, python, java, go and c; without any, all of them.
#
# All of it goes to build/clients/. The generators are fetched once, in pinned versions: by npm, pip, mvn and go.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
document=$here/../openapi.yaml
out=$here/../../build/clients
mkdir -p "$out"
out=$(cd "$out" && pwd)

die() {
    echo "api/clients/make.sh: $*" >&2
    exit 1
}

jars() { # the jars that jars.sha256 lists: the generator, and in jars/ what its client for Java needs
    cmp -s "$here/jars.sha256" "$out/jars/.of" && return 0
    rm -rf "$out/jars"
    mkdir "$out/jars"
    while read -r digest artifact; do
        mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="$artifact" \
            -DoutputDirectory="$out/jars" </dev/null
        file=$out/jars/$(echo "${artifact#*:}" | tr : -).jar
        echo "$digest  $file" | sha256sum --check --quiet || die "$artifact is not what it was"
    done <"$here/jars.sha256"
    mv "$out"/jars/openapi-generator-cli-*.jar "$out/openapi-generator-cli.jar"
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

# The Go of this machine, or, where that is too old to fetch the version that go.mod asks for by itself, that version.
find_go() {
    case $(go env GOVERSION) in
    go1.[0-9] | go1.[0-9].* | go1.1[0-9] | go1.1[0-9].* | go1.20 | go1.20.*) ;;
    *)
        echo go
        return 0
        ;;
    esac
    version=v0.0.1-go1.25.5.$(go env GOOS)-$(go env GOARCH)
    mkdir -p toolchain
    (cd toolchain && echo 'module none' >go.mod && go mod download "golang.org/toolchain@$version")
    folder=$(go env GOMODCACHE)/golang.org/toolchain@$version
    if [ ! -x "$folder/bin/go" ]; then # a module's files come without that mark, and read-only
        chmod -R u+w "$folder"
        find "$folder/bin" "$folder/pkg/tool" -type f -exec chmod +x {} +
    fi
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
