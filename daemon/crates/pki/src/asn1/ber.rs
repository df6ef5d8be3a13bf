//! From BER's indefinite lengths and strings in pieces (X.690 §8.1.3.6, §8.7.3) to definite ones.
//!
//! CMS is BER (RFC 5652 §5.1); some authorities write it so. The signed attributes must be DER when
//! they are signed (§5.4), and the octets of the content do not change by their packing: hence a
//! signature that verified before still verifies after.

use std::borrow::Cow;

use super::{Asn1Error, tag};

/// Deepest nesting followed. A signature with a time-stamp nests about twenty deep.
const MAX_DEPTH: usize = 64;

/// Largest input, in octets.
const MAX_INPUT: usize = 16 * 1024 * 1024;

/// The same values with definite lengths and strings in one piece, and whatever padding follows
/// the element; lent when nothing had to change.
///
/// # Errors
/// [`Asn1Error`] when an element of indefinite length is damaged, nests deeper than 64, or exceeds
/// 16 MiB. Damaged input of definite length is lent: its reader will say what is wrong.
pub fn definite_lengths(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Asn1Error> {
    if bytes.len() > MAX_INPUT {
        return Err(Asn1Error::TooLarge("BER message"));
    }
    let mut rest = bytes;
    let mut out = Vec::with_capacity(bytes.len());
    match element(&mut rest, &mut out, 0) {
        Err(error) if bytes.get(1) == Some(&INDEFINITE) => Err(error),
        Ok(()) if !bytes.starts_with(&out) => {
            out.extend_from_slice(rest);
            Ok(Cow::Owned(out))
        }
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: [u8; 2] = [0, 0];
const CONSTRUCTED: u8 = 0x20;

/// Takes one element off `input` and writes it with definite lengths.
fn element(input: &mut &[u8], out: &mut Vec<u8>, depth: usize) -> Result<(), Asn1Error> {
    if depth == MAX_DEPTH {
        return Err(Asn1Error::TooLarge("nesting"));
    }
    let (identifier, content) = match *input {
        [identifier, INDEFINITE, rest @ ..] if identifier & CONSTRUCTED != 0 => {
            *input = rest;
            (*identifier, until_end(input, depth)?)
        }
        _ => {
            let mut reader = super::Reader::new(input);
            let element = reader.next()?;
            *input = reader.rest();
            if element.tag & CONSTRUCTED == 0 {
                out.extend_from_slice(element.whole);
                return Ok(());
            }
            let content = all(element.value, depth)?;
            if content == element.value && element.tag != PIECES {
                out.extend_from_slice(element.whole);
                return Ok(());
            }
            (element.tag, content)
        }
    };
    out.extend_from_slice(&packed(identifier, &content)?);
    Ok(())
}

/// An OCTET STRING in pieces.
const PIECES: u8 = tag::OCTET_STRING | CONSTRUCTED;

fn packed(identifier: u8, content: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    if identifier != PIECES {
        return Ok(super::tlv(identifier, content));
    }
    let mut pieces = super::Reader::new(content);
    let mut whole = Vec::with_capacity(content.len());
    while !pieces.is_empty() {
        whole.extend_from_slice(pieces.expect(tag::OCTET_STRING)?.value);
    }
    Ok(super::octet_string(&whole))
}

/// The elements up to the end-of-contents octets.
fn until_end(input: &mut &[u8], depth: usize) -> Result<Vec<u8>, Asn1Error> {
    let mut out = Vec::new();
    loop {
        if let Some(rest) = input.strip_prefix(&END_OF_CONTENTS) {
            *input = rest;
            return Ok(out);
        }
        element(input, &mut out, depth + 1)?;
    }
}

/// All elements of a definite content.
fn all(mut content: &[u8], depth: usize) -> Result<Vec<u8>, Asn1Error> {
    let mut out = Vec::with_capacity(content.len());
    while !content.is_empty() {
        element(&mut content, &mut out, depth + 1)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_are_joined_and_lengths_told() {
        let ber = [
            0x30, 0x80, // SEQUENCE, indefinite
            0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0, // OCTET STRING in two pieces
            0xa0, 0x05, 0x30, 0x80, 5, 0, 0, 0, 0, 0, // one octet short: see below
        ];
        assert!(definite_lengths(&ber).is_err());
        let ber = [
            0x30, 0x80, 0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0, 0xa0, 0x06, 0x30, 0x80, 5, 0, 0, 0,
            0, 0, 0, 0,
        ];
        let der = [0x30, 11, 4, 3, 1, 2, 3, 0xa0, 4, 0x30, 2, 5, 0];
        let packed = definite_lengths(&ber).unwrap();
        assert_eq!(packed[..13], der);
        // Two octets of padding stay.
        assert_eq!(packed[13..], [0, 0]);
    }

    #[test]
    fn definite_input_is_lent() {
        assert!(matches!(definite_lengths(&[0x30, 0]), Ok(Cow::Borrowed(_))));
        assert!(matches!(definite_lengths(&[]), Ok(Cow::Borrowed(_))));
        // A constructed element that holds no elements.
        assert!(matches!(definite_lengths(&[0x30, 1, 0xff]), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn an_indefinite_length_within_is_found() {
        let packed = definite_lengths(&[0x30, 4, 0x30, 0x80, 0, 0, 9]).unwrap();
        assert_eq!(*packed, [0x30, 2, 0x30, 0, 9]);
    }

    #[test]
    fn deep_nesting_ends_in_an_error() {
        let deep = [0x30, 0x80].repeat(1_000_000);
        assert_eq!(definite_lengths(&deep), Err(Asn1Error::TooLarge("nesting")));
    }

    proptest! {
        #[test]
        fn never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 2..200)) {
            bytes[0] = 0x30;
            bytes[1] = 0x80;
            let _ = definite_lengths(&bytes);
        }
    }
}
