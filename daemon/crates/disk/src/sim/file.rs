//! Files of the simulation: what is seen, and how much of it is durable.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::lock;
use super::state::State;
use crate::{DiskError, Kind, Meta, ReadFile, WriteFile};

/// `st_mode` of a regular file.
pub(super) const S_IFREG: u32 = 0o100_000;

/// The content of a file. It only ever grows at its end or is cut, so what is durable is a prefix
/// of what is seen, or what stood before a cut.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) live: Vec<u8>,
    /// This many bytes of `live` are durable, unless `before_cut` says what is.
    pub(super) synced: usize,
    pub(super) before_cut: Option<Vec<u8>>,
    pub(super) mtime_ns: i128,
    pub(super) ctime_ns: i128,
    pub(super) mode: u32,
}

impl Content {
    pub(super) fn new(mode: u32, now_ns: i128) -> Self {
        let (live, synced, before_cut) = (Vec::new(), 0, None);
        Self { live, synced, before_cut, mtime_ns: now_ns, ctime_ns: now_ns, mode }
    }

    pub(super) fn sync(&mut self) {
        self.synced = self.live.len();
        self.before_cut = None;
    }

    pub(super) fn set_len(&mut self, len: usize) {
        if len < self.synced && self.before_cut.is_none() {
            self.before_cut = Some(self.live[..self.synced].to_vec());
        }
        self.synced = self.synced.min(len);
        self.live.resize(len, 0);
    }

    pub(super) fn touch(&mut self, now_ns: i128) {
        self.mtime_ns = now_ns;
        self.ctime_ns = now_ns;
    }
}

/// An inode that is a regular file; open handles keep it alive.
#[derive(Debug)]
pub(super) struct SimFile {
    pub(super) ino: u64,
    pub(super) dev: u64,
    pub(super) content: Mutex<Content>,
}

impl SimFile {
    pub(super) fn meta(&self) -> Meta {
        let content = lock(&self.content);
        Meta {
            kind: Kind::File,
            len: content.live.len() as u64,
            dev: self.dev,
            ino: self.ino,
            mtime_ns: content.mtime_ns,
            ctime_ns: content.ctime_ns,
            uid: 0,
            mode: S_IFREG | content.mode,
        }
    }
}

/// A file handle: the file system it is of, and its name when it was opened (for faults).
#[derive(Debug)]
pub(super) struct SimHandle {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) file: Arc<SimFile>,
    pub(super) at: PathBuf,
    pub(super) path: PathBuf,
}

impl SimHandle {
    fn check(&self, op: &'static str) -> Result<(), DiskError> {
        let state = lock(&self.state);
        state.check_device(op, &self.path, self.file.dev)?;
        state.faults.check(op, &self.at, &self.path)
    }
}

impl ReadFile for SimHandle {
    fn meta(&self) -> Result<Meta, DiskError> {
        self.check("stat")?;
        Ok(self.file.meta())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, DiskError> {
        self.check("read")?;
        let content = lock(&self.file.content);
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(content.live.len());
        let read = buf.len().min(content.live.len() - from);
        buf[..read].copy_from_slice(&content.live[from..from + read]);
        Ok(read)
    }
}

/// A handle that writes at the end of the file.
#[derive(Debug)]
pub(super) struct SimWriter(pub(super) SimHandle);

impl WriteFile for SimWriter {
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.0.check("write")?;
        let mut state = lock(&self.0.state);
        let granted = state.faults.take_space(bytes.len());
        let mut content = lock(&self.0.file.content);
        content.live.extend_from_slice(&bytes[..granted]);
        content.touch(state.now_ns);
        match granted == bytes.len() {
            true => Ok(()),
            false => Err(DiskError::NoSpace { op: "write", path: self.0.path.clone() }),
        }
    }

    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, DiskError> {
        let available = src.meta()?.len.saturating_sub(offset).min(len);
        let mut bytes = vec![0; usize::try_from(available).unwrap_or(usize::MAX)];
        let read = read_what_is_there(src, offset, &mut bytes)?;
        self.write_all(&bytes[..read])?;
        Ok(read as u64)
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        self.0.check("sync")?;
        lock(&self.0.file.content).sync();
        Ok(())
    }

    fn meta(&self) -> Result<Meta, DiskError> {
        self.0.check("stat")?;
        Ok(self.0.file.meta())
    }

    fn set_len(&mut self, len: u64) -> Result<(), DiskError> {
        self.0.check("set length")?;
        let too_long = || DiskError::NoSpace { op: "set length", path: self.0.path.clone() };
        let len = usize::try_from(len).map_err(|_| too_long())?;
        let now_ns = lock(&self.0.state).now_ns;
        let mut content = lock(&self.0.file.content);
        content.set_len(len);
        content.touch(now_ns);
        Ok(())
    }
}

fn read_what_is_there(src: &dyn ReadFile, offset: u64, buf: &mut [u8]) -> Result<usize, DiskError> {
    let mut done = 0;
    while done < buf.len() {
        match src.read_at(offset + done as u64, &mut buf[done..])? {
            0 => break,
            read => done += read,
        }
    }
    Ok(done)
}

/// Whether both handles are of one simulation.
pub(super) fn same_simulation(a: &Arc<Mutex<State>>, b: &Arc<Mutex<State>>) -> bool {
    Arc::ptr_eq(a, b)
}

/// The target of a move, when it is of the same implementation.
pub(super) fn as_sim_dir(target: &dyn crate::Dir) -> Option<&super::dir::SimDir> {
    (target as &dyn Any).downcast_ref()
}

/// The absolute path of a name beneath a handle.
pub(super) fn absolute(base: &Path, path: &Path) -> PathBuf {
    base.join(path).components().filter(|part| *part != std::path::Component::CurDir).collect()
}
