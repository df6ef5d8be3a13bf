//! What can go wrong between a room and its files.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file operation that failed, with its name and the path it was asked for.
///
/// Paths are those of the caller (relative to the [`Dir`](crate::Dir) handle).
#[derive(Debug, Error)]
pub enum DiskError {
    /// Nothing stands under that name.
    #[error("{op} {}: no such file or directory", path.display())]
    NotFound {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The name is taken; nothing was overwritten.
    #[error("{op} {}: the name is already taken", path.display())]
    Exists {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The directory to be removed still holds something.
    #[error("{op} {}: the directory is not empty", path.display())]
    NotEmpty {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// Somebody else holds the object (EBUSY, ETXTBSY, a lock).
    #[error("{op} {}: in use by another program", path.display())]
    Busy {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The file system refuses this user (EACCES, EPERM). On a share this may also be a lock.
    #[error("{op} {}: permission denied", path.display())]
    Denied {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The file system or the quota is full.
    #[error("{op} {}: no space left on the device", path.display())]
    NoSpace {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// Another kind of object stands there than the operation works on: a link, a directory, a
    /// FIFO, a socket, a device; or a component of the path is no directory.
    #[error("{op} {}: not the kind of file that is asked for", path.display())]
    NotRegular {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The path is absolute, empty where a name is needed, or has `..` or NUL in it: the caller's
    /// fault.
    #[error("{op} {}: the path leaves the directory or names nothing", path.display())]
    BadPath {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// Both names are not on one file system, or not behind one implementation.
    #[error("{op} {}: the target is on another file system", path.display())]
    CrossDevice {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The name (255 bytes on most file systems) or the path is too long.
    #[error("{op} {}: the name is too long", path.display())]
    TooLong {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// The file system is mounted read-only.
    #[error("{op} {}: the file system is read-only", path.display())]
    ReadOnly {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// What the handle stood for is no longer there (ESTALE, ENOTCONN, ENODEV): a mount went away.
    #[error("{op} {}: the file system is gone", path.display())]
    Gone {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
    },
    /// Anything else the operating system says.
    #[error("{op} {}: {source}", path.display())]
    Io {
        /// The operation.
        op: &'static str,
        /// The path asked for.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl DiskError {
    /// Whether the same call may succeed later without the caller changing anything: somebody
    /// else's lock, rights, space, mount or device is the cause.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. }
                | Self::Denied { .. }
                | Self::NoSpace { .. }
                | Self::ReadOnly { .. }
                | Self::Gone { .. }
                | Self::Io { .. }
        )
    }

    /// The operation that failed.
    #[must_use]
    pub fn op(&self) -> &'static str {
        self.parts().0
    }

    /// The path that was asked for.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, &Path) {
        match self {
            Self::NotFound { op, path }
            | Self::Exists { op, path }
            | Self::NotEmpty { op, path }
            | Self::Busy { op, path }
            | Self::Denied { op, path }
            | Self::NoSpace { op, path }
            | Self::NotRegular { op, path }
            | Self::BadPath { op, path }
            | Self::CrossDevice { op, path }
            | Self::TooLong { op, path }
            | Self::ReadOnly { op, path }
            | Self::Gone { op, path }
            | Self::Io { op, path, .. } => (op, path),
        }
    }
}

impl From<DiskError> for io::Error {
    fn from(error: DiskError) -> Self {
        let kind = match &error {
            DiskError::NotFound { .. } => io::ErrorKind::NotFound,
            DiskError::Exists { .. } => io::ErrorKind::AlreadyExists,
            DiskError::Denied { .. } => io::ErrorKind::PermissionDenied,
            DiskError::NoSpace { .. } => io::ErrorKind::StorageFull,
            DiskError::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
