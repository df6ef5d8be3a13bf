//! The look at a document before it is signed.

use std::io::{self, Write};

use sceau_pdf::{Danger, Document, Fault, Limits, ScanBounds, inspect};

use super::failure::Failure;
use crate::file_source::FileSource;

/// Most dangers that are named.
const MAX_NAMED: usize = 12;

/// What is done about a document that holds what could change its reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Guard {
    /// It is refused.
    Refuse,
    /// It is signed, with a warning.
    Warn,
    /// Nobody looks.
    Allow,
}

/// Looks, where that is wanted; a document that cannot be looked at is left to the signing itself.
pub(super) fn look(source: &FileSource, guard: Guard) -> Result<(), Failure> {
    if guard == Guard::Allow {
        return Ok(());
    }
    let Ok(document) = Document::open(source, &Limits::default()) else { return Ok(()) };
    if document.is_encrypted() {
        return Ok(());
    }
    match inspect(&document, &ScanBounds::default()) {
        Ok(inspection) => judge(&inspection.dangers(), guard),
        Err(error) if error.fault() == Fault::Medium => Ok(()),
        Err(error) if guard == Guard::Refuse => Err(Failure::Refused(error.to_string())),
        Err(error) => {
            warn(&error.to_string());
            Ok(())
        }
    }
}

fn judge(dangers: &[Danger], guard: Guard) -> Result<(), Failure> {
    if dangers.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = dangers
        .iter()
        .take(MAX_NAMED)
        .map(|danger| format!("{} ({})", danger.word, danger.place))
        .collect();
    let text = format!("the document holds what can change its reading: {}", named.join(", "));
    if guard == Guard::Refuse {
        return Err(Failure::Refused(format!("{text}; `sceau inspect` tells all of it")));
    }
    warn(&text);
    Ok(())
}

fn warn(text: &str) {
    // Nobody reads standard error any more: the signature is wanted all the same.
    let _ = writeln!(io::stderr(), "sceau sign: warning: {text}");
}
