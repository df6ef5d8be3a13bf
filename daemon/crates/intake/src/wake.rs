//! Waking the scanner early. inotify sees nothing of what other machines write and loses events
//! silently, so a wake only means "look now"; the one fact taken from it is that a name was renamed
//! into the folder, and even that file's two ends and its unchangedness are checked.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::names;
use crate::notes::TroubleKind;
use crate::path::RelPath;

/// Between two wakes by writes: a slow writer does not make us scan at each of its writes.
const REST: Duration = Duration::from_millis(50);

/// The most renamed names that are remembered between two scans; more are found by scanning.
const MAX_RENAMED: usize = 10_000;

/// What was heard since the last scan; shared by who hears and who scans.
#[derive(Debug, Default)]
pub struct Hints {
    heard: Mutex<Heard>,
    bell: Condvar,
    /// Names at the folder's top beneath which we write ourselves.
    own: OnceLock<Vec<OsString>>,
}

#[derive(Debug, Default)]
struct Heard {
    woken: bool,
    urgent: bool,
    renamed: BTreeSet<RelPath>,
    rested: Option<Instant>,
}

impl Hints {
    /// Nothing heard yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Something may have changed: scan soon.
    pub fn changed(&self) {
        self.heard().woken = true;
        self.bell.notify_all();
    }

    /// Scan at once (or stop waiting, when the daemon ends).
    pub fn urgent(&self) {
        let mut heard = self.heard();
        (heard.woken, heard.urgent) = (true, true);
        drop(heard);
        self.bell.notify_all();
    }

    /// That path, from the folder's top, was renamed into its place.
    pub fn renamed_in(&self, path: RelPath) {
        let mut heard = self.heard();
        if heard.renamed.len() < MAX_RENAMED {
            heard.renamed.insert(path);
        }
        drop(heard);
        self.urgent();
    }

    /// Waits until something is heard, `longest` at most. Wakes by mere writes come 50 ms apart.
    pub fn wait(&self, longest: Duration) {
        let deadline = Instant::now() + longest;
        let mut heard = self.heard();
        loop {
            let now = Instant::now();
            let rested = heard.rested.is_none_or(|last| now >= last + REST);
            if now >= deadline || heard.urgent || (heard.woken && rested) {
                break;
            }
            let until = match heard.rested {
                Some(last) if heard.woken => deadline.min(last + REST),
                _ => deadline,
            };
            let rest = until.saturating_duration_since(now);
            heard = match self.bell.wait_timeout(heard, rest) {
                Ok((heard, _)) => heard,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        (heard.woken, heard.urgent) = (false, false);
        heard.rested = Some(Instant::now());
    }

    /// What happens beneath these names at the folder's top is our own doing and wakes nobody.
    pub(crate) fn pass_over(&self, own: Vec<OsString>) {
        let _ = self.own.set(own);
    }

    fn concerns(&self, path: &Path) -> bool {
        let ours = |name: &OsStr| {
            self.own.get().is_some_and(|own| own.iter().any(|place| place == name))
                || name.to_str().is_some_and(TroubleKind::owns)
        };
        let top = path.components().next().map(Component::as_os_str);
        path.file_name().is_some_and(|name| !names::is_ignored(name)) && !top.is_some_and(ours)
    }

    /// The names renamed into the folder since the last call.
    pub(crate) fn take_renamed(&self) -> BTreeSet<RelPath> {
        std::mem::take(&mut self.heard().renamed)
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running inotify watch; dropped, it ends.
#[derive(Debug)]
pub struct Waker {
    _watcher: RecommendedWatcher,
}

impl Waker {
    /// Watches a local folder (with its sub-folders when `deep`) and tells `hints`. When this
    /// fails (too many watches, say) the folder is still scanned at its poll interval.
    ///
    /// # Errors
    /// Those of inotify: the operator's to settle, never fatal.
    pub fn start(folder: &Path, deep: bool, hints: Arc<Hints>) -> Result<Self, notify::Error> {
        let top = folder.canonicalize().map_err(notify::Error::io)?;
        let heard_at = top.clone();
        let handler = move |event| hear(&hints, &heard_at, event);
        // A link dropped into the folder must not make us watch what it leads to.
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(handler, config)?;
        let mode = if deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        watcher.watch(&top, mode)?;
        Ok(Self { _watcher: watcher })
    }
}

/// An error (a full queue among them) means only that something was missed: look.
fn hear(hints: &Hints, top: &Path, event: Result<Event, notify::Error>) {
    let Ok(event) = event else { return hints.changed() };
    if event.need_rescan() {
        return hints.changed();
    }
    let beneath = event.paths.iter().filter_map(|path| path.strip_prefix(top).ok());
    let paths: Vec<&Path> = beneath.filter(|path| hints.concerns(path)).collect();
    match event.kind {
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
            paths.into_iter().for_each(|path| hints.renamed_in(RelPath::new(path)));
        }
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Create(_)
        | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_))
            if !paths.is_empty() =>
        {
            hints.changed();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, path: &str) -> Result<Event, notify::Error> {
        Ok(Event::new(kind).add_path(path.into()))
    }

    const RENAMED: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::To));

    #[test]
    fn only_what_others_do_is_heard() {
        let hints = Hints::default();
        hints.pass_over(vec!["livres".into()]);
        for path in ["livres/x.pdf", ".sceau-1.tmp", "x.part", "ATTENTION - dépôt bloqué.txt"] {
            hear(&hints, Path::new("/d"), event(RENAMED, &format!("/d/{path}")));
        }
        hear(&hints, Path::new("/d"), event(RENAMED, "/elsewhere/x.pdf"));
        assert!(hints.take_renamed().is_empty());
        hear(&hints, Path::new("/d"), event(RENAMED, "/d/Dupont/x.pdf"));
        assert_eq!(hints.take_renamed().into_iter().collect::<Vec<_>>(), ["Dupont/x.pdf".into()]);
    }

    #[test]
    fn a_lost_event_wakes() {
        let hints = Hints::default();
        hear(&hints, Path::new("/d"), Err(notify::Error::generic("queue overflow")));
        assert!(hints.heard().woken);
    }

    #[test]
    fn a_rename_is_not_kept_waiting_and_writes_are() {
        let hints = Hints::default();
        hints.wait(Duration::ZERO);
        hints.changed();
        let begun = Instant::now();
        hints.wait(Duration::from_secs(10));
        assert!(begun.elapsed() >= REST / 2 && begun.elapsed() < Duration::from_secs(5));
        hints.renamed_in("x.pdf".into());
        hints.wait(Duration::from_secs(10));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
