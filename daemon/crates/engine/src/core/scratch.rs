//! The uncommitted state of a batch, and the cache of what is committed.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use sceau_cabinet::Registry;
use sceau_store::StateStore;
use sceau_workflow::machine::{Digest, Dossier, DossierId};

use super::{Aftermath, NotDone};
use crate::records::{self, DOSSIERS};

/// How many dossiers are kept in memory; the rest is read again from the store.
const MOST_CACHED: usize = 4096;

/// A batch's own view: what it has decided so far, over what is committed.
pub(super) struct Scratch {
    pub(super) dossiers: HashMap<DossierId, Arc<Dossier>>,
    pub(super) keys: HashMap<Digest, DossierId>,
    pub(super) idempotency: HashMap<Vec<u8>, Vec<u8>>,
    pub(super) revoked: HashSet<Vec<u8>>,
    pub(super) authority: Arc<Registry>,
    pub(super) aftermath: Aftermath,
}

impl Scratch {
    pub(super) fn new(authority: Arc<Registry>) -> Self {
        Self {
            dossiers: HashMap::new(),
            keys: HashMap::new(),
            idempotency: HashMap::new(),
            revoked: HashSet::new(),
            authority,
            aftermath: Aftermath::default(),
        }
    }
}

/// Committed dossiers, the oldest read forgotten first.
#[derive(Default)]
pub(super) struct Cache {
    dossiers: HashMap<DossierId, Arc<Dossier>>,
    order: VecDeque<DossierId>,
}

impl Cache {
    pub(super) fn put(&mut self, dossier: Arc<Dossier>) {
        let id = dossier.received.dossier.clone();
        if self.dossiers.insert(id.clone(), dossier).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MOST_CACHED {
            if let Some(oldest) = self.order.pop_front() {
                self.dossiers.remove(&oldest);
            }
        }
    }

    pub(super) fn get(
        &mut self,
        id: &DossierId,
        store: &dyn StateStore,
    ) -> Result<Option<Arc<Dossier>>, NotDone> {
        if let Some(dossier) = self.dossiers.get(id) {
            return Ok(Some(Arc::clone(dossier)));
        }
        let Some(bytes) = store.projection(DOSSIERS, id.as_str().as_bytes())? else {
            return Ok(None);
        };
        let dossier: Arc<Dossier> = Arc::new(records::decode("dossier", &bytes)?);
        self.put(Arc::clone(&dossier));
        Ok(Some(dossier))
    }
}
