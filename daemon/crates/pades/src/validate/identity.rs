//! The signing certificate at the best signature time (EN 319 102-1 §5.2.6, §5.5.4).

use jiff::Timestamp;
use sceau_pki::Certificate;
use sceau_pki::chain::{self, ChainError, Purpose};

use super::ValidationOptions;
use crate::report::{Finding, RevocationPolicy, SubIndication};

/// Whether a certificate leads to an anchor, and what speaks against it.
pub(super) struct Identity {
    /// From the certificate's issuer to the anchor; empty when none was reached.
    pub(super) chain: Vec<Certificate>,
    pub(super) findings: Vec<Finding>,
}

/// Judges the certificate at `at`, which a timestamp proves or not.
pub(super) fn judge(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    at: Timestamp,
    proven: bool,
) -> Identity {
    trust(certificate, pool, options, at, proven, Purpose::Signature)
}

/// The same for a time-stamping unit.
pub(super) fn judge_authority(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    at: Timestamp,
) -> Identity {
    trust(certificate, pool, options, at, false, Purpose::Timestamping)
}

fn trust(
    certificate: &Certificate,
    pool: &[Certificate],
    options: &ValidationOptions,
    at: Timestamp,
    proven: bool,
    purpose: Purpose,
) -> Identity {
    match chain::validate(certificate, pool, &options.anchors, at, purpose) {
        Ok(path) => Identity {
            chain: path.certificates().iter().skip(1).cloned().collect(),
            findings: dates(certificate, at).into_iter().chain(revocation(options)).collect(),
        },
        Err(error) => Identity {
            chain: Vec::new(),
            findings: vec![Finding {
                sub_indication: sub_indication(&error, certificate, at, proven),
                detail: error.to_string(),
            }],
        },
    }
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

/// Revocation is not looked at in this form: where it is required, the question stays open.
fn revocation(options: &ValidationOptions) -> Option<Finding> {
    (options.revocation == RevocationPolicy::Required).then(|| Finding {
        sub_indication: SubIndication::TryLater,
        detail: "revocation information is required and not at hand".to_owned(),
    })
}
