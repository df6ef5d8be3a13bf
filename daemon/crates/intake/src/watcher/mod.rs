//! The scanner of one folder: looks, decides by [`scan`](crate::scan), takes what is whole, sets
//! aside what cannot be worked on. It blocks, and time is its argument.
//!
//! ```text
//! sweep -> tracks -> (wait | look at both ends | set aside | take)
//! take: copy and hash into the sink -> re-stat -> submit (commit) -> claim (rename to en-cours)
//! ```

mod copy;
mod decide;
mod helpers;
mod round;
mod sweep;
mod take;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::folder::{Folder, Limitation, told};
use crate::notes::{self, TroubleKind};
use crate::path::RelPath;
use crate::ports::{DocumentSink, Submission};
use crate::scan::Track;
use crate::wake::Hints;
use helpers::Helpers;
use round::{Pause, Round};
use sweep::{Seen, Sweep, sweep};

/// This moment, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The date.
    pub wall: Timestamp,
    /// Time since any fixed moment; never runs backwards, whatever happens to the date.
    pub steady: Duration,
}

/// What one scan did.
#[derive(Debug)]
pub struct Tick {
    /// What happened, in order.
    pub events: Vec<IntakeEvent>,
    /// How long to rest before the next scan, unless woken.
    pub rest: Duration,
}

/// What an operator wants to read in the log. Names of files only; paths from the folder's top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntakeEvent {
    /// The folder can be used (again).
    Available,
    /// The folder cannot be used; nothing is written beneath it.
    Unavailable {
        /// Why, in English.
        reason: String,
    },
    /// Its file system has a limitation; the work goes on.
    Limited {
        /// Which.
        limitation: Limitation,
    },
    /// A document was taken: a dossier works on it.
    Taken {
        /// The dossier.
        dossier: String,
        /// Where it was dropped.
        from: RelPath,
        /// Where it stands now.
        to: RelPath,
    },
    /// A second drop of the same content was set aside.
    Duplicate {
        /// The first one's dossier.
        dossier: String,
        /// Where it was dropped.
        from: RelPath,
    },
    /// A file was set aside with a note.
    Rejected {
        /// The note's code.
        code: String,
        /// Where it was dropped.
        from: RelPath,
        /// Its dossier, if it has one.
        dossier: Option<String>,
    },
    /// A file (or sub-folder) gave trouble and is tried again later.
    Retrying {
        /// The file.
        path: RelPath,
        /// Why, in English.
        reason: String,
    },
    /// Nothing new is taken for now.
    Paused {
        /// Why, in English.
        reason: String,
    },
    /// New files are taken again.
    Resumed,
}

/// The scanner of one folder.
pub struct FolderWatcher {
    folder: Arc<Folder>,
    sink: Arc<dyn DocumentSink>,
    submission: Arc<dyn Submission>,
    hints: Arc<Hints>,
    tracks: BTreeMap<RelPath, Track>,
    opening: u64,
    was_available: Option<bool>,
    paused: Option<Pause>,
    /// The troubles of the last scan, so that a lasting one is told once.
    told: Vec<IntakeEvent>,
}

impl std::fmt::Debug for FolderWatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.folder.config().name;
        f.debug_struct("FolderWatcher").field("folder", name).finish_non_exhaustive()
    }
}

impl FolderWatcher {
    /// A scanner that has seen nothing yet. `hints` may be fed by a
    /// [`Waker`](crate::wake::Waker), or by nobody.
    #[must_use]
    pub fn new(
        folder: Arc<Folder>,
        sink: Arc<dyn DocumentSink>,
        submission: Arc<dyn Submission>,
        hints: Arc<Hints>,
    ) -> Self {
        let places = &folder.config().places;
        let own = [&places.in_progress, &places.delivered, &places.rejected];
        hints.pass_over(own.map(Into::into).to_vec());
        let tracks = BTreeMap::new();
        let (opening, was_available, paused, told) = (0, None, None, Vec::new());
        Self { folder, sink, submission, hints, tracks, opening, was_available, paused, told }
    }

    /// Looks once and does what is due. Call it again after [`Tick::rest`], or when woken.
    pub fn tick(&mut self, now: Now) -> Tick {
        let folder = Arc::clone(&self.folder);
        let renamed = self.hints.take_renamed();
        let found = folder.root().map_err(|reason| told(&reason)).and_then(|root| {
            let found = sweep(&folder, root.dir.as_ref()).map_err(|error| told(&error))?;
            Ok((Round::new(&folder, root, now), found))
        });
        match found {
            Ok((round, found)) => self.scan(round, &found, &renamed),
            Err(reason) => self.unavailable(reason),
        }
    }

    fn unavailable(&mut self, reason: String) -> Tick {
        self.tracks.clear();
        self.folder.update_status(|status| status.set_unavailable(&reason));
        let changed = self.was_available.replace(false) != Some(false);
        let events = changed.then_some(IntakeEvent::Unavailable { reason });
        let rest = self.folder.config().poll.unwrap_or(round::RETRY_UNAVAILABLE);
        Tick { events: events.into_iter().collect(), rest }
    }

    fn scan(&mut self, mut round: Round<'_>, found: &Sweep, renamed: &BTreeSet<RelPath>) -> Tick {
        if self.was_available.replace(true) != Some(true) {
            round.events.push(IntakeEvent::Available);
            let limited = |limitation| IntakeEvent::Limited { limitation };
            round.events.extend(round.root.limitations.iter().copied().map(limited));
        }
        self.observe(&round, found, renamed);
        for (path, error) in &found.hidden {
            round.trouble(path, told(error));
        }
        let helpers = Helpers::sort(round.folder.config(), &found.seen);
        self.hurry_marked(&helpers);
        let ready = self.decide(&mut round, &found.seen, &helpers);
        check_space(&mut round);
        self.take_all(&mut round, ready, &helpers);
        self.finish(round)
    }

    /// Brings the tracks up to date with what was seen.
    fn observe(&mut self, round: &Round<'_>, found: &Sweep, renamed: &BTreeSet<RelPath>) {
        if std::mem::replace(&mut self.opening, round.root.opening) != round.root.opening {
            self.tracks.clear();
        }
        let present: BTreeSet<&RelPath> = found.seen.iter().map(|seen| &seen.path).collect();
        let is_hidden = |path: &RelPath| {
            found.hidden.iter().any(|(at, _)| path.as_path().starts_with(at.as_path()))
        };
        self.tracks.retain(|path, _| present.contains(path) || is_hidden(path));
        let fast = round.folder.config().take_renamed_at_once && !round.network;
        for Seen { path, sight, .. } in &found.seen {
            let track = self.tracks.entry(path.clone());
            let track = track
                .and_modify(|track| track.see(*sight, round.now.steady))
                .or_insert_with(|| Track::new(*sight, round.now.steady));
            if fast && renamed.contains(path) {
                track.hurry();
            }
        }
    }

    fn finish(&mut self, mut round: Round<'_>) -> Tick {
        show(&mut round);
        let is_trouble = |event: &&IntakeEvent| matches!(event, IntakeEvent::Retrying { .. });
        let troubles = round.events.iter().filter(is_trouble).cloned().collect();
        let told = std::mem::replace(&mut self.told, troubles);
        round.events.retain(|event| !told.contains(event));
        match (std::mem::replace(&mut self.paused, round.pause), round.pause) {
            (None, Some(pause)) => {
                round.events.push(IntakeEvent::Paused { reason: pause.reason().to_owned() });
            }
            (Some(_), None) => round.events.push(IntakeEvent::Resumed),
            _ => {}
        }
        let waiting = self.tracks.len();
        round.folder.update_status(|status| {
            status.network = round.network;
            status.waiting = waiting;
            status.unreadable = round.unreadable.iter().cloned().collect();
            status.paused = round.pause.map(|pause| pause.reason().to_owned());
            status.scanned_at = Some(round.now.wall);
        });
        let rest = round.next.saturating_sub(round.now.steady);
        Tick { events: round.events, rest }
    }
}

/// Back-pressure: below the minimum of free space nothing new is taken.
fn check_space(round: &mut Round<'_>) {
    let min = round.folder.config().min_free_bytes;
    let free = round.dir().space().ok().map(|space| space.free_bytes);
    round.folder.update_status(|status| status.free_bytes = free);
    round.pause = free.filter(|free| *free < min).map(|free| Pause::FolderDisk { free, min });
}

/// Shows in the folder what is no file's fault, or takes it away.
fn show(round: &mut Round<'_>) {
    let names: Vec<String> = round.unreadable.iter().cloned().collect();
    let unreadable = (!names.is_empty()).then(|| notes::unreadable_files(&names));
    let shown = [
        (TroubleKind::Unreadable, unreadable),
        (TroubleKind::DiskNearlyFull, round.pause.and_then(Pause::disk_detail)),
        (TroubleKind::IntakeBlocked, round.pause.and_then(Pause::state_detail)),
    ];
    for (kind, detail) in shown {
        if let Err(error) = round.folder.trouble(kind, detail.as_ref()) {
            let path = RelPath::from(kind.file_name(round.folder.config().language));
            round.events.push(IntakeEvent::Retrying { path, reason: told(&error) });
        }
    }
}
