//! Directory handles of the simulation.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::file::{SimFile, SimHandle, SimWriter, absolute, as_sim_dir, same_simulation};
use super::lock;
use super::state::{Change, Directory, Node, State, new_file};
use crate::port::HeldLock;
use crate::{Dir, DirEntry, DiskError, Identity, Lock, Meta, ReadFile, Space, WriteFile, names};

/// A directory held by its inode.
#[derive(Debug)]
pub(super) struct SimDir {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) at: u64,
    pub(super) path: PathBuf,
}

/// A parent directory and a name in it.
type Place<'p> = (u64, &'p OsStr);

impl SimDir {
    /// The state, once the handle is alive and no fault stands on `path`.
    fn enter(&self, op: &'static str, path: &Path) -> Result<MutexGuard<'_, State>, DiskError> {
        let state = lock(&self.state);
        state.directory(op, path, self.at)?;
        state.faults.check(op, &absolute(&self.path, path), path)?;
        Ok(state)
    }

    fn find(&self, state: &State, op: &'static str, path: &Path) -> Result<u64, DiskError> {
        state.walk(op, path, self.at, &names::components(op, path)?)
    }

    fn find_file(
        &self,
        state: &State,
        op: &'static str,
        path: &Path,
    ) -> Result<Arc<SimFile>, DiskError> {
        names::split(op, path)?;
        match state.nodes.get(&self.find(state, op, path)?) {
            Some(Node::File(file)) => Ok(file.clone()),
            _ => Err(DiskError::NotRegular { op, path: path.to_owned() }),
        }
    }

    fn handle(&self, file: Arc<SimFile>, path: &Path) -> SimHandle {
        let at = absolute(&self.path, path);
        SimHandle { state: self.state.clone(), file, at, path: path.to_owned() }
    }

    fn make_file(
        &self,
        state: &mut State,
        op: &'static str,
        path: &Path,
        mode: u32,
    ) -> Result<Arc<SimFile>, DiskError> {
        let place = state.parent(op, self.at, path)?;
        state.add(op, path, place, new_file(mode))?;
        self.find_file(state, op, path)
    }

    fn file_to_append(
        &self,
        state: &mut State,
        op: &'static str,
        path: &Path,
        mode: u32,
    ) -> Result<Arc<SimFile>, DiskError> {
        match self.find_file(state, op, path) {
            Err(DiskError::NotFound { .. }) => self.make_file(state, op, path, mode),
            found => found,
        }
    }

    fn unlink(
        &self,
        op: &'static str,
        path: &Path,
        allowed: impl Fn(&Node) -> Result<(), DiskError>,
    ) -> Result<(), DiskError> {
        let mut state = self.enter(op, path)?;
        let (parent, name) = state.parent(op, self.at, path)?;
        let ino = state.walk(op, path, parent, &[name])?;
        if let Some(node) = state.nodes.get(&ino) {
            allowed(node)?;
        }
        let now_ns = state.now_ns;
        let change = Change { names: vec![(name.to_owned(), None)], rename: None };
        state.directory_mut(op, path, parent)?.change(change, now_ns);
        Ok(())
    }
}

fn rename_in(
    state: &mut State,
    op: &'static str,
    (from, from_path): (Place<'_>, &Path),
    (to, to_path): (Place<'_>, &Path),
) -> Result<(), DiskError> {
    let source = state.directory(op, from_path, from.0)?;
    let missing = || DiskError::NotFound { op, path: from_path.to_owned() };
    let ino = *source.live.get(from.1).ok_or_else(missing)?;
    if source.dev != state.directory(op, to_path, to.0)?.dev {
        return Err(DiskError::CrossDevice { op, path: to_path.to_owned() });
    }
    if from == to {
        return Ok(());
    }
    let now_ns = state.now_ns;
    touch_inode(state, ino, now_ns);
    let gone = (from.1.to_owned(), None);
    let come = (to.1.to_owned(), Some(ino));
    if from.0 == to.0 {
        let change = Change { names: vec![gone, come], rename: None };
        state.directory_mut(op, to_path, to.0)?.change(change, now_ns);
        return Ok(());
    }
    let rename = Some(state.fresh());
    let (gone, come) = (Change { names: vec![gone], rename }, Change { names: vec![come], rename });
    state.directory_mut(op, to_path, to.0)?.change(come, now_ns);
    state.directory_mut(op, from_path, from.0)?.change(gone, now_ns);
    Ok(())
}

/// A rename changes the ctime of what is renamed, as on Linux file systems.
fn touch_inode(state: &mut State, ino: u64, now_ns: i128) {
    if let Some(Node::File(file)) = state.nodes.get(&ino) {
        lock(&file.content).ctime_ns = now_ns;
    }
}

fn exists_at(state: &State, (parent, name): Place<'_>) -> bool {
    match state.nodes.get(&parent) {
        Some(Node::Dir(dir)) => dir.live.contains_key(name),
        _ => false,
    }
}

/// A rename replaces a file by a file, and an empty directory by a directory.
fn may_replace(
    state: &State,
    op: &'static str,
    from: Place<'_>,
    to: Place<'_>,
    path: &Path,
) -> Result<(), DiskError> {
    let Ok(old) = state.walk(op, path, to.0, &[to.1]) else { return Ok(()) };
    let new = state.walk(op, path, from.0, &[from.1])?;
    let is_dir = |ino| matches!(state.nodes.get(&ino), Some(Node::Dir(_)));
    match (is_dir(new), state.nodes.get(&old)) {
        (true, Some(Node::Dir(old))) if !old.live.is_empty() => {
            Err(DiskError::NotEmpty { op, path: path.to_owned() })
        }
        (new_is_dir, _) if new_is_dir != is_dir(old) => {
            Err(DiskError::NotRegular { op, path: path.to_owned() })
        }
        _ => Ok(()),
    }
}

impl Dir for SimDir {
    fn list(&self, sub: &Path) -> Result<Vec<DirEntry>, DiskError> {
        let state = self.enter("list", sub)?;
        let at = self.find(&state, "list", sub)?;
        let entries = &state.directory("list", sub, at)?.live;
        let entry = |(name, ino): (&std::ffi::OsString, &u64)| {
            let ino = state.mounts.get(ino).unwrap_or(ino);
            Some(DirEntry { name: name.clone(), meta: state.meta(*ino)? })
        };
        Ok(entries.iter().filter_map(entry).collect())
    }

    fn stat(&self, path: &Path) -> Result<Meta, DiskError> {
        let state = self.enter("stat", path)?;
        let ino = self.find(&state, "stat", path)?;
        state.meta(ino).ok_or(DiskError::NotFound { op: "stat", path: path.to_owned() })
    }

    fn open(&self, path: &Path) -> Result<Box<dyn ReadFile>, DiskError> {
        let state = self.enter("open", path)?;
        let file = self.find_file(&state, "open", path)?;
        Ok(Box::new(self.handle(file, path)))
    }

    fn open_dir(&self, path: &Path) -> Result<Arc<dyn Dir>, DiskError> {
        let op = "open directory";
        let state = self.enter(op, path)?;
        let at = self.find(&state, op, path)?;
        state.directory(op, path, at)?;
        let path = absolute(&self.path, path);
        Ok(Arc::new(Self { state: self.state.clone(), at, path }))
    }

    fn create(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError> {
        let mut state = self.enter("create", path)?;
        let file = self.make_file(&mut state, "create", path, mode)?;
        Ok(Box::new(SimWriter(self.handle(file, path))))
    }

    fn append(&self, path: &Path, mode: u32) -> Result<Box<dyn WriteFile>, DiskError> {
        let mut state = self.enter("append", path)?;
        let file = self.file_to_append(&mut state, "append", path, mode)?;
        Ok(Box::new(SimWriter(self.handle(file, path))))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let op = "rename";
        drop(self.enter(op, to)?);
        let mut state = self.enter(op, from)?;
        let source = state.parent(op, self.at, from)?;
        let target = state.parent(op, self.at, to)?;
        may_replace(&state, op, source, target, to)?;
        rename_in(&mut state, op, (source, from), (target, to))
    }

    fn rename_no_replace(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.move_to(from, self, to)
    }

    fn move_to(&self, from: &Path, target: &dyn Dir, to: &Path) -> Result<(), DiskError> {
        let op = "move";
        let other = || DiskError::CrossDevice { op, path: to.to_owned() };
        let target = as_sim_dir(target).ok_or_else(other)?;
        if !same_simulation(&self.state, &target.state) {
            return Err(other());
        }
        drop(target.enter(op, to)?);
        let mut state = self.enter(op, from)?;
        let source = state.parent(op, self.at, from)?;
        let place = state.parent(op, target.at, to)?;
        state.walk(op, from, source.0, &[source.1])?;
        if exists_at(&state, place) {
            return Err(DiskError::Exists { op, path: to.to_owned() });
        }
        rename_in(&mut state, op, (source, from), (place, to))
    }

    fn remove(&self, path: &Path) -> Result<(), DiskError> {
        let op = "remove";
        self.unlink(op, path, |node| match node {
            Node::Dir(_) => Err(DiskError::NotRegular { op, path: path.to_owned() }),
            _ => Ok(()),
        })
    }

    fn remove_dir(&self, path: &Path) -> Result<(), DiskError> {
        let op = "remove directory";
        self.unlink(op, path, |node| match node {
            Node::Dir(dir) if dir.live.is_empty() => Ok(()),
            Node::Dir(_) => Err(DiskError::NotEmpty { op, path: path.to_owned() }),
            _ => Err(DiskError::NotRegular { op, path: path.to_owned() }),
        })
    }

    fn create_dir(&self, path: &Path, _mode: u32) -> Result<(), DiskError> {
        let op = "create directory";
        let mut state = self.enter(op, path)?;
        let place = state.parent(op, self.at, path)?;
        let make = |_, dev, now_ns| Node::Dir(Directory::new(dev, now_ns));
        state.add(op, path, place, make).map(drop)
    }

    fn sync_dir(&self, path: &Path) -> Result<(), DiskError> {
        let op = "sync directory";
        let mut state = self.enter(op, path)?;
        let at = self.find(&state, op, path)?;
        state.directory(op, path, at)?;
        state.sync_names(at);
        Ok(())
    }

    fn space(&self) -> Result<Space, DiskError> {
        let state = self.enter("space", Path::new(""))?;
        let free_bytes = state.faults.free_bytes();
        Ok(Space { free_bytes, total_bytes: free_bytes.max(1 << 40) })
    }

    fn identity(&self) -> Result<Identity, DiskError> {
        let state = self.enter("identity", Path::new(""))?;
        let dev = state.directory("identity", Path::new(""), self.at)?.dev;
        let gone = DiskError::Gone { op: "identity", path: PathBuf::new() };
        let fs = *state.devices.get(&dev).ok_or(gone)?;
        Ok(Identity { dev, ino: self.at, fs })
    }

    fn try_lock(&self, path: &Path) -> Result<Lock, DiskError> {
        let mut state = self.enter("lock", path)?;
        let file = self.file_to_append(&mut state, "lock", path, 0o600)?;
        if !state.locked.insert(file.ino) {
            return Err(DiskError::Busy { op: "lock", path: path.to_owned() });
        }
        Ok(Lock::new(Box::new(SimLock { state: self.state.clone(), ino: file.ino })))
    }
}

/// A lock; dropping it gives the file free.
#[derive(Debug)]
struct SimLock {
    state: Arc<Mutex<State>>,
    ino: u64,
}

impl HeldLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        lock(&self.state).locked.remove(&self.ino);
    }
}
