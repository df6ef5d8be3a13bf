//! The limits of records, checked before anything of a batch is written.

use crate::{
    BlobRef, MAX_KEY_LEN, MAX_VALUE_LEN, OutboxWrite, StoreError, StreamId, TimerWrite, Transaction,
};

/// The longest name of a table or a lane in bytes (one length byte in the keys).
const MAX_NAME_LEN: usize = 255;

/// Refuses a batch one record of which exceeds its limit.
pub(crate) fn sizes(batch: &[Transaction]) -> Result<(), StoreError> {
    batch.iter().try_for_each(transaction)
}

fn transaction(one: &Transaction) -> Result<(), StoreError> {
    for (stream, _) in &one.preconditions {
        within("stream id", stream.as_str().len(), StreamId::MAX_LEN)?;
    }
    for (stream, bytes) in &one.events {
        within("stream id", stream.as_str().len(), StreamId::MAX_LEN)?;
        within("event", bytes.len(), MAX_VALUE_LEN)?;
    }
    for write in &one.projections {
        within("table name", write.table.len(), MAX_NAME_LEN)?;
        within("projection key", write.key.len(), MAX_KEY_LEN)?;
        within("projection value", write.value.as_ref().map_or(0, Vec::len), MAX_VALUE_LEN)?;
    }
    one.timers.iter().try_for_each(timer)?;
    one.outbox.iter().try_for_each(outbox)?;
    for reference in &one.blobs {
        let (BlobRef::Retain { owner, .. } | BlobRef::Release { owner, .. }) = reference;
        within("blob owner", owner.len(), MAX_KEY_LEN)?;
    }
    one.audit.iter().try_for_each(|bytes| within("audit entry", bytes.len(), MAX_VALUE_LEN))
}

fn timer(write: &TimerWrite) -> Result<(), StoreError> {
    match write {
        TimerWrite::Set { id, payload, .. } => {
            within("timer id", id.len(), MAX_KEY_LEN)?;
            within("timer payload", payload.len(), MAX_VALUE_LEN)
        }
        TimerWrite::Cancel { id } => within("timer id", id.len(), MAX_KEY_LEN),
    }
}

fn outbox(write: &OutboxWrite) -> Result<(), StoreError> {
    match write {
        OutboxWrite::Put { lane, payload, .. } | OutboxWrite::Reschedule { lane, payload, .. } => {
            within("lane name", lane.len(), MAX_NAME_LEN)?;
            within("outbox payload", payload.len(), MAX_VALUE_LEN)
        }
        OutboxWrite::Remove { lane, .. } => within("lane name", lane.len(), MAX_NAME_LEN),
    }
}

fn within(what: &'static str, len: usize, limit: usize) -> Result<(), StoreError> {
    if len > limit { Err(StoreError::TooLarge { what, len, limit }) } else { Ok(()) }
}
