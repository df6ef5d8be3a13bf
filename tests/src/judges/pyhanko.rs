//! pyHanko, the most used open PAdES library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use super::asked::Judge;
use super::one_signature;
use crate::clock::Clock;
use crate::program::run;
use crate::{peers, root};

/// How long one question may take when answers are fetched.
const ONLINE: Duration = Duration::from_secs(60);

static JUDGE: LazyLock<Judge> = LazyLock::new(|| start(Clock::default()));

pub(super) fn start(clock: Clock) -> Judge {
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_judge.py"));
    Judge::start("pyHanko", python.envs(clock.environment()))
}

pub(super) fn judge(pdf: &Path, anchors: &Path) -> Value {
    JUDGE.ask(&[&pdf.to_string_lossy(), &anchors.to_string_lossy()])
}

/// By a process of its own, which may not be able to answer.
pub(super) fn time(pdf: &Path, anchors: &Path, limit: Duration) -> Option<Duration> {
    let judge = start(Clock::default());
    judge.time(&[&pdf.to_string_lossy(), &anchors.to_string_lossy()], limit)
}

pub(super) fn judge_online(pdf: &Path, anchors: &Path) -> Value {
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_online.py")).arg(pdf).arg(anchors);
    run(&mut python, ONLINE).expect(0).json()
}

/// SHA-256 of what each signature of some PDFs signs, in hexadecimal, by file, as
/// `tests/peers/pyhanko_acts.py` finds them.
///
/// # Panics
/// When pyHanko is missing or cannot read a file.
pub fn acts(pdfs: &[PathBuf]) -> BTreeMap<PathBuf, Vec<String>> {
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_acts.py")).args(pdfs);
    let told = run(&mut python, ONLINE).expect(0).json();
    let acts = |pdf: &PathBuf| {
        let of = told[pdf.to_string_lossy().as_ref()].as_array().into_iter().flatten();
        of.filter_map(|act| act.as_str().map(str::to_owned)).collect()
    };
    pdfs.iter().map(|pdf| (pdf.clone(), acts(pdf))).collect()
}

/// As [`judge`], with a validation after EN 319 102-1 where revocation data is required.
pub(super) fn judge_long_term(pdf: &Path, anchors: &Path) -> Value {
    ask_long_term(&JUDGE, pdf, anchors)
}

pub(super) fn ask_long_term(judge: &Judge, pdf: &Path, anchors: &Path) -> Value {
    judge.ask(&[&pdf.to_string_lossy(), &anchors.to_string_lossy(), "long-term"])
}

pub(super) fn against(answer: &Value) -> Vec<String> {
    let mut against = Vec::new();
    let Some(signature) = one_signature("pyHanko", answer, &mut against) else { return against };
    for key in ["bottom_line", "intact", "valid", "trusted"] {
        if signature[key] != true {
            against.push(format!("pyHanko: {key} is {}", signature[key]));
        }
    }
    if signature["coverage"] != "ENTIRE_FILE" {
        against.push(format!("pyHanko: covers {}", signature["coverage"]));
    }
    against
}
