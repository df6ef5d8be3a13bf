//! CertificateList (RFC 5280 §5.1) as received.

use std::{fmt, ops::Range, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{RevokedEntry, Scope, entry};
use crate::{
    algorithm::{Scheme, SignatureError, verify_identified},
    asn1::{Asn1Error, Reader, definite_lengths, parse_time, position, tag},
    base64_octets,
    certificate::{Certificate, KeyUsage},
    digest::sha256,
    name::Name,
    oid::{self, Oid},
};

/// Largest list accepted, in octets: about a million entries.
pub const MAX_CRL: usize = 48 * 1024 * 1024;

/// Most extensions of a list.
const MAX_EXTENSIONS: usize = 32;

/// Why bytes are no usable list, or why it is not the issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// The encoding is not that of a list.
    #[error("not a revocation list: {0}")]
    Malformed(#[from] Asn1Error),
    /// The two fields that name the signature algorithm differ (RFC 5280 §5.1.1.2).
    #[error("the revocation list names two different signature algorithms")]
    AlgorithmsDiffer,
    /// A list that holds certificates of other issuers: not read here.
    #[error("the revocation list is an indirect one")]
    Indirect,
    /// A list of changes since another list: not read here.
    #[error("the revocation list is a delta list")]
    Delta,
    /// A critical extension that is not known here.
    #[error("the revocation list has an unknown critical extension {0}")]
    CriticalExtension(Oid),
    /// Its issuer bears another name.
    #[error("the revocation list is another issuer's")]
    OtherIssuer,
    /// The issuer may not sign lists (keyUsage without cRLSign).
    #[error("the issuer may not sign revocation lists")]
    NotAuthorised,
    /// Its signature does not verify.
    #[error("the revocation list's signature: {0}")]
    Signature(#[from] SignatureError),
}

/// A revocation list, as received. Cheap to clone; equal when the encodings are. In stored records
/// it is its encoding in base64.
#[derive(Clone)]
pub struct RevocationList {
    inner: Arc<Inner>,
}

struct Inner {
    /// With definite lengths; as received unless that was BER.
    der: Vec<u8>,
    original: Option<Vec<u8>>,
    fields: Fields,
}

/// What stands where in the encoding, and what is read of it at once.
struct Fields {
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    entries: Range<usize>,
    issuer: Name,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    scope: Scope,
    keeps_expired_since: Option<Timestamp>,
    number: Option<Vec<u8>>,
}

impl RevocationList {
    /// Reads a CertificateList in DER or BER. Entries are not read yet.
    ///
    /// # Errors
    /// [`CrlError`]; also for indirect and delta lists, and for more than [`MAX_CRL`] octets.
    pub fn parse(bytes: &[u8]) -> Result<Self, CrlError> {
        if bytes.len() > MAX_CRL {
            return Err(Asn1Error::TooLarge("revocation list").into());
        }
        Self::take(bytes.to_vec())
    }

    /// As [`Self::parse`], of bytes that are not needed otherwise: a list is large, and is held once.
    ///
    /// # Errors
    /// [`CrlError`].
    pub fn take(bytes: Vec<u8>) -> Result<Self, CrlError> {
        if bytes.len() > MAX_CRL {
            return Err(Asn1Error::TooLarge("revocation list").into());
        }
        let inner = match Fields::parse(&bytes) {
            Err(CrlError::Malformed(Asn1Error::Indefinite)) => {
                let der = definite_lengths(&bytes)?.into_owned();
                Inner { fields: Fields::parse(&der)?, der, original: Some(bytes) }
            }
            fields => Inner { fields: fields?, der: bytes, original: None },
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The encoding as received.
    pub fn der(&self) -> &[u8] {
        self.inner.original.as_ref().unwrap_or(&self.inner.der)
    }

    /// SHA-256 of the encoding.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(self.der())
    }

    /// Who issued it, as it says.
    pub fn issuer(&self) -> &Name {
        &self.inner.fields.issuer
    }

    /// When it was made.
    pub fn this_update(&self) -> Timestamp {
        self.inner.fields.this_update
    }

    /// When the next one will be there at the latest, if told.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.inner.fields.next_update
    }

    /// For which certificates it speaks.
    pub fn scope(&self) -> &Scope {
        &self.inner.fields.scope
    }

    /// Since when certificates that expired stay on it, if told (X.509 §9.5.2.8).
    pub fn keeps_expired_since(&self) -> Option<Timestamp> {
        self.inner.fields.keeps_expired_since
    }

    /// Content octets of its number (§5.2.3).
    pub fn number(&self) -> Option<&[u8]> {
        self.inner.fields.number.as_deref()
    }

    /// `AlgorithmIdentifier` of its signature.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.slice(&self.inner.fields.algorithm)
    }

    /// How the issuer signed; `None` for a way that is not accepted here.
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::from_identifier(self.signature_algorithm(), None).ok()
    }

    /// Verifies that `issuer` issued this list: name, right and signature.
    ///
    /// # Errors
    /// [`CrlError`].
    pub fn verify(&self, issuer: &Certificate) -> Result<(), CrlError> {
        if issuer.subject() != self.issuer() {
            return Err(CrlError::OtherIssuer);
        }
        if !issuer.key_usage().is_none_or(|usage| usage.contains(KeyUsage::CRL_SIGN)) {
            return Err(CrlError::NotAuthorised);
        }
        let (tbs, signature) =
            (self.slice(&self.inner.fields.tbs), self.slice(&self.inner.fields.signature));
        Ok(verify_identified(self.signature_algorithm(), issuer.spki(), tbs, signature)?)
    }

    /// The entry of a certificate with this serial number (content octets), in one pass over the
    /// list.
    ///
    /// # Errors
    /// [`CrlError`] when the list is malformed before the entry's end, or the entry has a critical
    /// extension that is not known here.
    pub fn find(&self, wanted: &[u8]) -> Result<Option<RevokedEntry>, CrlError> {
        let mut entries = Reader::new(self.slice(&self.inner.fields.entries));
        while !entries.is_empty() {
            let (serial, rest) = entry::serial(&entries.next()?)?;
            if serial == wanted {
                return RevokedEntry::parse(rest).map(Some);
            }
        }
        Ok(None)
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.inner.der[range.clone()]
    }
}

impl Fields {
    fn parse(der: &[u8]) -> Result<Self, CrlError> {
        let mut outer = Reader::single(der, tag::SEQUENCE)?.reader();
        let tbs = outer.expect(tag::SEQUENCE)?;
        let algorithm = outer.expect(tag::SEQUENCE)?;
        let signature = outer.bits()?;
        outer.finish()?;
        let mut fields = tbs.reader();
        fields.optional(tag::INTEGER)?;
        if fields.expect(tag::SEQUENCE)?.whole != algorithm.whole {
            return Err(CrlError::AlgorithmsDiffer);
        }
        let issuer = Name::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let this_update = parse_time(&fields.next()?)?;
        let next_update = match fields.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(parse_time(&fields.next()?)?),
            _ => None,
        };
        let entries = fields.optional(tag::SEQUENCE)?.map_or(&der[..0], |list| list.value);
        let extensions = Extensions::parse(fields.optional(tag::constructed(0))?.map(|e| e.value))?;
        fields.finish()?;
        Ok(Self {
            tbs: position(der, tbs.whole),
            algorithm: position(der, algorithm.whole),
            signature: position(der, signature),
            entries: position(der, entries),
            issuer,
            this_update,
            next_update,
            scope: extensions.scope,
            keeps_expired_since: extensions.keeps_expired_since,
            number: extensions.number,
        })
    }
}

#[derive(Default)]
struct Extensions {
    scope: Scope,
    keeps_expired_since: Option<Timestamp>,
    number: Option<Vec<u8>>,
}

impl Extensions {
    fn parse(value: Option<&[u8]>) -> Result<Self, CrlError> {
        let mut extensions = Self::default();
        let Some(value) = value else { return Ok(extensions) };
        for one in Reader::single(value, tag::SEQUENCE)?.reader().all(MAX_EXTENSIONS)? {
            extensions.take(one.extension()?)?;
        }
        Ok(extensions)
    }

    fn take(&mut self, (id, critical, value): (Oid, bool, &[u8])) -> Result<(), CrlError> {
        match id {
            oid::ISSUING_DISTRIBUTION_POINT => self.scope = Scope::parse(value)?,
            oid::DELTA_CRL_INDICATOR => return Err(CrlError::Delta),
            oid::CRL_NUMBER => {
                self.number = Some(Reader::single(value, tag::INTEGER)?.value.to_vec());
            }
            oid::EXPIRED_CERTS_ON_CRL => {
                let time = Reader::single(value, tag::GENERALIZED_TIME)?;
                self.keeps_expired_since = Some(parse_time(&time)?);
            }
            // Which of the issuer's keys signed, which the signature itself tells.
            oid::AUTHORITY_KEY_IDENTIFIER => {}
            other if critical => return Err(CrlError::CriticalExtension(other)),
            _ => {}
        }
        Ok(())
    }
}

impl PartialEq for RevocationList {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for RevocationList {}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationList({}, {})", self.issuer(), self.this_update())
    }
}

impl Serialize for RevocationList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_octets::serialize(self.der(), serializer)
    }
}

impl<'de> Deserialize<'de> for RevocationList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&base64_octets::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
