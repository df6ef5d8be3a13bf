//! The baseline levels of EN 319 142-1 §6.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A PAdES baseline level that this room makes or recognises (EN 319 142-1 §6.1).
///
/// Ordered: a higher level includes the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// B-B: the signature with its signed attributes.
    #[serde(rename = "B-B")]
    B,
    /// B-T: with a signature timestamp that proves when it existed at the latest.
    #[serde(rename = "B-T")]
    T,
    /// B-LT: the document holds what its chains and their status are validated by.
    #[serde(rename = "B-LT")]
    Lt,
    /// B-LTA: with a document timestamp over all that, which can be renewed for ever.
    #[serde(rename = "B-LTA")]
    Lta,
}

impl Level {
    /// The name in the standard, as in `B-T`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::B => "B-B",
            Self::T => "B-T",
            Self::Lt => "B-LT",
            Self::Lta => "B-LTA",
        }
    }

    /// The level at which a signing session for this level ends: those above B-T are reached by
    /// extending the signed document.
    #[must_use]
    pub fn at_signing(self) -> Self {
        self.min(Self::T)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no level: the caller is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no signature level: expected B-B, B-T, B-LT or B-LTA")]
pub struct UnknownLevel(String);

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        match text.to_ascii_uppercase().as_str() {
            "B-B" => Ok(Self::B),
            "B-T" => Ok(Self::T),
            "B-LT" => Ok(Self::Lt),
            "B-LTA" => Ok(Self::Lta),
            _ => Err(UnknownLevel(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for level in [Level::B, Level::T, Level::Lt, Level::Lta] {
            assert_eq!(level.name().parse::<Level>(), Ok(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{level}\""));
        }
        assert!("B-X".parse::<Level>().is_err());
    }
}
