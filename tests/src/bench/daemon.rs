//! The daemon's part: latency of one document, throughput of many.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Key;
use super::line::Many;
use crate::cabinet::Cabinet;
use crate::daemon::Daemon;
use crate::memory;

/// The folder of the first cases.
const FOLDER: &str = "attestations";
const PATIENCE: Duration = Duration::from_secs(300);

/// A running cabinet whose folder takes what is renamed into it at once.
pub(super) struct Site {
    cabinet: Cabinet,
    daemon: Daemon,
    number: Cell<usize>,
}

impl Site {
    pub(super) fn start(key: Key) -> Self {
        let mut cabinet = Cabinet::uninitialised();
        cabinet.init_more = vec!["--key-type".into(), key.word().into()];
        cabinet.folders[0].2 = "stability = \"0s\"".to_owned();
        let (cabinet, daemon) = cabinet.finish_ready();
        Self::of(cabinet, daemon)
    }

    /// A cabinet with its running daemon.
    pub(super) fn of(cabinet: Cabinet, daemon: Daemon) -> Self {
        Self { cabinet, daemon, number: Cell::new(0) }
    }

    /// From the rename into the folder to the delivered file under its name.
    pub(super) fn one(&self, document: &[u8]) -> Duration {
        let planned = self.outside(FOLDER, document);
        let began = Instant::now();
        planned.go();
        self.wait(&planned.delivered, began, Duration::from_micros(100));
        began.elapsed()
    }

    /// Many documents, dropped at once.
    pub(super) fn many(&self, documents: &[Vec<u8>]) -> Many {
        self.many_in(FOLDER, documents)
    }

    /// Many documents, dropped at once into one of the folders.
    pub(super) fn many_in(&self, folder: &str, documents: &[Vec<u8>]) -> Many {
        let drops: Vec<Planned> =
            documents.iter().map(|document| self.outside(folder, document)).collect();
        let (cpu, began) = (self.cpu(), Instant::now());
        drops.iter().for_each(Planned::go);
        let wait = |drop: &Planned| self.wait(&drop.delivered, began, Duration::from_millis(1));
        drops.iter().for_each(wait);
        let elapsed = began.elapsed();
        Many { documents: documents.len(), elapsed, cpu: self.cpu() - cpu }
    }

    /// A document on the watched folder's file system, not dropped yet.
    fn outside(&self, folder: &str, document: &[u8]) -> Planned {
        let name = format!("{:06}.pdf", self.number.replace(self.number.get() + 1));
        let from = self.cabinet.path("watch").join(&name);
        fs::write(&from, document).expect("written");
        let watched = self.cabinet.watched(folder);
        Planned { from, to: watched.path().join(&name), delivered: watched.delivered().join(&name) }
    }

    /// Asks for one name only: whoever lists a folder wakes those who watch it.
    fn wait(&self, delivered: &Path, began: Instant, pause: Duration) {
        while !delivered.exists() {
            assert!(began.elapsed() < PATIENCE, "no {}", delivered.display());
            std::thread::sleep(pause);
        }
    }

    /// Computing time of the daemon and of its signer, whose threads stay.
    fn cpu(&self) -> Duration {
        memory::with_children(self.daemon.pid()).into_iter().map(memory::cpu_of_threads).sum()
    }
}

struct Planned {
    from: PathBuf,
    to: PathBuf,
    delivered: PathBuf,
}

impl Planned {
    fn go(&self) {
        fs::rename(&self.from, &self.to).expect("renamed in");
    }
}
