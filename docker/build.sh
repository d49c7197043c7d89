#!/bin/sh
# build.sh [IMAGE]: builds the image, by default palpate:VERSION, labelled with version, revision and the time of the commit. The
# same commit on the same base with the same Debian packages gives the same program and the same layers.
#
# BUILD_IMAGE and RUNTIME_IMAGE name the bases; BUILD_OPTIONS are further ones of docker build, such as --network host.
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^project(palpate VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
if revision=$(git rev-parse HEAD 2>/dev/null); then
    [ -z "$(git status --porcelain --untracked-files=no)" ] || revision=$revision-changed
    epoch=$(git log -1 --format=%ct)
else # not a clone: as the caller says
    revision=${REVISION:-unknown}
    epoch=${SOURCE_DATE_EPOCH:-0}
fi

# shellcheck disable=SC2086
exec docker build ${BUILD_OPTIONS:-} -f docker/Dockerfile -t "${1:-palpate:$version}" \
    ${BUILD_IMAGE:+--build-arg "BUILD_IMAGE=$BUILD_IMAGE"} ${RUNTIME_IMAGE:+--build-arg "RUNTIME_IMAGE=$RUNTIME_IMAGE"} \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "SOURCE_DATE_EPOCH=$epoch" \
    --build-arg "CREATED=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" .
