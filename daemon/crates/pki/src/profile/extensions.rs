//! The extensions that the profiles write (RFC 5280 §4.2).

use super::Services;
use crate::{
    algorithm::PublicKey,
    asn1::{self, tag},
    certificate::KeyUsage,
    digest::sha256,
    oid::{self, Oid},
};

/// `Extension` in DER.
pub(super) fn extension(id: &Oid, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![asn1::oid(id)];
    // `critical` has the DEFAULT FALSE, which DER leaves out.
    if critical {
        parts.push(asn1::boolean(true));
    }
    parts.push(asn1::octet_string(value));
    asn1::sequence(&parts)
}

/// The leftmost 160 bits of SHA-256 of the key (RFC 7093 §2, method 1).
pub(super) fn key_identifier(key: &PublicKey<'_>) -> Vec<u8> {
    sha256(key.octets())[..20].to_vec()
}

pub(super) fn subject_key_identifier(id: &[u8]) -> Vec<u8> {
    extension(&oid::SUBJECT_KEY_IDENTIFIER, false, &asn1::octet_string(id))
}

pub(super) fn authority_key_identifier(id: &[u8]) -> Vec<u8> {
    let value = asn1::sequence(&[asn1::tlv(tag::context(0), id)]);
    extension(&oid::AUTHORITY_KEY_IDENTIFIER, false, &value)
}

pub(super) fn key_usage(usage: KeyUsage) -> Vec<u8> {
    let value = asn1::tlv(tag::BIT_STRING, &usage.content());
    extension(&oid::KEY_USAGE, true, &value)
}

/// Of an authority below which at most `path_len` others may stand.
pub(super) fn authority_constraints(path_len: u64) -> Vec<u8> {
    let value = asn1::sequence(&[asn1::boolean(true), asn1::integer_u64(path_len)]);
    extension(&oid::BASIC_CONSTRAINTS, true, &value)
}

/// Critical, with one purpose (RFC 3161 §2.3).
pub(super) fn only_purpose(purpose: &Oid) -> Vec<u8> {
    extension(&oid::EXTENDED_KEY_USAGE, true, &asn1::sequence(&[asn1::oid(purpose)]))
}

/// That nobody needs to ask for the status of a responder (RFC 6960 §4.2.2.2.1).
pub(super) fn no_check() -> Vec<u8> {
    extension(&oid::OCSP_NO_CHECK, false, &asn1::null())
}

pub(super) fn policy(policy: &Oid) -> Vec<u8> {
    let value = asn1::sequence(&[asn1::sequence(&[asn1::oid(policy)])]);
    extension(&oid::CERTIFICATE_POLICIES, false, &value)
}

/// CRL distribution point and authority information access, as far as there are services.
pub(super) fn services(services: &Services) -> Vec<Vec<u8>> {
    let points = services.crl.as_deref().map(|location| {
        let name = asn1::explicit(0, &[asn1::explicit(0, &[url(location)])]);
        let value = asn1::sequence(&[asn1::sequence(&[name])]);
        extension(&oid::CRL_DISTRIBUTION_POINTS, false, &value)
    });
    points.into_iter().chain(information_access(services)).collect()
}

fn information_access(services: &Services) -> Option<Vec<u8>> {
    let access = [(oid::AD_OCSP, &services.ocsp), (oid::AD_CA_ISSUERS, &services.ca_issuers)];
    let present = access.iter().filter_map(|(method, location)| {
        Some(asn1::sequence(&[asn1::oid(method), url(location.as_deref()?)]))
    });
    let descriptions: Vec<_> = present.collect();
    let value = (!descriptions.is_empty()).then(|| asn1::sequence(&descriptions))?;
    Some(extension(&oid::AUTHORITY_INFO_ACCESS, false, &value))
}

/// `uniformResourceIdentifier [6] IA5String` of a GeneralName.
fn url(location: &str) -> Vec<u8> {
    asn1::string(tag::context(6), location)
}
