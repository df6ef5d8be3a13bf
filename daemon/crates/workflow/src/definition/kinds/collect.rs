//! `collect`: gathers the signatures of people.

use sceau_cabinet::{EmailAddress, Right};
use serde::{Deserialize, Serialize};

use crate::definition::kind::{Nature, ParsedStep, StepParser, StepScope};
use crate::faults::{FaultCode, TableReader};

/// The settings of a `collect` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectSettings {
    /// Who signs.
    pub signatories: Signatories,
    /// In which order.
    pub order: CollectOrder,
    /// After how many days the collection expires.
    pub expires_days: u16,
    /// After how many days reminders go out, each once; sorted.
    pub reminder_days: Vec<u16>,
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "addresses")]
pub enum Signatories {
    /// Those whom the dossier's sidecar file (or API call) names; at least one.
    Sidecar,
    /// Always these.
    List(Vec<EmailAddress>),
}

/// In which order people sign; kept by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum CollectOrder {
    /// One after the other.
    Sequential,
    /// All at once; all must sign.
    Parallel,
    /// All at once; so many suffice.
    Of {
        /// How many.
        needed: u16,
    },
}

/// The kind `collect`.
#[derive(Debug, Clone, Copy, Default)]
pub struct CollectParser;

impl StepParser for CollectParser {
    fn kind(&self) -> &'static str {
        "collect"
    }

    fn parse(&self, table: &TableReader<'_>, _context: &StepScope<'_>) -> Option<ParsedStep> {
        let signatories = signatories(table);
        let order = order(table, signatories.as_ref());
        let expires_days = days(table.integer("expires_days", 1..=365)).unwrap_or(15);
        let reminder_days = reminders(table, expires_days);
        let settings = CollectSettings {
            signatories: signatories?,
            order: order?,
            expires_days,
            reminder_days,
        };
        Some(ParsedStep::new(&settings, Nature::Signs).needing([Right::Preparer]))
    }
}

/// `"sidecar"`, or a list of addresses.
fn signatories(table: &TableReader<'_>) -> Option<Signatories> {
    match table.type_of("signatories") {
        None => {
            table.missing("signatories", "who signs: \"sidecar\" or a list of addresses");
            None
        }
        Some("array") => listed(table),
        Some(_) => table.word("signatories", &[("sidecar", ())]).map(|()| Signatories::Sidecar),
    }
}

fn listed(table: &TableReader<'_>) -> Option<Signatories> {
    let mut addresses = Vec::new();
    for text in table.strings("signatories")? {
        match text.value.parse::<EmailAddress>() {
            Ok(address) if addresses.contains(&address) => {
                let message = format!("`{address}` signs twice");
                table.fault(FaultCode::Duplicate, text.span, message, None);
            }
            Ok(address) => addresses.push(address),
            Err(fault) => {
                table.fault(FaultCode::BadValue, text.span, fault.to_string(), None);
            }
        }
    }
    if addresses.is_empty() {
        let message = "the list of signatories is empty".to_owned();
        table.fault(FaultCode::OutOfRange, table.span_of("signatories"), message, None);
        return None;
    }
    Some(Signatories::List(addresses))
}

fn order(table: &TableReader<'_>, signatories: Option<&Signatories>) -> Option<CollectOrder> {
    let words = [
        ("sequential", CollectOrder::Sequential),
        ("parallel", CollectOrder::Parallel),
        ("n-of-m", CollectOrder::Of { needed: 0 }),
    ];
    let order = match table.has("order") {
        true => table.word("order", &words)?,
        false => CollectOrder::Sequential,
    };
    let needed = table.integer("needed", 1..=100);
    match (order, days(needed)) {
        (CollectOrder::Of { .. }, Some(needed)) => enough(table, needed, signatories),
        (CollectOrder::Of { .. }, None) => {
            if !table.has("needed") {
                table.missing("needed", "how many signatures suffice");
            }
            None
        }
        (_, Some(_)) => {
            let message = "`needed` goes with order = \"n-of-m\" only".to_owned();
            table.fault(FaultCode::BadValue, table.span_of("needed"), message, None);
            None
        }
        (order, None) => Some(order),
    }
}

fn enough(
    table: &TableReader<'_>,
    needed: u16,
    signatories: Option<&Signatories>,
) -> Option<CollectOrder> {
    if let Some(Signatories::List(addresses)) = signatories
        && usize::from(needed) > addresses.len()
    {
        let message = format!("{needed} signatures are needed, of {} people", addresses.len());
        table.fault(FaultCode::OutOfRange, table.span_of("needed"), message, None);
        return None;
    }
    Some(CollectOrder::Of { needed })
}

fn reminders(table: &TableReader<'_>, expires: u16) -> Vec<u16> {
    let Some(value) = table.json("reminder_days") else { return Vec::new() };
    let numbers = value.as_array().map(|items| {
        let day = |item: &serde_json::Value| item.as_u64().and_then(|day| u16::try_from(day).ok());
        items.iter().map(day).collect::<Option<Vec<u16>>>()
    });
    match numbers.flatten() {
        Some(mut days) if days.iter().all(|day| (1..expires).contains(day)) => {
            days.sort_unstable();
            days.dedup();
            days
        }
        _ => {
            let message =
                format!("`reminder_days` is a list of days after the start, before day {expires}");
            table.fault(FaultCode::OutOfRange, table.span_of("reminder_days"), message, None);
            Vec::new()
        }
    }
}

fn days(number: Option<i64>) -> Option<u16> {
    number.and_then(|number| u16::try_from(number).ok())
}
