//! Profiles of what the embedded authority issues: root and issuing CA, seal (EN 319 412-3),
//! natural person (EN 319 412-2), time-stamping unit (RFC 3161 §2.3, EN 319 422 §6), OCSP responder
//! and its answers (RFC 6960 §4), revocation lists (RFC 5280 §5).
//!
//! None of them claims to be qualified: there are no qcStatements. Each gives a value to be signed;
//! with the signature it becomes a [`Certificate`], after the signature was verified.

mod certificate;
mod crl;
mod extensions;
mod ocsp;
mod subject;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use certificate::{
    issuing_ca, natural_person, ocsp_responder, root_ca, seal, time_stamping_unit,
};
pub use crl::{Crl, Revoked, TbsCrl, tbs_crl};
pub use ocsp::{
    AskedId, MAX_OCSP_REQUEST, OcspQuestion, OcspTimes, TbsOcspResponse, tbs_ocsp_response,
};
pub use subject::{AuthorityName, LegalPerson, NaturalPerson, UnitName};

use crate::{
    algorithm::{SignatureAlgorithm, SignatureError, verify_signature},
    asn1,
    certificate::{Certificate, CertificateError},
    name::Name,
};

/// What differs from one certificate to the next.
#[derive(Debug, Clone)]
pub struct Issuance<'a> {
    /// Random octets for the serial number; 126 of their bits are used, in 16 octets.
    pub serial: [u8; 16],
    /// First instant of validity; fractions of a second are cut off.
    pub not_before: Timestamp,
    /// Last instant of validity.
    pub not_after: Timestamp,
    /// `SubjectPublicKeyInfo` of the subject, in DER.
    pub public_key: &'a [u8],
    /// Where the issuer's services are.
    pub services: &'a Services,
}

/// Addresses of the issuer's services, written into what it issues; all may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Services {
    /// URL of the revocation list (RFC 5280 §4.2.1.13).
    pub crl: Option<String>,
    /// URL of the OCSP responder (RFC 5280 §4.2.2.1).
    pub ocsp: Option<String>,
    /// URL of the issuer's certificate (RFC 5280 §4.2.2.1).
    pub ca_issuers: Option<String>,
}

impl Services {
    /// No services.
    pub const NONE: Self = Self { crl: None, ocsp: None, ca_issuers: None };
}

/// The authority that issues, and with which algorithm it signs.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// Its certificate.
    pub certificate: &'a Certificate,
    /// The algorithm of its signature, which must fit its key.
    pub algorithm: SignatureAlgorithm,
}

/// Why a certificate or list cannot be made: the caller is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A text of the name is empty, longer than 256 characters, or holds control characters.
    #[error("the {0} is empty, too long or holds control characters")]
    Text(&'static str),
    /// The country is not two capital letters.
    #[error("the country is not a code of two capital letters")]
    Country,
    /// The subject's key cannot be used: unreadable, or of a kind with which we never sign.
    #[error("the subject's public key is of a kind or size that is not accepted")]
    Key,
    /// The algorithm does not fit the issuer's key.
    #[error("the signature algorithm does not fit the issuer's key")]
    Algorithm,
    /// The issuer's certificate is not that of a certification authority.
    #[error("the issuer is not a certification authority")]
    IssuerNotCa,
    /// The validity is empty, or goes beyond the issuer's own.
    #[error("the validity is empty or goes beyond the issuer's")]
    Validity,
}

/// Why a signature is not taken: whoever made it is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongSignature {
    /// The signature does not verify with the signing key.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The whole cannot be read back.
    #[error(transparent)]
    Unreadable(#[from] CertificateError),
}

/// A certificate without its signature. It may wait, as a stored record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TbsCertificate {
    #[serde(with = "crate::base64_octets")]
    der: Vec<u8>,
    algorithm: SignatureAlgorithm,
    /// The issuer's key, against which the signature is verified.
    #[serde(with = "crate::base64_octets")]
    issuer_key: Vec<u8>,
}

impl TbsCertificate {
    /// The bytes that the issuer's key must sign.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.der
    }

    /// With which algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The certificate with its signature.
    ///
    /// # Errors
    /// [`WrongSignature`] when the signature is not the issuer's over these bytes.
    pub fn signed(&self, signature: &[u8]) -> Result<Certificate, WrongSignature> {
        verify_signature(self.algorithm, &self.issuer_key, &self.der, signature)?;
        Ok(Certificate::from_der(&signed(&self.der, self.algorithm, signature))?)
    }
}

/// `SIGNED{..}`: the bytes, the algorithm, the signature.
fn signed(tbs: &[u8], algorithm: SignatureAlgorithm, signature: &[u8]) -> Vec<u8> {
    let (identifier, signature) = (algorithm.identifier(), asn1::bit_string(signature));
    asn1::sequence(&[tbs, &identifier, &signature])
}

/// Who signs: an issuer's name, key and algorithm, checked.
struct Authority<'a> {
    name: &'a Name,
    key: &'a [u8],
    algorithm: SignatureAlgorithm,
}

impl<'a> Authority<'a> {
    fn of(issuer: &Issuer<'a>) -> Result<Self, ProfileError> {
        let certificate = issuer.certificate;
        if !certificate.basic_constraints().is_some_and(|constraints| constraints.ca) {
            return Err(ProfileError::IssuerNotCa);
        }
        let key = certificate.public_key().map_err(|_| ProfileError::Algorithm)?;
        if !issuer.algorithm.fits(key) {
            return Err(ProfileError::Algorithm);
        }
        Ok(Self {
            name: certificate.subject(),
            key: certificate.spki(),
            algorithm: issuer.algorithm,
        })
    }
}
