//! A plugin's new document, taken once it was looked at ([`refusal`]).

use sceau_workflow::machine::DocumentRef;

use super::super::Workshop;
use crate::documents::{OpenDocument, keep};
use crate::plugins::refusal;
use crate::runner::{Job, RunResult};
use crate::sentences;

/// The document as a blob, once it was looked at.
pub(super) fn accept(
    shop: &Workshop,
    job: &Job,
    plugin: &str,
    bytes: &[u8],
) -> Result<DocumentRef, RunResult> {
    let refused = |why: String| RunResult::Failed(sentences::plugin_output(plugin, &why));
    let base = OpenDocument::open(&shop.blobs, &job.dossier.document)
        .map_err(|error| sentences::disk(&error))?;
    if let Some(why) = refusal(&base, &bytes) {
        return Err(refused(why));
    }
    let made = keep(&shop.blobs, bytes).map_err(|error| sentences::disk(&error))?;
    sceau_disk::boundary!("engine.plugin.blob-written");
    Ok(made)
}
