//! The document's security store as certificates, responses and lists.

use sceau_pdf::{Document, ReadError, SecurityStore};
use sceau_pki::Certificate;
use sceau_pki::cms::{SignedData, SignerInfo};
use sceau_pki::crl::RevocationList;
use sceau_pki::ocsp::OcspResponse;
use sceau_pki::revocation::Material;
use sceau_pki::tsp::TimestampToken;

/// What the document's security store holds; what cannot be read is passed over, for it proves
/// nothing.
///
/// # Errors
/// [`ReadError`] where the store itself is broken or too large.
pub fn stored_material(document: &Document<'_>) -> Result<Material, ReadError> {
    let store = document.security_store()?;
    let read =
        |list: &[Vec<u8>]| list.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    Ok(Material {
        certificates: read(&store.certs),
        ocsps: store.ocsps.iter().filter_map(|der| OcspResponse::parse(der).ok()).collect(),
        crls: store.crls.iter().filter_map(|der| RevocationList::parse(der).ok()).collect(),
    })
}

/// The revocation data that stands in a signature itself, and in its timestamps: not where PAdES wants
/// it, but where other forms of signature have it (ISO 32000-1, 12.8.3.3; RFC 5652 §10.2.1).
pub(crate) fn embedded_material(contents: &[u8]) -> Material {
    let mut material = Material::default();
    let Ok(message) = SignedData::parse_padded(contents) else { return material };
    take(&mut material, &message);
    for token in message.signers().iter().flat_map(SignerInfo::signature_timestamps) {
        if let Ok(token) = TimestampToken::parse(token) {
            take(&mut material, token.cms());
        }
    }
    material
}

fn take(material: &mut Material, message: &SignedData<'_>) {
    let (crls, ocsps) = message.revocation();
    if !crls.is_empty() || !ocsps.is_empty() {
        let certificates = message.certificates();
        material.merge(&Material { certificates, ocsps, crls });
    }
}

pub(super) fn to_store(material: &Material) -> SecurityStore {
    SecurityStore {
        certs: material.certificates.iter().map(|one| one.der().to_vec()).collect(),
        ocsps: material.ocsps.iter().map(|one| one.der().to_vec()).collect(),
        crls: material.crls.iter().map(|one| one.der().to_vec()).collect(),
    }
}
