//! The benchmark: what plugins add to a run; the daemon from drop to delivery, beside the bare cost of the same
//! durable work, beside pyHanko's library; then `sceau verify` beside the cost of hashing, pyHanko and EU DSS. In
//! one run on one machine.
//!
//! What plugins add comes first, for it is the smallest: where a file system looks for long at the names of
//! files that were deleted a minute ago before it makes a new one (ext4 without a journal), the others' deleted
//! folders would cost more.
//!
//! Daemon and bare work take turns, document by document and batch by batch, so that what else the
//! machine does falls on both. `SCEAU_BENCH_ROUNDS` says how often (3).

mod aims;
mod bare;
mod daemon;
mod line;
mod plugins;
mod pyhanko;
mod verify;

use std::io::{self, Write as _};

use serde_json::{Value, json};

pub use aims::Aims;

use crate::fixtures;
use line::Line;

/// Documents dropped one after the other in each round.
const SINGLE: usize = 10;

/// A kind of key, as `sceau init --key-type` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// ECDSA over P-256.
    P256,
    /// RSA of 3072 bits.
    Rsa3072,
}

impl Key {
    fn word(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::Rsa3072 => "rsa3072",
        }
    }
}

/// One line of the table: a size and a key.
#[derive(Clone, Debug)]
struct Case {
    key: Key,
    label: &'static str,
    len: usize,
    /// Documents dropped at once for the throughput.
    batch: usize,
}

impl Case {
    /// A document of this size, unlike any other.
    fn document(&self, number: usize) -> Vec<u8> {
        fixtures::sized(&format!("{} {} {number}", self.key.word(), self.label), self.len)
    }
}

fn cases(key: Key) -> [Case; 3] {
    let case = |label, len, batch| Case { key, label, len, batch };
    [case("50 KB", 50_000, 200), case("1 MB", 1_000_000, 60), case("10 MB", 10_000_000, 10)]
}

/// Runs the part about plugins alone; tells whether its aim is met.
///
/// # Errors
/// Standard output cannot be written.
///
/// # Panics
/// When a plugin is not built, or the daemon fails.
pub fn run_plugins() -> io::Result<bool> {
    let mut aims = Aims::default();
    plugins::run(&mut io::stdout(), &mut aims)?;
    writeln!(io::stdout(), "\n{aims}")?;
    Ok(aims.are_met())
}

/// Runs all cases and prints the tables, then all figures as one JSON object, then the aims; tells
/// whether they are met.
///
/// # Errors
/// Standard output cannot be written.
///
/// # Panics
/// When the daemon or a peer fails: a table with holes is no table.
pub fn run() -> io::Result<bool> {
    let (mut out, rounds, mut aims) = (io::stdout(), rounds(), Aims::default());
    writeln!(out, "{} cores, {rounds} rounds; min / median / max.\n", cores())?;
    let plugins = plugins::run(&mut out, &mut aims)?;
    writeln!(out)?;
    let cases = drops(&mut out, rounds, &mut aims)?;
    writeln!(out)?;
    let verify = verify::run(&mut out, &mut aims)?;
    let all = json!({
        "cores": cores(), "rounds": rounds, "cases": cases, "verify": verify, "plugins": plugins,
    });
    writeln!(out, "\n{all:#}\n\n{aims}")?;
    Ok(aims.are_met())
}

/// From drop to delivery.
fn drops(out: &mut impl io::Write, rounds: usize, aims: &mut Aims) -> io::Result<Value> {
    writeln!(out, "{}", line::HEAD)?;
    let mut lines = Vec::new();
    for key in [Key::P256, Key::Rsa3072] {
        let (site, bare) = (daemon::Site::start(key), bare::Bare::new(key));
        for case in cases(key) {
            let line = measure(&site, &bare, &case, rounds);
            writeln!(out, "{}", line.row())?;
            line.hold(aims);
            lines.push(line.json());
        }
    }
    Ok(Value::Array(lines))
}

fn measure(site: &daemon::Site, bare: &bare::Bare, case: &Case, rounds: usize) -> Line {
    let mut line = Line::new(case);
    let mut documents = (0..).map(|number| case.document(number));
    for _ in 0..rounds {
        for document in documents.by_ref().take(SINGLE) {
            line.latency.push(site.one(&document));
            line.bare_latency.push(bare.one(&document));
        }
        let batch: Vec<Vec<u8>> = documents.by_ref().take(case.batch).collect();
        line.many.push(site.many(&batch));
        line.bare_many.push(bare.many(&batch));
    }
    line.pyhanko = pyhanko::times(&case.document(0), case.key);
    line
}

fn rounds() -> usize {
    std::env::var("SCEAU_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
