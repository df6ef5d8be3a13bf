//! The CMS of a signature: its signed attributes, its exact size, its assembly (EN 319 142-1 §6.3).

use sceau_pki::attributes::{Attribute, SignerAttributes, signature_timestamp};
use sceau_pki::cms::{Assembly, Content, SignedAttributes};
use sceau_pki::tsp::{Imprint, TimestampToken, TokenError};
use sceau_pki::{Asn1Error, Certificate, oid};

use super::{SealRequest, Session};

/// Longest claimed role accepted, in bytes: it is read by people.
const MAX_ROLE: usize = 512;
/// Most claimed roles.
const MAX_ROLES: usize = 16;
/// Longest opaque attribute accepted, in bytes.
const MAX_ATTRIBUTE: usize = 16 * 1024;

/// Why the message cannot be built. The caller is at fault, or a stored record was tampered with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageFault {
    /// A claimed role is empty or longer than 512 bytes, or there are more than 16.
    #[error("a claimed role is empty or too long, or there are too many")]
    Roles,
    /// The opaque attribute is empty or longer than 16 KiB.
    #[error("the signed attribute is empty or too long")]
    Attribute,
    /// The stored session holds no certificate.
    #[error("the stored session holds no certificate")]
    NoCertificate,
    /// The stored signed attributes are none.
    #[error("the stored signed attributes are damaged: {0}")]
    Damaged(#[from] Asn1Error),
}

/// The signed attributes over a document with this digest.
pub(super) fn signed_attributes(
    request: &SealRequest<'_>,
    certificate: &Certificate,
    digest: &[u8],
) -> Result<SignedAttributes, MessageFault> {
    let claimed = claimed(request)?;
    let algorithm = request.algorithm.digest();
    Ok(SignedAttributes::baseline(oid::DATA, algorithm, digest, certificate, &claimed))
}

fn claimed(request: &SealRequest<'_>) -> Result<SignerAttributes, MessageFault> {
    let roles = &request.claimed_roles;
    if roles.len() > MAX_ROLES || roles.iter().any(|role| role.is_empty() || role.len() > MAX_ROLE)
    {
        return Err(MessageFault::Roles);
    }
    let ours = request.signed_attribute.as_ref();
    if ours.is_some_and(|ours| ours.der.is_empty() || ours.der.len() > MAX_ATTRIBUTE) {
        return Err(MessageFault::Attribute);
    }
    Ok(SignerAttributes {
        claimed_roles: roles.clone(),
        others: ours.map(|ours| Attribute::new(ours.oid, ours.der.clone())).into_iter().collect(),
    })
}

/// The size of the hole, in bytes of DER: that of the whole message with the longest signature that
/// the key can give and, where there is room for one, a timestamp token of that size.
pub(super) fn capacity(
    request: &SealRequest<'_>,
    certificate: &Certificate,
    timestamp_room: Option<usize>,
) -> Result<usize, MessageFault> {
    let digest = vec![0; request.algorithm.digest().len()];
    let attributes = signed_attributes(request, certificate, &digest)?;
    let assembly = Assembly {
        content: Content::Detached,
        signed_attributes: &attributes,
        algorithm: request.algorithm,
        signer: certificate,
        chain: request.chain,
        bare: false,
        unsigned: &[],
    };
    Ok(assembly.max_len(timestamp_room))
}

/// The whole message.
pub(super) fn assemble(
    session: &Session,
    signature: &[u8],
    token: Option<&[u8]>,
) -> Result<Vec<u8>, MessageFault> {
    let unsigned: Vec<Attribute> = token.map(signature_timestamp).into_iter().collect();
    let assembly = Assembly {
        content: Content::Detached,
        signed_attributes: &session.attributes,
        algorithm: session.algorithm,
        signer: session.chain.first().ok_or(MessageFault::NoCertificate)?,
        chain: &session.chain,
        bare: false,
        unsigned: &unsigned,
    };
    Ok(assembly.finish(signature))
}

/// Whether the token is over this signature, and its unit's own signature verifies. Whether the unit
/// is trusted is not asked.
pub(super) fn check_token(token: &[u8], signature: &[u8]) -> Result<(), TokenError> {
    let token = TimestampToken::parse(token)?;
    let algorithm = token.info().imprint.accepted().ok_or(TokenError::OtherImprint)?;
    if token.info().imprint != Imprint::of(algorithm, signature) {
        return Err(TokenError::OtherImprint);
    }
    token.verify_signature(&token.unit(&[])?)
}
