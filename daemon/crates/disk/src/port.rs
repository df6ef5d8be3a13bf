//! The port: what a room may ask of a file system.
//!
//! Every path given to a [`Dir`] is relative to it and has no `..`; links are never followed, in
//! no component. An empty path (or `.`) names the directory itself where that makes sense
//! (`list`, `stat`, `sync_dir`, `open_dir`).

use std::any::Any;
use std::ffi::OsString;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use crate::DiskError;

/// Where directories come from.
pub trait FileSystem: Send + Sync + Debug {
    /// Opens an existing directory by the path an operator configured (links in it are followed).
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError>;
}

/// A directory held open by handle: renaming or replacing it elsewhere does not redirect us.
pub trait Dir: Any + Send + Sync + Debug {
    /// What stands in `sub`, without `.` and `..`, in no particular order. Entries that vanish
    /// while they are read are left out.
    fn list(&self, sub: &Path) -> Result<Vec<DirEntry>, DiskError>;
    /// The metadata of the name itself (a link is reported as a link).
    fn stat(&self, path: &Path) -> Result<Meta, DiskError>;
    /// Opens a regular file for reading; anything else is [`DiskError::NotRegular`], and a FIFO
    /// never blocks.
    fn open(&self, path: &Path) -> Result<Box<dyn ReadFile>, DiskError>;
    /// What a regular file of at most `most` bytes holds, where nobody has to be waited for: the kernel has it in
    /// memory, and it is on this machine. `None` says nothing of the file: [`Dir::open`] does.
    fn read_at_once(&self, path: &Path, most: usize) -> Option<Vec<u8>> {
        let _ = (path, most);
        None
    }
    /// Opens a sub-directory as a handle of its own.
    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError>;
    /// Creates a file that must not exist yet ([`DiskError::Exists`]). `mode` is lessened by the
    /// umask.
    fn create(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError>;
    /// Opens a regular file for appending, creating it when it is absent.
    fn append(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError>;
    /// Renames, replacing an existing file. Durable only after [`Dir::sync_dir`] of both parents.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError>;
    /// Renames, never replacing ([`DiskError::Exists`]). Where the file system has no such rename,
    /// a link and an unlink take its place: a crash between them leaves both names.
    fn rename_no_replace(&self, from: &Path, to: &Path) -> Result<(), DiskError>;
    /// Renames below another handle, never replacing. [`DiskError::CrossDevice`] when both are not
    /// on one file system.
    fn move_to(&self, from: &Path, target: &dyn Dir, to: &Path) -> Result<(), DiskError>;
    /// Removes a name that is no directory.
    fn remove(&self, path: &Path) -> Result<(), DiskError>;
    /// Removes an empty directory ([`DiskError::NotEmpty`]).
    fn remove_dir(&self, path: &Path) -> Result<(), DiskError>;
    /// Creates one directory whose parent exists.
    fn create_dir(&self, path: &Path, mode: u32) -> Result<(), DiskError>;
    /// Makes the names in `path` durable (creations, renames and removals that returned before).
    fn sync_dir(&self, path: &Path) -> Result<(), DiskError>;
    /// The space left for this user.
    fn space(&self) -> Result<Space, DiskError>;
    /// Which directory this handle holds, and on what kind of file system.
    fn identity(&self) -> Result<Identity, DiskError>;
    /// Takes the exclusive lock of a file (created when absent, mode 0600) without waiting;
    /// [`DiskError::Busy`] when another holds it. Released when the [`Lock`] is dropped or the
    /// process ends.
    fn try_lock(&self, path: &Path) -> Result<Lock, DiskError>;
}

/// A regular file opened for reading.
pub trait ReadFile: Any + Send + Sync + Debug {
    /// The metadata of the open file (not of the name).
    fn meta(&self) -> Result<Meta, DiskError>;
    /// Reads at an absolute offset; 0 means the end of the file. May return less than asked for.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, DiskError>;

    /// Fills `buf` from `offset` on; a file that ends before is [`DiskError::Io`]
    /// (`UnexpectedEof`).
    fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), DiskError> {
        let mut done = 0;
        while done < buf.len() {
            match self.read_at(offset + done as u64, &mut buf[done..])? {
                0 => return Err(short_read()),
                read => done += read,
            }
        }
        Ok(())
    }
}

fn short_read() -> DiskError {
    let source = std::io::ErrorKind::UnexpectedEof.into();
    DiskError::Io { op: "read", path: std::path::PathBuf::new(), source }
}

/// A regular file opened for writing, from its start (`create`) or at its end (`append`).
pub trait WriteFile: Any + Send + Debug {
    /// Writes all of it after what was written before.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), DiskError>;
    /// Copies up to `len` bytes of `src` from `offset` on, inside the kernel where possible.
    /// Returns how many were copied: fewer than `len` only when `src` ends before.
    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, DiskError>;
    /// Makes the content (and length) durable; the name is made so by [`Dir::sync_dir`].
    fn sync(&mut self) -> Result<(), DiskError>;
    /// The metadata of the open file.
    fn meta(&self) -> Result<Meta, DiskError>;
    /// Cuts or extends (with zeros) the file to `len` bytes; further writes go to the new end.
    fn set_len(&mut self, len: u64) -> Result<(), DiskError>;
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name in its original bytes.
    pub name: OsString,
    /// Its metadata (of the link itself, if it is one).
    pub meta: Meta,
}

/// What kind of object a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link (never followed).
    Symlink,
    /// A FIFO, a socket or a device.
    Other,
}

/// Metadata as of one `lstat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// The kind of object.
    pub kind: Kind,
    /// Length in bytes.
    pub len: u64,
    /// Device number of the file system.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// Last change of the content, in nanoseconds since 1970-01-01T00:00:00Z.
    pub mtime_ns: i128,
    /// Last change of content or metadata, in nanoseconds since 1970-01-01T00:00:00Z.
    pub ctime_ns: i128,
    /// Numeric user id of the owner.
    pub uid: u32,
    /// Type and permission bits (`st_mode`).
    pub mode: u32,
}

/// Space of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this (unprivileged) user may still write.
    pub free_bytes: u64,
    /// Size of the file system in bytes.
    pub total_bytes: u64,
}

/// What tells one directory from another that stands at the same path later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Device number of the file system (changes when a mount goes away).
    pub dev: u64,
    /// Inode number of the directory.
    pub ino: u64,
    /// The kind of file system.
    pub fs: FsType,
}

/// How a file system is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FsType {
    /// On this machine: inotify tells everything.
    Local,
    /// NFS, SMB, CIFS, 9p, Ceph, AFS: others write without our kernel knowing.
    Network,
    /// FUSE: anything may stand behind it, so it is treated like a network.
    Fuse,
}

impl FsType {
    /// Whether writers may be unseen by this kernel: FUSE counts.
    #[must_use]
    pub fn is_network(self) -> bool {
        !matches!(self, Self::Local)
    }
}

/// An exclusive lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _held: Box<dyn HeldLock>,
}

/// What an implementation keeps alive for a [`Lock`].
pub(crate) trait HeldLock: Send + Sync + Debug {}

impl Lock {
    pub(crate) fn new(held: Box<dyn HeldLock>) -> Self {
        Self { _held: held }
    }
}
