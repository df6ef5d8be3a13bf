//! The SIREN number of a French legal person: nine digits, the last one a Luhn key.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A SIREN whose key is right. (La Poste's exception concerns SIRET numbers only.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Siren([u8; 9]);

/// Why a text is no SIREN: whoever typed it is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SirenError {
    /// Not nine digits.
    #[error("a SIREN has nine digits")]
    NotNineDigits,
    /// The check digit does not fit the others: a digit is wrong.
    #[error("the SIREN's check digit is wrong: one of its digits was mistyped")]
    WrongKey,
}

impl Siren {
    /// Reads nine digits; spaces (also no-break ones) between them are allowed.
    ///
    /// # Errors
    /// [`SirenError`].
    pub fn parse(text: &str) -> Result<Self, SirenError> {
        let kept: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut digits = [0; 9];
        if kept.len() != digits.len() {
            return Err(SirenError::NotNineDigits);
        }
        for (digit, c) in digits.iter_mut().zip(kept) {
            *digit = c.to_digit(10).ok_or(SirenError::NotNineDigits)? as u8;
        }
        // Nine zeros fit their key, yet number nobody.
        if luhn(&digits) && digits != [0; 9] { Ok(Self(digits)) } else { Err(SirenError::WrongKey) }
    }

    /// `NTRFR-<SIREN>`: the organizationIdentifier of EN 319 412-1 §5.1.4.
    pub fn organization_identifier(self) -> String {
        format!("NTRFR-{self}")
    }
}

/// Whether the sum with every second digit (from the right) doubled is a multiple of ten.
fn luhn(digits: &[u8; 9]) -> bool {
    let weigh = |(index, digit): (usize, &u8)| match index % 2 {
        0 => u32::from(*digit),
        _ => u32::from(*digit) * 2 / 10 + u32::from(*digit) * 2 % 10,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl FromStr for Siren {
    type Err = SirenError;

    fn from_str(text: &str) -> Result<Self, SirenError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Siren {
    type Error = SirenError;

    fn try_from(text: String) -> Result<Self, SirenError> {
        Self::parse(&text)
    }
}

impl From<Siren> for String {
    fn from(siren: Siren) -> Self {
        siren.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_numbers_pass() {
        for text in ["732829320", "356 000 000", "552\u{a0}100\u{202f}554"] {
            assert!(Siren::parse(text).is_ok(), "{text}");
        }
        let siren = Siren::parse("732 829 320").unwrap();
        assert_eq!(siren.organization_identifier(), "NTRFR-732829320");
    }

    #[test]
    fn a_mistyped_digit_is_found() {
        assert_eq!(Siren::parse("732829321"), Err(SirenError::WrongKey));
        assert_eq!(Siren::parse("000000000"), Err(SirenError::WrongKey));
        assert_eq!(Siren::parse("73282932"), Err(SirenError::NotNineDigits));
        assert_eq!(Siren::parse("73282932A"), Err(SirenError::NotNineDigits));
        assert_eq!(Siren::parse("٧٣٢٨٢٩٣٢٠"), Err(SirenError::NotNineDigits));
    }
}
