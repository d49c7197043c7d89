#!/bin/sh
# collect.sh PROGRAM FOLDER VERSION REVISION: puts into FOLDER, which becomes the image, the program, the libraries that it
# loads, CA certificates, the licences of all of them, and a list of what came from where as SPDX 2.3 (the SBOM). Runs on
# Debian, while the image is built. The same input gives the same bytes: times are SOURCE_DATE_EPOCH.
set -eu

program=$1
image=$2
version=$3
revision=$4
docs=$image/usr/share/doc
certificates=/etc/ssl/certs/ca-certificates.crt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The package that a file came from; dpkg knows some libraries with /usr and some without.
package_of() {
    { dpkg-query -S "$1" || dpkg-query -S "${1#/usr}" || dpkg-query -S "/usr$1"; } 2>/dev/null | head -n 1 | sed 's/: .*//'
}

# ---- files -----------------------------------------------------------------------------------------------------------

mkdir -p "$docs/palpate" "$image/etc/ssl/certs"
strip -o "$image/palpate" "$program"
cp "$certificates" "$image/$certificates"
cp LICENSE "$docs/palpate/copyright"
echo 'palpate:x:65532:65532::/:' >"$image/etc/passwd"
echo 'palpate:x:65532:' >"$image/etc/group"
echo ca-certificates >"$work/packages"
ldd "$program" | sed -n 's/.*=> \(.*\) (.*/\1/p; s/^[[:space:]]*\(\/.*\) (.*/\1/p' >"$work/libraries"
while read -r library; do
    mkdir -p "$image/${library%/*}"
    cp -L "$library" "$image/$library"
    package_of "$library" >>"$work/packages"
done <"$work/libraries"
LC_ALL=C sort -u -o "$work/packages" "$work/packages"
while read -r package; do
    mkdir -p "$docs/${package%%:*}"
    cp -L "/usr/share/doc/${package%%:*}/copyright" "$docs/${package%%:*}/"
done <"$work/packages"

# ---- the list --------------------------------------------------------------------------------------------------------

package_as_spdx() { # package_as_spdx NAME[:ARCHITECTURE]
    dpkg-query -W -f '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' "$1" |
        while read -r name number architecture source source_number; do
            printf '  {"SPDXID": "SPDXRef-Package-%s", "name": "%s", "versionInfo": "%s",\n' "$(spdx_id "$name")" "$name" "$number"
            printf '   "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,\n'
            printf '   "sourceInfo": "built from %s %s",\n' "$source" "$source_number"
            printf '   "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",\n'
            printf '   "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",\n'
            printf '    "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s&distro=debian-%s&upstream=%s"}]}' "$(purl "$name")" \
                "$(purl "$number")" "$architecture" "$(. /etc/os-release && echo "$VERSION_ID")" "$(purl "$source")"
        done
}

spdx_id() {
    printf %s "$1" | tr -c 'A-Za-z0-9.-' '-'
}

purl() {
    printf %s "$1" | sed 's/+/%2B/g; s/:/%3A/g'
}

sum=$(sha256sum "$image/palpate" | cut -d ' ' -f 1)
{
    printf '{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",\n'
    printf ' "name": "palpate-%s", "documentNamespace": "urn:palpate:sbom:%s:%s",\n' "$version" "$revision" "$sum"
    printf ' "creationInfo": {"created": "%s", "creators": ["Tool: palpate-collect.sh"]},\n' \
        "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
    printf ' "documentDescribes": ["SPDXRef-Package-palpate"],\n "packages": [\n'
    printf '  {"SPDXID": "SPDXRef-Package-palpate", "name": "palpate", "versionInfo": "%s", "sourceInfo": "built from revision %s",\n' \
        "$version" "$revision"
    printf '   "supplier": "Organization: Palpate", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,\n'
    printf '   "primaryPackagePurpose": "APPLICATION", "checksums": [{"algorithm": "SHA256", "checksumValue": "%s"}],\n' "$sum"
    printf '   "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION"}'
    while read -r package; do
        printf ',\n'
        package_as_spdx "$package"
    done <"$work/packages"
    printf '],\n "relationships": [\n'
    printf '  {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Package-palpate"}'
    while read -r package; do
        printf ',\n  {"spdxElementId": "SPDXRef-Package-palpate", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-Package-%s"}' \
            "$(spdx_id "${package%%:*}")"
    done <"$work/packages"
    printf ']}\n'
} >"$docs/palpate/sbom.spdx.json"

chmod -R go=u,go-w "$image"
find "$image" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
