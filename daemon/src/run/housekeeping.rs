//! What a daemon does beside its work: tell systemd that it lives, remember adopted folders,
//! collect blobs that nobody refers to, warn of certificates that end, make revocation lists in time.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sceau_engine::authority::OwnAuthority;
use sceau_engine::clock::{Clock, SystemClock};
use sceau_engine::handle::Handle;
use sceau_intake::Folder;
use sceau_store::{BlobStore, ProjectionWrite, Transaction, collect_orphans};

use super::folders::ADOPTED;
use super::latecomers::Latecomers;
use super::pki::Ends;

/// The engine is alive when its loop turned within this time (milliseconds).
const ALIVE_MS: i64 = 10_000;
/// Pause between two collections of orphans (milliseconds).
const COLLECT_EVERY_MS: i64 = 6 * 3_600_000;
/// Pause between two warnings of certificates that end (milliseconds).
const WARN_EVERY_MS: i64 = 24 * 3_600_000;
/// Pause between two looks at what our own authority tells the world (milliseconds).
const KEEP_UP_EVERY_MS: i64 = 3_600_000;
/// A blob younger than this may still wait for its commit.
const GRACE: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// What concerns our own authority.
pub(super) struct OwnAuthorityCare {
    /// When its certificates end.
    pub(super) ends: Ends,
    /// The authority, where the world is told (`[pki]`).
    pub(super) authority: Option<Arc<OwnAuthority>>,
}

/// Called once a second.
pub(crate) struct Housekeeping {
    handle: Handle,
    blobs: BlobStore,
    folders: Vec<Arc<Folder>>,
    latecomers: Arc<Latecomers>,
    adopted: Mutex<BTreeSet<String>>,
    collected_ms: AtomicI64,
    own: OwnAuthorityCare,
    warned_ms: AtomicI64,
    kept_up_ms: AtomicI64,
}

impl Housekeeping {
    pub(super) fn new(
        handle: Handle,
        blobs: BlobStore,
        folders: Vec<Arc<Folder>>,
        latecomers: Arc<Latecomers>,
        own: OwnAuthorityCare,
    ) -> Self {
        let known = folders.iter().map(|folder| folder.status());
        let adopted = known.filter(|status| status.adopted).map(|status| status.name).collect();
        // The first turn collects what a crash before the start left behind.
        let warned_ms = AtomicI64::new(SystemClock.now().as_millisecond());
        let (collected_ms, kept_up_ms) = (AtomicI64::new(0), AtomicI64::new(0));
        let adopted = Mutex::new(adopted);
        Self {
            handle,
            blobs,
            folders,
            latecomers,
            adopted,
            collected_ms,
            own,
            warned_ms,
            kept_up_ms,
        }
    }

    /// One turn.
    pub(crate) fn pulse(&self) {
        let now_ms = SystemClock.now().as_millisecond();
        if now_ms - self.handle.alive_ms() < ALIVE_MS {
            tell_systemd("WATCHDOG=1");
        }
        self.latecomers.pulse();
        self.remember_adopted(now_ms);
        if now_ms - self.collected_ms.load(Ordering::Relaxed) > COLLECT_EVERY_MS {
            self.collected_ms.store(now_ms, Ordering::Relaxed);
            self.collect();
        }
        if now_ms - self.warned_ms.load(Ordering::Relaxed) > WARN_EVERY_MS {
            self.warned_ms.store(now_ms, Ordering::Relaxed);
            self.own.ends.warn(SystemClock.now());
        }
        if now_ms - self.kept_up_ms.load(Ordering::Relaxed) > KEEP_UP_EVERY_MS {
            self.kept_up_ms.store(now_ms, Ordering::Relaxed);
            self.keep_up();
        }
    }

    /// The list and the responder's certificate are made before somebody waits for them, and trouble
    /// with them is told while the last ones are still good.
    fn keep_up(&self) {
        let Some(authority) = self.own.authority.clone() else { return };
        std::thread::spawn(move || {
            if let Err(error) = authority.keep_up() {
                tracing::warn!(%error, "no new revocation list or responder's certificate");
            }
        });
    }

    fn remember_adopted(&self, now_ms: i64) {
        let mut adopted = self.adopted.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in &self.folders {
            let status = folder.status();
            if !status.adopted || adopted.contains(&status.name) {
                continue;
            }
            let projections = vec![ProjectionWrite {
                table: ADOPTED.to_owned(),
                key: status.name.clone().into_bytes(),
                value: Some(vec![1]),
            }];
            let transaction = Transaction { at_ms: now_ms, projections, ..Transaction::default() };
            match self.handle.store().commit(&[transaction]) {
                Ok(_) => drop(adopted.insert(status.name)),
                Err(error) => tracing::warn!(%error, "an adopted folder is not remembered"),
            }
        }
    }

    fn collect(&self) {
        let (store, blobs) = (Arc::clone(self.handle.store()), self.blobs.clone());
        std::thread::spawn(move || {
            let now_ms = SystemClock.now().as_millisecond();
            match collect_orphans(store.as_ref(), &blobs, GRACE, now_ms) {
                Ok(found) => tracing::info!(?found, "orphans collected"),
                Err(error) => tracing::warn!(%error, "orphans were not collected"),
            }
        });
    }
}

/// Tells the service manager (sd_notify(3)); nothing happens where there is none.
pub(crate) fn tell_systemd(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let told = UnixDatagram::unbound().and_then(|socket| {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::ffi::OsStrExt;
        match path.as_bytes().strip_prefix(b"@") {
            Some(name) => {
                let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
                socket.send_to_addr(state.as_bytes(), &address)
            }
            None => socket.send_to(state.as_bytes(), &path),
        }
    });
    if let Err(error) = told {
        tracing::debug!(%error, "the service manager was not told");
    }
}
