//! `sceau dossier`: what goes on, why something waits, and how it goes on.

use std::io::{self, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_workflow::machine::{DossierId, Failure, Renewal};
use serde_json::Value;

use super::eprint;
use super::moment::local;
use super::reach::{Reach, unreached};
use crate::admin::dossier::{DossierLine, DossierRequest, DossierResponse, DossierView};

/// Show dossiers, and let stopped ones go on.
#[derive(Debug, clap::Args)]
pub(crate) struct DossierArgs {
    #[command(subcommand)]
    order: Order,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    /// List dossiers, the newest first.
    List {
        /// Only those that are: running, needs-person, rejected, delivered or cancelled.
        #[arg(long, value_parser = ["running", "needs-person", "rejected", "delivered", "cancelled"])]
        phase: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show all of one dossier: where it stands, why, and everything that happened.
    Show {
        /// Its name, as in the note beside the document.
        dossier: DossierId,
    },
    /// Let a stopped dossier go on (its rights are asked for anew), or try now what waits.
    Retry {
        /// Its name.
        dossier: DossierId,
    },
    /// End a dossier; what is signed stays signed, nothing more is done.
    Cancel {
        /// Its name.
        dossier: DossierId,
        /// Why, for the records and the people at the folder.
        #[arg(long)]
        reason: String,
    },
}

/// Runs the command. Exit code 1: refused.
pub(crate) fn run(args: &DossierArgs) -> io::Result<ExitCode> {
    let request = match &args.order {
        Order::List { phase, limit } => {
            DossierRequest::List { phase: phase.clone(), limit: *limit }
        }
        Order::Show { dossier } => DossierRequest::Show { dossier: dossier.clone() },
        Order::Retry { dossier } => DossierRequest::Retry { dossier: dossier.clone() },
        Order::Cancel { dossier, reason } => {
            DossierRequest::Cancel { dossier: dossier.clone(), reason: reason.clone() }
        }
    };
    let response = match args.reach.client().dossier(request) {
        Ok(response) => response,
        Err(error) => return Ok(unreached(&error)),
    };
    let mut out = io::stdout().lock();
    match (&response, args.json) {
        (DossierResponse::Refused { why }, _) => {
            eprint(&format!("sceau: {why}"));
            return Ok(ExitCode::from(1));
        }
        (DossierResponse::List { dossiers }, true) => {
            writeln!(out, "{:#}", serde_json::to_value(dossiers)?)?;
        }
        (DossierResponse::Shown(view), true) => {
            writeln!(out, "{:#}", serde_json::to_value(view)?)?;
        }
        (DossierResponse::List { dossiers }, false) => list(dossiers, &mut out)?,
        (DossierResponse::Shown(view), false) => show(view, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(dossiers: &[DossierLine], out: &mut impl Write) -> io::Result<()> {
    if dossiers.is_empty() {
        return writeln!(out, "no dossiers");
    }
    for line in dossiers {
        let trouble = line.trouble.as_ref().map(|trouble| format!("  {}", trouble.code));
        writeln!(
            out,
            "{}  {:<12}  {:<5}  {}  {:<18}  {}{}",
            line.dossier,
            line.phase,
            line.level.as_deref().unwrap_or("-"),
            local(line.received_at),
            line.workflow,
            line.title,
            trouble.unwrap_or_default()
        )?;
    }
    Ok(())
}

fn show(view: &DossierView, out: &mut impl Write) -> io::Result<()> {
    let line = &view.line;
    writeln!(out, "dossier   {}", line.dossier)?;
    writeln!(out, "title     {}", line.title)?;
    writeln!(out, "phase     {}", line.phase)?;
    writeln!(out, "workflow  {} ({})", line.workflow, view.definition)?;
    writeln!(out, "société   {}", line.societe)?;
    writeln!(out, "account   {}", view.account)?;
    writeln!(out, "channel   {}", line.channel)?;
    writeln!(out, "file      {} (SHA-256 {})", view.file_name, view.document)?;
    writeln!(out, "received  {}", local(line.received_at))?;
    writeln!(out, "step      {} (attempt {})", view.step.0, view.step.1)?;
    writeln!(out, "level     {}", line.level.as_deref().unwrap_or("none yet"))?;
    if let Some(renewal) = &view.renewal {
        show_renewal(renewal, out)?;
    }
    if let Some(trouble) = &line.trouble {
        show_trouble(trouble, out)?;
    }
    for waiting in &view.waiting {
        let (kind, tries) = (&waiting.kind, waiting.tries);
        writeln!(out, "waiting   {kind}: {tries} tries, next at {}", local(waiting.due))?;
    }
    writeln!(out, "\nwhat happened:")?;
    for event in &view.events {
        writeln!(out, "  {}", told(event))?;
    }
    Ok(())
}

fn show_renewal(renewal: &Renewal, out: &mut impl Write) -> io::Result<()> {
    let rounds = renewal.rounds;
    match (renewal.begun, renewal.due < renewal.until) {
        (Some(begun), _) => write!(out, "renewal   under way since {}", local(begun))?,
        (None, true) => write!(out, "renewal   due {}", local(renewal.due))?,
        (None, false) => write!(out, "renewal   none needed any more")?,
    }
    writeln!(out, ", {rounds} so far; kept until {}", local(renewal.until))
}

fn show_trouble(trouble: &Failure, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "trouble   {} ({})", trouble.en, trouble.code)?;
    match &trouble.detail {
        Some(detail) => writeln!(out, "detail    {detail}"),
        None => Ok(()),
    }
}

/// One event on one line: number, time, name, and the plain values that it holds.
fn told(event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or_default();
    let at = text("at").parse::<Timestamp>().map(local).unwrap_or_default();
    let number = &event["number"];
    let mut line = format!("{number:>3}  {at}  {}", text("event"));
    for key in ["step", "attempt", "level", "kind", "right", "by", "reason", "expires_at", "due"] {
        match &event[key] {
            Value::String(text) => {
                let shown = text.parse().map_or_else(|_| text.clone(), local);
                line.push_str(&format!("  {key}={shown}"));
            }
            Value::Number(number) => line.push_str(&format!("  {key}={number}")),
            _ => {}
        }
    }
    if let Some(code) = event["failure"]["code"].as_str() {
        line.push_str(&format!("  {code}"));
    }
    line
}
