//! One private key in this process's memory, and the one thing it does.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
    },
};
use sceau_pki::{DigestAlgorithm, KeyKind, SignatureAlgorithm};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::pkcs11::{TokenKey, TokenKeyRef};

/// The kinds of key that can be made or loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// ECDSA on NIST P-256.
    P256,
    /// ECDSA on NIST P-384.
    P384,
    /// RSA with a modulus of 2048 bits.
    Rsa2048,
    /// RSA with a modulus of 3072 bits.
    Rsa3072,
    /// RSA with a modulus of 4096 bits.
    Rsa4096,
}

impl KeyType {
    /// All kinds, the default first.
    pub const ALL: [Self; 5] =
        [Self::P256, Self::P384, Self::Rsa2048, Self::Rsa3072, Self::Rsa4096];

    /// The word for it on the command line and in key files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
        }
    }

    /// The kind that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The algorithm used unless another is asked for.
    pub fn default_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::EcdsaP256Sha256,
            Self::P384 => SignatureAlgorithm::EcdsaP384Sha384,
            _ => SignatureAlgorithm::RsaPkcs1Sha256,
        }
    }

    /// The kind of a public key; `None` where no key of ours is of it.
    pub(crate) fn of(key: KeyKind) -> Option<Self> {
        match key {
            KeyKind::EcP256 => Some(Self::P256),
            KeyKind::EcP384 => Some(Self::P384),
            KeyKind::Rsa { bits } => rsa_kind(bits.div_ceil(8) as usize),
            KeyKind::EcP521 => None,
        }
    }

    /// The algorithm with that padding (PSS or PKCS#1 v1.5) and digest (the customary one for
    /// `None`); `None` where such a key signs with no such algorithm: curves know no padding, and
    /// each goes with the digest of its own length.
    pub fn algorithm(
        self,
        pss: bool,
        digest: Option<DigestAlgorithm>,
    ) -> Option<SignatureAlgorithm> {
        let customary = self.default_algorithm();
        let digest = digest.unwrap_or(customary.digest());
        SignatureAlgorithm::ALL.into_iter().find(|algorithm| {
            self.suits(*algorithm) && algorithm.is_pss() == pss && algorithm.digest() == digest
        })
    }

    /// Whether a key of this kind can sign with the algorithm.
    pub fn suits(self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm as A;
        match self {
            Self::P256 => algorithm == A::EcdsaP256Sha256,
            Self::P384 => algorithm == A::EcdsaP384Sha384,
            _ => !matches!(algorithm, A::EcdsaP256Sha256 | A::EcdsaP384Sha384),
        }
    }

    /// True when one signature costs about as much as starting a thread or more.
    pub(crate) fn is_slow(self) -> bool {
        !matches!(self, Self::P256 | Self::P384)
    }
}

/// Why a key could not be made, loaded or used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a PKCS#8 key of a kind that is supported. The file is at fault.
    #[error("not a PKCS#8 key of a supported kind (P-256, P-384, RSA 2048 to 4096)")]
    Unsupported,
    /// The algorithm does not suit the key. The caller is at fault.
    #[error("a {} key cannot sign with {algorithm:?}", kind.as_str())]
    WrongAlgorithm {
        /// The key's kind.
        kind: KeyType,
        /// As asked.
        algorithm: SignatureAlgorithm,
    },
    /// The token that holds the key failed, or the key cannot be had from it.
    #[error("the PKCS#11 token: {0}")]
    Token(String),
    /// The library failed. Ourselves, or a damaged key.
    #[error("the cryptographic library failed to {0}")]
    Library(&'static str),
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Token(TokenKey),
}

/// A private key, parsed once, or one that stays in its token. `Debug` shows its kind only; the key
/// material lives in the library's memory, which wipes it.
pub struct LocalKey {
    kind: KeyType,
    pair: Pair,
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl LocalKey {
    /// Makes a new key. RSA of 4096 bits may take seconds.
    pub fn generate(kind: KeyType) -> Result<Self, KeyError> {
        let pair = match kind {
            KeyType::P256 => ecdsa(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)),
            KeyType::P384 => ecdsa(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING)),
            KeyType::Rsa2048 => rsa(RsaKeyPair::generate(KeySize::Rsa2048)),
            KeyType::Rsa3072 => rsa(RsaKeyPair::generate(KeySize::Rsa3072)),
            KeyType::Rsa4096 => rsa(RsaKeyPair::generate(KeySize::Rsa4096)),
        };
        Ok(Self { kind, pair: pair.ok_or(KeyError::Library("make a key"))? })
    }

    /// Parses an unencrypted PKCS#8 key (RFC 5958).
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            let kind = rsa_kind(pair.public_modulus_len()).ok_or(KeyError::Unsupported)?;
            return Ok(Self { kind, pair: Pair::Rsa(pair) });
        }
        let on_curve = |kind, algorithm: &'static EcdsaSigningAlgorithm| {
            let pair = Pair::Ecdsa(EcdsaKeyPair::from_pkcs8(algorithm, der).ok()?);
            Some(Self { kind, pair })
        };
        on_curve(KeyType::P256, &ECDSA_P256_SHA256_ASN1_SIGNING)
            .or_else(|| on_curve(KeyType::P384, &ECDSA_P384_SHA384_ASN1_SIGNING))
            .ok_or(KeyError::Unsupported)
    }

    pub(crate) fn of_token(key: TokenKey) -> Self {
        Self { kind: key.kind(), pair: Pair::Token(key) }
    }

    /// Which key of which token it is; `None` for a key in this process's memory.
    pub fn token(&self) -> Option<&TokenKeyRef> {
        match &self.pair {
            Pair::Token(key) => Some(key.reference()),
            Pair::Ecdsa(_) | Pair::Rsa(_) => None,
        }
    }

    /// The key's kind.
    pub fn kind(&self) -> KeyType {
        self.kind
    }

    /// The unencrypted PKCS#8 (RFC 5958 version 1) form; wiped when dropped. A token gives none.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let failed = |_| KeyError::Library("encode a key");
        Ok(Zeroizing::new(match &self.pair {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'static> = pair.as_der().map_err(failed)?;
                der.as_ref().to_vec()
            }
            Pair::Token(_) => return Err(KeyError::Token("it does not give its keys away".into())),
        }))
    }

    /// DER SubjectPublicKeyInfo of the public half (RFC 5280 §4.1.2.7).
    pub fn spki(&self) -> Result<Vec<u8>, KeyError> {
        let der: Result<PublicKeyX509Der<'static>, _> = match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_der(),
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Token(key) => return Ok(key.spki().to_vec()),
        };
        Ok(der.map_err(|_| KeyError::Library("encode a public key"))?.as_ref().to_vec())
    }

    /// Signs `bytes` (hashing them as the algorithm says): a DER `ECDSA-Sig-Value` (RFC 3279
    /// §2.2.3), or an RSA signature of the modulus' length (RFC 8017 §8; PSS with a salt of the
    /// digest's length).
    pub fn sign(&self, algorithm: SignatureAlgorithm, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        if !self.kind.suits(algorithm) {
            return Err(KeyError::WrongAlgorithm { kind: self.kind, algorithm });
        }
        let random = SystemRandom::new();
        let failed = |_| KeyError::Library("sign");
        match &self.pair {
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, bytes).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding(algorithm), &random, bytes, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::Token(key) => key.sign(algorithm, bytes),
        }
    }
}

fn ecdsa<E>(made: Result<EcdsaKeyPair, E>) -> Option<Pair> {
    made.ok().map(Pair::Ecdsa)
}

fn rsa<E>(made: Result<RsaKeyPair, E>) -> Option<Pair> {
    made.ok().map(Pair::Rsa)
}

fn rsa_kind(modulus_len: usize) -> Option<KeyType> {
    match modulus_len {
        256 => Some(KeyType::Rsa2048),
        384 => Some(KeyType::Rsa3072),
        512 => Some(KeyType::Rsa4096),
        _ => None,
    }
}

/// Only called for algorithms that suit an RSA key.
fn padding(algorithm: SignatureAlgorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha384 => &RSA_PKCS1_SHA384,
        SignatureAlgorithm::RsaPkcs1Sha512 => &RSA_PKCS1_SHA512,
        SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
        SignatureAlgorithm::RsaPssSha384 => &RSA_PSS_SHA384,
        SignatureAlgorithm::RsaPssSha512 => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_pkcs8_form_and_signs() {
        for kind in [KeyType::P256, KeyType::P384, KeyType::Rsa2048] {
            let made = LocalKey::generate(kind).unwrap();
            let read = LocalKey::from_pkcs8(&made.to_pkcs8().unwrap()).unwrap();
            assert_eq!(read.kind(), kind);
            assert_eq!(read.spki().unwrap(), made.spki().unwrap());
            let algorithm = kind.default_algorithm();
            let signature = read.sign(algorithm, b"bytes").unwrap();
            sceau_pki::verify_signature(algorithm, &made.spki().unwrap(), b"bytes", &signature)
                .unwrap();
        }
    }

    #[test]
    fn an_rsa_key_signs_with_each_rsa_algorithm_and_no_other() {
        let key = LocalKey::generate(KeyType::Rsa2048).unwrap();
        use SignatureAlgorithm as A;
        for algorithm in [
            A::RsaPkcs1Sha256,
            A::RsaPkcs1Sha384,
            A::RsaPkcs1Sha512,
            A::RsaPssSha256,
            A::RsaPssSha384,
            A::RsaPssSha512,
        ] {
            let signature = key.sign(algorithm, b"bytes").unwrap();
            sceau_pki::verify_signature(algorithm, &key.spki().unwrap(), b"bytes", &signature)
                .unwrap();
        }
        assert!(matches!(
            key.sign(A::EcdsaP256Sha256, b"bytes"),
            Err(KeyError::WrongAlgorithm { .. })
        ));
    }

    #[test]
    fn foreign_bytes_are_no_key_and_debug_is_silent() {
        assert_eq!(LocalKey::from_pkcs8(b"\x30\x00").unwrap_err(), KeyError::Unsupported);
        let shown = format!("{:?}", LocalKey::generate(KeyType::P256).unwrap());
        assert_eq!(shown, "LocalKey { kind: P256, .. }");
    }

    #[test]
    fn padding_and_digest_choose_the_algorithm() {
        use SignatureAlgorithm as A;
        let sha512 = Some(DigestAlgorithm::Sha512);
        assert_eq!(KeyType::Rsa3072.algorithm(false, None), Some(A::RsaPkcs1Sha256));
        assert_eq!(KeyType::Rsa3072.algorithm(true, None), Some(A::RsaPssSha256));
        assert_eq!(KeyType::Rsa4096.algorithm(true, sha512), Some(A::RsaPssSha512));
        assert_eq!(KeyType::P384.algorithm(false, None), Some(A::EcdsaP384Sha384));
        assert_eq!(KeyType::P256.algorithm(true, None), None);
        assert_eq!(KeyType::P256.algorithm(false, sha512), None);
    }

    #[test]
    fn words_name_kinds() {
        for kind in KeyType::ALL {
            assert_eq!(KeyType::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(KeyType::parse("ed25519"), None);
    }
}
