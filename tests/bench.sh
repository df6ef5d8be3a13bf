#!/usr/bin/env bash
# Drop-to-delivered latency and throughput, beside the bare cost and pyHanko, in one run.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/peers/install.sh python
cargo build --release --locked -p sceau
exec cargo run --release --locked -q -p sceau-tests --bin bench
