//! Blobs by digest.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sceau_disk::{Dir, DiskError, ReadFile};
use thiserror::Error;

/// The name of a blob: the SHA-256 of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 32]);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

/// Not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a blob id is 64 hexadecimal digits")]
pub struct BadBlobId;

impl FromStr for BlobId {
    type Err = BadBlobId;

    fn from_str(text: &str) -> Result<Self, BadBlobId> {
        let mut id = [0; 32];
        hex::decode_to_slice(text, &mut id).map_err(|_| BadBlobId)?;
        Ok(Self(id))
    }
}

/// A blob that stands durably in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredBlob {
    /// Its digest.
    pub id: BlobId,
    /// Its length in bytes.
    pub len: u64,
}

/// Files by digest beneath one directory.
#[derive(Debug, Clone)]
pub struct BlobStore {
    dir: Arc<dyn Dir>,
}

impl BlobStore {
    /// Opens (and where needed lays out) the blob directory.
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub fn open(dir: Arc<dyn Dir>) -> Result<Self, DiskError> {
        Ok(Self { dir })
    }

    /// Begins a new blob; its digest is computed in the same pass.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn writer(&self) -> Result<BlobWriter, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Begins a new blob whose digest the caller will name at the end
    /// ([`BlobWriter::finish_with_digest`]): nothing is hashed, so whole ranges are copied inside
    /// the kernel.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn writer_without_hash(&self) -> Result<BlobWriter, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// [`DiskError::NotFound`], or the file system's own trouble.
    pub fn read(&self, _id: &BlobId) -> Result<Box<dyn ReadFile>, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// The length of a blob in bytes; none when it is not there.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn len(&self, _id: &BlobId) -> Result<Option<u64>, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Removes a blob; an absent one is no fault.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn remove(&self, _id: &BlobId) -> Result<(), DiskError> {
        Err(unsupported(&self.dir))
    }
}

/// A blob being written; dropped without `finish`, it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    dir: Arc<dyn Dir>,
}

impl BlobWriter {
    /// Appends bytes.
    ///
    /// # Errors
    /// The file system's own trouble; the writer is then of no further use.
    pub fn write(&mut self, _bytes: &[u8]) -> Result<(), DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Appends up to `len` bytes of `src` from `offset` on; returns how many (fewer only when `src`
    /// ends before).
    ///
    /// # Errors
    /// The file system's own trouble; the writer is then of no further use.
    pub fn copy_from(
        &mut self,
        _src: &dyn ReadFile,
        _offset: u64,
        _len: u64,
    ) -> Result<u64, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Makes the blob durable under its digest.
    ///
    /// # Errors
    /// The file system's own trouble: nothing stands under that digest that did not before.
    pub fn finish(self) -> Result<StoredBlob, DiskError> {
        Err(unsupported(&self.dir))
    }

    /// Makes the blob durable under a digest that the caller vouches for.
    ///
    /// # Errors
    /// As [`BlobWriter::finish`].
    pub fn finish_with_digest(self, _id: BlobId) -> Result<StoredBlob, DiskError> {
        Err(unsupported(&self.dir))
    }
}

fn unsupported(_dir: &Arc<dyn Dir>) -> DiskError {
    let source = std::io::ErrorKind::Unsupported.into();
    DiskError::Io { op: "blob", path: std::path::PathBuf::new(), source }
}
