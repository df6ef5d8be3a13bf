//! `qpdf --check`: is it a clean PDF at all?

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::{run, run_within};

/// Exit 0 is clean; 2 is errors, 3 is warnings.
pub(super) fn judge(pdf: &Path) -> (bool, String) {
    let mut qpdf = Command::new("qpdf");
    qpdf.arg("--check").arg(pdf);
    let said = run(&mut qpdf, Duration::from_secs(120));
    (said.code == Some(0), said.all())
}

/// Whether it is clean; none where `qpdf` crashes, hangs or asks for a password.
pub(super) fn judge_within(pdf: &Path, limit: Duration) -> Option<bool> {
    let said = run_within(Command::new("qpdf").arg("--check").arg(pdf), limit).ok()?;
    match said.code? {
        0 => Some(true),
        _ if said.err.contains("password") => None,
        _ => Some(false),
    }
}
