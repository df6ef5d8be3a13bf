//! `sceau demo`: a throw-away cabinet, a real PDF dropped, each step told as it happens, the
//! delivered file validated.

mod place;
mod story;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sceau_engine::verification::validate;
use sceau_pades::ValidationOptions;
use sceau_pades::report::Report;
use sceau_pki::chain::TrustAnchors;
use sceau_workflow::definition::StepParsers;
use sceau_workflow::faults::Faults;

use crate::cli::{eprint, exit};
use crate::config;
use crate::file_source::FileSource;
use crate::run::{Service, Signals, wait_for_end};

/// How long the whole way of the sample may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Show the whole of Sceau at work: a throw-away cabinet, a PDF dropped, sealed, delivered.
///
/// Nothing outside its directory is touched, and no address is contacted.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Where to make the cabinet; it must not exist. Default: a new directory for temporary files.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// End after the sample is delivered, rather than keep the daemon running.
    #[arg(long)]
    exit: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> io::Result<ExitCode> {
    let dir = args.dir.clone().unwrap_or_else(place::temporary);
    match show(&dir, args.exit) {
        Ok(code) => Ok(code),
        Err(why) => {
            eprint(&format!("sceau demo: {why}"));
            Ok(ExitCode::from(exit::IO))
        }
    }
}

fn show(dir: &Path, exit: bool) -> Result<ExitCode, String> {
    let say = |line: &str| writeln!(io::stdout(), "{line}").map_err(|error| error.to_string());
    let dir = place::make(dir)?;
    say(&format!("1. A throw-away cabinet in {}", dir.display()))?;
    place::found(&dir)?;
    say("   Cabinet Martin, its own certification authority, its seal, its time-stamping unit.")?;
    say("   Claire Martin (expert-comptable) lets Paul Durand seal through the watched folders.")?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let file = dir.join("config/sceau.toml");
    let config = config::load(&file, None, &StepParsers::standard())
        .map_err(|faults| Faults::render(&faults).to_string())?;
    let service = Service::start(&config, &runtime).map_err(|error| error.to_string())?;
    let outcome = drop_and_follow(&service, &dir, &say);
    let code = match &outcome {
        Ok(_) if !exit => stay(&service, &runtime, &dir, &say).map(|()| ExitCode::SUCCESS),
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(why) => Err(why.clone()),
    };
    service.stop(&runtime);
    code
}

fn drop_and_follow(
    service: &Service,
    dir: &Path,
    say: &dyn Fn(&str) -> Result<(), String>,
) -> Result<(), String> {
    let folder = dir.join("watch-folders/attestation");
    say("2. The daemon watches its folders; the keys are in a process of their own.")?;
    say("3. A PDF is dropped: watch-folders/attestation/Attestation Boulangerie.pdf")?;
    let begun = Instant::now();
    place::drop_sample(&folder)?;
    let dossier = story::follow(service.handle(), begun + PATIENCE, say)?;
    let sealed = folder.join("livres/Attestation Boulangerie.pdf");
    say(&format!("   dossier {dossier}, {} ms after the drop", begun.elapsed().as_millis()))?;
    say("4. The delivered file, validated again from the disk:")?;
    let report = judge(&sealed, &dir.join("state/pki/root.pem"))?;
    story::tell_report(&report, say)?;
    if !report.verdict.passed() {
        return Err("the delivered file does not validate".to_owned());
    }
    say(&format!("\nThe sealed PDF:    {}", sealed.display()))?;
    say(&format!("Its evidence file: {}.preuve.json", sealed.display()))?;
    say(&format!("Trust anchor:      {}", dir.join("state/pki/root.pem").display()))?;
    say(
        "This seal stands under the demo's own authority: it is not “qualified”, and its time stamp \
         is not independent.",
    )
}

fn judge(pdf: &Path, root: &Path) -> Result<Report, String> {
    let shown = |error: &dyn std::fmt::Display| format!("{}: {error}", pdf.display());
    let source = FileSource::open(pdf).map_err(|error| shown(&error))?;
    let pem = std::fs::read(root).map_err(|error| shown(&error))?;
    let anchors = TrustAnchors::from_pem(&pem).map_err(|error| shown(&error))?;
    let options = ValidationOptions::new(anchors, Timestamp::now());
    validate(&source, &options).map_err(|error| shown(&error))
}

fn stay(
    service: &Service,
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    say: &dyn Fn(&str) -> Result<(), String>,
) -> Result<(), String> {
    // Before anybody is told how to end it.
    let signals = Signals::listen(runtime).map_err(|error| error.to_string())?;
    say(&format!(
        "\nThe daemon keeps running. Drop PDFs into {}, ask with",
        dir.join("watch-folders").display()
    ))?;
    say(&format!("  sceau dossier list --state {}", dir.join("state").display()))?;
    say("and end it with Ctrl-C.")?;
    runtime.block_on(wait_for_end(service, signals)).map_or(Ok(()), Err)
}
