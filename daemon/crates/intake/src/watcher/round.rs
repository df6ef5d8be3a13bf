//! One scan under way: its moment, its rules, what it has to tell.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sceau_disk::Dir;

use super::{IntakeEvent, Now};
use crate::folder::{Folder, Root};
use crate::notes::{self, Text};
use crate::path::RelPath;
use crate::scan::Rules;

/// Defaults by the kind of folder: stability, poll.
const LOCAL: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(2));
const NETWORK: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));
/// Patience, when none is configured: so many times the stability, and at least a minute.
const PATIENCE_FACTOR: u32 = 12;
const MIN_PATIENCE: Duration = Duration::from_secs(60);

/// The rest between two scans of a folder that cannot be used.
pub(super) const RETRY_UNAVAILABLE: Duration = LOCAL.1;

/// Why nothing new is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    FolderDisk { free: u64, min: u64 },
    StateDisk,
    StateFails,
    Busy,
}

impl Pause {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::FolderDisk { .. } => "the folder's disk is nearly full",
            Self::StateDisk => "the disk of the state directory is nearly full",
            Self::StateFails => "the state directory fails",
            Self::Busy => "too much work is under way",
        }
    }

    /// What is told in the folder about a full disk.
    pub(super) fn disk_detail(self) -> Option<Text> {
        match self {
            Self::FolderDisk { free, min } => Some(notes::folder_disk_full(free, min)),
            Self::StateDisk => Some(notes::state_disk_full()),
            Self::StateFails | Self::Busy => None,
        }
    }

    /// What is told in the folder about a state directory that fails.
    pub(super) fn state_detail(self) -> Option<Text> {
        (self == Self::StateFails).then(notes::state_fails)
    }
}

/// One scan under way.
pub(super) struct Round<'w> {
    pub(super) folder: &'w Folder,
    pub(super) root: Root,
    pub(super) now: Now,
    pub(super) rules: Rules,
    pub(super) network: bool,
    pub(super) events: Vec<IntakeEvent>,
    /// The steady moment of the next scan.
    pub(super) next: Duration,
    pub(super) unreadable: BTreeSet<String>,
    pub(super) pause: Option<Pause>,
    /// A document found no room in the state directory; a shorter one may.
    pub(super) no_room: bool,
}

impl<'w> Round<'w> {
    pub(super) fn new(folder: &'w Folder, root: Root, now: Now) -> Self {
        let config = folder.config();
        let network = folder.is_network(root.identity.fs);
        let (stability, poll) = if network { NETWORK } else { LOCAL };
        let stability = config.stability.unwrap_or(stability);
        let patience = (stability * PATIENCE_FACTOR).max(MIN_PATIENCE);
        let patience = config.patience.unwrap_or(patience);
        Self {
            folder,
            root,
            now,
            rules: Rules { stability, patience, max_len: config.max_file_len },
            network,
            events: Vec::new(),
            next: now.steady + config.poll.unwrap_or(poll),
            unreadable: BTreeSet::new(),
            pause: None,
            no_room: false,
        }
    }

    /// The folder's top.
    pub(super) fn dir(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.root.dir)
    }

    /// Scan again at that steady moment at the latest.
    pub(super) fn wait(&mut self, until: Duration) {
        self.next = self.next.min(until.max(self.now.steady));
    }

    /// A file (or sub-folder) gives trouble: told, and shown in the folder.
    pub(super) fn trouble(&mut self, path: &RelPath, reason: String) {
        self.unreadable.insert(path.to_string());
        self.events.push(IntakeEvent::Retrying { path: path.clone(), reason });
    }
}
