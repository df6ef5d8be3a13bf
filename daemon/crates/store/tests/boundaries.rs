//! Every crash boundary of the store: stopped there, on disks that forget, and gone on after.
#![cfg(feature = "fault-injection")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sceau_disk::boundary::{Crashed, arm_unwind, disarm};
use sceau_disk::{FileSystem, SimFs, boundaries};
use sceau_store::testing::LossyDisk;
use sceau_store::{
    AuditHead, BlobId, BlobRef, BlobStore, RedbOptions, RedbStore, StateStore, StreamId,
    Transaction, Version, audit, collect_orphans,
};
use sha2::{Digest, Sha256};

/// The armed boundary is one for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Both disks of one machine.
#[derive(Clone)]
struct Machine {
    files: SimFs,
    state: LossyDisk,
}

impl Machine {
    fn new() -> Self {
        let files = SimFs::new();
        files.make_dirs(Path::new("/blobs")).unwrap();
        Self { files, state: LossyDisk::new() }
    }

    fn crash(&self, seed: u64) -> Self {
        Self { files: self.files.crash(seed), state: self.state.crash(seed) }
    }

    fn open(&self) -> (RedbStore, BlobStore) {
        let store = RedbStore::with_backend(self.state.backend(), RedbOptions::default());
        let dir = self.files.open_dir(Path::new("/blobs")).unwrap();
        (store.unwrap(), BlobStore::open(dir).unwrap())
    }
}

fn id_of(bytes: &[u8]) -> BlobId {
    BlobId(Sha256::digest(bytes).into())
}

/// Brings three documents, unless they came before; then forgets the first; collects.
fn work(machine: &Machine, acknowledged: &Mutex<Vec<u8>>) {
    let (store, blobs) = machine.open();
    for n in 0..3u8 {
        let stream = StreamId::new(format!("dossier/{n}"));
        if store.version(&stream).unwrap() == Version(0) {
            bring(&store, &blobs, n, stream);
        }
        acknowledged.lock().unwrap().push(n);
    }
    let id = id_of(&[0; 100]);
    let release = BlobRef::Release { id, owner: "dossier".into() };
    let one = Transaction { blobs: vec![release], ..Default::default() };
    store.commit(&[one]).unwrap().remove(0).unwrap();
    machine.files.set_time_ns(1_000_000_000_000);
    collect_orphans(&store, &blobs, Duration::from_secs(10), 1_000_000).unwrap();
}

fn bring(store: &RedbStore, blobs: &BlobStore, n: u8, stream: StreamId) {
    let stored = if n == 2 {
        let mut writer = blobs.writer_without_hash().unwrap();
        writer.write(&[n; 100]).unwrap();
        writer.finish_with_digest(id_of(&[n; 100])).unwrap()
    } else {
        blobs.put(&[n; 100]).unwrap()
    };
    let one = Transaction {
        preconditions: vec![(stream.clone(), Version(0))],
        events: vec![(stream, vec![n])],
        blobs: vec![BlobRef::Retain { id: stored.id, owner: "dossier".into() }],
        audit: vec![vec![n]],
        ..Default::default()
    };
    store.commit(&[one]).unwrap().remove(0).unwrap();
}

/// What must hold at any moment: references have their blobs, the chain holds, nothing twice.
fn check(machine: &Machine, acknowledged: &[u8]) {
    let (store, blobs) = machine.open();
    for n in 0..3u8 {
        let id = id_of(&[n; 100]);
        let there = store.version(&StreamId::new(format!("dossier/{n}"))).unwrap();
        assert!(there == Version(1) || !acknowledged.contains(&n), "document {n} is lost");
        if store.blob_references(&id).unwrap() > 0 {
            let mut bytes = [0xFF; 100];
            blobs.read(&id).unwrap().read_exact_at(0, &mut bytes).unwrap();
            assert_eq!(bytes, [n; 100]);
        }
    }
    let records = store.audit(0, 100).unwrap();
    let head = audit::verify(AuditHead::GENESIS, &records).unwrap();
    assert_eq!(head.position, store.all_events(0, 100).unwrap().len() as u64);
}

#[test]
fn each_boundary_on_disks_that_forget() {
    let _alone = ALONE.lock();
    let names: Vec<_> = boundaries().into_iter().filter(|name| *name != CREATE).collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        for (nth, seed) in (1..4).flat_map(|nth| (0..12).map(move |seed| (nth, seed))) {
            disarm();
            stop_at(name, nth, seed);
        }
    }
}

const CREATE: &str = "store.create.before-rename";

fn stop_at(name: &'static str, nth: u64, seed: u64) {
    let machine = Machine::new();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let picture = Arc::new(Mutex::new(None));
    let (seen, slot) = (machine.clone(), picture.clone());
    let known = acknowledged.clone();
    let hook = move || {
        let known = known.lock().unwrap().clone();
        *slot.lock().unwrap() = Some((seen.crash(seed), known));
    };
    arm_unwind(name, nth, hook).unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| work(&machine, &acknowledged)));
    let Some((after, known)) = picture.lock().unwrap().take() else {
        assert!(nth > 1 && outcome.is_ok(), "{name} was never hit");
        return;
    };
    assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&Crashed { name }));
    check(&after, &known);
    work(&after, &Mutex::default());
    check(&after, &[0, 1, 2]);
    assert_eq!(after.files.files().len(), 2, "{name}, hit {nth}, seed {seed}");
}

#[test]
fn a_state_is_made_whole_or_not_at_all() {
    let _alone = ALONE.lock();
    disarm();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.redb");
    arm_unwind(CREATE, 1, || {}).unwrap();
    let opened = catch_unwind(|| RedbStore::open(&path, RedbOptions::default()));
    assert!(opened.is_err() && !path.exists());
    RedbStore::open(&path, RedbOptions::default()).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
