//! `sceau:filing`: a document of this step into a directory that the operator named. The plugin names
//! directory and path; bytes go from the host's document to the host's directory.

use super::{Ctx, clean};
use crate::bindings::sceau::filing::filing::{Filed, FilingError, Host};
use crate::limits::{LONGEST_NAME, MOST_FILED, MOST_NAMES};
use crate::ports::{self, FilingOrder};

impl Host for Ctx {
    fn put(
        &mut self,
        document: String,
        directory: String,
        path: Vec<String>,
    ) -> wasmtime::Result<Result<Filed, FilingError>> {
        let detail = format!("{} {}", clean(&directory), clean(&path.join("/")));
        self.call("filing.put", || detail, |ctx| ctx.put_checked(&document, &directory, &path))
    }
}

impl Ctx {
    fn put_checked(
        &mut self,
        document: &str,
        directory: &str,
        path: &[String],
    ) -> Result<Filed, FilingError> {
        if !self.rights.directory(directory) {
            self.refuse("filing");
            return Err(FilingError::Denied(clean(directory)));
        }
        if self.filed >= MOST_FILED {
            return Err(FilingError::TooMany);
        }
        self.filed += 1;
        names(path).map_err(|part| FilingError::Invalid(clean(part)))?;
        let document = self.world.documents.open(document).ok_or(FilingError::NotFound)?;
        let (directory, path, deadline) = (directory.to_owned(), path.to_vec(), self.deadline);
        let filed = self.world.filing.put(FilingOrder { document, directory, path, deadline })?;
        Ok(match filed {
            ports::Filed::Written => Filed::Written,
            ports::Filed::Already => Filed::Already,
        })
    }
}

/// Whether all parts can be names, on our file systems and on the shares of others; the first that
/// cannot.
fn names(path: &[String]) -> Result<(), &str> {
    if path.is_empty() || path.len() > MOST_NAMES {
        return Err("the path has no name, or too many");
    }
    path.iter().find(|part| !is_name(part)).map_or(Ok(()), |part| Err(part))
}

fn is_name(part: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let forbidden = |c: char| r#"/\:*?"<>|"#.contains(c) || hidden(c);
    (1..=LONGEST_NAME).contains(&part.len())
        && !part.starts_with(['.', ' '])
        && !part.ends_with(['.', ' '])
        && !part.contains(forbidden)
        && !is_device(part)
}

/// Names that Windows keeps for devices, whatever follows the full stop.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |word: &str| {
        stem.strip_prefix(word).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

impl From<ports::FilingError> for FilingError {
    fn from(error: ports::FilingError) -> Self {
        match error {
            ports::FilingError::Exists => Self::Exists,
            ports::FilingError::Unavailable(why) => Self::Unavailable(why),
            ports::FilingError::Other(why) => Self::Other(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_name_everywhere_is_one() {
        for good in ["a", "Bilan été 2025.pdf", "2026", "a..b", "console", "COM10", "-rf", "l'an"]
        {
            assert!(is_name(good), "{good:?}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        for bad in [
            "",
            ".",
            "..",
            "...",
            ".ssh",
            "a/b",
            "/etc",
            "a\\b",
            "a\0b",
            "a\nb",
            "a:b",
            "C:",
            "a ",
            "a.",
            " a",
            "nul",
            "NUL.pdf",
            "com1.pdf",
            "lpt9",
            "a\u{202e}fdp",
            "a\u{200b}",
            "what?",
            "*",
            &long,
        ] {
            assert!(!is_name(bad), "{bad:?}");
        }
        let path = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&path(&["dupont", "2026", "a.pdf"])), Ok(()));
        assert_eq!(names(&path(&["dupont", "..", "a.pdf"])), Err(".."));
        assert!(names(&[]).is_err());
        assert!(names(&path(&["a"; MOST_NAMES + 1])).is_err());
    }
}
