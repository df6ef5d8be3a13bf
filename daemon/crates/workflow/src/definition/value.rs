//! A definition as a value, and its hash.

use jiff::Span;
use sceau_cabinet::canonical::{canonical, sha256};
use sceau_cabinet::{Language, Rights};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kind::Nature;

/// A text in French and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in a language.
    pub fn in_language(&self, language: Language) -> &str {
        language.pick(&self.fr, &self.en)
    }
}

/// Something that a dossier may tell: by a sub-folder, a sidecar file or the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name, as sidecars and templates write it: 1 to 40 of `a-z 0-9 _`.
    pub name: String,
    /// What people read.
    pub title: Text,
    /// Whether a dossier without it is rejected.
    pub required: bool,
    /// What holds when nobody tells.
    pub default: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDefinition {
    /// Its name, unique in the workflow: 1 to 40 of `a-z 0-9 -`.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its settings with every default filled in; what the kind's own type serialises to.
    pub settings: Value,
    /// What the person in whose name the dossier runs needs.
    pub rights: Rights,
    /// What it does to the document.
    pub nature: Nature,
}

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowDefinition {
    /// The version of the form: 1.
    pub schema: u32,
    /// Its name: 1 to 40 of `a-z 0-9 -`, that of its file.
    pub name: String,
    /// What people read.
    pub title: Text,
    /// What it is for.
    pub description: Option<Text>,
    /// For how many years the sealed document and its evidence are kept and renewed.
    pub retention_years: Option<u16>,
    /// Which parameters the levels of sub-folders tell, the outermost first.
    pub subfolders: Vec<String>,
    /// What a dossier may tell.
    pub parameters: Vec<Parameter>,
    /// The steps, in their order; never empty, the last one delivers.
    pub steps: Vec<StepDefinition>,
}

impl WorkflowDefinition {
    /// The version of the form that is read.
    pub const SCHEMA: u32 = 1;
    /// Names and versions the bytes of which the hash is made.
    const FORMAT: &str = "sceau-workflow/1";

    /// The canonical bytes: RFC 8785 JSON of `{"definition": ..., "format": "sceau-workflow/1"}`.
    /// Comments, white space and the order of keys in the TOML do not count; defaults are spelled out.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let whole = serde_json::json!({ "format": Self::FORMAT, "definition": self });
        canonical(&whole).expect("invariant: every key of a definition is a string").into_bytes()
    }

    /// SHA-256 of the canonical bytes: what a dossier is pinned to.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.canonical_bytes())
    }

    /// The rights that the person in whose name a dossier runs needs, over all steps.
    pub fn rights_needed(&self) -> Rights {
        self.steps.iter().flat_map(|step| step.rights.iter().copied()).collect()
    }

    /// How long the sealed document and its evidence are kept, where the workflow says so.
    pub fn retention(&self) -> Option<Span> {
        self.retention_years.map(|years| Span::new().years(years))
    }
}
