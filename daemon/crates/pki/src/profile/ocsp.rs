//! OCSP of our own authority (RFC 6960): what is asked, and what its responder answers.

use jiff::Timestamp;

use super::{Issuer, ProfileError, WrongSignature, crl::stated, extensions as ext};
use crate::{
    algorithm::{PublicKey, SignatureAlgorithm, verify_signature},
    asn1::{self, Asn1Error, Reader, tag},
    certificate::Certificate,
    digest::sha1,
    ocsp::{CertId, CertIdHash, CertificateStatus, successful},
    oid,
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

/// A [`CertId`] with the very octets in which it was asked, which the answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedId {
    id: CertId,
    der: Vec<u8>,
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
        let asked = request.expect(tag::SEQUENCE)?;
        let id = CertId::parse(asked.reader())?;
        match id.serial.len() {
            1..=MAX_SERIAL => Ok(Self { id, der: asked.whole.to_vec() }),
            _ => Err(Asn1Error::Value("serial number")),
        }
    }

    /// That of a certificate, by SHA-1 as every reader knows it (RFC 5019 §2.1.1); `None` when the
    /// issuer's key cannot be read.
    pub fn of(certificate: &Certificate, issuer: &Certificate) -> Option<Self> {
        let id = CertId::of(CertIdHash::Sha1, certificate, issuer)?;
        Some(Self { der: id.to_der(), id })
    }

    /// Which certificate it names.
    pub fn id(&self) -> &CertId {
        &self.id
    }

    /// The whole, in DER.
    pub fn octets(&self) -> &[u8] {
        &self.der
    }
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
    statuses: &[(AskedId, CertificateStatus)],
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

fn single(id: &AskedId, status: CertificateStatus, times: OcspTimes) -> Vec<u8> {
    let status = match status {
        CertificateStatus::Good => asn1::tlv(tag::context(0), &[]),
        CertificateStatus::Unknown => asn1::tlv(tag::context(2), &[]),
        CertificateStatus::Revoked { at, reason } => {
            let reason = stated(reason);
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
        Ok(successful(&basic))
    }
}
