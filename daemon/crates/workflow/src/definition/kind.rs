//! Kinds of steps: the small trait behind which each kind parses its own settings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sceau_cabinet::Rights;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::Template;
use crate::faults::{FaultCode, Read, TableReader};

/// What a step does to the document; the order of steps is checked by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Writes the document anew: only before anything is signed.
    Rewrites,
    /// Signs or seals: everything after it only appends.
    Signs,
    /// Hands the result over: the last step, and only one.
    Delivers,
    /// Does nothing to the document.
    Neutral,
}

/// What a parser makes of a step's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedStep {
    /// The settings, with every default filled in.
    pub settings: Value,
    /// What the person in whose name the dossier runs needs.
    pub rights: Rights,
    /// What the step does to the document.
    pub nature: Nature,
}

impl ParsedStep {
    /// A step with these settings, that needs no right.
    pub fn new<T: Serialize>(settings: &T, nature: Nature) -> Self {
        let settings = serde_json::to_value(settings)
            .expect("invariant: every key of a step's settings is a string");
        Self { settings, rights: Rights::new(), nature }
    }

    /// The same step, needing these rights.
    #[must_use]
    pub fn needing(mut self, rights: impl IntoIterator<Item = sceau_cabinet::Right>) -> Self {
        self.rights.extend(rights);
        self
    }
}

/// What a parser knows of the workflow around its step.
#[derive(Debug, Clone, Copy)]
pub struct StepScope<'a> {
    /// The names of the workflow's parameters.
    pub parameters: &'a [String],
}

impl StepScope<'_> {
    /// Reads a template, whose placeholders are the fixed ones and the workflow's parameters.
    pub fn template(&self, from: &TableReader<'_>, text: Read<String>) -> Option<Template> {
        match Template::parse(&text.value, self.parameters) {
            Ok(template) => Some(template),
            Err(fault) => {
                let help = fault.suggestion(self.parameters);
                from.fault(FaultCode::UnknownName, text.span, fault.to_string(), Some(help));
                None
            }
        }
    }
}

/// A kind of step, as far as its definition goes.
pub trait StepParser: Send + Sync {
    /// The word after `kind =`.
    fn kind(&self) -> &'static str;

    /// Reads the step's own keys (`kind` and `id` are read already, unknown keys are noted by the
    /// caller). `None` when a fault was noted that leaves nothing to go on with.
    fn parse(&self, table: &TableReader<'_>, context: &StepScope<'_>) -> Option<ParsedStep>;
}

/// The kinds that are known.
#[derive(Clone, Default)]
pub struct StepParsers(BTreeMap<&'static str, Arc<dyn StepParser>>);

impl StepParsers {
    /// The kinds of this version: prepare, seal, deliver, collect, plugin.
    pub fn standard() -> Self {
        use super::kinds::{CollectParser, DeliverParser, PluginParser, PrepareParser, SealParser};
        Self::default()
            .with(PrepareParser)
            .with(SealParser)
            .with(DeliverParser)
            .with(CollectParser)
            .with(PluginParser)
    }

    /// The set with one more kind; a kind of the same name is replaced.
    #[must_use]
    pub fn with(mut self, parser: impl StepParser + 'static) -> Self {
        self.0.insert(parser.kind(), Arc::new(parser));
        self
    }

    /// The kind of that name.
    pub fn get(&self, kind: &str) -> Option<&dyn StepParser> {
        self.0.get(kind).map(AsRef::as_ref)
    }

    /// The names of all kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl fmt::Debug for StepParsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
