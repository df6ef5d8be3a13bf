//! What may be asked of the signer, and how it answers: the words of the protocol.

use std::fmt;

use sceau_pki::SignatureAlgorithm;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest dossier, step and key name, in bytes.
pub const MAX_NAME: usize = 200;
/// Longest value to be signed, in bytes: signed attributes take some 300, a certificate 2,000.
pub const MAX_TO_BE_SIGNED: usize = 64 * 1024;
/// Longest life of an authorisation ahead of the signer's clock, in milliseconds.
pub const MAX_AUTHORISATION_LIFE_MS: i64 = 60_000;
/// How far two clocks on one machine may disagree, in milliseconds.
pub const CLOCK_SKEW_MS: i64 = 2_000;

/// The name of a key: 1 to 64 of `a-z`, `0-9`, `-`, `_`; also the stem of its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

/// A text that cannot name a key. The caller is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} cannot name a key: 1 to 64 of a-z, 0-9, '-' and '_'")]
pub struct InvalidKeyId(pub String);

impl KeyId {
    /// Parses a key's name.
    pub fn parse(text: &str) -> Result<Self, InvalidKeyId> {
        let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        match text.len() {
            1..=64 if text.bytes().all(good) => Ok(Self(text.to_owned())),
            _ => Err(InvalidKeyId(text.chars().take(80).collect())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyId {
    type Error = InvalidKeyId;

    fn try_from(text: String) -> Result<Self, InvalidKeyId> {
        Self::parse(&text)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

/// What a key is for; fixed when it is made, and authenticated in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Sealing documents in a société's name (CMS signed attributes over id-data, RFC 5652 §5.4).
    Seal,
    /// Issuing time-stamp tokens (CMS signed attributes over id-ct-TSTInfo, RFC 3161 §2.4.2).
    Timestamp,
    /// Issuing certificates and CRLs (TBSCertificate and TBSCertList, RFC 5280 §4.1, §5.1).
    Certificate,
    /// Telling the status of certificates (OCSP ResponseData, RFC 6960 §4.2.1). Such answers are
    /// many, are true for a short while only, and are not journalled.
    Ocsp,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Seal, Self::Timestamp, Self::Certificate, Self::Ocsp];

    /// The word used in key files and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Timestamp => "timestamp",
            Self::Certificate => "certificate",
            Self::Ocsp => "ocsp",
        }
    }

    /// The purpose that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The committed decision under which a key is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    /// The dossier's id, at most [`MAX_NAME`] bytes.
    pub dossier: String,
    /// The step's id within the dossier, at most [`MAX_NAME`] bytes.
    pub step: String,
    /// Which attempt of that step, counted from 1.
    pub attempt: u32,
    /// SHA-256 of the délégation used; `None` for a right of one's own.
    #[serde(with = "hex_option", default)]
    pub delegation_digest: Option<[u8; 32]>,
    /// When it ends, in milliseconds since 1970-01-01 UTC; at most a minute ahead.
    pub expires_at_ms: i64,
}

/// One use of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// Chosen by the caller, journalled; names the request in both logs.
    #[serde(with = "hex::serde")]
    pub request_id: [u8; 16],
    /// Which key.
    pub key: KeyId,
    /// What the caller means to do; must be the key's own purpose.
    pub purpose: Purpose,
    /// By which decision.
    pub authorisation: Authorisation,
    /// How; must suit the key.
    pub algorithm: SignatureAlgorithm,
    /// The exact DER that is signed, at most [`MAX_TO_BE_SIGNED`] bytes.
    #[serde(with = "hex::serde")]
    pub to_be_signed: Vec<u8>,
}

/// The answer to a [`SignRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureValue {
    /// DER `ECDSA-Sig-Value`, or the RSA signature of the modulus' length.
    #[serde(with = "hex::serde")]
    pub bytes: Vec<u8>,
    /// True when these bytes had been signed before: the key was not used again.
    pub replayed: bool,
}

/// What the signer tells about a key it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Its name.
    pub id: KeyId,
    /// Its one purpose.
    pub purpose: Purpose,
    /// The algorithm it signs with unless another suitable one is asked for.
    pub algorithm: SignatureAlgorithm,
    /// DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    #[serde(with = "hex::serde")]
    pub spki: Vec<u8>,
}

/// Why the signer would not sign. The caller is at fault, save `ClockWentBack`.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// No such key.
    #[error("there is no key {key}")]
    UnknownKey {
        /// As asked.
        key: KeyId,
    },
    /// The key has another purpose.
    #[error("key {key} is for {holds}, not for {asked}")]
    WrongPurpose {
        /// As asked.
        key: KeyId,
        /// The key's purpose.
        holds: Purpose,
        /// The purpose asked for.
        asked: Purpose,
    },
    /// The algorithm does not suit the key.
    #[error("key {key} cannot sign with {algorithm:?}")]
    WrongAlgorithm {
        /// As asked.
        key: KeyId,
        /// As asked.
        algorithm: SignatureAlgorithm,
    },
    /// The bytes are not what that purpose signs.
    #[error("the bytes are not what a {purpose} key signs: {why}")]
    WrongShape {
        /// The purpose asked for.
        purpose: Purpose,
        /// What is wrong with them.
        why: String,
    },
    /// A name is empty or too long, or the attempt is zero.
    #[error("the authorisation is malformed: {why}")]
    Malformed {
        /// Which field, and how.
        why: String,
    },
    /// The authorisation has ended.
    #[error("the authorisation expired {late_ms} ms ago")]
    Expired {
        /// How long ago, in milliseconds.
        late_ms: i64,
    },
    /// The authorisation ends later than one minute from now.
    #[error("the authorisation would last {life_ms} ms, longer than a minute")]
    TooLong {
        /// Its remaining life, in milliseconds.
        life_ms: i64,
    },
    /// A later attempt of the same step was signed already, over other bytes.
    #[error("attempt {attempt} is superseded: attempt {seen} was signed")]
    Superseded {
        /// As asked.
        attempt: u32,
        /// The highest attempt signed.
        seen: u32,
    },
    /// The same attempt of the same step was signed already, over other bytes.
    #[error("attempt {attempt} of this step has signed other bytes already")]
    OtherBytes {
        /// As asked.
        attempt: u32,
    },
    /// The same bytes were signed by the same key with another algorithm.
    #[error("these bytes were signed with {journalled:?} before")]
    OtherAlgorithm {
        /// The algorithm of the journalled signature.
        journalled: SignatureAlgorithm,
    },
    /// The clock stands before the last journalled time-stamp, certificate or revocation list: no
    /// time can be vouched for.
    #[error(
        "the clock stands {behind_ms} ms before the last time-stamp, certificate or revocation list \
         given; set it right"
    )]
    ClockWentBack {
        /// By how much, in milliseconds.
        behind_ms: i64,
    },
}

/// Why a request to the signer brought no signature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignError {
    /// The signer refused; asking again unchanged is useless, save after [`Refusal::ClockWentBack`].
    #[error("the signer refused: {0}")]
    Refused(Refusal),
    /// The signer could not journal the signature, so gave none; the disk is at fault.
    #[error("the signer could not write its journal: {0}")]
    Journal(String),
    /// The key failed to sign. Ourselves, or a damaged key.
    #[error("the key could not sign: {0}")]
    Key(String),
    /// The signer is gone; a new one must be started. Asking it the same again is safe.
    #[error("the signer is gone")]
    Gone,
    /// The signer has not answered in time. Asking the same again is safe.
    #[error("the signer has not answered within {0} s")]
    Late(u64),
    /// The request is larger than a frame may be. The caller is at fault.
    #[error("the request is too large for the signer")]
    TooLarge,
}

impl SignError {
    /// True when the same request may succeed later without being changed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Journal(_) | Self::Gone | Self::Late(_) => true,
            Self::Refused(refusal) => matches!(refusal, Refusal::ClockWentBack { .. }),
            Self::Key(_) | Self::TooLarge => false,
        }
    }
}

mod hex_option {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<[u8; 32]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(bytes) => serializer.serialize_some(&hex::encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(D::Error::custom)?;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn key_names_cannot_leave_their_directory() {
        for bad in ["", ".", "..", "a/b", "A", "é", "a.p8", &"x".repeat(65)] {
            assert!(KeyId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<KeyId>("\"../root\"").is_err());
        assert_eq!(KeyId::parse("seal-dupont_2").unwrap().as_str(), "seal-dupont_2");
    }

    #[test]
    fn an_authorisation_reads_back() {
        let authorisation = Authorisation {
            dossier: "d".into(),
            step: "s".into(),
            attempt: 1,
            delegation_digest: Some([7; 32]),
            expires_at_ms: -1,
        };
        let text = serde_json::to_string(&authorisation).unwrap();
        assert_eq!(serde_json::from_str::<Authorisation>(&text).unwrap(), authorisation);
    }
}
