//! Reading what is in memory, and nothing that has to be waited for.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::statfs;
use sceau_disk::{Downgrade, DowngradedFs, FileSystem, RealFs};

/// File systems of this machine's disks that tell what is in memory (`statfs`): ext4, XFS, Btrfs.
const TELLING: [u32; 3] = [0xEF53, 0x5846_5342, 0x9123_683E];

/// A directory beside the build, which is on a disk; `/tmp` may not be.
fn folder(name: &str) -> PathBuf {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(path.join("sub")).unwrap();
    path
}

#[test]
fn what_was_just_written_is_read_at_once_and_whole() {
    let path = folder("at-once");
    let bytes: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(path.join("sub/file"), &bytes).unwrap();
    fs::write(path.join("empty"), b"").unwrap();
    let dir = RealFs.open_dir(&path).unwrap();
    let (file, most) = (Path::new("sub/file"), bytes.len());
    let read = dir.read_at_once(file, most);
    if TELLING.contains(&(statfs(&path).unwrap().f_type as u32)) {
        assert_eq!(read.as_ref(), Some(&bytes));
        assert_eq!(dir.read_at_once(Path::new("empty"), 0), Some(Vec::new()));
    } else {
        assert!(read.is_none_or(|read| read == bytes));
    }
    assert_eq!(dir.read_at_once(file, most - 1), None, "larger than wanted");
    let without = DowngradedFs(Downgrade { no_openat2: true, ..Downgrade::default() });
    assert_eq!(without.open_dir(&path).unwrap().read_at_once(file, most), None);
    fs::remove_dir_all(path).unwrap();
}

#[test]
fn nothing_is_read_that_is_no_file_beneath_the_directory() {
    let path = folder("beneath");
    fs::write(path.join("file"), b"secret").unwrap();
    std::os::unix::fs::symlink("../file", path.join("sub/link")).unwrap();
    let (dir, sub) = (RealFs.open_dir(&path).unwrap(), RealFs.open_dir(&path.join("sub")).unwrap());
    for name in ["", ".", "sub", "absent", "sub/../file", "sub/link"] {
        assert_eq!(dir.read_at_once(Path::new(name), 100), None, "{name}");
    }
    for name in ["link", "../file", "/etc/hostname"] {
        assert_eq!(sub.read_at_once(Path::new(name), 100), None, "{name}");
    }
    fs::remove_dir_all(path).unwrap();
}
