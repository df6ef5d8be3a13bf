//! The benchmark: the daemon from drop to delivery, beside the bare cost of the same durable work,
//! beside pyHanko's library, in one run on one machine.

mod bare;
mod daemon;
mod pyhanko;

use std::io::{self, Write as _};
use std::time::Duration;

use crate::fixtures;

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

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for key in [Key::P256, Key::Rsa3072] {
        for (label, len, batch) in
            [("50 KB", 50_000, 200), ("1 MB", 1_000_000, 100), ("10 MB", 10_000_000, 30)]
        {
            cases.push(Case { key, label, len, batch });
        }
    }
    cases
}

/// What was measured for one case.
#[derive(Debug)]
struct Line {
    latency: Vec<Duration>,
    throughput: f64,
    bare_latency: Duration,
    bare_throughput: f64,
    pyhanko: Duration,
}

/// Runs all cases and prints the table.
///
/// # Errors
/// Standard output cannot be written.
///
/// # Panics
/// When the daemon or a peer fails: a table with holes is no table.
pub fn run() -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "Drop to delivered, B-T, all durable. {} cores.\n", cores())?;
    writeln!(
        out,
        "| key | size | latency p50 | p95 | bare | per second | bare | ratio | pyHanko (1 core) |\n\
         |---|---|---|---|---|---|---|---|---|"
    )?;
    for key in [Key::P256, Key::Rsa3072] {
        let site = daemon::Site::start(key);
        for case in cases().into_iter().filter(|case| case.key == key) {
            let line = measure(&site, &case);
            writeln!(out, "{}", row(&case, line))?;
        }
    }
    Ok(())
}

fn measure(site: &daemon::Site, case: &Case) -> Line {
    let bare = bare::Bare::new(case.key);
    let latency = site.latency(case);
    let throughput = site.throughput(case);
    let document = case.document(0);
    Line {
        latency,
        throughput,
        bare_latency: bare.latency(&document),
        bare_throughput: bare.throughput(&document, case.batch),
        pyhanko: pyhanko::per_file(&document, case.key),
    }
}

fn row(case: &Case, mut line: Line) -> String {
    line.latency.sort();
    let at = |share: usize| line.latency[(line.latency.len() - 1) * share / 100];
    format!(
        "| {} | {} | {} | {} | {} | {:.0} | {:.0} | {:.2} | {} |",
        case.key.word(),
        case.label,
        ms(at(50)),
        ms(at(95)),
        ms(line.bare_latency),
        line.throughput,
        line.bare_throughput,
        line.throughput / line.bare_throughput,
        ms(line.pyhanko)
    )
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
