//! `plugin`: a step that a WebAssembly component does.

use std::collections::BTreeMap;

use sceau_cabinet::SocieteId;
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
    /// What kind of step the plugin does.
    pub does: PluginWork,
    /// What the plugin itself reads; checked against its own schema.
    pub settings: Value,
    /// Where each outcome leads; of `route` only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<String, Outcome>,
    /// What happens when it fails.
    pub on_failure: OnFailure,
    /// SHA-256 of manifest and component, in hexadecimal: what dossiers are pinned to. Filled in when
    /// the workflow is taken up, from what is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// What kind of step a plugin does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginWork {
    /// Makes a new document, before anything is signed.
    Prepare,
    /// Chooses one of the outcomes.
    Route,
    /// Accepts or rejects.
    Validate,
    /// Tells somebody outside.
    Notify,
    /// Does something with the sealed document.
    AfterSeal,
}

impl PluginWork {
    const WORDS: [(&'static str, Self); 5] = [
        ("prepare", Self::Prepare),
        ("route", Self::Route),
        ("validate", Self::Validate),
        ("notify", Self::Notify),
        ("after-seal", Self::AfterSeal),
    ];

    /// The word in workflow files and manifests.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, work)| *work == self).map_or("", |(word, _)| *word)
    }

    fn nature(self) -> Nature {
        match self {
            Self::Prepare => Nature::Rewrites,
            _ => Nature::Neutral,
        }
    }
}

/// Where an outcome of `route` leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// To the next step.
    Continue,
    /// To the first step of another workflow, whose rights are asked for anew.
    #[serde(untagged)]
    Elsewhere(Destination),
}

/// The workflow to which an outcome leads, and in whose name it runs there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Name of the other workflow.
    pub workflow: String,
    /// The société in whose name the dossier goes on; where none is named, in whose name it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub societe: Option<SocieteId>,
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
        let does = does(table);
        let settings = settings(table);
        let outcomes = outcomes(table, does);
        let words = [("retry", OnFailure::Retry), ("stop", OnFailure::Stop)];
        let on_failure = table.word("on_failure", &words).unwrap_or(OnFailure::Stop);
        let plugin = plugin.and_then(|read| {
            checked(table, read, "the id of a plugin: 1 to 60 of a-z, 0-9 and -", is_id)
        });
        let version = version
            .and_then(|read| checked(table, read, "a version: MAJOR.MINOR.PATCH", is_version));
        let does = does?;
        let settings = PluginSettings {
            plugin: plugin?,
            version: version?,
            does,
            settings,
            outcomes: outcomes?,
            on_failure,
            digest: None,
        };
        Some(ParsedStep::new(&settings, does.nature()))
    }
}

fn does(table: &TableReader<'_>) -> Option<PluginWork> {
    let read = table.need_string("does", "the plugin's kind: \"validate\", \"route\", ...")?;
    table.one_of(&read, &PluginWork::WORDS)
}

/// `outcomes = { fiscal = "continue", plaquettes = { workflow = "plaquette", societe = "dupont" } }`.
fn outcomes(
    table: &TableReader<'_>,
    does: Option<PluginWork>,
) -> Option<BTreeMap<String, Outcome>> {
    let routes = does == Some(PluginWork::Route);
    if !table.has("outcomes") {
        if routes {
            table.missing("outcomes", "{ one = \"continue\", other = { workflow = \"NAME\" } }");
        }
        return (!routes).then(BTreeMap::new);
    }
    let span = table.span_of("outcomes");
    let fault = |message: String| table.fault(FaultCode::BadValue, span.clone(), message, None);
    if does.is_some() && !routes {
        fault("only a step that does `route` has outcomes".to_owned());
        return None;
    }
    table.table("outcomes")?;
    let Some(Value::Object(map)) = table.json("outcomes") else { return None };
    let mut outcomes = BTreeMap::new();
    for (name, value) in &map {
        match outcome(value) {
            Some(outcome) if is_id(name) => drop(outcomes.insert(name.clone(), outcome)),
            Some(_) => fault(format!("the outcome `{name}` is not 1 to 60 of a-z, 0-9 and -")),
            None => fault(format!(
                "the outcome `{name}` leads to \"continue\", to {{ workflow = \"NAME\" }} or to \
                 {{ workflow = \"NAME\", societe = \"CODE\" }}"
            )),
        }
    }
    (outcomes.len() == map.len() && !map.is_empty()).then_some(outcomes)
}

fn outcome(value: &Value) -> Option<Outcome> {
    match value {
        Value::String(word) if word == "continue" => Some(Outcome::Continue),
        Value::Object(_) => Destination::deserialize(value).ok().map(Outcome::Elsewhere),
        _ => None,
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
