//! The program under a clock that goes ahead of the machine's, by libfaketime (`tests/peers/install.sh`).
//!
//! The daemon makes the environment of its signer itself, and what is not on its short list does not
//! reach it: `LD_PRELOAD` least of all. The daemon starts "its own program", by the path that the kernel
//! tells of it. The path of a program whose file is gone ends in ` (deleted)`, and under just that name
//! lies a script here that starts the same program under the same clock.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::cabinet::owner_only;

/// A clock; by default the machine's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// A clock that shows `moment` now, and goes on from there.
    pub fn at(moment: Timestamp) -> Self {
        Self { ahead: moment.duration_since(Timestamp::now()) }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    /// What puts a program under this clock. Intervals stay the machine's: Rust and Java wait by the
    /// kernel's monotonic clock, which nobody moves (where libfaketime corrects such waits, Java's threads
    /// wait for nothing and run for ever). The times of files stay too.
    ///
    /// # Panics
    /// When libfaketime is missing.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        if *self == Self::default() {
            return Vec::new();
        }
        vec![
            ("LD_PRELOAD", library().into()),
            ("FAKETIME", format!("{:+}s", self.ahead.as_secs()).into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("FAKETIME_FORCE_MONOTONIC_FIX", "0".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    /// What is started as the daemon, in a folder of its own: `binary` itself under the machine's clock.
    ///
    /// # Panics
    /// When the file system refuses.
    pub(crate) fn daemon(&self, binary: PathBuf, folder: &Path) -> Started {
        if *self == Self::default() {
            return Started { path: binary, _open: None };
        }
        let place = folder.join("moved");
        fs::create_dir_all(&place).expect("a folder");
        let (copy, again) = (place.join("sceau"), place.join("sceau (deleted)"));
        let told = self.environment();
        let told = told.iter().map(|(name, value)| format!("{name}={}", value.display()));
        let told = told.collect::<Vec<_>>().join(" ");
        let script = format!("#!/bin/sh\nexec env {told} '{}' \"$@\"\n", binary.display());
        fs::write(&again, script).expect("a script");
        owner_only(&again, 0o755);
        fs::copy(&binary, &copy).expect("a copy of the program");
        let open = File::open(&copy).expect("the copy");
        fs::remove_file(&copy).expect("the copy's name");
        Started { path: format!("/proc/self/fd/{}", open.as_raw_fd()).into(), _open: Some(open) }
    }
}

/// A program that can be started for as long as this lives.
pub(crate) struct Started {
    pub(crate) path: PathBuf,
    _open: Option<File>,
}

fn library() -> PathBuf {
    let folder = format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH);
    let path = Path::new(&folder).join("libfaketimeMT.so.1");
    assert!(path.is_file(), "{} is missing: tests/peers/install.sh", path.display());
    path
}
