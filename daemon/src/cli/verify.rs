//! `sceau verify`: judge the signatures of a PDF file, without a daemon.
//!
//! Exit codes: 0 TOTAL-PASSED, 3 INDETERMINATE (a file without any signature among them),
//! 4 TOTAL-FAILED; 64 the command line, 66 an input that cannot be read or is no PDF, 74 trouble
//! while reading. So a typing error never looks like a forgery.

mod text;
mod visual;
mod words;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::verification::validate;
use sceau_pades::report::{Indication, Report, RevocationPolicy, to_xml};
use sceau_pades::{ReadError, ValidationOptions};
use sceau_pki::{Certificate, TrustAnchors};

use super::exit;
use crate::config;
use crate::file_source::FileSource;

/// `INDETERMINATE`: what is at hand does not suffice.
const INDETERMINATE: u8 = 3;
/// `TOTAL-FAILED`: the signature does not hold.
const FAILED: u8 = 4;
/// Largest file of trust anchors read, in bytes.
const MAX_ANCHORS: u64 = 4 * 1024 * 1024;

/// Judge the signatures of a PDF file.
///
/// Nothing is trusted but the certificates given with --trust, and those that a configuration named with
/// --config trusts. Of revocation what the document itself
/// holds counts; nothing is fetched.
/// Exit code: 0 TOTAL-PASSED, 3 INDETERMINATE or no signature, 4 TOTAL-FAILED, 64 usage,
/// 66 unreadable input, 78 a configuration that cannot be read, 74 I/O (a report that cannot be written among it).
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The PDF file.
    file: PathBuf,
    /// Certificates to trust, in PEM or DER; for signers and time-stamping authorities alike. May
    /// be given several times.
    #[arg(long, value_name = "PEM")]
    trust: Vec<PathBuf>,
    /// Trust as this configuration does, too: the certificates that its [verify] and its time-stamping
    /// authorities name, and the root of its embedded authority.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Judge for this moment instead of now, as in 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Call a signature good only where the file itself holds revocation information that says so of
    /// its certificates.
    #[arg(long)]
    require_revocation: bool,
    /// The language of the text, which is English without it, and of the page of --visual, which is
    /// French without it.
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    lang: Option<Language>,
    /// Print the whole report as JSON, with the structure of ETSI TS 119 102-2.
    #[arg(long)]
    json: bool,
    /// Write the report as XML after the schema of ETSI TS 119 102-2 into this file, which must not
    /// exist.
    #[arg(long, value_name = "FILE.xml")]
    report: Option<PathBuf>,
    /// Draw the pages that changed after a signature, before and after, and show them in one page of
    /// HTML: in this directory (the current one without a value), or this file, which must not exist.
    #[arg(
        long,
        value_name = "DIR or FILE.html",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "."
    )]
    visual: Option<PathBuf>,
}

/// The languages in which a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn run(args: &VerifyArgs) -> io::Result<ExitCode> {
    let judged = judge(args).and_then(|report| write_report(args, &report).map(|()| report));
    let report = match judged.and_then(|report| show(args, report)) {
        Ok(report) => report,
        Err(failure) => {
            writeln!(io::stderr(), "sceau verify: {}", failure.message)?;
            return Ok(ExitCode::from(failure.code));
        }
    };
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        let french = args.lang == Some(Language::Fr);
        write!(out, "{}", text::render(&args.file.display().to_string(), &report, french))?;
    }
    Ok(match report.verdict.indication {
        Indication::TotalPassed => ExitCode::SUCCESS,
        Indication::Indeterminate => ExitCode::from(INDETERMINATE),
        Indication::TotalFailed => ExitCode::from(FAILED),
    })
}

/// Why nothing was judged.
struct Failure {
    code: u8,
    message: String,
}

fn judge(args: &VerifyArgs) -> Result<Report, Failure> {
    let mut options = ValidationOptions::new(anchors(args)?, args.at.unwrap_or_else(now));
    if args.require_revocation {
        options.revocation = RevocationPolicy::Required;
    }
    let source = FileSource::open(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    validate(&source, &options).map_err(|error| Failure {
        code: if is_io(&error) { exit::IO } else { exit::NO_INPUT },
        message: format!("{}: {error}", args.file.display()),
    })
}

/// Nothing is overwritten: a slip of the finger would cost a document.
fn write_report(args: &VerifyArgs, report: &Report) -> Result<(), Failure> {
    let Some(path) = &args.report else { return Ok(()) };
    let write = || fs::File::create_new(path)?.write_all(to_xml(report).as_bytes());
    write().map_err(|error| Failure {
        code: exit::IO,
        message: format!("cannot write {}: {error}", path.display()),
    })
}

/// What is drawn says nothing about the verdict: only the page that was asked for can fail.
fn show(args: &VerifyArgs, mut report: Report) -> Result<Report, Failure> {
    let Some(place) = &args.visual else { return Ok(report) };
    let shown = FileSource::open(&args.file)
        .and_then(|source| visual::draw(&source, &report))
        .and_then(|gallery| {
            report.visual = Some(visual::told(&report, &gallery));
            let french = args.lang != Some(Language::En);
            visual::write(place, &args.file, &report, &gallery, french)
        });
    let path = shown.map_err(|error| Failure {
        code: exit::IO,
        message: format!("cannot show the pages: {error}"),
    })?;
    // Whoever reads standard output reads the report.
    let _ = writeln!(io::stderr(), "sceau verify: the pages are shown in {}", path.display());
    Ok(report)
}

/// Now, to the second: nobody reads more.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn is_io(error: &ReadError) -> bool {
    error.fault() == sceau_pdf::Fault::Medium
}

fn anchors(args: &VerifyArgs) -> Result<TrustAnchors, Failure> {
    let mut anchors = TrustAnchors::default();
    let configured = args.config.as_deref().map(configured).transpose()?.unwrap_or_default();
    for file in args.trust.iter().chain(&configured) {
        for certificate in certificates(file)? {
            anchors.add(certificate);
        }
    }
    Ok(anchors)
}

/// The files that a configuration trusts. Its own root may be closed to whoever asks, who then is told
/// that it does not count; what the operator names must be there.
fn configured(file: &Path) -> Result<Vec<PathBuf>, Failure> {
    let trusted = config::trusted_by(file).ok_or_else(|| Failure {
        code: exit::CONFIG,
        message: format!("{}: no configuration; `sceau check` says why", file.display()),
    })?;
    let mut files = trusted.named;
    if let Some(root) = trusted.own_root {
        match fs::File::open(&root) {
            Ok(_) => files.push(root),
            Err(error) => {
                let root = root.display();
                let _ = writeln!(
                    io::stderr(),
                    "sceau verify: the embedded authority is not trusted: {root}: {error}"
                );
            }
        }
    }
    Ok(files)
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let size = fs::metadata(file).map_err(|error| unreadable(file, &error))?.len();
    if size > MAX_ANCHORS {
        let message = format!("{}: too large for a file of certificates", file.display());
        return Err(Failure { code: exit::NO_INPUT, message });
    }
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    Certificate::from_file(&bytes).map_err(|error| Failure {
        code: exit::NO_INPUT,
        message: format!("{}: {error}", file.display()),
    })
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    Failure { code: exit::NO_INPUT, message: format!("cannot read {}: {error}", file.display()) }
}
