//! TimeStampResp (RFC 3161 §2.4.2).

use super::{TimeStampRequest, TimestampToken, TokenError};
use crate::{
    asn1::{self, Asn1Error, Reader, definite_lengths, tag},
    cms::MAX_CMS,
    name::text,
};

/// Why a unit gives no token: PKIFailureInfo, by its bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureInfo {
    /// The digest algorithm is not accepted.
    BadAlg = 0,
    /// The transaction is not permitted or supported.
    BadRequest = 2,
    /// The data has the wrong format.
    BadDataFormat = 5,
    /// The time source is not available.
    TimeNotAvailable = 14,
    /// The policy that was asked for is not the unit's.
    UnacceptedPolicy = 15,
    /// An extension is not known.
    UnacceptedExtension = 16,
    /// Additional information could not be understood or is not available.
    AddInfoNotAvailable = 17,
    /// The unit failed.
    SystemFailure = 25,
}

impl FailureInfo {
    const ALL: [Self; 8] = [
        Self::BadAlg,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AddInfoNotAvailable,
        Self::SystemFailure,
    ];

    /// The named BIT STRING in DER.
    fn to_der(self) -> Vec<u8> {
        let bit = self as u8;
        let mut content = vec![7 - bit % 8];
        content.resize(1 + usize::from(bit / 8), 0);
        content.push(0x80 >> (bit % 8));
        asn1::tlv(tag::BIT_STRING, &content)
    }

    fn from_bits(content: &[u8]) -> Option<Self> {
        let octets = content.get(1..)?;
        let set = |info: &Self| {
            let bit = *info as usize;
            octets.get(bit / 8).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0)
        };
        Self::ALL.into_iter().find(set)
    }
}

/// A response that grants `token`.
pub fn granted(token: &[u8]) -> Vec<u8> {
    let status = asn1::sequence(&[asn1::integer_u64(0)]);
    asn1::sequence(&[status.as_slice(), token])
}

/// A response that gives none, and why.
pub fn rejection(failure: FailureInfo, reason: &str) -> Vec<u8> {
    let reason = asn1::sequence(&[asn1::utf8(reason)]);
    let status = asn1::sequence(&[asn1::integer_u64(2), reason, failure.to_der()]);
    asn1::sequence(&[status])
}

/// A response as received, its token with definite lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampResponse {
    status: u64,
    reason: Option<String>,
    failure: Option<FailureInfo>,
    token: Option<Vec<u8>>,
}

/// Why a response gives no usable token: the authority is at fault, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The encoding is not that of a response.
    #[error("not a time-stamp response: {0}")]
    Malformed(#[from] Asn1Error),
    /// The authority refused.
    #[error("the time-stamping authority refused (status {status}, {failure:?}): {}", reason.as_deref().unwrap_or("no reason given"))]
    Refused {
        /// PKIStatus.
        status: u64,
        /// PKIFailureInfo, as far as it is known.
        failure: Option<FailureInfo>,
        /// What the authority says.
        reason: Option<String>,
    },
    /// The token answers another request, or cannot be read.
    #[error("the time-stamping authority's token does not fit the request: {0}")]
    Token(#[from] TokenError),
}

impl TimeStampResponse {
    /// Reads a response, in DER or BER.
    ///
    /// # Errors
    /// [`Asn1Error`]; also for more than 8 MiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, Asn1Error> {
        if bytes.len() > MAX_CMS {
            return Err(Asn1Error::TooLarge("time-stamp response"));
        }
        let bytes = definite_lengths(bytes)?;
        let mut fields = Reader::single(&bytes, tag::SEQUENCE)?.reader();
        let mut info = fields.sequence()?;
        let status = info.unsigned()?;
        let reason = info.optional(tag::SEQUENCE)?;
        let failure = info.optional(tag::BIT_STRING)?;
        info.finish()?;
        let token = fields.optional(tag::SEQUENCE)?;
        fields.finish()?;
        let reason = reason.map(|texts| texts.reader().all(16)).transpose()?;
        let joined = |texts: Vec<_>| texts.iter().map(text).collect::<Vec<_>>().join(" ");
        Ok(Self {
            status,
            reason: reason.map(joined),
            failure: failure.and_then(|bits| FailureInfo::from_bits(bits.value)),
            token: token.map(|token| token.whole.to_vec()),
        })
    }

    /// The token, when it was granted and answers this request: same imprint, nonce and policy; and,
    /// where the request wants the certificate, when it is signed by a unit that may
    /// ([`TimestampToken::verify_unit`]), so that another authority is asked in time. Trust in the
    /// unit is another matter: see [`TimestampToken::verify`].
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn token_for(&self, request: &TimeStampRequest) -> Result<&[u8], ResponseError> {
        match (self.status, self.token.as_deref()) {
            // granted, grantedWithMods
            (0 | 1, Some(token)) => {
                let parsed = TimestampToken::parse(token)?;
                parsed.answers(request)?;
                if request.cert_req {
                    parsed.verify_unit()?;
                }
                Ok(token)
            }
            _ => Err(ResponseError::Refused {
                status: self.status,
                failure: self.failure,
                reason: self.reason.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_comes_back() {
        for failure in FailureInfo::ALL {
            let bytes = rejection(failure, "horloge indisponible");
            let response = TimeStampResponse::parse(&bytes).unwrap();
            assert_eq!(response.failure, Some(failure));
            assert_eq!(response.reason.as_deref(), Some("horloge indisponible"));
            assert_eq!(response.status, 2);
        }
    }
}
