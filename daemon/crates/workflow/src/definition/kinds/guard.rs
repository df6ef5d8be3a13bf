//! What a step does about a document whose reading could change after it was signed.

use serde::{Deserialize, Serialize};

use crate::faults::TableReader;

/// What is done about hidden layers, overlays, hidden objects and the like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The document is rejected.
    Refuse,
    /// The dossier goes on, and its evidence tells what was found.
    Warn,
    /// Nobody looks.
    #[default]
    Allow,
}

impl Guard {
    /// The key `guard` of a step; absent: nobody looks.
    pub(super) fn parse(table: &TableReader<'_>) -> Self {
        let words = [("refuse", Self::Refuse), ("warn", Self::Warn), ("allow", Self::Allow)];
        table.word("guard", &words).unwrap_or_default()
    }

    // Serde hands a reference to whoever decides what is left out.
    pub(super) fn is_allow(&self) -> bool {
        *self == Self::Allow
    }
}
