//! From the kernel's error numbers to [`DiskError`].

use std::path::Path;

use rustix::io::Errno;

use crate::DiskError;

pub(super) fn failed(op: &'static str, path: &Path, errno: Errno) -> DiskError {
    let path = path.to_owned();
    match errno {
        Errno::NOENT => DiskError::NotFound { op, path },
        Errno::EXIST => DiskError::Exists { op, path },
        Errno::NOTEMPTY => DiskError::NotEmpty { op, path },
        Errno::BUSY | Errno::TXTBSY | Errno::AGAIN => DiskError::Busy { op, path },
        Errno::ACCESS | Errno::PERM => DiskError::Denied { op, path },
        Errno::NOSPC | Errno::DQUOT => DiskError::NoSpace { op, path },
        Errno::LOOP | Errno::ISDIR | Errno::NOTDIR | Errno::NXIO => {
            DiskError::NotRegular { op, path }
        }
        Errno::XDEV => DiskError::CrossDevice { op, path },
        Errno::NAMETOOLONG => DiskError::TooLong { op, path },
        Errno::ROFS => DiskError::ReadOnly { op, path },
        Errno::STALE | Errno::NOTCONN | Errno::NODEV | Errno::HOSTDOWN | Errno::SHUTDOWN => {
            DiskError::Gone { op, path }
        }
        other => DiskError::Io { op, path, source: other.into() },
    }
}
