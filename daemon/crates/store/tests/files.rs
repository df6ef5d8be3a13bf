//! The state file itself.

#![allow(clippy::unwrap_used, reason = "tests")]

use sceau_store::{RedbOptions, RedbStore, StateStore, StoreError, Transaction};

#[test]
fn a_second_opening_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.redb");
    let store = RedbStore::open(&path, RedbOptions::default()).unwrap();
    let second = RedbStore::open(&path, RedbOptions::default());
    assert!(matches!(second, Err(StoreError::InUse)), "{second:?}");
    drop(store);
    RedbStore::open_existing(&path, RedbOptions::default()).unwrap();
}

#[test]
fn the_state_is_kept_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.redb");
    let one = Transaction { audit: vec![b"kept".to_vec()], ..Default::default() };
    RedbStore::open(&path, RedbOptions::default()).unwrap().commit(&[one]).unwrap();
    let store = RedbStore::open(&path, RedbOptions::default()).unwrap();
    assert_eq!(store.audit(0, 9).unwrap()[0].bytes, b"kept");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn what_is_not_ours_is_damaged_never_new() {
    let dir = tempfile::tempdir().unwrap();
    let foreign = dir.path().join("foreign.redb");
    drop(redb_file(&foreign));
    let text = dir.path().join("text.redb");
    std::fs::write(&text, "not a database at all").unwrap();
    let empty = dir.path().join("empty.redb");
    std::fs::write(&empty, "").unwrap();
    for path in [foreign, text, empty] {
        let refused = RedbStore::open(&path, RedbOptions::default());
        assert!(matches!(refused, Err(StoreError::Damaged(_))), "{path:?}: {refused:?}");
    }
    let absent = RedbStore::open_existing(&dir.path().join("none"), RedbOptions::default());
    assert!(matches!(absent, Err(StoreError::Io(_))), "{absent:?}");
}

fn redb_file(path: &std::path::Path) -> redb::Database {
    redb::Database::create(path).unwrap()
}

#[test]
fn a_half_made_state_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("state.redb.new"), "a crash in the middle").unwrap();
    RedbStore::open(&dir.path().join("state.redb"), RedbOptions::default()).unwrap();
    assert!(!dir.path().join("state.redb.new").exists());
}
