//! What plugins cost a whole run: the same documents through a workflow with a routing and a validating
//! plugin, and through one without. Both take turns, batch by batch, in one daemon.
//!
//! `SCEAU_BENCH_DOSSIERS` says how many each way has (1,000), `SCEAU_BENCH_ROUNDS` how often (3). What is told is the
//! median of what a batch costs, and of how much more its pair with plugins does: other work of the machine falls on
//! single batches. The share of the sums stands beside. The plugins are the bundled ones, built by
//! `tests/bench.sh`; the documents are small, so that sealing them hides as little as may be.

use std::fs;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Aims;
use super::daemon::Site;
use crate::cabinet::Cabinet;
use crate::daemon::Daemon;
use crate::{fixtures, root};

/// Documents dropped at once.
const BATCH: usize = 50;
/// What plugins may add to the whole run's computing time, as a share.
const MOST: f64 = 0.10;

const BARE: &str = "sans";
const HOSTED: &str = "avec";

/// Runs it and prints the ratio.
///
/// # Errors
/// Standard output cannot be written.
///
/// # Panics
/// When a plugin is not built, or the daemon fails.
pub(super) fn run(out: &mut impl Write, aims: &mut Aims) -> io::Result<Value> {
    let (dossiers, rounds) = (dossiers(), super::rounds().max(1));
    let cabinet = cabinet();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let site = Site::of(cabinet, daemon);
    // The first run of a plugin compiles or loads it.
    site.many_in(HOSTED, &documents("warm", 2));
    site.many_in(BARE, &documents("warm too", 2));
    let sizes = (0..dossiers).step_by(BATCH).map(|at| BATCH.min(dossiers - at));
    let sizes: Vec<usize> = (0..rounds).flat_map(|_| sizes.clone()).collect();
    let pairs: Vec<Pair> =
        sizes.into_iter().enumerate().map(|(at, count)| Pair::of(&site, at, count)).collect();
    let (with, without) = (total(&pairs, |pair| pair.with), total(&pairs, |pair| pair.without));
    let in_all = with / without - 1.0;
    let without = median(pairs.iter().map(|pair| pair.without));
    let added = median(pairs.iter().map(|pair| pair.with - pair.without));
    let share = added / without;
    writeln!(
        out,
        "| dossiers each way | CPU each without plugins, ms | route and validate add, ms | share | of the sums |"
    )?;
    writeln!(out, "|---|---|---|---|---|")?;
    writeln!(
        out,
        "| {rounds} × {dossiers} | {without:.2} | {added:.2} | **{:+.1} %** | {:+.1} % |",
        share * 100.0,
        in_all * 100.0
    )?;
    aims.at_most("share of computing time that plugins add", share, MOST);
    Ok(json!({
        "dossiers": dossiers,
        "rounds": rounds,
        "cpu_ms_each_without": without,
        "cpu_ms_each_added": added,
        "added": share,
        "added_in_all": in_all,
        "most": MOST,
    }))
}

/// A batch without plugins and one with them, one right after the other: what a document costs of computing time, in
/// milliseconds.
struct Pair {
    dossiers: f64,
    without: f64,
    with: f64,
}

impl Pair {
    /// Which of both comes first changes from pair to pair: a machine that grows slower favours neither.
    fn of(site: &Site, at: usize, count: usize) -> Self {
        let spent = |folder| {
            let many = site.many_in(folder, &documents(&format!("{folder} {at}"), count));
            many.cpu.as_secs_f64() * 1_000.0 / count as f64
        };
        let (without, with) = if at.is_multiple_of(2) {
            let without = spent(BARE);
            (without, spent(HOSTED))
        } else {
            let with = spent(HOSTED);
            (spent(BARE), with)
        };
        Self { dossiers: count as f64, without, with }
    }
}

fn total(pairs: &[Pair], each: impl Fn(&Pair) -> f64) -> f64 {
    pairs.iter().map(|pair| pair.dossiers * each(pair)).sum()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = ((values.len() - 1) / 2, values.len() / 2);
    f64::midpoint(values[low], values[high])
}

fn dossiers() -> usize {
    let asked = std::env::var("SCEAU_BENCH_DOSSIERS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(1_000).max(1)
}

/// Attestations that the validating plugin accepts, each unlike any other.
fn documents(what: &str, count: usize) -> Vec<Vec<u8>> {
    let text =
        "ATTESTATION exercice clos le 31/12/2025 SIREN 732829320 Fait a Lyon expert-comptable";
    (0..count).map(|number| fixtures::small(&format!("{text} {what} {number}"))).collect()
}

/// A cabinet with both workflows, and the bundled plugins installed.
fn cabinet() -> Cabinet {
    let mut cabinet = Cabinet::new();
    for name in [BARE, HOSTED] {
        let folder = (name.to_owned(), name.to_owned(), "stability = \"0s\"".to_owned());
        cabinet.folders.push(folder);
    }
    cabinet.extra = ["router", "attestation-check"]
        .map(|plugin| format!("\n[[plugins.grant]]\nplugin = \"{plugin}\"\ndocuments = true\n"))
        .concat();
    workflows(&cabinet);
    cabinet.write_config();
    for id in ["router", "attestation-check"] {
        let folder = root().join("plugins").join(id).display().to_string();
        cabinet.admin(["plugin", "install", &folder, "--yes"]).expect(0);
    }
    cabinet
}

fn workflows(cabinet: &Cabinet) {
    let rest = "\n[[step]]\nkind = \"seal\"\n\n[[step]]\nkind = \"deliver\"\n";
    let plugin = |id: &str, does: &str, more: &str| {
        let version = version(id);
        format!(
            "\n[[step]]\nid = \"{does}\"\nkind = \"plugin\"\nplugin = \"{id}\"\nversion = \"{version}\"\n\
             does = \"{does}\"\n{more}"
        )
    };
    let route = "outcomes = { attestation = \"continue\", reste = \"continue\" }\n\
        [step.settings]\notherwise = \"reste\"\n\
        [[step.settings.rule]]\noutcome = \"attestation\"\ntext = [\"attestation\", \"exercice clos\"]\n";
    let steps =
        plugin("router", "route", route) + &plugin("attestation-check", "validate", "") + rest;
    for (name, steps) in [(BARE, rest.to_owned()), (HOSTED, steps)] {
        let head = format!(
            "schema = 1\nname = \"{name}\"\ntitle = {{ fr = \"Mesure\", en = \"Measure\" }}\n"
        );
        let file = cabinet.path(format!("config/workflows/{name}.toml"));
        fs::write(file, head + &steps).expect("a workflow");
    }
}

/// The version that the plugin's manifest tells.
fn version(id: &str) -> String {
    let manifest = fs::read_to_string(root().join("plugins").join(id).join("plugin.toml"));
    let manifest = manifest.expect("a manifest");
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    line.expect("a version").trim_end_matches('"').to_owned()
}
