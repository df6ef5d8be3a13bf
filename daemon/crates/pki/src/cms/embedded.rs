//! Revocation data that stands within a message: among its own parts (RFC 5652 §10.2.1, RFC 5940), and
//! in the attribute that signatures of ISO 32000-1 carry (§12.8.3.3). Whatever cannot be read is passed
//! over: it proves nothing.

use crate::asn1::{Asn1Error, Reader, Tlv, tag};
use crate::crl::RevocationList;
use crate::ocsp::OcspResponse;
use crate::oid;

/// Most lists or answers of one attribute.
const MAX_VALUES: usize = 128;

/// What was found.
pub(super) type Found = (Vec<RevocationList>, Vec<OcspResponse>);

/// A RevocationInfoChoice: a list, or under `[1]` what its identifier says.
pub(super) fn choice(choice: &Tlv<'_>, found: &mut Found) {
    match choice.tag {
        tag::SEQUENCE => found.0.extend(RevocationList::parse(choice.whole)),
        other if other == tag::constructed(1) => found.1.extend(other_choice(choice)),
        _ => {}
    }
}

/// An OCSP answer, with what a responder puts around it or without (RFC 5940 §2.1 and §2.2).
fn other_choice(choice: &Tlv<'_>) -> Option<OcspResponse> {
    let mut fields = choice.reader();
    let format = fields.oid().ok()?;
    let answer = fields.expect(tag::SEQUENCE).ok()?.whole;
    match format {
        oid::RI_OCSP_RESPONSE => OcspResponse::parse(answer).ok(),
        oid::OCSP_BASIC => OcspResponse::parse_basic(answer).ok(),
        _ => None,
    }
}

/// The RevocationInfoArchival of Adobe: lists under `[0]`, answers under `[1]`.
pub(super) fn archive(value: &[u8], found: &mut Found) {
    let Ok(archive) = Reader::single(value, tag::SEQUENCE) else { return };
    let mut fields = archive.reader();
    for list in listed(&mut fields, 0).unwrap_or_default() {
        found.0.extend(RevocationList::parse(list.whole));
    }
    for answer in listed(&mut fields, 1).unwrap_or_default() {
        found.1.extend(OcspResponse::parse(answer.whole));
    }
}

fn listed<'a>(fields: &mut Reader<'a>, number: u8) -> Result<Vec<Tlv<'a>>, Asn1Error> {
    match fields.optional(tag::constructed(number))? {
        Some(explicit) => Reader::single(explicit.value, tag::SEQUENCE)?.reader().all(MAX_VALUES),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = include_bytes!("../../fixtures/openssl-crl.der");
    const ANSWER: &[u8] = include_bytes!("../../fixtures/openssl-ocsp-by-issuer.der");

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = (content.len() as u16).to_be_bytes();
        [&[tag, 0x82][..], &length, &content].concat()
    }

    #[test]
    fn the_archive_of_a_signer_gives_lists_and_answers() {
        let lists = der(0xa0, &[&der(0x30, &[LIST, b"\x30\x00"])]);
        let answers = der(0xa1, &[&der(0x30, &[ANSWER])]);
        for (parts, wanted) in [
            (vec![&lists[..], &answers], (1, 1)),
            (vec![&answers[..]], (0, 1)),
            (vec![&lists[..]], (1, 0)),
            (vec![], (0, 0)),
        ] {
            let mut found = Found::default();
            archive(&der(0x30, &parts), &mut found);
            assert_eq!((found.0.len(), found.1.len()), wanted);
        }
        let mut found = Found::default();
        archive(b"\x04\x00", &mut found);
        assert!(found.0.is_empty() && found.1.is_empty());
    }

    #[test]
    fn the_parts_of_a_message_are_told_apart() {
        let format = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x10\x02";
        let answer = der(0xa1, &[format, ANSWER]);
        let unknown = der(0xa1, &[b"\x06\x02\x2a\x03", ANSWER]);
        let set = [LIST, &answer, &unknown].concat();
        let mut found = Found::default();
        for one in Reader::new(&set).all(8).unwrap() {
            choice(&one, &mut found);
        }
        assert_eq!((found.0.len(), found.1.len()), (1, 1));
    }
}
