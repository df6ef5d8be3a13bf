//! The state port in memory: fast, and the model that other implementations are compared with.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::audit::{AuditHead, AuditRecord};
use crate::{
    BlobId, BlobRef, Committed, Conflict, EventPlace, KeyValue, OutboxRow, OutboxWrite, Recorded,
    StateStore, StoreError, StreamId, TimerRow, TimerWrite, Transaction, Version, check,
};

/// A store in memory; clones share it, so that a restart is a clone.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

type Due = (i64, Vec<u8>);

#[derive(Debug, Default)]
struct State {
    poisoned: bool,
    events: Vec<(StreamId, Recorded)>,
    versions: HashMap<StreamId, u64>,
    projections: BTreeMap<(String, Vec<u8>), Vec<u8>>,
    timers: BTreeMap<Vec<u8>, Due>,
    outbox: BTreeMap<(String, [u8; 16]), Due>,
    blobs: BTreeSet<(BlobId, String)>,
    audit: Vec<AuditRecord>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every further commit fail with [`StoreError::Poisoned`], as after an I/O error.
    pub fn poison(&self) {
        self.state().poisoned = true;
    }

    /// Ends [`MemoryStore::poison`], as a restart does.
    pub fn heal(&self) {
        self.state().poisoned = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn version(&self, stream: &StreamId) -> u64 {
        self.versions.get(stream).copied().unwrap_or(0)
    }

    fn apply(&mut self, one: &Transaction) -> Result<Committed, Conflict> {
        for (stream, expected) in &one.preconditions {
            let found = Version(self.version(stream));
            if found != *expected {
                let (stream, expected) = (stream.clone(), *expected);
                return Err(Conflict { stream, expected, found });
            }
        }
        let events = one.events.iter().map(|(stream, bytes)| self.append(stream, one.at_ms, bytes));
        let mut committed = Committed { events: events.collect(), audit_position: None };
        for write in &one.projections {
            let key = (write.table.clone(), write.key.clone());
            match &write.value {
                Some(value) => self.projections.insert(key, value.clone()),
                None => self.projections.remove(&key),
            };
        }
        one.timers.iter().for_each(|write| self.set_timer(write));
        one.outbox.iter().for_each(|write| self.put_outbox(write));
        one.blobs.iter().for_each(|reference| self.refer(reference));
        for bytes in &one.audit {
            let record = self.audit_head().append(one.at_ms, bytes);
            committed.audit_position = Some(record.position);
            self.audit.push(record);
        }
        Ok(committed)
    }

    fn append(&mut self, stream: &StreamId, at_ms: i64, bytes: &[u8]) -> EventPlace {
        let version = Version(self.version(stream) + 1);
        let position = self.events.len() as u64 + 1;
        self.versions.insert(stream.clone(), version.0);
        let recorded = Recorded { version, position, at_ms, bytes: bytes.to_vec() };
        self.events.push((stream.clone(), recorded));
        EventPlace { version, position }
    }

    fn set_timer(&mut self, write: &TimerWrite) {
        match write {
            TimerWrite::Set { id, due_ms, payload } => {
                self.timers.insert(id.clone(), (*due_ms, payload.clone()))
            }
            TimerWrite::Cancel { id } => self.timers.remove(id),
        };
    }

    fn put_outbox(&mut self, write: &OutboxWrite) {
        match write {
            OutboxWrite::Put { lane, id, due_ms, payload } => {
                self.outbox.insert((lane.clone(), *id), (*due_ms, payload.clone()));
            }
            OutboxWrite::Reschedule { lane, id, due_ms, payload } => {
                if let Some(row) = self.outbox.get_mut(&(lane.clone(), *id)) {
                    *row = (*due_ms, payload.clone());
                }
            }
            OutboxWrite::Remove { lane, id } => {
                self.outbox.remove(&(lane.clone(), *id));
            }
        }
    }

    fn refer(&mut self, reference: &BlobRef) {
        match reference {
            BlobRef::Retain { id, owner } => self.blobs.insert((*id, owner.clone())),
            BlobRef::Release { id, owner } => self.blobs.remove(&(*id, owner.clone())),
        };
    }

    fn audit_head(&self) -> AuditHead {
        let head = |last: &AuditRecord| AuditHead { position: last.position, link: last.link };
        self.audit.last().map_or(AuditHead::GENESIS, head)
    }

    fn rows(&self) -> Vec<OutboxRow> {
        let mut rows: Vec<_> = self
            .outbox
            .iter()
            .map(|((lane, id), (due_ms, payload))| {
                let (lane, payload) = (lane.clone(), payload.clone());
                OutboxRow { lane, id: *id, due_ms: *due_ms, payload }
            })
            .collect();
        rows.sort_by_key(|row| (row.due_ms, row.id));
        rows
    }
}

impl StateStore for MemoryStore {
    fn commit(
        &self,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
        check::sizes(batch)?;
        let mut state = self.state();
        if state.poisoned {
            return Err(StoreError::Poisoned);
        }
        Ok(batch.iter().map(|one| state.apply(one)).collect())
    }

    fn stream(
        &self,
        id: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let state = self.state();
        let wanted = |(of, event): &&(StreamId, Recorded)| of == id && event.version > after;
        Ok(state.events.iter().filter(wanted).take(limit).map(|(_, e)| e.clone()).collect())
    }

    fn version(&self, id: &StreamId) -> Result<Version, StoreError> {
        Ok(Version(self.state().version(id)))
    }

    fn all_events(
        &self,
        after_position: u64,
        limit: usize,
    ) -> Result<Vec<(StreamId, Recorded)>, StoreError> {
        let state = self.state();
        let skip = usize::try_from(after_position).unwrap_or(usize::MAX);
        Ok(state.events.iter().skip(skip).take(limit).cloned().collect())
    }

    fn projection(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state().projections.get(&(table.to_owned(), key.to_vec())).cloned())
    }

    fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<KeyValue>, StoreError> {
        let state = self.state();
        Ok(state
            .projections
            .range((table.to_owned(), prefix.to_vec())..)
            .take_while(|((of, key), _)| of == table && key.starts_with(prefix))
            .filter(|((_, key), _)| after.is_none_or(|after| key.as_slice() > after))
            .take(limit)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect())
    }

    fn timers_due(&self, until_ms: i64, limit: usize) -> Result<Vec<TimerRow>, StoreError> {
        let state = self.state();
        let mut rows: Vec<_> = state
            .timers
            .iter()
            .filter(|(_, (due_ms, _))| *due_ms <= until_ms)
            .map(|(id, (due_ms, payload))| TimerRow {
                id: id.clone(),
                due_ms: *due_ms,
                payload: payload.clone(),
            })
            .collect();
        rows.sort_by(|a, b| (a.due_ms, &a.id).cmp(&(b.due_ms, &b.id)));
        rows.truncate(limit);
        Ok(rows)
    }

    fn next_timer(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.state().timers.values().map(|(due_ms, _)| *due_ms).min())
    }

    fn outbox(
        &self,
        lane: &str,
        due_until_ms: i64,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut rows = self.state().rows();
        rows.retain(|row| row.lane == lane && row.due_ms <= due_until_ms);
        rows.truncate(limit);
        Ok(rows)
    }

    fn lanes(&self) -> Result<Vec<String>, StoreError> {
        let mut lanes: Vec<_> = self.state().outbox.keys().map(|(lane, _)| lane.clone()).collect();
        lanes.dedup();
        Ok(lanes)
    }

    fn next_outbox(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.state().outbox.values().map(|(due_ms, _)| *due_ms).min())
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(self.state().audit.iter().skip(skip).take(limit).cloned().collect())
    }

    fn audit_head(&self) -> Result<AuditHead, StoreError> {
        Ok(self.state().audit_head())
    }

    fn blob_references(&self, id: &BlobId) -> Result<u64, StoreError> {
        Ok(self.blob_owners(id)?.len() as u64)
    }

    fn blob_owners(&self, id: &BlobId) -> Result<Vec<String>, StoreError> {
        let state = self.state();
        let owned = state.blobs.range((*id, String::new())..).take_while(|(of, _)| of == id);
        Ok(owned.map(|(_, owner)| owner.clone()).collect())
    }

    fn clear_projections(&self, tables: &[&str]) -> Result<(), StoreError> {
        let mut state = self.state();
        state.projections.retain(|(table, _), _| !tables.contains(&table.as_str()));
        Ok(())
    }
}
