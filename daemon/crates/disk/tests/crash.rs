//! What a power cut leaves of the simulated file system.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use sceau_disk::{Dir, DiskError, Fault, FileSystem, FsType, SimFs};

fn p(path: &str) -> &Path {
    Path::new(path)
}

fn fresh() -> (SimFs, Arc<dyn Dir>) {
    let fs = SimFs::new();
    fs.make_dirs(p("/a")).unwrap();
    fs.make_dirs(p("/b")).unwrap();
    let root = fs.open_dir(p("/")).unwrap();
    (fs, root)
}

/// Writes, syncs, renames, syncs the directory: the way every durable file is made.
fn deliver(dir: &dyn Dir, name: &str, bytes: &[u8]) {
    let draft = format!("{name}.tmp");
    let mut file = dir.create(p(&draft), 0o600).unwrap();
    file.write_all(bytes).unwrap();
    file.sync().unwrap();
    dir.rename_no_replace(p(&draft), p(name)).unwrap();
    dir.sync_dir(p(name).parent().unwrap()).unwrap();
}

#[test]
fn what_was_synced_survives_every_crash() {
    let (fs, root) = fresh();
    deliver(root.as_ref(), "a/file", b"content");
    for seed in 0..200 {
        let after = fs.crash(seed);
        assert_eq!(after.read_file(p("/a/file")).unwrap(), b"content", "seed {seed}");
        assert_eq!(after.files().len(), 1);
    }
}

#[test]
fn a_forgotten_sync_is_found() {
    let lost = |skip: &str| {
        let (fs, root) = fresh();
        let mut file = root.create(p("a/x.tmp"), 0o600).unwrap();
        file.write_all(b"content").unwrap();
        if skip != "file" {
            file.sync().unwrap();
        }
        root.rename(p("a/x.tmp"), p("a/x")).unwrap();
        if skip != "directory" {
            root.sync_dir(p("a")).unwrap();
        }
        (0..100).any(|seed| fs.crash(seed).read_file(p("/a/x")).as_deref() != Some(b"content"))
    };
    assert!(!lost("nothing"));
    assert!(lost("file"));
    assert!(lost("directory"));
}

#[test]
fn the_extreme_seeds_are_extreme() {
    let (fs, root) = fresh();
    root.create(p("a/x"), 0o600).unwrap().write_all(b"1234").unwrap();
    assert_eq!(fs.crash(SimFs::LOSE_ALL).files().len(), 0);
    assert_eq!(fs.crash(SimFs::KEEP_ALL).read_file(p("/a/x")).unwrap(), b"1234");
    root.sync_dir(p("a")).unwrap();
    assert_eq!(fs.crash(SimFs::LOSE_ALL).read_file(p("/a/x")).unwrap(), b"");
}

#[test]
fn two_renames_into_one_directory_are_made_durable_by_one_sync_of_the_source() {
    let (fs, root) = fresh();
    deliver(root.as_ref(), "a/x", b"x");
    deliver(root.as_ref(), "a/y", b"y");
    root.rename(p("a/x"), p("b/x")).unwrap();
    root.rename(p("a/y"), p("b/y")).unwrap();
    root.sync_dir(p("a")).unwrap();
    let after = fs.crash(SimFs::LOSE_ALL);
    assert_eq!(after.read_file(p("/b/x")).as_deref(), Some(&b"x"[..]));
    assert_eq!(after.read_file(p("/b/y")).as_deref(), Some(&b"y"[..]));
}

#[test]
fn a_rename_between_directories_never_loses_the_file() {
    let mut outcomes = BTreeSet::new();
    for synced in ["none", "source", "target"] {
        let (fs, root) = fresh();
        deliver(root.as_ref(), "a/x", b"x");
        root.create(p("b/noise"), 0o600).unwrap();
        root.rename(p("a/x"), p("b/x")).unwrap();
        match synced {
            "source" => root.sync_dir(p("a")).unwrap(),
            "target" => root.sync_dir(p("b")).unwrap(),
            _ => {}
        }
        for seed in 0..200 {
            let after = fs.crash(seed);
            let old = after.read_file(p("/a/x")).is_some();
            let new = after.read_file(p("/b/x")).is_some();
            assert!(old || new, "seed {seed}: lost");
            assert!(synced == "none" || new, "seed {seed}: {synced} was synced");
            assert!(!(synced == "source" && old));
            outcomes.insert((synced, old, new));
        }
    }
    assert!(outcomes.len() >= 5, "{outcomes:?}");
}

#[test]
fn operations_in_one_directory_keep_their_order() {
    let (fs, root) = fresh();
    for n in 0..5 {
        root.create(p(&format!("a/{n}")), 0o600).unwrap();
    }
    let mut seen = BTreeSet::new();
    for seed in 0..300 {
        let left: Vec<PathBuf> = fs.crash(seed).files().into_keys().collect();
        let expected: Vec<PathBuf> = (0..left.len()).map(|n| format!("/a/{n}").into()).collect();
        assert_eq!(left, expected);
        seen.insert(left.len());
    }
    assert_eq!(seen, (0..=5).collect());
}

#[test]
fn a_removed_file_may_come_back() {
    let (fs, root) = fresh();
    deliver(root.as_ref(), "a/x", b"x");
    root.remove(p("a/x")).unwrap();
    assert_eq!(fs.crash(SimFs::LOSE_ALL).read_file(p("/a/x")).unwrap(), b"x");
    root.sync_dir(p("a")).unwrap();
    assert!((0..50).all(|seed| fs.crash(seed).files().is_empty()));
}

#[test]
fn faults_are_told_apart() {
    let (fs, root) = fresh();
    deliver(root.as_ref(), "a/x", b"x");
    fs.inject(Fault::Denied("/a".into()));
    assert!(matches!(root.open(p("a/x")), Err(DiskError::Denied { .. })));
    fs.clear_faults();
    fs.inject(Fault::Busy("/a/x".into()));
    let busy = root.remove(p("a/x")).unwrap_err();
    assert!(matches!(busy, DiskError::Busy { .. }) && busy.is_transient());
    fs.clear_faults();
    let open = root.open(p("a/x")).unwrap();
    fs.inject(Fault::Io("/a/x".into()));
    assert!(matches!(open.read_at(0, &mut [0; 1]), Err(DiskError::Io { .. })));
    fs.clear_faults();
    fs.inject(Fault::Sync("/b".into()));
    let mut file = root.create(p("b/y"), 0o600).unwrap();
    file.write_all(b"y").unwrap();
    assert!(matches!(file.sync(), Err(DiskError::Io { .. })));
    assert!(matches!(root.sync_dir(p("b")), Err(DiskError::Io { .. })));
}

#[test]
fn a_full_disk_takes_what_still_fits() {
    let (fs, root) = fresh();
    let mut file = root.create(p("a/x"), 0o600).unwrap();
    fs.inject(Fault::NoSpaceAfter(3));
    assert_eq!(root.space().unwrap().free_bytes, 3);
    assert!(matches!(file.write_all(b"12345"), Err(DiskError::NoSpace { .. })));
    assert_eq!(fs.read_file(p("/a/x")).unwrap(), b"123");
    assert!(matches!(root.create(p("a/y"), 0o600), Err(DiskError::NoSpace { .. })));
    fs.clear_faults();
    file.write_all(b"45").unwrap();
    assert_eq!(fs.read_file(p("/a/x")).unwrap(), b"12345");
}

#[test]
fn mounts_come_and_go() {
    let (fs, root) = fresh();
    fs.mount(p("/b"), FsType::Network).unwrap();
    let share = fs.open_dir(p("/b")).unwrap();
    assert!(share.identity().unwrap().fs.is_network());
    share.create(p("x"), 0o600).unwrap();
    let moved = root.rename(p("b/x"), p("a/x"));
    assert!(matches!(moved, Err(DiskError::CrossDevice { .. })));
    fs.unmount(p("/b")).unwrap();
    assert!(matches!(share.list(p("")), Err(DiskError::Gone { .. })));
    assert!(root.list(p("b")).unwrap().is_empty());
    assert_ne!(fs.open_dir(p("/b")).unwrap().identity().unwrap().fs, FsType::Network);
}

#[test]
fn links_and_fifos_do_not_open() {
    let (fs, root) = fresh();
    fs.put_symlink(p("/a/link")).unwrap();
    fs.put_fifo(p("/a/fifo")).unwrap();
    for name in ["a/link", "a/fifo", "a/link/x"] {
        assert!(matches!(root.open(p(name)), Err(DiskError::NotRegular { .. })), "{name}");
    }
}

#[test]
fn times_are_those_that_were_set() {
    let (fs, root) = fresh();
    fs.set_time_ns(5_000);
    let mut file = root.create(p("a/x"), 0o600).unwrap();
    fs.set_time_ns(9_000);
    file.write_all(b"x").unwrap();
    assert_eq!(root.stat(p("a/x")).unwrap().mtime_ns, 9_000);
    fs.set_time_ns(11_000);
    root.rename(p("a/x"), p("a/y")).unwrap();
    let meta = root.stat(p("a/y")).unwrap();
    assert_eq!((meta.mtime_ns, meta.ctime_ns), (9_000, 11_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of a file synced at `synced` bytes, at least those and never other bytes are left.
    #[test]
    fn unsynced_content_is_a_prefix_or_zeros(
        synced in 0..40usize,
        more in 0..40usize,
        seed in any::<u64>(),
    ) {
        let (fs, root) = fresh();
        let bytes: Vec<u8> = (1..=(synced + more) as u8).collect();
        let mut file = root.create(p("a/x"), 0o600).unwrap();
        file.write_all(&bytes[..synced]).unwrap();
        file.sync().unwrap();
        root.sync_dir(p("a")).unwrap();
        file.write_all(&bytes[synced..]).unwrap();
        let left = fs.crash(seed).read_file(p("/a/x")).unwrap();
        prop_assert!(left.len() >= synced && left.len() <= bytes.len());
        let same = left.iter().zip(&bytes).take_while(|(a, b)| a == b).count();
        prop_assert!(same >= synced);
        prop_assert!(left[same..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_crash_is_decided_by_its_seed(seed in any::<u64>()) {
        let (fs, root) = fresh();
        for n in 0..6 {
            root.create(p(&format!("a/{n}")), 0o600).unwrap().write_all(&[n; 9]).unwrap();
            root.rename(p(&format!("a/{n}")), p(&format!("b/{n}"))).unwrap();
        }
        prop_assert_eq!(fs.crash(seed).files(), fs.crash(seed).files());
    }
}
