//! `sceau extend`: puts into a signed PDF file what its validation needs later, without its key.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_engine::fetch::FetchPolicy;
use sceau_pades::Level;
use sceau_pades::report::{Finding, SubIndication};
use sceau_pki::DigestAlgorithm;
use serde_json::json;

use super::exit;
use super::sign::{Authorities, Climb, Draft, Failure, common_level, judged, trusted};
use crate::file_source::FileSource;

/// Extend a signed PDF file to B-LT or B-LTA, or renew its last timestamp.
///
/// Fetches the certificates and the revocation data that the signatures in it need, stores them in
/// the file, and at B-LTA puts a document timestamp over all of it. A file at B-LTA already gets
/// newer data and a further timestamp: do that before the certificate of the last one ends. No byte
/// of the input changes.
///
/// Exit code: 0 the level asked for is reached, 64 usage, 65 the document is refused, 66 unreadable
/// input, 69 no timestamp to be had, 74 I/O, 75 written, but at a lower level than asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct ExtendArgs {
    /// The signed PDF file; it is not changed.
    input: PathBuf,
    /// The extended file.
    output: PathBuf,
    /// B-LT or B-LTA.
    #[arg(long, value_name = "LEVEL")]
    level: Level,
    /// A time-stamping authority (RFC 3161 over http or https), for B-LTA; more of them are asked
    /// in order when one fails.
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,
    /// A PEM file with the root certificates to which the chains lead; may be repeated.
    #[arg(long, value_name = "FILE", required = true)]
    trust: Vec<PathBuf>,
    /// Wait until there is revocation data newer than the signature timestamps.
    /// Longer than 26 hours is not waited: then what was reached is written, with exit code 75.
    #[arg(long)]
    wait: bool,
    /// Ask addresses of this machine and of private networks too, where certificates name them.
    #[arg(long)]
    allow_private_network: bool,
    /// Replace the output where it exists.
    #[arg(long)]
    force: bool,
    /// Tell the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// What came of it.
struct Outcome {
    reached: Option<Level>,
    lacking: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) async fn run(args: &ExtendArgs) -> io::Result<ExitCode> {
    match extend(args).await {
        Ok(outcome) => {
            tell(args, &outcome, &mut io::stdout().lock())?;
            let reached = outcome.reached >= Some(args.level);
            Ok(ExitCode::from(if reached { 0 } else { exit::LOWER_LEVEL }))
        }
        Err(failure) => {
            writeln!(io::stderr(), "sceau extend: {failure}")?;
            Ok(ExitCode::from(failure.code()))
        }
    }
}

fn tell(args: &ExtendArgs, outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let output = args.output.display().to_string();
    if args.json {
        let told = json!({
            "version": 1,
            "output": output,
            "level": outcome.reached,
            "asked": args.level,
            "lacking": outcome.lacking,
        });
        serde_json::to_writer_pretty(&mut *out, &told)?;
        return writeln!(out);
    }
    match outcome.reached {
        Some(level) if level >= args.level => writeln!(out, "{output}: at level {level}")?,
        Some(level) => writeln!(out, "{output}: at level {level} only, not {}", args.level)?,
        None => writeln!(out, "{output}: at no level of PAdES")?,
    }
    outcome.lacking.iter().try_for_each(|one| writeln!(out, "  {one}"))
}

async fn extend(args: &ExtendArgs) -> Result<Outcome, Failure> {
    if args.level < Level::Lt {
        return Err(Failure::Usage("--level is B-LT or B-LTA: below, a key signs".to_owned()));
    }
    if args.level == Level::Lta && args.tsa.is_empty() {
        return Err(Failure::Usage("--level B-LTA needs --tsa".to_owned()));
    }
    let anchors = trusted(&args.trust)?;
    let source = FileSource::open(&args.input).map_err(|e| Failure::unreadable(&args.input, e))?;
    let draft = Draft::create(&args.output, args.force)?;
    let climb = Climb {
        authorities: Authorities { urls: &args.tsa },
        anchors: &anchors,
        policy: FetchPolicy { allow_private: args.allow_private_network, ..FetchPolicy::default() },
        wait: args.wait,
        of: None,
    };
    match fill(&climb, &source, &draft, args.level).await {
        Ok(outcome) => draft.publish(args.force).map(|()| outcome),
        Err(failure) => {
            draft.discard();
            Err(failure)
        }
    }
}

async fn fill(
    climb: &Climb<'_>,
    source: &FileSource,
    draft: &Draft,
    level: Level,
) -> Result<Outcome, Failure> {
    draft.copy(source, DigestAlgorithm::Sha256)?;
    let before = judged(draft, climb.anchors)?;
    if before.verdict.sub_indication == Some(SubIndication::NoSignature) {
        return Err(Failure::spoilt("the document has no signature"));
    }
    let lacking = climb.to(draft, level).await?;
    draft.append(&[])?;
    let after = judged(draft, climb.anchors)?;
    // What spoke against it before is not ours; nothing new may.
    let new = |finding: &&Finding| {
        !before.verdict.findings.iter().any(|old| old.sub_indication == finding.sub_indication)
    };
    match after.verdict.findings.iter().find(new) {
        Some(finding) => Err(Failure::spoilt(&finding.detail)),
        None => Ok(Outcome { reached: common_level(&after), lacking }),
    }
}
