//! API tokens: who calls over HTTP.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::canonical::{hex32, sha256};
use crate::ids::{PersonId, TokenId};

/// What a token opens. It never opens more than its person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Hand in documents.
    Submit,
    /// Read one's own dossiers.
    Read,
    /// Ask for the verification of a document.
    Verify,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Submit, Self::Read, Self::Verify];

    /// The word used on the command line and in stored records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Verify => "verify",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scope| scope.word() == text).ok_or_else(|| text.to_owned())
    }
}

/// A token as it is stored: only the SHA-256 of its secret is known (the secret has 256 random bits,
/// so that a plain hash suffices).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Names the token; not secret.
    pub id: TokenId,
    /// For whom the token acts.
    pub person: PersonId,
    /// SHA-256 of the secret.
    #[serde(with = "hex32")]
    pub hash: [u8; 32],
    /// What it opens.
    pub scopes: BTreeSet<Scope>,
    /// What it is for, in a few words; tells nothing about a person.
    pub purpose: String,
    /// From when on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// What a token's secret begins with, so that scanners for leaked secrets know it.
    pub const PREFIX: &str = "sceau_";

    /// The secret text made of 32 random bytes: the prefix and 64 hexadecimal digits.
    pub fn secret(random: &[u8; 32]) -> String {
        format!("{}{}", Self::PREFIX, hex::encode(random))
    }

    /// SHA-256 of a secret's text: what is stored, and what [`crate::Registry::token_by_hash`]
    /// looks for.
    pub fn hash_of(secret: &str) -> [u8; 32] {
        sha256(secret.as_bytes())
    }

    /// Whether the token was good at that moment, its account apart.
    pub fn is_good(&self, at: Timestamp) -> bool {
        self.created_at <= at
            && self.revoked_at.is_none_or(|end| at < end)
            && self.expires_at.is_none_or(|end| at < end)
    }
}
