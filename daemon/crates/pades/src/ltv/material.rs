//! The document's security store as certificates, responses and lists.

use sceau_pdf::{Document, ReadError, SecurityStore};
use sceau_pki::Certificate;
use sceau_pki::crl::RevocationList;
use sceau_pki::ocsp::OcspResponse;
use sceau_pki::revocation::Material;

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

pub(super) fn to_store(material: &Material) -> SecurityStore {
    SecurityStore {
        certs: material.certificates.iter().map(|one| one.der().to_vec()).collect(),
        ocsps: material.ocsps.iter().map(|one| one.der().to_vec()).collect(),
        crls: material.crls.iter().map(|one| one.der().to_vec()).collect(),
    }
}
