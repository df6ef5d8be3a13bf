//! Inodes, names, mounts.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::fault::Faults;
use super::file::{Content, SimFile};
use super::lock;
use crate::{DiskError, FsType, Kind, Meta, names};

/// The root directory.
pub(super) const ROOT: u64 = 1;

/// The longest name in bytes, as on Linux.
const NAME_MAX: usize = 255;

/// All there is, seen and durable.
#[derive(Debug)]
pub(super) struct State {
    pub(super) nodes: BTreeMap<u64, Node>,
    /// The root of what is mounted over a directory, by that directory.
    pub(super) mounts: BTreeMap<u64, u64>,
    pub(super) devices: BTreeMap<u64, FsType>,
    pub(super) next: u64,
    pub(super) locked: BTreeSet<u64>,
    pub(super) faults: Faults,
    pub(super) now_ns: i128,
}

/// An inode.
#[derive(Debug, Clone)]
pub(super) enum Node {
    File(Arc<SimFile>),
    Dir(Directory),
    Symlink,
    Fifo,
}

/// A directory: the names seen, the names that are durable, and what happened between.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    pub(super) dev: u64,
    pub(super) changed_ns: i128,
    pub(super) live: BTreeMap<OsString, u64>,
    pub(super) durable: BTreeMap<OsString, u64>,
    pub(super) pending: Vec<Change>,
}

/// One atomic change of a directory's names.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) names: Vec<(OsString, Option<u64>)>,
    /// Shared by both sides of a rename between two directories.
    pub(super) rename: Option<u64>,
}

impl Change {
    /// Whether this is the side of a rename between directories where the old name goes.
    pub(super) fn takes_away(&self) -> bool {
        self.rename.is_some() && self.names.iter().all(|(_, ino)| ino.is_none())
    }
}

impl Directory {
    pub(super) fn new(dev: u64, changed_ns: i128) -> Self {
        Self { dev, changed_ns, ..Self::default() }
    }

    pub(super) fn change(&mut self, change: Change, now_ns: i128) {
        apply(&mut self.live, &change);
        self.pending.push(change);
        self.changed_ns = now_ns;
    }

    /// Makes the first `count` pending changes durable, and returns the renames among them whose
    /// other side must be durable too.
    pub(super) fn persist(&mut self, count: usize) -> Vec<u64> {
        let done: Vec<_> = self.pending.drain(..count).collect();
        done.iter().for_each(|change| apply(&mut self.durable, change));
        done.iter().filter(|change| change.takes_away()).filter_map(|c| c.rename).collect()
    }
}

fn apply(entries: &mut BTreeMap<OsString, u64>, change: &Change) {
    for (name, ino) in &change.names {
        match ino {
            Some(ino) => entries.insert(name.clone(), *ino),
            None => entries.remove(name),
        };
    }
}

impl State {
    pub(super) fn new() -> Self {
        let root = Node::Dir(Directory::new(1, 0));
        Self {
            nodes: BTreeMap::from([(ROOT, root)]),
            mounts: BTreeMap::new(),
            devices: BTreeMap::from([(1, FsType::Local)]),
            next: ROOT + 1,
            locked: BTreeSet::new(),
            faults: Faults::default(),
            now_ns: 0,
        }
    }

    pub(super) fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Walks from a directory through components, crossing mounts, following no link.
    pub(super) fn walk(
        &self,
        op: &'static str,
        path: &Path,
        from: u64,
        parts: &[&OsStr],
    ) -> Result<u64, DiskError> {
        parts.iter().try_fold(from, |at, part| {
            let dir = self.directory(op, path, at)?;
            check_length(op, path, part)?;
            let missing = || DiskError::NotFound { op, path: path.to_owned() };
            let ino = *dir.live.get(*part).ok_or_else(missing)?;
            Ok(self.mounts.get(&ino).copied().unwrap_or(ino))
        })
    }

    pub(super) fn resolve_absolute(&self, op: &'static str, path: &Path) -> Result<u64, DiskError> {
        self.faults.check(op, path, path)?;
        let relative = path.strip_prefix("/").unwrap_or(path);
        self.walk(op, path, ROOT, &names::components(op, relative)?)
    }

    /// The directory behind an inode.
    pub(super) fn directory(
        &self,
        op: &'static str,
        path: &Path,
        ino: u64,
    ) -> Result<&Directory, DiskError> {
        match self.nodes.get(&ino) {
            Some(Node::Dir(dir)) if self.devices.contains_key(&dir.dev) => Ok(dir),
            Some(Node::Dir(_)) | None => Err(DiskError::Gone { op, path: path.to_owned() }),
            Some(_) => Err(DiskError::NotRegular { op, path: path.to_owned() }),
        }
    }

    pub(super) fn directory_mut(
        &mut self,
        op: &'static str,
        path: &Path,
        ino: u64,
    ) -> Result<&mut Directory, DiskError> {
        self.directory(op, path, ino)?;
        match self.nodes.get_mut(&ino) {
            Some(Node::Dir(dir)) => Ok(dir),
            _ => Err(DiskError::NotRegular { op, path: path.to_owned() }),
        }
    }

    /// The parent directory and the last name of a path beneath `from`.
    pub(super) fn parent<'p>(
        &self,
        op: &'static str,
        from: u64,
        path: &'p Path,
    ) -> Result<(u64, &'p OsStr), DiskError> {
        let (parts, name) = names::split(op, path)?;
        check_length(op, path, name)?;
        let parent = self.walk(op, path, from, &parts)?;
        self.directory(op, path, parent)?;
        Ok((parent, name))
    }

    pub(super) fn check_device(
        &self,
        op: &'static str,
        path: &Path,
        dev: u64,
    ) -> Result<(), DiskError> {
        match self.devices.contains_key(&dev) {
            true => Ok(()),
            false => Err(DiskError::Gone { op, path: path.to_owned() }),
        }
    }

    /// Adds a node under a name that must be free.
    pub(super) fn add(
        &mut self,
        op: &'static str,
        path: &Path,
        (parent, name): (u64, &OsStr),
        make: impl FnOnce(u64, u64, i128) -> Node,
    ) -> Result<u64, DiskError> {
        let dev = self.directory(op, path, parent)?.dev;
        if self.directory(op, path, parent)?.live.contains_key(name) {
            return Err(DiskError::Exists { op, path: path.to_owned() });
        }
        self.faults.check_room(op, path)?;
        let (ino, now_ns) = (self.fresh(), self.now_ns);
        self.nodes.insert(ino, make(ino, dev, now_ns));
        let change = Change { names: vec![(name.to_owned(), Some(ino))], rename: None };
        self.directory_mut(op, path, parent)?.change(change, now_ns);
        Ok(ino)
    }

    pub(super) fn meta(&self, ino: u64) -> Option<Meta> {
        let (kind, mode, dev, changed_ns) = match self.nodes.get(&ino)? {
            Node::File(file) => return Some(file.meta()),
            Node::Dir(dir) => (Kind::Dir, 0o040_700, dir.dev, dir.changed_ns),
            Node::Symlink => (Kind::Symlink, 0o120_777, 1, 0),
            Node::Fifo => (Kind::Other, 0o010_600, 1, 0),
        };
        let (mtime_ns, ctime_ns) = (changed_ns, changed_ns);
        Some(Meta { kind, len: 0, dev, ino, mtime_ns, ctime_ns, uid: 0, mode })
    }

    /// Makes the names of a directory durable, and those elsewhere without which a rename would
    /// have lost its file.
    pub(super) fn sync_names(&mut self, ino: u64) {
        let count = match self.nodes.get(&ino) {
            Some(Node::Dir(dir)) => dir.pending.len(),
            _ => 0,
        };
        let mut renames = self.persist(ino, count);
        // Each is looked up at its turn: an earlier one may have made it durable along with its own.
        while let Some(rename) = renames.pop() {
            if let Some((ino, count)) = self.arrival_of(rename) {
                renames.extend(self.persist(ino, count));
            }
        }
    }

    fn persist(&mut self, ino: u64, count: usize) -> Vec<u64> {
        match self.nodes.get_mut(&ino) {
            Some(Node::Dir(dir)) => dir.persist(count),
            _ => Vec::new(),
        }
    }

    /// Where the new name of a rename still waits, as a directory and a number of changes.
    fn arrival_of(&self, rename: u64) -> Option<(u64, usize)> {
        self.nodes.iter().find_map(|(ino, node)| {
            let Node::Dir(dir) = node else { return None };
            let at = dir.pending.iter().position(|change| change.rename == Some(rename))?;
            Some((*ino, at + 1))
        })
    }

    pub(super) fn sync_all(&mut self) {
        let all: Vec<u64> = self.nodes.keys().copied().collect();
        for ino in all {
            self.sync_names(ino);
            if let Some(Node::File(file)) = self.nodes.get(&ino) {
                lock(&file.content).sync();
            }
        }
    }

    pub(super) fn make_dirs(&mut self, path: &Path) -> Result<(), DiskError> {
        let op = "create directory";
        let relative = path.strip_prefix("/").unwrap_or(path);
        let mut at = ROOT;
        for part in names::components(op, relative)? {
            at = match self.walk(op, path, at, &[part]) {
                Ok(next) => next,
                Err(DiskError::NotFound { .. }) => {
                    self.add(op, path, (at, part), |_, dev, now| {
                        Node::Dir(Directory::new(dev, now))
                    })?
                }
                Err(error) => return Err(error),
            };
            self.directory(op, path, at)?;
        }
        Ok(())
    }

    pub(super) fn put(
        &mut self,
        path: &Path,
        make: impl FnOnce(u64) -> Node,
    ) -> Result<(), DiskError> {
        let relative = path.strip_prefix("/").unwrap_or(path);
        let at = self.parent("create", ROOT, relative)?;
        self.add("create", path, at, |ino, _, _| make(ino)).map(drop)
    }

    pub(super) fn write_file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let relative = path.strip_prefix("/").unwrap_or(path);
        let at = self.parent("create", ROOT, relative)?;
        let ino = match self.walk("create", path, at.0, &[at.1]) {
            Ok(ino) => ino,
            Err(DiskError::NotFound { .. }) => self.add("create", path, at, new_file(0o644))?,
            Err(error) => return Err(error),
        };
        let Some(Node::File(file)) = self.nodes.get(&ino) else {
            return Err(DiskError::NotRegular { op: "create", path: path.to_owned() });
        };
        let mut content = lock(&file.content);
        content.set_len(0);
        content.live.extend_from_slice(bytes);
        content.touch(self.now_ns);
        Ok(())
    }

    pub(super) fn read_file(&self, path: &Path) -> Option<Vec<u8>> {
        let relative = path.strip_prefix("/").unwrap_or(path);
        let parts = names::components("read", relative).ok()?;
        let ino = self.walk("read", path, ROOT, &parts).ok()?;
        match self.nodes.get(&ino)? {
            Node::File(file) => Some(lock(&file.content).live.clone()),
            _ => None,
        }
    }

    pub(super) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut work = vec![(PathBuf::from("/"), ROOT)];
        while let Some((path, ino)) = work.pop() {
            let ino = self.mounts.get(&ino).copied().unwrap_or(ino);
            match self.nodes.get(&ino) {
                Some(Node::Dir(dir)) => {
                    work.extend(dir.live.iter().map(|(name, ino)| (path.join(name), *ino)));
                }
                Some(Node::File(file)) => {
                    files.insert(path, lock(&file.content).live.clone());
                }
                _ => {}
            }
        }
        files
    }

    pub(super) fn mount(&mut self, path: &Path, fs: FsType) -> Result<(), DiskError> {
        let over = self.resolve_absolute("mount", path)?;
        self.directory("mount", path, over)?;
        let (dev, root) = (self.fresh(), self.fresh());
        self.devices.insert(dev, fs);
        self.nodes.insert(root, Node::Dir(Directory::new(dev, self.now_ns)));
        self.mounts.insert(over, root);
        Ok(())
    }

    pub(super) fn unmount(&mut self, path: &Path) -> Result<(), DiskError> {
        let root = self.resolve_absolute("unmount", path)?;
        let over = self.mounts.iter().find(|(_, mounted)| **mounted == root);
        let missing = || DiskError::NotFound { op: "unmount", path: path.to_owned() };
        let over = *over.ok_or_else(missing)?.0;
        self.mounts.remove(&over);
        let dev = self.directory("unmount", path, root)?.dev;
        self.devices.remove(&dev);
        Ok(())
    }
}

/// What makes an empty file of that mode.
pub(super) fn new_file(mode: u32) -> impl FnOnce(u64, u64, i128) -> Node {
    move |ino, dev, now_ns| {
        let content = Mutex::new(Content::new(mode & 0o7777, now_ns));
        Node::File(Arc::new(SimFile { ino, dev, content }))
    }
}

fn check_length(op: &'static str, path: &Path, name: &OsStr) -> Result<(), DiskError> {
    match name.len() > NAME_MAX {
        true => Err(DiskError::TooLong { op, path: path.to_owned() }),
        false => Ok(()),
    }
}
