//! What the faults of a signature mean in the words of EN 319 102-1.

use sceau_pki::SignatureError;
use sceau_pki::attributes::Attribute;
use sceau_pki::certificate::QcStatements;
use sceau_pki::cms::SignerInfoError;
use sceau_pki::{Certificate, Oid, SignatureAlgorithm};

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

/// The name of an algorithm of ours; none for another.
pub(super) fn algorithm_name(identifier: &[u8]) -> Option<String> {
    let known = SignatureAlgorithm::ALL.into_iter().find(|one| one.identifier() == identifier)?;
    let name = match known {
        SignatureAlgorithm::EcdsaP256Sha256 => "ECDSA with SHA-256",
        SignatureAlgorithm::EcdsaP384Sha384 => "ECDSA with SHA-384",
        SignatureAlgorithm::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
        SignatureAlgorithm::RsaPkcs1Sha384 => "RSA PKCS#1 v1.5 with SHA-384",
        SignatureAlgorithm::RsaPkcs1Sha512 => "RSA PKCS#1 v1.5 with SHA-512",
        SignatureAlgorithm::RsaPssSha256 => "RSA PSS with SHA-256",
        SignatureAlgorithm::RsaPssSha384 => "RSA PSS with SHA-384",
        SignatureAlgorithm::RsaPssSha512 => "RSA PSS with SHA-512",
    };
    Some(name.to_owned())
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
