//! The certificate profiles.

use jiff::Timestamp;

use super::{
    Authority, AuthorityName, Issuance, Issuer, LegalPerson, NaturalPerson, ProfileError,
    TbsCertificate, UnitName, extensions as ext, subject,
};
use crate::{
    algorithm::{PublicKey, SignatureAlgorithm},
    asn1,
    certificate::KeyUsage,
    name::Name,
    oid,
};

/// A root, which signs itself: CA with one authority below it; keyCertSign and cRLSign.
///
/// # Errors
/// [`ProfileError`].
pub fn root_ca(
    issuance: &Issuance<'_>,
    algorithm: SignatureAlgorithm,
    name: &AuthorityName<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let name = subject::authority(name)?;
    let key = subject_key(issuance)?;
    if !algorithm.fits(key.kind()) {
        return Err(ProfileError::Algorithm);
    }
    let authority = Authority { name: &name, key: issuance.public_key, algorithm };
    let own = [ext::key_usage(AUTHORITY), ext::authority_constraints(1)];
    assemble(issuance, &authority, &name, own.into())
}

/// An issuing authority, with none below it.
///
/// # Errors
/// [`ProfileError`].
pub fn issuing_ca(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    name: &AuthorityName<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let own = vec![
        ext::key_usage(AUTHORITY),
        ext::authority_constraints(0),
        ext::policy(&oid::POLICY_INTERNAL_CA),
    ];
    issue(issuance, issuer, &subject::authority(name)?, own)
}

/// The seal of a legal person (EN 319 412-3): keyUsage nonRepudiation alone (EN 319 412-2 §4.3.2,
/// type A).
///
/// # Errors
/// [`ProfileError`].
pub fn seal(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    person: &LegalPerson<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let own =
        vec![ext::key_usage(KeyUsage::NON_REPUDIATION), ext::policy(&oid::POLICY_INTERNAL_CA)];
    issue(issuance, issuer, &subject::legal_person(person)?, own)
}

/// The certificate of a natural person (EN 319 412-2): keyUsage nonRepudiation alone.
///
/// # Errors
/// [`ProfileError`].
pub fn natural_person(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    person: &NaturalPerson<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let own =
        vec![ext::key_usage(KeyUsage::NON_REPUDIATION), ext::policy(&oid::POLICY_INTERNAL_CA)];
    issue(issuance, issuer, &subject::natural(person)?, own)
}

/// A time-stamping unit: extended key usage timeStamping alone and critical (RFC 3161 §2.3);
/// keyUsage digitalSignature and nonRepudiation.
///
/// # Errors
/// [`ProfileError`].
pub fn time_stamping_unit(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    unit: &UnitName<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let usage = KeyUsage::DIGITAL_SIGNATURE.with(KeyUsage::NON_REPUDIATION);
    let own = vec![
        ext::key_usage(usage),
        ext::only_purpose(&oid::EKU_TIME_STAMPING),
        ext::policy(&oid::POLICY_INTERNAL_TSA),
    ];
    issue(issuance, issuer, &subject::unit(unit)?, own)
}

/// A responder that answers for its issuer (RFC 6960 §4.2.2.2): extended key usage OCSPSigning alone,
/// keyUsage digitalSignature, and ocsp-nocheck, for which it must live shortly.
///
/// # Errors
/// [`ProfileError`].
pub fn ocsp_responder(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    unit: &UnitName<'_>,
) -> Result<TbsCertificate, ProfileError> {
    let own = vec![
        ext::key_usage(KeyUsage::DIGITAL_SIGNATURE),
        ext::only_purpose(&oid::EKU_OCSP_SIGNING),
        ext::no_check(),
    ];
    issue(issuance, issuer, &subject::unit(unit)?, own)
}

const AUTHORITY: KeyUsage = KeyUsage::KEY_CERT_SIGN.with(KeyUsage::CRL_SIGN);

/// Version 3 (RFC 5280 §4.1.2.1).
const V3: u64 = 2;

/// Has an authority issue: its validity bounds that of what it issues.
fn issue(
    issuance: &Issuance<'_>,
    issuer: &Issuer<'_>,
    name: &Name,
    extensions: Vec<Vec<u8>>,
) -> Result<TbsCertificate, ProfileError> {
    let authority = Authority::of(issuer)?;
    if issuance.not_after > issuer.certificate.not_after() {
        return Err(ProfileError::Validity);
    }
    assemble(issuance, &authority, name, extensions)
}

fn assemble(
    issuance: &Issuance<'_>,
    authority: &Authority<'_>,
    name: &Name,
    mut extensions: Vec<Vec<u8>>,
) -> Result<TbsCertificate, ProfileError> {
    let key = subject_key(issuance)?;
    let issuer_key = PublicKey::from_spki(authority.key).map_err(|_| ProfileError::Key)?;
    extensions.push(ext::subject_key_identifier(&ext::key_identifier(&key)));
    extensions.push(ext::authority_key_identifier(&ext::key_identifier(&issuer_key)));
    extensions.extend(ext::services(issuance.services));
    let fields = [
        asn1::explicit(0, &[asn1::integer_u64(V3)]),
        asn1::integer(&serial(issuance.serial)),
        authority.algorithm.identifier(),
        authority.name.der().to_vec(),
        validity(issuance.not_before, issuance.not_after)?,
        name.der().to_vec(),
        issuance.public_key.to_vec(),
        asn1::explicit(3, &[asn1::sequence(&extensions)]),
    ];
    Ok(TbsCertificate {
        der: asn1::sequence(&fields),
        algorithm: authority.algorithm,
        issuer_key: authority.key.to_vec(),
    })
}

/// The subject's key, which must be one with which we sign.
fn subject_key<'a>(issuance: &Issuance<'a>) -> Result<PublicKey<'a>, ProfileError> {
    let key = PublicKey::from_spki(issuance.public_key).map_err(|_| ProfileError::Key)?;
    SignatureAlgorithm::for_key(key.kind()).map(|_| key).ok_or(ProfileError::Key)
}

/// Positive and always 16 octets long (RFC 5280 §4.1.2.2).
fn serial(mut octets: [u8; 16]) -> [u8; 16] {
    octets[0] = octets[0] & 0x3f | 0x40;
    octets
}

fn validity(not_before: Timestamp, not_after: Timestamp) -> Result<Vec<u8>, ProfileError> {
    if not_before.as_second() >= not_after.as_second() {
        return Err(ProfileError::Validity);
    }
    Ok(asn1::sequence(&[asn1::x509_time(not_before), asn1::x509_time(not_after)]))
}
