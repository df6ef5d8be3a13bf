//! Who made a response, and whether he may speak for the issuer (RFC 6960 §4.2.2.2).

use jiff::Timestamp;

use super::{OcspError, OcspResponse};
use crate::{
    algorithm::{PublicKey, verify_identified},
    asn1::{Asn1Error, Reader, Tlv, tag},
    certificate::{Certificate, KeyUsage},
    digest::sha1,
    oid::{self, Oid},
};

/// ResponderID: the maker of a response by name or by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// His name in DER.
    Name(Vec<u8>),
    /// SHA-1 of his key, as it stands in its BIT STRING.
    KeyHash(Vec<u8>),
}

impl ResponderId {
    pub(super) fn parse(element: &Tlv<'_>) -> Result<Self, Asn1Error> {
        match element.tag {
            found if found == tag::constructed(1) => {
                Ok(Self::Name(Reader::single(element.value, tag::SEQUENCE)?.whole.to_vec()))
            }
            found if found == tag::constructed(2) => {
                Ok(Self::KeyHash(Reader::single(element.value, tag::OCTET_STRING)?.value.to_vec()))
            }
            found => Err(Asn1Error::Unexpected { expected: tag::constructed(1), found }),
        }
    }

    /// Whether it names the holder of this certificate.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => certificate.subject().der() == name,
            Self::KeyHash(hash) => PublicKey::from_spki(certificate.spki())
                .is_ok_and(|key| sha1(key.octets()) == *hash),
        }
    }
}

/// Who made a response, once it is known that he may speak for the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// The issuer itself.
    Issuer,
    /// One to whom the issuer has delegated it.
    Delegated {
        /// His certificate, issued by the issuer for this purpose.
        certificate: Certificate,
        /// Whether the issuer has said that its revocation is not to be asked (RFC 6960
        /// §4.2.2.2.1); else its own status counts.
        no_check: bool,
    },
}

impl OcspResponse {
    /// Verifies that the issuer, or one delegated by it, made this response, and that his
    /// certificate was valid when he did. `others` may help to find his certificate. His own
    /// revocation is not looked at.
    ///
    /// # Errors
    /// [`OcspError`].
    pub fn verify(
        &self,
        issuer: &Certificate,
        others: &[Certificate],
    ) -> Result<Responder, OcspError> {
        if self.has_unknown_critical() {
            return Err(OcspError::CriticalExtension);
        }
        if self.responder_id().matches(issuer) && self.signed_by(issuer).is_ok() {
            return Ok(Responder::Issuer);
        }
        let mut candidates = self
            .certificates()
            .iter()
            .chain(others)
            .filter(|one| self.responder_id().matches(one) && *one != issuer)
            .peekable();
        if candidates.peek().is_none() {
            // Where the issuer is named, its signature is what is wrong.
            return Err(match self.responder_id().matches(issuer) {
                true => self.signed_by(issuer).err().unwrap_or(OcspError::NoResponder),
                false => OcspError::NoResponder,
            });
        }
        let mut error = OcspError::NoResponder;
        for certificate in candidates {
            match self.delegated(issuer, certificate) {
                Ok(responder) => return Ok(responder),
                Err(why) => error = why,
            }
        }
        Err(error)
    }

    fn delegated(
        &self,
        issuer: &Certificate,
        certificate: &Certificate,
    ) -> Result<Responder, OcspError> {
        self.signed_by(certificate)?;
        if !is_delegated(issuer, certificate) || !was_valid(certificate, self.produced_at()) {
            return Err(OcspError::NotAuthorised);
        }
        let no_check = certificate.extensions().iter().any(|one| one.id == oid::OCSP_NO_CHECK);
        Ok(Responder::Delegated { certificate: certificate.clone(), no_check })
    }

    fn signed_by(&self, certificate: &Certificate) -> Result<(), OcspError> {
        let spki = certificate.spki();
        verify_identified(self.signature_algorithm(), spki, self.tbs(), self.signature())
            .map_err(OcspError::from)
    }
}

/// Whether the issuer issued this certificate directly, for the signing of OCSP responses.
fn is_delegated(issuer: &Certificate, certificate: &Certificate) -> bool {
    let purpose =
        certificate.extended_key_usage().is_some_and(|usage| usage.allows(&oid::EKU_OCSP_SIGNING));
    let signs = certificate.key_usage().is_none_or(|usage| {
        usage.contains(KeyUsage::DIGITAL_SIGNATURE) || usage.contains(KeyUsage::NON_REPUDIATION)
    });
    purpose
        && signs
        && !has_unknown_critical(certificate)
        && certificate.issuer() == issuer.subject()
        && certificate.verify_signed_by(issuer).is_ok()
}

fn has_unknown_critical(certificate: &Certificate) -> bool {
    const KNOWN: [Oid; 6] = [
        oid::BASIC_CONSTRAINTS,
        oid::KEY_USAGE,
        oid::EXTENDED_KEY_USAGE,
        oid::CERTIFICATE_POLICIES,
        oid::CRL_DISTRIBUTION_POINTS,
        oid::OCSP_NO_CHECK,
    ];
    certificate.extensions().iter().any(|one| one.critical && !KNOWN.contains(&one.id))
}

fn was_valid(certificate: &Certificate, at: Timestamp) -> bool {
    certificate.not_before() <= at && at.as_second() <= certificate.not_after().as_second()
}
