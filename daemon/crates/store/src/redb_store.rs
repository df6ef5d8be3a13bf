//! The state port on redb.

use std::path::Path;

use crate::StoreError;

/// How the state is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedbOptions {
    /// Bytes of pages kept in memory.
    pub cache_bytes: usize,
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20 }
    }
}

/// The state in one redb file.
#[derive(Debug)]
pub struct RedbStore;

impl RedbStore {
    /// Opens the state file, creating it when absent.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open.
    pub fn open(_path: &Path, _options: RedbOptions) -> Result<Self, StoreError> {
        Err(StoreError::Damaged("not written yet".into()))
    }
}
