#!/usr/bin/env bash
# What a seal costs the library, from drop to delivered (latency, throughput), and what a validation
# costs: beside the bare cost, pyHanko and EU DSS, in one run.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/peers/install.sh python
tests/peers/install.sh dss
cargo build --profile dist --locked -p sceau
export SCEAU_PEERS=${SCEAU_PEERS:-$PWD/.peers}
export SCEAU_BIN=${CARGO_TARGET_DIR:-$PWD/target}/dist/sceau
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cargo run --profile dist --locked -q -p sceau-pades --example seal_cost -- \
  "$scratch" "$SCEAU_PEERS/venv/bin/python"
echo
cargo run --profile dist --locked -q -p sceau-tests --bin bench
