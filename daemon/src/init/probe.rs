//! The end of the ceremony: a fixed TEST document is sealed and validated in memory, with the keys
//! as they will be opened later.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use sceau_engine::{
    clock::{Clock, Entropy, SystemClock, SystemEntropy},
    timestamps::{Authority, External, TimeStamps, any},
};
use sceau_pades::{
    Level, SealRequest, Sealed, TOKEN_VARIATION, ValidationOptions, begin,
    report::{Indication, Report},
    validate,
};
use sceau_pki::{
    Certificate, SignatureAlgorithm,
    chain::TrustAnchors,
    oid,
    tsp::{Imprint, PreparedToken, TimeStampRequest, TokenParameters, token_len},
};
use sceau_signer::LocalKey;
use thiserror::Error;

/// How long an outside authority may take.
const TSA_TIMEOUT: Duration = Duration::from_secs(15);

/// One page that says what it is.
const TEST_DOCUMENT: &[u8] = include_bytes!("test.pdf");

/// Which part of the test failed. Ourselves, the given seal, or an outside authority is at fault.
#[derive(Debug, Error)]
pub(crate) enum ProbeError {
    /// A time-stamping authority gave no time-stamp, or no good one: its address, and what it did.
    #[error("asking the time-stamping authority: {0}")]
    Authority(String),
    /// A stage did not work.
    #[error("{stage}: {why}")]
    Stage {
        /// What was being done.
        stage: &'static str,
        /// Why it did not work.
        why: String,
    },
    /// The document was sealed, but is not valid.
    #[error("validating the sealed TEST document: {verdict}")]
    Verdict {
        /// Indication, sub-indication and findings.
        verdict: String,
    },
}

/// What the test reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) level: Level,
    /// False where the seal's own authority is not ours, so that its trust could not be judged.
    pub(super) trusted: bool,
}

/// What the TEST document is sealed with, and against what it is judged.
#[derive(Clone, Copy)]
pub(super) struct Bench<'c> {
    /// The seal's key, its chain, leaf first, and how it signs.
    pub(super) seal: (&'c LocalKey, &'c [Certificate], SignatureAlgorithm),
    /// Our own time-stamping unit, where there is one.
    pub(super) unit: Option<(&'c LocalKey, &'c [Certificate])>,
    pub(super) root: &'c Certificate,
    pub(super) issuing: &'c Certificate,
}

/// Seals and validates the TEST document: B-T with our own unit, else B-B.
pub(super) fn run(bench: &Bench<'_>, now: Timestamp) -> Result<Probe, ProbeError> {
    let (_, chain, _) = bench.seal;
    let unit = bench.unit.map(Unit::new);
    let sealed = seal(bench.seal, unit.as_ref(), now)?;
    let document = [TEST_DOCUMENT, &sealed.revision.tail].concat();
    // A foreign seal is judged by its own highest certificate: whether that one is to be trusted
    // is not for its test to say.
    let own = chain.last().is_some_and(|last| last.der() == bench.issuing.der());
    let foreign = chain.last().filter(|_| !own).cloned();
    let anchors = TrustAnchors::new(std::iter::once(bench.root.clone()).chain(foreign).collect());
    let report = validate(&document, &ValidationOptions::new(anchors, now))
        .map_err(stage("reading the sealed TEST document"))?;
    judge(&report)?;
    Ok(Probe { level: sealed.level, trusted: own })
}

/// Asks each outside authority for a time-stamp over the TEST document; only when asked to, since it
/// tells strangers that we are here.
pub(super) fn ask_authorities(urls: &[String]) -> Result<(), ProbeError> {
    let runtime = tokio::runtime::Runtime::new().map_err(stage("starting the runtime"))?;
    let imprint = sceau_pki::sha256(TEST_DOCUMENT);
    for url in urls {
        let authority = Authority { url: url.clone(), timeout: TSA_TIMEOUT };
        let world: (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let (anyone, runtime) = (Arc::default(), runtime.handle().clone());
        let asked = External::new(vec![authority], anyone, world, runtime);
        let answer = asked.token(&imprint, sceau_pki::DigestAlgorithm::Sha256, &any);
        answer.map_err(|failure| {
            ProbeError::Authority(failure.detail.map_or(failure.en, String::from))
        })?;
    }
    Ok(())
}

/// Our own time-stamping unit.
struct Unit<'c> {
    key: &'c LocalKey,
    parameters: TokenParameters<'c>,
}

impl<'c> Unit<'c> {
    fn new((key, chain): (&'c LocalKey, &'c [Certificate])) -> Self {
        let (unit, chain) = (&chain[0], &chain[1..]);
        let algorithm = key.kind().default_algorithm();
        let policy = oid::POLICY_INTERNAL_TSA;
        let parameters = TokenParameters { unit, chain, algorithm, policy, accuracy: None };
        Self { key, parameters }
    }

    fn token(&self, imprint: Imprint, now: Timestamp) -> Result<Vec<u8>, ProbeError> {
        let request = TimeStampRequest::new(imprint, sceau_signer::random());
        let token = PreparedToken::new(&self.parameters, &request, sceau_signer::random(), now);
        let signature = self
            .key
            .sign(token.algorithm(), token.to_be_signed())
            .map_err(stage("signing a time-stamp"))?;
        token.finish(&signature).map_err(stage("finishing a time-stamp"))
    }
}

fn seal(
    (key, chain, algorithm): (&LocalKey, &[Certificate], SignatureAlgorithm),
    unit: Option<&Unit<'_>>,
    now: Timestamp,
) -> Result<Sealed, ProbeError> {
    let level = if unit.is_some() { Level::T } else { Level::B };
    let mut request = SealRequest::new(chain, algorithm, level, now);
    let digest = sceau_pki::DigestAlgorithm::Sha256;
    request.timestamp_len = unit.map(|unit| token_len(&unit.parameters, digest) + TOKEN_VARIATION);
    let prepared = begin(&TEST_DOCUMENT, &request).map_err(stage("preparing the seal"))?;
    let signature =
        key.sign(algorithm, prepared.to_be_signed()).map_err(stage("using the seal's key"))?;
    let signed = prepared.signed(&signature).map_err(stage("checking the seal's signature"))?;
    match unit {
        None => signed.without_timestamp().map_err(stage("finishing the seal")),
        Some(unit) => {
            let imprint = Imprint::new(signed.imprint_algorithm(), signed.imprint().to_vec());
            let token = unit.token(imprint, now)?;
            signed.timestamped(&token).map_err(stage("adding the time-stamp"))
        }
    }
}

fn judge(report: &Report) -> Result<(), ProbeError> {
    let verdict = &report.verdict;
    if verdict.indication == Indication::TotalPassed && report.signatures.len() == 1 {
        return Ok(());
    }
    let verdict = serde_json::to_string(verdict).unwrap_or_else(|error| error.to_string());
    Err(ProbeError::Verdict { verdict })
}

fn stage<E: std::fmt::Display>(stage: &'static str) -> impl Fn(E) -> ProbeError {
    move |error| ProbeError::Stage { stage, why: error.to_string() }
}
