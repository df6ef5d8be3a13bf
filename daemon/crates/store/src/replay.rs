//! Reading all events in order, and filling projection tables anew from them.
//!
//! What replaying cannot give back (the erasable table of persons' details) is never among the
//! tables that are rebuilt.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use crate::{ProjectionWrite, Recorded, StateStore, StoreError, StreamId, Transaction};

/// Records read at a time: no snapshot of the store is held longer than that takes.
const PAGE: usize = 256;

/// Iterates over all events after a position, oldest first, page by page: events that are
/// committed meanwhile come too.
#[must_use]
pub fn replay(store: &dyn StateStore, after_position: u64) -> Replay<'_> {
    Replay { store, after: after_position, page: VecDeque::new(), failed: false }
}

/// See [`replay`]. Ends after the first error.
pub struct Replay<'s> {
    store: &'s dyn StateStore,
    after: u64,
    page: VecDeque<(StreamId, Recorded)>,
    failed: bool,
}

impl Iterator for Replay<'_> {
    type Item = Result<(StreamId, Recorded), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() && !self.failed {
            match self.store.all_events(self.after, PAGE) {
                Ok(events) => self.page = events.into(),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        let next = self.page.pop_front()?;
        self.after = next.1.position;
        Some(Ok(next))
    }
}

/// Clears the tables and writes them anew: `project` is asked once for each event, in order, and
/// answers with what that event writes. Returns how many events there were.
///
/// Interrupted, it leaves the tables half filled: begin again.
///
/// # Errors
/// The store cannot be read or written.
pub fn rebuild(
    store: &dyn StateStore,
    tables: &[&str],
    mut project: impl FnMut(&StreamId, &Recorded) -> Vec<ProjectionWrite>,
) -> Result<u64, StoreError> {
    store.clear_projections(tables)?;
    let (mut position, mut count) = (0, 0);
    loop {
        let events = store.all_events(position, PAGE)?;
        let Some((_, last)) = events.last() else { return Ok(count) };
        position = last.position;
        count += events.len() as u64;
        let writes = events.iter().flat_map(|(stream, event)| project(stream, event)).collect();
        write_projections(store, last.at_ms, writes)?;
    }
}

fn write_projections(
    store: &dyn StateStore,
    at_ms: i64,
    projections: Vec<ProjectionWrite>,
) -> Result<(), StoreError> {
    if projections.is_empty() {
        return Ok(());
    }
    store.commit(&[Transaction { at_ms, projections, ..Transaction::default() }]).map(drop)
}

/// The digest of all pairs of the tables, in the order of the tables given and of their keys: equal
/// for byte-for-byte equal tables only (SHA-256 over each table's name, and each key and value,
/// each with its length in front).
///
/// # Errors
/// The store cannot be read.
pub fn dump_projections(store: &dyn StateStore, tables: &[&str]) -> Result<[u8; 32], StoreError> {
    let mut hasher = Sha256::new();
    for table in tables {
        hash_part(&mut hasher, b'T', table.as_bytes());
        let mut after: Option<Vec<u8>> = None;
        loop {
            let pairs = store.scan(table, b"", after.as_deref(), PAGE)?;
            let Some((last, _)) = pairs.last() else { break };
            for (key, value) in &pairs {
                hash_part(&mut hasher, b'K', key);
                hash_part(&mut hasher, b'V', value);
            }
            after = Some(last.clone());
        }
    }
    Ok(hasher.finalize().into())
}

fn hash_part(hasher: &mut Sha256, kind: u8, bytes: &[u8]) {
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
