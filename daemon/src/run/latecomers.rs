//! Folders whose account or société is not there yet. Both are added through the running daemon, so
//! it starts without them, says what is missing, and watches each folder as soon as it can.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sceau_cabinet::CommitmentKey;
use sceau_engine::clock::Clock;
use sceau_engine::handle::Handle;
use sceau_engine::intake::WatchedFolders;
use sceau_intake::DocumentSink;

use super::folders::{Folders, InForce, WaitingFolder, rules, without_seal};
use crate::config::Config;

/// The folders that wait, and the threads of those that waited.
#[derive(Debug)]
pub(crate) struct Latecomers {
    waiting: Mutex<Vec<WaitingFolder>>,
    watched: Mutex<Vec<WatchedFolders>>,
    ground: Ground,
}

/// What it takes to watch a folder.
pub(super) struct Ground {
    pub(super) config: Config,
    /// The seals that were in force at the start.
    pub(super) seals: InForce,
    pub(super) commitment: CommitmentKey,
    pub(super) handle: Handle,
    pub(super) sink: Arc<dyn DocumentSink>,
    pub(super) clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

impl Latecomers {
    pub(super) fn new(waiting: Vec<WaitingFolder>, ground: Ground) -> Self {
        for folder in &waiting {
            let (name, why) = told(folder);
            tracing::warn!(folder = name, why, "the folder is not watched yet");
        }
        Self { waiting: Mutex::new(waiting), watched: Mutex::default(), ground }
    }

    /// Looks again, and watches the folders that miss nothing any more.
    pub(crate) fn pulse(&self) {
        let mut waiting = lock(&self.waiting);
        if waiting.is_empty() {
            return;
        }
        let ready: Folders = waiting.iter_mut().filter_map(|folder| self.ready(folder)).collect();
        waiting.retain(|folder| !ready.contains_key(&folder.settings.intake.name));
        if ready.is_empty() {
            return;
        }
        let Ground { sink, handle, clock, .. } = &self.ground;
        ready.keys().for_each(|folder| tracing::info!(folder, "the folder is watched from now on"));
        lock(&self.watched).push(WatchedFolders::start(&ready, sink, handle, clock));
    }

    /// The folders that wait: name, and what is missing.
    pub(crate) fn missing(&self) -> BTreeMap<String, String> {
        lock(&self.waiting).iter().map(told).collect()
    }

    /// Takes nothing new any more; returns when every scan under way is done.
    pub(crate) fn stop(&self) {
        lock(&self.waiting).clear();
        std::mem::take(&mut *lock(&self.watched)).into_iter().for_each(WatchedFolders::stop);
    }

    fn ready(&self, waiting: &mut WaitingFolder) -> Option<<Folders as IntoIterator>::Item> {
        let Ground { config, seals, commitment, handle, clock, .. } = &self.ground;
        let (settings, now) = (&waiting.settings, clock.now());
        let judged =
            rules(config, settings, &handle.authority(), commitment, now).and_then(|rules| {
                match without_seal(config, settings, seals, now) {
                    None => Ok(rules),
                    Some(why) => Err(vec![format!("{why}; then start the daemon again")]),
                }
            });
        match judged {
            Ok(rules) => {
                let name = settings.intake.name.clone();
                Some((name, (Arc::clone(&waiting.folder), rules)))
            }
            Err(missing) => {
                waiting.missing = missing;
                None
            }
        }
    }
}

fn told(folder: &WaitingFolder) -> (String, String) {
    (folder.settings.intake.name.clone(), folder.missing.join("; "))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
