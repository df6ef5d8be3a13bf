//! What to do with each name; setting aside what cannot be worked on; putting off what gives
//! trouble.

use sceau_disk::DiskError;

use super::helpers::Helpers;
use super::round::Round;
use super::sweep::Seen;
use super::take::{Ready, stands_unchanged};
use super::{FolderWatcher, IntakeEvent};
use crate::error::EffectError;
use crate::folder::told;
use crate::notes::{self, DUPLICATE_SUFFIX, ERROR_SUFFIX, Note};
use crate::path::RelPath;
use crate::scan::{Sight, Step, Track};
use crate::shape::{self, Shape};

impl FolderWatcher {
    /// Decides about each name; sets aside what is due, gives back what is ready, oldest first.
    pub(super) fn decide(
        &mut self,
        round: &mut Round<'_>,
        seen: &[Seen],
        helpers: &Helpers,
    ) -> Vec<Ready> {
        let beside = helpers.paths();
        let mut ready = Vec::new();
        for document in seen.iter().filter(|seen| !beside.contains(&seen.path)) {
            match self.step(round, document) {
                Step::Take => ready.extend(self.with_sidecar(round, document, helpers)),
                Step::SetAside(bad) => {
                    self.set_aside(round, document, &notes::bad_file(bad), ERROR_SUFFIX);
                }
                Step::Wait(until) => round.wait(until),
                Step::Look => {}
            }
        }
        self.decide_alone(round, helpers);
        self.drop_stale_markers(round, helpers);
        ready.sort_by_key(|ready| self.tracks.get(&ready.seen.path).map(Track::since));
        ready
    }

    /// The step for one name, after a look at both its ends if that is due.
    fn step(&mut self, round: &mut Round<'_>, document: &Seen) -> Step {
        let now = round.now.steady;
        let Some(track) = self.tracks.get(&document.path) else { return Step::Look };
        let step = track.step(now, &round.rules);
        if matches!(step, Step::Wait(_)) && track.is_troubled() {
            round.unreadable.insert(document.path.to_string());
        }
        if step != Step::Look {
            return step;
        }
        match look(round, document) {
            Ok(Some(shape)) => track.judge(shape, now, &round.rules),
            Ok(None) => Step::Look,
            Err(error) => {
                self.put_off(round, &document.path, &error);
                Step::Look
            }
        }
    }

    /// A file that is gone or is no file any more is seen anew at the next scan; any other trouble
    /// is shown and tried again.
    pub(super) fn put_off(&mut self, round: &mut Round<'_>, path: &RelPath, error: &DiskError) {
        match error {
            DiskError::NotFound { .. } | DiskError::NotRegular { .. } => {
                self.tracks.remove(path);
            }
            _ => self.back_off(round, path, told(error)),
        }
    }

    /// Tries again later, and shows it.
    pub(super) fn back_off(&mut self, round: &mut Round<'_>, path: &RelPath, reason: String) {
        let now = round.now.steady;
        if let Some(track) = self.tracks.get_mut(path) {
            track.back_off(now);
            round.next = round.next.min(track.retry_at().unwrap_or(now));
        }
        round.trouble(path, reason);
    }

    /// Whether no back-off holds this name; shows it if one does.
    pub(super) fn may_try(&self, round: &mut Round<'_>, path: &RelPath) -> bool {
        let until = self.tracks.get(path).and_then(Track::retry_at);
        let held = until.filter(|until| round.now.steady < *until);
        if let Some(until) = held {
            round.unreadable.insert(path.to_string());
            round.wait(until);
        }
        held.is_none()
    }

    /// Sets a file aside with a note, unless it changed since it was seen.
    pub(super) fn set_aside(
        &mut self,
        round: &mut Round<'_>,
        seen: &Seen,
        note: &Note,
        suffix: &str,
    ) -> bool {
        let folder = round.folder;
        let _moves = folder.moves();
        self.set_aside_locked(round, seen, note, suffix)
    }

    /// The same, when the caller holds [`Folder::moves`](crate::Folder) already.
    pub(super) fn set_aside_locked(
        &mut self,
        round: &mut Round<'_>,
        seen: &Seen,
        note: &Note,
        suffix: &str,
    ) -> bool {
        let dir = round.dir();
        let done = match stands_unchanged(dir.as_ref(), seen) {
            Ok(true) => round.folder.set_aside(dir.as_ref(), &seen.path, suffix, note),
            Ok(false) => return false,
            Err(error) => Err(EffectError::Disk(error)),
        };
        match done {
            Ok(_) => {
                self.tracks.remove(&seen.path);
                round.events.push(set_aside_event(seen, note, suffix));
                true
            }
            Err(error) => {
                self.back_off(round, &seen.path, told(&error));
                false
            }
        }
    }
}

/// The shape of the file that was seen; nothing when another stands there by now.
fn look(round: &Round<'_>, document: &Seen) -> Result<Option<Shape>, DiskError> {
    let file = round.root.dir.open(document.path.as_path())?;
    let meta = file.meta()?;
    if Sight::from(&meta) != document.sight {
        return Ok(None);
    }
    shape::look(file.as_ref(), meta.len).map(Some)
}

fn set_aside_event(seen: &Seen, note: &Note, suffix: &str) -> IntakeEvent {
    let (from, dossier) = (seen.path.clone(), note.dossier.clone());
    match (suffix, dossier) {
        (DUPLICATE_SUFFIX, Some(dossier)) => IntakeEvent::Duplicate { dossier, from },
        (_, dossier) => IntakeEvent::Rejected { code: note.code.clone(), from, dossier },
    }
}
