#!/usr/bin/env bash
# What a seal costs the library, from drop to delivered (latency, throughput), and what a validation
# costs: beside the bare cost, pyHanko and EU DSS, in one run; and what plugins add. It fails at its end,
# when all figures are printed, where one of them is not what was aimed at.
#
#   tests/bench.sh            everything
#   tests/bench.sh plugins    what plugins add, alone
#
# SCEAU_BENCH_ROUNDS (3), SCEAU_BENCH_DOSSIERS (1000) and SCEAU_BENCH_STEPS (2000) say how much;
# SCEAU_BENCH_PROFILE (release) how it is built: figures of another profile mean nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${SCEAU_BENCH_PROFILE:-release}
built=${CARGO_TARGET_DIR:-$PWD/target}/$profile
export SCEAU_PEERS=${SCEAU_PEERS:-$PWD/.peers}
export SCEAU_BIN=$built/sceau
tests/peers/install.sh wasm
# All at once: each alone would want other features of what they share.
cargo build --profile "$profile" --locked -p sceau -p sceau-pades -p sceau-plugin-host -p sceau-tests \
  --bins --examples
for plugin in router attestation-check; do
  SCEAU_WASM_TOOLCHAIN=$SCEAU_PEERS/wasm "$SCEAU_BIN" plugin build plugins/$plugin
done
plugins() {
  "$built/examples/step_cost" plugins/router "${SCEAU_BENCH_STEPS:-2000}"
  echo
}
if [ "${1:-}" = plugins ]; then
  plugins
  exec "$built/bench" plugins
fi
tests/peers/install.sh python
tests/peers/install.sh dss
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
missed=()
"$built/examples/seal_cost" "$scratch" "$SCEAU_PEERS/venv/bin/python" || missed+=("the cost of a seal")
echo
plugins
"$built/bench" || missed+=("the program's figures")
if [ ${#missed[@]} -gt 0 ]; then
  echo "bench: an aim was not met, or a part failed: $(IFS=,; echo "${missed[*]}")" >&2
  exit 1
fi
