//! OCSPRequest (RFC 6960 §4.1.1, RFC 8954).

use super::{CertId, CertIdHash, OcspResponse};
use crate::{asn1, certificate::Certificate, oid};

/// A question about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspRequest {
    /// About which.
    pub cert_id: CertId,
    /// 1 to 32 octets that a response made for this request repeats (RFC 8954 §2.1). Responders
    /// that prepare their responses ahead leave it out.
    pub nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// About a certificate of this issuer, named with SHA-1 as every responder knows it; `None`
    /// when the issuer's key is of no known kind.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        nonce: Option<[u8; 16]>,
    ) -> Option<Self> {
        let cert_id = CertId::of(CertIdHash::Sha1, certificate, issuer)?;
        Some(Self { cert_id, nonce: nonce.map(|nonce| nonce.to_vec()) })
    }

    /// In DER, unsigned.
    pub fn to_der(&self) -> Vec<u8> {
        let request = asn1::sequence(&[self.cert_id.to_der()]);
        let mut fields = vec![asn1::sequence(&[request])];
        if let Some(nonce) = &self.nonce {
            let value = asn1::octet_string(&asn1::octet_string(nonce));
            let extension = asn1::sequence(&[asn1::oid(&oid::OCSP_NONCE), value]);
            fields.push(asn1::explicit(2, &[asn1::sequence(&[extension])]));
        }
        asn1::sequence(&[asn1::sequence(&fields)])
    }

    /// Whether a response may be an answer to it: it speaks of the certificate, and where it
    /// repeats a nonce it is this one.
    pub fn is_answered_by(&self, response: &OcspResponse) -> bool {
        let about = |id: &CertId| {
            // A responder may name the issuer by another digest than was asked with.
            id.serial == self.cert_id.serial
                && (id.hash != self.cert_id.hash || *id == self.cert_id)
        };
        let nonce = match (&self.nonce, response.nonce()) {
            (_, None) => true,
            (asked, Some(told)) => asked.as_deref() == Some(told),
        };
        nonce && response.singles().iter().any(|single| about(&single.cert_id))
    }
}
