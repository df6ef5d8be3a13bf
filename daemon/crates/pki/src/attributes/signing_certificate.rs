//! `signing-certificate-v2` (RFC 5035 §3, EN 319 122-1 §5.2.2.3): binds a signature to its
//! certificate, so that another one for the same key cannot be put in its place.

use super::Attribute;
use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    certificate::Certificate,
    digest::{DigestAlgorithm, sha1},
    oid::{self, Oid},
};

/// The attribute for one certificate, by its digest; `issuerSerial` is left out (EN 319 122-1
/// §5.2.2.3 leaves it optional, and validators stumble over it).
pub fn signing_certificate_v2(certificate: &Certificate, digest: DigestAlgorithm) -> Attribute {
    let mut fields = Vec::new();
    // hashAlgorithm has the DEFAULT SHA-256, which DER leaves out.
    if digest != DigestAlgorithm::Sha256 {
        fields.push(digest.identifier());
    }
    fields.push(asn1::octet_string(&digest.digest(certificate.der())));
    let reference = asn1::sequence(&fields);
    let value = asn1::sequence(&[asn1::sequence(&[reference])]);
    Attribute::new(oid::SIGNING_CERTIFICATE_V2, value)
}

/// The first, and deciding, reference of a signing-certificate attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateReference {
    /// Digest algorithm.
    pub algorithm: Oid,
    /// Digest of the certificate.
    pub digest: Vec<u8>,
    /// Serial number's content octets, where issuerSerial stands.
    pub serial: Option<Vec<u8>>,
}

impl CertificateReference {
    /// Whether it names this certificate. SHA-1 is good enough for that alone: whoever made a
    /// second certificate with the same digest would also need the issuer's signature on it.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        let digest = match DigestAlgorithm::from_oid(&self.algorithm) {
            Some(algorithm) => algorithm.digest(certificate.der()),
            None if self.algorithm == oid::SHA1 => sha1(certificate.der()),
            None => return false,
        };
        let serial = self.serial.as_deref();
        digest == self.digest && serial.is_none_or(|serial| serial == certificate.serial())
    }
}

/// Reads the value of a signing-certificate-v2 attribute (RFC 5035 §3).
///
/// # Errors
/// [`Asn1Error`] when it is malformed or names no certificate.
pub fn parse_signing_certificate_v2(value: &[u8]) -> Result<CertificateReference, Asn1Error> {
    let mut reference = first_reference(value)?;
    let algorithm = match reference.optional(tag::SEQUENCE)? {
        None => oid::SHA256,
        Some(identifier) => identifier.reader().oid()?,
    };
    finish_reference(algorithm, reference)
}

/// Reads the value of the older signing-certificate attribute, by SHA-1 (RFC 2634 §5.4), which
/// many time-stamping authorities still write.
///
/// # Errors
/// [`Asn1Error`] when it is malformed or names no certificate.
pub fn parse_signing_certificate_v1(value: &[u8]) -> Result<CertificateReference, Asn1Error> {
    finish_reference(oid::SHA1, first_reference(value)?)
}

fn first_reference(value: &[u8]) -> Result<Reader<'_>, Asn1Error> {
    Reader::single(value, tag::SEQUENCE)?.reader().sequence()?.sequence()
}

fn finish_reference(
    algorithm: Oid,
    mut fields: Reader<'_>,
) -> Result<CertificateReference, Asn1Error> {
    let digest = fields.expect(tag::OCTET_STRING)?.value.to_vec();
    let serial = match fields.optional(tag::SEQUENCE)? {
        None => None,
        Some(issuer_serial) => {
            let mut fields = issuer_serial.reader();
            fields.next()?;
            Some(fields.integer()?.to_vec())
        }
    };
    Ok(CertificateReference { algorithm, digest, serial })
}
