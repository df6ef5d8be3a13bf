//! What each purpose may sign. A key that seals can so never sign a certificate, nor a token.
//!
//! The bytes are read as strict DER: what passes here has one meaning.

use der::{
    Decode, Reader, SliceReader, Tag, TagNumber, Tagged,
    asn1::{AnyRef, ContextSpecific, GeneralizedTime, ObjectIdentifier, OctetStringRef},
};
use x509_cert::{certificate::TbsCertificate, crl::TbsCertList};

use crate::request::Purpose;

/// RFC 5652 §11.1.
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// RFC 5652 §11.2.
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// RFC 5652 §4.
const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// RFC 3161 §2.4.2.
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// Most attributes in one set.
const MAX_ATTRIBUTES: usize = 64;

/// Whether the bytes are of the shape that the purpose signs; the error says what is wrong.
pub(crate) fn check(purpose: Purpose, bytes: &[u8]) -> Result<(), &'static str> {
    match purpose {
        Purpose::Seal => signed_attributes(bytes, ID_DATA),
        Purpose::Timestamp => signed_attributes(bytes, ID_CT_TST_INFO),
        Purpose::Certificate => certificate_or_crl(bytes),
        Purpose::Ocsp => response_data(bytes),
    }
}

/// SignedAttributes as they are signed: an explicit SET OF, in DER order (RFC 5652 §5.4), with one
/// content-type of the given value and one message-digest.
fn signed_attributes(bytes: &[u8], content_type: ObjectIdentifier) -> Result<(), &'static str> {
    let attributes = attributes(bytes)?;
    match single(&attributes, CONTENT_TYPE)?.decode_as::<ObjectIdentifier>() {
        Ok(found) if found == content_type => {}
        _ => return Err("the content-type is not that of this purpose"),
    }
    let digest = single(&attributes, MESSAGE_DIGEST)?;
    match digest.decode_as::<&OctetStringRef>().map(|octets| octets.as_bytes().len()) {
        Ok(32 | 48 | 64) => Ok(()),
        _ => Err("the message-digest is no digest"),
    }
}

struct Attribute<'b> {
    oid: ObjectIdentifier,
    values: Vec<AnyRef<'b>>,
}

fn attributes(bytes: &[u8]) -> Result<Vec<Attribute<'_>>, &'static str> {
    const NO_SET: &str = "not a SET OF attributes in DER";
    let set = AnyRef::from_der(bytes).map_err(|_| NO_SET)?;
    let mut inside = constructed(set, Tag::Set).ok_or(NO_SET)?;
    let mut found = Vec::new();
    let mut previous: &[u8] = &[];
    while !inside.is_finished() {
        let encoded = inside.tlv_bytes().map_err(|_| NO_SET)?;
        if encoded < previous || found.len() == MAX_ATTRIBUTES {
            return Err("the attributes are not in DER order, or too many");
        }
        found.push(attribute(encoded).ok_or(NO_SET)?);
        previous = encoded;
    }
    Ok(found)
}

fn attribute(encoded: &[u8]) -> Option<Attribute<'_>> {
    let mut fields = constructed(AnyRef::from_der(encoded).ok()?, Tag::Sequence)?;
    let oid = ObjectIdentifier::decode(&mut fields).ok()?;
    let mut inside = constructed(AnyRef::decode(&mut fields).ok()?, Tag::Set)?;
    let mut values = Vec::new();
    while !inside.is_finished() {
        values.push(AnyRef::decode(&mut inside).ok()?);
    }
    fields.is_finished().then_some(Attribute { oid, values })
}

fn constructed(any: AnyRef<'_>, tag: Tag) -> Option<SliceReader<'_>> {
    (any.tag() == tag).then(|| SliceReader::new(any.value()).ok()).flatten()
}

fn single<'b>(
    attributes: &[Attribute<'b>],
    oid: ObjectIdentifier,
) -> Result<AnyRef<'b>, &'static str> {
    let mut of_kind = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (of_kind.next().map(|attribute| attribute.values.as_slice()), of_kind.next()) {
        (Some([value]), None) => Ok(*value),
        _ => Err("content-type and message-digest must each stand once, with one value"),
    }
}

fn certificate_or_crl(bytes: &[u8]) -> Result<(), &'static str> {
    let certificate = TbsCertificate::from_der(bytes).is_ok();
    if certificate || TbsCertList::<x509_cert::certificate::Rfc5280>::from_der(bytes).is_ok() {
        return Ok(());
    }
    Err("neither a TBSCertificate nor a TBSCertList")
}

/// `ResponseData` of a responder that is named by its key (RFC 6960 §4.2.1): version 1, left out; the
/// key's SHA-1; the time; at least one single response; extensions.
fn response_data(bytes: &[u8]) -> Result<(), &'static str> {
    parse_response_data(bytes).ok_or("no OCSP ResponseData of a responder named by its key")
}

fn parse_response_data(bytes: &[u8]) -> Option<()> {
    let mut fields = constructed(AnyRef::from_der(bytes).ok()?, Tag::Sequence)?;
    let responder = ContextSpecific::<&OctetStringRef>::decode(&mut fields).ok()?;
    let by_key = responder.tag_number == TagNumber(2) && responder.value.as_bytes().len() == 20;
    GeneralizedTime::decode(&mut fields).ok()?;
    let mut singles = constructed(AnyRef::decode(&mut fields).ok()?, Tag::Sequence)?;
    let some = !singles.is_finished();
    while !singles.is_finished() {
        constructed(AnyRef::decode(&mut singles).ok()?, Tag::Sequence)?;
    }
    if !fields.is_finished() {
        let extensions = ContextSpecific::<AnyRef<'_>>::decode(&mut fields).ok()?;
        let right = extensions.tag_number == TagNumber(1);
        (right && extensions.value.tag() == Tag::Sequence).then_some(())?;
    }
    (by_key && some && fields.is_finished()).then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{KeyType, LocalKey};

    /// What a key of that purpose signs, made by hand: SignedAttributes over `content`, or a
    /// certificate whose serial number is its digest.
    pub(crate) fn signable(purpose: Purpose, content: &[u8]) -> Vec<u8> {
        match purpose {
            Purpose::Certificate => certificate_over(content),
            Purpose::Ocsp => status_over(content),
            _ => attributes_over(purpose, content),
        }
    }

    fn certificate_over(content: &[u8]) -> Vec<u8> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
        let serial = [&[1], &digest.as_ref()[..15]].concat();
        let algorithm = tlv(0x30, vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
        let name = || tlv(0x30, vec![]);
        let validity = tlv(0x30, tlv(0x17, b"260101000000Z".into()).repeat(2));
        let spki = LocalKey::generate(KeyType::P256).unwrap().spki().unwrap();
        let version = tlv(0xa0, vec![2, 1, 2]);
        let fields = [version, tlv(2, serial), algorithm, name(), validity, name(), spki];
        tlv(0x30, fields.concat())
    }

    fn status_over(content: &[u8]) -> Vec<u8> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
        let responder = tlv(0xa2, tlv(4, digest.as_ref()[..20].to_vec()));
        let moment = tlv(0x18, b"20260101000000Z".into());
        let single = tlv(0x30, tlv(4, content.to_vec()));
        tlv(0x30, [responder, moment, tlv(0x30, single)].concat())
    }

    fn attributes_over(purpose: Purpose, content: &[u8]) -> Vec<u8> {
        let content_type: &[u8] = match purpose {
            Purpose::Timestamp => &[6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 4],
            _ => &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1],
        };
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
        let mut attributes = [
            attribute_of(3, content_type.to_vec()),
            attribute_of(4, tlv(4, digest.as_ref().to_vec())),
        ];
        attributes.sort();
        tlv(0x31, attributes.concat())
    }

    fn attribute_of(last: u8, value: Vec<u8>) -> Vec<u8> {
        let oid = vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, last];
        tlv(0x30, [oid, tlv(0x31, value)].concat())
    }

    fn tlv(tag: u8, value: Vec<u8>) -> Vec<u8> {
        let mut out = vec![tag];
        match value.len() {
            short @ 0..128 => out.push(short as u8),
            long => out.extend([0x81, long as u8]),
        }
        [out, value].concat()
    }

    #[test]
    fn each_purpose_takes_its_own_shape_only() {
        let seal = attributes_over(Purpose::Seal, b"x");
        let token = attributes_over(Purpose::Timestamp, b"x");
        assert_eq!(check(Purpose::Seal, &seal), Ok(()));
        assert_eq!(check(Purpose::Timestamp, &token), Ok(()));
        let certificate = signable(Purpose::Certificate, b"x");
        assert_eq!(check(Purpose::Certificate, &certificate), Ok(()));
        let status = signable(Purpose::Ocsp, b"x");
        assert_eq!(check(Purpose::Ocsp, &status), Ok(()));
        for (purpose, bytes) in [
            (Purpose::Ocsp, &seal),
            (Purpose::Ocsp, &token),
            (Purpose::Ocsp, &certificate),
            (Purpose::Seal, &status),
            (Purpose::Timestamp, &status),
            (Purpose::Certificate, &status),
            (Purpose::Seal, &certificate),
            (Purpose::Timestamp, &certificate),
            (Purpose::Seal, &token),
            (Purpose::Timestamp, &seal),
            (Purpose::Certificate, &seal),
            (Purpose::Certificate, &token),
        ] {
            assert!(check(purpose, bytes).is_err(), "{purpose}");
        }
    }

    #[test]
    fn disorder_duplicates_and_trailing_bytes_are_refused() {
        let good = attributes_over(Purpose::Seal, b"x");
        let mut trailing = good.clone();
        trailing.push(0);
        assert!(check(Purpose::Seal, &trailing).is_err());
        let content_type = attribute_of(3, vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
        let digest = attribute_of(4, tlv(4, vec![0; 32]));
        let twice = [content_type.clone(), content_type.clone(), digest.clone()].concat();
        assert!(check(Purpose::Seal, &tlv(0x31, twice)).is_err());
        let disorder = [digest, content_type.clone()].concat();
        assert!(check(Purpose::Seal, &tlv(0x31, disorder)).is_err());
        assert!(check(Purpose::Seal, &tlv(0x31, content_type)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            for purpose in Purpose::ALL {
                prop_assert!(check(purpose, &bytes).is_err());
            }
        }

        #[test]
        fn a_changed_byte_never_panics(at in 0usize..80, to in any::<u8>()) {
            let mut bytes = attributes_over(Purpose::Seal, b"x");
            let at = at % bytes.len();
            bytes[at] = to;
            let _ = check(Purpose::Seal, &bytes);
            prop_assert!(check(Purpose::Certificate, &bytes).is_err());
        }
    }
}
