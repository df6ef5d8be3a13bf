//! Directories that the operator named for plugins: a document goes there whole and durably (temporary
//! name, fsync, rename that replaces nothing, fsync of the directory), or not at all.
//!
//! Invariants: the directory that the operator named is never made here, so that a share that is away
//! is not filled where it would be mounted. Nothing that stands beneath it is written over or removed, but
//! our own temporary file. Links are never followed beneath it (the `disk` room's handles).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sceau_disk::{Dir, DiskError, FileSystem, Kind, RealFs};
use sceau_plugin_host::ports::{Document, Filed, Filing, FilingError, FilingOrder};
use sha2::{Digest as _, Sha256};

use super::crew;

/// Lessened by the umask: the group of the share reads and writes.
const FILE_MODE: u32 = 0o664;
const DIR_MODE: u32 = 0o775;
/// Bytes that are moved at once.
const CHUNK: u64 = 1 << 20;
/// Most works in hand: beyond them no further share is waited for.
const MOST_IN_HAND: usize = 256;
/// Works that a thread is at, by their temporary file. A share that does not answer holds its thread, whose work
/// nobody else may take up until it has an end: both would write to one temporary file.
static IN_HAND: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The directories of one plugin's grant, for one step of one dossier.
#[derive(Debug)]
pub struct NamedDirectories {
    disk: Arc<dyn FileSystem>,
    directories: BTreeMap<String, PathBuf>,
    temporary: PathBuf,
}

impl NamedDirectories {
    /// The directories by name. `work` names what is done (dossier and step): a try of the same work
    /// finds its own temporary file again, and no other's.
    pub fn new(directories: BTreeMap<String, PathBuf>, work: &str) -> Self {
        Self::on(Arc::new(RealFs), directories, work)
    }

    fn on(disk: Arc<dyn FileSystem>, directories: BTreeMap<String, PathBuf>, work: &str) -> Self {
        let own = hex::encode(&Sha256::digest(work)[..12]);
        Self { disk, directories, temporary: format!(".sceau-{own}.part").into() }
    }
}

impl Filing for NamedDirectories {
    fn put(&self, order: FilingOrder) -> Result<Filed, FilingError> {
        let named = self.directories.get(&order.directory);
        let named = named.ok_or_else(|| FilingError::Other("no such directory".to_owned()))?;
        let (deadline, in_hand) = (order.deadline, InHand::taken(named.join(&self.temporary))?);
        in_time(deadline)?;
        let (disk, named, own) = (Arc::clone(&self.disk), named.clone(), self.temporary.clone());
        let work = move || {
            let filed =
                disk.open_dir(&named).map_err(away).and_then(|root| file(&*root, &own, order));
            drop(in_hand);
            filed
        };
        let late = |overdue: super::within::Overdue| FilingError::Unavailable(overdue.to_string());
        crew::answered(deadline, work).map_err(late)?
    }
}

/// A work that one thread is at.
struct InHand(PathBuf);

impl InHand {
    fn taken(work: PathBuf) -> Result<Self, FilingError> {
        let mut all = Self::all();
        if all.len() >= MOST_IN_HAND || !all.insert(work.clone()) {
            let why = "the directory has not answered the try before this one";
            return Err(FilingError::Unavailable(why.to_owned()));
        }
        Ok(Self(work))
    }

    fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
        IN_HAND.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        Self::all().remove(&self.0);
    }
}

fn in_time(deadline: Instant) -> Result<(), FilingError> {
    let late = || FilingError::Unavailable("the time of the step was over".to_owned());
    if Instant::now() >= deadline { Err(late()) } else { Ok(()) }
}

/// Puts the document beneath the directory; `own` names the temporary file of this work.
fn file(root: &dyn Dir, own: &Path, order: FilingOrder) -> Result<Filed, FilingError> {
    let FilingOrder { mut document, path, deadline, .. } = order;
    let Some((name, parents)) = path.split_last() else {
        return Err(FilingError::Other("a path without a name".to_owned()));
    };
    let place: PathBuf = parents.iter().collect();
    ensure(root, &place).map_err(unavailable)?;
    let (target, temporary) = (place.join(name), place.join(own));
    remove(root, &temporary).map_err(unavailable)?;
    if let Some(stands) = standing(root, &target, &*document)? {
        root.sync_dir(&place).map_err(unavailable)?;
        return stands;
    }
    let done = write(root, &temporary, &mut *document, deadline)
        .and_then(|()| publish(root, &temporary, &target, &*document));
    if done.is_err() {
        // Invariant: the next try of this work removes what could not be removed now.
        let _ = root.remove(&temporary);
    }
    let filed = done?;
    root.sync_dir(&place).map_err(unavailable)?;
    sceau_disk::boundary!("engine.plugin.filing-done");
    Ok(filed)
}

/// Makes the directories of `place`, durably. A link or a file in the way is refused.
fn ensure(root: &dyn Dir, place: &Path) -> Result<(), DiskError> {
    let mut made = PathBuf::new();
    for name in place {
        let parent = made.clone();
        made.push(name);
        match root.stat(&made) {
            Ok(meta) if meta.kind == Kind::Dir => continue,
            Ok(_) => return Err(DiskError::NotRegular { op: "create directory", path: made }),
            Err(DiskError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        match root.create_dir(&made, DIR_MODE) {
            Ok(()) | Err(DiskError::Exists { .. }) => root.sync_dir(&parent)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What stands under the target's name: nothing, the same bytes, or something else.
fn standing(
    root: &dyn Dir,
    target: &Path,
    document: &dyn Document,
) -> Result<Option<Result<Filed, FilingError>>, FilingError> {
    let meta = match root.stat(target) {
        Ok(meta) => meta,
        Err(DiskError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(unavailable(error)),
    };
    let same = meta.kind == Kind::File
        && meta.len == document.size()
        && digest(root, target).map_err(unavailable)? == document.sha256();
    Ok(Some(if same { Ok(Filed::Already) } else { Err(FilingError::Exists) }))
}

fn digest(root: &dyn Dir, path: &Path) -> Result<[u8; 32], DiskError> {
    let (file, mut hash, mut at) = (root.open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; CHUNK as usize];
    loop {
        match file.read_at(at, &mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => {
                hash.update(&buffer[..read]);
                at += read as u64;
            }
        }
    }
}

/// The whole document under its temporary name, durable, and its digest that which is known.
fn write(
    root: &dyn Dir,
    temporary: &Path,
    document: &mut dyn Document,
    deadline: Instant,
) -> Result<(), FilingError> {
    let mut file = root.create(temporary, FILE_MODE).map_err(unavailable)?;
    let (size, mut at, mut hash) = (document.size(), 0, Sha256::new());
    while at < size {
        in_time(deadline)?;
        let count = u32::try_from((size - at).min(CHUNK)).unwrap_or(u32::MAX);
        let bytes = document.read(at, count).map_err(|e| FilingError::Other(e.to_string()))?;
        file.write_all(&bytes).map_err(unavailable)?;
        hash.update(&bytes);
        at += u64::from(count);
    }
    if <[u8; 32]>::from(hash.finalize()) != document.sha256() {
        return Err(FilingError::Other("the document is not what it was".to_owned()));
    }
    file.sync().map_err(unavailable)?;
    sceau_disk::boundary!("engine.plugin.filing-written");
    Ok(())
}

fn publish(
    root: &dyn Dir,
    temporary: &Path,
    target: &Path,
    document: &dyn Document,
) -> Result<Filed, FilingError> {
    match root.rename_no_replace(temporary, target) {
        Ok(()) => Ok(Filed::Written),
        Err(DiskError::Exists { .. }) => {
            let stands = standing(root, target, document)?.unwrap_or(Err(FilingError::Exists));
            remove(root, temporary).map_err(unavailable)?;
            stands
        }
        Err(error) => Err(unavailable(error)),
    }
}

fn remove(root: &dyn Dir, path: &Path) -> Result<(), DiskError> {
    match root.remove(path) {
        Ok(()) | Err(DiskError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The operator's directory itself: absent means that a share is away.
fn away(error: DiskError) -> FilingError {
    FilingError::Unavailable(error.to_string())
}

fn unavailable(error: DiskError) -> FilingError {
    let told = error.to_string();
    match error.is_transient() || matches!(error, DiskError::NotFound { .. }) {
        true => FilingError::Unavailable(told),
        false => FilingError::Other(told),
    }
}

#[cfg(test)]
#[path = "filing_tests.rs"]
mod tests;
