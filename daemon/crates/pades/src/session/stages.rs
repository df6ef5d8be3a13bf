//! The stages after the beginning.

use sceau_pdf::{HoleTooSmall, Revision};
use sceau_pki::tsp::TokenError;
use sceau_pki::{Certificate, DigestAlgorithm, SignatureAlgorithm, SignatureError, sha256};
use serde::{Deserialize, Serialize};

use super::Session;
use super::message::{self, MessageFault};
use crate::Level;
use crate::stored::base64_text;

/// A prepared signature that waits for its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToBeSigned {
    pub(super) session: Session,
}

impl ToBeSigned {
    /// The exact bytes to be signed: SignedAttributes in DER (RFC 5652 §5.4).
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        self.session.attributes.to_be_signed()
    }

    /// The act: SHA-256 of the bytes to be signed. Signing the same bytes again is the same act.
    #[must_use]
    pub fn act(&self) -> [u8; 32] {
        self.session.attributes.act()
    }

    /// The certificate whose key is to sign.
    ///
    /// None only for a stored record that was tampered with.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.session.chain.first()
    }

    /// The algorithm with which it is to sign.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.session.algorithm
    }

    /// The level to reach.
    #[must_use]
    pub fn level(&self) -> Level {
        self.session.level
    }

    /// Length of the document before the signature, in bytes.
    #[must_use]
    pub fn base_len(&self) -> u64 {
        self.session.revision.base_len
    }

    /// Takes the signature value, as the algorithm encodes it.
    ///
    /// # Errors
    /// [`WrongSignature`] where it is not that of the certificate's key over these bytes; the key's
    /// side is at fault, and the session stays usable by whoever kept a copy.
    pub fn signed(self, signature: &[u8]) -> Result<Signed, WrongSignature> {
        let certificate = self.certificate().ok_or(WrongSignature::NoCertificate)?;
        certificate.verify(self.algorithm(), self.to_be_signed(), signature)?;
        Ok(self.unverified(signature.to_vec()))
    }

    /// Takes the signature value without looking at it: for those who validate the finished document
    /// before they give it away, which verifies the same once more.
    #[must_use]
    pub fn unverified(self, signature: Vec<u8>) -> Signed {
        Signed { session: self.session, signature }
    }
}

/// Why a signature value was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum WrongSignature {
    /// It does not verify.
    #[error("the signature is not that of the certificate's key over the bytes to be signed: {0}")]
    Invalid(#[from] SignatureError),
    /// The stored session holds no certificate.
    #[error("the stored session holds no certificate")]
    NoCertificate,
}

/// A signature value that waits for its timestamp, or for none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signed {
    session: Session,
    #[serde(with = "base64_text")]
    signature: Vec<u8>,
}

impl Signed {
    /// The signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The level to reach.
    #[must_use]
    pub fn level(&self) -> Level {
        self.session.level
    }

    /// What the timestamp is to be over: SHA-256 of the signature value (EN 319 122-1 §5.3).
    #[must_use]
    pub fn imprint(&self) -> [u8; 32] {
        sha256(&self.signature)
    }

    /// The digest algorithm of [`imprint`](Self::imprint).
    #[must_use]
    pub fn imprint_algorithm(&self) -> DigestAlgorithm {
        DigestAlgorithm::Sha256
    }

    /// Finishes a B-B signature.
    ///
    /// # Errors
    /// [`UnsealedError::TimestampNeeded`] where B-T was asked for: a level is never lowered here.
    pub fn without_timestamp(self) -> Result<Sealed, UnsealedError> {
        if self.session.level != Level::B {
            return Err(UnsealedError::TimestampNeeded);
        }
        let cms = message::assemble(&self.session, &self.signature, None)?;
        self.session.seal(&cms).map_err(UnsealedError::from)
    }

    /// Finishes a B-T signature with the DER of a timestamp token over [`imprint`](Self::imprint).
    ///
    /// The token's own signature and its imprint are verified here; whether its authority is
    /// trusted, the caller decides.
    ///
    /// # Errors
    /// [`TimestampError`]. After [`TimestampError::HoleTooSmall`] the document is to be begun again
    /// with `timestamp_len` of at least `needed`: another act, with another signature.
    pub fn timestamped(self, token: &[u8]) -> Result<Sealed, TimestampError> {
        if self.session.level < Level::T {
            return Err(TimestampError::NotAskedFor);
        }
        message::check_token(token, &self.signature)?;
        let cms = message::assemble(&self.session, &self.signature, Some(token))?;
        self.session.seal(&cms).map_err(|_| TimestampError::HoleTooSmall { needed: token.len() })
    }
}

/// Why a signature without timestamp was not finished.
#[derive(Debug, thiserror::Error)]
pub enum UnsealedError {
    /// The session is for B-T.
    #[error("the signature was prepared for B-T and has no timestamp")]
    TimestampNeeded,
    /// The message does not fit; ourselves are at fault, or the stored record was tampered with.
    #[error(transparent)]
    Hole(#[from] HoleTooSmall),
    /// The message cannot be built; ourselves are at fault, or the record was tampered with.
    #[error(transparent)]
    Message(#[from] MessageFault),
}

/// Why a timestamp token was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// The session is for B-B.
    #[error("the signature was prepared for B-B and takes no timestamp")]
    NotAskedFor,
    /// The time-stamping authority is at fault.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is larger than the room that was reserved for it.
    #[error("the timestamp token of {needed} bytes does not fit into the reserved room")]
    HoleTooSmall {
        /// The token's size in bytes.
        needed: usize,
    },
    /// The message cannot be built; ourselves are at fault, or the record was tampered with.
    #[error(transparent)]
    Message(#[from] MessageFault),
}

/// A finished signature: the output is the document's bytes followed by `revision.tail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// What is appended, its hole filled.
    pub revision: Revision,
    /// The level reached.
    pub level: Level,
}

impl Session {
    fn seal(mut self, cms: &[u8]) -> Result<Sealed, HoleTooSmall> {
        self.revision.fill(cms)?;
        Ok(Sealed { revision: self.revision, level: self.level })
    }
}
