//! From a document to the bytes that the key is to sign.

use sceau_pdf::{
    ByteSource, Document, Fault, FieldTarget, Limits, ReadError, SignatureRequest, SubFilter,
    append_signature,
};
use sceau_pki::Hasher;

use super::message::{self, MessageFault};
use super::{CertificateFault, SealRequest, Session, ToBeSigned};
use crate::Level;
use crate::digest::{HashedPrefix, revision_digest};
use crate::document::{DocumentError, holds_document_error};
use crate::stored::SessionVersion;

/// The field's name when none is asked for.
const DEFAULT_FIELD: &str = "Signature";

/// Why no session began. Nothing was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeginError {
    /// The document, or a lock in it, takes no signature; or the request does not fit it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The certificate may not make this signature. The configuration is at fault.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// The request is wrong. The caller is at fault.
    #[error("the signature request is wrong: {0}")]
    Request(&'static str),
    /// The CMS cannot be built from what was given. The caller is at fault.
    #[error(transparent)]
    Message(#[from] MessageFault),
}

holds_document_error!(BeginError);

impl BeginError {
    /// Who is at fault: the document, the caller with its configuration, or the medium.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Document(error) => error.fault(),
            Self::Certificate(_) | Self::Request(_) | Self::Message(_) => Fault::Caller,
        }
    }
}

/// Prepares a signature over `source`: the revision to append, and the bytes to be signed.
///
/// The document is read once from end to end, for its digest, through a buffer of
/// [`BUFFER_LEN`](crate::BUFFER_LEN) bytes; beside it only the objects that a signature touches.
///
/// # Errors
/// [`BeginError`]; [`BeginError::fault`] says who is at fault.
pub fn begin(source: &dyn ByteSource, request: &SealRequest<'_>) -> Result<ToBeSigned, BeginError> {
    let hasher = Hasher::new(request.algorithm.digest());
    begin_hashed(source, request, HashedPrefix { len: 0, hasher })
}

/// As [`begin`], by a caller who has hashed the first bytes of `source` already.
///
/// # Errors
/// As [`begin`]; a prefix in another digest than that of the algorithm, or longer than the source,
/// is [`BeginError::Request`].
pub fn begin_hashed(
    source: &dyn ByteSource,
    request: &SealRequest<'_>,
    prefix: HashedPrefix,
) -> Result<ToBeSigned, BeginError> {
    let certificate = request.signing_certificate()?;
    check_prefix(source, request, &prefix)?;
    let capacity = message::capacity(request, certificate, timestamp_room(request)?)?;
    let document = Document::open(source, &Limits::default())?;
    let revision = append_signature(&document, &field_request(&document, request, capacity)?)?;
    let digest = revision_digest(source, &revision, prefix)?;
    let attributes = message::signed_attributes(request, certificate, &digest)?;
    Ok(ToBeSigned {
        session: Session {
            version: SessionVersion,
            level: request.level,
            algorithm: request.algorithm,
            chain: request.chain.to_vec(),
            attributes,
            revision,
        },
    })
}

fn check_prefix(
    source: &dyn ByteSource,
    request: &SealRequest<'_>,
    prefix: &HashedPrefix,
) -> Result<(), BeginError> {
    if prefix.hasher.algorithm() != request.algorithm.digest() {
        return Err(BeginError::Request(
            "the hashed prefix is in another digest than the signature",
        ));
    }
    if prefix.len > source.len() {
        return Err(BeginError::Request("the hashed prefix is longer than the document"));
    }
    Ok(())
}

/// The token's room, which a B-T signature needs and a B-B signature does not have.
fn timestamp_room(request: &SealRequest<'_>) -> Result<Option<usize>, BeginError> {
    match (request.level, request.timestamp_len) {
        (Level::B, _) => Ok(None),
        (Level::T, Some(len)) if len > 0 => Ok(Some(len)),
        (Level::T, _) => {
            Err(BeginError::Request("a B-T signature needs the size of a timestamp token"))
        }
        (Level::Lt | Level::Lta, _) => {
            Err(BeginError::Request("a signature is made at B-T at most, and extended afterwards"))
        }
    }
}

fn field_request(
    document: &Document<'_>,
    request: &SealRequest<'_>,
    capacity: usize,
) -> Result<SignatureRequest, ReadError> {
    Ok(SignatureRequest {
        field: field_target(document, request.field_name.as_deref())?,
        signing_time: Some(request.signing_time),
        reason: request.reason.clone(),
        location: request.location.clone(),
        name: request.name.clone(),
        appearance: request.appearance.clone(),
        ..SignatureRequest::new(DEFAULT_FIELD, SubFilter::EtsiCadesDetached, capacity)
    })
}

/// A field that the document has already is filled; else a new one gets the name.
fn field_target(document: &Document<'_>, wished: Option<&str>) -> Result<FieldTarget, ReadError> {
    let Some(name) = wished else {
        return Ok(FieldTarget::New { name: DEFAULT_FIELD.to_owned() });
    };
    let name = name.to_owned();
    if document.is_encrypted() {
        // It is refused with its reason when the signature is appended.
        return Ok(FieldTarget::New { name });
    }
    let known = document.signature_fields()?.iter().any(|field| field.name == name);
    Ok(if known { FieldTarget::Existing { name } } else { FieldTarget::New { name } })
}
