//! Files that the kernel has in memory, read without waiting for anybody.

use std::io::IoSliceMut;
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, openat2};
use rustix::io::{ReadWriteFlags, preadv2};

use super::AS_IT_IS;
use super::resolve::BENEATH;
use crate::names;

/// The whole file of at most `most` bytes: `RESOLVE_CACHED` (Linux 5.12) and `RWF_NOWAIT` (Linux 4.14) say no
/// where a disk would have to be waited for, and `None` says nothing else.
pub(super) fn read(dir: BorrowedFd<'_>, path: &Path, most: usize) -> Option<Vec<u8>> {
    names::split("open", path).ok()?;
    let (flags, resolve) = (OFlags::RDONLY | AS_IT_IS, BENEATH | ResolveFlags::CACHED);
    let file = openat2(dir, path, flags, Mode::empty(), resolve).ok()?;
    let stat = fstat(&file).ok()?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let len = usize::try_from(stat.st_size).ok().filter(|len| is_file && *len <= most)?;
    let mut bytes = vec![0; len];
    let read = preadv2(&file, &mut [IoSliceMut::new(&mut bytes)], 0, ReadWriteFlags::NOWAIT);
    (read.ok()? == len).then_some(bytes)
}
