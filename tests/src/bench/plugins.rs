//! What plugins cost a whole run: the same documents through a workflow with a routing and a validating
//! plugin, and through one without. Both take turns, batch by batch, in one daemon.
//!
//! `SCEAU_BENCH_DOSSIERS` says how many each way has (1,000). The plugins are the bundled ones, built by
//! `tests/bench.sh`; the documents are small, so that sealing them hides as little as may be.

use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::Aims;
use super::daemon::Site;
use super::line::Many;
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
    let dossiers = dossiers();
    let cabinet = cabinet();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let site = Site::of(cabinet, daemon);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    // The first run of a plugin compiles or loads it.
    site.many_in(HOSTED, &documents("warm", 2));
    site.many_in(BARE, &documents("warm too", 2));
    for at in (0..dossiers).step_by(BATCH) {
        let count = BATCH.min(dossiers - at);
        without.push(site.many_in(BARE, &documents(&format!("sans {at}"), count)));
        with.push(site.many_in(HOSTED, &documents(&format!("avec {at}"), count)));
    }
    let (with, without) = (cpu(&with), cpu(&without));
    let share = with.as_secs_f64() / without.as_secs_f64() - 1.0;
    let each = |cpu: Duration| cpu.as_secs_f64() * 1_000.0 / dossiers as f64;
    writeln!(out, "| dossiers | CPU each without plugins, ms | with route and validate | added |")?;
    writeln!(out, "|---|---|---|---|")?;
    writeln!(
        out,
        "| {dossiers} | {:.2} | {:.2} | **{:+.1} %** |",
        each(without),
        each(with),
        share * 100.0
    )?;
    aims.at_most("share of computing time that plugins add", share, MOST);
    Ok(json!({
        "dossiers": dossiers,
        "cpu_ms_each_without": each(without),
        "cpu_ms_each_with": each(with),
        "added": share,
        "most": MOST,
    }))
}

fn dossiers() -> usize {
    let asked = std::env::var("SCEAU_BENCH_DOSSIERS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(1_000).max(1)
}

fn cpu(batches: &[Many]) -> Duration {
    batches.iter().map(|many| many.cpu).sum()
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
