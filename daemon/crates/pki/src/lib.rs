//! Certificates, chains, CMS and time-stamp messages that keep their original bytes.
//!
//! Pure: bytes and values in, bytes and values out. No file, network, clock or randomness; private
//! keys never come here: callers sign what `to_be_signed()` gives and hand the signature back,
//! which is verified before anything is built from it.

pub mod algorithm;
mod asn1;
pub mod attributes;
mod base64_octets;
pub mod certificate;
pub mod chain;
pub mod cms;
pub mod crl;
pub mod digest;
pub mod name;
pub mod ocsp;
pub mod oid;
pub mod profile;
pub mod revocation;
pub mod siren;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tsp;

pub use algorithm::{
    KeyKind, PublicKey, Scheme, SignatureAlgorithm, SignatureError, verify_signature,
};
pub use asn1::{Asn1Error, definite_lengths};
pub use attributes::{Attribute, SignerAttributes};
pub use certificate::{Certificate, CertificateError};
pub use chain::{ChainError, Purpose, TrustAnchors};
pub use digest::{DigestAlgorithm, Hasher, sha256};
pub use name::Name;
pub use oid::Oid;
pub use siren::Siren;

#[cfg(test)]
mod tests;
