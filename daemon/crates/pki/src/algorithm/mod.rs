//! Keys and signature algorithms: RSA 2048 to 4096 (PKCS#1 v1.5 and PSS), ECDSA on P-256 and P-384
//! (RFC 5480, RFC 5758, RFC 4055). Verification reads a little more than what is ever written.

mod public_key;
mod scheme;

use serde::{Deserialize, Serialize};

pub use public_key::{KeyKind, PublicKey};
pub use scheme::Scheme;

use crate::{
    asn1::{self, Asn1Error},
    digest::DigestAlgorithm,
};

/// An algorithm with which keys of ours sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256, as `Ecdsa-Sig-Value` (RFC 3279 §2.2.3).
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384, as `Ecdsa-Sig-Value`.
    EcdsaP384Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, 32 octets of salt.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, 48 octets of salt.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, 64 octets of salt.
    RsaPssSha512,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 8] = [
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
    ];

    /// The customary algorithm of a key; `None` for a key with which we never sign (P-521, RSA
    /// outside 2048 to 4096 bits).
    pub fn for_key(key: KeyKind) -> Option<Self> {
        let customary = [Self::EcdsaP256Sha256, Self::EcdsaP384Sha384, Self::RsaPkcs1Sha256];
        customary.into_iter().find(|algorithm| algorithm.fits(key))
    }

    /// Whether this key can sign with this algorithm.
    pub fn fits(self, key: KeyKind) -> bool {
        match self {
            Self::EcdsaP256Sha256 => key == KeyKind::EcP256,
            Self::EcdsaP384Sha384 => key == KeyKind::EcP384,
            _ => matches!(key, KeyKind::Rsa { bits: 2048..=4096 }),
        }
    }

    /// The word for it, as in records and key files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "ecdsa_p256_sha256",
            Self::EcdsaP384Sha384 => "ecdsa_p384_sha384",
            Self::RsaPkcs1Sha256 => "rsa_pkcs1_sha256",
            Self::RsaPkcs1Sha384 => "rsa_pkcs1_sha384",
            Self::RsaPkcs1Sha512 => "rsa_pkcs1_sha512",
            Self::RsaPssSha256 => "rsa_pss_sha256",
            Self::RsaPssSha384 => "rsa_pss_sha384",
            Self::RsaPssSha512 => "rsa_pss_sha512",
        }
    }

    /// The algorithm that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }

    /// Whether it is RSASSA-PSS (RFC 8017 §8.1).
    pub fn is_pss(self) -> bool {
        matches!(self, Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512)
    }

    /// The digest within.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::EcdsaP256Sha256 | Self::RsaPkcs1Sha256 | Self::RsaPssSha256 => {
                DigestAlgorithm::Sha256
            }
            Self::EcdsaP384Sha384 | Self::RsaPkcs1Sha384 | Self::RsaPssSha384 => {
                DigestAlgorithm::Sha384
            }
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => DigestAlgorithm::Sha512,
        }
    }

    /// Longest signature value in octets that this key can give: exact for RSA, an upper bound for
    /// ECDSA, whose encoding varies by a few octets.
    pub fn max_signature_len(self, key: KeyKind) -> usize {
        key.max_signature_len()
    }

    /// `AlgorithmIdentifier` in DER.
    pub fn identifier(self) -> Vec<u8> {
        self.scheme().identifier()
    }

    fn scheme(self) -> Scheme {
        let digest = self.digest();
        match self {
            Self::EcdsaP256Sha256 | Self::EcdsaP384Sha384 => Scheme::Ecdsa(digest),
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => {
                Scheme::RsaPkcs1(digest)
            }
            Self::RsaPssSha256 => Scheme::RsaPss(digest, 32),
            Self::RsaPssSha384 => Scheme::RsaPss(digest, 48),
            Self::RsaPssSha512 => Scheme::RsaPss(digest, 64),
        }
    }
}

/// Why a signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The algorithm is not one that is accepted here (SHA-1, DSA, Ed448, ...).
    #[error("the signature algorithm is not accepted")]
    UnsupportedAlgorithm,
    /// The key is of a kind that is not accepted here, or too short (RSA below 2048 bits).
    #[error("the public key is of a kind or size that is not accepted")]
    UnsupportedKey,
    /// The algorithm does not go with the key.
    #[error("the signature algorithm does not go with the key")]
    KeyMismatch,
    /// The signature is not this key's over this message.
    #[error("the signature does not verify")]
    Invalid,
    /// The key or the algorithm could not be read.
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

/// Verifies `signature` over `message` with the key of a `SubjectPublicKeyInfo` in DER.
///
/// # Errors
/// [`SignatureError`], which tells an unusable key from a signature that does not verify.
pub fn verify_signature(
    algorithm: SignatureAlgorithm,
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let key = PublicKey::from_spki(spki)?;
    if !algorithm.fits(key.kind()) {
        return Err(SignatureError::KeyMismatch);
    }
    algorithm.scheme().verify(&key, message, signature)
}

/// As [`verify_signature`], with the algorithm named by an `AlgorithmIdentifier` in DER.
pub(crate) fn verify_identified(
    identifier: &[u8],
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let scheme = Scheme::from_identifier(identifier, None)?;
    scheme.verify(&PublicKey::from_spki(spki)?, message, signature)
}

impl SignatureError {
    /// Whether the signature is wrong, rather than unreadable or beyond what is accepted here.
    pub fn is_forgery(self) -> bool {
        matches!(self, Self::Invalid | Self::KeyMismatch)
    }
}

/// `AlgorithmIdentifier` with NULL parameters.
fn identifier_with_null(oid: &crate::oid::Oid) -> Vec<u8> {
    asn1::sequence(&[asn1::oid(oid), asn1::null()])
}
