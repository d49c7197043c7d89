#!/bin/sh
# sh tests/bench/run.sh: what loading, compiling and one decision cost here, by the clock and, with valgrind, in
# instructions, which do not vary from run to run. Figures are printed, never tested.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/bench
rounds=${1:-20}
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v valgrind >/dev/null || { echo "bench: valgrind is missing; as root: apt-get install valgrind" >&2; exit 1; }
{ cmake --preset release -B "$build" -D PALPATE_BENCH=ON && cmake --build "$build" --target bench; } >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
"$build/tests/bench" sql/catalogue tests/cases "$rounds"

valgrind --tool=callgrind --callgrind-out-file="$work/out" --toggle-collect=decide_once \
    "$build/tests/bench" sql/catalogue tests/cases 1 >"$work/said" 2>"$work/log"
instructions=$(sed -n 's/^summary: *\([0-9]*\).*/\1/p' "$work/out")
decisions=$(sed -n 's/^\([0-9]*\) requests of .*/\1/p' "$work/said")
echo "decide: $((instructions / decisions)) instructions on average"
