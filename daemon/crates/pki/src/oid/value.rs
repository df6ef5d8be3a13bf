//! An object identifier by value, with arcs of up to 128 bits: those of UUIDs (X.667) are that long.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest encoding accepted, in octets. A UUID's takes 20.
const MAX: usize = 47;

/// An object identifier (X.660), kept in its encoded form (X.690 §8.19).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    octets: [u8; MAX],
    len: u8,
}

/// Text or octets that are no object identifier, or one longer than 47 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier, or too long a one")]
pub struct MalformedOid;

impl Oid {
    /// A constant of this house; fails to compile when malformed.
    pub(crate) const fn constant(dotted: &str) -> Self {
        match Self::parse(dotted) {
            Some(oid) => oid,
            None => panic!("malformed object identifier"),
        }
    }

    /// From its content octets.
    ///
    /// # Errors
    /// When they are empty, longer than 47 octets, end within an arc, or hold an arc of more than
    /// 128 bits or with leading zeros.
    pub fn from_octets(content: &[u8]) -> Result<Self, MalformedOid> {
        if content.is_empty()
            || content.len() > MAX
            || content.last().is_some_and(|b| b & 0x80 != 0)
        {
            return Err(MalformedOid);
        }
        let arcs = content.split_inclusive(|octet| octet & 0x80 == 0);
        if arcs.into_iter().any(|arc| arc[0] == 0x80 || arc_value(arc).is_none()) {
            return Err(MalformedOid);
        }
        let mut octets = [0; MAX];
        octets[..content.len()].copy_from_slice(content);
        Ok(Self { octets, len: content.len() as u8 })
    }

    /// Its content octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }

    const fn parse(dotted: &str) -> Option<Self> {
        let text = dotted.as_bytes();
        let mut oid = Self { octets: [0; MAX], len: 0 };
        let (mut at, mut index, mut root) = (0, 0, 0u128);
        while at <= text.len() {
            let (arc, next) = match decimal(text, at) {
                Some(found) => found,
                None => return None,
            };
            match index {
                0 if arc > 2 => return None,
                0 => root = arc * 40,
                1 if root < 80 && arc > 39 => return None,
                1 => match root.checked_add(arc) {
                    Some(first) if oid.push(first) => {}
                    _ => return None,
                },
                _ if !oid.push(arc) => return None,
                _ => {}
            }
            index += 1;
            at = next + 1;
        }
        if index < 2 { None } else { Some(oid) }
    }

    /// Appends an arc in base 128; `false` when there is no room.
    const fn push(&mut self, arc: u128) -> bool {
        let bits = 128 - arc.leading_zeros();
        let mut left = if bits == 0 { 1 } else { bits.div_ceil(7) };
        while left > 0 {
            left -= 1;
            if self.len as usize == MAX {
                return false;
            }
            let more = if left > 0 { 0x80 } else { 0 };
            self.octets[self.len as usize] = (arc >> (7 * left)) as u8 & 0x7f | more;
            self.len += 1;
        }
        true
    }
}

/// The decimal number at `at` and the place of the dot (or end) behind it.
const fn decimal(text: &[u8], mut at: usize) -> Option<(u128, usize)> {
    let (start, mut value) = (at, 0u128);
    while at < text.len() && text[at] != b'.' {
        let digit = text[at].wrapping_sub(b'0');
        if digit > 9 || (at > start && value == 0) {
            return None;
        }
        value = match value.checked_mul(10) {
            Some(tens) => match tens.checked_add(digit as u128) {
                Some(sum) => sum,
                None => return None,
            },
            None => return None,
        };
        at += 1;
    }
    if at == start { None } else { Some((value, at)) }
}

fn arc_value(arc: &[u8]) -> Option<u128> {
    arc.iter()
        .try_fold(0u128, |value, octet| Some(value.checked_mul(128)? | u128::from(octet & 0x7f)))
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arcs = self.octets().split_inclusive(|octet| octet & 0x80 == 0);
        for (index, arc) in arcs.enumerate() {
            let value = arc_value(arc).unwrap_or_default();
            match index {
                0 if value >= 80 => write!(f, "2.{}", value - 80)?,
                0 => write!(f, "{}.{}", value / 40, value % 40)?,
                _ => write!(f, ".{value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Oid {
    type Err = MalformedOid;

    fn from_str(dotted: &str) -> Result<Self, MalformedOid> {
        Self::parse(dotted).ok_or(MalformedOid)
    }
}

impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Oid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dotted_text_comes_back() {
        for text in [
            "1.2.840.113549.1.7.2",
            "2.5.4.97",
            "0.4.0.1862.1.6.2",
            "2.999.0",
            "2.25.340282366920938463463374607431768211455",
        ] {
            let oid: Oid = text.parse().unwrap();
            assert_eq!(oid.to_string(), text);
            assert_eq!(Oid::from_octets(oid.octets()), Ok(oid));
        }
        assert_eq!(Oid::constant("2.5.4.97").octets(), [0x55, 4, 97]);
    }

    #[test]
    fn malformed_ones_are_refused() {
        for text in [
            "",
            "1",
            "3.1",
            "1.40",
            "1..2",
            "1.02",
            "1.2.",
            ".1.2",
            "1.2.x",
            "1.2.340282366920938463463374607431768211456",
        ] {
            assert_eq!(text.parse::<Oid>(), Err(MalformedOid), "{text}");
        }
        for octets in [&[][..], &[0x80], &[0x2a, 0x86], &[0x2a, 0x80, 1], &[1; 48], &[0xff; 20]] {
            assert_eq!(Oid::from_octets(octets), Err(MalformedOid), "{octets:?}");
        }
    }

    proptest! {
        #[test]
        fn octets_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(oid) = Oid::from_octets(&octets) {
                let shown = oid.to_string();
                prop_assert_eq!(shown.parse::<Oid>().map(|again| again.octets().to_vec()), Ok(octets));
            }
        }
    }
}
