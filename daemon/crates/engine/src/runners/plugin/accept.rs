//! Whether a plugin's new document is taken: it is a PDF that opens, what was signed is untouched,
//! and it holds no active content that was not there before.

use std::collections::BTreeSet;

use sceau_pdf::{ActiveKind, ByteSource, Document, Limits, ScanBounds, active_content};
use sceau_workflow::machine::DocumentRef;

use super::super::Workshop;
use crate::documents::{OpenDocument, keep};
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
    look(&base, &bytes).map_err(refused)?;
    let made = keep(&shop.blobs, bytes).map_err(|error| sentences::disk(&error))?;
    sceau_disk::boundary!("engine.plugin.blob-written");
    Ok(made)
}

/// Why a new document is not taken, if it is not.
fn look(before: &dyn ByteSource, after: &dyn ByteSource) -> Result<(), String> {
    let limits = Limits::default();
    let old = Document::open(before, &limits).map_err(|error| error.to_string())?;
    let new =
        Document::open(after, &limits).map_err(|error| format!("it does not open: {error}"))?;
    if new.is_repaired() && !old.is_repaired() {
        return Err("its cross-reference table is broken".to_owned());
    }
    let pages = new.page_count().map_err(|error| error.to_string())?;
    if pages == 0 {
        return Err("it has no page".to_owned());
    }
    if signatures(&old)? > 0 && !begins_with(after, before)? {
        return Err("bytes that were signed are changed".to_owned());
    }
    if signatures(&new)? != signatures(&old)? {
        return Err("it adds or takes away signatures".to_owned());
    }
    let (had, has) = (active(&old)?, active(&new)?);
    let added: Vec<String> = has.difference(&had).map(|kind| format!("{kind:?}")).collect();
    if !added.is_empty() {
        return Err(format!("it adds active content: {}", added.join(", ")));
    }
    Ok(())
}

fn signatures(document: &Document<'_>) -> Result<usize, String> {
    let fields = document.signature_fields().map_err(|error| error.to_string())?;
    Ok(fields.iter().filter(|field| field.value.is_some()).count())
}

fn active(document: &Document<'_>) -> Result<BTreeSet<ActiveKind>, String> {
    let found = active_content(document, &ScanBounds::default());
    Ok(found.map_err(|error| error.to_string())?.into_iter().map(|found| found.kind).collect())
}

/// Whether `longer` begins with all bytes of `base`: an incremental update.
fn begins_with(longer: &dyn ByteSource, base: &dyn ByteSource) -> Result<bool, String> {
    if longer.len() < base.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut at = 0;
    while at < base.len() {
        let count = usize::try_from(base.len() - at).map_or(left.len(), |n| n.min(left.len()));
        longer.read_at(at, &mut left[..count]).map_err(|error| error.to_string())?;
        base.read_at(at, &mut right[..count]).map_err(|error| error.to_string())?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
        at += count as u64;
    }
    Ok(true)
}
