//! What a caller asks the store to write: whole transactions, never single values.

use std::sync::Arc;

use crate::BlobId;

/// The name of a stream of events: opaque bytes to the store, at most [`StreamId::MAX_LEN`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Arc<str>);

impl StreamId {
    /// The longest id in bytes; a longer one makes a commit fail as too large.
    pub const MAX_LEN: usize = 512;

    /// Names a stream; callers keep their kinds apart by a prefix (`dossier/…`).
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How many events a stream holds: 0 is a stream that does not exist, its first event makes it 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub u64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One decision, written whole or not at all.
///
/// Within one transaction the writes of each list take effect in their order, the last one wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transaction {
    /// When it was decided: milliseconds since 1970-01-01T00:00:00Z. Recorded with the events and
    /// the audit entries.
    pub at_ms: i64,
    /// Streams that must stand at exactly that version, or the transaction is a
    /// [`Conflict`](crate::Conflict). `Version(0)`: the stream must not exist.
    pub preconditions: Vec<(StreamId, Version)>,
    /// Events appended to their streams, numbered globally in this order.
    pub events: Vec<(StreamId, Vec<u8>)>,
    /// Values put or removed in projection tables.
    pub projections: Vec<ProjectionWrite>,
    /// Timers set or cancelled.
    pub timers: Vec<TimerWrite>,
    /// Rows put, moved or removed in the outbox.
    pub outbox: Vec<OutboxWrite>,
    /// References to blobs taken or given back.
    pub blobs: Vec<BlobRef>,
    /// Entries appended to the audit log, hash-linked in this order.
    pub audit: Vec<Vec<u8>>,
}

/// A value put into (`Some`) or removed from (`None`) a projection table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionWrite {
    /// The table: at most 255 bytes.
    pub table: String,
    /// The key: at most [`MAX_KEY_LEN`](crate::MAX_KEY_LEN) bytes.
    pub key: Vec<u8>,
    /// The value, or none to remove the key.
    pub value: Option<Vec<u8>>,
}

/// A change of one timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerWrite {
    /// Sets the timer, replacing one of the same id.
    Set {
        /// Its id.
        id: Vec<u8>,
        /// When it is due: milliseconds since 1970-01-01T00:00:00Z.
        due_ms: i64,
        /// What the caller wants back.
        payload: Vec<u8>,
    },
    /// Removes the timer; an absent one is no fault.
    Cancel {
        /// Its id.
        id: Vec<u8>,
    },
}

/// A change of one outbox row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxWrite {
    /// Puts a row, replacing one of the same lane and id.
    Put {
        /// The lane: at most 255 bytes.
        lane: String,
        /// The effect's id.
        id: [u8; 16],
        /// Not to be run before: milliseconds since 1970-01-01T00:00:00Z.
        due_ms: i64,
        /// What the runner needs.
        payload: Vec<u8>,
    },
    /// Moves an existing row to another time with another payload. A row that is gone stays gone.
    Reschedule {
        /// The lane.
        lane: String,
        /// The effect's id.
        id: [u8; 16],
        /// Not to be run before: milliseconds since 1970-01-01T00:00:00Z.
        due_ms: i64,
        /// The new payload.
        payload: Vec<u8>,
    },
    /// Removes the row; an absent one is no fault.
    Remove {
        /// The lane.
        lane: String,
        /// The effect's id.
        id: [u8; 16],
    },
}

/// A reference to a blob. Each (blob, owner) pair counts once, however often it is retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobRef {
    /// `owner` needs the blob from now on.
    Retain {
        /// The blob.
        id: BlobId,
        /// Who needs it: at most [`MAX_KEY_LEN`](crate::MAX_KEY_LEN) bytes.
        owner: String,
    },
    /// `owner` no longer needs it; an absent reference is no fault.
    Release {
        /// The blob.
        id: BlobId,
        /// Who needed it.
        owner: String,
    },
}
