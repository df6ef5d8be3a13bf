//! `sceau ca`: the cabinet's own certification authority.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_cabinet::SocieteId;
use sceau_pki::revocation::RevocationReason;
use sceau_signer::KeyType;
use serde_json::json;

use super::ask::NO;
use super::eprint;
use super::exit::{IO, USAGE};
use super::reach::{Reach, unreached};
use super::societe::seal::{key_type, state_and_secret};
use crate::authority::{AuthorityRequest, AuthorityResponse, CertificateView, Which};
use crate::config;
use crate::init::{
    CertificateFacts, IssuingOrder, IssuingOutcome, SealError, UnitOrder, UnitOutcome,
    renew_issuing, renew_unit,
};

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
    RenewTsu(RenewArgs),
    RenewIssuing(RenewIssuingArgs),
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

/// Give the internal time-stamping unit another key and certificate
///
/// For when its certificate comes to its end (the daemon warns 60 days before) or its key is to be
/// changed. The keys are opened with the secret, so this runs on the daemon's own machine, as the
/// daemon's user, while it runs or not. A TEST document is time-stamped in memory and validated; what
/// fails before leaves everything as it was. Nothing is deleted: the certificate before is kept as
/// pki/tsu.SERIAL.pem, and what it time-stamped stays valid.
///
/// The daemon reads its keys when it starts: restart it after this.
///
/// Examples:
///   sceau ca renew-tsu --config /etc/sceau/sceau.toml
///
/// Exit code: 0 made, 1 refused (no unit, an issuing authority that has ended), 74 keys or state,
/// 75 the same command is at work, 77 another user owns the state.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct RenewArgs {
    /// The file of the secret that opens the keys, in place of the one that the configuration names.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The kind of key to make: p256, p384, rsa2048, rsa3072 or rsa4096.
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = key_type)]
    key_type: KeyType,
    #[command(flatten)]
    ask: AskArgs,
}

/// Give the issuing authority its next certificate, signed by the root's key
///
/// For when its certificate comes to its end (the daemon warns 60 days before), or earlier: no seal and
/// no time-stamping unit outlives the certificate of the authority that issued it. Name and key stay, so
/// that what was issued before stays valid and is answered for; the certificate before is kept as
/// pki/issuing.SERIAL.pem. The root's next revocation list is made too.
///
/// The root's key is opened for this alone. Where it was taken out of the state (`sceau ca export-root
/// --remove`), name its file with --root-key and take it away again afterwards. The keys are opened with
/// the secret, so this runs on the daemon's own machine, as the daemon's user, while it runs or not. A
/// TEST document is sealed in memory and validated; what fails before leaves everything as it was.
///
/// The daemon reads its certificates when it starts: restart it after this. Seals and the unit that are
/// there keep their ends: `sceau societe seal CODE --renew` and `sceau ca renew-tsu` give them later ones.
///
/// Examples:
///   sceau ca renew-issuing --config /etc/sceau/sceau.toml
///   sceau ca renew-issuing --root-key /media/usb/root.p8
///
/// Exit code: 0 made, 1 refused (no root key, a root that has ended or ends too soon), 74 keys or state,
/// 75 the same command is at work, 77 another user owns the state.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct RenewIssuingArgs {
    /// The root's key as `sceau ca export-root` wrote it, where the state does not hold it.
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// The file of the secret that opens the keys, in place of the one that the configuration names.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
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
    let words = || RevocationReason::OURS.map(RevocationReason::word).join(", ");
    RevocationReason::of_word(word).ok_or_else(|| format!("none of {}", words()))
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: CaArgs) -> io::Result<ExitCode> {
    match args.order {
        CaOrder::ExportRoot(options) => Ok(super::export_root(&options)),
        CaOrder::List(ask) => tell(&ask, AuthorityRequest::List, None),
        CaOrder::RenewTsu(args) => renew_tsu(args),
        CaOrder::RenewIssuing(args) => renew_issuing_authority(args),
        CaOrder::Crl(args) => tell(&args.ask, AuthorityRequest::Crl, Some(&args.file)),
        CaOrder::Revoke(args) => {
            let by_seal = args.societe.map(Which::Seal);
            let which = by_seal.unwrap_or(Which::Serial(args.serial.unwrap_or_default()));
            tell(&args.ask, AuthorityRequest::Revoke { which, reason: args.reason }, None)
        }
    }
}

/// What the keys and certificates of the state are renewed with.
struct Ground {
    state: PathBuf,
    secret_file: PathBuf,
    pki_url: Option<String>,
}

fn renew_tsu(args: RenewArgs) -> io::Result<ExitCode> {
    let RenewArgs { secret_file, key_type, ask } = args;
    renew("renew-tsu", secret_file, &ask, |ground| {
        let Ground { state, secret_file, pki_url } = ground;
        let outcome =
            renew_unit(&UnitOrder { state, secret_file, pki_url, key_type }, Timestamp::now())?;
        Ok((unit_text(&outcome), json!(outcome)))
    })
}

fn renew_issuing_authority(args: RenewIssuingArgs) -> io::Result<ExitCode> {
    let RenewIssuingArgs { root_key, secret_file, ask } = args;
    renew("renew-issuing", secret_file, &ask, |ground| {
        let Ground { state, secret_file, pki_url } = ground;
        let order = IssuingOrder { state, secret_file, root_key, pki_url };
        let outcome = renew_issuing(&order, Timestamp::now())?;
        Ok((issuing_text(&outcome), json!(outcome)))
    })
}

/// Carries out a renewal and tells its outcome, for people or for programs.
fn renew(
    name: &str,
    secret_file: Option<PathBuf>,
    ask: &AskArgs,
    made: impl FnOnce(Ground) -> Result<(Vec<String>, serde_json::Value), SealError>,
) -> io::Result<ExitCode> {
    let (state, secret_file) = match state_and_secret(secret_file, &ask.reach) {
        Ok(places) => places,
        Err(why) => {
            eprint(&format!("sceau ca {name}: {why}"));
            return Ok(ExitCode::from(USAGE));
        }
    };
    let pki_url = config::pki_url_of(ask.reach.config());
    let mut out = io::stdout().lock();
    match made(Ground { state, secret_file, pki_url }) {
        Ok((_, told)) if ask.json => writeln!(out, "{told:#}")?,
        Ok((lines, _)) => writeln!(out, "{}", lines.join("\n"))?,
        Err(error) => {
            if ask.json && error.is_refusal() {
                writeln!(out, "{:#}", json!({ "refused": [error.to_string()] }))?;
            }
            eprint(&format!("sceau ca {name}: {error}"));
            return Ok(ExitCode::from(error.exit_code()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unit_text(outcome: &UnitOutcome) -> Vec<String> {
    let mut lines = certificate_text("Unit:", &outcome.unit);
    lines.push(format!("Key:             {}", outcome.key.display()));
    lines.extend(earlier_text(outcome.earlier.as_deref()));
    lines.push("The daemon time-stamps with it from its next start on.".to_owned());
    lines
}

fn issuing_text(outcome: &IssuingOutcome) -> Vec<String> {
    let mut lines = certificate_text("Authority:", &outcome.issuing);
    lines.extend(earlier_text(outcome.earlier.as_deref()));
    lines.push("The daemon issues with it from its next start on.".to_owned());
    lines
}

fn certificate_text(what: &str, facts: &CertificateFacts) -> Vec<String> {
    vec![
        format!("{what:<16} {} (until {})", facts.subject, facts.not_after),
        format!("                 SHA-256 {}", facts.sha256),
    ]
}

fn earlier_text(earlier: Option<&Path>) -> Option<String> {
    earlier.map(|path| format!("The one before:  {}", path.display()))
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
