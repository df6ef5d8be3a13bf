//! Blobs by digest: `ab/abcdef…`, one file for each content, sharded by the first byte.
//!
//! A blob is written under a temporary name in the same pass that hashes it, made durable, and
//! only then renamed to its digest; the name is durable when `finish` returns. The same content
//! again is renamed over the file that stands there: one blob, whose age begins anew (so that the
//! orphan collection leaves it alone) and whose damage, if it had any, is healed.
//!
//! Invariant: what stands under a digest is whole. Which blobs are needed is told by the state
//! store alone ([`BlobRef`](crate::BlobRef)).

mod id;
mod orphans;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sceau_disk::{Dir, DiskError, Kind, Meta, ReadFile};

pub use self::id::{BadBlobId, BlobId};
pub use self::orphans::{CollectError, Collected, collect_orphans};
pub use self::writer::{BlobWriter, finish_all};

/// Where unfinished blobs stand.
const DRAFTS: &str = "tmp";

/// A blob that stands durably in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredBlob {
    /// Its digest.
    pub id: BlobId,
    /// Its length in bytes.
    pub len: u64,
}

/// Files by digest beneath one directory, which one process owns. Clones share it.
#[derive(Debug, Clone)]
pub struct BlobStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: Arc<dyn Dir>,
    drafts: AtomicU64,
    /// Held while a name appears and while an orphan is looked at again and removed, so that no
    /// blob vanishes between its arrival and its first reference.
    names: Mutex<()>,
}

impl BlobStore {
    /// Opens (and where needed lays out) the blob directory: the shards are all made at once, so
    /// that no blob pays for one.
    ///
    /// # Errors
    /// The directory cannot be read or written.
    pub fn open(dir: Arc<dyn Dir>) -> Result<Self, DiskError> {
        lay_out(dir.as_ref())?;
        let shared = Shared { dir, drafts: AtomicU64::new(0), names: Mutex::new(()) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Begins a new blob; its digest is computed in the same pass.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn writer(&self) -> Result<BlobWriter, DiskError> {
        BlobWriter::begin(self, true)
    }

    /// Begins a new blob whose digest the caller will name at the end
    /// ([`BlobWriter::finish_with_digest`]): nothing is hashed, so whole ranges are copied inside
    /// the kernel.
    ///
    /// # Errors
    /// The temporary file cannot be made.
    pub fn writer_without_hash(&self) -> Result<BlobWriter, DiskError> {
        BlobWriter::begin(self, false)
    }

    /// Stores bytes that are in memory.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn put(&self, bytes: &[u8]) -> Result<StoredBlob, DiskError> {
        let mut writer = self.writer()?;
        writer.write(bytes)?;
        writer.finish()
    }

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// [`DiskError::NotFound`], or the file system's own trouble.
    pub fn read(&self, id: &BlobId) -> Result<Box<dyn ReadFile>, DiskError> {
        self.shared.dir.open(&path_of(id))
    }

    /// The bytes of a blob of at most `most` bytes, where no disk has to be waited for; `None` says nothing else.
    pub fn read_at_once(&self, id: &BlobId, most: usize) -> Option<Vec<u8>> {
        self.shared.dir.read_at_once(&path_of(id), most)
    }

    /// The length of a blob in bytes; none when it is not there.
    ///
    /// Only a blob that the state refers to may be relied upon to stay.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn len(&self, id: &BlobId) -> Result<Option<u64>, DiskError> {
        Ok(self.meta(id)?.map(|meta| meta.len))
    }

    /// Whether a blob is there (see [`BlobStore::len`]).
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn exists(&self, id: &BlobId) -> Result<bool, DiskError> {
        Ok(self.meta(id)?.is_some())
    }

    /// Removes a blob; an absent one is no fault. The removal is not made durable: an orphan that
    /// comes back is collected again.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn remove(&self, id: &BlobId) -> Result<(), DiskError> {
        match self.shared.dir.remove(&path_of(id)) {
            Err(DiskError::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// The blobs whose digest begins with `shard`, with their metadata, in no particular order.
    /// Foreign names are left out.
    ///
    /// # Errors
    /// The file system's own trouble.
    pub fn list(&self, shard: u8) -> Result<Vec<(BlobId, Meta)>, DiskError> {
        let entries = self.shared.dir.list(&shard_of(shard))?;
        Ok(entries
            .into_iter()
            .filter(|entry| entry.meta.kind == Kind::File)
            .filter_map(|entry| Some((entry.name.to_str()?.parse().ok()?, entry.meta)))
            .collect())
    }

    fn meta(&self, id: &BlobId) -> Result<Option<Meta>, DiskError> {
        match self.shared.dir.stat(&path_of(id)) {
            Ok(meta) => Ok(Some(meta)),
            Err(DiskError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn dir(&self) -> &dyn Dir {
        self.shared.dir.as_ref()
    }

    fn names(&self) -> MutexGuard<'_, ()> {
        self.shared.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_draft(&self) -> PathBuf {
        let n = self.shared.drafts.fetch_add(1, Ordering::Relaxed);
        Path::new(DRAFTS).join(format!("{}-{n}", std::process::id()))
    }
}

fn lay_out(dir: &dyn Dir) -> Result<(), DiskError> {
    let present: Vec<_> = dir.list(Path::new(""))?.into_iter().map(|entry| entry.name).collect();
    let wanted = (0..=u8::MAX).map(shard_of).chain([PathBuf::from(DRAFTS)]);
    let mut missing = wanted.filter(|name| !present.iter().any(|had| had == name.as_os_str()));
    if missing.try_fold(false, |_, name| make_dir(dir, &name))? {
        dir.sync_dir(Path::new(""))?;
    }
    Ok(())
}

fn make_dir(dir: &dyn Dir, name: &Path) -> Result<bool, DiskError> {
    match dir.create_dir(name, 0o700) {
        Ok(()) | Err(DiskError::Exists { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

fn shard_of(first: u8) -> PathBuf {
    PathBuf::from(hex::encode([first]))
}

fn path_of(id: &BlobId) -> PathBuf {
    shard_of(id.0[0]).join(id.to_string())
}
