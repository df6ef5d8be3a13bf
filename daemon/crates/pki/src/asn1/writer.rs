//! Writing DER (X.690 §10, §11): minimal lengths, sorted sets.

use crate::oid::Oid;

use super::tag;

/// An element: identifier, minimal length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tlv_len(content.len()));
    out.push(tag);
    push_length(&mut out, content.len());
    out.extend_from_slice(content);
    out
}

/// Size in octets of an element whose content takes `content` octets.
pub(crate) fn tlv_len(content: usize) -> usize {
    1 + length_octets(content) + content
}

/// SEQUENCE of encoded parts, in the order given.
pub(crate) fn sequence<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    constructed(tag::SEQUENCE, parts)
}

/// `[n] EXPLICIT` (or IMPLICIT of a constructed type) around encoded parts.
pub(crate) fn explicit<P: AsRef<[u8]>>(n: u8, parts: &[P]) -> Vec<u8> {
    constructed(tag::constructed(n), parts)
}

/// SET OF in DER: the encodings in ascending order (X.690 §11.6).
pub(crate) fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    constructed(tag::SET, &parts)
}

/// OBJECT IDENTIFIER.
pub(crate) fn oid(id: &Oid) -> Vec<u8> {
    tlv(tag::OID, id.octets())
}

/// A non-negative INTEGER from big-endian octets, made minimal.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let first = magnitude.iter().position(|octet| *octet != 0);
    let digits = first.map_or(&[0u8][..], |at| &magnitude[at..]);
    let mut content = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_some_and(|octet| *octet >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(digits);
    tlv(tag::INTEGER, &content)
}

/// A non-negative INTEGER.
pub(crate) fn integer_u64(value: u64) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// BOOLEAN.
pub(crate) fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// NULL.
pub(crate) fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

/// OCTET STRING.
pub(crate) fn octet_string(octets: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, octets)
}

/// BIT STRING of whole octets.
pub(crate) fn bit_string(octets: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(octets.len() + 1);
    content.push(0);
    content.extend_from_slice(octets);
    tlv(tag::BIT_STRING, &content)
}

/// A character string of the given type.
pub(crate) fn string(tag: u8, text: &str) -> Vec<u8> {
    tlv(tag, text.as_bytes())
}

/// UTF8String.
pub(crate) fn utf8(text: &str) -> Vec<u8> {
    string(tag::UTF8_STRING, text)
}

fn constructed<P: AsRef<[u8]>>(tag: u8, parts: &[P]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.as_ref().len()).sum();
    let mut out = Vec::with_capacity(tlv_len(length));
    out.push(tag);
    push_length(&mut out, length);
    parts.iter().for_each(|part| out.extend_from_slice(part.as_ref()));
    out
}

fn length_octets(length: usize) -> usize {
    if length < 0x80 { 1 } else { 1 + significant(length) }
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let count = significant(length);
            // A usize has at most eight octets.
            out.push(0x80 | count as u8);
            out.extend_from_slice(&length.to_be_bytes()[size_of::<usize>() - count..]);
        }
    }
}

fn significant(length: usize) -> usize {
    size_of::<usize>() - length.leading_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_minimal() {
        for length in [0, 1, 127, 128, 255, 256, 65535, 65536] {
            let element = tlv(tag::OCTET_STRING, &vec![0; length]);
            assert_eq!(element.len(), tlv_len(length));
        }
        assert_eq!(tlv(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(tlv(4, &[0; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        assert_eq!(integer(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
        assert_eq!(integer_u64(127), [2, 1, 127]);
    }

    #[test]
    fn sets_are_sorted() {
        assert_eq!(set_of(vec![integer_u64(9), integer_u64(2)]), [0x31, 6, 2, 1, 2, 2, 1, 9]);
    }
}
