//! What was measured for one case: as a row of the table, and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Aims, Case};

/// The table's head.
pub(super) const HEAD: &str = "\
| key | size | latency, ms | bare | pyHanko | bare ÷ ours | per second | bare | ours ÷ bare | CPU, ms | bare | CPU ÷ elapsed |
|---|---|---|---|---|---|---|---|---|---|---|---|";

/// The longest that one document of 50 KB may take, in milliseconds, and the least share of the bare
/// throughput.
const MOST_LATENCY: f64 = 15.0;
const LEAST_RATE: f64 = 0.5;

/// A batch of documents: how fast, and at what cost of computing time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Many {
    pub(super) documents: usize,
    pub(super) elapsed: Duration,
    /// Computing time of all processes that did the work.
    pub(super) cpu: Duration,
}

impl Many {
    fn per_second(&self) -> f64 {
        self.documents as f64 / self.elapsed.as_secs_f64()
    }

    fn cpu_ms(&self) -> f64 {
        ms(&self.cpu) / self.documents as f64
    }

    /// How many cores were at work, on average; less than all where the disk was waited for.
    fn busy(&self) -> f64 {
        self.cpu.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

/// All figures of one case.
#[derive(Debug)]
pub(super) struct Line {
    key: &'static str,
    size: &'static str,
    pub(super) latency: Vec<Duration>,
    pub(super) bare_latency: Vec<Duration>,
    pub(super) many: Vec<Many>,
    pub(super) bare_many: Vec<Many>,
    /// One document after the other, on one core.
    pub(super) pyhanko: Vec<Duration>,
}

impl Line {
    pub(super) fn new(case: &Case) -> Self {
        let (key, size) = (case.key.word(), case.label);
        let (latency, bare_latency, pyhanko) = (Vec::new(), Vec::new(), Vec::new());
        Self { key, size, latency, bare_latency, pyhanko, many: Vec::new(), bare_many: Vec::new() }
    }

    pub(super) fn row(&self) -> String {
        let cells = [
            self.key.to_owned(),
            self.size.to_owned(),
            self.latency().text(),
            self.bare_latency().text(),
            self.pyhanko().text(),
            format!("**{:.2}**", self.latency_ratio()),
            self.rate().text(),
            self.bare_rate().text(),
            format!("**{:.2}**", self.rate_ratio()),
            format!("{:.1}", self.cpu().median),
            format!("{:.1}", self.bare_cpu().median),
            format!("{:.2}", self.busy().median),
        ];
        format!("| {} |", cells.join(" | "))
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "key": self.key,
            "size": self.size,
            "latency_ms": self.latency().json(),
            "bare_latency_ms": self.bare_latency().json(),
            "pyhanko_ms": self.pyhanko().json(),
            "per_second": self.rate().json(),
            "bare_per_second": self.bare_rate().json(),
            "cpu_ms_each": self.cpu().json(),
            "bare_cpu_ms_each": self.bare_cpu().json(),
            "cores_at_work": self.busy().json(),
            "bare_latency_to_ours": self.latency_ratio(),
            "throughput_to_bare": self.rate_ratio(),
            "pyhanko_to_our_latency": self.pyhanko().median / self.latency().median,
        })
    }

    /// Notes what was promised.
    pub(super) fn hold(&self, aims: &mut Aims) {
        let case = format!("{}, {}", self.size, self.key);
        if self.size == "50 KB" {
            let what = format!("latency, ms: {case}");
            aims.at_most(what, self.latency().median, MOST_LATENCY);
        }
        aims.at_least(format!("throughput ÷ bare: {case}"), self.rate_ratio(), LEAST_RATE);
    }

    fn latency(&self) -> Spread {
        Spread::of(self.latency.iter().map(ms))
    }

    fn bare_latency(&self) -> Spread {
        Spread::of(self.bare_latency.iter().map(ms))
    }

    fn pyhanko(&self) -> Spread {
        Spread::of(self.pyhanko.iter().map(ms))
    }

    fn rate(&self) -> Spread {
        Spread::of(self.many.iter().map(Many::per_second))
    }

    fn bare_rate(&self) -> Spread {
        Spread::of(self.bare_many.iter().map(Many::per_second))
    }

    fn cpu(&self) -> Spread {
        Spread::of(self.many.iter().map(Many::cpu_ms))
    }

    fn bare_cpu(&self) -> Spread {
        Spread::of(self.bare_many.iter().map(Many::cpu_ms))
    }

    fn busy(&self) -> Spread {
        Spread::of(self.many.iter().map(Many::busy))
    }

    fn latency_ratio(&self) -> f64 {
        self.bare_latency().median / self.latency().median
    }

    fn rate_ratio(&self) -> f64 {
        self.rate().median / self.bare_rate().median
    }
}

/// The least, the middle and the most of some figures.
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = figures.collect();
        all.sort_by(f64::total_cmp);
        let at = |index: usize| all.get(index).copied().unwrap_or(f64::NAN);
        Self { min: at(0), median: at(all.len() / 2), max: at(all.len().saturating_sub(1)) }
    }

    fn text(&self) -> String {
        format!("{:.1} / **{:.1}** / {:.1}", self.min, self.median, self.max)
    }

    fn json(&self) -> Value {
        json!({ "min": self.min, "median": self.median, "max": self.max })
    }
}

fn ms(time: &Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
