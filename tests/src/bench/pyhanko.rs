//! pyHanko's part: its library, keys loaded, timestamps made in the process.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::Key;
use crate::program::run;
use crate::{peers, root};

/// The time of each of ten seals of one document, on one core.
pub(super) fn times(document: &[u8], key: Key) -> Vec<Duration> {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base.pdf");
    std::fs::write(&base, document).expect("written");
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_bench.py")).arg(base);
    python.arg("10").arg(key.word()).arg(folder.path()).arg("B-T");
    let said = run(&mut python, Duration::from_secs(300)).expect(0).json();
    let seconds = said["elapsed"].as_array().expect("a list of seconds");
    seconds.iter().filter_map(Value::as_f64).map(Duration::from_secs_f64).collect()
}
