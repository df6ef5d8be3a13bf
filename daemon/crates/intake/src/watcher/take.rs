//! Taking whole documents: copy and hash into the sink, re-stat, submit, and only then claim.
//!
//! Copies are made first and submitted together, so that one commit serves many; the claim is a
//! rename without overwrite. A crash at any point leaves the source where it was or claimed, and
//! the drop's own identifier makes a second submission the first one.

use std::collections::BTreeSet;

use sceau_disk::{Dir, DiskError};

use super::copy::{Copied, Held};
use super::helpers::Helpers;
use super::round::{Pause, Round};
use super::sweep::Seen;
use super::{FolderWatcher, IntakeEvent};
use crate::error::EffectError;
use crate::folder::{
    Folder, ensure_dirs, first_free, put_back, rename_into, rename_over_placeholder, told,
};
use crate::notes::{self, DUPLICATE_SUFFIX, ERROR_SUFFIX};
use crate::path::RelPath;
use crate::ports::{Received, SidecarFile, SourceFile, SubmitOutcome};
use crate::scan::Sight;

/// How many documents are submitted together.
const BATCH: usize = 32;
/// A batch is closed once its documents are that long together, in bytes.
const BATCH_BYTES: u64 = 64 << 20;
/// How many documents one scan takes; then the caller is heard (the daemon may be stopping).
const MOST: usize = 256;

/// A whole document, ready to be taken.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) seen: Seen,
    pub(super) sidecar: Option<Seen>,
}

/// The directories whose names claims changed.
#[derive(Debug, Default)]
struct Touched {
    targets: BTreeSet<RelPath>,
    sources: BTreeSet<RelPath>,
}

impl FolderWatcher {
    /// Takes what is ready, batch by batch, until something says stop.
    pub(super) fn take_all(&mut self, round: &mut Round<'_>, ready: Vec<Ready>, helpers: &Helpers) {
        if ready.len() > MOST {
            round.wait(round.now.steady);
        }
        let mut queue = ready.into_iter().take(MOST).peekable();
        while queue.peek().is_some() && round.pause.is_none() {
            let batch = self.copy_batch(round, &mut queue);
            if !batch.is_empty() {
                self.submit(round, batch, helpers);
            }
        }
        if round.no_room && round.pause.is_none() {
            round.pause = Some(Pause::StateDisk);
        }
    }

    fn copy_batch(
        &mut self,
        round: &mut Round<'_>,
        queue: &mut impl Iterator<Item = Ready>,
    ) -> Vec<Copied> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH && bytes < BATCH_BYTES && round.pause.is_none() {
            let Some(ready) = queue.next() else { break };
            match self.copy(round, &ready) {
                Ok(copied) => {
                    bytes += copied.stored.len;
                    batch.push(copied);
                }
                Err(held) => self.hold(round, &ready, held),
            }
        }
        batch
    }

    /// What could not be copied: changed meanwhile (the next scan sees it), faulty, put off, or
    /// everything must stop.
    fn hold(&mut self, round: &mut Round<'_>, ready: &Ready, held: Held) {
        match held {
            Held::Changed => {}
            Held::Unreadable(path, error) => self.put_off(round, &path, &error),
            Held::NoRoom => round.no_room = true,
            Held::Stop(pause) => round.pause = Some(pause),
            Held::StateFails(reason) => {
                tracing::error!(folder = round.folder.config().name, reason, "cannot store");
                round.pause = Some(Pause::StateFails);
            }
            Held::Faulty(note) => {
                if self.set_aside(round, &ready.seen, &note, ERROR_SUFFIX)
                    && let Some(sidecar) = &ready.sidecar
                {
                    self.follow(round, sidecar);
                }
            }
        }
    }

    /// Submits a batch and settles each of its documents by the outcome. No other hand of ours
    /// moves a source from before the submission until the claims are done.
    fn submit(&mut self, round: &mut Round<'_>, batch: Vec<Copied>, helpers: &Helpers) {
        let folder = round.folder;
        let _moves = folder.moves();
        let batch = self.still_there(round, batch);
        let mut reserved = BTreeSet::new();
        let mut batch =
            batch.into_iter().filter_map(|copied| match received(round, &copied, &mut reserved) {
                Ok(received) => Some((copied, received)),
                Err(error) => {
                    self.back_off(round, &copied.seen.path, told(&error));
                    None
                }
            });
        let (copied, received): (Vec<_>, Vec<_>) = batch.by_ref().unzip();
        drop(batch);
        let sources: Vec<_> = received.iter().map(|received| received.source.clone()).collect();
        let outcomes = self.submission.submit(received);
        sceau_disk::boundary!("intake.take.submitted");
        let missing = std::iter::repeat(SubmitOutcome::Busy);
        let mut touched = Touched::default();
        for ((copied, source), outcome) in
            copied.iter().zip(sources).zip(outcomes.into_iter().chain(missing))
        {
            self.settle(round, copied, source, outcome, helpers, &mut touched);
        }
        self.sync(round, &touched);
        sceau_disk::boundary!("intake.take.synced");
    }

    /// A rejection that a crash had put off may have moved its source since it was copied. Submitted now, the
    /// same drop would find its dossier ended, and become a second one.
    fn still_there(&mut self, round: &mut Round<'_>, batch: Vec<Copied>) -> Vec<Copied> {
        let mut there = Vec::with_capacity(batch.len());
        for copied in batch {
            match stands_unchanged(round.root.dir.as_ref(), &copied.seen) {
                Ok(true) => there.push(copied),
                Ok(false) => {}
                Err(error) => self.put_off(round, &copied.seen.path, &error),
            }
        }
        there
    }

    fn settle(
        &mut self,
        round: &mut Round<'_>,
        copied: &Copied,
        source: SourceFile,
        outcome: SubmitOutcome,
        helpers: &Helpers,
        touched: &mut Touched,
    ) {
        match outcome {
            SubmitOutcome::Accepted { dossier, in_progress } => {
                let source = SourceFile { in_progress, ..source };
                match claim(round.folder, round.dir().as_ref(), copied, &source, touched) {
                    Ok(to) => self.claimed(round, copied, dossier, to, helpers),
                    Err(error) => self.back_off(round, &copied.seen.path, told(&error)),
                }
            }
            SubmitOutcome::Duplicate { dossier } => {
                let note = notes::duplicate(&dossier);
                self.turn_away(round, copied, &note, DUPLICATE_SUFFIX, helpers);
            }
            SubmitOutcome::Rejected(refused) => {
                self.turn_away(round, copied, &refused.note, ERROR_SUFFIX, helpers);
            }
            SubmitOutcome::Busy => round.pause = Some(Pause::Busy),
        }
    }

    fn claimed(
        &mut self,
        round: &mut Round<'_>,
        copied: &Copied,
        dossier: String,
        to: RelPath,
        helpers: &Helpers,
    ) {
        let from = copied.seen.path.clone();
        self.tracks.remove(&from);
        if let Some((sidecar, _)) = &copied.sidecar {
            self.tracks.remove(&sidecar.path);
        }
        if let Some(marker) = helpers.markers.get(&from) {
            self.remove_marker(round, marker);
        }
        round.events.push(IntakeEvent::Taken { dossier, from, to });
    }

    fn turn_away(
        &mut self,
        round: &mut Round<'_>,
        copied: &Copied,
        note: &notes::Note,
        suffix: &str,
        helpers: &Helpers,
    ) {
        if !self.set_aside_locked(round, &copied.seen, note, suffix) {
            return;
        }
        if let Some((sidecar, _)) = &copied.sidecar {
            self.follow(round, sidecar);
        }
        if let Some(marker) = helpers.markers.get(&copied.seen.path) {
            self.remove_marker(round, marker);
        }
    }

    /// One sync for each directory that claims touched, new names first. Should it fail, a crash may undo a claim,
    /// which the next start then repeats.
    fn sync(&self, round: &mut Round<'_>, touched: &Touched) {
        for at in touched.targets.iter().chain(&touched.sources) {
            if let Err(error) = round.dir().sync_dir(at.as_path()) {
                round.trouble(at, told(&error));
            }
        }
    }
}

/// What is submitted: the source's place in progress is chosen here, and is free.
fn received(
    round: &Round<'_>,
    copied: &Copied,
    reserved: &mut BTreeSet<RelPath>,
) -> Result<Received, EffectError> {
    let original = copied.seen.path.clone();
    let in_progress = reserve(round, &original, reserved)?;
    let sidecar = match &copied.sidecar {
        Some((seen, read)) => Some(SidecarFile {
            original: seen.path.clone(),
            in_progress: reserve(round, &seen.path, reserved)?,
            len: seen.sight.len,
            digest: read.digest,
        }),
        None => None,
    };
    Ok(Received {
        folder: round.folder.config().name.clone(),
        drop_id: copied.drop_id(&round.folder.config().name),
        display_name: original.display_name(),
        parameters: copied.parameters.clone(),
        owner_uid: copied.seen.uid,
        sidecar: copied.sidecar.as_ref().map(|(_, read)| read.clone()),
        observed: round.now.wall,
        source: SourceFile {
            original,
            in_progress,
            len: copied.stored.len,
            mtime_ns: clamp(copied.seen.sight.mtime_ns),
            ino: copied.seen.sight.ino,
            digest: copied.stored.digest,
            sidecar,
        },
    })
}

fn clamp(ns: i128) -> i64 {
    i64::try_from(ns).unwrap_or(if ns < 0 { i64::MIN } else { i64::MAX })
}

fn reserve(
    round: &Round<'_>,
    original: &RelPath,
    reserved: &mut BTreeSet<RelPath>,
) -> Result<RelPath, EffectError> {
    let place = round.folder.in_progress().join(original.parent());
    let dir = round.root.dir.as_ref();
    let free = first_free(dir, &place, original.name(), |path| !reserved.contains(path))?;
    reserved.insert(free.clone());
    Ok(free)
}

/// Moves a committed source to its place in progress; tells where it stands then. Should a
/// stranger have taken that place, the stranger stays and the source goes to the originals.
fn claim(
    folder: &Folder,
    dir: &dyn Dir,
    copied: &Copied,
    source: &SourceFile,
    touched: &mut Touched,
) -> Result<RelPath, EffectError> {
    if !stands_unchanged(dir, &copied.seen)? {
        return Ok(source.original.clone());
    }
    ensure_dirs(dir, &source.in_progress.parent())?;
    touched.targets.insert(source.in_progress.parent());
    touched.sources.insert(source.original.parent());
    if !rename_over_placeholder(dir, &source.original, &source.in_progress)? {
        return folder.keep_original(dir, &source.original);
    }
    sceau_disk::boundary!("intake.take.claimed");
    let moved = Sight::from(&dir.stat(source.in_progress.as_path())?);
    if !moved.same_content(&copied.seen.sight) {
        return put_back(dir, &source.in_progress, &source.original);
    }
    if let Some(sidecar) = &source.sidecar {
        claim_sidecar(dir, sidecar)?;
    }
    Ok(source.in_progress.clone())
}

/// A sidecar that cannot follow now follows when its document moves on.
fn claim_sidecar(dir: &dyn Dir, sidecar: &SidecarFile) -> Result<(), DiskError> {
    match rename_into(dir, &sidecar.original, &sidecar.in_progress) {
        Ok(_) | Err(DiskError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether what was seen still stands there.
pub(super) fn stands_unchanged(dir: &dyn Dir, seen: &Seen) -> Result<bool, DiskError> {
    match dir.stat(seen.path.as_path()) {
        Ok(meta) if meta.kind == sceau_disk::Kind::Dir => Ok(seen.sight.kind == meta.kind),
        Ok(meta) => Ok(Sight::from(&meta) == seen.sight),
        Err(DiskError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
