//! A blob being written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sceau_disk::{DiskError, ReadFile, WriteFile, boundary};
use sha2::{Digest, Sha256};

use super::{BlobId, BlobStore, StoredBlob, path_of, shard_of};

/// Bytes that are read, hashed and written at a time.
const CHUNK: usize = 256 << 10;

/// How many taken draft names (of a process that was killed) are passed over.
const DRAFT_TRIES: usize = 1 << 16;

/// A blob being written; dropped without `finish`, it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    store: BlobStore,
    draft: PathBuf,
    file: Box<dyn WriteFile>,
    hasher: Option<Sha256>,
    len: u64,
}

impl BlobWriter {
    pub(super) fn begin(store: &BlobStore, hash: bool) -> Result<Self, DiskError> {
        let (draft, file) = create_draft(store)?;
        let hasher = hash.then(Sha256::new);
        Ok(Self { store: store.clone(), draft, file, hasher, len: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// The file system's own trouble; the writer is then of no further use.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_all(bytes)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Appends up to `len` bytes of `src` from `offset` on; returns how many (fewer only when `src`
    /// ends before). What is hashed is what is written, whatever another does to `src` meanwhile.
    ///
    /// # Errors
    /// The file system's own trouble; the writer is then of no further use.
    pub fn copy_from(
        &mut self,
        src: &dyn ReadFile,
        offset: u64,
        len: u64,
    ) -> Result<u64, DiskError> {
        if self.hasher.is_none() {
            let copied = self.file.copy_from(src, offset, len)?;
            self.len += copied;
            return Ok(copied);
        }
        let mut chunk = vec![0; CHUNK.min(usize::try_from(len).unwrap_or(CHUNK))];
        let mut done = 0;
        while done < len {
            let want = chunk.len().min(usize::try_from(len - done).unwrap_or(CHUNK));
            let read = src.read_at(offset + done, &mut chunk[..want])?;
            if read == 0 {
                break;
            }
            self.write(&chunk[..read])?;
            done += read as u64;
        }
        Ok(done)
    }

    /// How many bytes were written so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.len
    }

    /// Makes the blob durable under its digest.
    ///
    /// # Errors
    /// The file system's own trouble: nothing stands under that digest that did not before. Also
    /// (as [`DiskError::BadPath`]) a writer that does not hash.
    pub fn finish(self) -> Result<StoredBlob, DiskError> {
        let mut stored = finish_all([self])?;
        stored.pop().ok_or(DiskError::BadPath { op: "finish blob", path: PathBuf::new() })
    }

    /// Makes the blob durable under a digest that the caller vouches for.
    ///
    /// # Errors
    /// As [`BlobWriter::finish`].
    pub fn finish_with_digest(mut self, id: BlobId) -> Result<StoredBlob, DiskError> {
        boundary!("blob.finish-with-digest.before-sync");
        self.file.sync()?;
        self.place(id)?;
        self.store.dir().sync_dir(&shard_of(id.0[0]))?;
        Ok(StoredBlob { id, len: self.len })
    }

    fn digest(&mut self) -> Result<BlobId, DiskError> {
        let unhashed = || DiskError::BadPath { op: "finish blob", path: self.draft.clone() };
        let hasher = self.hasher.take().ok_or_else(unhashed)?;
        Ok(BlobId(hasher.finalize().into()))
    }

    /// Renames the draft to its digest, over the same content if that is there.
    fn place(&mut self, id: BlobId) -> Result<(), DiskError> {
        let _names = self.store.names();
        self.store.dir().rename(&self.draft, &path_of(&id))?;
        self.draft = PathBuf::new();
        Ok(())
    }
}

/// Finishes several blobs at once: each file is made durable, then all are renamed, then each
/// directory is synced once.
///
/// # Errors
/// The file system's own trouble: some of them may stand, none is to be relied upon.
pub fn finish_all(
    writers: impl IntoIterator<Item = BlobWriter>,
) -> Result<Vec<StoredBlob>, DiskError> {
    let mut writers: Vec<_> = writers.into_iter().collect();
    boundary!("blob.finish.before-sync");
    writers.iter_mut().try_for_each(|writer| writer.file.sync())?;
    boundary!("blob.finish.before-rename");
    let mut stored = Vec::with_capacity(writers.len());
    for writer in &mut writers {
        let id = writer.digest()?;
        writer.place(id)?;
        stored.push(StoredBlob { id, len: writer.len });
    }
    boundary!("blob.finish.before-directory-sync");
    let shards: BTreeSet<u8> = stored.iter().map(|blob| blob.id.0[0]).collect();
    if let Some(writer) = writers.first() {
        shards.iter().try_for_each(|shard| writer.store.dir().sync_dir(&shard_of(*shard)))?;
    }
    Ok(stored)
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if self.draft != Path::new("") {
            let _ = self.store.dir().remove(&self.draft);
        }
    }
}

fn create_draft(store: &BlobStore) -> Result<(PathBuf, Box<dyn WriteFile>), DiskError> {
    let mut tries = 0;
    loop {
        let draft = store.next_draft();
        match store.dir().create(&draft, 0o600) {
            Ok(file) => return Ok((draft, file)),
            Err(DiskError::Exists { .. }) if tries < DRAFT_TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}
