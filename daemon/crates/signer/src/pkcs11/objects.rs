//! The objects of a token that belong to one key: private key, public key, certificates.

use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
};
use der::{
    Any, Encode,
    asn1::{BitString, Null, ObjectIdentifier, OctetStringRef, UintRef},
};
use sceau_pki::Certificate;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::{TokenFault, TokenKeyRef, module::failed};

/// RFC 8017 appendix C.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 §2.1.1.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// Most certificates read from one token.
const MAX_CERTIFICATES: usize = 64;

/// The one private key that the reference describes.
pub(super) fn private_key(
    session: &Session,
    reference: &TokenKeyRef,
) -> Result<ObjectHandle, TokenFault> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
    template.extend(reference.key_label.clone().map(|label| Attribute::Label(label.into())));
    template.extend(reference.key_id.clone().map(Attribute::Id));
    match session.find_objects(&template).map_err(failed)?.as_slice() {
        [one] => Ok(*one),
        other => Err(TokenFault::Keys { wanted: reference.key_words(), count: other.len() }),
    }
}

/// DER SubjectPublicKeyInfo of the private key's other half: from the certificate, or from the
/// public key object with the same CKA_ID, or from what the private key says of itself (RSA).
pub(super) fn public_key(
    session: &Session,
    private: ObjectHandle,
    certificates: &[(Vec<u8>, Certificate)],
) -> Result<Vec<u8>, TokenFault> {
    let id = id(session, private)?;
    let own = certificates.iter().find(|(of, _)| !id.is_empty() && *of == id);
    if let Some((_, certificate)) = own {
        return Ok(certificate.spki().to_vec());
    }
    let template = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Id(id)];
    let public = session.find_objects(&template).map_err(failed)?.into_iter().next();
    encoded(session, public.unwrap_or(private))?.ok_or(TokenFault::NoPublicKey)
}

/// Every certificate of the token that can be read, with its CKA_ID.
pub(super) fn certificates(session: &Session) -> Result<Vec<(Vec<u8>, Certificate)>, TokenFault> {
    let template = [Attribute::Class(ObjectClass::CERTIFICATE)];
    let mut found = Vec::new();
    for object in
        session.find_objects(&template).map_err(failed)?.into_iter().take(MAX_CERTIFICATES)
    {
        let attributes = [AttributeType::Value];
        let read = session.get_attributes(object, &attributes).map_err(failed)?;
        if let Some(Attribute::Value(der)) = read.first()
            && let Ok(certificate) = Certificate::from_der(der)
        {
            found.push((id(session, object)?, certificate));
        }
    }
    Ok(found)
}

fn id(session: &Session, object: ObjectHandle) -> Result<Vec<u8>, TokenFault> {
    let read = session.get_attributes(object, &[AttributeType::Id]).map_err(failed)?;
    Ok(match read.into_iter().next() {
        Some(Attribute::Id(id)) => id,
        _ => Vec::new(),
    })
}

fn encoded(session: &Session, object: ObjectHandle) -> Result<Option<Vec<u8>>, TokenFault> {
    use AttributeType as T;
    let wanted = [T::Modulus, T::PublicExponent, T::EcParams, T::EcPoint];
    let (mut modulus, mut exponent, mut curve, mut point) = (None, None, None, None);
    for attribute in session.get_attributes(object, &wanted).map_err(failed)? {
        match attribute {
            Attribute::Modulus(value) => modulus = Some(value),
            Attribute::PublicExponent(value) => exponent = Some(value),
            Attribute::EcParams(value) => curve = Some(value),
            Attribute::EcPoint(value) => point = Some(value),
            _ => {}
        }
    }
    let rsa = modulus.zip(exponent).and_then(|(modulus, exponent)| rsa(&modulus, &exponent));
    Ok(rsa.or_else(|| curve.zip(point).and_then(|(curve, point)| ec(&curve, &point))))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    let numbers = vec![UintRef::new(modulus).ok()?, UintRef::new(exponent).ok()?];
    spki(RSA, Any::encode_from(&Null).ok()?, &numbers.to_der().ok()?)
}

/// CKA_EC_POINT is the DER OCTET STRING of the point; some makers leave the wrapping out.
fn ec(curve: &[u8], point: &[u8]) -> Option<Vec<u8>> {
    use der::Decode;
    let bare = <&OctetStringRef>::from_der(point).map_or(point, |octets| octets.as_bytes());
    spki(EC, Any::from_der(curve).ok()?, bare)
}

fn spki(oid: ObjectIdentifier, parameters: Any, key: &[u8]) -> Option<Vec<u8>> {
    let algorithm = AlgorithmIdentifierOwned { oid, parameters: Some(parameters) };
    let subject_public_key = BitString::from_bytes(key).ok()?;
    SubjectPublicKeyInfoOwned { algorithm, subject_public_key }.to_der().ok()
}
