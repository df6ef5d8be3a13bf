//! MessageImprint (RFC 3161 §2.4.1).

use serde::{Deserialize, Serialize};

use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    digest::DigestAlgorithm,
    oid::Oid,
};

/// The digest of what is time-stamped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imprint {
    /// Digest algorithm.
    pub algorithm: Oid,
    /// The digest.
    #[serde(with = "crate::base64_octets")]
    pub digest: Vec<u8>,
}

impl Imprint {
    /// Of a message, by an accepted algorithm.
    pub fn of(algorithm: DigestAlgorithm, message: &[u8]) -> Self {
        Self::new(algorithm, algorithm.digest(message))
    }

    /// From a digest that was made before.
    pub fn new(algorithm: DigestAlgorithm, digest: Vec<u8>) -> Self {
        Self { algorithm: algorithm.oid(), digest }
    }

    /// The digest algorithm, when it is accepted here and the digest has its length.
    pub fn accepted(&self) -> Option<DigestAlgorithm> {
        DigestAlgorithm::from_oid(&self.algorithm).filter(|alg| alg.len() == self.digest.len())
    }

    /// With NULL parameters, as most readers and writers have it.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let algorithm = asn1::sequence(&[asn1::oid(&self.algorithm), asn1::null()]);
        asn1::sequence(&[algorithm, asn1::octet_string(&self.digest)])
    }

    pub(super) fn parse(mut fields: Reader<'_>) -> Result<Self, Asn1Error> {
        let algorithm = fields.sequence()?.oid()?;
        let digest = fields.expect(tag::OCTET_STRING)?.value.to_vec();
        fields.finish()?;
        Ok(Self { algorithm, digest })
    }
}
