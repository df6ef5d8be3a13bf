//! How this room's values stand in stored records: bytes as base64 text, and a leading version.

use serde::{Deserialize, Serialize};

/// The version of a stored session; only the present one is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(crate) struct SessionVersion;

impl From<SessionVersion> for u8 {
    fn from(_: SessionVersion) -> Self {
        1
    }
}

impl TryFrom<u8> for SessionVersion {
    type Error = String;

    fn try_from(version: u8) -> Result<Self, String> {
        match version {
            1 => Ok(Self),
            other => Err(format!("a signing session of version {other}; this program reads 1")),
        }
    }
}

/// Bytes as base64 text, for `#[serde(with = ..)]`.
pub(crate) mod base64_text {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<u8>, D::Error> {
        BASE64_STANDARD.decode(String::deserialize(from)?).map_err(de::Error::custom)
    }
}
