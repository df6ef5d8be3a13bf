//! The three rights of a délégation.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person may be allowed to do for a société.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Sign on behalf of the expert-comptable, with one's own nominative certificate.
    /// It needs a complete enregistrement.
    Signer,
    /// Apply the seal of the société (a legal person's certificate, EN 319 412-3).
    Sceller,
    /// Prepare and launch a collection of signatures.
    Preparer,
}

impl Right {
    /// All rights, in their canonical order.
    pub const ALL: [Self; 3] = [Self::Signer, Self::Sceller, Self::Preparer];

    /// The word used on the command line, in CSV files and in stored records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Sceller => "sceller",
            Self::Preparer => "preparer",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Right {
    type Err = String;

    /// Accepts the French word with or without accent, in any case; the error is the text.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "signer" => Ok(Self::Signer),
            "sceller" => Ok(Self::Sceller),
            "preparer" | "préparer" => Ok(Self::Preparer),
            other => Err(other.chars().take(64).collect()),
        }
    }
}

/// A set of rights.
pub type Rights = BTreeSet<Right>;
