//! `sceau check`: every fault of the configuration at once.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_workflow::definition::StepParsers;
use sceau_workflow::faults::{Fault, FaultCode, Faults};
use serde_json::json;

use super::exit;
use crate::config::{self, Config};

/// Check the configuration and every workflow, and show all faults at once.
///
/// Nothing is changed. Exit code: 0 when all is good, 78 when something is at fault.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "config/sceau.toml")]
    config: PathBuf,
    /// The state directory, in place of the one that the file names.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Explain a kind of fault (the word in brackets after `error`), and check nothing.
    #[arg(long, value_name = "CODE", conflicts_with = "json")]
    explain: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn run(args: &CheckArgs) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    if let Some(code) = &args.explain {
        return explain(code, &mut out);
    }
    let loaded = config::load(&args.config, args.state.as_deref(), &StepParsers::standard());
    match (&loaded, args.json) {
        (Ok(config), false) => good(config, &mut out)?,
        (Err(faults), false) => write!(out, "{}", Faults::render(faults))?,
        (Ok(_), true) => show_json(&[], &mut out)?,
        (Err(faults), true) => show_json(faults, &mut out)?,
    }
    Ok(if loaded.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(exit::CONFIG) })
}

fn good(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let (folders, workflows) = (config.folders.len(), config.workflows.len());
    let (folders, workflows) = (counted(folders, "folder"), counted(workflows, "workflow"));
    writeln!(out, "configuration is good: {folders}, {workflows}")
}

/// `1 folder`, `0 folders`, `2 folders`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn show_json(faults: &[Fault], out: &mut impl Write) -> io::Result<()> {
    let answer = json!({ "version": 1, "good": faults.is_empty(), "faults": faults });
    writeln!(out, "{answer:#}")
}

fn explain(code: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let Some(known) = FaultCode::from_name(code) else {
        let names: Vec<&str> = FaultCode::ALL.into_iter().map(FaultCode::as_str).collect();
        writeln!(io::stderr(), "there is no fault `{code}`; known: {}", names.join(", "))?;
        return Ok(ExitCode::from(exit::USAGE));
    };
    writeln!(out, "{known}\n\n{}", known.page())?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_kind_is_told_in_the_singular() {
        let told = [0, 1, 2].map(|count| counted(count, "folder"));
        assert_eq!(told, ["0 folders", "1 folder", "2 folders"]);
    }
}
