//! Sceau, EU DSS and pyHanko before the same files: signed ones of both makers, foreign ones, and
//! copies of all of them with a byte, an end or a revision changed.
//!
//! What counts is who vouches for a file. Every disagreement stands with its reason in
//! `tests/differential/disagreements.tsv`; the table says of each case what the three say of it.

mod cases;
mod changes;
mod list;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::judges;
use crate::program::sceau;

pub use cases::{Case, Extent, cases};
pub use list::{List, breaches};

/// How far somebody vouches for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Every signature passes.
    Passes,
    /// Every signature is intact and unmodified, and some are of nobody who is trusted here.
    Untrusted,
    /// Something is wrong, there is no signature, or it ends in an error: nobody can rely on it.
    Refuses,
}

/// What the three say of one file: Sceau, EU DSS, pyHanko.
pub type Words = [Word; 3];

impl Word {
    /// As it stands in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Untrusted => "untrusted",
            Self::Refuses => "refuses",
        }
    }
}

/// Asks all three about every case; each works through them on its own.
///
/// # Panics
/// When a peer is missing.
pub fn ask(cases: &[Case], anchors: &Path) -> Vec<Words> {
    let all = |judge: fn(&Path, &Path) -> Word| {
        move || cases.iter().map(|case| judge(&case.path, anchors)).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let dss = scope.spawn(all(by_dss));
        let pyhanko = scope.spawn(all(by_pyhanko));
        let ours = all(by_sceau)();
        let dss = dss.join().expect("DSS answers");
        let pyhanko = pyhanko.join().expect("pyHanko answers");
        ours.into_iter().zip(dss).zip(pyhanko).map(|((a, b), c)| [a, b, c]).collect()
    })
}

fn by_sceau(file: &Path, anchors: &Path) -> Word {
    let [command, trust, json] = ["verify", "--trust", "--json"].map(std::ffi::OsStr::new);
    let said = sceau([command, file.as_os_str(), trust, anchors.as_os_str(), json]);
    match said.code {
        Some(0) => Word::Passes,
        Some(3) if is_untrusted(&said.json()["verdict"]) => Word::Untrusted,
        Some(3 | 4 | 66) => Word::Refuses,
        _ => panic!("{}: {said}", file.display()),
    }
}

/// Whether a missing chain is all that was found.
fn is_untrusted(verdict: &Value) -> bool {
    let findings = verdict["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().all(|one| one["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND")
}

fn by_dss(file: &Path, anchors: &Path) -> Word {
    let answer = judges::ask_dss(file, anchors);
    of_all(&answer, |one| {
        if one["indication"] == "TOTAL_PASSED" {
            Word::Passes
        } else if one["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND" {
            Word::Untrusted
        } else {
            Word::Refuses
        }
    })
}

fn by_pyhanko(file: &Path, anchors: &Path) -> Word {
    let answer = judges::ask_pyhanko(file, anchors);
    of_all(&answer, |one| {
        let kept = one["modification_level"].as_str().unwrap_or_default() != "OTHER";
        if one["bottom_line"] == true {
            Word::Passes
        } else if one["intact"] == true && one["valid"] == true && one["trusted"] == false && kept {
            Word::Untrusted
        } else {
            Word::Refuses
        }
    })
}

/// The worst that is said of any signature.
fn of_all(answer: &Value, judge: impl Fn(&Value) -> Word) -> Word {
    let signatures = answer["signatures"].as_array().cloned().unwrap_or_default();
    if !answer["error"].is_null() || signatures.is_empty() {
        return Word::Refuses;
    }
    let words: Vec<Word> = signatures.iter().map(judge).collect();
    [Word::Refuses, Word::Untrusted]
        .into_iter()
        .find(|word| words.contains(word))
        .unwrap_or(Word::Passes)
}

/// Works through `items` two at a time, in no order.
fn two_at_a_time<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return done };
                done.push((at, work(item)));
            }
        };
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        workers.into_iter().flat_map(|one| one.join().expect("no case failed")).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
