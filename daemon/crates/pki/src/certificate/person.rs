//! Whether a certificate is a natural or a legal person's, as far as it says so itself.

use serde::{Deserialize, Serialize};

use super::{Certificate, QcType};
use crate::{name::Name, oid};

/// Whose a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// A natural person's: what is made with it is a signature (eIDAS art. 3 (9)).
    Natural,
    /// A legal person's: what is made with it is a seal (eIDAS art. 3 (24)).
    Legal,
}

impl Certificate {
    /// Whose it is. What its issuer states it to be for comes first (EN 319 412-5 §4.2.3), then the
    /// name; none where neither says so. A natural person's name may hold the identifier of the
    /// organisation that he belongs to (EN 319 412-2 §4.2.4), so that what only people have comes
    /// before it.
    pub fn person(&self) -> Option<Person> {
        let stated = |wanted| self.qc_statements().is_some_and(|qc| qc.types.contains(&wanted));
        match (stated(QcType::Esign), stated(QcType::Eseal)) {
            (true, false) => Some(Person::Natural),
            (false, true) => Some(Person::Legal),
            _ => by_name(self.subject()),
        }
    }
}

fn by_name(name: &Name) -> Option<Person> {
    let people = [oid::GIVEN_NAME, oid::SURNAME, oid::PSEUDONYM];
    let number = name.attribute(&oid::SERIAL_NUMBER);
    if people.iter().any(|one| name.attribute(one).is_some())
        || number.is_some_and(identifies_a_person)
    {
        return Some(Person::Natural);
    }
    name.organization_identifier().map(|_| Person::Legal)
}

/// The semantics of natural persons' numbers, as in `PNOFR-…` (EN 319 412-1 §5.1.3).
fn identifies_a_person(number: &str) -> bool {
    const KINDS: [&[u8]; 5] = [b"PAS", b"IDC", b"PNO", b"TAX", b"TIN"];
    let Some((kind, _)) = number.split_once('-') else { return false };
    let (kind, country) = kind.as_bytes().split_at(kind.len().min(3));
    KINDS.contains(&kind) && country.len() == 2 && country.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(attributes: &[(oid::Oid, &str)]) -> Option<Person> {
        by_name(&Name::build(attributes))
    }

    #[test]
    fn a_name_says_it_or_does_not() {
        use oid::{COMMON_NAME, GIVEN_NAME, ORGANIZATION_IDENTIFIER, PSEUDONYM, SURNAME};
        let (legal, natural) = (Some(Person::Legal), Some(Person::Natural));
        let organisation = (ORGANIZATION_IDENTIFIER, "NTRFR-732829320");
        assert_eq!(of(&[(COMMON_NAME, "Cachet ordinaire")]), None);
        assert_eq!(of(&[organisation]), legal);
        for one in [(GIVEN_NAME, "Anne"), (SURNAME, "Durand"), (PSEUDONYM, "AD")] {
            assert_eq!(of(&[organisation, one]), natural, "{one:?}");
        }
    }

    #[test]
    fn a_number_is_a_persons_where_it_says_of_which_kind() {
        for (number, person) in [
            ("PNOFR-1850175", Some(Person::Natural)),
            ("IDCBE-590082394654", Some(Person::Natural)),
            ("NTRFR-732829320", None),
            ("PNOfr-1850175", None),
            ("PNO-1850175", None),
            ("42", None),
            ("é", None),
        ] {
            assert_eq!(of(&[(oid::SERIAL_NUMBER, number)]), person, "{number}");
        }
    }
}
