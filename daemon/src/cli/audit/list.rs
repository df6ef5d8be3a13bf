//! `sceau audit list`.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::audit::{Entry, told};
use sceau_engine::records::dossier_stream;
use sceau_workflow::machine::DossierId;

use super::source::{Source, SourceError};
use crate::cli::moment::local;
use crate::cli::reach::Reach;

/// Lists entries, the newest first.
pub(super) fn run(
    reach: &Reach,
    dossier: Option<&DossierId>,
    limit: usize,
    json: bool,
) -> Result<ExitCode, SourceError> {
    let entries = last(&Source::find(reach)?, dossier, limit)?;
    let mut out = io::stdout().lock();
    if json {
        let value = serde_json::to_value(&entries).map_err(io::Error::from)?;
        writeln!(out, "{value:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    if entries.is_empty() {
        writeln!(out, "no entries")?;
    }
    for entry in &entries {
        writeln!(out, "{}", line(entry))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The last `limit` entries (about the dossier, where one is given), the newest first.
fn last(
    source: &Source,
    dossier: Option<&DossierId>,
    limit: usize,
) -> Result<VecDeque<Entry>, SourceError> {
    let head = source.head()?;
    let stream = dossier.map(dossier_stream);
    let after = match stream {
        None => head.position.saturating_sub(limit as u64),
        Some(_) => 0,
    };
    let mut kept = VecDeque::new();
    source.entries(after, &head, |record| {
        let entry = told(record);
        if stream.as_ref().is_none_or(|stream| entry.streams.contains(stream)) {
            kept.push_front(entry);
            kept.truncate(limit);
        }
        Ok(())
    })?;
    Ok(kept)
}

/// `12  2026-11-26 22:03:34 CET  uid/0  delegation/1a2b…  delegation_granted`.
fn line(entry: &Entry) -> String {
    let at = Timestamp::from_millisecond(entry.at_ms).map(local).unwrap_or_default();
    let (about, events) = (entry.streams.join(" "), entry.events.join(", "));
    format!("{:>5}  {at}  {}  {about}  {events}", entry.position, entry.actor)
}
