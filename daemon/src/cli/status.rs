//! `sceau status`: what of the running daemon is ready and what is not.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::json;

use super::reach::{Reach, unreached};

/// Tell whether the running daemon is ready, and what is not.
///
/// Exit code: 0 when all is ready, 1 when something is not, 69 when no daemon answers.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &StatusArgs) -> io::Result<ExitCode> {
    let missing = match args.reach.client().status() {
        Ok(missing) => missing,
        Err(error) => return Ok(unreached(&error)),
    };
    let mut out = io::stdout().lock();
    if args.json {
        let parts: Vec<_> =
            missing.iter().map(|(part, why)| json!({ "part": part, "why": why })).collect();
        writeln!(out, "{:#}", json!({ "ready": missing.is_empty(), "not_ready": parts }))?;
    } else if missing.is_empty() {
        writeln!(out, "ready")?;
    }
    for (part, why) in missing.iter().filter(|_| !args.json) {
        writeln!(out, "not ready: {part}: {why}")?;
    }
    Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
