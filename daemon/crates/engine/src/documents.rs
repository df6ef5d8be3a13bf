//! Documents of the blob store, read as the `pdf` room reads.

use std::io;

use sceau_disk::{DiskError, ReadFile};
use sceau_pdf::{ByteSource, Revision};
use sceau_store::{BlobId, BlobStore};
use sceau_workflow::machine::{Digest, DocumentRef};

/// A document that is open for reading.
#[derive(Debug)]
pub struct OpenDocument {
    file: Box<dyn ReadFile>,
    len: u64,
}

impl OpenDocument {
    /// Opens the blob of `document`.
    pub fn open(blobs: &BlobStore, document: &DocumentRef) -> Result<Self, DiskError> {
        let file = blobs.read(&BlobId(*document.digest.bytes()))?;
        Ok(Self { file, len: document.len })
    }

    /// The file beneath.
    pub fn file(&self) -> &dyn ReadFile {
        self.file.as_ref()
    }
}

impl ByteSource for OpenDocument {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < buf.len() {
            let at = offset + done as u64;
            let read = self.file.read_at(at, &mut buf[done..]).map_err(io::Error::other)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            done += read;
        }
        Ok(())
    }
}

/// Writes `base` and the bytes of `revision` after it as a new blob. The base's bytes are copied,
/// never changed.
pub fn append(
    blobs: &BlobStore,
    base: &OpenDocument,
    revision: &Revision,
) -> Result<DocumentRef, DiskError> {
    let mut writer = blobs.writer()?;
    writer.copy_from(base.file(), 0, revision.base_len)?;
    writer.write(&revision.tail)?;
    let stored = writer.finish()?;
    Ok(DocumentRef { digest: Digest::new(stored.id.0), len: stored.len })
}

/// Writes `bytes` as a new blob.
pub fn keep(blobs: &BlobStore, bytes: &[u8]) -> Result<DocumentRef, DiskError> {
    let mut writer = blobs.writer()?;
    writer.write(bytes)?;
    let stored = writer.finish()?;
    Ok(DocumentRef { digest: Digest::new(stored.id.0), len: stored.len })
}
