//! Revocation lists (RFC 5280 §5), whole ones.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Authority, Issuer, ProfileError, WrongSignature, extensions as ext, signed};
use crate::{
    algorithm::{PublicKey, SignatureAlgorithm, verify_signature},
    asn1::{self, tag},
    certificate::Certificate,
    oid,
    revocation::RevocationReason,
};

/// A certificate that was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Content octets of its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub at: Timestamp,
    /// Why.
    #[serde(default)]
    pub reason: Option<RevocationReason>,
}

impl Revoked {
    /// That this certificate is revoked since `at`.
    pub fn new(certificate: &Certificate, at: Timestamp) -> Self {
        Self { serial: certificate.serial().to_vec(), at, reason: None }
    }

    /// With the reason.
    #[must_use]
    pub fn because(self, reason: RevocationReason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// A revocation list without its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TbsCrl {
    #[serde(with = "crate::base64_octets")]
    der: Vec<u8>,
    algorithm: SignatureAlgorithm,
    #[serde(with = "crate::base64_octets")]
    issuer_key: Vec<u8>,
}

/// A signed revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    der: Vec<u8>,
}

impl Crl {
    /// `CertificateList` in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

/// The list of what `issuer` revoked, possibly nothing. `number` grows with each list (RFC 5280
/// §5.2.3).
///
/// # Errors
/// [`ProfileError`].
pub fn tbs_crl(
    issuer: &Issuer<'_>,
    number: u64,
    this_update: Timestamp,
    next_update: Timestamp,
    revoked: &[Revoked],
) -> Result<TbsCrl, ProfileError> {
    let authority = Authority::of(issuer)?;
    if this_update.as_second() >= next_update.as_second() {
        return Err(ProfileError::Validity);
    }
    let key = PublicKey::from_spki(authority.key).map_err(|_| ProfileError::Key)?;
    let mut fields = vec![
        asn1::integer_u64(1),
        authority.algorithm.identifier(),
        authority.name.der().to_vec(),
        asn1::x509_time(this_update),
        asn1::x509_time(next_update),
    ];
    // RFC 5280 §5.1.2.6: absent when nothing is revoked.
    if !revoked.is_empty() {
        fields.push(asn1::sequence(&revoked.iter().map(entry).collect::<Vec<_>>()));
    }
    let extensions = [
        ext::authority_key_identifier(&ext::key_identifier(&key)),
        ext::extension(&oid::CRL_NUMBER, false, &asn1::integer_u64(number)),
    ];
    fields.push(asn1::explicit(0, &[asn1::sequence(&extensions)]));
    Ok(TbsCrl {
        der: asn1::sequence(&fields),
        algorithm: authority.algorithm,
        issuer_key: authority.key.to_vec(),
    })
}

fn entry(revoked: &Revoked) -> Vec<u8> {
    let mut fields = vec![asn1::tlv(tag::INTEGER, &revoked.serial), asn1::x509_time(revoked.at)];
    if let Some(code) = stated(revoked.reason) {
        let value = asn1::tlv(tag::ENUMERATED, &[code]);
        fields.push(asn1::sequence(&[ext::extension(&oid::CRL_REASON, false, &value)]));
    }
    asn1::sequence(&fields)
}

/// CRLReason, where one is told: absent rather than `unspecified` (RFC 5280 §5.3.1).
pub(super) fn stated(reason: Option<RevocationReason>) -> Option<u8> {
    reason.filter(|reason| *reason != RevocationReason::Unspecified).map(RevocationReason::code)
}

impl TbsCrl {
    /// The bytes that the issuer's key must sign.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.der
    }

    /// With which algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The list with its signature.
    ///
    /// # Errors
    /// [`WrongSignature`] when the signature is not the issuer's over these bytes.
    pub fn signed(&self, signature: &[u8]) -> Result<Crl, WrongSignature> {
        verify_signature(self.algorithm, &self.issuer_key, &self.der, signature)?;
        Ok(Crl { der: signed(&self.der, self.algorithm, signature) })
    }
}
