//! `deliver`: the document and its evidence file go back to where it came from; a renewed document
//! likewise, beside the one before.

use sceau_cabinet::Channel;
use serde_json::{Value, json};

use crate::machine::{Effect, Outcome, Reaction, StepContext, StepInput, StepKind, messages};

/// Kind of the effect.
pub const DELIVER: &str = "deliver.put";

/// Lane of deliveries that no folder waits for.
pub fn api_lane() -> String {
    "deliver".to_owned()
}

/// The kind `deliver`.
#[derive(Clone, Copy, Debug)]
pub struct Deliver;

impl StepKind for Deliver {
    fn kind(&self) -> &'static str {
        "deliver"
    }

    fn renews(&self) -> bool {
        true
    }

    fn enter(&self, context: &StepContext<'_>) -> Reaction {
        let lane = match &context.dossier.received.origin.channel {
            Channel::Folder(name) => messages::folder_lane(name),
            _ => api_lane(),
        };
        let effect = Effect { lane, kind: DELIVER.to_owned(), payload: context.settings.clone() };
        Reaction::ask(json!({ "stage": "delivering" }), effect)
    }

    fn on(&self, _context: &StepContext<'_>, state: &Value, input: StepInput<'_>) -> Reaction {
        match input {
            StepInput::Outcome { outcome: Outcome::Done { value }, .. } => {
                let kept = value.get("evidence").cloned().map(serde_json::from_value);
                let kept = kept.and_then(Result::ok).into_iter().collect();
                Reaction::done_keeping(None, kept, value.clone())
            }
            StepInput::Outcome { outcome: Outcome::Failed { failure }, .. } => {
                Reaction::failed(failure.clone())
            }
            _ => Reaction::wait(state.clone(), Vec::new()),
        }
    }
}
