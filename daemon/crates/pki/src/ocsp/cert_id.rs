//! CertID (RFC 6960 §4.1.1): a certificate by its issuer's name and key and its serial number.

use crate::{
    algorithm::PublicKey,
    asn1::{self, Asn1Error, Reader, tag},
    certificate::Certificate,
    digest::{DigestAlgorithm, sha1},
    oid::{self, Oid},
};

/// The digest by which an issuer is named. It protects nothing: a response is signed. SHA-1 is what
/// every responder knows (RFC 5019 §2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertIdHash {
    /// SHA-1.
    Sha1,
    /// SHA-256, SHA-384 or SHA-512.
    Sha2(DigestAlgorithm),
}

impl CertIdHash {
    fn from_oid(id: &Oid) -> Option<Self> {
        match *id {
            oid::SHA1 => Some(Self::Sha1),
            _ => DigestAlgorithm::from_oid(id).map(Self::Sha2),
        }
    }

    fn oid(self) -> Oid {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha2(algorithm) => algorithm.oid(),
        }
    }

    fn digest(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1(octets),
            Self::Sha2(algorithm) => algorithm.digest(octets),
        }
    }
}

/// A certificate, named by the digests of its issuer's name and key, and its serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertId {
    /// The digest in use, where it is one that is known here.
    pub hash: Option<CertIdHash>,
    /// Digest of the issuer's name in DER.
    pub issuer_name_hash: Vec<u8>,
    /// Digest of the issuer's key, as it stands in its BIT STRING.
    pub issuer_key_hash: Vec<u8>,
    /// Content octets of the serial number.
    pub serial: Vec<u8>,
}

impl CertId {
    /// That of a certificate; `None` when the issuer's key cannot be read.
    pub fn of(hash: CertIdHash, certificate: &Certificate, issuer: &Certificate) -> Option<Self> {
        let key = PublicKey::from_spki(issuer.spki()).ok()?;
        Some(Self {
            hash: Some(hash),
            issuer_name_hash: hash.digest(issuer.subject().der()),
            issuer_key_hash: hash.digest(key.octets()),
            serial: certificate.serial().to_vec(),
        })
    }

    /// Whether it names some certificate of this issuer.
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        let (Some(hash), Ok(key)) = (self.hash, PublicKey::from_spki(issuer.spki())) else {
            return false;
        };
        hash.digest(issuer.subject().der()) == self.issuer_name_hash
            && hash.digest(key.octets()) == self.issuer_key_hash
    }

    /// Whether it names this certificate of this issuer.
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == certificate.serial()
            && certificate.issuer() == issuer.subject()
            && self.hash.and_then(|hash| Self::of(hash, certificate, issuer)).as_ref() == Some(self)
    }

    /// In DER, with NULL parameters as most readers and writers have it.
    pub fn to_der(&self) -> Vec<u8> {
        let id = self.hash.unwrap_or(CertIdHash::Sha1).oid();
        asn1::sequence(&[
            asn1::sequence(&[asn1::oid(&id), asn1::null()]),
            asn1::octet_string(&self.issuer_name_hash),
            asn1::octet_string(&self.issuer_key_hash),
            asn1::tlv(tag::INTEGER, &self.serial),
        ])
    }

    pub(crate) fn parse(mut fields: Reader<'_>) -> Result<Self, Asn1Error> {
        let hash = CertIdHash::from_oid(&fields.sequence()?.oid()?);
        let issuer_name_hash = fields.expect(tag::OCTET_STRING)?.value.to_vec();
        let issuer_key_hash = fields.expect(tag::OCTET_STRING)?.value.to_vec();
        let serial = fields.integer()?.to_vec();
        fields.finish()?;
        Ok(Self { hash, issuer_name_hash, issuer_key_hash, serial })
    }
}
