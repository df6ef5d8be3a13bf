//! `plugin.toml`: what a plugin is and what it asks.

mod parse;

pub(crate) use parse::is_id;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::grant::Asked;
use crate::limits::Limits;
use crate::schema::Schema;

/// The contracts that this host runs, oldest first.
pub const CONTRACTS: &[&str] = &["1.0.0", "1.1.0"];

/// A kind of step that plugins can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Makes a new document before anything is signed.
    Prepare,
    /// Chooses one of the outcomes that the workflow declares.
    Route,
    /// Accepts or rejects.
    Validate,
    /// Tells somebody outside.
    Notify,
    /// Does something with the sealed document.
    AfterSeal,
}

impl Kind {
    /// All kinds, with the word that names each.
    pub const ALL: [(&'static str, Self); 5] = [
        ("prepare", Self::Prepare),
        ("route", Self::Route),
        ("validate", Self::Validate),
        ("notify", Self::Notify),
        ("after-seal", Self::AfterSeal),
    ];

    /// The word in manifests, workflows and package names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Route => "route",
            Self::Validate => "validate",
            Self::Notify => "notify",
            Self::AfterSeal => "after-seal",
        }
    }
}

/// A manifest that was read without fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// 1 to 60 of `a-z 0-9 -`.
    pub id: String,
    /// `MAJOR.MINOR.PATCH`.
    pub version: String,
    /// One of [`CONTRACTS`].
    pub contract: String,
    /// What kind of step it does.
    pub kind: Kind,
    /// What it is for, where it says so.
    pub description: Option<String>,
    /// File name of the component, beside the manifest.
    pub component: String,
    /// What one run gets.
    pub limits: Limits,
    /// What it asks.
    pub asked: Asked,
    /// Its settings.
    pub schema: Schema,
}

impl Manifest {
    /// Name of the file.
    pub const FILE: &'static str = "plugin.toml";
}

/// The digest that dossiers are pinned to: SHA-256 over manifest and component, each preceded by its
/// length (64 bits, big-endian), so that neither can be exchanged beneath the other.
pub fn digest(manifest: &[u8], component: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [manifest, component] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
