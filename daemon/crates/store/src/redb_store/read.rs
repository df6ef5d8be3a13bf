//! Ordered reads from one redb snapshot.

use std::ops::Bound;

use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable};

use super::fault::Fault;
use super::records::{self as rec, Bytes, Definition};
use super::write::last_version;
use crate::audit::{AuditHead, AuditRecord};
use crate::{BlobId, KeyValue, OutboxRow, Recorded, StoreError, StreamId, TimerRow, Version};

type Bin = ReadOnlyTable<Bytes, Bytes>;

/// Whether nothing was ever laid out in it.
pub(super) fn is_blank(database: &Database) -> Result<bool, StoreError> {
    let transaction = database.begin_read().map_err(Fault::from)?;
    Ok(transaction.list_tables().map_err(Fault::from)?.next().is_none())
}

/// Refuses a file that is not ours or of a newer format.
pub(super) fn check_format(database: &Database) -> Result<(), StoreError> {
    let not_ours = || StoreError::Damaged("the file holds no state of ours".into());
    let transaction = database.begin_read().map_err(Fault::from)?;
    let meta = transaction.open_table(rec::META).map_err(|_| not_ours())?;
    let format = meta.get(rec::META_FORMAT).map_err(Fault::from)?.ok_or_else(not_ours)?;
    match format.value() {
        [rec::FORMAT] => Ok(()),
        other => Err(StoreError::Damaged(format!("the state is of format {other:?}"))),
    }
}

pub(super) fn stream(
    txn: &ReadTransaction,
    id: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<Recorded>, Fault> {
    let streams = txn.open_table(rec::STREAMS)?;
    let events = txn.open_table(rec::EVENTS)?;
    let (from, to) = (rec::stream_key(id, after.0), rec::stream_key(id, u64::MAX));
    let bounds = (Bound::Excluded(from.as_slice()), Bound::Included(to.as_slice()));
    streams
        .range::<&[u8]>(bounds)?
        .take(limit)
        .map(|entry| {
            let (_, value) = entry?;
            let position = rec::Reader::new("streams", value.value())?.u64()?;
            event_at(&events, position)
        })
        .collect()
}

fn event_at(events: &Bin, position: u64) -> Result<Recorded, Fault> {
    let value = events.get(position.to_be_bytes().as_slice())?;
    let value = value.ok_or_else(|| Fault::damaged("streams"))?;
    Ok(rec::read_event(position, value.value())?.1)
}

pub(super) fn version(txn: &ReadTransaction, id: &StreamId) -> Result<Version, Fault> {
    last_version(&txn.open_table(rec::STREAMS)?, id).map(Version)
}

pub(super) fn all_events(
    txn: &ReadTransaction,
    after: u64,
    limit: usize,
) -> Result<Vec<(StreamId, Recorded)>, Fault> {
    numbered(txn, rec::EVENTS, after, limit, rec::read_event)
}

pub(super) fn audit(
    txn: &ReadTransaction,
    after: u64,
    limit: usize,
) -> Result<Vec<AuditRecord>, Fault> {
    numbered(txn, rec::AUDIT, after, limit, rec::read_audit)
}

fn numbered<T>(
    txn: &ReadTransaction,
    table: Definition,
    after: u64,
    limit: usize,
    read: impl Fn(u64, &[u8]) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let after = after.to_be_bytes();
    let bounds = (Bound::Excluded(after.as_slice()), Bound::Unbounded);
    txn.open_table(table)?
        .range::<&[u8]>(bounds)?
        .take(limit)
        .map(|entry| {
            let (key, value) = entry?;
            read(rec::position_of(key.value(), "numbered records")?, value.value())
        })
        .collect()
}

pub(super) fn audit_head(txn: &ReadTransaction) -> Result<AuditHead, Fault> {
    super::write::audit_head(&txn.open_table(rec::AUDIT)?)
}

pub(super) fn projection(
    txn: &ReadTransaction,
    table: &str,
    key: &[u8],
) -> Result<Option<Vec<u8>>, Fault> {
    let projections = txn.open_table(rec::PROJECTIONS)?;
    let found = projections.get(rec::named_key(table, key).as_slice())?;
    found.map(|value| Ok(rec::Reader::new("projections", value.value())?.rest())).transpose()
}

pub(super) fn scan(
    txn: &ReadTransaction,
    table: &str,
    prefix: &[u8],
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<KeyValue>, Fault> {
    let skip = rec::name_prefix(table).len();
    let wanted = rec::named_key(table, prefix);
    let after = after.map(|after| rec::named_key(table, after));
    let start = match &after {
        Some(after) if *after >= wanted => Bound::Excluded(after.as_slice()),
        _ => Bound::Included(wanted.as_slice()),
    };
    let mut pairs = Vec::new();
    for entry in txn.open_table(rec::PROJECTIONS)?.range::<&[u8]>((start, Bound::Unbounded))? {
        let (key, value) = entry?;
        if pairs.len() >= limit || !key.value().starts_with(&wanted) {
            break;
        }
        let value = rec::Reader::new("projections", value.value())?.rest();
        pairs.push((key.value()[skip..].to_vec(), value));
    }
    Ok(pairs)
}

pub(super) fn timers_due(
    txn: &ReadTransaction,
    until_ms: i64,
    limit: usize,
) -> Result<Vec<TimerRow>, Fault> {
    let timers = txn.open_table(rec::TIMERS)?;
    let mut rows = Vec::new();
    for entry in txn.open_table(rec::TIMERS_DUE)?.iter()? {
        let (key, _) = entry?;
        let (due_ms, id) = split_due(key.value(), "timers_due")?;
        if due_ms > until_ms || rows.len() >= limit {
            break;
        }
        let payload = payload_of(&timers, id, "timers")?;
        rows.push(TimerRow { id: id.to_vec(), due_ms, payload });
    }
    Ok(rows)
}

pub(super) fn next_timer(txn: &ReadTransaction) -> Result<Option<i64>, Fault> {
    let first = txn.open_table(rec::TIMERS_DUE)?;
    let first = first.first()?;
    first.map(|(key, _)| Ok(split_due(key.value(), "timers_due")?.0)).transpose()
}

pub(super) fn outbox(
    txn: &ReadTransaction,
    lane: &str,
    until_ms: i64,
    limit: usize,
) -> Result<Vec<OutboxRow>, Fault> {
    let outbox = txn.open_table(rec::OUTBOX)?;
    let prefix = rec::name_prefix(lane);
    let mut rows = Vec::new();
    for entry in txn.open_table(rec::OUTBOX_DUE)?.range(prefix.as_slice()..)? {
        let (key, _) = entry?;
        let Some(rest) = key.value().strip_prefix(prefix.as_slice()) else { break };
        let (due_ms, id) = split_due(rest, "outbox_due")?;
        if due_ms > until_ms || rows.len() >= limit {
            break;
        }
        let id: [u8; 16] = id.try_into().map_err(|_| Fault::damaged("outbox_due"))?;
        let payload = payload_of(&outbox, &rec::named_key(lane, &id), "outbox")?;
        rows.push(OutboxRow { lane: lane.to_owned(), id, due_ms, payload });
    }
    Ok(rows)
}

pub(super) fn lanes(txn: &ReadTransaction) -> Result<Vec<String>, Fault> {
    let mut lanes: Vec<String> = lane_heads(txn)?.into_iter().map(|(lane, _)| lane).collect();
    lanes.sort_unstable();
    Ok(lanes)
}

pub(super) fn next_outbox(txn: &ReadTransaction) -> Result<Option<i64>, Fault> {
    Ok(lane_heads(txn)?.into_iter().map(|(_, due_ms)| due_ms).min())
}

/// Each lane with its earliest due time: one seek for each lane, whatever it holds.
fn lane_heads(txn: &ReadTransaction) -> Result<Vec<(String, i64)>, Fault> {
    let index = txn.open_table(rec::OUTBOX_DUE)?;
    let mut heads = Vec::new();
    let mut from = Vec::new();
    while let Some(entry) = index.range(from.as_slice()..)?.next() {
        let key = entry?.0.value().to_vec();
        let (lane, rest) = split_lane(&key)?;
        heads.push((lane.to_owned(), split_due(rest, "outbox_due")?.0));
        match rec::after_prefix(&rec::name_prefix(lane)) {
            Some(next) => from = next,
            None => break,
        }
    }
    Ok(heads)
}

pub(super) fn blob_owners(txn: &ReadTransaction, id: &BlobId) -> Result<Vec<String>, Fault> {
    let mut owners = Vec::new();
    for entry in txn.open_table(rec::BLOBS)?.range(id.0.as_slice()..)? {
        let (key, _) = entry?;
        let Some(owner) = key.value().strip_prefix(&id.0) else { break };
        let owner = std::str::from_utf8(owner).map_err(|_| Fault::damaged("blobs"))?;
        owners.push(owner.to_owned());
    }
    Ok(owners)
}

fn payload_of(table: &Bin, key: &[u8], name: &'static str) -> Result<Vec<u8>, Fault> {
    let value = table.get(key)?.ok_or_else(|| Fault::damaged(name))?;
    let mut reader = rec::Reader::new(name, value.value())?;
    reader.due()?;
    Ok(reader.rest())
}

fn split_due<'k>(key: &'k [u8], table: &'static str) -> Result<(i64, &'k [u8]), Fault> {
    let (due, id) = key.split_first_chunk().ok_or_else(|| Fault::damaged(table))?;
    Ok((rec::due_of(*due), id))
}

fn split_lane(key: &[u8]) -> Result<(&str, &[u8]), Fault> {
    let damaged = || Fault::damaged("outbox_due");
    let (len, rest) = key.split_first().ok_or_else(damaged)?;
    let (lane, rest) = rest.split_at_checked(usize::from(*len)).ok_or_else(damaged)?;
    Ok((std::str::from_utf8(lane).map_err(|_| damaged())?, rest))
}
