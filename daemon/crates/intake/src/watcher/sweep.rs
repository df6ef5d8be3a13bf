//! One look at the whole folder: which names stand there, and what each of them is.

use std::ffi::OsStr;

use sceau_disk::{Dir, DirEntry, DiskError, Kind, Meta};

use crate::folder::Folder;
use crate::names::{comparable, is_ignored};
use crate::notes::TroubleKind;
use crate::path::RelPath;
use crate::scan::Sight;

/// How much of a directory that is in the way is looked at, to see whether it still changes.
const MAX_FINGERPRINT: usize = 2000;

/// A name that may be a document (or is in the way of one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) path: RelPath,
    pub(super) sight: Sight,
    pub(super) uid: u32,
}

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    pub(super) seen: Vec<Seen>,
    /// Sub-folders that could not be listed: what they hold is unknown, not gone.
    pub(super) hidden: Vec<(RelPath, DiskError)>,
}

/// Looks at the top and at the sub-folders that stand for parameters.
pub(super) fn sweep(folder: &Folder, dir: &dyn Dir) -> Result<Sweep, DiskError> {
    let mut found = Sweep::default();
    let top = RelPath::default();
    let entries = dir.list(top.as_path())?;
    for entry in entries.into_iter().filter(|entry| !is_own(folder, &entry.name)) {
        take_entry(folder, dir, &top, entry, &mut found);
    }
    Ok(found)
}

fn descend(folder: &Folder, dir: &dyn Dir, at: &RelPath, found: &mut Sweep) {
    match dir.list(at.as_path()) {
        Ok(entries) => {
            for entry in entries {
                take_entry(folder, dir, at, entry, found);
            }
        }
        Err(DiskError::NotFound { .. }) => {}
        Err(error) => found.hidden.push((at.clone(), error)),
    }
}

fn take_entry(folder: &Folder, dir: &dyn Dir, at: &RelPath, entry: DirEntry, found: &mut Sweep) {
    if is_ignored(&entry.name) {
        return;
    }
    let path = at.join(&entry.name);
    let expected = path.depth() <= folder.config().subfolders.len();
    match entry.meta.kind {
        Kind::Dir if expected => descend(folder, dir, &path, found),
        Kind::Dir => {
            let sight = fingerprint(dir, &path, &entry.meta);
            found.seen.push(Seen { path, sight, uid: entry.meta.uid });
        }
        _ => {
            let sight = Sight::from(&entry.meta);
            found.seen.push(Seen { path, sight, uid: entry.meta.uid });
        }
    }
}

/// Our places and visible troubles at the folder's top.
fn is_own(folder: &Folder, name: &OsStr) -> bool {
    let places = &folder.config().places;
    let name = comparable(name);
    [&places.in_progress, &places.delivered, &places.rejected]
        .iter()
        .any(|place| comparable(OsStr::new(place)) == name)
        || name.to_str().is_some_and(TroubleKind::owns)
}

/// A directory's identity with the lengths and times of what it holds, so that one which is still
/// being filled is seen to change.
fn fingerprint(dir: &dyn Dir, path: &RelPath, meta: &Meta) -> Sight {
    let mut sight = Sight::from(meta);
    let mut pending = vec![path.clone()];
    let mut left = MAX_FINGERPRINT;
    while let Some(at) = pending.pop() {
        for entry in dir.list(at.as_path()).unwrap_or_default() {
            if left == 0 {
                return sight;
            }
            left -= 1;
            sight.len = sight.len.wrapping_add(entry.meta.len).wrapping_add(1);
            sight.mtime_ns = sight.mtime_ns.max(entry.meta.mtime_ns);
            sight.ctime_ns = sight.ctime_ns.max(entry.meta.ctime_ns);
            if entry.meta.kind == Kind::Dir {
                pending.push(at.join(&entry.name));
            }
        }
    }
    sight
}
