//! What an incremental update adds to a file: a tail, and in it a hole for a signature.

use serde::{Deserialize, Serialize};

/// The bytes to append to a base of `base_len` bytes: the output is the base followed by `tail`.
///
/// Not a byte of the base is ever rewritten (ISO 32000-2, 7.5.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The length of the base in bytes.
    pub base_len: u64,
    /// What follows it.
    #[serde(with = "text")]
    pub tail: Vec<u8>,
    /// Where the signature goes, where the revision is one.
    pub hole: Option<Hole>,
}

/// The `/Contents` string of a signature: from its `<` to its `>`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The offset of `<` from the start of the output.
    pub start: u64,
    /// The length in bytes, both brackets included: `2 * capacity + 2`.
    pub len: u64,
}

impl Hole {
    /// The DER bytes that fit, in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        (self.len.saturating_sub(2) / 2) as usize
    }

    /// The offset after `>`.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.len
    }
}

/// The signature does not fit into the hole that was left for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature needs {needed} bytes, {available} were reserved")]
pub struct HoleTooSmall {
    /// What the signature needs, in bytes of DER.
    pub needed: usize,
    /// What was reserved, in bytes of DER.
    pub available: usize,
}

impl Revision {
    /// The length of the output in bytes.
    #[must_use]
    pub fn total_len(&self) -> u64 {
        self.base_len + self.tail.len() as u64
    }

    /// The `/ByteRange` that stands in the tail: all but the hole (ISO 32000-2, 12.8.1).
    #[must_use]
    pub fn byte_range(&self) -> Option<[u64; 4]> {
        let hole = self.hole?;
        Some([0, hole.start, hole.end(), self.total_len() - hole.end()])
    }

    /// The two parts of the tail that the signature covers, beside the whole base.
    #[must_use]
    pub fn signed_tail(&self) -> Option<(&[u8], &[u8])> {
        let span = self.hole_in_tail()?;
        Some((&self.tail[..span.start], &self.tail[span.end..]))
    }

    /// Writes `der` into the hole, in hexadecimal, and zeros after it.
    ///
    /// # Errors
    /// [`HoleTooSmall`] where it does not fit, or where there is no hole (0 bytes available).
    pub fn fill(&mut self, der: &[u8]) -> Result<(), HoleTooSmall> {
        let span = self.hole_in_tail().unwrap_or(0..0);
        let available = span.len().saturating_sub(2) / 2;
        if der.len() > available || span.is_empty() {
            return Err(HoleTooSmall { needed: der.len(), available });
        }
        let digits = &mut self.tail[span.start + 1..span.end - 1];
        digits.fill(b'0');
        for (pair, byte) in digits.chunks_exact_mut(2).zip(der) {
            pair.copy_from_slice(&hex_pair(*byte));
        }
        Ok(())
    }

    /// The hole's place in the tail; none where the stored value contradicts itself.
    fn hole_in_tail(&self) -> Option<std::ops::Range<usize>> {
        let hole = self.hole?;
        let start = usize::try_from(hole.start.checked_sub(self.base_len)?).ok()?;
        let end = start.checked_add(usize::try_from(hole.len).ok()?)?;
        (hole.len >= 2 && end <= self.tail.len()).then_some(start..end)
    }
}

pub(crate) fn hex_pair(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

/// Bytes as base64 where a stored record is text.
pub(crate) mod text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision() -> Revision {
        let tail = b"ab<00000000>cd".to_vec();
        Revision { base_len: 100, tail, hole: Some(Hole { start: 102, len: 10 }) }
    }

    #[test]
    fn the_byte_range_leaves_out_the_hole_alone() {
        let revision = revision();
        assert_eq!(revision.byte_range(), Some([0, 102, 112, 2]));
        assert_eq!(revision.signed_tail(), Some((&b"ab"[..], &b"cd"[..])));
    }

    #[test]
    fn filling_pads_with_zeros_and_refuses_what_is_too_long() {
        let mut revision = revision();
        revision.fill(&[0xff; 4]).unwrap();
        revision.fill(&[0x30, 0xa5]).unwrap();
        assert_eq!(revision.tail, b"ab<30a50000>cd");
        let refusal = revision.fill(&[0; 5]).unwrap_err();
        assert_eq!(refusal, HoleTooSmall { needed: 5, available: 4 });
    }

    #[test]
    fn a_stored_revision_comes_back_the_same() {
        let stored = serde_json::to_string(&revision()).unwrap();
        assert_eq!(serde_json::from_str::<Revision>(&stored).unwrap(), revision());
    }

    #[test]
    fn a_stored_hole_outside_the_tail_fills_nothing() {
        for hole in [Hole { start: 99, len: 10 }, Hole { start: 110, len: 10 }] {
            let mut revision = Revision { hole: Some(hole), ..revision() };
            assert!(revision.fill(&[1]).is_err());
        }
        let hole = Some(Hole { start: u64::MAX, len: u64::MAX });
        assert!(Revision { hole, ..revision() }.fill(&[1]).is_err());
    }
}
