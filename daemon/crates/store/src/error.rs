//! What can go wrong in the store.

use thiserror::Error;

use crate::{StreamId, Version};

/// A precondition that did not hold: the caller decided on an older state and decides anew.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("stream {stream} stands at version {found}, not {expected}")]
pub struct Conflict {
    /// The first stream whose version differed.
    pub stream: StreamId,
    /// The version the transaction was decided on.
    pub expected: Version,
    /// The version the stream has.
    pub found: Version,
}

/// A read or a commit that failed as a whole.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process (or another handle) has the state open.
    #[error("the state is in use by another process")]
    InUse,
    /// An earlier I/O error closed the store: stop, look at the disk, start again.
    #[error("the state was closed after an I/O error; restart the daemon")]
    Poisoned,
    /// The disk is full. Poisons the store like any other failed write.
    #[error("no space left for the state")]
    NoSpace(#[source] std::io::Error),
    /// The operating system failed a read or a write of the state file.
    #[error("reading or writing the state failed: {0}")]
    Io(#[source] std::io::Error),
    /// The file is no state of ours, damaged, or of a newer version.
    #[error("the state is damaged or not ours: {0}")]
    Damaged(String),
    /// A record, key or name exceeds its limit: the caller's fault. Nothing was written.
    #[error("{what} of {len} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
}
