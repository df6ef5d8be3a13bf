//! Where a source stands, and how it moves on. It is never deleted, and what somebody changed
//! meanwhile is a new drop.

use std::ffi::OsStr;

use sceau_disk::{Dir, DiskError, Kind};

use super::place::{ensure_dirs, find, is_same_file, move_free};
use super::{Folder, SourceFate};
use crate::digest;
use crate::error::EffectError;
use crate::path::RelPath;
use crate::ports::{SidecarFile, SourceFile};

/// Where a source is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There, unchanged: in progress, or still where it was dropped (a crash before the claim).
    At(RelPath),
    /// In progress, the same file, but with another content.
    Changed(RelPath),
    /// Nowhere.
    Gone,
}

impl Folder {
    /// Looks for the source in its two places. A stranger under its name is left alone.
    pub(super) fn locate(&self, dir: &dyn Dir, source: &SourceFile) -> Result<Standing, DiskError> {
        match dir.stat(source.in_progress.as_path()) {
            Ok(meta) => {
                let at = source.in_progress.clone();
                let untouched = meta.kind == Kind::File
                    && meta.len == source.len
                    && meta.mtime_ns == i128::from(source.mtime_ns);
                if untouched || digest::stands(dir, &at, source.len, &source.digest)? {
                    drop_second_name(dir, &source.original, &at)?;
                    return Ok(Standing::At(at));
                }
                if meta.ino == source.ino && meta.kind == Kind::File {
                    return Ok(Standing::Changed(at));
                }
            }
            Err(DiskError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        if digest::stands(dir, &source.original, source.len, &source.digest)? {
            return Ok(Standing::At(source.original.clone()));
        }
        Ok(Standing::Gone)
    }

    /// Moves the source (and its sidecar) to `place`, where its sub-folders are kept.
    pub(super) fn retire(
        &self,
        dir: &dyn Dir,
        source: &SourceFile,
        place: &RelPath,
    ) -> Result<SourceFate, EffectError> {
        let target = place.join(source.original.parent());
        ensure_dirs(dir, &target)?;
        let name = source.original.name();
        let fate = match self.locate(dir, source)? {
            Standing::At(at) => {
                let moved = move_free(dir, &at, &target, name)?;
                sceau_disk::boundary!("intake.source.moved");
                sync_both(dir, &at, &moved)?;
                SourceFate::Moved(moved)
            }
            Standing::Changed(at) => SourceFate::Changed(put_back(dir, &at, &source.original)?),
            Standing::Gone => match find(dir, &target, name, source.len, &source.digest)? {
                Some(moved) => SourceFate::Moved(moved),
                None => SourceFate::Missing,
            },
        };
        self.retire_sidecar(dir, source, &target)?;
        self.tidy(dir, &source.in_progress.parent());
        Ok(fate)
    }

    /// Moves a source that could not be claimed (a stranger took the name) to the originals.
    pub(crate) fn keep_original(
        &self,
        dir: &dyn Dir,
        at: &RelPath,
    ) -> Result<RelPath, EffectError> {
        let target = self.originals().join(at.parent());
        ensure_dirs(dir, &target)?;
        let kept = move_free(dir, at, &target, at.name())?;
        sync_both(dir, at, &kept)?;
        Ok(kept)
    }

    /// Moves the sidecar to `target`, from wherever it stands.
    pub(super) fn retire_sidecar(
        &self,
        dir: &dyn Dir,
        source: &SourceFile,
        target: &RelPath,
    ) -> Result<(), EffectError> {
        let Some(sidecar) = &source.sidecar else { return Ok(()) };
        if let Some(at) = locate_sidecar(dir, sidecar)? {
            let moved = move_free(dir, &at, target, sidecar.original.name())?;
            sceau_disk::boundary!("intake.sidecar.moved");
            sync_both(dir, &at, &moved)?;
        }
        Ok(())
    }

    /// Removes sub-folders of the in-progress place that are empty now.
    pub(super) fn tidy(&self, dir: &dyn Dir, from: &RelPath) {
        let top = self.in_progress();
        let mut at = from.clone();
        while at != top && at.as_path().starts_with(top.as_path()) {
            if dir.remove_dir(at.as_path()).is_err() {
                return;
            }
            at = at.parent();
        }
    }
}

/// A claim that a crash cut short may leave one file under both names (a link without its unlink, or
/// one of two directories lost). The old name goes: it would be taken for a new drop.
fn drop_second_name(dir: &dyn Dir, old: &RelPath, new: &RelPath) -> Result<(), DiskError> {
    match is_same_file(dir, old, new) {
        Ok(true) if old != new => {
            dir.sync_dir(new.parent().as_path())?;
            dir.remove(old.as_path())?;
            dir.sync_dir(old.parent().as_path())
        }
        Ok(_) | Err(DiskError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn locate_sidecar(dir: &dyn Dir, sidecar: &SidecarFile) -> Result<Option<RelPath>, DiskError> {
    drop_second_name(dir, &sidecar.original, &sidecar.in_progress)?;
    for at in [&sidecar.in_progress, &sidecar.original] {
        if digest::stands(dir, at, sidecar.len, &sidecar.digest)? {
            return Ok(Some(at.clone()));
        }
    }
    Ok(None)
}

/// Puts a changed file back to where it was dropped, as a new drop.
pub(crate) fn put_back(
    dir: &dyn Dir,
    at: &RelPath,
    original: &RelPath,
) -> Result<RelPath, EffectError> {
    let name: &OsStr = original.name();
    ensure_dirs(dir, &original.parent())?;
    let back = move_free(dir, at, &original.parent(), name)?;
    sync_both(dir, at, &back)?;
    Ok(back)
}

/// Makes a rename durable on both sides.
pub(super) fn sync_both(dir: &dyn Dir, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
    dir.sync_dir(to.parent().as_path())?;
    if from.parent() != to.parent() {
        dir.sync_dir(from.parent().as_path())?;
    }
    Ok(())
}
