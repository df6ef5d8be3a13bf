//! One entry of the journal: which key signed what, when, and by which decision.

use sceau_pki::SignatureAlgorithm;
use serde::{Deserialize, Serialize};

use crate::request::{Authorisation, KeyId, Purpose};

/// One signature that was made. It names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The request that caused it.
    #[serde(with = "hex::serde")]
    pub request_id: [u8; 16],
    /// The key used.
    pub key: KeyId,
    /// The key's purpose.
    pub purpose: Purpose,
    /// The decision under which it was used.
    pub authorisation: Authorisation,
    /// How it signed.
    pub algorithm: SignatureAlgorithm,
    /// The act: SHA-256 of the bytes that were signed.
    #[serde(with = "hex::serde")]
    pub act: [u8; 32],
    /// The signer's clock, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// The signature value.
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}
