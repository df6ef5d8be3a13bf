//! What is ready and what is not, for `/readyz` and `sceau status`.

use std::sync::Arc;

use sceau_engine::clock::{Clock, SystemClock};
use sceau_engine::handle::Handle;
use sceau_engine::keys::KeyDoor;
use sceau_intake::Folder;

use super::latecomers::Latecomers;

/// The loop turns twice a second; this long without a turn means that it is stuck (milliseconds).
const STUCK_MS: i64 = 10_000;

/// Answers whether the daemon is ready.
#[derive(Clone)]
pub(crate) struct Readiness {
    pub(super) handle: Handle,
    pub(super) keys: Arc<dyn KeyDoor>,
    pub(super) folders: Vec<Arc<Folder>>,
    pub(super) latecomers: Arc<Latecomers>,
}

impl Readiness {
    /// What is not ready: (part, why); empty when all is.
    pub(crate) fn missing(&self) -> Vec<(String, String)> {
        let mut missing = Vec::new();
        if let Some(why) = self.handle.stopped_by() {
            missing.push(("engine".to_owned(), why));
        } else if SystemClock.now().as_millisecond() - self.handle.alive_ms() > STUCK_MS {
            missing.push(("engine".to_owned(), "its loop does not turn".to_owned()));
        }
        if let Err(error) = self.keys.alive() {
            missing.push(("signer".to_owned(), error.to_string()));
        }
        let late = self.latecomers.missing();
        let watched =
            self.folders.iter().filter(|folder| !late.contains_key(&folder.config().name));
        missing.extend(watched.filter_map(|folder| unready(folder)));
        missing.extend(late.into_iter().map(|(name, why)| (format!("folder {name}"), why)));
        missing
    }
}

fn unready(folder: &Folder) -> Option<(String, String)> {
    let status = folder.status();
    let part = format!("folder {}", status.name);
    if !status.available {
        return Some((part, status.reason.unwrap_or_else(|| "not looked at yet".to_owned())));
    }
    status.paused.map(|why| (part, why))
}
