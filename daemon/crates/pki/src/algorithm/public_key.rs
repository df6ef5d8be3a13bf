//! Public keys, read from `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::SignatureError;
use crate::{
    asn1::{Asn1Error, Reader, tag},
    digest::DigestAlgorithm,
    oid,
};

/// What kind of key, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// An elliptic-curve key on P-256 (secp256r1).
    EcP256,
    /// An elliptic-curve key on P-384 (secp384r1).
    EcP384,
    /// An elliptic-curve key on P-521 (secp521r1): verified, never signed with.
    EcP521,
    /// An RSA key.
    Rsa {
        /// Length of the modulus in bits.
        bits: u32,
    },
}

impl KeyKind {
    /// Longest signature value in octets (`Ecdsa-Sig-Value` for curves).
    pub fn max_signature_len(self) -> usize {
        match self {
            Self::EcP256 => 72,
            Self::EcP384 => 104,
            Self::EcP521 => 139,
            Self::Rsa { bits } => bits.div_ceil(8) as usize,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("P-256"),
            Self::EcP384 => f.write_str("P-384"),
            Self::EcP521 => f.write_str("P-521"),
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
        }
    }
}

/// A public key that was read and is of an accepted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey<'a> {
    kind: KeyKind,
    octets: &'a [u8],
    restriction: Restriction,
}

/// What a key may sign with, beyond its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restriction {
    /// Nothing more is said.
    None,
    /// RSASSA-PSS alone, and with this digest where one is named (RFC 4055 §3.3).
    PssOnly(Option<DigestAlgorithm>),
}

impl<'a> PublicKey<'a> {
    /// Reads a `SubjectPublicKeyInfo` in DER.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when it is none, [`SignatureError::UnsupportedKey`] for
    /// another kind of key, or RSA outside 2048 to 8192 bits.
    pub fn from_spki(spki: &'a [u8]) -> Result<Self, SignatureError> {
        let mut fields = Reader::single(spki, tag::SEQUENCE)?.reader();
        let mut algorithm = fields.sequence()?;
        let octets = fields.bits()?;
        fields.finish()?;
        let (kind, restriction) = match algorithm.oid()? {
            oid::EC_PUBLIC_KEY => (curve(&mut algorithm)?, Restriction::None),
            oid::RSA => (rsa(octets)?, Restriction::None),
            oid::RSA_PSS => (rsa(octets)?, pss_only(&mut algorithm)?),
            _ => return Err(SignatureError::UnsupportedKey),
        };
        Ok(Self { kind, octets, restriction })
    }

    pub(super) fn restriction(&self) -> Restriction {
        self.restriction
    }

    /// Kind and length.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The content of the BIT STRING: a point, or an `RSAPublicKey`.
    pub fn octets(&self) -> &'a [u8] {
        self.octets
    }
}

fn curve(parameters: &mut Reader<'_>) -> Result<KeyKind, SignatureError> {
    match parameters.oid()? {
        oid::P256 => Ok(KeyKind::EcP256),
        oid::P384 => Ok(KeyKind::EcP384),
        oid::P521 => Ok(KeyKind::EcP521),
        _ => Err(SignatureError::UnsupportedKey),
    }
}

/// The parameters of a key for RSASSA-PSS: absent, or those that every signature must have.
fn pss_only(parameters: &mut Reader<'_>) -> Result<Restriction, SignatureError> {
    if parameters.is_empty() {
        return Ok(Restriction::PssOnly(None));
    }
    super::scheme::pss_parameters(parameters).map(|(digest, _)| Restriction::PssOnly(Some(digest)))
}

fn rsa(octets: &[u8]) -> Result<KeyKind, SignatureError> {
    let mut fields = Reader::single(octets, tag::SEQUENCE)?.reader();
    let modulus = match fields.integer()? {
        [0, rest @ ..] => rest,
        modulus => modulus,
    };
    let first = *modulus.first().ok_or(Asn1Error::Value("INTEGER"))?;
    // Bounded by the modulus of 1024 octets below.
    let bits = u32::try_from(modulus.len() * 8).map_or(u32::MAX, |all| all - first.leading_zeros());
    match bits {
        2048..=8192 => Ok(KeyKind::Rsa { bits }),
        _ => Err(SignatureError::UnsupportedKey),
    }
}
