//! `prepare`: what needs no person (refuse active content, stamp, attach). One effect.

use serde::Deserialize;
use serde_json::{Value, json};

use super::CPU_LANE;
use crate::machine::{
    DocumentRef, Effect, Outcome, Reaction, StepContext, StepInput, StepKind, messages,
};

/// Kind of the effect.
pub const PREPARE: &str = "prepare.run";

/// The kind `prepare`.
#[derive(Clone, Copy, Debug)]
pub struct Prepare;

/// What the runner answers.
#[derive(Deserialize)]
struct Prepared {
    document: Option<DocumentRef>,
    result: Value,
}

impl StepKind for Prepare {
    fn kind(&self) -> &'static str {
        "prepare"
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let effect = Effect {
            lane: CPU_LANE.to_owned(),
            kind: PREPARE.to_owned(),
            payload: context.settings.clone(),
        };
        Reaction::ask(json!({ "stage": "preparing" }), effect)
    }

    fn on(&self, context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        match input {
            StepInput::Outcome { outcome: Outcome::Done { value }, .. } => {
                match serde_json::from_value::<Prepared>(value.clone()) {
                    Ok(prepared) => Reaction::done(prepared.document, prepared.result),
                    Err(error) => {
                        Reaction::failed(messages::unexpected(context.step_id, error.to_string()))
                    }
                }
            }
            StepInput::Outcome { outcome: Outcome::Failed { failure }, .. } => {
                Reaction::failed(failure.clone())
            }
            _ => Reaction::wait(state.clone(), Vec::new()),
        }
    }
}
