//! How a folder is now, for `/readyz`, the command line and the log.

use jiff::Timestamp;
use serde::Serialize;

use super::Root;
use crate::error::Unavailable;

/// A snapshot of one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FolderStatus {
    /// The folder's name.
    pub name: String,
    /// Whether it can be used now; `false` too before its first use.
    pub available: bool,
    /// Why it cannot be used, in English.
    pub reason: Option<String>,
    /// Whether it was ever used: to be remembered, see [`Adoption`](super::Adoption).
    pub adopted: bool,
    /// Whether it is watched by polling alone.
    pub network: bool,
    /// What its file system does less well than a local one, in English.
    pub limitations: Vec<String>,
    /// How many names wait to be taken.
    pub waiting: usize,
    /// Files that the service cannot read now.
    pub unreadable: Vec<String>,
    /// Why nothing new is taken now, in English.
    pub paused: Option<String>,
    /// Free bytes on its file system at the last scan.
    pub free_bytes: Option<u64>,
    /// When it was last scanned.
    pub scanned_at: Option<Timestamp>,
}

impl FolderStatus {
    pub(super) fn new(name: &str, adopted: bool) -> Self {
        Self {
            name: name.to_owned(),
            available: false,
            reason: None,
            adopted,
            network: false,
            limitations: Vec::new(),
            waiting: 0,
            unreadable: Vec::new(),
            paused: None,
            free_bytes: None,
            scanned_at: None,
        }
    }

    pub(super) fn set_availability(&mut self, found: &Result<Root, Unavailable>) {
        self.available = found.is_ok();
        self.adopted |= found.is_ok();
        self.reason = found.as_ref().err().map(|reason| told(reason));
        if let Ok(root) = found {
            self.limitations = root.limitations.iter().map(ToString::to_string).collect();
        }
    }

    pub(crate) fn set_unavailable(&mut self, reason: &str) {
        self.available = false;
        self.reason = Some(reason.to_owned());
    }
}

/// An error with all its causes.
pub(crate) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
