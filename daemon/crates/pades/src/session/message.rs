//! The CMS of a signature: its signed attributes, its exact size, its assembly (EN 319 142-1 §6.3).

use sceau_pki::Certificate;

use super::{SealRequest, Session};

/// Why the message cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the CMS cannot be built: {0}")]
pub struct MessageFault(pub(super) String);

/// Why a timestamp token is not one over this signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the timestamp token was refused: {0}")]
pub struct TokenFault(pub(super) String);

pub(super) fn capacity(
    _request: &SealRequest<'_>,
    _certificate: &Certificate,
    _timestamp_room: Option<usize>,
) -> Result<usize, MessageFault> {
    Err(MessageFault("not built yet".to_owned()))
}

pub(super) fn signed_attributes(
    _request: &SealRequest<'_>,
    _certificate: &Certificate,
    _digest: &[u8],
) -> Result<Vec<u8>, MessageFault> {
    Err(MessageFault("not built yet".to_owned()))
}

pub(super) fn assemble(
    _session: &Session,
    _signature: &[u8],
    _token: Option<&[u8]>,
) -> Result<Vec<u8>, MessageFault> {
    Err(MessageFault("not built yet".to_owned()))
}

pub(super) fn check_token(_token: &[u8], _signature: &[u8]) -> Result<(), TokenFault> {
    Err(TokenFault("not built yet".to_owned()))
}
