//! What the faults of a signature mean in the words of EN 319 102-1.

use sceau_pki::SignatureError;
use sceau_pki::attributes::Attribute;
use sceau_pki::certificate::QcStatements;
use sceau_pki::cms::SignerInfoError;
use sceau_pki::{Certificate, Oid, Scheme};

use crate::report::{
    AttributeReport, CertificateReport, Finding, QcReport, SubIndication, Verdict,
};

/// The finding for a SignerInfo that does not verify.
pub(super) fn of_signer(error: &SignerInfoError) -> Finding {
    let sub_indication = match error {
        SignerInfoError::DigestMismatch => SubIndication::HashFailure,
        SignerInfoError::OtherCertificate => SubIndication::NoSigningCertificateFound,
        SignerInfoError::UnsupportedDigest => SubIndication::CryptoConstraintsFailure,
        SignerInfoError::Signature(error) => of_signature(*error),
        _ => SubIndication::FormatFailure,
    };
    Finding { sub_indication, detail: error.to_string() }
}

fn of_signature(error: SignatureError) -> SubIndication {
    match error {
        SignatureError::UnsupportedAlgorithm | SignatureError::UnsupportedKey => {
            SubIndication::CryptoConstraintsFailure
        }
        _ => SubIndication::SigCryptoFailure,
    }
}

/// Why a timestamp does not count, in one phrase.
pub(super) fn of_timestamp(verdict: &Verdict) -> String {
    let reason = verdict.findings.first().map_or("it cannot be read", |finding| &finding.detail);
    format!("the signature timestamp does not hold: {reason}")
}

/// The name of a scheme, as in `ECDSA with SHA-256`.
pub(super) fn scheme_name(scheme: Scheme) -> String {
    let kind = match scheme {
        Scheme::Ecdsa(_) => "ECDSA",
        Scheme::RsaPkcs1(_) => "RSA PKCS#1 v1.5",
        Scheme::RsaPss(..) => "RSA PSS",
    };
    format!("{kind} with {}", scheme.digest().name())
}

impl From<&Certificate> for CertificateReport {
    fn from(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial_hex(),
            sha256: hex::encode(certificate.fingerprint()),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            organization_identifier: certificate.organization_identifier().map(str::to_owned),
            person: certificate.person(),
            qc: certificate.qc_statements().map(QcReport::from),
        }
    }
}

impl From<&QcStatements> for QcReport {
    fn from(stated: &QcStatements) -> Self {
        Self {
            compliance: stated.compliance,
            sscd: stated.sscd,
            types: stated.types.clone(),
            statements: stated.all.iter().map(Oid::to_string).collect(),
        }
    }
}

impl From<&Attribute> for AttributeReport {
    fn from(attribute: &Attribute) -> Self {
        Self { oid: attribute.id.to_string(), der: hex::encode(&attribute.value) }
    }
}
