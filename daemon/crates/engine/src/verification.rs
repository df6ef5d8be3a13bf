//! Judging a document, and telling what only this house knows of it: by which délégation something was
//! signed. `pades` carries that attribute without knowing what it means.

use der::asn1::{OctetString, Utf8StringRef};
use der::{Decode, Encode};
use sceau_cabinet::{Basis, Right};
use sceau_pades::report::{DelegationReport, Report, SignatureReport};
use sceau_pades::{OpaqueAttribute, ReadError, ValidationOptions};
use sceau_pdf::ByteSource;

/// The version of the attribute.
const VERSION: u8 = 1;

/// `SceauDelegation ::= SEQUENCE { version INTEGER (1), id OCTET STRING (SIZE(16)),
/// digest OCTET STRING (SIZE(32)), right UTF8String }`: which délégation, in its exact terms, and
/// the right used; no personal detail.
#[derive(der::Sequence)]
struct SceauDelegation<'a> {
    version: u8,
    id: OctetString,
    digest: OctetString,
    right: Utf8StringRef<'a>,
}

/// Validates every signature of a document, as [`sceau_pades::validate`] does, and reads the délégation
/// that it names.
///
/// # Errors
/// [`ReadError`] where the document cannot be read.
pub fn validate(source: &dyn ByteSource, options: &ValidationOptions) -> Result<Report, ReadError> {
    let mut report = sceau_pades::validate(source, options)?;
    for signature in &mut report.signatures {
        signature.delegation = delegation(signature);
    }
    Ok(report)
}

fn delegation(signature: &SignatureReport) -> Option<DelegationReport> {
    let ours = sceau_pki::oid::DELEGATION.to_string();
    let mut attributes = signature.signed_attributes.iter().filter(|one| one.oid == ours);
    attributes.find_map(|attribute| read(&hex::decode(&attribute.der).ok()?))
}

fn read(der: &[u8]) -> Option<DelegationReport> {
    let told = SceauDelegation::from_der(der).ok()?;
    let (id, digest) = (told.id.as_bytes(), told.digest.as_bytes());
    if told.version != VERSION || id.len() != 16 || digest.len() != 32 {
        return None;
    }
    Some(DelegationReport {
        right: told.right.as_str().to_owned(),
        id: hex::encode(id),
        terms_sha256: hex::encode(digest),
    })
}

/// The attribute that names the délégation by which somebody acts, where he does by one.
///
/// # Errors
/// It cannot be encoded.
pub fn attribute(basis: &Basis, right: Right) -> der::Result<Option<OpaqueAttribute>> {
    let Basis::Delegation { id, digest, .. } = basis else { return Ok(None) };
    let der = encoded(id.as_bytes(), digest, right.word())?;
    Ok(Some(OpaqueAttribute { oid: sceau_pki::oid::DELEGATION, der }))
}

fn encoded(id: &[u8], digest: &[u8], right: &str) -> der::Result<Vec<u8>> {
    let (id, digest) = (OctetString::new(id)?, OctetString::new(digest)?);
    SceauDelegation { version: VERSION, id, digest, right: Utf8StringRef::new(right)? }.to_der()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let der = encoded(&[1; 16], &[2; 32], "sceller").unwrap();
        let told = read(&der).unwrap();
        assert_eq!((told.right.as_str(), told.id), ("sceller", "01".repeat(16)));
        assert_eq!(told.terms_sha256, "02".repeat(32));
        assert_eq!(read(&encoded(&[1; 15], &[2; 32], "sceller").unwrap()), None);
        assert_eq!(read(&encoded(&[1; 16], &[2; 31], "sceller").unwrap()), None);
        assert_eq!(read(&der[..der.len() - 1]), None);
        let other = [&der[..4], &[2][..], &der[5..]].concat();
        assert_eq!(read(&other), None, "another version");
    }
}
