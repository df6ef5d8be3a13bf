//! All that a store holds, as a value to compare.

use crate::audit::AuditRecord;
use crate::{
    BlobId, KeyValue, OutboxRow, Recorded, StateStore, StoreError, StreamId, TimerRow, Version,
};

/// All that a store holds of the tables and blobs asked for, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// All events.
    pub events: Vec<(StreamId, Recorded)>,
    /// The version of each stream that has an event, by stream.
    pub versions: Vec<(StreamId, Version)>,
    /// The pairs of each projection table.
    pub projections: Vec<(String, Vec<KeyValue>)>,
    /// All timers.
    pub timers: Vec<TimerRow>,
    /// All outbox rows, lane by lane.
    pub outbox: Vec<OutboxRow>,
    /// When the next timer and the next outbox row are due.
    pub next: (Option<i64>, Option<i64>),
    /// The whole audit log.
    pub audit: Vec<AuditRecord>,
    /// The owners of each blob asked for.
    pub blobs: Vec<Vec<String>>,
}

/// Reads all that a store holds, of the projection tables and blobs named.
///
/// # Errors
/// The store cannot be read.
pub fn snapshot(
    store: &dyn StateStore,
    tables: &[&str],
    blobs: &[BlobId],
) -> Result<Snapshot, StoreError> {
    let events = store.all_events(0, usize::MAX)?;
    let mut streams: Vec<StreamId> = events.iter().map(|(stream, _)| stream.clone()).collect();
    streams.sort();
    streams.dedup();
    let version = |id: StreamId| Ok((id.clone(), store.version(&id)?));
    let table = |name: &&str| Ok(((*name).to_owned(), store.scan(name, b"", None, usize::MAX)?));
    let lane = |name: String| store.outbox(&name, i64::MAX, usize::MAX);
    let lanes: Result<Vec<_>, StoreError> = store.lanes()?.into_iter().map(lane).collect();
    Ok(Snapshot {
        versions: streams.into_iter().map(version).collect::<Result<_, StoreError>>()?,
        events,
        projections: tables.iter().map(table).collect::<Result<_, StoreError>>()?,
        timers: store.timers_due(i64::MAX, usize::MAX)?,
        outbox: lanes?.concat(),
        next: (store.next_timer()?, store.next_outbox()?),
        audit: store.audit(0, usize::MAX)?,
        blobs: blobs.iter().map(|id| store.blob_owners(id)).collect::<Result<_, StoreError>>()?,
    })
}
