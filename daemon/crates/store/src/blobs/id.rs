//! The name of a blob.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of a blob: the SHA-256 of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 32]);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

/// Not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a blob id is 64 hexadecimal digits, in lower case")]
pub struct BadBlobId;

impl FromStr for BlobId {
    type Err = BadBlobId;

    fn from_str(text: &str) -> Result<Self, BadBlobId> {
        let mut id = [0; 32];
        hex::decode_to_slice(text, &mut id).map_err(|_| BadBlobId)?;
        if text.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(BadBlobId);
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_id() {
        let text = "00ff".repeat(16);
        assert_eq!(text.parse::<BlobId>().unwrap().to_string(), text);
        for wrong in [text.to_uppercase(), text[1..].to_owned(), format!("{text}00")] {
            assert_eq!(wrong.parse::<BlobId>(), Err(BadBlobId));
        }
    }
}
