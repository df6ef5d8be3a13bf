//! Putting files into a directory: never over another, never half.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use sceau_disk::{Dir, DiskError, Kind};

use super::{Content, Part};
use crate::digest;
use crate::error::EffectError;
use crate::names::{MAX_CANDIDATES, candidate};
use crate::path::RelPath;

/// Files and directories of ours, lessened by the umask: the group of the share reads and writes.
const FILE_MODE: u32 = 0o664;
const DIR_MODE: u32 = 0o775;

/// How many free names in a row end the search for an earlier delivery.
const GAP: u32 = 3;

/// Makes `place` and what leads to it, durably.
pub(crate) fn ensure_dirs(dir: &dyn Dir, place: &RelPath) -> Result<(), DiskError> {
    let mut made = RelPath::default();
    for component in place.as_path().components() {
        let parent = made.clone();
        made = made.join(component);
        match dir.stat(made.as_path()) {
            Ok(meta) if meta.kind == Kind::Dir => continue,
            Ok(_) => {
                let path = made.as_path().to_owned();
                return Err(DiskError::NotRegular { op: "create directory", path });
            }
            Err(DiskError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        match dir.create_dir(made.as_path(), DIR_MODE) {
            Ok(()) | Err(DiskError::Exists { .. }) => dir.sync_dir(parent.as_path())?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether nothing stands there.
pub(super) fn is_free(dir: &dyn Dir, at: &RelPath) -> Result<bool, DiskError> {
    match dir.stat(at.as_path()) {
        Ok(_) => Ok(false),
        Err(DiskError::NotFound { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// The first free name for `name` in `place` that `also` accepts.
pub(crate) fn first_free(
    dir: &dyn Dir,
    place: &RelPath,
    name: &OsStr,
    also: impl Fn(&RelPath) -> bool,
) -> Result<RelPath, EffectError> {
    for n in 0..MAX_CANDIDATES {
        let target = place.join(candidate(name, n));
        if also(&target) && is_free(dir, &target)? {
            return Ok(target);
        }
    }
    Err(no_free_name(name))
}

/// Renames `from` to the first free name for `name` in `place`; the caller syncs both.
pub(super) fn move_free(
    dir: &dyn Dir,
    from: &RelPath,
    place: &RelPath,
    name: &OsStr,
) -> Result<RelPath, EffectError> {
    for n in 0..MAX_CANDIDATES {
        let target = place.join(candidate(name, n));
        if rename_into(dir, from, &target)? {
            return Ok(target);
        }
    }
    Err(no_free_name(name))
}

/// Renames `from` to `target` unless another file stands there. A rename that a crash cut short (a
/// link without its unlink, or one of two directories lost) leaves both names of one file: then
/// the old one is removed.
pub(crate) fn rename_into(
    dir: &dyn Dir,
    from: &RelPath,
    target: &RelPath,
) -> Result<bool, DiskError> {
    match dir.rename_no_replace(from.as_path(), target.as_path()) {
        Ok(()) => return Ok(true),
        Err(DiskError::Exists { .. }) => {}
        Err(error) => return Err(error),
    }
    let same = is_same_file(dir, from, target)?;
    if same {
        dir.sync_dir(target.parent().as_path())?;
        dir.remove(from.as_path())?;
    }
    Ok(same)
}

/// As [`rename_into`], where no file without a byte can be a document: such a one under the target
/// name is what a crash left of a rename without overwrite on a file system that has none (its
/// name was reserved by an empty file), and gives way.
pub(crate) fn rename_over_placeholder(
    dir: &dyn Dir,
    from: &RelPath,
    target: &RelPath,
) -> Result<bool, DiskError> {
    if rename_into(dir, from, target)? {
        return Ok(true);
    }
    let meta = dir.stat(target.as_path())?;
    if meta.kind != Kind::File || meta.len > 0 {
        return Ok(false);
    }
    dir.remove(target.as_path())?;
    rename_into(dir, from, target)
}

/// Makes an empty file.
pub(super) fn make_empty(dir: &dyn Dir, at: &RelPath) -> Result<(), DiskError> {
    dir.create(at.as_path(), FILE_MODE).map(drop)
}

/// Whether two names stand for one regular file.
pub(super) fn is_same_file(dir: &dyn Dir, a: &RelPath, b: &RelPath) -> Result<bool, DiskError> {
    let (a, b) = (dir.stat(a.as_path())?, dir.stat(b.as_path())?);
    Ok(a.kind == Kind::File && (a.kind, a.dev, a.ino) == (b.kind, b.dev, b.ino))
}

/// A file of that content in `place` under `name` or a numbered form of it.
pub(super) fn find(
    dir: &dyn Dir,
    place: &RelPath,
    name: &OsStr,
    len: u64,
    digest: &[u8; 32],
) -> Result<Option<RelPath>, DiskError> {
    let mut free = 0;
    for n in 0..MAX_CANDIDATES {
        let target = place.join(candidate(name, n));
        match dir.stat(target.as_path()) {
            Ok(meta) => {
                let same_len = meta.kind == Kind::File && meta.len == len;
                if same_len && digest::stands(dir, &target, len, digest)? {
                    return Ok(Some(target));
                }
                free = 0;
            }
            Err(DiskError::NotFound { .. }) if free + 1 == GAP => break,
            Err(DiskError::NotFound { .. }) => free += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Writes the whole content under a temporary name and makes it durable. What an earlier try left
/// under that name is removed; so is what a failed try leaves.
pub(super) fn write_temporary(
    dir: &dyn Dir,
    at: &RelPath,
    content: &Content<'_>,
) -> Result<(), EffectError> {
    remove_if_there(dir, at)?;
    let written = fill(dir, at, content);
    if written.is_err() {
        let _ = dir.remove(at.as_path());
    }
    written
}

fn fill(dir: &dyn Dir, at: &RelPath, content: &Content<'_>) -> Result<(), EffectError> {
    let mut file = dir.create(at.as_path(), FILE_MODE)?;
    let mut actual = 0;
    for part in &content.parts {
        actual += match part {
            Part::Bytes(bytes) => file.write_all(bytes).map(|()| bytes.len() as u64)?,
            Part::File { file: source, offset, len } => file.copy_from(*source, *offset, *len)?,
        };
    }
    if actual != content.len {
        return Err(EffectError::ContentTooShort { promised: content.len, actual });
    }
    sceau_disk::boundary!("intake.put.written");
    file.sync()?;
    sceau_disk::boundary!("intake.put.synced");
    Ok(())
}

/// Writes a small file of ours whole, over an older one of the same name, durably. The same
/// content again is left as it is.
pub(super) fn write_replacing(
    dir: &dyn Dir,
    place: &RelPath,
    name: &OsStr,
    bytes: &[u8],
) -> Result<(), DiskError> {
    let target = place.join(name);
    if digest::stands(dir, &target, bytes.len() as u64, &digest::of(bytes))? {
        return Ok(());
    }
    let temporary = place.join(temporary_name(name.as_bytes(), 0));
    remove_if_there(dir, &temporary)?;
    let mut file = dir.create(temporary.as_path(), FILE_MODE)?;
    file.write_all(bytes)?;
    file.sync()?;
    sceau_disk::boundary!("intake.note.synced");
    dir.rename(temporary.as_path(), target.as_path())?;
    sceau_disk::boundary!("intake.note.renamed");
    dir.sync_dir(place.as_path())
}

/// A temporary name that the same work finds again after a crash: hidden, short, ignored by scans.
pub(super) fn temporary_name(key: &[u8], index: usize) -> String {
    format!(".sceau-{}-{index}.tmp", hex::encode(&digest::of(key)[..8]))
}

/// Removes a file of ours; one that is gone already is no error.
pub(super) fn remove_if_there(dir: &dyn Dir, at: &RelPath) -> Result<(), DiskError> {
    match dir.remove(at.as_path()) {
        Ok(()) | Err(DiskError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn no_free_name(name: &OsStr) -> EffectError {
    EffectError::NoFreeName { name: crate::path::display(name) }
}
