//! One suite for every implementation of the port.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use sceau_disk::{Dir, DiskError, Downgrade, DowngradedFs, FileSystem, Kind, RealFs, SimFs};

/// Runs each case on each implementation.
macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod real { $(#[test] fn $case() { super::on_real(&super::RealFs, super::$case); })* }
        mod simulated { $(#[test] fn $case() { super::on_sim(super::$case); })* }
        mod downgraded { $(#[test] fn $case() { super::on_downgraded(super::$case); })* }
    };
}

conformance!(
    a_file_is_written_and_read,
    create_never_replaces,
    append_goes_on_at_the_end,
    cutting_and_going_on,
    rename_replaces,
    rename_no_replace_refuses,
    rename_no_replace_moves_directories,
    moving_to_another_handle,
    removing,
    directories,
    listing_tells_names_and_kinds,
    paths_never_leave,
    long_names_are_told,
    only_regular_files_open,
    copying_ranges,
    locks_exclude,
    identity_and_space,
    names_are_bytes,
    errors_name_operation_and_path,
);

fn on_real(fs: &dyn FileSystem, case: fn(&dyn Dir)) {
    let temporary = tempfile::tempdir().unwrap();
    case(fs.open_dir(temporary.path()).unwrap().as_ref());
}

fn on_sim(case: fn(&dyn Dir)) {
    let fs = SimFs::new();
    fs.make_dirs(p("/srv/root")).unwrap();
    case(fs.open_dir(p("/srv/root")).unwrap().as_ref());
}

fn on_downgraded(case: fn(&dyn Dir)) {
    for bits in 1..16u8 {
        let without = Downgrade {
            no_openat2: bits & 1 != 0,
            no_rename_no_replace: bits & 2 != 0,
            no_links: bits & 4 != 0,
            no_copy_range: bits & 8 != 0,
        };
        on_real(&DowngradedFs(without), case);
    }
}

fn p(path: &str) -> &Path {
    Path::new(path)
}

fn put(dir: &dyn Dir, path: &str, bytes: &[u8]) {
    let mut file = dir.create(p(path), 0o600).unwrap();
    file.write_all(bytes).unwrap();
    file.sync().unwrap();
}

fn get(dir: &dyn Dir, path: &str) -> Vec<u8> {
    let file = dir.open(p(path)).unwrap();
    let mut bytes = vec![0; file.meta().unwrap().len as usize];
    file.read_exact_at(0, &mut bytes).unwrap();
    bytes
}

fn a_file_is_written_and_read(dir: &dyn Dir) {
    put(dir, "a", b"hello");
    dir.sync_dir(p("")).unwrap();
    let file = dir.open(p("a")).unwrap();
    let mut buf = [0; 16];
    assert_eq!(file.read_at(1, &mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ello");
    assert_eq!(file.read_at(5, &mut buf).unwrap(), 0);
    assert_eq!(file.read_at(500, &mut buf).unwrap(), 0);
    assert!(matches!(file.read_exact_at(3, &mut buf), Err(DiskError::Io { .. })));
    let meta = dir.stat(p("a")).unwrap();
    assert_eq!((meta.kind, meta.len), (Kind::File, 5));
    assert_eq!(meta, file.meta().unwrap());
    assert_eq!(meta.mode & 0o777, 0o600);
}

fn create_never_replaces(dir: &dyn Dir) {
    put(dir, "a", b"first");
    assert!(matches!(dir.create(p("a"), 0o600), Err(DiskError::Exists { .. })));
    dir.create_dir(p("d"), 0o700).unwrap();
    assert!(matches!(dir.create(p("d"), 0o600), Err(DiskError::Exists { .. })));
    assert!(matches!(dir.create(p("none/a"), 0o600), Err(DiskError::NotFound { .. })));
    assert_eq!(get(dir, "a"), b"first");
}

fn append_goes_on_at_the_end(dir: &dyn Dir) {
    for part in ["one ", "two ", "three"] {
        let mut file = dir.append(p("log"), 0o600).unwrap();
        file.write_all(part.as_bytes()).unwrap();
        file.sync().unwrap();
    }
    assert_eq!(get(dir, "log"), b"one two three");
}

fn cutting_and_going_on(dir: &dyn Dir) {
    let mut file = dir.create(p("a"), 0o600).unwrap();
    file.write_all(b"0123456789").unwrap();
    file.set_len(4).unwrap();
    file.write_all(b"x").unwrap();
    file.set_len(7).unwrap();
    file.write_all(b"y").unwrap();
    assert_eq!(file.meta().unwrap().len, 8);
    assert_eq!(get(dir, "a"), b"0123x\0\0y");
}

fn rename_replaces(dir: &dyn Dir) {
    put(dir, "a", b"new");
    put(dir, "b", b"old");
    let held = dir.open(p("b")).unwrap();
    dir.rename(p("a"), p("b")).unwrap();
    assert_eq!(get(dir, "b"), b"new");
    assert!(matches!(dir.stat(p("a")), Err(DiskError::NotFound { .. })));
    let mut old = [0; 3];
    held.read_exact_at(0, &mut old).unwrap();
    assert_eq!(&old, b"old");
    dir.rename(p("b"), p("b")).unwrap();
    assert!(matches!(dir.rename(p("none"), p("c")), Err(DiskError::NotFound { .. })));
    dir.create_dir(p("d"), 0o700).unwrap();
    assert!(matches!(dir.rename(p("b"), p("d")), Err(DiskError::NotRegular { .. })));
    dir.rename(p("b"), p("d/b")).unwrap();
    assert_eq!(get(dir, "d/b"), b"new");
}

fn rename_no_replace_refuses(dir: &dyn Dir) {
    put(dir, "a", b"a");
    put(dir, "b", b"b");
    assert!(matches!(dir.rename_no_replace(p("a"), p("b")), Err(DiskError::Exists { .. })));
    assert_eq!((get(dir, "a"), get(dir, "b")), (b"a".to_vec(), b"b".to_vec()));
    dir.rename_no_replace(p("a"), p("c")).unwrap();
    assert_eq!(get(dir, "c"), b"a");
    assert!(matches!(dir.stat(p("a")), Err(DiskError::NotFound { .. })));
    assert!(matches!(dir.rename_no_replace(p("a"), p("d")), Err(DiskError::NotFound { .. })));
    assert!(matches!(dir.stat(p("d")), Err(DiskError::NotFound { .. })));
}

fn rename_no_replace_moves_directories(dir: &dyn Dir) {
    dir.create_dir(p("d"), 0o700).unwrap();
    put(dir, "d/a", b"a");
    dir.create_dir(p("taken"), 0o700).unwrap();
    assert!(matches!(dir.rename_no_replace(p("d"), p("taken")), Err(DiskError::Exists { .. })));
    dir.rename_no_replace(p("d"), p("e")).unwrap();
    assert_eq!(get(dir, "e/a"), b"a");
}

fn moving_to_another_handle(dir: &dyn Dir) {
    dir.create_dir(p("from"), 0o700).unwrap();
    dir.create_dir(p("to"), 0o700).unwrap();
    let (from, to) = (dir.open_dir(p("from")).unwrap(), dir.open_dir(p("to")).unwrap());
    put(from.as_ref(), "a", b"a");
    from.move_to(p("a"), to.as_ref(), p("b")).unwrap();
    assert_eq!(get(dir, "to/b"), b"a");
    put(from.as_ref(), "a", b"again");
    let refused = from.move_to(p("a"), to.as_ref(), p("b"));
    assert!(matches!(refused, Err(DiskError::Exists { .. })));
    assert_eq!((get(dir, "from/a"), get(dir, "to/b")), (b"again".to_vec(), b"a".to_vec()));
    let elsewhere = SimFs::new().open_dir(p("/")).unwrap();
    let refused = from.move_to(p("a"), elsewhere.as_ref(), p("a"));
    assert!(matches!(refused, Err(DiskError::CrossDevice { .. })));
}

fn removing(dir: &dyn Dir) {
    put(dir, "a", b"a");
    dir.remove(p("a")).unwrap();
    assert!(matches!(dir.remove(p("a")), Err(DiskError::NotFound { .. })));
    dir.create_dir(p("d"), 0o700).unwrap();
    put(dir, "d/a", b"a");
    assert!(matches!(dir.remove(p("d")), Err(DiskError::NotRegular { .. })));
    assert!(matches!(dir.remove_dir(p("d")), Err(DiskError::NotEmpty { .. })));
    assert!(matches!(dir.remove_dir(p("d/a")), Err(DiskError::NotRegular { .. })));
    dir.remove(p("d/a")).unwrap();
    dir.remove_dir(p("d")).unwrap();
    assert!(matches!(dir.stat(p("d")), Err(DiskError::NotFound { .. })));
}

fn directories(dir: &dyn Dir) {
    dir.create_dir(p("d"), 0o700).unwrap();
    assert!(matches!(dir.create_dir(p("d"), 0o700), Err(DiskError::Exists { .. })));
    assert!(matches!(dir.create_dir(p("x/y"), 0o700), Err(DiskError::NotFound { .. })));
    dir.create_dir(p("d/e"), 0o700).unwrap();
    let sub: Arc<dyn Dir> = dir.open_dir(p("d")).unwrap();
    put(sub.as_ref(), "e/file", b"deep");
    assert_eq!(get(dir, "./d/e/file"), b"deep");
    dir.rename(p("d"), p("renamed")).unwrap();
    assert_eq!(get(sub.as_ref(), "e/file"), b"deep");
    assert!(matches!(dir.open_dir(p("d")), Err(DiskError::NotFound { .. })));
    assert!(matches!(dir.open_dir(p("renamed/e/file")), Err(DiskError::NotRegular { .. })));
    assert!(matches!(dir.stat(p("renamed/e/file/x")), Err(DiskError::NotRegular { .. })));
    dir.sync_dir(p("renamed/e")).unwrap();
    assert_eq!(dir.stat(p("")).unwrap().kind, Kind::Dir);
}

fn listing_tells_names_and_kinds(dir: &dyn Dir) {
    put(dir, "a", b"12");
    dir.create_dir(p("d"), 0o700).unwrap();
    let mut entries = dir.list(p("")).unwrap();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let seen: Vec<_> = entries.iter().map(|e| (e.name.to_str().unwrap(), e.meta.kind)).collect();
    assert_eq!(seen, [("a", Kind::File), ("d", Kind::Dir)]);
    assert_eq!(entries[0].meta, dir.stat(p("a")).unwrap());
    assert!(dir.list(p("d")).unwrap().is_empty());
    assert!(matches!(dir.list(p("a")), Err(DiskError::NotRegular { .. })));
    assert!(matches!(dir.list(p("none")), Err(DiskError::NotFound { .. })));
}

fn paths_never_leave(dir: &dyn Dir) {
    dir.create_dir(p("d"), 0o700).unwrap();
    for bad in ["/etc/hostname", "..", "../x", "d/../../x", "a\0b"] {
        assert!(matches!(dir.stat(p(bad)), Err(DiskError::BadPath { .. })), "{bad:?}");
        assert!(matches!(dir.open(p(bad)), Err(DiskError::BadPath { .. })), "{bad:?}");
        assert!(matches!(dir.create(p(bad), 0o600), Err(DiskError::BadPath { .. })), "{bad:?}");
        assert!(matches!(dir.rename(p("d"), p(bad)), Err(DiskError::BadPath { .. })), "{bad:?}");
    }
    assert!(matches!(dir.remove(p("")), Err(DiskError::BadPath { .. })));
}

fn long_names_are_told(dir: &dyn Dir) {
    let longest = "n".repeat(255);
    put(dir, &longest, b"fits");
    let too_long = "n".repeat(256);
    assert!(matches!(dir.create(p(&too_long), 0o600), Err(DiskError::TooLong { .. })));
    let refused = dir.rename_no_replace(p(&longest), p(&too_long));
    assert!(matches!(refused, Err(DiskError::TooLong { .. })));
    assert_eq!(get(dir, &longest), b"fits");
}

fn only_regular_files_open(dir: &dyn Dir) {
    dir.create_dir(p("d"), 0o700).unwrap();
    assert!(matches!(dir.open(p("d")), Err(DiskError::NotRegular { .. })));
    assert!(matches!(dir.append(p("d"), 0o600), Err(DiskError::NotRegular { .. })));
    assert!(matches!(dir.open(p("none")), Err(DiskError::NotFound { .. })));
}

fn copying_ranges(dir: &dyn Dir) {
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    put(dir, "src", &bytes);
    let src = dir.open(p("src")).unwrap();
    let mut file = dir.create(p("dst"), 0o600).unwrap();
    file.write_all(b"head").unwrap();
    assert_eq!(file.copy_from(src.as_ref(), 1000, 250_000).unwrap(), 250_000);
    assert_eq!(file.copy_from(src.as_ref(), 299_990, 50).unwrap(), 10);
    assert_eq!(file.copy_from(src.as_ref(), 400_000, 50).unwrap(), 0);
    file.write_all(b"tail").unwrap();
    let expected = [b"head", &bytes[1000..251_000], &bytes[299_990..], b"tail"].concat();
    assert_eq!(get(dir, "dst"), expected);
    let foreign = SimFs::new();
    foreign.write_file(p("/x"), b"from elsewhere").unwrap();
    let foreign = foreign.open_dir(p("/")).unwrap().open(p("x")).unwrap();
    assert_eq!(file.copy_from(foreign.as_ref(), 5, 100).unwrap(), 9);
    assert!(get(dir, "dst").ends_with(b"tailelsewhere"));
}

fn locks_exclude(dir: &dyn Dir) {
    let lock = dir.try_lock(p("lock")).unwrap();
    assert!(matches!(dir.try_lock(p("lock")), Err(DiskError::Busy { .. })));
    drop(lock);
    drop(dir.try_lock(p("lock")).unwrap());
}

fn identity_and_space(dir: &dyn Dir) {
    dir.create_dir(p("d"), 0o700).unwrap();
    let sub = dir.open_dir(p("d")).unwrap();
    let (here, there) = (dir.identity().unwrap(), sub.identity().unwrap());
    assert_eq!(here, dir.identity().unwrap());
    assert_eq!((here.dev, here.fs), (there.dev, there.fs));
    assert_ne!(here.ino, there.ino);
    assert!(!here.fs.is_network());
    let space = dir.space().unwrap();
    assert!(space.free_bytes > 0 && space.total_bytes >= space.free_bytes);
}

fn names_are_bytes(dir: &dyn Dir) {
    let latin1 = Path::new(OsStr::from_bytes(b"re\xE7u.pdf"));
    dir.create(latin1, 0o600).unwrap().write_all(b"x").unwrap();
    assert_eq!(dir.list(p("")).unwrap()[0].name, latin1.as_os_str());
    assert_eq!(dir.stat(latin1).unwrap().len, 1);
}

fn errors_name_operation_and_path(dir: &dyn Dir) {
    let error = dir.open(p("none/such")).unwrap_err();
    assert_eq!((error.op(), error.path()), ("open", p("none/such")));
    assert!(!error.is_transient());
    assert_eq!(error.to_string(), "open none/such: no such file or directory");
}
