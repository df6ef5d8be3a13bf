//! The one document that a step's plugin may read, as the `pdf` room reads it. Its file is opened when it is first
//! read, and once, however often the plugin asks for it.

use std::time::Instant;

use sceau_plugin_host::ports::{Document, Documents};
use sceau_store::BlobStore;
use sceau_workflow::machine::DocumentRef;

use super::super::Workshop;
use crate::documents::LazyDocument;
use crate::plugins::PdfDocument;
use crate::runner::Job;

/// The id of the dossier's document.
pub(super) const DOCUMENT: &str = "document";

pub(super) struct StepDocuments(PdfDocument<LazyDocument>);

impl StepDocuments {
    /// `deadline` is the end of the step.
    pub(super) fn new(shop: &Workshop, job: &Job, deadline: Instant) -> Self {
        let name = job.dossier.received.origin.name.clone();
        let Self(document) = Self::of(&shop.blobs, job.dossier.document.clone(), name, deadline);
        Self(document.remembered(shop.plugins.texts()))
    }

    fn of(blobs: &BlobStore, document: DocumentRef, name: String, deadline: Instant) -> Self {
        let digest = *document.digest.bytes();
        let source = LazyDocument::new(blobs, document);
        Self(PdfDocument::new(source, digest, name).until(deadline).kept_in(blobs))
    }
}

impl Documents for StepDocuments {
    fn open(&mut self, id: &str) -> Option<Box<dyn Document>> {
        (id == DOCUMENT).then(|| Box::new(self.0.clone()) as Box<dyn Document>)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use sceau_disk::{FileSystem, RealFs};

    use super::*;
    use crate::documents::keep;

    /// How often this process has a file beneath `path` open.
    fn descriptors(path: &Path) -> usize {
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let leads = |fd: &std::fs::DirEntry| std::fs::read_link(fd.path());
        open.filter(|fd| leads(fd).is_ok_and(|file| file.starts_with(path))).count()
    }

    #[test]
    fn a_document_that_is_opened_again_and_again_costs_one_descriptor() {
        let name = format!("sceau-step-documents-{}", std::process::id());
        let path = std::env::temp_dir().canonicalize().unwrap().join(name);
        std::fs::create_dir_all(&path).unwrap();
        let blobs = BlobStore::open(RealFs.open_dir(&path).unwrap()).unwrap();
        let document = keep(&blobs, b"%PDF-1.7 a document").unwrap();
        let (before, later) = (descriptors(&path), Instant::now() + Duration::from_secs(60));
        let mut documents = StepDocuments::of(&blobs, document, "bilan.pdf".to_owned(), later);
        let mut held: Vec<_> = (0..2_000).filter_map(|_| documents.open(DOCUMENT)).collect();
        assert_eq!(held.len(), 2_000);
        assert_eq!(descriptors(&path), before, "what is not read is not opened");
        for document in [1_999, 0] {
            assert_eq!(held[document].read(0, 5).unwrap(), b"%PDF-");
        }
        assert_eq!(descriptors(&path), before + 1);
        drop((held, documents));
        assert_eq!(descriptors(&path), before);
        drop(blobs);
        std::fs::remove_dir_all(&path).unwrap();
    }
}
