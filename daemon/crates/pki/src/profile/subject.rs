//! The names of those to whom certificates are issued.

use super::ProfileError;
use crate::{name::Name, oid, siren::Siren};

/// Longest attribute of a name, in characters. ETSI lets the bounds of X.520 be exceeded
/// (EN 319 412-2 §4.2.4).
const MAX_TEXT: usize = 256;

/// The country of every SIREN.
const FRANCE: &str = "FR";

/// A certification authority (EN 319 412-2 §4.2.3.1: a legal person).
#[derive(Debug, Clone, Copy)]
pub struct AuthorityName<'a> {
    /// The legal person that operates it.
    pub organization: &'a str,
    /// Its SIREN.
    pub siren: Siren,
    /// What it is called.
    pub common_name: &'a str,
}

/// A legal person, the owner of a seal (EN 319 412-3 §4.2.1).
#[derive(Debug, Clone, Copy)]
pub struct LegalPerson<'a> {
    /// Its registered name.
    pub organization: &'a str,
    /// Its SIREN.
    pub siren: Siren,
    /// The name by which it is commonly known, or that of the seal.
    pub common_name: &'a str,
}

/// A natural person, in connection with a legal person where `organization` is given
/// (EN 319 412-2 §4.2.4).
#[derive(Debug, Clone, Copy)]
pub struct NaturalPerson<'a> {
    /// Given names.
    pub given_name: &'a str,
    /// Surname.
    pub surname: &'a str,
    /// What tells namesakes apart: opaque, unique within this authority, printable ASCII.
    pub serial_number: &'a str,
    /// Country in whose context the others are to be read: two capital letters.
    pub country: &'a str,
    /// The legal person, its name and SIREN, with which the person is associated.
    pub organization: Option<(&'a str, Siren)>,
}

/// A time-stamping unit (EN 319 422 §6).
#[derive(Debug, Clone, Copy)]
pub struct UnitName<'a> {
    /// The legal person that operates it.
    pub organization: &'a str,
    /// Its SIREN.
    pub siren: Siren,
    /// What it is called.
    pub common_name: &'a str,
}

pub(super) fn authority(name: &AuthorityName<'_>) -> Result<Name, ProfileError> {
    legal(name.organization, name.siren, name.common_name)
}

pub(super) fn legal_person(name: &LegalPerson<'_>) -> Result<Name, ProfileError> {
    legal(name.organization, name.siren, name.common_name)
}

pub(super) fn unit(name: &UnitName<'_>) -> Result<Name, ProfileError> {
    legal(name.organization, name.siren, name.common_name)
}

pub(super) fn natural(name: &NaturalPerson<'_>) -> Result<Name, ProfileError> {
    let country = country(name.country)?;
    let given_name = text("given name", name.given_name)?;
    let surname = text("surname", name.surname)?;
    let serial_number = printable("serial number", name.serial_number)?;
    let common_name = format!("{given_name} {surname}");
    let organization = name.organization.map(|(organization, siren)| {
        Ok((text("organization", organization)?, siren.organization_identifier()))
    });
    let organization = organization.transpose()?;
    let mut attributes = vec![(oid::COUNTRY, country)];
    if let Some((organization, identifier)) = &organization {
        attributes.push((oid::ORGANIZATION, organization));
        attributes.push((oid::ORGANIZATION_IDENTIFIER, identifier));
    }
    attributes.extend([
        (oid::SURNAME, surname),
        (oid::GIVEN_NAME, given_name),
        (oid::SERIAL_NUMBER, serial_number),
        (oid::COMMON_NAME, &common_name),
    ]);
    Ok(Name::build(&attributes))
}

/// Country, organizationName, organizationIdentifier and commonName: what EN 319 412-3 §4.2.1
/// demands of a legal person.
fn legal(organization: &str, siren: Siren, common_name: &str) -> Result<Name, ProfileError> {
    Ok(Name::build(&[
        (oid::COUNTRY, FRANCE),
        (oid::ORGANIZATION, text("organization", organization)?),
        (oid::ORGANIZATION_IDENTIFIER, &siren.organization_identifier()),
        (oid::COMMON_NAME, text("common name", common_name)?),
    ]))
}

fn text<'t>(what: &'static str, text: &'t str) -> Result<&'t str, ProfileError> {
    let length = text.chars().count();
    let fine = (1..=MAX_TEXT).contains(&length) && !text.chars().any(char::is_control);
    if fine && !text.trim().is_empty() { Ok(text) } else { Err(ProfileError::Text(what)) }
}

/// PrintableString (X.680 §41.4).
fn printable<'t>(what: &'static str, value: &'t str) -> Result<&'t str, ProfileError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    if value.chars().all(allowed) { text(what, value) } else { Err(ProfileError::Text(what)) }
}

fn country(code: &str) -> Result<&str, ProfileError> {
    let fine = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    if fine { Ok(code) } else { Err(ProfileError::Country) }
}
