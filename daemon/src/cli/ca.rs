//! `sceau ca`: the cabinet's own certification authority.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sceau_cabinet::SocieteId;
use sceau_pki::profile::RevocationReason;
use serde_json::json;

use super::ask::NO;
use super::eprint;
use super::exit::IO;
use super::reach::{Reach, unreached};
use crate::authority::{AuthorityRequest, AuthorityResponse, CertificateView, Which};

/// The cabinet's own certification authority.
#[derive(Debug, clap::Args)]
pub(crate) struct CaArgs {
    #[command(subcommand)]
    order: CaOrder,
}

#[derive(Debug, clap::Subcommand)]
enum CaOrder {
    /// Copy the root's key, encrypted as it is, to a file that is kept off this machine.
    ExportRoot(crate::init::ExportRootOptions),
    Revoke(RevokeArgs),
    /// List the certificates that the authority answers for, and which are revoked
    List(AskArgs),
    Crl(CrlArgs),
}

/// Revoke a certificate of the cabinet's own authority
///
/// It cannot be taken back. The daemon seals nothing more with it, its OCSP responder and its
/// revocation list tell it from now on; documents that were time-stamped before stay valid, unless the
/// reason is key-compromise and whoever validates them says otherwise. A new seal is made by
/// `sceau societe seal CODE --renew`.
///
/// Examples:
///   sceau ca list
///   sceau ca revoke 5f3a... --reason superseded
///   sceau ca revoke --societe martin-audit --reason key-compromise
///
/// Exit code: 0 revoked, 1 refused (unknown, revoked already), 69 no daemon answers.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct RevokeArgs {
    /// The certificate's serial number, in hexadecimal.
    #[arg(required_unless_present = "societe", conflicts_with = "societe")]
    serial: Option<String>,
    /// Revoke the seal of this société that is in force.
    #[arg(long, value_name = "CODE")]
    societe: Option<SocieteId>,
    /// Why: unspecified, key-compromise, affiliation-changed, superseded, cessation-of-operation,
    /// privilege-withdrawn.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: RevocationReason,
    #[command(flatten)]
    ask: AskArgs,
}

/// Write the revocation list that is in force to a file (DER)
#[derive(Debug, clap::Args)]
struct CrlArgs {
    /// The file; it is replaced where it exists.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    ask: AskArgs,
}

#[derive(Debug, clap::Args)]
struct AskArgs {
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn reason(word: &str) -> Result<RevocationReason, String> {
    let words = || RevocationReason::ALL.map(RevocationReason::as_str).join(", ");
    RevocationReason::parse(word).ok_or_else(|| format!("none of {}", words()))
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: CaArgs) -> io::Result<ExitCode> {
    match args.order {
        CaOrder::ExportRoot(options) => Ok(super::export_root(&options)),
        CaOrder::List(ask) => tell(&ask, AuthorityRequest::List, None),
        CaOrder::Crl(args) => tell(&args.ask, AuthorityRequest::Crl, Some(&args.file)),
        CaOrder::Revoke(args) => {
            let by_seal = args.societe.map(Which::Seal);
            let which = by_seal.unwrap_or(Which::Serial(args.serial.unwrap_or_default()));
            tell(&args.ask, AuthorityRequest::Revoke { which, reason: args.reason }, None)
        }
    }
}

fn tell(ask: &AskArgs, request: AuthorityRequest, file: Option<&Path>) -> io::Result<ExitCode> {
    let response = match ask.reach.client().authority(request) {
        Ok(response) => response,
        Err(error) => return Ok(unreached(&error)),
    };
    let mut out = io::stdout().lock();
    match response {
        AuthorityResponse::Refused { why } => {
            if ask.json {
                writeln!(out, "{:#}", json!({ "refused": [why] }))?;
            }
            eprint(&format!("refused: {why}"));
            return Ok(ExitCode::from(NO));
        }
        AuthorityResponse::Crl { der } => return Ok(write_list(file, &der)),
        AuthorityResponse::Certificates { certificates } if ask.json => {
            writeln!(out, "{:#}", json!(certificates))?;
        }
        AuthorityResponse::Certificates { certificates } => {
            certificates.iter().try_for_each(|one| line(one, &mut out))?;
        }
        AuthorityResponse::Revoked { certificate } if ask.json => {
            writeln!(out, "{:#}", json!(certificate))?;
        }
        AuthorityResponse::Revoked { certificate } => line(&certificate, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn line(one: &CertificateView, out: &mut impl Write) -> io::Result<()> {
    let CertificateView { serial, subject, not_after, revoked_at, reason } = one;
    let reason = reason.as_deref().unwrap_or("unspecified");
    let revoked = revoked_at.map_or(String::new(), |at| format!("  REVOKED {at} ({reason})"));
    writeln!(out, "{serial}  until {not_after}  {subject}{revoked}")
}

fn write_list(file: Option<&Path>, der: &str) -> ExitCode {
    let Some(file) = file else { return ExitCode::from(IO) };
    let der = hex::decode(der).map_err(io::Error::other);
    match der.and_then(|der| std::fs::write(file, der)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint(&format!("sceau ca crl: {}: {error}", file.display()));
            ExitCode::from(IO)
        }
    }
}
