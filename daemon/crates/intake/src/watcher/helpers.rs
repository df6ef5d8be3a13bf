//! What stands beside documents: sidecars and done-markers.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use sceau_disk::{DiskError, Kind};

use super::round::Round;
use super::sweep::Seen;
use super::take::Ready;
use super::{FolderWatcher, Track};
use crate::config::{FolderConfig, SidecarRule};
use crate::folder::told;
use crate::notes::{self, ERROR_SUFFIX};
use crate::path::RelPath;
use crate::sidecar::pair;

/// The longest done-marker, in bytes; anything longer is a file like another.
const MAX_MARKER: u64 = 4096;

/// What is no document, by the document that it goes with.
#[derive(Debug, Default)]
pub(super) struct Helpers {
    pub(super) sidecars: BTreeMap<RelPath, Vec<Seen>>,
    /// Sidecars whose document is not there.
    pub(super) alone: Vec<Seen>,
    /// Done-markers, whether their document is there or not.
    pub(super) markers: BTreeMap<RelPath, Seen>,
}

impl Helpers {
    /// Sorts out what was seen.
    pub(super) fn sort(config: &FolderConfig, seen: &[Seen]) -> Self {
        let mut helpers = Self::default();
        let files = seen.iter().filter(|seen| seen.sight.kind == Kind::File);
        let mut by_directory: BTreeMap<RelPath, Vec<&Seen>> = BTreeMap::new();
        for file in files {
            match marked(config, file) {
                Some(document) => drop(helpers.markers.insert(document, file.clone())),
                None => by_directory.entry(file.path.parent()).or_default().push(file),
            }
        }
        if config.sidecar != SidecarRule::None {
            by_directory.values().for_each(|files| helpers.pair(files));
        }
        helpers
    }

    /// Every path that is no document.
    pub(super) fn paths(&self) -> BTreeSet<RelPath> {
        let beside = self.sidecars.values().flatten().chain(&self.alone);
        beside.chain(self.markers.values()).map(|seen| seen.path.clone()).collect()
    }

    /// Pairs the files of one directory.
    fn pair(&mut self, files: &[&Seen]) {
        let names: Vec<_> = files.iter().map(|file| file.path.name()).collect();
        let mut alone: BTreeSet<usize> =
            (0..files.len()).filter(|&index| pair::form_of(names[index]).is_some()).collect();
        for (document, sidecars) in pair::pair(&names) {
            alone.retain(|index| !sidecars.contains(index));
            let paired = sidecars.into_iter().map(|index| files[index].clone()).collect();
            self.sidecars.insert(files[document].path.clone(), paired);
        }
        self.alone.extend(alone.into_iter().map(|index| files[index].clone()));
    }
}

/// The document whose done-marker this file is.
fn marked(config: &FolderConfig, file: &Seen) -> Option<RelPath> {
    let suffix = config.done_marker.as_deref().filter(|suffix| !suffix.is_empty())?;
    let stem = file.path.name().as_bytes().strip_suffix(suffix.as_bytes())?;
    let is_marker = !stem.is_empty() && file.sight.len <= MAX_MARKER;
    is_marker.then(|| file.path.with_name(OsStr::from_bytes(stem)))
}

impl FolderWatcher {
    /// A marker counts when its document was there before it, or with it.
    pub(super) fn hurry_marked(&mut self, helpers: &Helpers) {
        for (document, marker) in &helpers.markers {
            let appeared = self.tracks.get(&marker.path).map(Track::first_seen);
            if let (Some(appeared), Some(track)) = (appeared, self.tracks.get_mut(document))
                && track.first_seen() <= appeared
            {
                track.hurry();
            }
        }
    }

    /// Whether the document's sidecar, if the folder has them, lets it be taken now.
    pub(super) fn with_sidecar(
        &mut self,
        round: &mut Round<'_>,
        document: &Seen,
        helpers: &Helpers,
    ) -> Option<Ready> {
        let sidecars = helpers.sidecars.get(&document.path).map_or(&[][..], Vec::as_slice);
        let alone = || Ready { seen: document.clone(), sidecar: None };
        match (sidecars, round.folder.config().sidecar) {
            (_, SidecarRule::None) => Some(alone()),
            ([], SidecarRule::Optional { wait }) => {
                self.has_waited(round, &document.path, wait).then(alone)
            }
            ([], SidecarRule::Required { wait }) => {
                if self.has_waited(round, &document.path, wait) {
                    self.set_aside(round, document, &notes::sidecar_missing(wait), ERROR_SUFFIX);
                }
                None
            }
            ([sidecar], _) => {
                let finished = helpers.markers.contains_key(&document.path);
                let ready = finished || self.is_stable(round, sidecar);
                ready.then(|| Ready { seen: document.clone(), sidecar: Some(sidecar.clone()) })
            }
            (several, _) => {
                self.refuse_several(round, document, several);
                None
            }
        }
    }

    fn refuse_several(&mut self, round: &mut Round<'_>, document: &Seen, several: &[Seen]) {
        if !several.iter().all(|sidecar| self.is_stable(round, sidecar)) {
            return;
        }
        let names: Vec<_> = several.iter().map(|sidecar| sidecar.path.display_name()).collect();
        if self.set_aside(round, document, &notes::sidecar_twice(&names), ERROR_SUFFIX) {
            several.iter().for_each(|sidecar| self.follow(round, sidecar));
        }
    }

    /// A sidecar whose document does not come is set aside when the wait is over.
    pub(super) fn decide_alone(&mut self, round: &mut Round<'_>, helpers: &Helpers) {
        let (SidecarRule::Optional { wait } | SidecarRule::Required { wait }) =
            round.folder.config().sidecar
        else {
            return;
        };
        let wait = wait.max(round.rules.patience);
        for sidecar in &helpers.alone {
            if self.may_try(round, &sidecar.path)
                && self.has_waited(round, &sidecar.path, wait)
                && self.is_stable(round, sidecar)
            {
                self.set_aside(round, sidecar, &notes::sidecar_alone(wait), ERROR_SUFFIX);
            }
        }
    }

    /// A marker whose document is not there (it was taken before a crash, say) is removed.
    pub(super) fn drop_stale_markers(&mut self, round: &mut Round<'_>, helpers: &Helpers) {
        let patience = round.rules.patience;
        for (document, marker) in &helpers.markers {
            if !self.tracks.contains_key(document)
                && self.may_try(round, &marker.path)
                && self.has_waited(round, &marker.path, patience)
            {
                self.remove_marker(round, marker);
            }
        }
    }

    /// A done-marker has done its work. It is an empty signal, not a document.
    pub(super) fn remove_marker(&mut self, round: &mut Round<'_>, marker: &Seen) {
        match round.dir().remove(marker.path.as_path()) {
            Ok(()) | Err(DiskError::NotFound { .. }) => {}
            Err(error) => self.back_off(round, &marker.path, told(&error)),
        }
    }

    /// A sidecar follows its document into the rejected place.
    pub(super) fn follow(&mut self, round: &mut Round<'_>, sidecar: &Seen) {
        match round.folder.follow(round.dir().as_ref(), &sidecar.path) {
            Ok(()) => drop(self.tracks.remove(&sidecar.path)),
            Err(error) => self.back_off(round, &sidecar.path, told(&error)),
        }
    }

    fn is_stable(&self, round: &mut Round<'_>, seen: &Seen) -> bool {
        let Some(track) = self.tracks.get(&seen.path) else { return false };
        let stable = track.is_stable(round.now.steady, &round.rules);
        if !stable {
            round.wait(track.since() + round.rules.stability);
        }
        stable
    }

    /// Whether a name has stood unchanged for `wait`.
    fn has_waited(&self, round: &mut Round<'_>, path: &RelPath, wait: Duration) -> bool {
        let Some(track) = self.tracks.get(path) else { return false };
        let until = track.since() + wait;
        let waited = round.now.steady >= until;
        if !waited {
            round.wait(until);
        }
        waited
    }
}
