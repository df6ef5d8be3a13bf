//! E-mail addresses, and the commitments that stand for them in events.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::canonical::hex32;
use crate::ids::PersonId;

/// A normalised e-mail address: trimmed, lower-case, ASCII, at most 254 bytes (RFC 5321, 4.5.3.1.3).
///
/// It is personal data: it belongs into [`crate::PersonDetails`], never into an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// A text that is no e-mail address. The caller is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an e-mail address of the form name@example.fr")]
pub struct EmailFault(pub String);

impl EmailAddress {
    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailFault;

    fn from_str(text: &str) -> Result<Self, EmailFault> {
        let normal = text.trim().to_ascii_lowercase();
        match is_address(&normal) {
            true => Ok(Self(normal)),
            false => Err(EmailFault(text.chars().take(120).collect())),
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailFault;

    fn try_from(text: String) -> Result<Self, EmailFault> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&c);
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(atom)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The secret under which addresses are committed to; 32 random bytes that the caller keeps with the
/// erasable details. When it (or the row that holds it) is erased, commitments say nothing any more.
#[derive(Clone)]
pub struct CommitmentKey([u8; 32]);

impl CommitmentKey {
    /// The key made of these 32 random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for CommitmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitmentKey(..)")
    }
}

/// HMAC-SHA256 (RFC 2104) of a normalised address under a [`CommitmentKey`]: equal addresses have
/// equal commitments, and without the key nobody can try addresses against it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressCommitment(#[serde(with = "hex32")] [u8; 32]);

impl AddressCommitment {
    /// Commits to an address.
    pub fn new(key: &CommitmentKey, address: &EmailAddress) -> Self {
        let mut message = b"sceau address 1\0".to_vec();
        message.extend_from_slice(address.as_str().as_bytes());
        Self(hmac_sha256(&key.0, &message))
    }

    /// The key under which the caller may keep the details of an address that has no account yet:
    /// the first 16 bytes. It names nobody in the registry.
    pub fn details_key(&self) -> PersonId {
        let (key, _) = self.0.split_at(16);
        PersonId::from_bytes(key.try_into().expect("invariant: 16 of 32 bytes"))
    }

    /// The 32 bytes, as a key of a table.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AddressCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressCommitment({})", hex::encode(self.0))
    }
}

/// RFC 2104 with a key of 32 bytes (shorter than the block of 64).
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised() {
        let address: EmailAddress = " Marie.Durand@Exemple.FR ".parse().unwrap();
        assert_eq!(address.as_str(), "marie.durand@exemple.fr");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@x.fr", "a".repeat(65));
        for bad in
            ["", "a", "@x.fr", "a@", "a@x", "a@x..fr", "a b@x.fr", "é@x.fr", ".a@x.fr", &long]
        {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn equal_addresses_have_equal_commitments_under_one_key_only() {
        let address: EmailAddress = "a@x.fr".parse().unwrap();
        let same: EmailAddress = "A@X.FR".parse().unwrap();
        let key = CommitmentKey::from_bytes([1; 32]);
        let other = CommitmentKey::from_bytes([2; 32]);
        assert_eq!(AddressCommitment::new(&key, &address), AddressCommitment::new(&key, &same));
        assert_ne!(
            AddressCommitment::new(&key, &address),
            AddressCommitment::new(&other, &address)
        );
    }

    /// A vector made with another implementation (Python's hmac module).
    #[test]
    fn the_mac_is_hmac_sha256() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        assert_eq!(
            hex::encode(hmac_sha256(&key, b"what do ya want for nothing?")),
            "099805f4ac310786968565c098db515cc50862b420ae31e20238312344bed36a"
        );
    }
}
