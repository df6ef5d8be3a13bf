//! The daemon's part: latency of one document, throughput of many.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Case, Key};
use crate::cabinet::Cabinet;
use crate::daemon::Daemon;
use crate::folder::Watched;

/// Documents dropped one after the other for the latency.
const SINGLE: usize = 30;
const PATIENCE: Duration = Duration::from_secs(300);

/// A running cabinet whose folder takes what is renamed into it at once.
pub(super) struct Site {
    cabinet: Cabinet,
    _daemon: Daemon,
}

impl Site {
    pub(super) fn start(key: Key) -> Self {
        let mut cabinet = Cabinet::uninitialised();
        cabinet.init_more = vec!["--key-type".into(), key.word().into()];
        cabinet.folders[0].2 = "stability = \"0s\"".to_owned();
        let (cabinet, daemon) = cabinet.finish_ready();
        Self { cabinet, _daemon: daemon }
    }

    fn watched(&self) -> Watched {
        self.cabinet.watched("attestations")
    }

    /// From the rename into the folder to the delivered file under its name.
    pub(super) fn latency(&self, case: &Case) -> Vec<Duration> {
        (0..SINGLE).map(|number| self.one(case, number)).collect()
    }

    fn one(&self, case: &Case, number: usize) -> Duration {
        let name = format!("seul-{}-{}-{number:04}", case.key.word(), case.len);
        let outside = self.cabinet.path("watch").join("dehors");
        fs::write(&outside, case.document(number)).expect("written");
        let began = Instant::now();
        fs::rename(&outside, self.watched().path().join(format!("{name}.pdf"))).expect("in");
        let place = self.watched().delivered();
        while count(&place, &name) == 0 {
            assert!(began.elapsed() < PATIENCE, "no {name}:\n{}", self.watched().show());
            std::thread::sleep(Duration::from_micros(250));
        }
        began.elapsed()
    }

    /// Documents a second, when many are dropped at once.
    pub(super) fn throughput(&self, case: &Case) -> f64 {
        let prefix = format!("lot-{}-{}", case.key.word(), case.len);
        let outside = self.cabinet.path("watch").join("lot");
        fs::create_dir(&outside).expect("outside");
        for number in 0..case.batch {
            let name = outside.join(format!("{prefix}-{number:04}.pdf"));
            fs::write(name, case.document(1000 + number)).expect("written");
        }
        let began = Instant::now();
        for entry in fs::read_dir(&outside).expect("outside").flatten() {
            fs::rename(entry.path(), self.watched().path().join(entry.file_name())).expect("in");
        }
        let place = self.watched().delivered();
        while count(&place, &prefix) < case.batch {
            assert!(began.elapsed() < PATIENCE, "{} of {}", count(&place, &prefix), case.batch);
            std::thread::sleep(Duration::from_millis(2));
        }
        fs::remove_dir(&outside).expect("empty");
        case.batch as f64 / began.elapsed().as_secs_f64()
    }
}

/// Delivered PDFs directly in a place, by the beginning of their names.
fn count(place: &Path, prefix: &str) -> usize {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(prefix) && name.ends_with(".pdf")).count()
}
