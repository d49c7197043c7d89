#!/bin/sh
# Every test, from a fresh machine: installs what is missing, builds under every compiler and sanitizer, runs all, and
# ends with the counts. Exit status 0 only when everything passed. Each step's whole output stays in build/tests/.
#
# sh tests/run.sh [STEP...]: only the steps whose names begin so.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/tests
cd "$root" || exit 1
mkdir -p "$out" || exit 1

die() {
    echo "tests/run.sh: $*" >&2
    exit 1
}

# shellcheck source=service/packages.sh
. "$root/service/packages.sh"

# ---- tools ---------------------------------------------------------------------------------------------------------

test_packages="clang clang-format clang-tidy curl gcovr git iproute2 libclang-rt-14-dev libcmocka-dev llvm openssl python3
jq python3-cryptography python3-jsonschema python3-venv python3-yaml shellcheck"
[ -n "$(command -v node)" ] || test_packages="$test_packages nodejs"
[ -n "$(command -v npm)" ] || test_packages="$test_packages npm"
# shellcheck disable=SC2086
install_packages "$out/install.log" $service_packages $test_packages
python=/usr/bin/python3 # Debian's own, which has the modules above

# ---- steps ---------------------------------------------------------------------------------------------------------

passed=0
failed=0
only="$*"
begun=$(date +%s)

wanted() {
    [ -n "$only" ] || return 0
    for prefix in $only; do
        case $1 in "$prefix"*) return 0 ;; esac
    done
    return 1
}

# step NAME COMMAND...: counts the lines of TAP in what it prints; a command that prints none counts as one test. A
# command that fails without a failed test counts as one failure.
step() {
    name=$1
    shift
    wanted "$name" || return 0
    log=$out/$(printf %s "$name" | tr '/ ' '--').log
    since=$(date +%s)
    "$@" >"$log" 2>&1
    status=$?
    good=$(grep -cE '^([0-9]+: )?ok ' "$log")
    bad=$(grep -cE '^([0-9]+: )?not ok ' "$log")
    [ $((good + bad)) -gt 0 ] || good=$((status == 0))
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%-34s %6d passed %4d failed %5d s\n' "$name" "$good" "$bad" "$(($(date +%s) - since))"
    if [ "$bad" -gt 0 ]; then
        { grep -E -A 6 '^([0-9]+: )?not ok ' "$log" || tail -n 25 "$log"; } | head -n 60 | cut -c 1-300
        echo "    all of it: $log"
    fi
}

# beside STEPS...: functions that run steps, side by side; for those that wait more than they work.
beside() {
    for steps in "$@"; do
        rm -f "$out/$steps.count"
    done
    for steps in "$@"; do
        (
            passed=0
            failed=0
            "$steps"
            echo "$passed $failed" >"$out/$steps.count"
        ) &
    done
    wait
    for steps in "$@"; do
        read -r good bad <"$out/$steps.count" || { good=0 && bad=1; }
        passed=$((passed + good))
        failed=$((failed + bad))
    done
}

c_files() {
    git ls-files --cached --others --exclude-standard '*.c' '*.h'
}

formatted() {
    c_files | xargs clang-format --dry-run -Werror
}

shell_is_clean() {
    git ls-files --cached --others --exclude-standard '*.sh' .ci/run | xargs shellcheck -S warning -x
}

# Warnings are errors, so a build that ends is one without any.
build() {
    cmake --preset "$1" && cmake --build --preset "$1"
}

analysed() {
    build analyze && ! grep -E 'warning:' "$out/analyze.log"
}

tidy() {
    run-clang-tidy -quiet -p build/fuzz "$root/(service|tests/(bench|cases|fuzz|property|reference))/.*" 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g' >"$out/tidy.txt"
    if grep -E -A 3 ' (error|warning): ' "$out/tidy.txt"; then
        return 1
    fi
}

# All that CMake knows as a test, in TAP.
unit() { # unit PRESET ARGUMENT...
    preset=$1
    shift
    CMOCKA_MESSAGE_OUTPUT=TAP ctest --test-dir "build/$preset" --verbose --parallel "$(nproc)" "$@"
}

# Of the folders that decide: what the unit tests, the cases and the comparison with the reference ran through. The
# library's loops and our asserts have a branch each that nothing can take.
coverage() {
    gcovr --root "$root" --object-directory build/dev --filter 'service/rules/' --filter 'service/decide/' \
        --exclude-throw-branches --exclude-unreachable-branches \
        --exclude-branches-by-pattern '.*(json_(array|object)_foreach|assert) ?\(.*' \
        --print-summary --txt "$out/coverage.txt" \
        --fail-under-line 95 --fail-under-branch 95
    status=$?
    sed -n '/^TOTAL/p' "$out/coverage.txt"
    return $status
}

# The conditions of the catalogue against the reference implementation of their language.
jsonlogic() {
    npm ci --silent --prefix tests/jsonlogic && node tests/jsonlogic/agree.js --judge build/dev/tests/judge --count 10000
}

# The catalogue says what it means: no findings but those that are accepted, in the files and in the program.
catalogue() {
    build/release/palpate catalogue check --strict --catalogue sql/catalogue && build/release/palpate catalogue check --strict
}

integration() { # integration FILE ARGUMENT...
    file=$1
    shift
    "$python" "tests/it/$file" "$@"
}

step 'format' formatted
step 'shell' shell_is_clean
for preset in dev asan tsan fuzz release; do
    step "build/$preset" build "$preset"
done
step 'analyze' analysed
step 'tidy' tidy

wanted 'unit/dev' && find build/dev -name '*.gcda' -delete
step 'unit/dev' unit dev
step 'unit/asan' unit asan
step 'unit/tsan' unit tsan
step 'unit/fuzz' unit fuzz --exclude-regex '^property/' # clang's: of properties the others have enough
compared() {
    step 'reference' integration differential_test.py build/dev/tests/judge 1 3000
    step 'reference/asan' integration differential_test.py build/asan/tests/judge 2 1500
    step 'would allow' integration would_allow_test.py build/dev/tests/judge 1 800
    step 'exact' integration exact_test.py build/dev/tests/judge 1 400
    step 'jsonlogic' jsonlogic
}

interviewed() {
    step 'interview' integration interview_test.py build/release/palpate
    step 'impact' integration impact_test.py build/release/palpate
}

beside compared interviewed
step 'coverage' coverage
step 'catalogue' catalogue

released() {
    for what in http database auth life overlay outside tls record cli; do
        step "$what/release" integration "${what}_test.py" build/release/palpate
    done
    step 'sql' integration with_postgresql.py bash tests/it/sql_test.sh
    step 'record/sql' integration record_sql_test.py build/release/palpate
    step 'life/sql' integration life_sql_test.py build/release/palpate
    step 'openapi' integration openapi_test.py build/asan/palpate
}

sanitized() {
    for what in http database auth life overlay outside tls record cli; do
        step "$what/asan" integration "${what}_test.py" build/asan/palpate
    done
    for what in http database auth life overlay outside tls record; do
        step "$what/tsan" integration "${what}_test.py" build/tsan/palpate
    done
}

beside released sanitized
step 'record/faults' integration record_faults_test.py build/release/palpate
step 'record/outage' integration record_outage_test.py build/release/palpate
step 'standby' integration standby_test.py build/release/palpate
step 'slow' integration slow_test.py build/release/palpate
step 'soak' integration soak_test.py build/release/palpate
step 'guide' integration guide_test.py build/release/palpate
step 'contract/lint' sh tests/contract/run.sh lint
step 'contract/changes' sh tests/contract/run.sh changes
step 'contract/live' sh tests/contract/run.sh live build/release/palpate
step 'run' integration run_test.py

echo "$((passed + failed)) tests: $passed passed, $failed failed, in $(($(date +%s) - begun)) s"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
