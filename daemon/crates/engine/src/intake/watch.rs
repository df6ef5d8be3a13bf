//! One thread a folder: it scans, rests, and is woken by what the kernel tells.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use sceau_intake::notes::{Text, TroubleKind};
use sceau_intake::wake::{Hints, Waker};
use sceau_intake::{DocumentSink, Folder, FolderWatcher, IntakeEvent, Now, WatchMode};

use super::submission::{FolderRules, Submitter};
use sceau_workflow::machine::Failure;

use crate::clock::Clock;
use crate::handle::Handle;
use crate::queue::Waiting;

/// The threads of all folders.
#[derive(Debug)]
pub struct WatchedFolders {
    stop: Arc<AtomicBool>,
    threads: Vec<(Arc<Hints>, JoinHandle<()>)>,
}

impl WatchedFolders {
    /// Starts to watch.
    pub fn start(
        folders: &BTreeMap<String, (Arc<Folder>, FolderRules)>,
        sink: &Arc<dyn DocumentSink>,
        handle: &Handle,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = |(folder, rules): &(Arc<Folder>, FolderRules)| {
            let hints = Hints::new();
            let submitter = Submitter::new(rules.clone(), handle.clone());
            let (folder, sink) = (Arc::clone(folder), Arc::clone(sink));
            let watcher =
                FolderWatcher::new(Arc::clone(&folder), sink, Arc::new(submitter), hints.clone());
            let watch = Watch {
                folder,
                watcher,
                hints: hints.clone(),
                clock: Arc::clone(clock),
                handle: handle.clone(),
                stop: Arc::clone(&stop),
            };
            (hints, std::thread::spawn(move || watch.run()))
        };
        let threads = folders.values().map(thread).collect();
        Self { stop, threads }
    }

    /// Takes nothing new any more; returns when every scan under way is done.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for (hints, thread) in self.threads {
            hints.urgent();
            if thread.join().is_err() {
                tracing::error!("a folder's thread ended by a panic");
            }
        }
    }
}

struct Watch {
    folder: Arc<Folder>,
    watcher: FolderWatcher,
    hints: Arc<Hints>,
    clock: Arc<dyn Clock>,
    handle: Handle,
    stop: Arc<AtomicBool>,
}

impl Watch {
    fn run(mut self) {
        let begun = Instant::now();
        let mut waker = None;
        while !self.stop.load(Ordering::Relaxed) {
            if waker.is_none() {
                waker = self.waker();
            }
            let now = Now { wall: self.clock.now(), steady: begun.elapsed() };
            let tick = self.watcher.tick(now);
            tick.events.iter().for_each(|event| tell(&self.folder.config().name, event));
            show_troubles(&self.folder, &self.handle.waiting());
            self.hints.wait(tick.rest);
        }
    }

    fn waker(&self) -> Option<Waker> {
        let config = self.folder.config();
        let status = self.folder.status();
        if status.network || config.mode == WatchMode::Network {
            return None;
        }
        let deep = !config.subfolders.is_empty();
        match Waker::start(&config.path, deep, Arc::clone(&self.hints)) {
            Ok(waker) => Some(waker),
            Err(error) => {
                tracing::debug!(folder = config.name, %error, "no inotify; the folder is polled");
                None
            }
        }
    }
}

/// Shows in the folder what keeps its documents waiting though no file is to blame.
pub fn show_troubles(folder: &Folder, waiting: &[Waiting]) {
    let name = &folder.config().name;
    let mine = |waiting: &&Waiting| {
        let dossier = waiting.dossier.as_deref();
        let channel = dossier.map(|dossier| &dossier.received.origin.channel);
        matches!(channel, Some(sceau_cabinet::Channel::Folder(folder)) if folder == name)
    };
    let troubles: Vec<&Failure> =
        waiting.iter().filter(mine).filter_map(|waiting| waiting.trouble.as_ref()).collect();
    for kind in SHOWN {
        let trouble = troubles.iter().find(|trouble| trouble_kind(trouble) == kind);
        let text = trouble.map(|trouble| Text::new(trouble.fr.clone(), trouble.en.clone()));
        if let Err(error) = folder.trouble(kind, text.as_ref()) {
            tracing::debug!(folder = name, %error, "the folder cannot be told of trouble");
        }
    }
}

const SHOWN: [TroubleKind; 5] = [
    TroubleKind::TimestampUnavailable,
    TroubleKind::LevelPending,
    TroubleKind::SealUnavailable,
    TroubleKind::DeliveryBlocked,
    TroubleKind::Stopped,
];

fn trouble_kind(trouble: &Failure) -> TroubleKind {
    match trouble.code.as_str() {
        "timestamp-unavailable" => TroubleKind::TimestampUnavailable,
        "revocation-pending" => TroubleKind::LevelPending,
        "signer-unavailable" => TroubleKind::SealUnavailable,
        "folder-unavailable" => TroubleKind::DeliveryBlocked,
        _ => TroubleKind::Stopped,
    }
}

fn tell(folder: &str, event: &IntakeEvent) {
    match event {
        IntakeEvent::Unavailable { reason } => {
            tracing::warn!(folder, reason, "the folder is unavailable");
        }
        other => tracing::info!(folder, event = ?other, "intake"),
    }
}
