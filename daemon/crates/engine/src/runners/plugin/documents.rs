//! The one document that a step's plugin may read, as the `pdf` room reads it.

use sceau_pdf::{Document as Pdf, Limits, Object};
use sceau_plugin_host::ports::{Document, Documents, SignatureNote, Unreadable};
use sceau_store::BlobStore;
use sceau_workflow::machine::DocumentRef;

use crate::documents::OpenDocument;
use crate::runner::Job;
use sceau_pdf::ByteSource as _;

/// The id of the dossier's document.
pub(super) const DOCUMENT: &str = "document";

pub(super) struct StepDocuments {
    blobs: BlobStore,
    document: DocumentRef,
    name: String,
}

impl StepDocuments {
    pub(super) fn new(blobs: &BlobStore, job: &Job) -> Self {
        Self {
            blobs: blobs.clone(),
            document: job.dossier.document.clone(),
            name: job.dossier.received.origin.name.clone(),
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
        Some(Box::new(Opened { open, digest, name }))
    }
}

struct Opened {
    open: OpenDocument,
    digest: [u8; 32],
    name: String,
}

impl Opened {
    fn pdf<T>(
        &self,
        read: impl FnOnce(&Pdf<'_>) -> Result<T, sceau_pdf::ReadError>,
    ) -> Result<T, Unreadable> {
        let pdf = Pdf::open(&self.open, &Limits::default()).map_err(unreadable)?;
        read(&pdf).map_err(unreadable)
    }
}

impl Document for Opened {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn media_type(&self) -> String {
        "application/pdf".to_owned()
    }

    fn size(&self) -> u64 {
        self.open.len()
    }

    fn sha256(&self) -> [u8; 32] {
        self.digest
    }

    fn read(&mut self, offset: u64, count: u32) -> Result<Vec<u8>, Unreadable> {
        let mut bytes = vec![0; count as usize];
        self.open.read_at(offset, &mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn page_count(&mut self) -> Result<u32, Unreadable> {
        self.pdf(|pdf| pdf.page_count())
    }

    fn page_text(&mut self, _page: u32) -> Result<Option<String>, Unreadable> {
        Err(Unreadable("this version extracts no text".to_owned()))
    }

    fn metadata(&mut self, key: &str) -> Result<Option<String>, Unreadable> {
        const KEYS: [&str; 6] = ["Title", "Author", "Subject", "Keywords", "Creator", "Producer"];
        if !KEYS.contains(&key) {
            return Ok(None);
        }
        self.pdf(|pdf| {
            let Object::Dictionary(info) = pdf.get(pdf.trailer(), "Info")? else { return Ok(None) };
            Ok(match pdf.get(&info, key)? {
                Object::String(text) => Some(text.to_text()),
                _ => None,
            })
        })
    }

    fn signatures(&mut self) -> Result<Vec<SignatureNote>, Unreadable> {
        let size = self.open.len();
        self.pdf(|pdf| {
            let filled = pdf.signature_fields()?.into_iter().filter_map(|field| {
                let value = field.value?;
                let end = value.byte_range.map(|[_, _, offset, len]| offset.saturating_add(len));
                Some(SignatureNote {
                    field: field.name,
                    signatory: value.name,
                    signed_at_ms: None,
                    covers_whole_document: end == Some(size),
                })
            });
            Ok(filled.collect())
        })
    }
}

fn unreadable(error: impl std::fmt::Display) -> Unreadable {
    Unreadable(error.to_string())
}
