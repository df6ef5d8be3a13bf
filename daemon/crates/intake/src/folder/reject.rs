//! Setting a source aside, with a note beside it; and taking it back into work.
//!
//! The note is durable before the source moves: a crash leaves either the source in its place (and
//! the same work done again finds the note) or both in the rejected place.

use std::ffi::OsStr;

use sceau_disk::{Dir, DiskError};

use super::place::{
    ensure_dirs, find, first_free, is_free, is_same_file, move_free, no_free_name, remove_if_there,
    rename_into, write_replacing,
};
use super::source::{Standing, put_back, sync_both};
use super::{Folder, RejectRequest, SetAside, SourceFate};
use crate::error::EffectError;
use crate::names::{MAX_CANDIDATES, candidate, with_suffix};
use crate::notes::{ERROR_SUFFIX, Note, WAITING_SUFFIX};
use crate::path::{RelPath, display};
use crate::ports::SourceFile;

impl Folder {
    /// Moves a source to the rejected place, beside `<name>.erreur.txt`. Done again, it finds what
    /// is there. A source that somebody took away leaves the note alone.
    ///
    /// # Errors
    /// [`EffectError`]; all transient ones may be tried again.
    pub fn reject(&self, request: RejectRequest<'_>) -> Result<SetAside, EffectError> {
        let root = self.root_for_effect()?;
        let (dir, source) = (root.dir.as_ref(), request.source);
        let _moves = self.moves();
        let target = self.rejected().join(source.original.parent());
        ensure_dirs(dir, &target)?;
        self.forget_notice(dir, source)?;
        let done = match self.locate(dir, source)? {
            Standing::At(at) => {
                let name = source.original.name();
                self.set_aside_as(dir, &at, &target, name, ERROR_SUFFIX, request.note)?
            }
            Standing::Changed(at) => {
                let fate = SourceFate::Changed(put_back(dir, &at, &source.original)?);
                self.note_alone(dir, &target, source, request.note, fate)?
            }
            Standing::Gone => self.rejected_before(dir, &target, source, request.note)?,
        };
        self.retire_sidecar(dir, source, &target)?;
        self.tidy(dir, &source.in_progress.parent());
        sceau_disk::boundary!("intake.reject.done");
        Ok(done)
    }

    /// Takes a rejected source back into work (after `retry`): it moves from the rejected place to
    /// where it stood in progress, and its note is removed. `false` when it is not there any more:
    /// the work goes on from the blob store.
    ///
    /// # Errors
    /// [`EffectError`]; all transient ones may be tried again.
    pub fn resume(&self, source: &SourceFile) -> Result<bool, EffectError> {
        let root = self.root_for_effect()?;
        let dir = root.dir.as_ref();
        let _moves = self.moves();
        let place = self.rejected().join(source.original.parent());
        let name = source.original.name();
        let Some(at) = find(dir, &place, name, source.len, &source.digest)? else {
            return Ok(is_in_progress(dir, source)?);
        };
        ensure_dirs(dir, &source.in_progress.parent())?;
        if !may_take(dir, &at, &source.in_progress)? {
            return Ok(false);
        }
        remove_if_there(dir, &place.join(with_suffix(at.name(), ERROR_SUFFIX)))?;
        sceau_disk::boundary!("intake.resume.forgotten");
        let moved = rename_into(dir, &at, &source.in_progress)?;
        sceau_disk::boundary!("intake.resume.moved");
        sync_both(dir, &at, &source.in_progress)?;
        Ok(moved)
    }

    /// Shows beside a source in progress that its dossier waits for a person, and why; `None`
    /// takes the note away. Delivery and rejection take it away too.
    ///
    /// # Errors
    /// [`EffectError`]; all transient ones may be tried again.
    pub fn notice(&self, source: &SourceFile, note: Option<&Note>) -> Result<(), EffectError> {
        let root = self.root_for_effect()?;
        let dir = root.dir.as_ref();
        let Some(note) = note else { return Ok(self.forget_notice(dir, source)?) };
        let place = source.in_progress.parent();
        ensure_dirs(dir, &place)?;
        let text = note.render(self.config.language, &source.original.display_name());
        let name = with_suffix(source.in_progress.name(), WAITING_SUFFIX);
        Ok(write_replacing(dir, &place, &name, text.as_bytes())?)
    }

    /// Sets aside what the watcher found at `from`, whatever kind of object it is.
    pub(crate) fn set_aside(
        &self,
        dir: &dyn Dir,
        from: &RelPath,
        suffix: &str,
        note: &Note,
    ) -> Result<SetAside, EffectError> {
        let target = self.rejected().join(from.parent());
        ensure_dirs(dir, &target)?;
        self.set_aside_as(dir, from, &target, from.name(), suffix, note)
    }

    /// Moves a sidecar after its document into the rejected place; one that is gone is no error.
    pub(crate) fn follow(&self, dir: &dyn Dir, sidecar: &RelPath) -> Result<(), EffectError> {
        let target = self.rejected().join(sidecar.parent());
        ensure_dirs(dir, &target)?;
        match move_free(dir, sidecar, &target, sidecar.name()) {
            Ok(moved) => Ok(sync_both(dir, sidecar, &moved)?),
            Err(EffectError::Disk(DiskError::NotFound { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn set_aside_as(
        &self,
        dir: &dyn Dir,
        from: &RelPath,
        place: &RelPath,
        name: &OsStr,
        suffix: &str,
        note: &Note,
    ) -> Result<SetAside, EffectError> {
        let text = note.render(self.config.language, &display(name));
        for n in 0..MAX_CANDIDATES {
            let target = place.join(candidate(name, n));
            if !is_free(dir, &target)? && !is_same_file(dir, from, &target)? {
                continue;
            }
            let beside = place.join(with_suffix(target.name(), suffix));
            write_replacing(dir, place, beside.name(), text.as_bytes())?;
            sceau_disk::boundary!("intake.reject.noted");
            match rename_into(dir, from, &target) {
                Ok(true) => {
                    sceau_disk::boundary!("intake.reject.moved");
                    sync_both(dir, from, &target)?;
                    return Ok(SetAside { source: SourceFate::Moved(target), note: beside });
                }
                Ok(false) => remove_if_there(dir, &beside)?,
                Err(error) => {
                    let _ = remove_if_there(dir, &beside);
                    return Err(error.into());
                }
            }
        }
        Err(no_free_name(name))
    }

    /// The source is nowhere: it was set aside before, or somebody took it away.
    fn rejected_before(
        &self,
        dir: &dyn Dir,
        place: &RelPath,
        source: &SourceFile,
        note: &Note,
    ) -> Result<SetAside, EffectError> {
        let name = source.original.name();
        match find(dir, place, name, source.len, &source.digest)? {
            Some(at) => {
                let text = note.render(self.config.language, &display(name));
                let beside = with_suffix(at.name(), ERROR_SUFFIX);
                write_replacing(dir, place, &beside, text.as_bytes())?;
                Ok(SetAside { note: place.join(beside), source: SourceFate::Moved(at) })
            }
            None => self.note_alone(dir, place, source, note, SourceFate::Missing),
        }
    }

    fn note_alone(
        &self,
        dir: &dyn Dir,
        place: &RelPath,
        source: &SourceFile,
        note: &Note,
        fate: SourceFate,
    ) -> Result<SetAside, EffectError> {
        let text = note.render(self.config.language, &source.original.display_name());
        let target = first_free(dir, place, source.original.name(), |_| true)?;
        let name = with_suffix(target.name(), ERROR_SUFFIX);
        write_replacing(dir, place, &name, text.as_bytes())?;
        Ok(SetAside { source: fate, note: place.join(name) })
    }
}

/// Whether nobody else stands at the place in progress.
fn may_take(dir: &dyn Dir, at: &RelPath, in_progress: &RelPath) -> Result<bool, DiskError> {
    Ok(is_free(dir, in_progress)? || is_same_file(dir, at, in_progress)?)
}

fn is_in_progress(dir: &dyn Dir, source: &SourceFile) -> Result<bool, DiskError> {
    crate::digest::stands(dir, &source.in_progress, source.len, &source.digest)
}
