//! A kind that workflows may name and that this version does not run: the dossier stops and says
//! so, and nothing is lost.

use serde_json::Value;

use crate::machine::{Reaction, StepContext, StepInput, StepKind, messages};

/// The kind of the given name.
#[derive(Clone, Copy, Debug)]
pub struct Unavailable(pub &'static str);

impl StepKind for Unavailable {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn enter(&self, _context: &StepContext<'_>) -> Reaction {
        Reaction::failed(messages::kind_unavailable(self.0))
    }

    fn on(&self, _context: &StepContext<'_>, _state: &Value, _input: StepInput<'_>) -> Reaction {
        Reaction::failed(messages::kind_unavailable(self.0))
    }
}
