//! `plugin`: a step that a WebAssembly component does. One effect, in a lane of its own.
//!
//! ```text
//!                         prepare: document       notify, after-seal
//! enter --plugin.run--> on ---------------> done <------------------
//!                       |  route: declared outcome --> done, or the other workflow
//!                       |  validate: `accept` --> done; anything else stops
//! ```
//!
//! Invariants: a validation that did not answer `accept` never lets the dossier go on; an outcome
//! that the workflow does not declare leads nowhere; what the plugin was (its digest) stands in the
//! step's settings, and so in the definition that the dossier is pinned to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PLUGIN_LANE;
use crate::definition::{self, PluginWork};
use crate::machine::{
    DocumentRef, Effect, Outcome, Reaction, StepContext, StepInput, StepKind, messages,
};

/// Kind of the effect.
pub const PLUGIN: &str = "plugin.run";

/// The kind `plugin`.
#[derive(Clone, Copy, Debug)]
pub struct Plugin;

/// What the runner answers, by what the plugin does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "kebab-case")]
pub enum Answered {
    /// A new document that was inspected, or none.
    Prepare {
        /// The document.
        document: Option<DocumentRef>,
        /// For the evidence.
        result: Value,
    },
    /// An outcome.
    Route {
        /// Its name.
        outcome: String,
        /// For the evidence.
        result: Value,
    },
    /// A verdict.
    Validate {
        /// The verdict.
        verdict: Verdict,
        /// What the sender reads, with the page where there is one: French and English.
        findings: Vec<(String, String)>,
        /// For the evidence.
        result: Value,
    },
    /// It was told.
    Notify {
        /// For the evidence.
        result: Value,
    },
    /// It was done.
    AfterSeal {
        /// For the evidence.
        result: Value,
    },
}

impl Answered {
    /// As the machine is told it.
    ///
    /// # Errors
    /// Its words do not serialise.
    pub fn into_value(mut self) -> serde_json::Result<Value> {
        // What may be large is moved, not copied.
        let result = self.result().take();
        let mut value = serde_json::to_value(self)?;
        value["result"] = result;
        Ok(value)
    }

    fn result(&mut self) -> &mut Value {
        match self {
            Self::Prepare { result, .. }
            | Self::Route { result, .. }
            | Self::Validate { result, .. }
            | Self::Notify { result }
            | Self::AfterSeal { result } => result,
        }
    }
}

/// A validation's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// On.
    Accept,
    /// Back to the sender.
    Reject,
    /// A person looks at it.
    Review,
}

impl StepKind for Plugin {
    fn kind(&self) -> &'static str {
        "plugin"
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let effect = Effect {
            lane: PLUGIN_LANE.to_owned(),
            kind: PLUGIN.to_owned(),
            payload: context.settings.clone(),
        };
        // It waits for one outcome only: no state of its own to record.
        Reaction::ask(Value::Null, effect)
    }

    fn on(&self, context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        let StepInput::Outcome { outcome, .. } = input else {
            return Reaction::wait(state.clone(), Vec::new());
        };
        match outcome {
            Outcome::Failed { failure } => Reaction::failed(failure.clone()),
            Outcome::Done { value } => answered(context, value).unwrap_or_else(|error| {
                Reaction::failed(messages::unexpected(context.step_id, error.to_string()))
            }),
        }
    }
}

/// Of [`definition::PluginSettings`], what an answer is held against.
#[derive(Deserialize)]
struct Expected {
    does: PluginWork,
    #[serde(default)]
    outcomes: BTreeMap<String, definition::Outcome>,
}

fn answered(context: &StepContext<'_>, value: &Value) -> Result<Reaction, serde_json::Error> {
    let settings = Expected::deserialize(context.settings)?;
    let answer = Answered::deserialize(value)?;
    Ok(match (settings.does, answer) {
        (PluginWork::Prepare, Answered::Prepare { document, result }) => {
            Reaction::done(document, result)
        }
        (PluginWork::Route, Answered::Route { outcome, result }) => {
            routed(context, &settings, &outcome, result)
        }
        (PluginWork::Validate, Answered::Validate { verdict, findings, result }) => {
            let failure = match verdict {
                Verdict::Accept => return Ok(Reaction::done(None, result)),
                Verdict::Reject => messages::validation_rejected(&findings),
                Verdict::Review => messages::validation_review(context.step_id, &findings),
            };
            Reaction::failed(failure.with_result(result))
        }
        (PluginWork::Notify, Answered::Notify { result })
        | (PluginWork::AfterSeal, Answered::AfterSeal { result }) => Reaction::done(None, result),
        (does, _) => {
            let detail = format!("a plugin that does {} answered as another", does.word());
            Reaction::failed(messages::unexpected(context.step_id, detail))
        }
    })
}

fn routed(
    context: &StepContext<'_>,
    settings: &Expected,
    outcome: &str,
    result: Value,
) -> Reaction {
    match settings.outcomes.get(outcome) {
        Some(definition::Outcome::Continue) => Reaction::done(None, result),
        Some(definition::Outcome::Elsewhere(to)) => Reaction::route(to.clone(), result),
        None => Reaction::failed(messages::outcome_undeclared(context.step_id, outcome)),
    }
}
