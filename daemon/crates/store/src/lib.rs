//! The transaction-shaped state port on redb, blobs by digest, and the hash-linked audit log.
//!
//! - [`StateStore`]: the port. Transactions go in, in batches that are one durable commit each.
//! - [`RedbStore`]: its implementation in one file; the only code that knows redb.
//! - [`BlobStore`]: documents, by the SHA-256 of their content.
//! - [`audit`]: the chain and its offline check.
//! - [`replay`](replay()) and [`rebuild`]: the events in order, and projections written anew from them.

pub mod audit;
mod blobs;
mod check;
mod error;
mod port;
mod redb_store;
mod replay;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;

pub use audit::{AuditFault, AuditHead, AuditRecord};
pub use blobs::{
    BadBlobId, BlobId, BlobStore, BlobWriter, CollectError, Collected, StoredBlob, collect_orphans,
    finish_all,
};
pub use error::{Conflict, StoreError};
pub use port::{
    Committed, EventPlace, KeyValue, MAX_KEY_LEN, MAX_VALUE_LEN, OutboxRow, Recorded, StateStore,
    TimerRow,
};
pub use redb_store::{CommitMode, RedbOptions, RedbStore};
pub use replay::{Replay, dump_projections, rebuild, replay};
pub use transaction::{
    BlobRef, OutboxWrite, ProjectionWrite, StreamId, TimerWrite, Transaction, Version,
};
