//! Random batches: every implementation answers as the model does.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use proptest::prelude::*;
use sceau_store::testing::{LossyDisk, MemoryStore, snapshot};
use sceau_store::{AuditHead, RedbOptions, RedbStore, StateStore, StreamId, Version, audit};
use support::{TABLES, batches, blobs, cases};

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn redb_answers_as_the_model(batches in batches(8)) {
        let disk = LossyDisk::new();
        let redb = RedbStore::with_backend(disk.backend(), RedbOptions::default()).unwrap();
        let model = MemoryStore::new();
        for batch in &batches {
            prop_assert_eq!(redb.commit(batch).unwrap(), model.commit(batch).unwrap());
        }
        let expected = snapshot(&model, &TABLES, &blobs()).unwrap();
        prop_assert_eq!(&snapshot(&redb, &TABLES, &blobs()).unwrap(), &expected);
        drop(redb);
        let redb = RedbStore::with_backend(disk.backend(), RedbOptions::default()).unwrap();
        prop_assert_eq!(&snapshot(&redb, &TABLES, &blobs()).unwrap(), &expected);
        let head = audit::verify(AuditHead::GENESIS, &expected.audit).unwrap();
        prop_assert_eq!(head, redb.audit_head().unwrap());
    }

    #[test]
    fn pages_are_cut_alike(batches in batches(5), limit in 0..4usize, after in 0..6u64) {
        let redb =
            RedbStore::with_backend(LossyDisk::new().backend(), RedbOptions::default()).unwrap();
        let model = MemoryStore::new();
        for batch in &batches {
            redb.commit(batch).unwrap();
            model.commit(batch).unwrap();
        }
        let pages = |store: &dyn StateStore| {
            let stream = StreamId::new("dossier/1");
            (
                store.stream(&stream, Version(after), limit).unwrap(),
                store.all_events(after, limit).unwrap(),
                store.audit(after, limit).unwrap(),
                store.scan(TABLES[0], b"\x01", Some(b"\x01\x00"), limit).unwrap(),
                store.timers_due(after as i64 - 3, limit).unwrap(),
                store.outbox("lane1", after as i64 - 3, limit).unwrap(),
            )
        };
        prop_assert_eq!(pages(&redb), pages(&model));
    }
}
