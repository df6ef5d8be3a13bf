//! `plugin`: a step that a WebAssembly component does.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::definition::kind::{Nature, ParsedStep, StepParser, StepScope};
use crate::faults::{FaultCode, Read, TableReader};

/// The settings of a `plugin` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginSettings {
    /// Which plugin: 1 to 60 of `a-z 0-9 -`.
    pub plugin: String,
    /// Which version: `MAJOR.MINOR.PATCH`.
    pub version: String,
    /// What the plugin itself reads; checked against its own schema.
    pub settings: Value,
    /// What happens when it fails.
    pub on_failure: OnFailure,
}

/// What happens when a plugin fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Tried again with growing pauses, then a person is needed.
    Retry,
    /// The dossier stops, and a person is needed.
    Stop,
}

/// The kind `plugin`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PluginParser;

impl StepParser for PluginParser {
    fn kind(&self) -> &'static str {
        "plugin"
    }

    fn parse(&self, table: &TableReader<'_>, _context: &StepScope<'_>) -> Option<ParsedStep> {
        let plugin = table.need_string("plugin", "the plugin's id");
        let version = table.need_string("version", "the plugin's version: \"1.2.0\"");
        let settings = settings(table);
        let words = [("retry", OnFailure::Retry), ("stop", OnFailure::Stop)];
        let on_failure = table.word("on_failure", &words).unwrap_or(OnFailure::Stop);
        let plugin = plugin.and_then(|read| {
            checked(table, read, "the id of a plugin: 1 to 60 of a-z, 0-9 and -", is_id)
        });
        let version = version
            .and_then(|read| checked(table, read, "a version: MAJOR.MINOR.PATCH", is_version));
        let settings = PluginSettings { plugin: plugin?, version: version?, settings, on_failure };
        Some(ParsedStep::new(&settings, Nature::Neutral))
    }
}

fn settings(table: &TableReader<'_>) -> Value {
    let empty = || Value::Object(serde_json::Map::new());
    match table.type_of("settings") {
        Some("table") => table.json("settings").unwrap_or_else(empty),
        None => empty(),
        Some(_) => table.table("settings").map_or_else(empty, |_| empty()),
    }
}

fn checked(
    table: &TableReader<'_>,
    read: Read<String>,
    what: &str,
    good: fn(&str) -> bool,
) -> Option<String> {
    if good(&read.value) {
        return Some(read.value);
    }
    let text: String = read.value.chars().take(60).collect();
    table.fault(FaultCode::BadValue, read.span, format!("`{text}` is not {what}"), None);
    None
}

fn is_id(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=60).contains(&text.len()) && text.bytes().all(plain)
}

fn is_version(text: &str) -> bool {
    let number =
        |part: &str| (1..=9).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
    text.split('.').count() == 3 && text.split('.').all(number)
}
