//! `qpdf --check`: is it a clean PDF at all?

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::run;

/// Exit 0 is clean; 2 is errors, 3 is warnings.
pub(super) fn judge(pdf: &Path) -> (bool, String) {
    let mut qpdf = Command::new("qpdf");
    qpdf.arg("--check").arg(pdf);
    let said = run(&mut qpdf, Duration::from_secs(120));
    (said.code == Some(0), said.all())
}
