//! For what a certificate is used.

use super::ChainError;
use crate::{
    certificate::{Certificate, KeyUsage},
    oid,
};

/// The use of the first certificate of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signatures and seals on documents.
    Signature,
    /// Time-stamp tokens (RFC 3161 §2.3).
    Timestamping,
    /// OCSP responses (RFC 6960 §4.2.2.2).
    OcspSigning,
    /// Any: certificates and revocation lists.
    Any,
}

impl Purpose {
    pub(crate) fn check(self, certificate: &Certificate) -> Result<(), ChainError> {
        let fits = match self {
            Self::Signature => signs(certificate) && signs_documents(certificate),
            Self::Timestamping => signs(certificate) && only_timestamps(certificate),
            Self::OcspSigning => purposes(certificate).contains(&oid::EKU_OCSP_SIGNING),
            Self::Any => true,
        };
        let subject = || certificate.subject().to_string();
        if fits { Ok(()) } else { Err(ChainError::WrongUsage { subject: subject() }) }
    }
}

/// keyUsage, where present, has digitalSignature or nonRepudiation (RFC 5280 §4.2.1.3).
fn signs(certificate: &Certificate) -> bool {
    certificate.key_usage().is_none_or(|usage| {
        usage.contains(KeyUsage::NON_REPUDIATION) || usage.contains(KeyUsage::DIGITAL_SIGNATURE)
    })
}

/// extKeyUsage, where present, has a purpose under which documents are customarily signed.
fn signs_documents(certificate: &Certificate) -> bool {
    let customary = [
        oid::EKU_ANY,
        oid::EKU_DOCUMENT_SIGNING,
        oid::EKU_EMAIL,
        oid::EKU_CLIENT_AUTH,
        oid::EKU_MS_DOCUMENT_SIGNING,
        oid::EKU_ADOBE_DOCUMENTS,
    ];
    certificate
        .extended_key_usage()
        .is_none_or(|usage| customary.iter().any(|purpose| usage.allows(purpose)))
}

/// extKeyUsage is critical and names timeStamping alone (RFC 3161 §2.3).
fn only_timestamps(certificate: &Certificate) -> bool {
    certificate.extended_key_usage().is_some_and(|usage| usage.critical)
        && purposes(certificate) == [oid::EKU_TIME_STAMPING]
}

fn purposes(certificate: &Certificate) -> &[crate::oid::Oid] {
    certificate.extended_key_usage().map_or(&[], |usage| &usage.purposes)
}
