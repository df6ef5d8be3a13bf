//! The status indications of EN 319 102-1 §5.1.3, with the names the standard gives them.

use serde::{Deserialize, Serialize};

/// The main status of a validation (EN 319 102-1 §5.1.3, table 5).
///
/// Ordered from best to worst, so that the worst of many is their `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Indication {
    /// Every check passed under the policy that the report names.
    #[serde(rename = "TOTAL-PASSED")]
    TotalPassed,
    /// What is at hand does not suffice to say yes or no.
    #[serde(rename = "INDETERMINATE")]
    Indeterminate,
    /// The signature does not hold.
    #[serde(rename = "TOTAL-FAILED")]
    TotalFailed,
}

impl Indication {
    /// The name in the standard, as in `TOTAL-PASSED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        }
    }
}

/// Why a validation did not pass (EN 319 102-1 §5.1.3, table 6), but what cannot come of a PDF file:
/// `EXPIRED` wants a proof that the signature is younger than its certificate's end, which a content timestamp
/// alone gives, and those are not looked at (it stays `OUT_OF_BOUNDS_NO_POE`); and the signed data of
/// `SIGNED_DATA_NOT_FOUND` is the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// The document, its ByteRange or the CMS does not conform to the format.
    FormatFailure,
    /// The signed bytes do not have the digest that was signed.
    HashFailure,
    /// The signature value does not fit the signing certificate's key.
    SigCryptoFailure,
    /// The signature is proven to be older than its certificate.
    NotYetValid,
    /// The certificate was revoked before the best signature time.
    Revoked,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// An authority's certificate is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// A constraint on the signature is not met, as on what may change after it.
    SigConstraintsFailure,
    /// The chain does not meet the constraints of the policy, as a key usage that forbids signing.
    ChainConstraintsFailure,
    /// The chain could not be judged, for a reason that is not its trust anchor.
    CertificateChainGeneralFailure,
    /// An algorithm or a key size is not acceptable under the policy.
    CryptoConstraintsFailure,
    /// An algorithm or a key size is not acceptable any more, and nothing proves that what it
    /// protects is older.
    CryptoConstraintsFailureNoPoe,
    /// Now is outside the certificate's validity, and nothing proves when the signature was made.
    OutOfBoundsNoPoe,
    /// The timestamps contradict each other or the signing time.
    TimestampOrderFailure,
    /// The signing certificate is not there or cannot be identified.
    NoSigningCertificateFound,
    /// No chain leads to one of the given trust anchors.
    NoCertificateChainFound,
    /// Revocation information is required by the policy and is not at hand.
    TryLater,
    /// The document carries no signature at all. Not of the standard, which has `CUSTOM` for this.
    NoSignature,
}

impl SubIndication {
    /// The name in the standard, as in `HASH_FAILURE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FormatFailure => "FORMAT_FAILURE",
            Self::HashFailure => "HASH_FAILURE",
            Self::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
            Self::NotYetValid => "NOT_YET_VALID",
            Self::Revoked => "REVOKED",
            Self::RevokedNoPoe => "REVOKED_NO_POE",
            Self::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            Self::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            Self::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            Self::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            Self::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            Self::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            Self::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            Self::TimestampOrderFailure => "TIMESTAMP_ORDER_FAILURE",
            Self::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            Self::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            Self::TryLater => "TRY_LATER",
            Self::NoSignature => "NO_SIGNATURE",
        }
    }

    /// The main status that goes with it: what proves a forgery or a fault of the signature fails
    /// it, what only leaves a question open does not.
    #[must_use]
    pub fn indication(self) -> Indication {
        match self {
            Self::FormatFailure
            | Self::HashFailure
            | Self::SigCryptoFailure
            | Self::NotYetValid
            | Self::Revoked => Indication::TotalFailed,
            _ => Indication::Indeterminate,
        }
    }
}

/// One thing that a validation found, good enough to be shown to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it means for the verdict.
    pub sub_indication: SubIndication,
    /// One English sentence without a full stop, naming what was seen.
    pub detail: String,
}

/// A main status, its reason, and every finding that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The main status.
    pub indication: Indication,
    /// The reason of the worst finding; absent when passed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sub_indication: Option<SubIndication>,
    /// All findings, in the order of the checks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// The verdict that the findings amount to: the first among the worst decides; none passes.
    #[must_use]
    pub fn of(findings: Vec<Finding>) -> Self {
        let worst = findings.iter().map(|finding| finding.sub_indication).reduce(|worst, next| {
            if next.indication() > worst.indication() { next } else { worst }
        });
        Self {
            indication: worst.map_or(Indication::TotalPassed, SubIndication::indication),
            sub_indication: worst,
            findings,
        }
    }

    /// True for `TOTAL-PASSED`.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.indication == Indication::TotalPassed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(sub_indication: SubIndication) -> Finding {
        Finding { sub_indication, detail: String::new() }
    }

    #[test]
    fn no_finding_passes() {
        let verdict = Verdict::of(Vec::new());
        assert!(verdict.passed());
        assert_eq!(verdict.sub_indication, None);
    }

    #[test]
    fn the_first_of_the_worst_findings_decides() {
        let verdict = Verdict::of(vec![
            finding(SubIndication::NoCertificateChainFound),
            finding(SubIndication::HashFailure),
            finding(SubIndication::FormatFailure),
        ]);
        assert_eq!(verdict.indication, Indication::TotalFailed);
        assert_eq!(verdict.sub_indication, Some(SubIndication::HashFailure));
        assert_eq!(verdict.findings.len(), 3);
    }

    #[test]
    fn json_names_are_those_of_the_standard() {
        let all = [
            SubIndication::FormatFailure,
            SubIndication::SigCryptoFailure,
            SubIndication::OutOfBoundsNoPoe,
            SubIndication::NoCertificateChainFound,
            SubIndication::NoSignature,
            SubIndication::RevokedCaNoPoe,
            SubIndication::CryptoConstraintsFailureNoPoe,
        ];
        for sub in all {
            let json = serde_json::to_string(&sub).unwrap();
            assert_eq!(json, format!("\"{}\"", sub.name()));
        }
        for indication in
            [Indication::TotalPassed, Indication::Indeterminate, Indication::TotalFailed]
        {
            let json = serde_json::to_string(&indication).unwrap();
            assert_eq!(json, format!("\"{}\"", indication.name()));
        }
    }
}
