//! A kind that workflows may name and that this version does not run: the dossier stops and says
//! so, and nothing is lost.

use sceau_cabinet::Right;
use serde_json::Value;

use crate::machine::{Reaction, StepContext, StepInput, StepKind, messages};

/// A kind by its name, and the rights that it will need: they are asked for at intake already.
#[derive(Clone, Copy, Debug)]
pub struct Unavailable {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// What the account must be allowed to do.
    pub rights: &'static [Right],
}

impl StepKind for Unavailable {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn rights(&self, _settings: &Value) -> Vec<Right> {
        self.rights.to_vec()
    }

    fn enter(&self, _context: &StepContext<'_>) -> Reaction {
        Reaction::failed(messages::kind_unavailable(self.kind))
    }

    fn on(&self, _context: &StepContext<'_>, _state: &Value, _input: StepInput<'_>) -> Reaction {
        Reaction::failed(messages::kind_unavailable(self.kind))
    }
}
