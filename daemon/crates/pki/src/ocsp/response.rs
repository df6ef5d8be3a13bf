//! OCSPResponse with a BasicOCSPResponse within (RFC 6960 §4.2.1), as received.

use std::{fmt, ops::Range, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{ResponderId, SingleResponse, single::Extensions};
use crate::{
    algorithm::{Scheme, SignatureError},
    asn1::{self, Asn1Error, Reader, definite_lengths, parse_time, position, tag},
    base64_octets,
    certificate::Certificate,
    digest::sha256,
    oid::{self, Oid},
};

/// Largest response accepted, in octets.
pub const MAX_OCSP: usize = 1024 * 1024;

/// Most certificates and single responses of one response.
const MAX_PARTS: usize = 256;

/// `OCSPResponseStatus` other than successful: the responder gives no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseStatus {
    /// The request could not be read.
    MalformedRequest,
    /// The responder's own trouble.
    InternalError,
    /// Asked too often, or too early.
    TryLater,
    /// The request would have to be signed.
    SigRequired,
    /// The responder does not answer this asker, or knows nothing of the certificate.
    Unauthorized,
    /// A number that the standard does not know.
    Other(u8),
}

impl ResponseStatus {
    /// OCSPResponse in DER with nothing but this status; such responses are not signed.
    pub fn to_der(self) -> Vec<u8> {
        let code = match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::SigRequired => 5,
            Self::Unauthorized => 6,
            Self::Other(code) => code,
        };
        asn1::sequence(&[asn1::tlv(tag::ENUMERATED, &[code])])
    }
}

impl fmt::Display for ResponseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedRequest => f.write_str("malformedRequest"),
            Self::InternalError => f.write_str("internalError"),
            Self::TryLater => f.write_str("tryLater"),
            Self::SigRequired => f.write_str("sigRequired"),
            Self::Unauthorized => f.write_str("unauthorized"),
            Self::Other(code) => write!(f, "{code}"),
        }
    }
}

/// Why bytes are no usable response, or why nobody who may speak made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The encoding is not that of a response.
    #[error("not an OCSP response: {0}")]
    Malformed(#[from] Asn1Error),
    /// The responder gave no answer.
    #[error("the OCSP responder answered {0}")]
    Status(ResponseStatus),
    /// A response of another type than id-pkix-ocsp-basic.
    #[error("an OCSP response of type {0}")]
    OtherType(Oid),
    /// A critical extension that is not known here.
    #[error("the OCSP response has an unknown critical extension")]
    CriticalExtension,
    /// The certificate that it names as its maker is neither the issuer nor within it.
    #[error("the certificate of the OCSP responder is missing")]
    NoResponder,
    /// Who made it may not speak for the issuer (RFC 6960 §4.2.2.2).
    #[error("the OCSP responder is not authorised by the issuer")]
    NotAuthorised,
    /// Its signature does not verify.
    #[error("the OCSP response's signature: {0}")]
    Signature(#[from] SignatureError),
}

/// A successful response, as received. Cheap to clone; equal when the encodings are. In stored
/// records it is its encoding in base64.
#[derive(Clone)]
pub struct OcspResponse {
    inner: Arc<Inner>,
}

struct Inner {
    original: Vec<u8>,
    /// The BasicOCSPResponse with definite lengths, to which the ranges below refer.
    readable: Vec<u8>,
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    responder: ResponderId,
    produced_at: Timestamp,
    singles: Vec<SingleResponse>,
    nonce: Option<Vec<u8>>,
    unknown_critical: bool,
    certificates: Vec<Certificate>,
}

impl OcspResponse {
    /// Reads an OCSPResponse in DER or BER.
    ///
    /// # Errors
    /// [`OcspError::Status`] when the responder gave no answer; also for more than 1 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, OcspError> {
        if bytes.len() > MAX_OCSP {
            return Err(Asn1Error::TooLarge("OCSP response").into());
        }
        let readable = definite_lengths(bytes)?;
        let basic = definite_lengths(basic(&readable)?)?;
        Self::from_basic(bytes.to_vec(), &basic)
    }

    /// Reads a BasicOCSPResponse alone, as CMS messages hold it (RFC 5940 §2.2), and puts what a
    /// responder puts around it.
    ///
    /// # Errors
    /// [`OcspError`].
    pub fn parse_basic(basic: &[u8]) -> Result<Self, OcspError> {
        Self::parse(&successful(basic))
    }

    fn from_basic(original: Vec<u8>, basic: &[u8]) -> Result<Self, OcspError> {
        let mut outer = Reader::single(basic, tag::SEQUENCE)?.reader();
        let tbs = outer.expect(tag::SEQUENCE)?;
        let algorithm = outer.expect(tag::SEQUENCE)?;
        let signature = outer.bits()?;
        let certificates = outer.optional(tag::constructed(0))?;
        outer.finish()?;
        let data = Data::parse(tbs.reader())?;
        let within = |part: &[u8]| position(basic, part);
        let inner = Inner {
            tbs: within(tbs.whole),
            algorithm: within(algorithm.whole),
            signature: within(signature),
            responder: data.responder,
            produced_at: data.produced_at,
            singles: data.singles,
            nonce: data.extensions.nonce,
            unknown_critical: data.extensions.unknown_critical,
            certificates: parse_certificates(certificates)?,
            original,
            readable: basic.to_vec(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The encoding as received.
    pub fn der(&self) -> &[u8] {
        &self.inner.original
    }

    /// SHA-256 of the encoding.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(self.der())
    }

    /// Who made it, as it says.
    pub fn responder_id(&self) -> &ResponderId {
        &self.inner.responder
    }

    /// When it was made.
    pub fn produced_at(&self) -> Timestamp {
        self.inner.produced_at
    }

    /// What it says, certificate by certificate.
    pub fn singles(&self) -> &[SingleResponse] {
        &self.inner.singles
    }

    /// The nonce of the request that it was made for.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.inner.nonce.as_deref()
    }

    /// The certificates within. One that cannot be read is passed over.
    pub fn certificates(&self) -> &[Certificate] {
        &self.inner.certificates
    }

    /// `AlgorithmIdentifier` of its signature.
    pub fn signature_algorithm(&self) -> &[u8] {
        &self.inner.readable[self.inner.algorithm.clone()]
    }

    /// How its maker signed; `None` for a way that is not accepted here.
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::from_identifier(self.signature_algorithm(), None).ok()
    }

    pub(super) fn tbs(&self) -> &[u8] {
        &self.inner.readable[self.inner.tbs.clone()]
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.inner.readable[self.inner.signature.clone()]
    }

    pub(super) fn has_unknown_critical(&self) -> bool {
        self.inner.unknown_critical
    }
}

/// OCSPResponse in DER around a BasicOCSPResponse.
pub(crate) fn successful(basic: &[u8]) -> Vec<u8> {
    let bytes = asn1::sequence(&[asn1::oid(&oid::OCSP_BASIC), asn1::octet_string(basic)]);
    let status = asn1::tlv(tag::ENUMERATED, &[0]);
    asn1::sequence(&[status, asn1::explicit(0, &[bytes])])
}

/// The BasicOCSPResponse of a successful response.
fn basic(bytes: &[u8]) -> Result<&[u8], OcspError> {
    let mut outer = Reader::single(bytes, tag::SEQUENCE)?.reader();
    match outer.expect(tag::ENUMERATED)?.value {
        [0] => {}
        [code] => return Err(OcspError::Status(status(*code))),
        _ => return Err(Asn1Error::Value("OCSPResponseStatus").into()),
    }
    let explicit = outer.expect(tag::constructed(0))?;
    outer.finish()?;
    let mut fields = Reader::single(explicit.value, tag::SEQUENCE)?.reader();
    match fields.oid()? {
        oid::OCSP_BASIC => {}
        other => return Err(OcspError::OtherType(other)),
    }
    let basic = fields.expect(tag::OCTET_STRING)?.value;
    fields.finish()?;
    Ok(basic)
}

fn status(code: u8) -> ResponseStatus {
    match code {
        1 => ResponseStatus::MalformedRequest,
        2 => ResponseStatus::InternalError,
        3 => ResponseStatus::TryLater,
        5 => ResponseStatus::SigRequired,
        6 => ResponseStatus::Unauthorized,
        other => ResponseStatus::Other(other),
    }
}

/// ResponseData.
struct Data {
    responder: ResponderId,
    produced_at: Timestamp,
    singles: Vec<SingleResponse>,
    extensions: Extensions,
}

impl Data {
    fn parse(mut fields: Reader<'_>) -> Result<Self, Asn1Error> {
        fields.optional(tag::constructed(0))?;
        let responder = ResponderId::parse(&fields.next()?)?;
        let produced_at = parse_time(&fields.expect(tag::GENERALIZED_TIME)?)?;
        let singles = fields.sequence()?.all(MAX_PARTS)?;
        let extensions = Extensions::parse(fields.optional(tag::constructed(1))?)?;
        fields.finish()?;
        let singles = singles.iter().map(SingleResponse::parse).collect::<Result<_, _>>()?;
        Ok(Self { responder, produced_at, singles, extensions })
    }
}

fn parse_certificates(element: Option<asn1::Tlv<'_>>) -> Result<Vec<Certificate>, Asn1Error> {
    let Some(element) = element else { return Ok(Vec::new()) };
    let all = Reader::single(element.value, tag::SEQUENCE)?.reader().all(MAX_PARTS)?;
    Ok(all.iter().filter_map(|one| Certificate::from_der(one.whole).ok()).collect())
}

impl PartialEq for OcspResponse {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for OcspResponse {}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.inner;
        write!(f, "OcspResponse({:?}, {}, {:?})", inner.responder, inner.produced_at, inner.singles)
    }
}

impl Serialize for OcspResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_octets::serialize(self.der(), serializer)
    }
}

impl<'de> Deserialize<'de> for OcspResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&base64_octets::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
