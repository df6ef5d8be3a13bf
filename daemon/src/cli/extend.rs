//! `sceau extend`: puts into a signed PDF file what its validation needs later, without its key.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::fetch::FetchPolicy;
use sceau_pades::report::{Finding, Report, SubIndication};
use sceau_pades::{Level, proven_until};
use sceau_pki::DigestAlgorithm;
use serde_json::json;

use super::exit;
use super::sign::{Authorities, Climb, Draft, Failure, common_level, judged, trusted};
use crate::file_source::FileSource;

/// Extend a signed PDF file to B-LT or B-LTA, or renew its last timestamp.
///
/// Fetches the certificates and the revocation data that the signatures in it need, stores them in
/// the file, and at B-LTA puts a document timestamp over all of it. A file at B-LTA already gets
/// newer data and a further timestamp, by the first authority whose certificates end later than those
/// of the last one: do that before they end. No byte of the input changes.
///
/// Exit code: 0 the level asked for is reached, at B-LTA by a new timestamp, and the document is valid
/// under --trust; 64 usage, 65 the document is refused, 66 unreadable input, 69 no timestamp to be had,
/// 74 I/O, 75 written, but at a lower level than asked for, not renewed, or not proven valid.
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
    /// in order when one fails, is not trusted, or ends before the last timestamp does.
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
    /// Whether a new document timestamp stands over the file.
    renewed: bool,
    /// What speaks against the document as it is now.
    against: Option<String>,
    lacking: Vec<String>,
}

impl Outcome {
    /// Whether what was asked for was done: an old timestamp that makes the level is no new one.
    fn is_as_asked(&self, level: Level) -> bool {
        let stamped = level < Level::Lta || self.renewed;
        self.reached >= Some(level) && stamped && self.against.is_none()
    }
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) async fn run(args: &ExtendArgs) -> io::Result<ExitCode> {
    match extend(args).await {
        Ok(outcome) => {
            tell(args, &outcome, &mut io::stdout().lock())?;
            let done = outcome.is_as_asked(args.level);
            Ok(ExitCode::from(if done { 0 } else { exit::LOWER_LEVEL }))
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
            "renewed": outcome.renewed,
            "against": outcome.against,
            "lacking": outcome.lacking,
        });
        serde_json::to_writer_pretty(&mut *out, &told)?;
        return writeln!(out);
    }
    match outcome.reached {
        Some(level) if level < args.level => {
            writeln!(out, "{output}: at level {level} only, not {}", args.level)?;
        }
        Some(level) if args.level == Level::Lta && !outcome.renewed => {
            writeln!(out, "{output}: at level {level} as before, not renewed")?;
        }
        Some(level) => writeln!(out, "{output}: at level {level}")?,
        None => writeln!(out, "{output}: at no level of PAdES")?,
    }
    if let Some(against) = &outcome.against {
        writeln!(out, "  not proven valid: {against}")?;
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
        authorities: Authorities { urls: &args.tsa, anchors: &anchors },
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
    let outlast = outlast(climb, draft, &before)?;
    let climbed = climb.to(draft, level, outlast).await?;
    draft.append(&[])?;
    let after = judged(draft, climb.anchors)?;
    // What spoke against it before is not ours; nothing new may.
    let new = |finding: &&Finding| {
        !before.verdict.findings.iter().any(|old| old.sub_indication == finding.sub_indication)
    };
    match after.verdict.findings.iter().find(new) {
        Some(finding) => Err(Failure::spoilt(&finding.detail)),
        None => Ok(Outcome {
            reached: common_level(&after),
            renewed: climbed.stamped,
            against: after.verdict.findings.first().map(|finding| finding.detail.clone()),
            lacking: climbed.lacking,
        }),
    }
}

/// Until when a timestamp over all of it proves already, which a further one has to outlast; where
/// something stands without, a timestamp is of use whenever it ends.
fn outlast(
    climb: &Climb<'_>,
    draft: &Draft,
    before: &Report,
) -> Result<Option<Timestamp>, Failure> {
    match common_level(before) {
        Some(Level::Lta) => Ok(proven_until(&draft.source()?, climb.anchors, Timestamp::now())?),
        _ => Ok(None),
    }
}
