//! The revisions that extend a signed document.

use jiff::Timestamp;
use sceau_pdf::{
    ByteSource, Document, Fault, HoleTooSmall, Limits, Revision, SignatureRequest, SubFilter,
    append_security_store, append_signature,
};
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::Material;
use sceau_pki::tsp::{Imprint, TimestampToken, TokenError};
use sceau_pki::{DigestAlgorithm, Hasher};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::chain::{Chain, Known, keep, known};
use super::material::to_store;
use super::missing::renewed;
use crate::digest::{HashedPrefix, revision_digest};
use crate::document::{DocumentError, holds_document_error};
use crate::stored::{SessionVersion, base64_text};
use crate::token_room::TokensGrow;

/// The wished name of the field of a document timestamp.
const FIELD: &str = "Timestamp";

/// Why a document is not extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtendError {
    /// The document takes no revision, or cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The time-stamping authority is at fault.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is larger than the room that was reserved for it.
    #[error("the timestamp token of {needed} bytes does not fit into the reserved room")]
    HoleTooSmall {
        /// The token's size in bytes.
        needed: usize,
    },
    /// Tokens do not fit again and again: the time-stamping authority is at fault.
    #[error(transparent)]
    Growing(#[from] TokensGrow),
}

holds_document_error!(ExtendError);

impl ExtendError {
    /// Who is at fault.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Document(error) => error.fault(),
            Self::Token(_) | Self::HoleTooSmall { .. } | Self::Growing(_) => Fault::Caller,
        }
    }
}

/// A revision that was added to a document: its output is the document followed by
/// `revision.tail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extended {
    /// What is appended.
    pub revision: Revision,
}

/// Stores in the document what of `material` its chains need and it does not hold yet: chains,
/// statuses, and the certificates of responders. `None` when there is nothing to add.
///
/// Whether that suffices, [`missing`](super::missing) says.
///
/// # Errors
/// [`ExtendError`].
pub fn store_material(
    source: &dyn ByteSource,
    anchors: &TrustAnchors,
    material: &Material,
    now: Timestamp,
) -> Result<Option<Extended>, ExtendError> {
    let document = Document::open(source, &Limits::default())?;
    let case = Case::of(&document, source, material, now)?;
    let at_hand = case.at_hand();
    let mut needed = Material::default();
    for subject in renewed(&case.subjects, now) {
        let chain = Chain::of(&subject, at_hand.material, anchors, now);
        let certificates = chain.certificates.clone();
        needed.merge(&Material { certificates, ..Material::default() });
        for (certificate, issuer) in chain.links() {
            if let Known::Enough(evidence) = known(&subject, certificate, issuer, at_hand) {
                keep(&evidence, issuer, at_hand, &mut needed);
            }
        }
    }
    let revision = append_security_store(&document, &to_store(&needed))?;
    Ok(revision.map(|revision| Extended { revision }))
}

/// A document timestamp that waits for its token. A stored value, as every stage of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentTimestamp {
    version: SessionVersion,
    revision: Revision,
    #[serde(with = "base64_text")]
    digest: Vec<u8>,
}

/// Prepares a document timestamp (`/DocTimeStamp`, EN 319 142-1 §5.4.3) over all of `source`, with
/// room for a token of `token_len` bytes: the size of one from a dry run, with
/// [`TOKEN_VARIATION`](crate::TOKEN_VARIATION).
///
/// # Errors
/// [`ExtendError`].
pub fn begin_document_timestamp(
    source: &dyn ByteSource,
    token_len: usize,
) -> Result<DocumentTimestamp, ExtendError> {
    let document = Document::open(source, &Limits::default())?;
    let request = SignatureRequest::new(FIELD, SubFilter::EtsiRfc3161, token_len);
    let revision = append_signature(&document, &request)?;
    let hasher = Hasher::new(DigestAlgorithm::Sha256);
    let digest = revision_digest(source, &revision, HashedPrefix { len: 0, hasher })?;
    Ok(DocumentTimestamp { version: SessionVersion, revision, digest })
}

impl DocumentTimestamp {
    /// What the token is to be over: SHA-256 of the document with this revision, but for its hole.
    #[must_use]
    pub fn imprint(&self) -> &[u8] {
        &self.digest
    }

    /// The digest algorithm of [`imprint`](Self::imprint).
    #[must_use]
    pub fn imprint_algorithm(&self) -> DigestAlgorithm {
        DigestAlgorithm::Sha256
    }

    /// Takes the token, whose imprint and own signature are verified here; whether its authority is
    /// trusted, the caller decides.
    ///
    /// # Errors
    /// [`ExtendError::Token`]; after [`ExtendError::HoleTooSmall`] it is to be begun again with
    /// more room.
    pub fn finish(mut self, token: &[u8]) -> Result<Extended, ExtendError> {
        let parsed = TimestampToken::parse(token)?;
        if parsed.info().imprint != Imprint::new(self.imprint_algorithm(), self.digest.clone()) {
            return Err(TokenError::OtherImprint.into());
        }
        parsed.verify_signature(&parsed.unit(&[])?)?;
        let filled: Result<(), HoleTooSmall> = self.revision.fill(token);
        filled.map_err(|_| ExtendError::HoleTooSmall { needed: token.len() })?;
        Ok(Extended { revision: self.revision })
    }
}
