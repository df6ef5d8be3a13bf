//! The signing certificate at the best signature time (EN 319 102-1 §5.2.6, §5.5.4).

use jiff::Timestamp;
use sceau_pki::Certificate;
use sceau_pki::chain::{self, ChainError, Purpose};

use super::proofs::Existence;
use super::revocation::{self, Question};
use super::{Grounds, ValidationOptions};
use crate::policy::{self, Used};
use crate::report::{Finding, RevocationPolicy, RevocationReport, SubIndication};

/// Whether a certificate leads to an anchor, and what speaks against it.
pub(super) struct Identity {
    /// From the certificate's issuer to the anchor; empty when none was reached.
    pub(super) chain: Vec<Certificate>,
    pub(super) findings: Vec<Finding>,
    pub(super) revocation: Vec<RevocationReport>,
}

/// Judges the signing certificate, whose signature rests on `used`, is known to exist since
/// `existence` and claims a time of its own.
pub(super) fn judge(
    certificate: &Certificate,
    used: &[Used],
    pool: &[Certificate],
    grounds: Grounds<'_>,
    existence: Existence,
    claimed: Option<Timestamp>,
) -> Identity {
    let mut identity = trust(certificate, pool, grounds, existence, claimed, Purpose::Signature);
    identity.findings.extend(aged("the signature", used, existence));
    identity
}

/// The same for a time-stamping unit, whose token says that it is of `time`.
pub(super) fn judge_authority(
    certificate: &Certificate,
    used: &[Used],
    pool: &[Certificate],
    grounds: Grounds<'_>,
    existence: Existence,
    time: Timestamp,
) -> Identity {
    let purpose = Purpose::Timestamping;
    let mut identity = trust(certificate, pool, grounds, existence, Some(time), purpose);
    identity.findings.extend(aged("the timestamp", used, existence));
    identity
}

/// Whether a time-stamping unit's chain was valid at `time`, revocation apart.
pub(super) fn dated_authority(
    certificate: &Certificate,
    pool: &[Certificate],
    grounds: Grounds<'_>,
    time: Timestamp,
) -> Vec<Finding> {
    let revocation = RevocationPolicy::NotChecked;
    let options = ValidationOptions { revocation, ..grounds.options.clone() };
    let dated = Grounds { options: &options, ..grounds };
    let existence = Existence { at: time, proven: false };
    trust(certificate, pool, dated, existence, None, Purpose::Timestamping).findings
}

fn trust(
    certificate: &Certificate,
    pool: &[Certificate],
    grounds: Grounds<'_>,
    existence: Existence,
    claimed: Option<Timestamp>,
    purpose: Purpose,
) -> Identity {
    let at = existence.at;
    let pool = [pool, &grounds.options.material.certificates].concat();
    match chain::validate(certificate, &pool, &grounds.options.anchors, at, purpose) {
        Ok(path) => {
            let path = path.certificates();
            let question = Question { path, purpose, existence, claimed };
            let (revoked, revocation) = revocation::judge(&question, grounds);
            let constraints = algorithms(path, existence);
            let findings = dates(certificate, at).into_iter().chain(revoked).chain(constraints);
            Identity { chain: path[1..].to_vec(), findings: findings.collect(), revocation }
        }
        Err(error) => Identity {
            chain: Vec::new(),
            findings: vec![Finding {
                sub_indication: sub_indication(&error, certificate, at, existence.proven),
                detail: error.to_string(),
            }],
            revocation: Vec::new(),
        },
    }
}

/// Every key of the chain, and the signature on every certificate but the anchor, when what they
/// signed is known to exist (EN 319 102-1 §5.2.8).
fn algorithms(path: &[Certificate], existence: Existence) -> Option<Finding> {
    let (keys, issued) = (path.iter(), path.iter().take(path.len().saturating_sub(1)));
    let subject = |what: &str, one: &Certificate| format!("{what} of « {} »", one.subject());
    let mut keys =
        keys.filter_map(|one| aged(&subject("the key", one), &policy::of_key(one), existence));
    let mut issued = issued.filter_map(|one| {
        aged(&subject("the certificate", one), &policy::of_issuing(one), existence)
    });
    keys.next().or_else(|| issued.next())
}

fn aged(what: &str, used: &[Used], existence: Existence) -> Option<Finding> {
    let why = policy::refusal(used, existence.at)?;
    Some(Finding {
        sub_indication: match existence.proven {
            true => SubIndication::CryptoConstraintsFailure,
            false => SubIndication::CryptoConstraintsFailureNoPoe,
        },
        detail: format!("{what}: {why}"),
    })
}

/// EN 319 102-1 §5.5.4: a proven time before the validity of the signing certificate fails it; all
/// other trouble with dates leaves the question open.
fn sub_indication(
    error: &ChainError,
    certificate: &Certificate,
    at: Timestamp,
    proven: bool,
) -> SubIndication {
    match error {
        ChainError::NotYetValid { .. } if proven && at < certificate.not_before() => {
            SubIndication::NotYetValid
        }
        ChainError::Expired { .. } | ChainError::NotYetValid { .. } => {
            SubIndication::OutOfBoundsNoPoe
        }
        ChainError::NoPath { .. } | ChainError::TooComplex => {
            SubIndication::NoCertificateChainFound
        }
        ChainError::BadSignature { .. } => SubIndication::CertificateChainGeneralFailure,
        _ => SubIndication::ChainConstraintsFailure,
    }
}

/// The dates of a certificate count even where it is an anchor itself, whose dates no path looks
/// at.
fn dates(certificate: &Certificate, at: Timestamp) -> Option<Finding> {
    let within = certificate.not_before() <= at && at <= certificate.not_after();
    (!within).then(|| Finding {
        sub_indication: SubIndication::OutOfBoundsNoPoe,
        detail: format!("the certificate of « {} » is not valid at {at}", certificate.subject()),
    })
}
