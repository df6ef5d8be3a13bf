//! The state port: transactions in, ordered reads out.

use crate::audit::{AuditHead, AuditRecord};
use crate::{BlobId, Conflict, StoreError, StreamId, Transaction, Version};

/// The longest key, timer id or owner in bytes.
pub const MAX_KEY_LEN: usize = 1024;

/// The longest event, payload, projection value or audit entry in bytes (16 MiB): documents are
/// blobs, never records.
pub const MAX_VALUE_LEN: usize = 16 << 20;

/// A key of a projection table and its value.
pub type KeyValue = (Vec<u8>, Vec<u8>);

/// Durable state. Every read sees a whole committed batch or nothing of it.
pub trait StateStore: Send + Sync {
    /// Writes the batch in one durable commit, and returns once it is durable.
    ///
    /// Each transaction is all or nothing; later ones see earlier ones. One whose precondition
    /// fails leaves nothing behind and is answered by its [`Conflict`], at its place; the others
    /// are unaffected.
    ///
    /// # Errors
    /// The whole batch failed. After [`StoreError::Poisoned`] or an I/O error it is unknown whether
    /// it is durable; nothing more can be written until the store is opened anew.
    fn commit(&self, batch: &[Transaction])
    -> Result<Vec<Result<Committed, Conflict>>, StoreError>;

    /// The events of one stream after version `after`, oldest first, at most `limit`.
    fn stream(
        &self,
        id: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// The version of a stream; 0 when it does not exist.
    fn version(&self, id: &StreamId) -> Result<Version, StoreError>;

    /// All events after a global position (0 for all of them), oldest first, at most `limit`.
    fn all_events(
        &self,
        after_position: u64,
        limit: usize,
    ) -> Result<Vec<(StreamId, Recorded)>, StoreError>;

    /// One value of a projection table.
    fn projection(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The pairs of a projection table whose key begins with `prefix` and is greater than `after`,
    /// in order of their keys, at most `limit`.
    fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyValue>, StoreError>;

    /// The timers due at or before `until_ms`, by due time and id, at most `limit`.
    fn timers_due(&self, until_ms: i64, limit: usize) -> Result<Vec<TimerRow>, StoreError>;

    /// When the next timer is due (milliseconds since 1970-01-01T00:00:00Z).
    fn next_timer(&self) -> Result<Option<i64>, StoreError>;

    /// The rows of a lane due at or before `due_until_ms`, by due time and id, at most `limit`.
    fn outbox(
        &self,
        lane: &str,
        due_until_ms: i64,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError>;

    /// The lanes that hold a row, sorted.
    fn lanes(&self) -> Result<Vec<String>, StoreError>;

    /// When the next outbox row of any lane is due (milliseconds since 1970-01-01T00:00:00Z).
    fn next_outbox(&self) -> Result<Option<i64>, StoreError>;

    /// The audit records after position `after` (0 for all), oldest first, at most `limit`.
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError>;

    /// The end of the audit chain; [`AuditHead::GENESIS`] when it is empty.
    fn audit_head(&self) -> Result<AuditHead, StoreError>;

    /// How many owners refer to a blob.
    fn blob_references(&self, id: &BlobId) -> Result<u64, StoreError>;

    /// The owners that refer to a blob, sorted.
    fn blob_owners(&self, id: &BlobId) -> Result<Vec<String>, StoreError>;

    /// Removes everything from the named projection tables, durably, so that replaying the events
    /// may fill them anew.
    fn clear_projections(&self, tables: &[&str]) -> Result<(), StoreError>;
}

/// What a transaction became.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// Where each of its events stands, in their order.
    pub events: Vec<EventPlace>,
    /// The position of its last audit entry, if it had any.
    pub audit_position: Option<u64>,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPlace {
    /// Its number in its stream, from 1.
    pub version: Version,
    /// Its number among all events, from 1, without gaps.
    pub position: u64,
}

/// An event as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number in its stream, from 1.
    pub version: Version,
    /// Its number among all events, from 1, without gaps.
    pub position: u64,
    /// The transaction's time: milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// The event's own bytes.
    pub bytes: Vec<u8>,
}

/// A timer that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    /// Its id.
    pub id: Vec<u8>,
    /// When it is due: milliseconds since 1970-01-01T00:00:00Z.
    pub due_ms: i64,
    /// What was given with it.
    pub payload: Vec<u8>,
}

/// An outbox row that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its lane.
    pub lane: String,
    /// The effect's id.
    pub id: [u8; 16],
    /// Not to be run before: milliseconds since 1970-01-01T00:00:00Z.
    pub due_ms: i64,
    /// What was given with it.
    pub payload: Vec<u8>,
}
