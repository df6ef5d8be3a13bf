//! What is asked of a signature, and whether the certificate may make it.

use jiff::Timestamp;
use sceau_pdf::Appearance;
use sceau_pki::chain::{self, Purpose, TrustAnchors};
use sceau_pki::{Certificate, Oid, SignatureAlgorithm};

use crate::Level;

/// A signature or seal to be made.
#[derive(Clone, Debug)]
pub struct SealRequest<'a> {
    /// The signing certificate first, then its issuers as far as they shall stand in the signature.
    pub chain: &'a [Certificate],
    /// The algorithm with which the key will sign.
    pub algorithm: SignatureAlgorithm,
    /// The level to reach.
    pub level: Level,
    /// Now, for `/M` and for the certificate's validity.
    pub signing_time: Timestamp,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/Name`.
    pub name: Option<String>,
    /// An empty signature field of the document, or the name of a new one; `Signature` when absent.
    pub field_name: Option<String>,
    /// How the signature is seen on a page; not at all when absent.
    pub appearance: Option<Appearance>,
    /// Roles that the signer claims (EN 319 122-1 §5.2.6.1), readable by people.
    pub claimed_roles: Vec<String>,
    /// An attribute of ours inside signer-attributes-v2.
    pub signed_attribute: Option<OpaqueAttribute>,
    /// The room to reserve for a timestamp token at B-T, in bytes of DER: the size of one from the
    /// same authority, with [`TOKEN_VARIATION`] for what differs from token to token.
    pub timestamp_len: Option<usize>,
}

/// How many bytes one authority's tokens differ at most, in practice: the fraction of the second,
/// the serial number, an ECDSA value. To be added to the size of a token from a dry run.
pub const TOKEN_VARIATION: usize = 32;

/// An attribute whose meaning is the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueAttribute {
    /// Its type.
    pub oid: Oid,
    /// The DER of its one value.
    pub der: Vec<u8>,
}

impl<'a> SealRequest<'a> {
    /// A request with nothing optional in it.
    #[must_use]
    pub fn new(
        chain: &'a [Certificate],
        algorithm: SignatureAlgorithm,
        level: Level,
        signing_time: Timestamp,
    ) -> Self {
        Self {
            chain,
            algorithm,
            level,
            signing_time,
            reason: None,
            location: None,
            name: None,
            field_name: None,
            appearance: None,
            claimed_roles: Vec::new(),
            signed_attribute: None,
            timestamp_len: None,
        }
    }

    /// The signing certificate, when it may make this signature now.
    pub(super) fn signing_certificate(&self) -> Result<&'a Certificate, CertificateFault> {
        let certificate = self.chain.first().ok_or(CertificateFault::Missing)?;
        may_sign(certificate, self.signing_time)?;
        let key = certificate.public_key().map_err(|_| CertificateFault::Key)?;
        if !self.algorithm.fits(key) {
            let (algorithm, key) = (self.algorithm, key.to_string());
            return Err(CertificateFault::Algorithm { algorithm, key });
        }
        Ok(certificate)
    }
}

/// Why the given certificate may not make the signature. The configuration is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The chain is empty.
    #[error("no signing certificate was given")]
    Missing,
    /// Its key usage has neither nonRepudiation nor digitalSignature (RFC 5280 §4.2.1.3), or its
    /// extended key usage names other purposes only (§4.2.1.12).
    #[error("the certificate may not be used for signatures: its key usage forbids it")]
    Usage,
    /// It is a certification authority's.
    #[error("the certificate is a certification authority's: it does not sign documents")]
    Authority,
    /// Its validity has not begun.
    #[error("the certificate is valid only from {0} on")]
    NotYetValid(Timestamp),
    /// Its validity is over.
    #[error("the certificate expired at {0}")]
    Expired(Timestamp),
    /// Its key is of no kind that signs here.
    #[error("the certificate's key is of a kind that is not supported")]
    Key,
    /// The algorithm does not go with its key.
    #[error("the algorithm {algorithm:?} does not go with the certificate's {key} key")]
    Algorithm {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
        /// The kind of key.
        key: String,
    },
}

/// Whether a certificate may make a signature or seal at a moment, whatever its key: its usages and
/// its validity.
///
/// # Errors
/// Why it may not.
pub fn may_sign(certificate: &Certificate, at: Timestamp) -> Result<(), CertificateFault> {
    check_usage(certificate)?;
    check_validity(certificate, at)
}

fn check_usage(certificate: &Certificate) -> Result<(), CertificateFault> {
    if certificate.basic_constraints().is_some_and(|constraints| constraints.ca) {
        return Err(CertificateFault::Authority);
    }
    // Its own anchor: the purpose alone is left to be judged.
    let itself = TrustAnchors::new(vec![certificate.clone()]);
    let at = certificate.not_before();
    let judged = chain::validate(certificate, &[], &itself, at, Purpose::Signature);
    judged.map(drop).map_err(|_| CertificateFault::Usage)
}

fn check_validity(certificate: &Certificate, at: Timestamp) -> Result<(), CertificateFault> {
    if at < certificate.not_before() {
        return Err(CertificateFault::NotYetValid(certificate.not_before()));
    }
    if at > certificate.not_after() {
        return Err(CertificateFault::Expired(certificate.not_after()));
    }
    Ok(())
}
