//! What the writer reads when it starts: the authority, the plans, the outbox.

use std::sync::Arc;

use sceau_cabinet::{CabinetEvent, Registry};
use sceau_store::{Recorded, StateStore, StoreError, StreamId, Version};

use sceau_workflow::machine::Dossier;

use super::plans::Plans;
use super::{Core, CoreParts};
use crate::queue::{Lanes, Waiting};
use crate::records::{self, DOSSIERS, SUBJECTS};

/// Records read in one go.
const PAGE: usize = 1024;

/// The state cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error("the state could not be read: {0}")]
    Store(#[from] StoreError),
    /// A record cannot be read, or does not follow from those before.
    #[error("the state is damaged or newer than this program: {0}")]
    Unreadable(String),
}

impl Core {
    /// Takes up the state where it was left.
    pub fn load(parts: CoreParts) -> Result<Self, LoadError> {
        let store = parts.store.as_ref();
        let authority = Arc::new(authority(store)?);
        let now_ms = parts.clock.now().as_millisecond();
        let plans = Plans::keep(&parts.workflows, store, now_ms)?;
        fill(&parts.lanes, store)?;
        Ok(Self { authority, plans, cache: super::scratch::Cache::default(), parts })
    }
}

/// Replays every event of every subject in the order in which they were written.
fn authority(store: &dyn StateStore) -> Result<Registry, LoadError> {
    let mut events: Vec<Recorded> = Vec::new();
    for subject in keys(store, SUBJECTS)? {
        let name = String::from_utf8(subject).map_err(|error| unreadable(&error))?;
        events.extend(stream(store, &StreamId::new(name))?);
    }
    events.sort_by_key(|event| event.position);
    let mut registry = Registry::default();
    for recorded in events {
        let event = CabinetEvent::decode(&recorded.bytes).map_err(|error| unreadable(&error))?;
        registry.apply(&event).map_err(|error| unreadable(&error))?;
    }
    Ok(registry)
}

fn keys(store: &dyn StateStore, table: &str) -> Result<Vec<Vec<u8>>, LoadError> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    loop {
        let page = store.scan(table, b"", keys.last().map(Vec::as_slice), PAGE)?;
        let last = page.len() < PAGE;
        keys.extend(page.into_iter().map(|(key, _)| key));
        if last {
            return Ok(keys);
        }
    }
}

/// Every event of a stream.
pub(crate) fn stream(store: &dyn StateStore, id: &StreamId) -> Result<Vec<Recorded>, StoreError> {
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let after = events.last().map_or(Version(0), |event| event.version);
        let page = store.stream(id, after, PAGE)?;
        let last = page.len() < PAGE;
        events.extend(page);
        if last {
            return Ok(events);
        }
    }
}

/// Every committed row goes back into its lane; a runner finds out what it did before a crash.
fn fill(lanes: &Lanes, store: &dyn StateStore) -> Result<(), LoadError> {
    for lane in store.lanes()? {
        for row in store.outbox(&lane, i64::MAX, usize::MAX)? {
            let mut waiting: Waiting =
                records::decode("outbox row", &row.payload).map_err(|error| unreadable(&error))?;
            waiting.dossier = dossier(store, &waiting)?;
            lanes.put(waiting);
        }
    }
    Ok(())
}

fn dossier(store: &dyn StateStore, waiting: &Waiting) -> Result<Option<Arc<Dossier>>, LoadError> {
    let key = waiting.row.dossier.as_str().as_bytes();
    let Some(bytes) = store.projection(DOSSIERS, key)? else { return Ok(None) };
    let dossier = records::decode("dossier", &bytes).map_err(|error| unreadable(&error))?;
    Ok(Some(Arc::new(dossier)))
}

fn unreadable(error: &dyn std::error::Error) -> LoadError {
    LoadError::Unreadable(error.to_string())
}
