# The door for people; every recipe is a plain command or script that also runs without just.

# List the recipes.
default:
    @just --list

# Install the peers, build, run every test.
test *suites:
    tests/run.sh {{suites}}

# The long proofs: many kills, large files, all peers.
prove *suites:
    tests/prove.sh {{suites}}

# Latency and throughput beside the bare cost and pyHanko, and what plugins add, in one run.
bench *part:
    tests/bench.sh {{part}}

# A throw-away cabinet that seals a real sample.
demo *flags:
    cargo run --release -- demo {{flags}}

# Formatting, clippy, walls: what CI asks before the tests.
lint:
    cargo fmt --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cd plugins && cargo fmt --check && cargo clippy --locked --all-targets -- -D warnings
    cargo test --locked -p sceau-tests --test walls

# Format all sources.
fmt:
    cargo fmt
