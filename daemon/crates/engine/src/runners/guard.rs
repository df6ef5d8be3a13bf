//! What a document holds that could change its reading after it was signed.

use sceau_pdf::{Danger, Document, ScanBounds, inspect};
use sceau_workflow::definition::Guard;

use crate::runner::RunResult;
use crate::sentences;

/// What could change the document's reading after it was signed; refused where the workflow says so.
pub(super) fn guard(document: &Document<'_>, guard: Guard) -> Result<Vec<Danger>, RunResult> {
    if guard == Guard::Allow {
        return Ok(Vec::new());
    }
    let refused = |words: &str, detail: String| {
        Err(RunResult::Failed(sentences::active_content(words).with_detail(detail)))
    };
    let inspection = match inspect(document, &ScanBounds::default()) {
        Ok(inspection) => inspection,
        Err(error) if error.fault() == sceau_pdf::Fault::Medium => {
            return Err(sentences::again(error));
        }
        Err(error) => return refused("?", error.to_string()),
    };
    let dangers = inspection.dangers();
    if guard == Guard::Warn || dangers.is_empty() {
        return Ok(dangers);
    }
    let mut words: Vec<&str> = dangers.iter().map(|danger| danger.word.as_str()).collect();
    words.dedup();
    let places: Vec<String> =
        dangers.iter().map(|danger| format!("{}: {}", danger.word, danger.place)).collect();
    refused(&words.join(", "), places.join("; "))
}
