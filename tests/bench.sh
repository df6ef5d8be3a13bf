#!/usr/bin/env bash
# Drop-to-delivered latency and throughput, beside the bare cost and pyHanko, in one run.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/peers/install.sh python
cargo build --profile dist --locked -p sceau
export SCEAU_BIN=${CARGO_TARGET_DIR:-$PWD/target}/dist/sceau
exec cargo run --profile dist --locked -q -p sceau-tests --bin bench
