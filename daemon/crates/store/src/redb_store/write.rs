//! A batch, written into one redb transaction.

use std::collections::HashMap;

use redb::{Database, ReadableTable, Table, WriteTransaction};

use super::fault::Fault;
use super::records::{self as rec, Bytes};
use crate::audit::AuditHead;
use crate::{
    BlobRef, Committed, Conflict, EventPlace, OutboxWrite, ProjectionWrite, StoreError, StreamId,
    TimerWrite, Transaction, Version,
};

type Bin<'t> = Table<'t, Bytes, Bytes>;

/// Makes all tables and writes the format's version, unless that was done before.
pub(super) fn lay_out(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write().map_err(Fault::from)?;
    lay_out_in(&transaction)?;
    Ok(transaction.commit().map_err(Fault::from)?)
}

fn lay_out_in(transaction: &WriteTransaction) -> Result<(), Fault> {
    let mut meta = transaction.open_table(rec::META)?;
    if meta.get(rec::META_FORMAT)?.is_none() {
        meta.insert(rec::META_FORMAT, rec::MARK.as_slice())?;
    }
    drop(meta);
    Writer::new(transaction).map(drop)
}

/// Applies the transactions in their order; one that conflicts writes nothing.
pub(super) fn apply(
    transaction: &WriteTransaction,
    batch: &[Transaction],
) -> Result<Vec<Result<Committed, Conflict>>, Fault> {
    let mut writer = Writer::new(transaction)?;
    batch.iter().map(|one| writer.apply(one)).collect()
}

pub(super) fn clear_projections(
    transaction: &WriteTransaction,
    tables: &[&str],
) -> Result<(), Fault> {
    let mut projections = transaction.open_table(rec::PROJECTIONS)?;
    for table in tables {
        let from = rec::name_prefix(table);
        // A name's length byte and bytes are followed by any key, so the end is the next prefix.
        match rec::after_prefix(&from) {
            Some(end) => projections.retain_in(from.as_slice()..end.as_slice(), |_, _| false)?,
            None => projections.retain_in(from.as_slice().., |_, _| false)?,
        }
    }
    Ok(())
}

/// The open tables of one redb transaction, and what is known of their ends.
struct Writer<'t> {
    events: Bin<'t>,
    streams: Bin<'t>,
    projections: Bin<'t>,
    timers: Bin<'t>,
    timers_due: Bin<'t>,
    outbox: Bin<'t>,
    outbox_due: Bin<'t>,
    blobs: Bin<'t>,
    audit: Bin<'t>,
    versions: HashMap<StreamId, u64>,
    /// A value as it is put together.
    draft: Vec<u8>,
    last_position: u64,
    audit_head: AuditHead,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        let events = transaction.open_table(rec::EVENTS)?;
        let audit = transaction.open_table(rec::AUDIT)?;
        let last_position = last_position(&events)?;
        let audit_head = audit_head(&audit)?;
        Ok(Self {
            events,
            streams: transaction.open_table(rec::STREAMS)?,
            projections: transaction.open_table(rec::PROJECTIONS)?,
            timers: transaction.open_table(rec::TIMERS)?,
            timers_due: transaction.open_table(rec::TIMERS_DUE)?,
            outbox: transaction.open_table(rec::OUTBOX)?,
            outbox_due: transaction.open_table(rec::OUTBOX_DUE)?,
            blobs: transaction.open_table(rec::BLOBS)?,
            audit,
            versions: HashMap::new(),
            draft: Vec::new(),
            last_position,
            audit_head,
        })
    }

    fn apply(&mut self, one: &Transaction) -> Result<Result<Committed, Conflict>, Fault> {
        for (stream, expected) in &one.preconditions {
            let found = Version(self.version(stream)?);
            if found != *expected {
                let (stream, expected) = (stream.clone(), *expected);
                return Ok(Err(Conflict { stream, expected, found }));
            }
        }
        self.write(one).map(Ok)
    }

    fn write(&mut self, one: &Transaction) -> Result<Committed, Fault> {
        let mut committed = Committed::default();
        for (stream, bytes) in &one.events {
            committed.events.push(self.append(stream, one.at_ms, bytes)?);
        }
        one.projections.iter().try_for_each(|write| self.project(write))?;
        one.timers.iter().try_for_each(|write| self.set_timer(write))?;
        one.outbox.iter().try_for_each(|write| self.put_outbox(write))?;
        one.blobs.iter().try_for_each(|reference| self.refer(reference))?;
        for bytes in &one.audit {
            committed.audit_position = Some(self.append_audit(one.at_ms, bytes)?);
        }
        Ok(committed)
    }

    fn version(&mut self, stream: &StreamId) -> Result<u64, Fault> {
        if let Some(version) = self.versions.get(stream) {
            return Ok(*version);
        }
        let version = last_version(&self.streams, stream)?;
        self.versions.insert(stream.clone(), version);
        Ok(version)
    }

    fn append(&mut self, stream: &StreamId, at_ms: i64, bytes: &[u8]) -> Result<EventPlace, Fault> {
        let version = self.version(stream)? + 1;
        let position = self.last_position + 1;
        let key = rec::stream_key(stream, version);
        self.streams.insert(key.as_slice(), rec::position_value(position).as_slice())?;
        rec::event_value(&mut self.draft, &key, at_ms, bytes);
        self.events.insert(position.to_be_bytes().as_slice(), self.draft.as_slice())?;
        // Invariant: since it was asked for, it is known.
        if let Some(known) = self.versions.get_mut(stream) {
            *known = version;
        }
        self.last_position = position;
        Ok(EventPlace { version: Version(version), position })
    }

    fn project(&mut self, write: &ProjectionWrite) -> Result<(), Fault> {
        let key = rec::named_key(&write.table, &write.key);
        match &write.value {
            Some(value) => {
                rec::value(&mut self.draft, value);
                self.projections.insert(key.as_slice(), self.draft.as_slice())?
            }
            None => self.projections.remove(key.as_slice())?,
        };
        Ok(())
    }

    fn set_timer(&mut self, write: &TimerWrite) -> Result<(), Fault> {
        match write {
            TimerWrite::Set { id, due_ms, payload } => {
                let value = rec::due_value(*due_ms, payload);
                let old = self.timers.insert(id.as_slice(), value.as_slice())?;
                let old_due = old.map(|old| due_in("timers", old.value())).transpose()?;
                self.forget_timer_due(old_due, id)?;
                let key = rec::timer_due_key(*due_ms, id);
                self.timers_due.insert(key.as_slice(), rec::MARK.as_slice())?;
            }
            TimerWrite::Cancel { id } => {
                let old = self.timers.remove(id.as_slice())?;
                let old_due = old.map(|old| due_in("timers", old.value())).transpose()?;
                self.forget_timer_due(old_due, id)?;
            }
        }
        Ok(())
    }

    fn forget_timer_due(&mut self, due_ms: Option<i64>, id: &[u8]) -> Result<(), Fault> {
        if let Some(due_ms) = due_ms {
            self.timers_due.remove(rec::timer_due_key(due_ms, id).as_slice())?;
        }
        Ok(())
    }

    fn put_outbox(&mut self, write: &OutboxWrite) -> Result<(), Fault> {
        match write {
            OutboxWrite::Put { lane, id, due_ms, payload } => {
                self.take_outbox(lane, id)?;
                self.insert_outbox(lane, id, *due_ms, payload)
            }
            OutboxWrite::Reschedule { lane, id, due_ms, payload } => {
                match self.take_outbox(lane, id)? {
                    true => self.insert_outbox(lane, id, *due_ms, payload),
                    false => Ok(()),
                }
            }
            OutboxWrite::Remove { lane, id } => self.take_outbox(lane, id).map(drop),
        }
    }

    /// Removes the row and its index entry; tells whether it was there.
    fn take_outbox(&mut self, lane: &str, id: &[u8; 16]) -> Result<bool, Fault> {
        let old = self.outbox.remove(rec::named_key(lane, id).as_slice())?;
        let Some(due_ms) = old.map(|old| due_in("outbox", old.value())).transpose()? else {
            return Ok(false);
        };
        self.outbox_due.remove(rec::outbox_due_key(lane, due_ms, id).as_slice())?;
        Ok(true)
    }

    fn insert_outbox(
        &mut self,
        lane: &str,
        id: &[u8; 16],
        due_ms: i64,
        payload: &[u8],
    ) -> Result<(), Fault> {
        let value = rec::due_value(due_ms, payload);
        self.outbox.insert(rec::named_key(lane, id).as_slice(), value.as_slice())?;
        let key = rec::outbox_due_key(lane, due_ms, id);
        self.outbox_due.insert(key.as_slice(), rec::MARK.as_slice())?;
        Ok(())
    }

    fn refer(&mut self, reference: &BlobRef) -> Result<(), Fault> {
        match reference {
            BlobRef::Retain { id, owner } => {
                self.blobs.insert(rec::blob_key(id, owner).as_slice(), rec::MARK.as_slice())?
            }
            BlobRef::Release { id, owner } => {
                self.blobs.remove(rec::blob_key(id, owner).as_slice())?
            }
        };
        Ok(())
    }

    fn append_audit(&mut self, at_ms: i64, bytes: &[u8]) -> Result<u64, Fault> {
        let record = self.audit_head.append(at_ms, bytes);
        let value = rec::audit_value(&record);
        self.audit.insert(record.position.to_be_bytes().as_slice(), value.as_slice())?;
        self.audit_head = AuditHead { position: record.position, link: record.link };
        Ok(record.position)
    }
}

/// The version of the last event of a stream; 0 when there is none.
pub(super) fn last_version(
    streams: &impl ReadableTable<Bytes, Bytes>,
    stream: &StreamId,
) -> Result<u64, Fault> {
    let (from, to) = (rec::stream_key(stream, 0), rec::stream_key(stream, u64::MAX));
    match streams.range(from.as_slice()..=to.as_slice())?.next_back() {
        Some(entry) => rec::version_of_stream_key(entry?.0.value()),
        None => Ok(0),
    }
}

/// The end of the audit chain.
pub(super) fn audit_head(audit: &impl ReadableTable<Bytes, Bytes>) -> Result<AuditHead, Fault> {
    let Some((key, value)) = audit.last()? else { return Ok(AuditHead::GENESIS) };
    let position = rec::position_of(key.value(), "audit")?;
    let record = rec::read_audit(position, value.value())?;
    Ok(AuditHead { position, link: record.link })
}

fn last_position(events: &impl ReadableTable<Bytes, Bytes>) -> Result<u64, Fault> {
    match events.last()? {
        Some((key, _)) => rec::position_of(key.value(), "events"),
        None => Ok(0),
    }
}

fn due_in(table: &'static str, value: &[u8]) -> Result<i64, Fault> {
    rec::Reader::new(table, value)?.due()
}
