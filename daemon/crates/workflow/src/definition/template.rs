//! Texts with `{placeholders}`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::faults::nearest;

/// The placeholders that every dossier has: its number, the day (Europe/Paris, `2026-03-31`), the
/// société's name, the title from the sidecar (or the file's name), the file's name without `.pdf`.
pub const PLACEHOLDERS: [&str; 5] = ["dossier", "date", "societe", "title", "name"];

/// A text whose placeholders are all known. `{{` and `}}` stand for braces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Template(String);

/// Why a text is no template. Its author is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// Nothing bears this name.
    #[error("`{{{0}}}` stands for nothing here")]
    Unknown(String),
    /// A brace without its partner.
    #[error("a brace has no partner")]
    Brace,
}

impl TemplateFault {
    /// What was probably meant.
    pub fn suggestion(&self, parameters: &[String]) -> String {
        let known = || PLACEHOLDERS.into_iter().chain(parameters.iter().map(String::as_str));
        let near = match self {
            Self::Unknown(name) => nearest(name, known()),
            Self::Brace => None,
        };
        match (near, self) {
            (Some(name), _) => format!("did you mean `{{{name}}}`?"),
            (None, Self::Brace) => "write `{{` or `}}` for a brace".to_owned(),
            (None, Self::Unknown(_)) => {
                let names: Vec<String> = known().map(|name| format!("{{{name}}}")).collect();
                format!("known here: {}", names.join(" "))
            }
        }
    }
}

/// A piece of a template.
enum Piece<'t> {
    Text(&'t str),
    Placeholder(&'t str),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A placeholder that is neither fixed nor a parameter; a brace without its partner.
    pub fn parse(text: &str, parameters: &[String]) -> Result<Self, TemplateFault> {
        let known = |name: &str| {
            PLACEHOLDERS.contains(&name) || parameters.iter().any(|parameter| parameter == name)
        };
        for piece in pieces(text) {
            match piece? {
                Piece::Placeholder(name) if !known(name) => {
                    return Err(TemplateFault::Unknown(name.chars().take(60).collect()));
                }
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text with its placeholders filled in; an absent value becomes nothing.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let mut filled = String::new();
        for piece in pieces(&self.0).flatten() {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder(name) => {
                    filled.push_str(values.get(name).map_or("", String::as_str));
                }
            }
        }
        filled
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, TemplateFault>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, left) = next_piece(rest)?;
        rest = left;
        Some(piece)
    })
}

type Next<'t> = (Result<Piece<'t>, TemplateFault>, &'t str);

fn next_piece(text: &str) -> Option<Next<'_>> {
    let brace = match text.find(['{', '}']) {
        _ if text.is_empty() => return None,
        None => return Some((Ok(Piece::Text(text)), "")),
        Some(0) => 0,
        Some(brace) => return Some((Ok(Piece::Text(&text[..brace])), &text[brace..])),
    };
    let after = &text[brace + 1..];
    if let Some(escaped) = ["{{", "}}"].into_iter().find(|pair| text.starts_with(pair)) {
        return Some((Ok(Piece::Text(&escaped[..1])), &after[1..]));
    }
    Some(match after.find(['{', '}']) {
        Some(end) if text.starts_with('{') && after[end..].starts_with('}') => {
            (Ok(Piece::Placeholder(after[..end].trim())), &after[end + 1..])
        }
        _ => (Err(TemplateFault::Brace), ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, TemplateFault> {
        let parameters = ["client".to_owned()];
        let values = BTreeMap::from([
            ("name".to_owned(), "lettre".to_owned()),
            ("client".to_owned(), "C042".to_owned()),
        ]);
        Template::parse(text, &parameters).map(|template| template.fill(&values))
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(filled("{name}-{client}.pdf").as_deref(), Ok("lettre-C042.pdf"));
        assert_eq!(filled("{{{name}}} {title}é").as_deref(), Ok("{lettre} é"));
    }

    #[test]
    fn what_stands_for_nothing_is_a_fault() {
        let fault = filled("{dosier}").unwrap_err();
        assert_eq!(fault, TemplateFault::Unknown("dosier".into()));
        assert_eq!(fault.suggestion(&[]), "did you mean `{dossier}`?");
        for bad in ["{", "}", "{name", "{na{me}}", "a}b"] {
            assert_eq!(filled(bad), Err(TemplateFault::Brace), "{bad}");
        }
    }
}
