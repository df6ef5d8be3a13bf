//! Plans by the hash of their definition: written once, kept for the dossiers that are pinned to
//! them, whatever becomes of the file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sceau_store::{ProjectionWrite, StateStore, StoreError, Transaction};
use sceau_workflow::machine::{Digest, Plan, Routes};

use super::NotDone;
use crate::records::{self, PLANS};

pub(super) struct Plans {
    current: Routes,
    by_hash: HashMap<Digest, Arc<Plan>>,
}

impl Plans {
    /// Makes sure that the store holds every current plan before a dossier can be pinned to it.
    pub(super) fn keep(
        workflows: &BTreeMap<String, (Digest, Plan)>,
        store: &dyn StateStore,
        now_ms: i64,
    ) -> Result<Self, StoreError> {
        let mut plans = Self { current: Routes::new(), by_hash: HashMap::new() };
        let transaction = plans.exchange(workflows, store, now_ms)?;
        transaction.map(|transaction| store.commit(&[transaction])).transpose()?;
        Ok(plans)
    }

    /// Takes these as the current plans; the transaction by which the store holds them, which is to be
    /// committed before, or with, the first dossier that is pinned to one of them.
    pub(super) fn exchange(
        &mut self,
        workflows: &BTreeMap<String, (Digest, Plan)>,
        store: &dyn StateStore,
        now_ms: i64,
    ) -> Result<Option<Transaction>, StoreError> {
        let mut current = Routes::new();
        let mut transaction = Transaction { at_ms: now_ms, ..Transaction::default() };
        for (name, (hash, plan)) in workflows {
            let kept = Arc::new(plan.clone());
            current.insert(name.clone(), (*hash, Arc::clone(&kept)));
            self.by_hash.insert(*hash, kept);
            // The same definition may have been read into less by an earlier version.
            let record = records::encode(plan);
            if store.projection(PLANS, hash.bytes())?.as_ref() != Some(&record) {
                transaction.projections.push(ProjectionWrite {
                    table: PLANS.to_owned(),
                    key: hash.bytes().to_vec(),
                    value: Some(record),
                });
            }
        }
        self.current = current;
        Ok((!transaction.projections.is_empty()).then_some(transaction))
    }

    pub(super) fn current(&self, workflow: &str) -> Option<Digest> {
        self.current.get(workflow).map(|(hash, _)| *hash)
    }

    /// Where a routing step can lead.
    pub(super) fn routes(&self) -> &Routes {
        &self.current
    }

    pub(super) fn get(
        &mut self,
        hash: &Digest,
        store: &dyn StateStore,
    ) -> Result<Arc<Plan>, NotDone> {
        if let Some(plan) = self.by_hash.get(hash) {
            return Ok(Arc::clone(plan));
        }
        let missing = || NotDone::Unreadable(format!("the workflow definition {hash} is missing"));
        let bytes = store.projection(PLANS, hash.bytes())?.ok_or_else(missing)?;
        let plan: Arc<Plan> = Arc::new(records::decode("workflow definition", &bytes)?);
        self.by_hash.insert(*hash, Arc::clone(&plan));
        Ok(plan)
    }
}
