//! A file system in memory that forgets what was not synced.
//!
//! What is durable is kept apart from what is seen: the content of a file becomes durable by its
//! own `sync`, the names in a directory by `sync_dir`; syncing a file does not make its name
//! durable. [`SimFs::crash`] answers with a new file system that holds what a power cut may leave:
//!
//! - of a file not synced, any prefix of what was written since, possibly as zeros of the full
//!   length (a length that reached the disk before the data);
//! - of the operations on one directory since its last sync, any prefix: they are never reordered
//!   within a directory, but each directory stops at a point of its own;
//! - a rename is never half done in the way that loses the file: where the old name is gone, the
//!   new one is there (a rename between directories may leave both).
//!
//! A killed process (as against a power cut) loses nothing: go on with the same [`SimFs`].

mod crash;
mod dir;
mod fault;
mod file;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::fault::Fault;
use self::state::{Node, State};
use crate::{Dir, DiskError, FileSystem, FsType};

/// A file system in memory; clones share it. Its root is `/`.
#[derive(Debug, Clone)]
pub struct SimFs {
    state: Arc<Mutex<State>>,
}

impl Default for SimFs {
    fn default() -> Self {
        Self::new()
    }
}

impl SimFs {
    /// The seed of the crash that keeps nothing but what was synced.
    pub const LOSE_ALL: u64 = 0;
    /// The seed of the crash that keeps everything.
    pub const KEEP_ALL: u64 = 1;

    /// An empty file system.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State::new())) }
    }

    /// What a power cut leaves, decided by `seed` (see [`SimFs::LOSE_ALL`], [`SimFs::KEEP_ALL`]);
    /// locks and faults are gone. This file system is left as it is: handles into it see no change.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        let survived = crash::survive(&self.state(), seed);
        Self { state: Arc::new(Mutex::new(survived)) }
    }

    /// Injects a fault, in addition to those that are there, until [`SimFs::clear_faults`].
    pub fn inject(&self, fault: Fault) {
        self.state().faults.inject(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state().faults = fault::Faults::default();
    }

    /// Sets the time that new mtimes and ctimes carry (nanoseconds since 1970-01-01T00:00:00Z).
    pub fn set_time_ns(&self, now: i128) {
        self.state().now_ns = now;
    }

    /// Makes everything durable, names and content, as `sync(1)` does.
    pub fn sync_all(&self) {
        self.state().sync_all();
    }

    /// Makes a directory with all its parents, durably.
    ///
    /// # Errors
    /// Something that is no directory stands in the way.
    pub fn make_dirs(&self, path: &Path) -> Result<(), DiskError> {
        let mut state = self.state();
        state.make_dirs(path)?;
        state.sync_all();
        Ok(())
    }

    /// Writes a whole file as another program would, replacing the content in place; not synced.
    ///
    /// # Errors
    /// The parent is missing, or something that is no file stands there.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        self.state().write_file(path, bytes)
    }

    /// The content of a file as it is seen now; none when there is no such file.
    #[must_use]
    pub fn read_file(&self, path: &Path) -> Option<Vec<u8>> {
        self.state().read_file(path)
    }

    /// All regular files with their content, by absolute path (those beneath mounts too).
    #[must_use]
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.state().files()
    }

    /// Puts a symbolic link; it is never followed by anything here.
    ///
    /// # Errors
    /// The parent is missing or the name is taken.
    pub fn put_symlink(&self, path: &Path) -> Result<(), DiskError> {
        self.state().put(path, |_| Node::Symlink)
    }

    /// Puts a FIFO.
    ///
    /// # Errors
    /// The parent is missing or the name is taken.
    pub fn put_fifo(&self, path: &Path) -> Result<(), DiskError> {
        self.state().put(path, |_| Node::Fifo)
    }

    /// Mounts an empty file system of another device over an existing directory. Handles that are
    /// open already keep seeing what was there before.
    ///
    /// # Errors
    /// No directory stands there.
    pub fn mount(&self, path: &Path, fs: FsType) -> Result<(), DiskError> {
        self.state().mount(path, fs)
    }

    /// Takes the mount away: handles into it answer [`DiskError::Gone`], the path shows what was
    /// there before.
    ///
    /// # Errors
    /// Nothing is mounted there.
    pub fn unmount(&self, path: &Path) -> Result<(), DiskError> {
        self.state().unmount(path)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl FileSystem for SimFs {
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        let at = self.state().resolve_absolute("open directory", path)?;
        self.state().directory("open directory", path, at)?;
        Ok(Arc::new(dir::SimDir { state: self.state.clone(), at, path: path.to_owned() }))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
