//! Blobs, on the real file system and on the one that forgets.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use sceau_disk::{Dir, DiskError, Fault, FileSystem, RealFs, SimFs};
use sceau_store::testing::MemoryStore;
use sceau_store::{
    BlobId, BlobRef, BlobStore, Collected, StateStore, StoredBlob, Transaction, collect_orphans,
    finish_all,
};
use sha2::{Digest, Sha256};

const SECOND_NS: i128 = 1_000_000_000;

fn simulated() -> (SimFs, BlobStore) {
    let fs = SimFs::new();
    fs.make_dirs(Path::new("/blobs")).unwrap();
    let blobs = open(&fs);
    (fs, blobs)
}

fn open(fs: &SimFs) -> BlobStore {
    BlobStore::open(fs.open_dir(Path::new("/blobs")).unwrap()).unwrap()
}

fn id_of(bytes: &[u8]) -> BlobId {
    BlobId(Sha256::digest(bytes).into())
}

fn content(blobs: &BlobStore, id: &BlobId) -> Vec<u8> {
    let file = blobs.read(id).unwrap();
    let mut bytes = vec![0; file.meta().unwrap().len as usize];
    file.read_exact_at(0, &mut bytes).unwrap();
    bytes
}

fn each(case: fn(Arc<dyn Dir>)) {
    let temporary = tempfile::tempdir().unwrap();
    case(RealFs.open_dir(temporary.path()).unwrap());
    let fs = SimFs::new();
    case(fs.open_dir(Path::new("/")).unwrap());
}

#[test]
fn a_blob_is_found_by_its_digest() {
    each(|dir| {
        let blobs = BlobStore::open(dir.clone()).unwrap();
        let bytes = vec![7; 700_000];
        dir.create(Path::new("src"), 0o600).unwrap().write_all(&bytes).unwrap();
        let mut writer = blobs.writer().unwrap();
        writer.write(b"head").unwrap();
        let src = dir.open(Path::new("src")).unwrap();
        assert_eq!(writer.copy_from(src.as_ref(), 100, 1 << 30).unwrap(), 699_900);
        assert_eq!(writer.written(), 699_904);
        let stored = writer.finish().unwrap();
        let expected = [b"head", &bytes[100..]].concat();
        assert_eq!(stored, StoredBlob { id: id_of(&expected), len: 699_904 });
        assert_eq!(content(&blobs, &stored.id), expected);
        assert_eq!(blobs.len(&stored.id).unwrap(), Some(699_904));
        assert_eq!(BlobStore::open(dir).unwrap().list(stored.id.0[0]).unwrap()[0].0, stored.id);
        blobs.remove(&stored.id).unwrap();
        blobs.remove(&stored.id).unwrap();
        assert!(!blobs.exists(&stored.id).unwrap());
        assert!(matches!(blobs.read(&stored.id), Err(DiskError::NotFound { .. })));
    });
}

#[test]
fn a_known_digest_needs_no_hashing() {
    each(|dir| {
        let blobs = BlobStore::open(dir).unwrap();
        let base = blobs.put(b"the signed base").unwrap();
        let mut writer = blobs.writer_without_hash().unwrap();
        writer.copy_from(blobs.read(&base.id).unwrap().as_ref(), 0, base.len).unwrap();
        writer.write(b" and its tail").unwrap();
        let whole = b"the signed base and its tail";
        let stored = writer.finish_with_digest(id_of(whole)).unwrap();
        assert_eq!((stored.len, content(&blobs, &stored.id)), (28, whole.to_vec()));
        assert!(blobs.writer_without_hash().unwrap().finish().is_err());
    });
}

#[test]
fn the_same_content_is_one_blob_and_heals() {
    let (fs, blobs) = simulated();
    let stored = blobs.put(b"content").unwrap();
    let path = fs.files().into_keys().next().unwrap();
    fs.write_file(&path, b"con").unwrap();
    let held = blobs.read(&stored.id).unwrap();
    assert_eq!(blobs.put(b"content").unwrap(), stored);
    assert_eq!(fs.files().len(), 1);
    assert_eq!(content(&blobs, &stored.id), b"content");
    assert_eq!(held.meta().unwrap().len, 3);
}

#[test]
fn an_abandoned_writer_leaves_nothing() {
    let (fs, blobs) = simulated();
    let mut writer = blobs.writer().unwrap();
    writer.write(b"half").unwrap();
    assert_eq!(fs.files().len(), 1);
    drop(writer);
    assert!(fs.files().is_empty());
    fs.inject(Fault::NoSpaceAfter(2));
    assert!(matches!(blobs.put(b"too much"), Err(DiskError::NoSpace { .. })));
    fs.clear_faults();
    assert!(fs.files().is_empty());
    fs.inject(Fault::Sync("/blobs".into()));
    assert!(blobs.put(b"not durable").is_err());
}

#[test]
fn drafts_of_a_killed_process_are_passed_over() {
    let (fs, blobs) = simulated();
    std::mem::forget(blobs.writer().unwrap());
    let again = open(&fs);
    let stored = again.put(b"content").unwrap();
    assert_eq!(content(&again, &stored.id), b"content");
}

#[test]
fn only_old_orphans_are_collected() {
    let (fs, blobs) = simulated();
    let store = MemoryStore::new();
    fs.set_time_ns(0);
    let needed = blobs.put(b"needed").unwrap();
    let orphan = blobs.put(b"orphan").unwrap();
    let renewed = blobs.put(b"renewed").unwrap();
    std::mem::forget(blobs.writer().unwrap());
    fs.set_time_ns(100 * SECOND_NS);
    let young = blobs.put(b"young").unwrap();
    assert_eq!(blobs.put(b"renewed").unwrap(), renewed);
    let retain = BlobRef::Retain { id: needed.id, owner: "dossier".into() };
    let one = Transaction { blobs: vec![retain], ..Default::default() };
    store.commit(&[one]).unwrap();
    let collect = |grace, now: i64| {
        collect_orphans(&store, &blobs, Duration::from_secs(grace), now * 1000).unwrap()
    };
    assert_eq!(collect(60, 50), Collected::default());
    assert_eq!(collect(60, 101), Collected { blobs: 1, drafts: 1, bytes: 6 });
    let there = [needed, orphan, renewed, young].map(|blob| blobs.exists(&blob.id).unwrap());
    assert_eq!(there, [true, false, true, true]);
    let release = BlobRef::Release { id: needed.id, owner: "dossier".into() };
    let one = Transaction { blobs: vec![release], ..Default::default() };
    store.commit(&[one]).unwrap();
    assert_eq!(collect(60, 1000).blobs, 3);
    assert!(fs.files().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// After any crash, what was finished is there, and what stands under a digest is whole.
    #[test]
    fn finished_blobs_survive(
        contents in prop::collection::vec(prop::collection::vec(0..3u8, 0..30), 1..8),
        grouped in any::<bool>(),
        unfinished in prop::collection::vec(any::<u8>(), 0..30),
        seed in any::<u64>(),
    ) {
        let (fs, blobs) = simulated();
        let stored = if grouped {
            let begin = |bytes: &Vec<u8>| {
                let mut writer = blobs.writer().unwrap();
                writer.write(bytes).unwrap();
                writer
            };
            finish_all(contents.iter().map(begin)).unwrap()
        } else {
            contents.iter().map(|bytes| blobs.put(bytes).unwrap()).collect()
        };
        let mut writer = blobs.writer().unwrap();
        writer.write(&unfinished).unwrap();
        let after = open(&fs.crash(seed));
        for (stored, bytes) in stored.iter().zip(&contents) {
            prop_assert_eq!(stored.id, id_of(bytes));
            prop_assert_eq!(&content(&after, &stored.id), bytes);
        }
        for shard in 0..=u8::MAX {
            for (id, _) in after.list(shard).unwrap() {
                prop_assert_eq!(id_of(&content(&after, &id)), id);
            }
        }
    }
}
