//! The suite on each implementation, and each implementation against the model.

#![allow(clippy::unwrap_used, reason = "tests")]

use sceau_store::testing::{LossyDisk, MemoryStore, conformance};
use sceau_store::{CommitMode, RedbOptions, RedbStore};

#[test]
fn in_memory() {
    conformance::run(|| Box::new(MemoryStore::new()));
}

#[test]
fn on_redb() {
    for commit in [CommitMode::OnePhase, CommitMode::TwoPhase, CommitMode::QuickRepair] {
        let options = RedbOptions { cache_bytes: 1 << 20, commit };
        conformance::run(|| {
            Box::new(RedbStore::with_backend(LossyDisk::new().backend(), options).unwrap())
        });
    }
}
