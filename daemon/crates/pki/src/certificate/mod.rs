//! X.509 certificates (RFC 5280 §4) that keep their original DER.

mod extensions;
mod pem;
mod person;
mod qc;

use std::{fmt, hash, ops::Range, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use extensions::{BasicConstraints, ExtendedKeyUsage, Extension, KeyUsage};
pub use person::Person;
pub use qc::{QcStatements, QcType};

use crate::{
    algorithm::{KeyKind, PublicKey, Scheme, SignatureError, verify_identified},
    asn1::{Asn1Error, Reader, parse_time, position, tag},
    base64_octets,
    digest::sha256,
    name::Name,
};
use extensions::Extensions;

/// Largest certificate accepted, in octets.
pub const MAX_CERTIFICATE: usize = 64 * 1024;

/// A certificate: its original DER and what stands in it. Cheap to clone.
///
/// Two certificates are equal when their encodings are. In stored records it is its DER in base64.
#[derive(Clone)]
pub struct Certificate {
    inner: Arc<Inner>,
}

struct Inner {
    der: Vec<u8>,
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    serial: Range<usize>,
    spki: Range<usize>,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    key: Result<KeyKind, SignatureError>,
    extensions: Extensions,
}

/// Why bytes are no certificate: whoever gave them is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The encoding is not that of a certificate.
    #[error("not a certificate: {0}")]
    Malformed(#[from] Asn1Error),
    /// The two fields that name the signature algorithm differ (RFC 5280 §4.1.1.2).
    #[error("the certificate names two different signature algorithms")]
    AlgorithmsDiffer,
    /// The same extension twice (RFC 5280 §4.2).
    #[error("the certificate holds the same extension twice")]
    DuplicateExtension,
    /// The PEM text is malformed.
    #[error("not PEM, or damaged PEM")]
    Pem,
    /// The PEM text holds no certificate.
    #[error("no certificate in the PEM text")]
    NoCertificate,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`]; also when bytes follow it or it is larger than [`MAX_CERTIFICATE`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(Asn1Error::TooLarge("certificate").into());
        }
        Ok(Self { inner: Arc::new(parse(der)?) })
    }

    /// The original encoding.
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// The part that the issuer signed, as received.
    pub fn tbs(&self) -> &[u8] {
        self.slice(&self.inner.tbs)
    }

    /// `AlgorithmIdentifier` of the issuer's signature.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.slice(&self.inner.algorithm)
    }

    /// How the issuer signed; `None` for a way that is not accepted here.
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::from_identifier(self.signature_algorithm(), None).ok()
    }

    /// The issuer's signature value.
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.inner.signature)
    }

    /// Content octets of the serial number.
    pub fn serial(&self) -> &[u8] {
        self.slice(&self.inner.serial)
    }

    /// The serial number in hexadecimal.
    pub fn serial_hex(&self) -> String {
        self.serial().iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Who issued it.
    pub fn issuer(&self) -> &Name {
        &self.inner.issuer
    }

    /// To whom it was issued.
    pub fn subject(&self) -> &Name {
        &self.inner.subject
    }

    /// First instant of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.inner.not_before
    }

    /// Last instant of its validity.
    pub fn not_after(&self) -> Timestamp {
        self.inner.not_after
    }

    /// `SubjectPublicKeyInfo` in DER, as received.
    pub fn spki(&self) -> &[u8] {
        self.slice(&self.inner.spki)
    }

    /// Kind and length of its key.
    ///
    /// # Errors
    /// [`SignatureError::UnsupportedKey`] and [`SignatureError::Malformed`].
    pub fn public_key(&self) -> Result<KeyKind, SignatureError> {
        self.inner.key
    }

    /// SHA-256 of the whole certificate.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(self.der())
    }

    /// Whether issuer and subject are the same name (RFC 5280 §6.1).
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// The key usage extension, if present (RFC 5280 §4.2.1.3).
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.inner.extensions.key_usage
    }

    /// The extended key usage extension, if present (RFC 5280 §4.2.1.12).
    pub fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage> {
        self.inner.extensions.extended_key_usage.as_ref()
    }

    /// The basic constraints extension, if present (RFC 5280 §4.2.1.9).
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.inner.extensions.basic_constraints
    }

    /// The subject key identifier, if present (RFC 5280 §4.2.1.2).
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.inner.extensions.subject_key_identifier.as_deref()
    }

    /// The key identifier of the authority key identifier, if present (RFC 5280 §4.2.1.1).
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.inner.extensions.authority_key_identifier.as_deref()
    }

    /// The qualified certificate statements, if present (EN 319 412-5).
    pub fn qc_statements(&self) -> Option<&QcStatements> {
        self.inner.extensions.qc_statements.as_ref()
    }

    /// `organizationIdentifier` of the subject (EN 319 412-1 §5.1.4): that of a legal person.
    pub fn organization_identifier(&self) -> Option<&str> {
        self.subject().organization_identifier()
    }

    /// URLs of the revocation lists (RFC 5280 §4.2.1.13).
    pub fn crl_urls(&self) -> &[String] {
        &self.inner.extensions.crl_urls
    }

    /// URLs of the OCSP responders (RFC 5280 §4.2.2.1).
    pub fn ocsp_urls(&self) -> &[String] {
        &self.inner.extensions.ocsp_urls
    }

    /// URLs of the issuer's certificate (RFC 5280 §4.2.2.1).
    pub fn ca_issuer_urls(&self) -> &[String] {
        &self.inner.extensions.ca_issuer_urls
    }

    /// Every extension, in order.
    pub fn extensions(&self) -> &[Extension] {
        &self.inner.extensions.all
    }

    /// Verifies that `issuer`'s key signed this certificate. Names and dates are not looked at.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signed_by(&self, issuer: &Certificate) -> Result<(), SignatureError> {
        self.verify_signed_by_key(issuer.spki())
    }

    pub(crate) fn verify_signed_by_key(&self, spki: &[u8]) -> Result<(), SignatureError> {
        verify_identified(self.signature_algorithm(), spki, self.tbs(), self.signature())
    }

    /// Verifies a signature that this certificate's key made.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(
        &self,
        algorithm: crate::SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        crate::verify_signature(algorithm, self.spki(), message, signature)
    }

    /// The key, read again from the certificate.
    pub(crate) fn key(&self) -> Result<PublicKey<'_>, SignatureError> {
        PublicKey::from_spki(self.spki())
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.inner.der[range.clone()]
    }
}

fn parse(der: &[u8]) -> Result<Inner, CertificateError> {
    let mut outer = Reader::single(der, tag::SEQUENCE)?.reader();
    let tbs = outer.expect(tag::SEQUENCE)?;
    let algorithm = outer.expect(tag::SEQUENCE)?;
    let signature = outer.bits()?;
    outer.finish()?;

    let mut fields = tbs.reader();
    let version = version(&mut fields)?;
    let serial = fields.integer()?;
    if fields.expect(tag::SEQUENCE)?.whole != algorithm.whole {
        return Err(CertificateError::AlgorithmsDiffer);
    }
    let issuer = Name::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
    let mut validity = fields.sequence()?;
    let (not_before, not_after) = (parse_time(&validity.next()?)?, parse_time(&validity.next()?)?);
    validity.finish()?;
    let subject = Name::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
    let spki = fields.expect(tag::SEQUENCE)?.whole;
    let extensions = last_fields(fields, version)?;

    let within = |part: &[u8]| position(der, part);
    Ok(Inner {
        tbs: within(tbs.whole),
        algorithm: within(algorithm.whole),
        signature: within(signature),
        serial: within(serial),
        spki: within(spki),
        issuer,
        subject,
        not_before,
        not_after,
        key: PublicKey::from_spki(spki).map(|key| key.kind()),
        extensions,
        der: der.to_vec(),
    })
}

/// `version [0] EXPLICIT INTEGER DEFAULT v1`, as its number less one.
fn version(fields: &mut Reader<'_>) -> Result<u64, Asn1Error> {
    match fields.optional(tag::constructed(0))? {
        None => Ok(0),
        Some(element) => element.reader().unsigned(),
    }
}

/// The unique identifiers, which nobody uses, and the extensions, which only v3 has.
fn last_fields(mut fields: Reader<'_>, version: u64) -> Result<Extensions, CertificateError> {
    fields.optional(tag::context(1))?;
    fields.optional(tag::context(2))?;
    let extensions = match fields.optional(tag::constructed(3))? {
        None => Extensions::default(),
        Some(_) if version != 2 => return Err(Asn1Error::Value("certificate version").into()),
        Some(element) => Extensions::parse(element.value)?,
    };
    fields.finish()?;
    Ok(extensions)
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl hash::Hash for Certificate {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.der().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject(), self.serial_hex())
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_octets::serialize(self.der(), serializer)
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let der = base64_octets::deserialize(deserializer)?;
        Self::from_der(&der).map_err(de::Error::custom)
    }
}
