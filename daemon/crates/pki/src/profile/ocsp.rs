//! OCSP of our own authority (RFC 6960): what is asked, and what its responder answers.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use jiff::Timestamp;

use super::{Issuer, ProfileError, RevocationReason, WrongSignature, extensions as ext};
use crate::{
    algorithm::{PublicKey, SignatureAlgorithm, verify_signature},
    asn1::{self, Asn1Error, Reader, tag},
    certificate::Certificate,
    digest::DigestAlgorithm,
    oid::{self, Oid},
};

/// Largest request read, in octets: 16 questions with room to spare.
pub const MAX_OCSP_REQUEST: usize = 4096;
/// Most certificates asked about in one request.
const MAX_ASKED: usize = 16;
/// Longest nonce repeated, in octets (RFC 8954 §2.1 says 32; some clients send more).
const MAX_NONCE: usize = 64;
/// Longest serial number, in octets (RFC 5280 §4.1.2.2 says 20).
const MAX_SERIAL: usize = 32;

/// A request that was read (RFC 6960 §4.1.1). Its signature, if it bears one, is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspQuestion {
    /// What is asked, at least one and at most 16.
    pub asked: Vec<AskedId>,
    /// Octets that the answer must repeat.
    pub nonce: Option<Vec<u8>>,
}

/// `CertID`: a certificate by its issuer and serial number; the answer repeats its very octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedId {
    der: Vec<u8>,
    hash: Oid,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Vec<u8>,
}

impl OcspQuestion {
    /// Reads a request in DER.
    ///
    /// # Errors
    /// [`Asn1Error`]: it is none, or asks for more than is answered.
    pub fn parse(der: &[u8]) -> Result<Self, Asn1Error> {
        if der.len() > MAX_OCSP_REQUEST {
            return Err(Asn1Error::TooLarge("OCSP request"));
        }
        let mut request = Reader::single(der, tag::SEQUENCE)?.reader();
        let mut tbs = request.sequence()?;
        // version [0] and requestorName [1] change nothing.
        tbs.optional(tag::constructed(0))?;
        tbs.optional(tag::constructed(1))?;
        let asked = tbs.expect(tag::SEQUENCE)?.reader().all(MAX_ASKED)?;
        let asked = asked.iter().map(|one| AskedId::parse(&mut one.reader()));
        let asked = asked.collect::<Result<Vec<_>, _>>()?;
        if asked.is_empty() {
            return Err(Asn1Error::Truncated);
        }
        let extensions = tbs.optional(tag::constructed(2))?;
        let nonce = extensions.map(|list| nonce(list.reader())).transpose()?.flatten();
        Ok(Self { asked, nonce })
    }
}

fn nonce(mut list: Reader<'_>) -> Result<Option<Vec<u8>>, Asn1Error> {
    for extension in list.expect(tag::SEQUENCE)?.reader().all(MAX_ASKED)? {
        let mut fields = extension.reader();
        if fields.oid()? != oid::OCSP_NONCE {
            continue;
        }
        fields.optional(tag::BOOLEAN)?;
        let value = fields.expect(tag::OCTET_STRING)?.value;
        // RFC 8954 §2.1 wraps it once more; clients before it did not.
        let bare = Reader::single(value, tag::OCTET_STRING).map_or(value, |inner| inner.value);
        if !(1..=MAX_NONCE).contains(&bare.len()) {
            return Err(Asn1Error::Value("nonce"));
        }
        return Ok(Some(value.to_vec()));
    }
    Ok(None)
}

impl AskedId {
    fn parse(request: &mut Reader<'_>) -> Result<Self, Asn1Error> {
        let id = request.expect(tag::SEQUENCE)?;
        let mut fields = id.reader();
        let hash = fields.sequence()?.oid()?;
        let name_hash = fields.expect(tag::OCTET_STRING)?.value.to_vec();
        let key_hash = fields.expect(tag::OCTET_STRING)?.value.to_vec();
        let serial = fields.integer()?.to_vec();
        match serial.len() {
            1..=MAX_SERIAL => {
                Ok(Self { der: id.whole.to_vec(), hash, name_hash, key_hash, serial })
            }
            _ => Err(Asn1Error::Value("serial number")),
        }
    }

    /// That of a certificate, by SHA-1 as every reader knows it (RFC 5019 §2.1.1); `None` when the
    /// issuer's key cannot be read.
    pub fn of(certificate: &Certificate, issuer: &Certificate) -> Option<Self> {
        let (name_hash, key_hash) = hashes(&SHA1, issuer)?;
        let serial = certificate.serial().to_vec();
        let fields = [
            asn1::sequence(&[asn1::oid(&SHA1), asn1::null()]),
            asn1::octet_string(&name_hash),
            asn1::octet_string(&key_hash),
            asn1::tlv(tag::INTEGER, &serial),
        ];
        Some(Self { der: asn1::sequence(&fields), hash: SHA1, name_hash, key_hash, serial })
    }

    /// Whether it names a certificate of this issuer.
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        let own = hashes(&self.hash, issuer);
        own.is_some_and(|(name, key)| name == self.name_hash && key == self.key_hash)
    }

    /// The whole, in DER.
    pub fn octets(&self) -> &[u8] {
        &self.der
    }

    /// Content octets of the serial number.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }
}

/// It names, and protects nothing: the answer is signed.
const SHA1: Oid = Oid::constant("1.3.14.3.2.26");

fn hashes(hash: &Oid, issuer: &Certificate) -> Option<(Vec<u8>, Vec<u8>)> {
    let key = PublicKey::from_spki(issuer.spki()).ok()?;
    let name = issuer.subject().der();
    if *hash == SHA1 {
        return Some((sha1(name), sha1(key.octets())));
    }
    let algorithm = DigestAlgorithm::from_oid(hash)?;
    Some((algorithm.digest(name), algorithm.digest(key.octets())))
}

fn sha1(octets: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref().to_vec()
}

/// What the authority knows about one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStatus {
    /// It was issued, and is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: Option<RevocationReason>,
    },
    /// It was not issued here, as far as is known.
    Unknown,
}

/// The times of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OcspTimes {
    /// When it is made, and as of when it is true.
    pub this_update: Timestamp,
    /// When there will be a newer one.
    pub next_update: Timestamp,
}

/// An answer without its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TbsOcspResponse {
    der: Vec<u8>,
    algorithm: SignatureAlgorithm,
    responder: Certificate,
}

/// The answer of a delegated responder (RFC 6960 §4.2.1), named by its key. `responder` is the
/// responder's certificate with its algorithm, which goes into the answer.
///
/// # Errors
/// [`ProfileError::Algorithm`], [`ProfileError::Validity`].
pub fn tbs_ocsp_response(
    responder: &Issuer<'_>,
    statuses: &[(AskedId, OcspStatus)],
    times: OcspTimes,
    nonce: Option<&[u8]>,
) -> Result<TbsOcspResponse, ProfileError> {
    let spki = responder.certificate.spki();
    let key = PublicKey::from_spki(spki).map_err(|_| ProfileError::Algorithm)?;
    if !responder.algorithm.fits(key.kind()) {
        return Err(ProfileError::Algorithm);
    }
    if times.this_update.as_second() >= times.next_update.as_second() {
        return Err(ProfileError::Validity);
    }
    let singles: Vec<Vec<u8>> =
        statuses.iter().map(|(id, status)| single(id, *status, times)).collect();
    let mut fields = vec![
        asn1::explicit(2, &[asn1::octet_string(&sha1(key.octets()))]),
        moment(times.this_update),
        asn1::sequence(&singles),
    ];
    if let Some(nonce) = nonce {
        let extension = ext::extension(&oid::OCSP_NONCE, false, nonce);
        fields.push(asn1::explicit(1, &[asn1::sequence(&[extension])]));
    }
    Ok(TbsOcspResponse {
        der: asn1::sequence(&fields),
        algorithm: responder.algorithm,
        responder: responder.certificate.clone(),
    })
}

fn single(id: &AskedId, status: OcspStatus, times: OcspTimes) -> Vec<u8> {
    let status = match status {
        OcspStatus::Good => asn1::tlv(tag::context(0), &[]),
        OcspStatus::Unknown => asn1::tlv(tag::context(2), &[]),
        OcspStatus::Revoked { at, reason } => {
            let reason = reason.and_then(RevocationReason::code);
            let reason =
                reason.map(|code| asn1::explicit(0, &[asn1::tlv(tag::ENUMERATED, &[code])]));
            asn1::explicit(1, &std::iter::once(moment(at)).chain(reason).collect::<Vec<_>>())
        }
    };
    let next = asn1::explicit(0, &[moment(times.next_update)]);
    asn1::sequence(&[id.der.clone(), status, moment(times.this_update), next])
}

/// GeneralizedTime to the second (RFC 6960 §4.2.2.1).
fn moment(at: Timestamp) -> Vec<u8> {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    asn1::generalized_time(whole)
}

impl TbsOcspResponse {
    /// The bytes that the responder's key must sign: `ResponseData`.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.der
    }

    /// With which algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// `OCSPResponse` in DER.
    ///
    /// # Errors
    /// [`WrongSignature`] when the signature is not the responder's over these bytes.
    pub fn signed(&self, signature: &[u8]) -> Result<Vec<u8>, WrongSignature> {
        verify_signature(self.algorithm, self.responder.spki(), &self.der, signature)?;
        let certificates = asn1::explicit(0, &[asn1::sequence(&[self.responder.der()])]);
        let basic = asn1::sequence(&[
            self.der.clone(),
            self.algorithm.identifier(),
            asn1::bit_string(signature),
            certificates,
        ]);
        let bytes = asn1::sequence(&[asn1::oid(&oid::OCSP_BASIC), asn1::octet_string(&basic)]);
        Ok(asn1::sequence(&[enumerated(0), asn1::explicit(0, &[bytes])]))
    }
}

/// Why a responder gives no status (RFC 6960 §4.2.1 OCSPResponseStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspFailure {
    /// The request cannot be read.
    Malformed,
    /// The responder cannot answer.
    Internal,
    /// The responder is busy.
    TryLater,
    /// The certificate is none that this responder answers for.
    Unauthorized,
}

impl OcspFailure {
    /// `OCSPResponse` in DER, unsigned as such answers are.
    pub fn to_der(self) -> Vec<u8> {
        let code = match self {
            Self::Malformed => 1,
            Self::Internal => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        };
        asn1::sequence(&[enumerated(code)])
    }
}

fn enumerated(code: u8) -> Vec<u8> {
    asn1::tlv(tag::ENUMERATED, &[code])
}
