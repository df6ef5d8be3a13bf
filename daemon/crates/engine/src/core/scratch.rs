//! The uncommitted state of a batch, and the cache of what is committed.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use sceau_cabinet::Registry;
use sceau_store::StateStore;
use sceau_workflow::machine::{Digest, Dossier, DossierId};

use super::{Aftermath, NotDone};
use crate::records::{self, DOSSIERS};

/// How many dossiers that are at work are kept in memory; the others are read again from the store.
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

/// Committed dossiers that are at work, the first to come forgotten first. One that rests is let go: nobody asks
/// for it until a person or a timer does.
#[derive(Default)]
pub(super) struct Cache {
    dossiers: HashMap<DossierId, Arc<Dossier>>,
    /// In the order in which they came; some may be gone since.
    order: VecDeque<DossierId>,
}

impl Cache {
    pub(super) fn put(&mut self, dossier: Arc<Dossier>) {
        let id = &dossier.received.dossier;
        if !dossier.is_at_work() {
            self.dossiers.remove(id);
            return;
        }
        let id = id.clone();
        if self.dossiers.insert(id.clone(), dossier).is_none() {
            self.order.push_back(id);
        }
        self.forget();
    }

    fn forget(&mut self) {
        while self.dossiers.len() > MOST_CACHED {
            let Some(oldest) = self.order.pop_front() else { return };
            self.dossiers.remove(&oldest);
        }
        if self.order.len() > 2 * MOST_CACHED {
            self.order.retain(|id| self.dossiers.contains_key(id));
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::Timestamp;
    use sceau_workflow::machine::Phase;
    use serde_json::json;

    use super::*;

    fn dossier(number: usize, phase: Phase) -> Arc<Dossier> {
        let id = DossierId::new(i64::try_from(number).unwrap(), [0; 10]);
        let digest = "0".repeat(64);
        let received = serde_json::from_value(json!({
            "dossier": id, "workflow": "w", "definition": digest, "account": "0".repeat(32),
            "societe": "exemple", "origin": { "channel": { "kind": "api" }, "name": "a.pdf" },
            "title": "a", "document": { "digest": digest, "len": 1 }, "key": digest,
        }));
        let mut dossier = Dossier::begin(received.unwrap(), Timestamp::UNIX_EPOCH);
        dossier.phase = phase;
        Arc::new(dossier)
    }

    #[test]
    fn what_rests_is_let_go_however_many_there_were() {
        let mut cache = Cache::default();
        cache.put(dossier(0, Phase::Running));
        for number in 1..=3 * MOST_CACHED {
            cache.put(dossier(number, Phase::Running));
            cache.put(dossier(number, Phase::Delivered));
        }
        assert_eq!(cache.dossiers.len(), 1, "the first is at work still");
        assert!(cache.order.len() <= 2 * MOST_CACHED + 1, "{}", cache.order.len());
    }

    #[test]
    fn of_many_at_work_the_first_is_forgotten() {
        let mut cache = Cache::default();
        (0..=MOST_CACHED).for_each(|number| cache.put(dossier(number, Phase::Running)));
        let known = |number| dossier(number, Phase::Running).received.dossier.clone();
        assert!(!cache.dossiers.contains_key(&known(0)));
        assert!(cache.dossiers.contains_key(&known(MOST_CACHED)));
    }
}
