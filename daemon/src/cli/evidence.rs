//! `sceau evidence verify`: holds an evidence file against its PDF, without a daemon.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::evidence::{Check, PdfDigests, original_len, verify};
use sceau_engine::verification::validate;
use sceau_pades::ValidationOptions;
use sceau_pdf::ByteSource;
use sceau_pki::chain::TrustAnchors;
use sceau_pki::{DigestAlgorithm, Hasher};
use sceau_workflow::machine::Digest;
use serde_json::json;

use super::{eprint, exit};
use crate::file_source::FileSource;

/// Bytes hashed in one go.
const CHUNK: usize = 1 << 20;
/// The largest file that is read whole, in bytes.
const MOST_READ: u64 = 64 << 20;

/// Work with evidence files.
#[derive(Debug, clap::Args)]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    order: Order,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    /// Hold an evidence file against the PDF that was delivered with it.
    ///
    /// Exit code: 0 when everything agrees and the signature is valid, 3 when everything agrees and
    /// the signature cannot be judged with the given trust anchors, 4 when something does not agree or
    /// the signature does not hold, 64 usage, 66 unreadable input, 74 I/O.
    Verify {
        /// The evidence file (`….preuve.json`).
        evidence: PathBuf,
        /// The PDF.
        pdf: PathBuf,
        /// Certificates that are trusted, in PEM; may be given several times.
        #[arg(long, value_name = "PEM")]
        trust: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(crate) fn run(args: &EvidenceArgs) -> io::Result<ExitCode> {
    let Order::Verify { evidence, pdf, trust, json } = &args.order;
    match hold(evidence, pdf, trust) {
        Ok(held) => tell(&held, *json),
        Err(Failure { code, message }) => {
            eprint(&format!("sceau evidence: {message}"));
            Ok(ExitCode::from(code))
        }
    }
}

struct Held {
    checks: Vec<Check>,
    verdict: sceau_pades::report::Verdict,
}

/// Why nothing was held against anything.
struct Failure {
    code: u8,
    message: String,
}

/// The input is not what it should be, or cannot be opened.
fn unfit(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure { code: exit::NO_INPUT, message: format!("{}: {error}", path.display()) }
}

/// Reading failed underway.
fn broken(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure { code: exit::IO, ..unfit(path, error) }
}

fn hold(evidence: &Path, pdf: &Path, trust: &[PathBuf]) -> Result<Held, Failure> {
    let bytes = read(evidence)?;
    let before = original_len(&bytes).map_err(|e| unfit(evidence, e))?;
    let source = FileSource::open(pdf).map_err(|e| unfit(pdf, e))?;
    let digests = digests(&source, before).map_err(|e| broken(pdf, e))?;
    let mut anchors = TrustAnchors::default();
    for path in trust {
        let more = TrustAnchors::from_pem(&read(path)?).map_err(|e| unfit(path, e))?;
        more.certificates().iter().for_each(|certificate| anchors.add(certificate.clone()));
    }
    let options = ValidationOptions::new(anchors, Timestamp::now());
    let report = validate(&source, &options).map_err(|error| match error.fault() {
        sceau_pdf::Fault::Medium => broken(pdf, error),
        _ => unfit(pdf, error),
    })?;
    let checks = verify(&bytes, &digests, &report).map_err(|e| unfit(evidence, e))?;
    Ok(Held { checks, verdict: report.verdict })
}

/// An evidence file, or one of certificates.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(|e| unfit(path, e))?;
    let mut bytes = Vec::new();
    match file.take(MOST_READ + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 <= MOST_READ => Ok(bytes),
        Ok(_) => Err(unfit(path, "this is too large")),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Err(unfit(path, error)),
        Err(error) => Err(broken(path, error)),
    }
}

/// The digests of the whole and of the original at its beginning, in one pass.
fn digests(source: &dyn ByteSource, before: u64) -> io::Result<PdfDigests> {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    let mut at_original = None;
    let mut buffer = vec![0; CHUNK];
    let mut offset = 0;
    while offset < source.len() {
        let end = if offset < before { before.min(source.len()) } else { source.len() };
        let len = usize::try_from(end - offset).unwrap_or(CHUNK).min(CHUNK);
        source.read_at(offset, &mut buffer[..len])?;
        hasher.update(&buffer[..len]);
        offset += len as u64;
        if offset == before {
            at_original = Some(finish(hasher.clone())?);
        }
    }
    Ok(PdfDigests { whole: finish(hasher)?, before: at_original, len: source.len() })
}

fn finish(hasher: Hasher) -> io::Result<Digest> {
    let bytes = hasher.finish();
    let digest: [u8; 32] = bytes.try_into().map_err(|_| io::Error::other("not a SHA-256"))?;
    Ok(Digest::new(digest))
}

fn tell(held: &Held, json: bool) -> io::Result<ExitCode> {
    use sceau_pades::report::Indication;
    let agrees = held.checks.iter().all(|check| check.agrees);
    let mut out = io::stdout().lock();
    if json {
        let value = json!({ "agrees": agrees, "checks": held.checks, "signature": held.verdict });
        writeln!(out, "{value:#}")?;
    } else {
        for check in &held.checks {
            writeln!(out, "{}", line(check))?;
        }
        writeln!(out, "signature: {}", held.verdict.indication.name())?;
    }
    Ok(match (agrees, held.verdict.indication) {
        (false, _) | (true, Indication::TotalFailed) => ExitCode::from(4),
        (true, Indication::Indeterminate) => ExitCode::from(3),
        (true, Indication::TotalPassed) => ExitCode::SUCCESS,
    })
}

/// One check on one line; what it was held against stands in brackets, where there is something to show.
fn line(check: &Check) -> String {
    let word = if check.agrees { "agrees  " } else { "DIFFERS " };
    match check.detail.as_str() {
        "" => format!("{word} {}", check.what),
        detail => format!("{word} {} ({detail})", check.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_without_a_detail_shows_no_empty_brackets() {
        let check = |detail: &str| Check { what: "it is so", agrees: true, detail: detail.into() };
        assert_eq!(line(&check("")), "agrees   it is so");
        assert_eq!(line(&check("this")), "agrees   it is so (this)");
    }
}
