//! Linux: everything beneath a directory handle, links followed nowhere.
//!
//! Only the parent of a name is resolved by path (`openat2` with `RESOLVE_BENEATH`,
//! `RESOLVE_NO_SYMLINKS` and `RESOLVE_NO_MAGICLINKS`, or one component after the other with
//! `O_NOFOLLOW` where a sandbox refuses `openat2`); the name itself is then used with the `*at`
//! call, which does not follow a link either.

mod at_once;
mod classify;
mod errno;
mod file;
mod rename;
mod resolve;

use std::any::Any;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use self::errno::failed;
use self::file::{RealReadFile, RealWriteFile, meta_of};
use self::resolve::Resolver;
use crate::port::HeldLock;
use crate::{
    Dir, DirEntry, DiskError, FileSystem, Identity, Lock, Meta, ReadFile, Space, WriteFile,
};

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFs;

impl FileSystem for RealFs {
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        open_root(path, Downgrade::default())
    }
}

/// Kernel calls to do without, as on file systems and in sandboxes that lack them; for tests of
/// the fall-backs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Downgrade {
    /// No `openat2` (older sandboxes answer ENOSYS or EPERM).
    pub no_openat2: bool,
    /// No `RENAME_NOREPLACE` (FUSE, SMB).
    pub no_rename_no_replace: bool,
    /// No hard links (FAT, many shares).
    pub no_links: bool,
    /// No `copy_file_range`.
    pub no_copy_range: bool,
}

/// [`RealFs`] without some of the kernel's help.
#[derive(Debug, Clone, Copy, Default)]
pub struct DowngradedFs(pub Downgrade);

impl FileSystem for DowngradedFs {
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        open_root(path, self.0)
    }
}

fn open_root(path: &Path, without: Downgrade) -> Result<Arc<dyn Dir>, DiskError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = retry_on_intr(|| fs::open(path, flags, Mode::empty()))
        .map_err(|errno| failed("open directory", path, errno))?;
    Ok(Arc::new(RealDir { fd, without, resolver: Resolver::choose(without) }))
}

/// A file is opened as what it is: no link is followed, no FIFO or terminal waited for, no child inherits it.
const AS_IT_IS: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// A directory handle.
#[derive(Debug)]
struct RealDir {
    fd: OwnedFd,
    without: Downgrade,
    resolver: Resolver,
}

impl RealDir {
    /// Runs `work` with the handle of the parent and the last name of `path`.
    fn at<T>(
        &self,
        op: &'static str,
        path: &Path,
        work: impl FnOnce(resolve::At<'_, '_>) -> Result<T, Errno>,
    ) -> Result<T, DiskError> {
        let at = self.resolver.parent(self.fd.as_fd(), op, path)?;
        work(at).map_err(|errno| failed(op, path, errno))
    }

    fn open_file(
        &self,
        op: &'static str,
        path: &Path,
        flags: OFlags,
        mode: u32,
    ) -> Result<(OwnedFd, Meta), DiskError> {
        let flags = flags | AS_IT_IS;
        let fd = self.at(op, path, |at| {
            retry_on_intr(|| fs::openat(&at.parent, at.name, flags, Mode::from_raw_mode(mode)))
        })?;
        let meta = meta_of(&fs::fstat(&fd).map_err(|errno| failed(op, path, errno))?);
        match meta.kind {
            crate::Kind::File => Ok((fd, meta)),
            _ => Err(DiskError::NotRegular { op, path: path.to_owned() }),
        }
    }

    fn open_sub(&self, op: &'static str, path: &Path) -> Result<OwnedFd, DiskError> {
        self.resolver.directory(self.fd.as_fd(), op, path)
    }

    fn writer(&self, fd: OwnedFd, path: &Path, position: u64) -> Box<dyn WriteFile> {
        let kernel_copy = !self.without.no_copy_range;
        Box::new(RealWriteFile { fd, path: path.to_owned(), position, kernel_copy })
    }

    fn move_no_replace(
        &self,
        op: &'static str,
        from: &Path,
        target: &Self,
        to: &Path,
    ) -> Result<(), DiskError> {
        let source = self.resolver.parent(self.fd.as_fd(), op, from)?;
        let dest = target.resolver.parent(target.fd.as_fd(), op, to)?;
        rename::no_replace(&source, &dest, self.without).map_err(|errno| match errno {
            Errno::NOENT => failed(op, from, errno),
            _ => failed(op, to, errno),
        })
    }
}

impl Dir for RealDir {
    fn list(&self, sub: &Path) -> Result<Vec<DirEntry>, DiskError> {
        let fail = |errno| failed("list", sub, errno);
        let fd = self.open_sub("list", sub)?;
        let mut entries = Vec::new();
        for entry in fs::Dir::read_from(&fd).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            match fs::statat(&fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => entries.push(DirEntry {
                    name: std::ffi::OsStr::from_bytes(name.to_bytes()).to_owned(),
                    meta: meta_of(&stat),
                }),
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(fail(errno)),
            }
        }
        Ok(entries)
    }

    fn stat(&self, path: &Path) -> Result<Meta, DiskError> {
        if crate::names::components("stat", path)?.is_empty() {
            let stat = fs::fstat(&self.fd).map_err(|errno| failed("stat", path, errno))?;
            return Ok(meta_of(&stat));
        }
        let stat = |at: resolve::At<'_, '_>| {
            retry_on_intr(|| fs::statat(&at.parent, at.name, AtFlags::SYMLINK_NOFOLLOW))
        };
        self.at("stat", path, stat).map(|stat| meta_of(&stat))
    }

    fn open(&self, path: &Path) -> Result<Box<dyn ReadFile>, DiskError> {
        let (fd, _) = self.open_file("open", path, OFlags::RDONLY, 0)?;
        Ok(Box::new(RealReadFile { fd, path: path.to_owned() }))
    }

    fn read_at_once(&self, path: &Path, most: usize) -> Option<Vec<u8>> {
        // To open a file of a share may ask the share, whatever is in memory.
        let here = self.resolver == Resolver::Kernel && !self.identity().ok()?.fs.is_network();
        here.then(|| at_once::read(self.fd.as_fd(), path, most)).flatten()
    }

    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        let fd = self.open_sub("open directory", path)?;
        Ok(Arc::new(Self { fd, without: self.without, resolver: self.resolver }))
    }

    fn create(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let (fd, _) = self.open_file("create", path, flags, mode)?;
        Ok(self.writer(fd, path, 0))
    }

    fn append(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError> {
        let flags = OFlags::WRONLY | OFlags::CREATE;
        let (fd, meta) = self.open_file("append", path, flags, mode)?;
        Ok(self.writer(fd, path, meta.len))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let dest = self.resolver.parent(self.fd.as_fd(), "rename", to)?;
        self.at("rename", from, |at| {
            retry_on_intr(|| fs::renameat(&at.parent, at.name, dest.parent.as_fd(), dest.name))
        })
    }

    fn rename_no_replace(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.move_no_replace("rename", from, self, to)
    }

    fn move_to(&self, from: &Path, target: &dyn Dir, to: &Path) -> Result<(), DiskError> {
        match (target as &dyn Any).downcast_ref::<Self>() {
            Some(target) => self.move_no_replace("move", from, target, to),
            None => Err(DiskError::CrossDevice { op: "move", path: to.to_owned() }),
        }
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        self.at("remove", path, |at| {
            retry_on_intr(|| fs::unlinkat(&at.parent, at.name, AtFlags::empty()))
        })
    }

    fn remove_dir(&self, path: &Path) -> Result<(), DiskError> {
        self.at("remove directory", path, |at| {
            retry_on_intr(|| fs::unlinkat(&at.parent, at.name, AtFlags::REMOVEDIR))
        })
    }

    fn create_dir(&self, path: &Path, mode: u32) -> Result<(), DiskError> {
        self.at("create directory", path, |at| {
            retry_on_intr(|| fs::mkdirat(&at.parent, at.name, Mode::from_raw_mode(mode)))
        })
    }

    fn sync_dir(&self, path: &Path) -> Result<(), DiskError> {
        let fd = self.open_sub("sync directory", path)?;
        match retry_on_intr(|| fs::fsync(&fd)) {
            // The file system has no such call (FUSE, SMB): its names are as durable as they get.
            Ok(()) | Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(()),
            Err(errno) => Err(failed("sync directory", path, errno)),
        }
    }

    fn space(&self) -> Result<Space, DiskError> {
        let fail = |errno| failed("space", Path::new("."), errno);
        let stat = retry_on_intr(|| fs::fstatvfs(&self.fd)).map_err(fail)?;
        Ok(Space {
            free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            total_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
        })
    }

    fn identity(&self) -> Result<Identity, DiskError> {
        let fail = |errno| failed("identity", Path::new("."), errno);
        let stat = fs::fstat(&self.fd).map_err(fail)?;
        let statfs = retry_on_intr(|| fs::fstatfs(&self.fd)).map_err(fail)?;
        let fs = classify::fs_type(statfs.f_type);
        Ok(Identity { dev: stat.st_dev, ino: stat.st_ino, fs })
    }

    fn try_lock(&self, path: &Path) -> Result<Lock, DiskError> {
        let flags = OFlags::RDWR | OFlags::CREATE;
        let (fd, _) = self.open_file("lock", path, flags, 0o600)?;
        retry_on_intr(|| fs::flock(&fd, FlockOperation::NonBlockingLockExclusive))
            .map_err(|errno| failed("lock", path, errno))?;
        Ok(Lock::new(Box::new(HeldFlock { _fd: fd, _path: path.to_owned() })))
    }
}

/// The kernel releases the lock when the descriptor closes.
#[derive(Debug)]
struct HeldFlock {
    _fd: OwnedFd,
    _path: PathBuf,
}

impl HeldLock for HeldFlock {}
