//! The one document that a step's plugin may read, as the `pdf` room reads it.

use std::time::Instant;

use sceau_plugin_host::ports::{Document, Documents};
use sceau_store::BlobStore;
use sceau_workflow::machine::DocumentRef;

use crate::documents::OpenDocument;
use crate::plugins::PdfDocument;
use crate::runner::Job;

/// The id of the dossier's document.
pub(super) const DOCUMENT: &str = "document";

pub(super) struct StepDocuments {
    blobs: BlobStore,
    document: DocumentRef,
    name: String,
    deadline: Instant,
}

impl StepDocuments {
    /// `deadline` is the end of the step.
    pub(super) fn new(blobs: &BlobStore, job: &Job, deadline: Instant) -> Self {
        Self {
            blobs: blobs.clone(),
            document: job.dossier.document.clone(),
            name: job.dossier.received.origin.name.clone(),
            deadline,
        }
    }
}

impl Documents for StepDocuments {
    fn open(&mut self, id: &str) -> Option<Box<dyn Document>> {
        if id != DOCUMENT {
            return None;
        }
        let open = OpenDocument::open(&self.blobs, &self.document).ok()?;
        let (digest, name) = (*self.document.digest.bytes(), self.name.clone());
        Some(Box::new(PdfDocument::new(open, digest, name).until(self.deadline)))
    }
}
