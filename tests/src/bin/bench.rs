//! `tests/bench.sh`: prints the tables of the benchmark; with `plugins`, that of plugins alone. Fails
//! when an aim is not met, once everything is printed.

use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let met = match std::env::args().nth(1).as_deref() {
        Some("plugins") => sceau_tests::bench::run_plugins(),
        _ => sceau_tests::bench::run(),
    }?;
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
