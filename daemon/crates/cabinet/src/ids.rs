//! Identifiers. All are given by the caller; none tells anything about a person.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is no identifier. The caller is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// An opaque identifier is 32 hexadecimal digits.
    #[error("`{0}` is not an identifier: 32 hexadecimal digits are expected")]
    NotOpaque(String),
    /// A société's code is 1 to 40 of `a-z 0-9 -`, beginning with a letter or a digit.
    #[error("`{0}` is not the code of a société: 1 to 40 of a-z, 0-9 and -, not beginning with -")]
    NotSociete(String),
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 16 bytes chosen by the caller; written as 32 lower-case hexadecimal digits.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier made of these 16 bytes (random ones, or a UUID).
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdFault;

            fn from_str(text: &str) -> Result<Self, IdFault> {
                opaque(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdFault;

            fn try_from(text: String) -> Result<Self, IdFault> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

opaque_id! {
    /// Names a person in events, audit records and signatures, and tells nothing about him.
    PersonId
}
opaque_id! {
    /// Names a délégation for ever, through its amendments and its revocation.
    DelegationId
}
opaque_id! {
    /// Names an API token; it is not the token's secret.
    TokenId
}

fn opaque(text: &str) -> Result<[u8; 16], IdFault> {
    let mut bytes = [0; 16];
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(IdFault::NotOpaque(text.chars().take(64).collect())),
    }
}

/// The short code by which configuration, command line and file names call a société
/// (`martin-audit`): 1 to 40 of `a-z 0-9 -`. It never changes; the société's name may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocieteId(String);

impl SocieteId {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SocieteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SocieteId {
    type Err = IdFault;

    fn from_str(text: &str) -> Result<Self, IdFault> {
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let good =
            (1..=40).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-');
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdFault::NotSociete(text.chars().take(64).collect()))
        }
    }
}

impl TryFrom<String> for SocieteId {
    type Error = IdFault;

    fn try_from(text: String) -> Result<Self, IdFault> {
        text.parse()
    }
}

impl From<SocieteId> for String {
    fn from(id: SocieteId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_identifiers_come_back_from_their_text() {
        let id = PersonId::from_bytes([0xA7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{}\"", "a7".repeat(16)));
        assert!("a7".parse::<PersonId>().is_err());
    }

    #[test]
    fn a_societe_code_can_be_a_file_name() {
        assert!("martin-audit".parse::<SocieteId>().is_ok());
        for bad in ["", "-x", "Martin", "a b", "../x", "é", &"a".repeat(41)] {
            assert!(bad.parse::<SocieteId>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<SocieteId>("\"..\"").is_err());
    }
}
