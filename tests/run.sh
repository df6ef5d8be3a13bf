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

# Three streams, because most suites wait for other programs and for clocks: every other black-box suite,
# told as it runs, then what the rest of them said, then the rooms' own tests. A room's test that bears
# the name of a suite runs with it. The targets are named, and not their packages, which would be compiled
# anew.
all_tests() {
  checked --no-run || return 1
  local beside=() failed=0 stream
  every_other_suite 0 </dev/null >"$log.suites" 2>&1 &
  beside+=($!)
  room_tests </dev/null >"$log.rooms" 2>&1 &
  beside+=($!)
  tested every_other_suite 1 || failed=1
  for stream in "${beside[@]}"; do wait "$stream" || failed=1; done
  for stream in suites rooms; do
    tee -a "$log" <"$log.$stream"
    rm -f "$log.$stream"
  done
  return "$failed"
}

every_other_suite() {
  checked --no-fail-fast $(suite_names | awk -v turn="$1" 'NR % 2 == turn { print "--test", $0 }')
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
stage "corpus" tests/corpus/gather.sh "$([ "${SCEAU_PROVE:-}" = 1 ] && echo 2400 || echo 60)"
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
