//! TimeStampReq (RFC 3161 §2.4.1).

use serde::{Deserialize, Serialize};

use super::{FailureInfo, Imprint};
use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    oid::Oid,
};

/// Largest request accepted, in octets.
const MAX_REQUEST: usize = 4096;

/// Longest nonce accepted, in octets.
const MAX_NONCE: usize = 64;

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeStampRequest {
    /// What is to be time-stamped.
    pub imprint: Imprint,
    /// The policy under which, if the requester cares.
    pub policy: Option<Oid>,
    /// Content octets of a random INTEGER that must come back, if given.
    pub nonce: Option<Vec<u8>>,
    /// Whether the unit's certificates are to stand in the token.
    pub cert_req: bool,
}

/// Why a request is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The encoding is not that of a request.
    #[error("not a time-stamp request: {0}")]
    Malformed(#[from] Asn1Error),
    /// The digest algorithm is not accepted, or the digest has not its length.
    #[error("the digest algorithm of the request is not accepted")]
    Algorithm,
    /// The request holds extensions; none are known.
    #[error("the request holds extensions, of which none are known here")]
    Extensions,
}

impl RequestError {
    /// What to answer to the requester (RFC 3161 §2.4.2).
    pub fn failure_info(self) -> FailureInfo {
        match self {
            Self::Malformed(_) => FailureInfo::BadDataFormat,
            Self::Algorithm => FailureInfo::BadAlg,
            Self::Extensions => FailureInfo::UnacceptedExtension,
        }
    }
}

impl TimeStampRequest {
    /// For an imprint, with a nonce from 8 random octets, and the certificates wanted.
    pub fn new(imprint: Imprint, nonce: [u8; 8]) -> Self {
        // A positive INTEGER of always eight octets: the size of the token stays known.
        let mut nonce = nonce;
        nonce[0] = nonce[0] & 0x3f | 0x40;
        Self { imprint, policy: None, nonce: Some(nonce.to_vec()), cert_req: true }
    }

    /// The request in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let mut fields = vec![asn1::integer_u64(1), self.imprint.to_der()];
        fields.extend(self.policy.as_ref().map(asn1::oid));
        fields.extend(self.nonce.as_deref().map(|nonce| asn1::tlv(tag::INTEGER, nonce)));
        // certReq has the DEFAULT FALSE, which DER leaves out.
        if self.cert_req {
            fields.push(asn1::boolean(true));
        }
        asn1::sequence(&fields)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_REQUEST {
            return Err(Asn1Error::TooLarge("time-stamp request").into());
        }
        let mut fields = Reader::single(bytes, tag::SEQUENCE)?.reader();
        if fields.unsigned()? != 1 {
            return Err(Asn1Error::Value("request version").into());
        }
        let imprint = Imprint::parse(fields.sequence()?)?;
        let policy = if fields.peek() == Some(tag::OID) { Some(fields.oid()?) } else { None };
        let nonce =
            if fields.peek() == Some(tag::INTEGER) { Some(nonce(&mut fields)?) } else { None };
        let cert_req = fields.flag()?;
        if fields.optional(tag::constructed(0))?.is_some() {
            return Err(RequestError::Extensions);
        }
        fields.finish()?;
        imprint.accepted().ok_or(RequestError::Algorithm)?;
        Ok(Self { imprint, policy, nonce, cert_req })
    }
}

fn nonce(fields: &mut Reader<'_>) -> Result<Vec<u8>, Asn1Error> {
    let nonce = fields.integer()?;
    if nonce.len() > MAX_NONCE { Err(Asn1Error::TooLarge("nonce")) } else { Ok(nonce.to_vec()) }
}
