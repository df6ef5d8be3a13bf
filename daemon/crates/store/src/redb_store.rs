//! The state port on redb: one file, one write transaction for each batch.
//!
//! The only code of the project that knows redb. Keys and values are plain bytes of ours
//! ([`records`]); redb's composite encodings are never used.
//!
//! # How a batch is made durable
//!
//! Measured by `examples/commit_rate.rs` (two cores, ext4 without a journal on a virtual disk
//! whose flush takes 0.15 ms, other builds running; a transaction of two events, a projection, an
//! outbox row and an audit entry; a kill is a copy of the open file):
//!
//! | | 1 a batch | 10 | 50 | 200 | opening 136 MiB after a kill |
//! |---|---|---|---|---|---|
//! | one phase | 2414 commits/s | 920 | 294 | 91 | 192 ms |
//! | two phases | 2021 | 824 | 283 | 88 | 178 ms |
//! | quick repair (two phases) | 1667 | 783 | 244 | 87 | 60 ms |
//!
//! One phase relies on a checksum that is no cryptographic one to tell a torn commit; titles and
//! names in our records are chosen by others, for whom redb's own design recommends two phases.
//! Quick repair adds little to that once transactions come in batches, and opening after a kill
//! no longer reads the whole file. So it is the default; where a flush is slow, the group commit
//! pays for it.

mod fault;
mod read;
mod records;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Builder, Database, StorageBackend, WriteTransaction};
use sceau_disk::{Dir, FileSystem, RealFs, boundary};

use self::fault::Fault;
use crate::audit::{AuditHead, AuditRecord};
use crate::{
    BlobId, Committed, Conflict, KeyValue, OutboxRow, Recorded, StateStore, StoreError, StreamId,
    TimerRow, Transaction, Version, check,
};

/// How the state is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedbOptions {
    /// Bytes of pages kept in memory (redb's own default would be 1 GiB).
    pub cache_bytes: usize,
    /// How a batch is made durable.
    pub commit: CommitMode,
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20, commit: CommitMode::default() }
    }
}

/// How a batch is made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommitMode {
    /// One fsync; a torn commit is told by its checksums. Opening after a kill reads the whole
    /// file.
    OnePhase,
    /// Two fsyncs: whoever may choose what is stored cannot forge a checksum for a torn commit.
    TwoPhase,
    /// Two fsyncs, and the allocator's state in each commit: opening after a kill takes no longer
    /// than after a clean stop.
    #[default]
    QuickRepair,
}

/// The state in one redb file.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    commit: CommitMode,
    poisoned: AtomicBool,
}

impl RedbStore {
    /// Opens the state file, creating it when absent (whole, or not at all). An existing file
    /// that is empty is damaged, never a new state.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open; [`StoreError::Damaged`] when the
    /// file is not ours.
    pub fn open(path: &Path, options: RedbOptions) -> Result<Self, StoreError> {
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => create_whole(path, options)?,
            Err(error) => return Err(StoreError::Io(error)),
        }
        Self::open_existing(path, options)
    }

    /// Opens a state file that must exist.
    ///
    /// # Errors
    /// As [`RedbStore::open`]; an absent file is [`StoreError::Io`] (`NotFound`).
    pub fn open_existing(path: &Path, options: RedbOptions) -> Result<Self, StoreError> {
        let database = builder(options).open(path).map_err(Fault::from)?;
        Self::opened(database, options)
    }

    /// Opens (or lays out) the state on a backend of the caller's, for simulations.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn with_backend(
        backend: impl StorageBackend,
        options: RedbOptions,
    ) -> Result<Self, StoreError> {
        let database = builder(options).create_with_backend(backend).map_err(Fault::from)?;
        if read::is_blank(&database)? {
            write::lay_out(&database)?;
        }
        Self::opened(database, options)
    }

    fn opened(database: Database, options: RedbOptions) -> Result<Self, StoreError> {
        read::check_format(&database)?;
        Ok(Self { database, commit: options.commit, poisoned: AtomicBool::new(false) })
    }

    fn begin(&self) -> Result<WriteTransaction, StoreError> {
        if self.poisoned.load(Ordering::Acquire) {
            return Err(StoreError::Poisoned);
        }
        let mut transaction = self.database.begin_write().map_err(Fault::from)?;
        match self.commit {
            CommitMode::OnePhase => {}
            CommitMode::TwoPhase => transaction.set_two_phase_commit(true),
            CommitMode::QuickRepair => transaction.set_quick_repair(true),
        }
        Ok(transaction)
    }

    /// Whatever fails while writing leaves it unknown what is durable: nothing more is written.
    fn guarded<T>(&self, outcome: Result<T, Fault>) -> Result<T, StoreError> {
        outcome.map_err(|fault| {
            self.poisoned.store(true, Ordering::Release);
            fault.into()
        })
    }

    fn reading<T>(
        &self,
        read: impl FnOnce(&redb::ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        use redb::ReadableDatabase;
        let transaction = self.database.begin_read().map_err(Fault::from)?;
        Ok(read(&transaction)?)
    }
}

fn builder(options: RedbOptions) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes);
    builder
}

/// Makes the file under another name and renames it, so that a crash leaves no half-made state.
fn create_whole(path: &Path, options: RedbOptions) -> Result<(), StoreError> {
    let no_name = || StoreError::Io(std::io::ErrorKind::InvalidInput.into());
    let name = Path::new(path.file_name().ok_or_else(no_name)?);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let dir = RealFs.open_dir(parent.unwrap_or(Path::new("."))).map_err(disk_fault)?;
    let mut draft_name = name.as_os_str().to_owned();
    draft_name.push(".new");
    let draft = path.with_file_name(&draft_name);
    discard(&dir, Path::new(&draft_name))?;
    dir.create(Path::new(&draft_name), 0o600).map_err(disk_fault)?;
    let database = builder(options).create(&draft).map_err(Fault::from)?;
    write::lay_out(&database)?;
    drop(database);
    boundary!("store.create.before-rename");
    dir.rename_no_replace(Path::new(&draft_name), name).map_err(disk_fault)?;
    dir.sync_dir(Path::new("")).map_err(disk_fault)
}

fn discard(dir: &Arc<dyn Dir>, name: &Path) -> Result<(), StoreError> {
    match dir.remove(name) {
        Ok(()) | Err(sceau_disk::DiskError::NotFound { .. }) => Ok(()),
        Err(error) => Err(disk_fault(error)),
    }
}

fn disk_fault(error: sceau_disk::DiskError) -> StoreError {
    match error {
        sceau_disk::DiskError::NoSpace { .. } => StoreError::NoSpace(error.into()),
        other => StoreError::Io(other.into()),
    }
}

impl StateStore for RedbStore {
    fn commit(
        &self,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
        check::sizes(batch)?;
        let transaction = self.begin()?;
        let outcomes = self.guarded(write::apply(&transaction, batch))?;
        if outcomes.iter().all(Result::is_err) {
            self.guarded(transaction.abort().map_err(Fault::from))?;
            return Ok(outcomes);
        }
        boundary!("store.commit.before");
        self.guarded(transaction.commit().map_err(Fault::from))?;
        boundary!("store.commit.after");
        Ok(outcomes)
    }

    fn stream(
        &self,
        id: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.reading(|txn| read::stream(txn, id, after, limit))
    }

    fn version(&self, id: &StreamId) -> Result<Version, StoreError> {
        self.reading(|txn| read::version(txn, id))
    }

    fn all_events(
        &self,
        after_position: u64,
        limit: usize,
    ) -> Result<Vec<(StreamId, Recorded)>, StoreError> {
        self.reading(|txn| read::all_events(txn, after_position, limit))
    }

    fn projection(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(|txn| read::projection(txn, table, key))
    }

    fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyValue>, StoreError> {
        self.reading(|txn| read::scan(txn, table, prefix, after, limit))
    }

    fn timers_due(&self, until_ms: i64, limit: usize) -> Result<Vec<TimerRow>, StoreError> {
        self.reading(|txn| read::timers_due(txn, until_ms, limit))
    }

    fn next_timer(&self) -> Result<Option<i64>, StoreError> {
        self.reading(read::next_timer)
    }

    fn outbox(
        &self,
        lane: &str,
        due_until_ms: i64,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.reading(|txn| read::outbox(txn, lane, due_until_ms, limit))
    }

    fn lanes(&self) -> Result<Vec<String>, StoreError> {
        self.reading(read::lanes)
    }

    fn next_outbox(&self) -> Result<Option<i64>, StoreError> {
        self.reading(read::next_outbox)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.reading(|txn| read::audit(txn, after, limit))
    }

    fn audit_head(&self) -> Result<AuditHead, StoreError> {
        self.reading(read::audit_head)
    }

    fn blob_references(&self, id: &BlobId) -> Result<u64, StoreError> {
        Ok(self.blob_owners(id)?.len() as u64)
    }

    fn blob_owners(&self, id: &BlobId) -> Result<Vec<String>, StoreError> {
        self.reading(|txn| read::blob_owners(txn, id))
    }

    fn clear_projections(&self, tables: &[&str]) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        self.guarded(write::clear_projections(&transaction, tables))?;
        self.guarded(transaction.commit().map_err(Fault::from))
    }
}
