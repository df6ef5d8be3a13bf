//! Names of the things a dossier is made of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 value (32 bytes), written in hexadecimal wherever a person may read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps a value that was computed elsewhere.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a SHA-256 digest is written with 64 hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Names a dossier: `D` and 26 characters of Crockford base 32, in the order of their making.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DossierId(String);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl DossierId {
    /// A new name from the moment (milliseconds since 1970) and ten random bytes of the caller.
    pub fn new(now_ms: i64, random: [u8; 10]) -> Self {
        let mut value = u128::from(now_ms.unsigned_abs()) << 80;
        for (place, byte) in random.iter().enumerate() {
            value |= u128::from(*byte) << (8 * place);
        }
        let digit = |place: u32| char::from(CROCKFORD[((value >> (5 * place)) & 31) as usize]);
        Self(std::iter::once('D').chain((0..26).rev().map(digit)).collect())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DossierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not the name of a dossier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not the name of a dossier: it is `D` followed by 26 letters and digits")]
pub struct NotADossierId(String);

impl FromStr for DossierId {
    type Err = NotADossierId;

    fn from_str(text: &str) -> Result<Self, NotADossierId> {
        let upper = text.trim().to_ascii_uppercase();
        let good = upper.len() == 27
            && upper.starts_with('D')
            && upper.bytes().skip(1).all(|byte| CROCKFORD.contains(&byte));
        if good { Ok(Self(upper)) } else { Err(NotADossierId(text.to_owned())) }
    }
}

/// Names one effect for ever: the first 16 bytes of a digest over what asked for it, so that
/// deciding the same thing twice asks for the same effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId([u8; 16]);

impl EffectId {
    /// The name of the `serial`-th effect that `attempt` of `step` asks for.
    pub fn derive(dossier: &DossierId, step: usize, attempt: u32, serial: u64) -> Self {
        let text = format!("{dossier}/{step}/{attempt}/{serial}");
        let digest = Digest::of(text.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.bytes()[..16]);
        Self(bytes)
    }

    /// Wraps bytes that were read from the outbox.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for EffectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EffectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.as_ref(), &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_the_moment_and_parse_back() {
        let early = DossierId::new(1_000, [255; 10]);
        let late = DossierId::new(1_001, [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_str().parse(), Ok(early.clone()));
        assert_eq!(early.as_str().to_lowercase().parse(), Ok(early));
        assert!("D123".parse::<DossierId>().is_err());
    }

    #[test]
    fn effects_of_different_attempts_differ() {
        let dossier = DossierId::new(1, [1; 10]);
        let first = EffectId::derive(&dossier, 0, 1, 0);
        assert_eq!(first, EffectId::derive(&dossier, 0, 1, 0));
        assert_ne!(first, EffectId::derive(&dossier, 0, 2, 0));
        assert_ne!(first, EffectId::derive(&dossier, 1, 1, 0));
    }

    #[test]
    fn digests_are_hexadecimal_in_json() {
        let digest = Digest::of(b"abc");
        let json = serde_json::to_string(&digest).unwrap();
        assert!(json.contains("ba7816bf"));
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }
}
