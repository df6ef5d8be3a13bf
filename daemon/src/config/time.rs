//! `[time]`: the internal time-stamping unit, or authorities of the world outside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sceau_workflow::faults::{FaultCode, Read, TableReader};

use super::draft::{hidden, path};
use super::{TimeConfig, TsaConfig};

/// The option that lets the internal unit's clock stand before its last time stamp.
const EARLIER_CLOCK: &str = "accept_earlier_clock";

#[derive(Debug)]
pub(super) enum DraftTime {
    Internal { accept_earlier_clock: bool },
    External(Vec<DraftTsa>),
}

#[derive(Debug)]
pub(super) struct DraftTsa {
    url: String,
    pub(super) trust: Read<PathBuf>,
    timeout: Duration,
}

impl DraftTime {
    pub(super) fn into_config(self) -> TimeConfig {
        let tsa = |tsa: DraftTsa| TsaConfig {
            url: tsa.url,
            trust: tsa.trust.value,
            timeout: tsa.timeout,
        };
        match self {
            Self::Internal { accept_earlier_clock } => {
                TimeConfig::Internal { accept_earlier_clock }
            }
            Self::External(list) => TimeConfig::External(list.into_iter().map(tsa).collect()),
        }
    }
}

/// `tsa = "internal"`, or one `[[time.tsa]]` for each authority.
pub(super) fn read(root: &TableReader<'_>, base: &Path) -> Option<DraftTime> {
    let Some(table) = root.table("time") else {
        if !root.has("time") {
            root.missing("time", "[time] says tsa = \"internal\", or lists [[time.tsa]]");
        }
        return None;
    };
    let time = match table.type_of("tsa") {
        None => {
            table.missing("tsa", "\"internal\", or one [[time.tsa]] for each authority");
            None
        }
        Some("array") => {
            no_clock_of_ours(&table);
            external(&table, base)
        }
        Some(_) => internal(&table),
    };
    table.finish();
    time
}

/// The unit's clock may stand before its last time stamp only where the operator says so.
fn internal(table: &TableReader<'_>) -> Option<DraftTime> {
    let accept_earlier_clock = table.boolean(EARLIER_CLOCK).unwrap_or(false);
    let word = table.word("tsa", &[("internal", ())]);
    word.map(|()| DraftTime::Internal { accept_earlier_clock })
}

fn no_clock_of_ours(table: &TableReader<'_>) {
    if table.boolean(EARLIER_CLOCK).is_some() {
        let message = format!("`{EARLIER_CLOCK}` concerns the internal time-stamping unit only");
        let help = "take it out: outside authorities have clocks of their own".to_owned();
        table.fault(FaultCode::BadValue, table.span_of(EARLIER_CLOCK), message, Some(help));
    }
}

fn external(table: &TableReader<'_>, base: &Path) -> Option<DraftTime> {
    let tables = table.tables("tsa");
    if tables.is_empty() {
        let message = "the list of authorities is empty".to_owned();
        table.fault(FaultCode::OutOfRange, table.span_of("tsa"), message, None);
        return None;
    }
    let authority = |table: &TableReader<'_>| {
        let read = authority(table, base);
        table.finish();
        read
    };
    let authorities: Vec<Option<DraftTsa>> = tables.iter().map(authority).collect();
    authorities.into_iter().collect::<Option<Vec<_>>>().map(DraftTime::External)
}

fn authority(table: &TableReader<'_>, base: &Path) -> Option<DraftTsa> {
    let form = "an address that begins with http:// or https://";
    if !table.has("url") {
        table.missing("url", form);
    }
    if !table.has("trust") {
        table.missing("trust", "the PEM file of the authority's trust anchors");
    }
    let url = match table.string("url") {
        Some(url) if url.value.contains('@') => {
            let message = "an address holds no user name and no password".to_owned();
            table.faults().note(hidden(table, url.span, message));
            None
        }
        _ => table.parsed("url", form, address),
    };
    let trust = path(table, "trust", base);
    let bounds = Duration::from_secs(1)..=Duration::from_secs(120);
    let timeout = table.duration("timeout", bounds).unwrap_or(Duration::from_secs(10));
    Some(DraftTsa { url: url?.value, trust: trust?, timeout })
}

fn address(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split('/').next().unwrap_or("");
    let printable = text.bytes().all(|c| c.is_ascii_graphic());
    (printable && !host.is_empty()).then(|| text.to_owned())
}
