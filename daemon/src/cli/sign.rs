//! `sceau sign`: sign or seal a PDF file with a key from a PKCS#12 file or a PKCS#11 token, without a
//! daemon.
//!
//! Exit codes: 0 signed; 64 the command line or the key, 65 the document is refused, 66 an input
//! cannot be read, 69 the time-stamping authority gives no timestamp, 74 trouble while reading or
//! writing, 75 signed at a lower level than asked for. The output appears whole or not at all.

mod climb;
mod failure;
mod guard;
mod output;
mod timestamp;
mod visible;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::fetch::FetchPolicy;
use sceau_engine::timestamps::any;
use sceau_pades::report::{Finding, SignatureReport, SubIndication};
use sceau_pades::{HashedPrefix, Level, SealRequest, Sealed, Signed, TimestampError, begin_hashed};
use sceau_pdf::{Allowance, ByteSource as _};
use sceau_pki::{Certificate, SignatureAlgorithm, TrustAnchors};
use sceau_signer::{Identity, MAX_P12, TokenIdentity, open_p12, read_password};
use serde_json::json;

pub(crate) use self::climb::{Climb, common_level, judged};
pub(crate) use self::failure::Failure;
use self::guard::Guard;
pub(crate) use self::output::Draft;
pub(crate) use self::timestamp::Authorities;
use self::visible::VisibleArgs;
use super::exit;
use crate::file_source::FileSource;
use crate::keys::{KeyArgs, TokenArgs};

/// Sign or seal a PDF file with a key from a PKCS#12 file or a PKCS#11 token.
///
/// Examples:
///   sceau sign in.pdf out.pdf --p12 seal.p12 --password-file seal.pass --level B-B
///   sceau sign in.pdf out.pdf --pkcs11-module /usr/lib/softhsm/libsofthsm2.so \
///     --pkcs11-token Cabinet --pkcs11-key cachet --pin-file seal.pin --pss --level B-B
///
/// At B-LT and B-LTA the certificates and the revocation data of every chain are fetched from where
/// the certificates say, and put into the file. The level really reached is told.
///
/// Exit code: 0 signed, 64 usage, 65 the document is refused, 66 unreadable input, 69 no timestamp
/// to be had, 74 I/O, 75 signed, but at a lower level than asked for.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(group = clap::ArgGroup::new("key").args(["p12", "pkcs11_module"]).required(true))]
pub(crate) struct SignArgs {
    /// The PDF file to sign; it is not changed.
    input: PathBuf,
    /// The signed file.
    output: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// B-B; B-T with a timestamp; B-LT with all that validation needs later; B-LTA with a timestamp
    /// over that too.
    #[arg(long, value_name = "LEVEL")]
    level: Level,
    /// A time-stamping authority (RFC 3161 over http or https), from B-T on; more of them are asked
    /// in order when one fails.
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,
    /// A PEM file with the root certificates to which the chains lead, for B-LT and B-LTA; may be
    /// repeated.
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Wait until there is revocation data newer than the signature timestamp, which B-LT needs.
    /// Longer than 26 hours is not waited: then what was reached is written, with exit code 75.
    #[arg(long)]
    wait: bool,
    /// Ask addresses of this machine and of private networks too, where certificates name them.
    #[arg(long)]
    allow_private_network: bool,
    /// Why it is signed, as readers show it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Where it is signed, as readers show it.
    #[arg(long, value_name = "TEXT")]
    location: Option<String>,
    /// An empty signature field of the document, or the name of a new one.
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// Look for what could change the reading afterwards (scripts, hidden layers, overlays, hidden
    /// objects) before signing: refuse such a document, warn of it, or do not look.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Guard::Warn)]
    guard: Guard,
    #[command(flatten)]
    visible: VisibleArgs,
    /// Replace the output where it exists.
    #[arg(long)]
    force: bool,
    /// Tell the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) async fn run(args: &SignArgs) -> io::Result<ExitCode> {
    match sign(args).await {
        Ok(signed) => {
            tell(args, &signed, &mut io::stdout().lock())?;
            let reached = signed.report.level >= Some(args.level);
            Ok(ExitCode::from(if reached { 0 } else { exit::LOWER_LEVEL }))
        }
        Err(failure) => {
            writeln!(io::stderr(), "sceau sign: {failure}")?;
            Ok(ExitCode::from(failure.code()))
        }
    }
}

/// What was made.
struct Made {
    report: SignatureReport,
    /// What a higher level would have needed.
    lacking: Vec<String>,
}

fn tell(args: &SignArgs, made: &Made, out: &mut impl Write) -> io::Result<()> {
    let output = args.output.display().to_string();
    let signature = &made.report;
    let level = signature.level.unwrap_or(Level::B);
    let timestamp = signature.timestamps.first();
    if args.json {
        let told = json!({
            "version": 1,
            "output": output,
            "level": level,
            "asked": args.level,
            "lacking": made.lacking,
            "field": signature.field,
            "signer": signature.signer,
            "claimed_time": signature.claimed_time,
            "timestamp": timestamp.map(|timestamp| json!({
                "time": timestamp.time,
                "policy": timestamp.policy,
                "serial": timestamp.serial,
                "authority": timestamp.authority,
            })),
        });
        serde_json::to_writer_pretty(&mut *out, &told)?;
        return writeln!(out);
    }
    let signer = signature.signer.as_ref().map_or("", |signer| signer.subject.as_str());
    writeln!(out, "{output}: signed at level {level} by {signer}")?;
    if let Some(time) = timestamp.and_then(|timestamp| timestamp.time) {
        writeln!(out, "  timestamp of {time}")?;
    }
    if level < args.level {
        writeln!(out, "  not at level {}:", args.level)?;
    }
    made.lacking.iter().try_for_each(|one| writeln!(out, "  {one}"))
}

async fn sign(args: &SignArgs) -> Result<Made, Failure> {
    let identity = identity(args)?;
    let algorithm = args.key.scheme.algorithm(identity.key.kind()).map_err(Failure::Usage)?;
    check_level(args)?;
    let anchors = trusted(&args.trust)?;
    let draft = Draft::create(&args.output, args.force)?;
    let outcome = fill(args, &identity, algorithm, &anchors, &draft).await;
    match outcome {
        Ok(made) => draft.publish(args.force).map(|()| made),
        Err(failure) => {
            draft.discard();
            Err(failure)
        }
    }
}

/// Copies, signs, appends, and judges the result before anybody sees it.
async fn fill(
    args: &SignArgs,
    identity: &Identity,
    algorithm: SignatureAlgorithm,
    anchors: &TrustAnchors,
    draft: &Draft,
) -> Result<Made, Failure> {
    let source = FileSource::open(&args.input).map_err(|e| Failure::unreadable(&args.input, e))?;
    // One for the whole act: a hostile document costs no more because it is opened several times. Above
    // B-T it is judged twice.
    let judged = if args.level > Level::T { 2 } else { 1 };
    let allowance = Allowance::for_document(source.len().saturating_mul(judged));
    let source = source.sharing(Some(allowance));
    guard::look(&source, args.guard)?;
    let prefix = draft.copy(&source, algorithm.digest())?;
    let chain = embedded(&identity.chain);
    let now = Timestamp::now();
    let request = SealRequest {
        appearance: args.visible.appearance(chain.first(), now, args.reason.as_deref())?,
        reason: args.reason.clone(),
        location: args.location.clone(),
        field_name: args.field.clone(),
        ..SealRequest::new(&chain, algorithm, args.level.at_signing(), now)
    };
    let base = draft.source()?;
    let authorities = Authorities { urls: &args.tsa, anchors };
    let sealed = match args.level {
        Level::B => signed(&base, &request, prefix, identity)?.without_timestamp()?,
        _ => timestamped(&base, request, &prefix, identity, authorities).await?,
    };
    draft.append(&sealed.revision.tail)?;
    let mut lacking = Vec::new();
    if args.level > Level::T {
        let policy =
            FetchPolicy { allow_private: args.allow_private_network, ..FetchPolicy::default() };
        let own = own_signature(draft, anchors)?.field;
        let climb = Climb { authorities, anchors, policy, wait: args.wait, of: Some(own) };
        lacking = climb.to(draft, args.level, None).await?.lacking;
    }
    own_signature(draft, anchors).map(|report| Made { report, lacking })
}

/// The whole chain but a root, which whoever verifies must have anyway.
fn embedded(chain: &[Certificate]) -> Vec<Certificate> {
    let is_root = |index: usize| index > 0 && chain[index].is_self_issued();
    (0..chain.len()).filter(|index| !is_root(*index)).map(|index| chain[index].clone()).collect()
}

fn signed(
    base: &FileSource,
    request: &SealRequest<'_>,
    prefix: HashedPrefix,
    identity: &Identity,
) -> Result<Signed, Failure> {
    let session = begin_hashed(base, request, prefix)?;
    let signature = identity.key.sign(session.algorithm(), session.to_be_signed())?;
    Ok(session.signed(&signature)?)
}

/// With the room that a token of this authority took a moment ago; again with more where the next
/// one is larger all the same.
async fn timestamped(
    base: &FileSource,
    mut request: SealRequest<'_>,
    prefix: &HashedPrefix,
    identity: &Identity,
    authority: Authorities<'_>,
) -> Result<Sealed, Failure> {
    let mut room = authority.dry_run().await?;
    loop {
        request.timestamp_len = Some(room.bytes());
        let signed = signed(base, &request, prefix.clone(), identity)?;
        let given = authority.token(signed.imprint(), &any).await?;
        match signed.timestamped(&given.token) {
            Err(TimestampError::HoleTooSmall { needed }) => room = room.grown(needed)?,
            outcome => return Ok(outcome?),
        }
    }
}

/// The new signature as it will be judged: trust apart, nothing may speak against it.
fn own_signature(draft: &Draft, anchors: &TrustAnchors) -> Result<SignatureReport, Failure> {
    let report = judged(draft, anchors)?;
    let signature = climb::newest(&report).cloned();
    let signature = signature.ok_or_else(|| Failure::spoilt("the signature is not found"))?;
    let trust_apart =
        |finding: &&Finding| finding.sub_indication != SubIndication::NoCertificateChainFound;
    match signature.verdict.findings.iter().find(trust_apart) {
        None => Ok(signature),
        Some(finding) => Err(Failure::spoilt(&finding.detail)),
    }
}

fn check_level(args: &SignArgs) -> Result<(), Failure> {
    let level = args.level;
    let fault = match level {
        Level::B if !args.tsa.is_empty() => "--tsa goes with --level B-T and above".to_owned(),
        Level::B => return Ok(()),
        _ if args.tsa.is_empty() => format!("--level {level} needs --tsa"),
        Level::Lt | Level::Lta if args.trust.is_empty() => format!("--level {level} needs --trust"),
        _ => return Ok(()),
    };
    Err(Failure::Usage(fault))
}

/// The certificates of these PEM files.
pub(crate) fn trusted(files: &[PathBuf]) -> Result<TrustAnchors, Failure> {
    let mut anchors = TrustAnchors::default();
    for file in files {
        let pem = bounded(file).map_err(|error| Failure::unreadable(file, error))?;
        let read = TrustAnchors::from_pem(&pem)
            .map_err(|error| Failure::unreadable(file, io::Error::other(error)))?;
        read.certificates().iter().for_each(|one| anchors.add(one.clone()));
    }
    Ok(anchors)
}

fn identity(args: &SignArgs) -> Result<Identity, Failure> {
    let Some((file, password_file)) = args.key.p12() else {
        return token_identity(&args.key.token);
    };
    let password = read_password(&password_file)?;
    let bytes = bounded(&file).map_err(|error| Failure::unreadable(&file, error))?;
    Ok(open_p12(&bytes, &password)?)
}

fn token_identity(token: &TokenArgs) -> Result<Identity, Failure> {
    let TokenIdentity { key, chain } = token.open()?;
    match chain.is_empty() {
        false => Ok(Identity { key, chain }),
        true => Err(Failure::Usage(
            "the token holds no certificate of that key: give it with --certificate".to_owned(),
        )),
    }
}

/// At most one byte more than a PKCS#12 file may have, so that a longer one is refused as such.
fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_P12 as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
