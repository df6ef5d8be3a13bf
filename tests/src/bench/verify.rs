//! `sceau verify` beside the bare cost (SHA-256 of the whole file, once for each signature) and
//! beside pyHanko and EU DSS, whose processes have started and have validated the file once before
//! they are timed. The program's own start is part of its time.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Value, json};

use super::Aims;
use crate::tsa::ForeignPki;
use crate::{fixtures, judges, memory, program};

/// How long one validation may take before its cell says so instead.
const PATIENCE: Duration = Duration::from_secs(120);
const ROUNDS: usize = 5;
const HEAD: &str = "\
| file | sceau verify, ms | CPU, ms | peak, MiB | bare, ms | ours ÷ bare | pyHanko, ms | EU DSS, ms |
|---|---|---|---|---|---|---|---|";

struct Case {
    label: &'static str,
    signatures: usize,
    write: fn(&Path) -> io::Result<()>,
    aim: Aim,
}

/// What was promised of a file.
#[derive(Clone, Copy)]
enum Aim {
    /// At most so many milliseconds, in so many MiB where that was promised too.
    Within(f64, Option<f64>),
    /// At most so many times the bare cost.
    Times(f64),
}

const CASES: [Case; 4] = [
    case("50 signatures, one page", 50, small, Aim::Within(1_000.0, None)),
    case("100 MB, 1 signature", 1, large, Aim::Times(2.0)),
    case("100 MB, 3 signatures", 3, large, Aim::Times(2.0)),
    case("10,000 pages, 320,000 objects", 1, long, Aim::Within(2_000.0, Some(128.0))),
];

const fn case(
    label: &'static str,
    signatures: usize,
    write: fn(&Path) -> io::Result<()>,
    aim: Aim,
) -> Case {
    Case { label, signatures, write, aim }
}

fn small(path: &Path) -> io::Result<()> {
    fs::write(path, fixtures::small("verify"))
}

fn large(path: &Path) -> io::Result<()> {
    fixtures::write_large(path, 100_000_000)
}

fn long(path: &Path) -> io::Result<()> {
    fs::write(path, fixtures::long(10_000))
}

/// Prints the table, and returns its figures.
pub(super) fn run(out: &mut impl io::Write, aims: &mut Aims) -> io::Result<Value> {
    writeln!(out, "{HEAD}")?;
    let mut all = Vec::new();
    for case in &CASES {
        let line = case.measure();
        writeln!(out, "{}", line.row())?;
        line.hold(case.aim, aims);
        all.push(line.json());
    }
    Ok(Value::Array(all))
}

/// What one file took.
struct Line {
    label: &'static str,
    ours: Vec<Duration>,
    cpu: Duration,
    peak: u64,
    bare: Vec<Duration>,
    pyhanko: Option<Duration>,
    dss: Option<Duration>,
}

impl Case {
    /// Ours and the bare work take turns.
    fn measure(&self) -> Line {
        let (pki, _tsa) = ForeignPki::start();
        let file = self.signed(&pki);
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        let (mut cpu, mut peak) = (Duration::MAX, 0);
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let cost = verified(&file, &pki.anchors());
            ours.push(began.elapsed());
            (cpu, peak) = (cpu.min(cost.cpu), peak.max(cost.peak));
            bare.push(hashed(&file, self.signatures));
        }
        let pyhanko = judges::time_of_pyhanko(&file, &pki.anchors(), PATIENCE);
        let dss = judges::time_of_dss(&file, &pki.anchors(), PATIENCE);
        Line { label: self.label, ours, cpu, peak, bare, pyhanko, dss }
    }

    /// The document with its signatures, each in a revision of its own.
    fn signed(&self, pki: &ForeignPki) -> PathBuf {
        let (mut now, mut next) = (pki.path("now.pdf"), pki.path("next.pdf"));
        (self.write)(&now).expect("written");
        for number in 1..=self.signatures {
            let mut sign = Command::new(program::binary());
            sign.arg("sign").arg(&now).arg(&next).arg("--p12").arg(pki.p12());
            sign.arg("--password-file").arg(pki.path("password")).args(["--level", "B-B"]);
            sign.args(["--field", &format!("Cachet{number}")]);
            program::run(&mut sign, PATIENCE).expect(0);
            fs::remove_file(&now).expect("removed");
            std::mem::swap(&mut now, &mut next);
        }
        now
    }
}

fn verified(file: &Path, anchors: &Path) -> memory::Cost {
    let mut verify = Command::new(program::binary());
    verify.arg("verify").arg(file).arg("--trust").arg(anchors);
    let cost = memory::measured(&mut verify, PATIENCE);
    assert_eq!(cost.code, Some(0), "{}", file.display());
    cost
}

/// The time of reading and hashing the file `times` times.
fn hashed(file: &Path, times: usize) -> Duration {
    let (began, mut buffer) = (Instant::now(), vec![0; 256 * 1024]);
    for _ in 0..times {
        let (mut input, mut context) = (File::open(file).expect("opened"), Context::new(&SHA256));
        loop {
            let n = input.read(&mut buffer).expect("read");
            if n == 0 {
                break;
            }
            context.update(&buffer[..n]);
        }
        std::hint::black_box(context.finish());
    }
    began.elapsed()
}

impl Line {
    fn hold(&self, aim: Aim, aims: &mut Aims) {
        let (label, ours) = (self.label, median(&self.ours));
        match aim {
            Aim::Times(most) => {
                let times = ours / median(&self.bare);
                aims.at_most(format!("sceau verify ÷ hashing: {label}"), times, most);
            }
            Aim::Within(most, memory) => {
                aims.at_most(format!("sceau verify, ms: {label}"), ours, most);
                if let Some(most) = memory {
                    let peak = self.peak as f64 / f64::from(1 << 20);
                    aims.at_most(format!("sceau verify, MiB: {label}"), peak, most);
                }
            }
        }
    }

    fn row(&self) -> String {
        let peer = |time: Option<Duration>| match time {
            Some(time) => format!("{:.0}", ms(&time)),
            None => format!("not within {} s", PATIENCE.as_secs()),
        };
        format!(
            "| {} | **{:.0}** | {:.0} | {} | {:.1} | **{:.2}** | {} | {} |",
            self.label,
            median(&self.ours),
            ms(&self.cpu),
            self.peak >> 20,
            median(&self.bare),
            median(&self.ours) / median(&self.bare),
            peer(self.pyhanko),
            peer(self.dss),
        )
    }

    fn json(&self) -> Value {
        let list = |times: &[Duration]| times.iter().map(ms).collect::<Vec<_>>();
        json!({
            "file": self.label,
            "verify_ms": list(&self.ours),
            "verify_cpu_ms": ms(&self.cpu),
            "verify_peak_bytes": self.peak,
            "bare_ms": list(&self.bare),
            "pyhanko_ms": self.pyhanko.as_ref().map(ms),
            "dss_ms": self.dss.as_ref().map(ms),
        })
    }
}

fn median(times: &[Duration]) -> f64 {
    let mut times: Vec<f64> = times.iter().map(ms).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn ms(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
