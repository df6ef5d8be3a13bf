#!/usr/bin/env bash
# Installs the peers, builds, and runs every test. Ends with one line: "N passed, N failed".
#
#   tests/run.sh               everything
#   tests/run.sh FILTER...     the black-box suites named (main_job, crash, walls ...), with peers
#
# SCEAU_PROVE=1 makes the suites long (see tests/prove.sh). A missing peer is a failure, not a skip.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
export SCEAU_PEERS=${SCEAU_PEERS:-$root/.peers}
target=${CARGO_TARGET_DIR:-$root/target}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failures=0
began=$SECONDS

stage() {
  local name=$1 from=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    echo "== $name: $((SECONDS - from)) s"
  else
    failures=$((failures + 1))
    echo "== $name: FAILED after $((SECONDS - from)) s"
  fi
}

# Needed by all that follows: without it there is nothing to run.
must() {
  local before=$failures
  stage "$@"
  if [ "$failures" -gt "$before" ]; then
    echo "0 passed, $failures failed"
    exit 1
  fi
}

tested() {
  "$@" </dev/null 2>&1 | tee -a "$log"
}

checked() {
  cargo test --locked --profile checked --workspace "$@"
}

# Two streams, because most suites wait for other programs and for clocks: the black-box suites, told as
# they run, and the rooms' own tests beside them, told at the end. A room's test that bears the name of a
# suite runs with it. The targets are named, and not their packages, which would be compiled anew.
all_tests() {
  checked --no-run || return 1
  local told=$log.rooms beside failed=0
  room_tests </dev/null >"$told" 2>&1 &
  beside=$!
  tested checked --no-fail-fast $(suite_names | sed 's/^/--test /') || failed=1
  wait "$beside" || failed=1
  tee -a "$log" <"$told"
  rm -f "$told"
  return "$failed"
}

room_tests() {
  local others
  others=$(comm -23 <(test_names | sort -u) <(suite_names | sort -u) | sed 's/^/--test /')
  local failed=0
  checked --no-fail-fast --lib --bins $others || failed=1
  checked --no-fail-fast --doc || failed=1
  return "$failed"
}

suite_names() {
  basename -s .rs tests/tests/*.rs
}

test_names() {
  cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    for target in package["targets"]:
        if target["kind"] == ["test"]:
            print(target["name"])'
}

# The whole workspace is named, and with it the examples, so that dependencies are compiled with the
# features that the tests below want of them: once for all, and in one profile.
program() {
  cargo build --locked --profile checked --workspace --bins --examples "$@"
}

# The same program with its crash boundaries armed; it never ships. A stage is a condition, in which
# the shell ends nothing by itself: a build that fails must not leave the program of the last one.
crash_program() {
  program --features sceau/fault-injection &&
    mkdir -p "$target/crash" &&
    cp "$target/checked/sceau" "$target/crash/sceau"
}

must "peers" tests/peers/install.sh
must "fixtures" tests/fixtures/make.sh
stage "corpus" tests/corpus/gather.sh "$([ "${SCEAU_PROVE:-}" = 1 ] && echo 1500 || echo 60)"
must "crash build" crash_program
must "build" program
export SCEAU_BIN=$target/checked/sceau
export SCEAU_CRASH_BIN=$target/crash/sceau

suites=()
for name in "$@"; do suites+=(--test "$name"); done
if [ ${#suites[@]} = 0 ]; then
  stage "all tests" all_tests
else
  stage "black-box suites" tested cargo test --locked --profile checked -p sceau-tests --no-fail-fast "${suites[@]}"
fi

count() { awk -v what="$1" '/^test result:/ { for (i = 2; i <= NF; i++) if ($i ~ what) sum += $(i - 1) } END { print sum + 0 }' "$log"; }
passed=$(count '^passed')
failed=$(count '^failed')
if [ "$failures" -gt 0 ] && [ "$failed" = 0 ]; then
  failed=$failures # a stage broke before its tests could be counted
elif [ $((passed + failed)) = 0 ]; then
  failed=1 # nothing ran: nothing is proven
fi
grep -E '^test .* FAILED$' "$log" | sort -u || true
echo "total: $((SECONDS - began)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$failures" = 0 ]
