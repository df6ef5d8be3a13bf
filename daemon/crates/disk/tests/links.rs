//! What only a real file system has: links, FIFOs, sockets, devices, other processes' rights.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

use sceau_disk::{Dir, DiskError, Downgrade, DowngradedFs, FileSystem, Kind, RealFs};

fn each(case: fn(&Path, Arc<dyn Dir>)) {
    let stepwise = DowngradedFs(Downgrade { no_openat2: true, ..Downgrade::default() });
    for fs in [&RealFs as &dyn FileSystem, &stepwise] {
        let temporary = tempfile::tempdir().unwrap();
        case(temporary.path(), fs.open_dir(temporary.path()).unwrap());
    }
}

#[test]
fn links_are_followed_nowhere() {
    each(|path, dir| {
        std::fs::create_dir(path.join("real")).unwrap();
        std::fs::write(path.join("real/file"), b"x").unwrap();
        symlink("real/file", path.join("file-link")).unwrap();
        symlink("real", path.join("dir-link")).unwrap();
        symlink("/etc", path.join("away")).unwrap();
        assert_eq!(dir.stat(Path::new("file-link")).unwrap().kind, Kind::Symlink);
        for link in ["file-link", "dir-link/file", "away/hostname"] {
            let link = Path::new(link);
            assert!(matches!(dir.open(link), Err(DiskError::NotRegular { .. })), "{link:?}");
            assert!(matches!(dir.append(link, 0o600), Err(DiskError::NotRegular { .. })));
        }
        for link in ["dir-link", "away"] {
            let link = Path::new(link);
            assert!(matches!(dir.list(link), Err(DiskError::NotRegular { .. })), "{link:?}");
            assert!(matches!(dir.open_dir(link), Err(DiskError::NotRegular { .. })));
        }
        let created = dir.create(Path::new("dir-link/new"), 0o600);
        assert!(matches!(created, Err(DiskError::NotRegular { .. })));
        dir.remove(Path::new("file-link")).unwrap();
        assert!(path.join("real/file").exists());
    });
}

#[test]
fn fifos_and_sockets_never_block() {
    each(|path, dir| {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, path.join("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let _listener = UnixListener::bind(path.join("socket")).unwrap();
        for name in ["fifo", "socket"] {
            let name = Path::new(name);
            assert_eq!(dir.stat(name).unwrap().kind, Kind::Other);
            assert!(matches!(dir.open(name), Err(DiskError::NotRegular { .. })), "{name:?}");
            assert!(matches!(dir.append(name, 0o600), Err(DiskError::NotRegular { .. })));
        }
    });
}

#[test]
fn the_handle_outlives_its_path() {
    each(|path, dir| {
        std::fs::create_dir(path.join("a")).unwrap();
        let held = dir.open_dir(Path::new("a")).unwrap();
        std::fs::rename(path.join("a"), path.join("b")).unwrap();
        std::fs::create_dir(path.join("a")).unwrap();
        held.create(Path::new("file"), 0o600).unwrap();
        assert!(path.join("b/file").exists() && !path.join("a/file").exists());
        assert_ne!(
            held.identity().unwrap(),
            dir.open_dir(Path::new("a")).unwrap().identity().unwrap()
        );
    });
}

#[test]
fn a_lock_is_seen_by_another_handle() {
    each(|path, dir| {
        let _held = dir.try_lock(Path::new("lock")).unwrap();
        let other = RealFs.open_dir(path).unwrap();
        assert!(matches!(other.try_lock(Path::new("lock")), Err(DiskError::Busy { .. })));
    });
}
