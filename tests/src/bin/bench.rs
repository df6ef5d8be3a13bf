//! `tests/bench.sh`: prints the table of the benchmark; with `plugins`, that of plugins alone.

fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("plugins") => sceau_tests::bench::run_plugins(),
        _ => sceau_tests::bench::run(),
    }
}
