//! From a relative path to the handle of its parent, beneath a handle, without following links.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::{Errno, retry_on_intr};

use super::Downgrade;
use super::errno::failed;
use crate::{DiskError, names};

/// Nothing outside the directory, and no link.
pub(super) const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

/// How a path of several components is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolver {
    /// One `openat2` call.
    Kernel,
    /// One `openat` with `O_NOFOLLOW` for each component.
    Stepwise,
}

/// A name and the directory it stands in.
pub(super) struct At<'d, 'p> {
    pub(super) parent: Parent<'d>,
    pub(super) name: &'p OsStr,
}

/// A handle of our own or the one that was asked.
pub(super) enum Parent<'d> {
    Same(BorrowedFd<'d>),
    Opened(OwnedFd),
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Same(fd) => *fd,
            Self::Opened(fd) => fd.as_fd(),
        }
    }
}

impl Resolver {
    pub(super) fn choose(without: Downgrade) -> Self {
        if without.no_openat2 || !openat2_works() { Self::Stepwise } else { Self::Kernel }
    }

    /// The parent and the name of `path`.
    pub(super) fn parent<'d, 'p>(
        self,
        dir: BorrowedFd<'d>,
        op: &'static str,
        path: &'p Path,
    ) -> Result<At<'d, 'p>, DiskError> {
        let (parts, name) = names::split(op, path)?;
        let parent = match parts.as_slice() {
            [] => Parent::Same(dir),
            parts => Parent::Opened(
                self.walk(dir, parts, OFlags::PATH).map_err(|errno| failed(op, path, errno))?,
            ),
        };
        Ok(At { parent, name })
    }

    /// Opens a directory so that it may be read and synced.
    pub(super) fn directory(
        self,
        dir: BorrowedFd<'_>,
        op: &'static str,
        path: &Path,
    ) -> Result<OwnedFd, DiskError> {
        let mut parts = names::components(op, path)?;
        if parts.is_empty() {
            parts.push(OsStr::new("."));
        }
        self.walk(dir, &parts, OFlags::RDONLY).map_err(|errno| failed(op, path, errno))
    }

    fn walk(self, dir: BorrowedFd<'_>, parts: &[&OsStr], access: OFlags) -> Result<OwnedFd, Errno> {
        match self {
            Self::Kernel => {
                let path: PathBuf = parts.iter().collect();
                open_beneath(dir, &path, access)
            }
            Self::Stepwise => open_stepwise(dir, parts, access),
        }
    }
}

fn open_beneath(dir: BorrowedFd<'_>, path: &Path, access: OFlags) -> Result<OwnedFd, Errno> {
    let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| openat2(dir, path, flags, Mode::empty(), BENEATH))
}

fn open_stepwise(dir: BorrowedFd<'_>, parts: &[&OsStr], access: OFlags) -> Result<OwnedFd, Errno> {
    let mut current: Option<OwnedFd> = None;
    for (n, part) in parts.iter().enumerate() {
        let access = if n + 1 == parts.len() { access } else { OFlags::PATH };
        let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let from = current.as_ref().map_or(dir, AsFd::as_fd);
        current = Some(retry_on_intr(|| openat(from, *part, flags, Mode::empty()))?);
    }
    current.ok_or(Errno::INVAL)
}

/// Asked once: a sandbox answers ENOSYS or EPERM for every path alike.
fn openat2_works() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    *WORKS.get_or_init(|| {
        let probe =
            openat2(CWD, ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::BENEATH);
        !matches!(probe, Err(Errno::NOSYS | Errno::PERM | Errno::INVAL))
    })
}
