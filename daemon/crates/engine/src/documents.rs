//! Documents of the blob store, read as the `pdf` room reads.

use std::io;
use std::sync::OnceLock;

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

/// A document that is opened when it is first read.
#[derive(Debug)]
pub struct LazyDocument {
    blobs: BlobStore,
    document: DocumentRef,
    open: OnceLock<OpenDocument>,
}

impl LazyDocument {
    /// The blob of `document`, which is not looked for yet.
    pub fn new(blobs: &BlobStore, document: DocumentRef) -> Self {
        Self { blobs: blobs.clone(), document, open: OnceLock::new() }
    }

    fn opened(&self) -> io::Result<&OpenDocument> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let open = OpenDocument::open(&self.blobs, &self.document).map_err(io::Error::other)?;
        Ok(self.open.get_or_init(|| open))
    }
}

impl ByteSource for LazyDocument {
    fn len(&self) -> u64 {
        self.document.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.opened()?.read_at(offset, buf)
    }
}

/// A document with the bytes of a revision after it, before they are written.
pub struct Joined<'d> {
    /// The document.
    pub base: &'d dyn ByteSource,
    /// What follows it.
    pub tail: &'d [u8],
}

impl ByteSource for Joined<'_> {
    fn len(&self) -> u64 {
        self.base.len() + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let in_base = self.base.len().saturating_sub(offset).min(buf.len() as u64);
        let (first, rest) = buf.split_at_mut(usize::try_from(in_base).map_err(io::Error::other)?);
        if !first.is_empty() {
            self.base.read_at(offset, first)?;
        }
        if !rest.is_empty() {
            let from = (offset + in_base).saturating_sub(self.base.len());
            let from = usize::try_from(from).map_err(io::Error::other)?;
            let tail = self.tail.get(from..).and_then(|tail| tail.get(..rest.len()));
            rest.copy_from_slice(tail.ok_or(io::ErrorKind::UnexpectedEof)?);
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

/// A small document of these objects, from the first on, of which the first is its catalog. For tests.
#[cfg(test)]
pub(crate) fn of_objects(objects: &[String]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj{object}endobj\n", index + 1);
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file += &format!(
        "xref\n0 {size}\n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    file.into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_joined_document_reads_as_if_it_were_written() {
        let whole = b"%PDF-1.7 base and tail".to_vec();
        for cut in 0..=whole.len() {
            let base = whole[..cut].to_vec();
            let joined = Joined { base: &base, tail: &whole[cut..] };
            assert_eq!(joined.len(), whole.len() as u64);
            for from in 0..=whole.len() {
                for to in from..=whole.len() {
                    let mut read = vec![0; to - from];
                    joined.read_at(from as u64, &mut read).unwrap();
                    assert_eq!(read, whole[from..to], "{cut}: {from}..{to}");
                }
            }
            let mut beyond = [0; 2];
            let last = whole.len() as u64 - 1;
            assert!(joined.read_at(last, &mut beyond).is_err());
        }
    }
}
