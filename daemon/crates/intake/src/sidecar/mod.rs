//! The sidecar of a document: `x.toml`, `x.json`, `x.pdf.toml` or `x.pdf.json` beside `x.pdf`.
//!
//! ```toml
//! title = "Plaquette 2025 - SARL Dupont"
//! societe = "dupont"                # within the folder's allow-list
//!
//! [[signatories]]
//! name = "Jeanne Martin"
//! email = "jeanne@example.fr"
//! role = "gérante"                  # optional, as are phone and language
//!
//! [parameters]
//! exercice = 2025
//! ```
//!
//! Both forms become one small tree whose values know their line (`tree`), and one reader takes
//! it (`read`); all faults are gathered. A sidecar is at most [`MAX_LEN`] bytes.

mod json;
pub mod pair;
mod read;
mod toml;
mod tree;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::notes::Text;

/// The longest sidecar that is read, in bytes.
pub const MAX_LEN: u64 = 256 * 1024;

/// The most signatories one sidecar may name.
pub const MAX_SIGNATORIES: usize = 200;

/// The most faults that are listed.
const MAX_FAULTS: usize = 50;

/// What a sidecar says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sidecar {
    /// The document's title.
    pub title: Option<String>,
    /// The société, within the folder's allow-list.
    pub societe: Option<String>,
    /// Who signs, in the file's order.
    pub signatories: Vec<Signatory>,
    /// Parameters of the workflow: text as it is, numbers and booleans as they were written.
    pub parameters: BTreeMap<String, String>,
}

/// One who signs. An erasable detail: never in events, logs or notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Full name.
    pub name: String,
    /// Address of his e-mail.
    pub email: String,
    /// In what quality he signs.
    pub role: Option<String>,
    /// His telephone, for codes by SMS.
    pub phone: Option<String>,
    /// The language he is written to (`fr`, `en`).
    pub language: Option<String>,
}

/// How a sidecar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// TOML 1.1.
    Toml,
    /// JSON (RFC 8259).
    Json,
}

/// One fault of a sidecar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong, without the line.
    pub text: Text,
}

impl Fault {
    /// The fault with its line, for a note.
    #[must_use]
    pub fn told(&self) -> Text {
        let Self { line, text } = self;
        Text::new(format!("ligne {line} : {}", text.fr), format!("line {line}: {}", text.en))
    }
}

/// Reads a sidecar; `societes` is the folder's allow-list.
///
/// # Errors
/// All its faults (up to 50), in the order of their lines: the fault of who wrote the file.
pub fn parse(bytes: &[u8], form: Form, societes: &[String]) -> Result<Sidecar, Vec<Fault>> {
    let mut faults = Vec::new();
    let sidecar = match text_of(bytes) {
        Ok(text) => {
            let tree = match form {
                Form::Toml => toml::tree(text, &mut faults),
                Form::Json => json::tree(text, &mut faults),
            };
            tree.map(|tree| read::sidecar(&tree, societes, &mut faults))
        }
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    match sidecar {
        Some(sidecar) if faults.is_empty() => Ok(sidecar),
        _ => Err(in_order(faults)),
    }
}

fn in_order(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| fault.line);
    faults.truncate(MAX_FAULTS);
    faults
}

/// The text without a byte order mark (Windows' Notepad may write one).
fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() as u64 > MAX_LEN {
        let text = Text::new(
            format!("la fiche dépasse {} Kio", MAX_LEN / 1024),
            format!("the sidecar exceeds {} KiB", MAX_LEN / 1024),
        );
        return Err(Fault { line: 1, text });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let line = tree::Lines::of(bytes).at(error.valid_up_to());
            let text = Text::new(
                "ce n'est pas de l'UTF-8 : enregistrez la fiche en UTF-8",
                "this is not UTF-8: save the sidecar as UTF-8",
            );
            Err(Fault { line, text })
        }
    }
}

#[cfg(test)]
mod tests;
