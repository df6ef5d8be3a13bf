//! `tests/bench.sh`: prints the table of the benchmark.

fn main() -> std::io::Result<()> {
    sceau_tests::bench::run()
}
