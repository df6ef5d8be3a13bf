//! Digest algorithms and a running digest (RFC 5754 §2).

use std::fmt;

use aws_lc_rs::digest;

use serde::{Deserialize, Serialize};

use crate::{
    asn1::{self, Asn1Error, Reader},
    oid::{self, Oid},
};

/// A digest algorithm that signatures may use here. SHA-1 and older are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestAlgorithm {
    /// SHA-256: 32 octets.
    Sha256,
    /// SHA-384: 48 octets.
    Sha384,
    /// SHA-512: 64 octets.
    Sha512,
}

impl DigestAlgorithm {
    /// Length of a digest, in octets.
    pub fn len(self) -> usize {
        self.engine().output_len()
    }

    /// Never: every digest has octets.
    pub fn is_empty(self) -> bool {
        false
    }

    /// The digest of `message`.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        digest::digest(self.engine(), message).as_ref().to_vec()
    }

    /// Its object identifier.
    pub fn oid(self) -> Oid {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The algorithm that an object identifier names, if it is accepted here.
    pub fn from_oid(id: &Oid) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|alg| alg.oid() == *id)
    }

    /// `AlgorithmIdentifier` in DER, with absent parameters (RFC 5754 §2).
    pub(crate) fn identifier(self) -> Vec<u8> {
        asn1::sequence(&[asn1::oid(&self.oid())])
    }

    /// The algorithm that the content of an `AlgorithmIdentifier` names; parameters are absent or
    /// NULL. `Ok(None)` when it is one that is not accepted here.
    pub(crate) fn from_identifier(mut content: Reader<'_>) -> Result<Option<Self>, Asn1Error> {
        Ok(Self::from_oid(&content.oid()?))
    }

    pub(crate) fn engine(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// SHA-256 of `message`.
pub fn sha256(message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, message).as_ref());
    out
}

/// SHA-1, for references that others wrote; nothing is signed with it.
pub(crate) fn sha1(message: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, message).as_ref().to_vec()
}

/// A running digest; a clone goes on from the same state, so that one pass over a document can
/// serve several digests that share a beginning.
#[derive(Clone)]
pub struct Hasher {
    algorithm: DigestAlgorithm,
    context: digest::Context,
}

impl Hasher {
    /// A digest over nothing yet.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self { algorithm, context: digest::Context::new(algorithm.engine()) }
    }

    /// The algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Takes in more octets.
    pub fn update(&mut self, octets: &[u8]) {
        self.context.update(octets);
    }

    /// The digest of all that was taken in.
    pub fn finish(self) -> Vec<u8> {
        self.context.finish().as_ref().to_vec()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_goes_on_from_the_same_state() {
        let mut first = Hasher::new(DigestAlgorithm::Sha256);
        first.update(b"sce");
        let mut second = first.clone();
        first.update(b"au");
        second.update(b"aux");
        assert_eq!(first.finish(), sha256(b"sceau"));
        assert_eq!(second.finish(), sha256(b"sceaux"));
    }

    #[test]
    fn lengths_are_those_of_the_standard() {
        assert_eq!(DigestAlgorithm::Sha256.len(), 32);
        assert_eq!(DigestAlgorithm::Sha384.digest(b"").len(), 48);
        assert_eq!(DigestAlgorithm::Sha512.digest(b"").len(), 64);
    }
}
