//! `sceau societe seal`: gives a société the key and the certificate that its seal needs.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_cabinet::SocieteId;
use sceau_signer::{KeyType, credential_path};

use crate::cli::ask::NO;
use crate::cli::eprint;
use crate::cli::exit::USAGE;
use crate::cli::reach::Reach;
use crate::config::{self, SecretSource};
use crate::init::{Named, SealError, SealOrder, SealOutcome, seal};
use crate::keys::KeyArgs;

/// Give a société its seal: a key and a certificate
///
/// Until then its dossiers stop with the code `configuration`. The embedded authority issues the
/// certificate, in the name and with the SIREN that the société has on record; --p12 takes one that
/// a provider issued instead, and --pkcs11-module a key that stays in a token: with the certificate
/// that the token (or --certificate) holds for it, else with one that the embedded authority issues.
/// The PIN's file or credential is read each time the daemon starts. The keys are opened with the secret, so this runs on the daemon's own
/// machine, as the daemon's user, while it runs or not. At the end a TEST document is sealed in
/// memory and validated; what fails before leaves everything as it was.
///
/// The daemon reads its keys when it starts: restart it after this.
///
/// --renew makes a new key and certificate when those in force come to their end (the daemon warns
/// 60 days before). Nothing is deleted: the certificate before is kept as
/// pki/seal-CODE.SERIAL.pem, its key stays in keys/, and documents that it sealed stay valid by
/// their time stamps.
///
/// Examples:
///   sceau societe add martin-audit --name "Martin Audit" --siren 552100554
///   sceau societe seal martin-audit --config /etc/sceau/sceau.toml
///   sceau societe seal martin-audit --renew --p12 seal.p12 --p12-password-file seal.pass
///   sceau societe seal martin-audit --pkcs11-module /usr/lib/softhsm/libsofthsm2.so \
///     --pkcs11-token Cabinet --pkcs11-key cachet --pin-file /etc/sceau/pin --pss --digest sha384
/// Where the secret is a credential of systemd:
///   systemd-run --pipe --wait -p User=sceau -p LoadCredential=sceau-secret:/etc/sceau/secret \
///     sceau societe seal martin-audit --config /etc/sceau/sceau.toml
///
/// Exit code: 0 made, 1 refused (unknown or closed société, a seal that there is), 65 the PKCS#12
/// file, 69 the token, 74 keys or state, 75 the same command is at work, 77 another user owns the state.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct SealArgs {
    /// The société's code.
    code: SocieteId,
    #[command(flatten)]
    key: KeyArgs,
    /// Put a new key and certificate in the place of those in force.
    #[arg(long)]
    renew: bool,
    /// The file of the secret that opens the keys, in place of the one that the configuration names.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The kind of key to make: p256, p384, rsa2048, rsa3072 or rsa4096.
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = key_type, conflicts_with_all = ["p12", "pkcs11_module"])]
    key_type: KeyType,
    /// Seal the TEST document with the given seal instead of a throw-away one.
    #[arg(long)]
    test_real_seal: bool,
}

/// A kind of key by its word.
pub(in crate::cli) fn key_type(word: &str) -> Result<KeyType, String> {
    let words = || KeyType::ALL.map(KeyType::as_str).join(", ");
    KeyType::parse(word).ok_or_else(|| format!("none of {}", words()))
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(super) fn run(args: SealArgs, reach: &Reach, json: bool) -> io::Result<ExitCode> {
    let order = match order(args, reach) {
        Ok(order) => order,
        Err(why) => {
            eprint(&format!("sceau societe seal: {why}"));
            return Ok(ExitCode::from(USAGE));
        }
    };
    match make(&order, reach) {
        Ok(outcome) => {
            let text = if json { serde_json::to_string_pretty(&outcome)? } else { outcome.text() };
            writeln!(io::stdout(), "{text}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => refused(&error, json),
    }
}

fn make(order: &SealOrder, reach: &Reach) -> Result<SealOutcome, SealError> {
    let now = Timestamp::now();
    let societe = Named::find(&order.state, &reach.client(), &order.societe, now)?;
    seal(order, &societe, now)
}

fn refused(error: &SealError, json: bool) -> io::Result<ExitCode> {
    if !error.is_refusal() {
        eprint(&format!("sceau societe seal: {error}"));
        return Ok(ExitCode::from(error.exit_code()));
    }
    if json {
        let answer = serde_json::json!({ "refused": [error.to_string()] });
        writeln!(io::stdout(), "{answer:#}")?;
    }
    eprint(&format!("refused: {error}"));
    Ok(ExitCode::from(NO))
}

fn order(args: SealArgs, reach: &Reach) -> Result<SealOrder, String> {
    let (state, secret_file) = state_and_secret(args.secret_file, reach)?;
    Ok(SealOrder {
        state,
        secret_file,
        societe: args.code,
        p12: args.key.p12(),
        renew: args.renew,
        key_type: args.key_type,
        token: args.key.token.is_given().then_some(args.key.token),
        scheme: args.key.scheme,
        pki_url: config::pki_url_of(reach.config()),
        test_real_seal: args.test_real_seal,
    })
}

/// State and file of the secret: from the options, else from the configuration.
pub(in crate::cli) fn state_and_secret(
    secret_file: Option<PathBuf>,
    reach: &Reach,
) -> Result<(PathBuf, PathBuf), String> {
    let named = config::state_of(reach.config(), reach.state());
    let (state, source) = match (reach.state(), named) {
        (_, Some((state, source))) => (state, source),
        (Some(state), None) => (state.to_owned(), None),
        (None, None) => {
            let file = reach.config().display();
            return Err(format!("{file} names no state directory: give --config or --state"));
        }
    };
    Ok((state, secret(secret_file, source)?))
}

fn secret(given: Option<PathBuf>, source: Option<SecretSource>) -> Result<PathBuf, String> {
    match (given, source) {
        (Some(file), _) | (None, Some(SecretSource::File(file))) => Ok(file),
        (None, Some(SecretSource::Credential(name))) => credential_path(&name)
            .map_err(|error| format!("{error} Give the file of the secret with --secret-file.")),
        (None, None) => Err("no secret is named: give --secret-file or --config".to_owned()),
    }
}
