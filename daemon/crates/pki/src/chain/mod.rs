//! Certification paths (RFC 5280 §6): found among given certificates and validated at an instant.
//!
//! What is checked: signatures, names, validity of every certificate but the anchor's own (an anchor
//! is a name and a key, §6.1.1), basic constraints and path length, keyCertSign, the purpose of the
//! first certificate, and critical extensions: one that is not known here refuses the path, name
//! and policy constraints among them. Revocation is not looked at.

mod error;
mod purpose;
mod search;

use std::collections::HashSet;

use jiff::Timestamp;

pub use error::ChainError;
pub use purpose::Purpose;
pub(crate) use search::check_validity;

use crate::certificate::{Certificate, CertificateError};

/// Certificates that are trusted as such.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors {
    certificates: Vec<Certificate>,
}

impl TrustAnchors {
    /// These certificates.
    pub fn new(certificates: Vec<Certificate>) -> Self {
        Self { certificates }
    }

    /// Every certificate of a PEM text.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        Certificate::from_pem_bundle(pem).map(Self::new)
    }

    /// Adds one.
    pub fn add(&mut self, certificate: Certificate) {
        self.certificates.push(certificate);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// Whether this certificate is an anchor itself.
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.certificates.contains(certificate)
    }

    /// Every anchor.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
}

/// A valid path, from the certificate in question to the anchor; both are in it. An anchor that is
/// itself in question stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    certificates: Vec<Certificate>,
}

impl Path {
    /// From the certificate in question to the anchor.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The anchor.
    pub fn anchor(&self) -> &Certificate {
        self.certificates.last().expect("invariant: a path is never empty")
    }
}

/// Finds a path that is valid at `at` for `purpose`.
///
/// The search is bounded: at most ten certificates to a path and 64 signatures verified in all.
///
/// # Errors
/// [`ChainError`]: that of the path that came farthest.
pub fn validate(
    certificate: &Certificate,
    intermediates: &[Certificate],
    anchors: &TrustAnchors,
    at: Timestamp,
    purpose: Purpose,
) -> Result<Path, ChainError> {
    purpose.check(certificate)?;
    search::search(certificate, intermediates, anchors, at)
        .map(|certificates| Path { certificates })
}

/// Puts the issuers of `certificate` that are among `pool` behind it, as far as they go: the chain
/// that a signature carries. Signatures are verified; nothing is trusted by that.
pub fn order(certificate: &Certificate, pool: &[Certificate]) -> Vec<Certificate> {
    let mut chain = vec![certificate.clone()];
    let mut seen = HashSet::from([certificate.fingerprint()]);
    loop {
        let last = chain.last().expect("invariant: a chain is never empty");
        let next = pool.iter().find(|candidate| search::issued(candidate, last));
        match next {
            Some(next) if chain.len() < search::MAX_DEPTH && seen.insert(next.fingerprint()) => {
                let next = next.clone();
                chain.push(next);
            }
            _ => return chain,
        }
    }
}
