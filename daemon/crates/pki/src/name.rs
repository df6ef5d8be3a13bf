//! Distinguished names (RFC 5280 §4.1.2.4), kept as received and compared byte for byte, as chains
//! demand; shown in the manner of RFC 4514.

use std::fmt;

use crate::{
    asn1::{self, Asn1Error, Reader, Tlv, tag},
    oid::{self, Oid},
};

/// Most attributes that a name may hold.
const MAX_ATTRIBUTES: usize = 64;

/// A `Name` in its original encoding.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    der: Vec<u8>,
    attributes: Vec<(Oid, String)>,
}

impl Name {
    /// Reads a `Name`.
    ///
    /// # Errors
    /// When it is none, or has more than 64 attributes. A value that is no text is kept, shown in
    /// hexadecimal.
    pub fn from_der(der: &[u8]) -> Result<Self, Asn1Error> {
        let mut attributes = Vec::new();
        for set in Reader::single(der, tag::SEQUENCE)?.reader().all(MAX_ATTRIBUTES)? {
            for pair in expect(&set, tag::SET)?.all(MAX_ATTRIBUTES)? {
                let mut fields = expect(&pair, tag::SEQUENCE)?;
                attributes.push((fields.oid()?, text(&fields.next()?)));
                fields.finish()?;
            }
        }
        if attributes.len() > MAX_ATTRIBUTES {
            return Err(Asn1Error::TooLarge("name"));
        }
        Ok(Self { der: der.to_vec(), attributes })
    }

    /// Builds a name of one attribute a level, in the order given. Countries and serial numbers are
    /// PrintableString, all else UTF8String (RFC 5280 §4.1.2.4, Appendix A.1).
    pub(crate) fn build(attributes: &[(Oid, &str)]) -> Self {
        let levels: Vec<_> = attributes.iter().map(|(id, value)| level(id, value)).collect();
        let attributes = attributes.iter().map(|(id, value)| (*id, (*value).to_owned())).collect();
        Self { der: asn1::sequence(&levels), attributes }
    }

    /// The original encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether the name has no attribute.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// The first value of an attribute.
    pub fn attribute(&self, id: &Oid) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == id).map(|(_, value)| value.as_str())
    }

    /// `commonName`.
    pub fn common_name(&self) -> Option<&str> {
        self.attribute(&oid::COMMON_NAME)
    }

    /// `organizationName`.
    pub fn organization(&self) -> Option<&str> {
        self.attribute(&oid::ORGANIZATION)
    }

    /// `organizationIdentifier` (EN 319 412-1 §5.1.4), `NTRFR-<SIREN>` for instance.
    pub fn organization_identifier(&self) -> Option<&str> {
        self.attribute(&oid::ORGANIZATION_IDENTIFIER)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (id, value)) in self.attributes.iter().rev().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            match label(id) {
                Some(label) => write!(f, "{comma}{label}={}", escape(value))?,
                None => write!(f, "{comma}{id}={}", escape(value))?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// A cursor into an element that must carry this tag.
fn expect<'a>(element: &Tlv<'a>, expected: u8) -> Result<Reader<'a>, Asn1Error> {
    if element.tag == expected {
        Ok(element.reader())
    } else {
        Err(Asn1Error::Unexpected { expected, found: element.tag })
    }
}

fn level(id: &Oid, value: &str) -> Vec<u8> {
    let kind = match *id {
        oid::COUNTRY | oid::SERIAL_NUMBER => tag::PRINTABLE_STRING,
        oid::EMAIL | oid::DOMAIN_COMPONENT => tag::IA5_STRING,
        _ => tag::UTF8_STRING,
    };
    asn1::set_of(vec![asn1::sequence(&[asn1::oid(id), asn1::string(kind, value)])])
}

/// A character string as text.
pub(crate) fn text(element: &Tlv<'_>) -> String {
    let octets = element.value;
    match element.tag {
        tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING => {
            String::from_utf8_lossy(octets).into_owned()
        }
        // T.61 is read as Latin-1, which is what its writers meant.
        tag::T61_STRING => octets.iter().copied().map(char::from).collect(),
        tag::BMP_STRING => {
            let units = octets
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |unit, octet| unit << 8 | u16::from(*octet)));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => element.whole.iter().fold(String::from("#"), |hex, b| hex + &format!("{b:02x}")),
    }
}

fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

fn label(id: &Oid) -> Option<&'static str> {
    Some(match *id {
        oid::COMMON_NAME => "CN",
        oid::SURNAME => "SN",
        oid::SERIAL_NUMBER => "serialNumber",
        oid::COUNTRY => "C",
        oid::LOCALITY => "L",
        oid::STATE => "ST",
        oid::ORGANIZATION => "O",
        oid::ORGANIZATIONAL_UNIT => "OU",
        oid::TITLE => "title",
        oid::GIVEN_NAME => "GN",
        oid::PSEUDONYM => "pseudonym",
        oid::ORGANIZATION_IDENTIFIER => "organizationIdentifier",
        oid::EMAIL => "emailAddress",
        oid::DOMAIN_COMPONENT => "DC",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_comes_back_and_is_shown() {
        let name = Name::build(&[
            (oid::COUNTRY, "FR"),
            (oid::ORGANIZATION, "Élan, Père & Fils"),
            (oid::COMMON_NAME, "Cachet"),
        ]);
        let again = Name::from_der(name.der()).unwrap();
        assert_eq!(again, name);
        assert_eq!(again.to_string(), r"CN=Cachet, O=Élan\, Père & Fils, C=FR");
    }

    #[test]
    fn old_string_types_are_read() {
        let old = |kind, octets: &[u8]| {
            let value = asn1::tlv(kind, octets);
            let pair = asn1::sequence(&[asn1::oid(&oid::COMMON_NAME), value]);
            let name = asn1::sequence(&[asn1::set_of(vec![pair])]);
            Name::from_der(&name).unwrap().common_name().unwrap().to_owned()
        };
        assert_eq!(old(tag::T61_STRING, &[0xc9, b'a']), "Éa");
        assert_eq!(old(tag::BMP_STRING, &[0, 0xc9, 0, b'a']), "Éa");
        assert_eq!(old(tag::INTEGER, &[5]), "#020105");
    }

    proptest! {
        #[test]
        fn never_panics(octets in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Name::from_der(&asn1::tlv(tag::SEQUENCE, &octets)).map(|name| name.to_string());
        }
    }
}
