//! Trouble on demand.

use std::path::{Path, PathBuf};

use crate::DiskError;

/// A fault to inject. Paths are absolute; a fault of a path is one of everything beneath it too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Writing fails with [`DiskError::NoSpace`] once this many further bytes are written, and so
    /// does making a file or a directory once none are left. [`crate::Dir::space`] tells the rest.
    NoSpaceAfter(u64),
    /// Every operation on this path fails with [`DiskError::Io`] (EIO).
    Io(PathBuf),
    /// Syncing this file or directory fails with [`DiskError::Io`] (EIO).
    Sync(PathBuf),
    /// Every operation on this path fails with [`DiskError::Denied`].
    Denied(PathBuf),
    /// Every operation on this path fails with [`DiskError::Busy`].
    Busy(PathBuf),
}

/// Bytes that are free when no fault says otherwise (1 TiB).
const PLENTY: u64 = 1 << 40;

#[derive(Debug, Default)]
pub(super) struct Faults {
    paths: Vec<Fault>,
    space: Option<u64>,
}

impl Faults {
    pub(super) fn inject(&mut self, fault: Fault) {
        match fault {
            Fault::NoSpaceAfter(bytes) => self.space = Some(bytes),
            other => self.paths.push(other),
        }
    }

    pub(super) fn free_bytes(&self) -> u64 {
        self.space.unwrap_or(PLENTY)
    }

    /// Whether `op` on the absolute path `at` may go on; `path` is the caller's name for it.
    pub(super) fn check(&self, op: &'static str, at: &Path, path: &Path) -> Result<(), DiskError> {
        let path = path.to_owned();
        for fault in &self.paths {
            match fault {
                Fault::Io(of) if at.starts_with(of) => return Err(eio(op, path)),
                Fault::Sync(of) if at.starts_with(of) && op.starts_with("sync") => {
                    return Err(eio(op, path));
                }
                Fault::Denied(of) if at.starts_with(of) => {
                    return Err(DiskError::Denied { op, path });
                }
                Fault::Busy(of) if at.starts_with(of) => return Err(DiskError::Busy { op, path }),
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes space for `wanted` bytes and returns how many there were.
    pub(super) fn take_space(&mut self, wanted: usize) -> usize {
        match &mut self.space {
            None => wanted,
            Some(left) => {
                let granted = wanted.min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= granted as u64;
                granted
            }
        }
    }

    /// Whether a new name may be made.
    pub(super) fn check_room(&self, op: &'static str, path: &Path) -> Result<(), DiskError> {
        match self.space {
            Some(0) => Err(DiskError::NoSpace { op, path: path.to_owned() }),
            _ => Ok(()),
        }
    }
}

fn eio(op: &'static str, path: PathBuf) -> DiskError {
    /// EIO on Linux.
    const EIO: i32 = 5;
    DiskError::Io { op, path, source: std::io::Error::from_raw_os_error(EIO) }
}
