//! The signing certificate at the best signature time (EN 319 102-1 §5.2.6, §5.5.4).

use jiff::Timestamp;
use sceau_pki::Certificate;
use sceau_pki::chain::{self, ChainError, Purpose};

use super::ValidationOptions;
use super::proofs::Existence;
use super::revocation::{self, Question};
use crate::policy;
use crate::report::{Finding, RevocationPolicy, RevocationReport, SubIndication};

/// Whether a certificate leads to an anchor, and what speaks against it.
pub(super) struct Identity {
    /// From the certificate's issuer to the anchor; empty when none was reached.
    pub(super) chain: Vec<Certificate>,
    pub(super) findings: Vec<Finding>,
    pub(super) revocation: Vec<RevocationReport>,
}

/// Judges the signing certificate, whose signature is known to exist since `existence` and which
/// claims a time of its own.
pub(super) fn judge(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    existence: Existence,
    claimed: Option<Timestamp>,
) -> Identity {
    trust(certificate, pool, options, existence, claimed, Purpose::Signature)
}

/// The same for a time-stamping unit, whose token says that it is of `time`.
pub(super) fn judge_authority(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    existence: Existence,
    time: Timestamp,
) -> Identity {
    trust(certificate, pool, options, existence, Some(time), Purpose::Timestamping)
}

/// Whether a time-stamping unit's chain was valid at `time`, revocation apart.
pub(super) fn dated_authority(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    time: Timestamp,
) -> Vec<Finding> {
    let dated = ValidationOptions { revocation: RevocationPolicy::NotChecked, ..options.clone() };
    let existence = Existence { at: time, proven: false };
    trust(certificate, pool, &dated, existence, None, Purpose::Timestamping).findings
}

fn trust(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    existence: Existence,
    claimed: Option<Timestamp>,
    purpose: Purpose,
) -> Identity {
    let at = existence.at;
    let pool = [pool, &options.material.certificates].concat();
    match chain::validate(certificate, &pool, &options.anchors, at, purpose) {
        Ok(path) => {
            let path = path.certificates();
            let question = Question { path, purpose, existence, claimed };
            let (revoked, revocation) = revocation::judge(&question, options);
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

/// Every key of the chain, when what it signed is known to exist (EN 319 102-1 §5.2.8).
fn algorithms(path: &[Certificate], existence: Existence) -> Vec<Finding> {
    let refused = path.iter().filter_map(|one| {
        let why = policy::refusal(one, existence.at)?;
        Some(Finding {
            sub_indication: match existence.proven {
                true => SubIndication::CryptoConstraintsFailure,
                false => SubIndication::CryptoConstraintsFailureNoPoe,
            },
            detail: format!("the key of « {} »: {why}", one.subject()),
        })
    });
    refused.take(1).collect()
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
