//! Power cuts in the middle of commits, on a disk that loses what was not synced.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use sceau_store::testing::{LossyDisk, MemoryStore, Snapshot, snapshot};
use sceau_store::{
    AuditHead, CommitMode, RedbOptions, RedbStore, StateStore, StoreError, Transaction, audit,
};
use support::{TABLES, batches, blobs, cases, transaction};

const MODES: [CommitMode; 3] =
    [CommitMode::OnePhase, CommitMode::TwoPhase, CommitMode::QuickRepair];

fn options(commit: CommitMode) -> RedbOptions {
    RedbOptions { cache_bytes: 1 << 20, commit }
}

fn seen(store: &dyn StateStore) -> Snapshot {
    snapshot(store, &TABLES, &blobs()).unwrap()
}

/// Commits until the power is cut; the last batch tried was not acknowledged.
fn until_the_cut(store: &RedbStore, batches: &[Vec<Transaction>]) -> usize {
    batches.iter().take_while(|batch| store.commit(batch).is_ok()).count()
}

/// After the cut: all that was acknowledged, and of the batch in flight all or nothing.
fn check(after: &RedbStore, batches: &[Vec<Transaction>], acknowledged: usize) -> usize {
    let found = seen(after);
    let model = MemoryStore::new();
    batches[..acknowledged].iter().for_each(|batch| drop(model.commit(batch).unwrap()));
    audit::verify(AuditHead::GENESIS, &found.audit).unwrap();
    if found == seen(&model) {
        return acknowledged;
    }
    let in_flight = batches.get(acknowledged).expect("more than was ever asked for is there");
    model.commit(in_flight).unwrap();
    assert_eq!(found, seen(&model), "neither all nor nothing of the batch in flight");
    acknowledged + 1
}

proptest! {
    #![proptest_config(cases(40))]

    /// Cut, reopen, go on, cut again, reopen.
    #[test]
    fn acknowledged_commits_survive(
        batches in batches(8),
        mode in 0..MODES.len(),
        cuts in prop::array::uniform2(0..60u64),
        seeds in prop::array::uniform2(any::<u64>()),
    ) {
        let options = options(MODES[mode]);
        let mut disk = LossyDisk::new();
        drop(RedbStore::with_backend(disk.backend(), options).unwrap());
        let mut done = 0;
        for (cut, seed) in cuts.into_iter().zip(seeds) {
            let store = RedbStore::with_backend(disk.backend(), options).unwrap();
            disk.cut_power_after(cut);
            let acknowledged = done + until_the_cut(&store, &batches[done..]);
            let after = disk.crash(seed);
            drop(store);
            let reopened = RedbStore::with_backend(after.backend(), options).unwrap();
            done = check(&reopened, &batches, acknowledged);
            drop(reopened);
            disk = after;
        }
        let store = RedbStore::with_backend(disk.backend(), options).unwrap();
        batches[done..].iter().for_each(|batch| drop(store.commit(batch).unwrap()));
        check(&store, &batches, batches.len());
    }
}

/// One run of batches, cut at every single operation of the disk, with both extremes and two
/// random outcomes each.
#[test]
fn every_operation_may_be_the_last() {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(20), ..Config::default() });
    let batches = vec(vec(transaction(), 1..5), 4).new_tree(&mut runner).unwrap().current();
    for mode in MODES {
        let blank = LossyDisk::new();
        drop(RedbStore::with_backend(blank.backend(), options(mode)).unwrap());
        let mut cut = 0;
        loop {
            let disk = blank.crash(1);
            let store = RedbStore::with_backend(disk.backend(), options(mode)).unwrap();
            disk.cut_power_after(cut);
            let acknowledged = until_the_cut(&store, &batches);
            for seed in [0, 1, cut + 2, cut + 1_000_003] {
                let after = disk.crash(seed);
                let reopened = RedbStore::with_backend(after.backend(), options(mode)).unwrap();
                check(&reopened, &batches, acknowledged);
            }
            if acknowledged == batches.len() {
                break;
            }
            cut += 1;
        }
        assert!(cut > 5, "{mode:?} was cut at {cut} places");
    }
}

/// The test would notice a missing sync: on a disk that only pretends, commits are lost.
#[test]
fn a_missing_sync_would_be_noticed() {
    for mode in MODES {
        let disk = LossyDisk::new();
        let store = RedbStore::with_backend(disk.backend(), options(mode)).unwrap();
        let one = Transaction { audit: vec![vec![1]], ..Default::default() };
        store.commit(std::slice::from_ref(&one)).unwrap();
        let head = |disk: LossyDisk| {
            let store = RedbStore::with_backend(disk.backend(), options(mode)).unwrap();
            store.audit_head().unwrap().position
        };
        assert_eq!(head(disk.crash(0)), 1, "{mode:?}");
        disk.ignore_syncs();
        store.commit(&[one]).unwrap();
        assert_eq!((head(disk.crash(0)), head(disk.crash(1))), (1, 2), "{mode:?}");
    }
}

#[test]
fn after_an_io_error_nothing_more_is_written() {
    let disk = LossyDisk::new();
    let store = RedbStore::with_backend(disk.backend(), RedbOptions::default()).unwrap();
    let one = Transaction { audit: vec![vec![1]], ..Default::default() };
    store.commit(std::slice::from_ref(&one)).unwrap();
    disk.cut_power_after(1);
    let failed = store.commit(std::slice::from_ref(&one));
    assert!(matches!(failed, Err(StoreError::Io(_))), "{failed:?}");
    for _ in 0..2 {
        let refused = store.commit(std::slice::from_ref(&one));
        assert!(matches!(refused, Err(StoreError::Poisoned)), "{refused:?}");
    }
}
