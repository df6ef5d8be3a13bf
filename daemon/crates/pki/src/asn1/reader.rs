//! Reading: a cursor over a slice, which lends the elements it passes.

use crate::oid::Oid;

use super::{Asn1Error, tag};

/// One element: its identifier octet, its content, and the whole of it as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    /// Identifier octet.
    pub(crate) tag: u8,
    /// Content octets.
    pub(crate) value: &'a [u8],
    /// Identifier, length and content octets.
    pub(crate) whole: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// A cursor over the content.
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// What stands in an `Extension` (RFC 5280 §4.1): which it is, whether it is critical, its value.
    pub(crate) fn extension(&self) -> Result<(Oid, bool, &'a [u8]), Asn1Error> {
        let mut fields = Reader::single(self.whole, tag::SEQUENCE)?.reader();
        let (id, critical) = (fields.oid()?, fields.flag()?);
        let value = fields.expect(tag::OCTET_STRING)?.value;
        fields.finish()?;
        Ok((id, critical, value))
    }
}

/// A cursor over consecutive elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The one element that `bytes` holds; nothing may follow it.
    pub(crate) fn single(bytes: &'a [u8], expected: u8) -> Result<Tlv<'a>, Asn1Error> {
        let mut reader = Self::new(bytes);
        let element = reader.expect(expected)?;
        reader.finish()?;
        Ok(element)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next identifier octet, if any.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Refuses bytes after the end of a structure.
    pub(crate) fn finish(&self) -> Result<(), Asn1Error> {
        if self.is_empty() { Ok(()) } else { Err(Asn1Error::Trailing) }
    }

    /// The next element, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Asn1Error> {
        let (header, length) = header(self.rest)?;
        let end = header.checked_add(length).ok_or(Asn1Error::Unsupported)?;
        let (whole, rest) = self.rest.split_at_checked(end).ok_or(Asn1Error::Truncated)?;
        let value = whole.get(header..).ok_or(Asn1Error::Truncated)?;
        self.rest = rest;
        Ok(Tlv { tag: whole[0], value, whole })
    }

    /// The next element, which must carry this identifier octet.
    pub(crate) fn expect(&mut self, expected: u8) -> Result<Tlv<'a>, Asn1Error> {
        match self.peek() {
            None => Err(Asn1Error::Truncated),
            Some(found) if found != expected => Err(Asn1Error::Unexpected { expected, found }),
            Some(_) => self.next(),
        }
    }

    /// The next element when it carries this identifier octet.
    pub(crate) fn optional(&mut self, expected: u8) -> Result<Option<Tlv<'a>>, Asn1Error> {
        if self.peek() == Some(expected) { self.next().map(Some) } else { Ok(None) }
    }

    /// A cursor into the next SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>, Asn1Error> {
        Ok(self.expect(tag::SEQUENCE)?.reader())
    }

    /// An OBJECT IDENTIFIER.
    pub(crate) fn oid(&mut self) -> Result<Oid, Asn1Error> {
        let value = self.expect(tag::OID)?.value;
        Oid::from_octets(value).map_err(|_| Asn1Error::Value("OBJECT IDENTIFIER"))
    }

    /// The content octets of an INTEGER.
    pub(crate) fn integer(&mut self) -> Result<&'a [u8], Asn1Error> {
        let value = self.expect(tag::INTEGER)?.value;
        if value.is_empty() { Err(Asn1Error::Value("INTEGER")) } else { Ok(value) }
    }

    /// A non-negative INTEGER of at most 64 bits.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Asn1Error> {
        parse_unsigned(self.integer()?)
    }

    /// A BOOLEAN DEFAULT FALSE.
    pub(crate) fn flag(&mut self) -> Result<bool, Asn1Error> {
        match self.optional(tag::BOOLEAN)? {
            None => Ok(false),
            Some(element) => match element.value {
                [octet] => Ok(*octet != 0),
                _ => Err(Asn1Error::Value("BOOLEAN")),
            },
        }
    }

    /// A BIT STRING of whole octets.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], Asn1Error> {
        match self.expect(tag::BIT_STRING)?.value {
            [0, octets @ ..] => Ok(octets),
            _ => Err(Asn1Error::Value("BIT STRING")),
        }
    }

    /// The elements that are left, at most `limit` of them.
    pub(crate) fn all(&mut self, limit: usize) -> Result<Vec<Tlv<'a>>, Asn1Error> {
        let mut elements = Vec::new();
        while !self.is_empty() {
            if elements.len() == limit {
                return Err(Asn1Error::TooLarge("list"));
            }
            elements.push(self.next()?);
        }
        Ok(elements)
    }
}

/// The value of non-negative INTEGER content octets.
pub(crate) fn parse_unsigned(content: &[u8]) -> Result<u64, Asn1Error> {
    let digits = match content {
        [0, rest @ ..] if !rest.is_empty() => rest,
        [first, ..] if *first < 0x80 => content,
        _ => return Err(Asn1Error::Value("INTEGER")),
    };
    if digits.len() > 8 {
        return Err(Asn1Error::TooLarge("INTEGER"));
    }
    Ok(digits.iter().fold(0, |value, octet| value << 8 | u64::from(*octet)))
}

/// Where `part`, which was lent from `whole`, stands in it.
pub(crate) fn position(whole: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
}

/// Lengths of the header and of the content of the element at the start of `bytes`.
///
/// Long-form lengths need not be minimal: foreign CMS is BER (RFC 5652 §5.1).
fn header(bytes: &[u8]) -> Result<(usize, usize), Asn1Error> {
    let (&identifier, &first) = match bytes {
        [identifier, first, ..] => (identifier, first),
        _ => return Err(Asn1Error::Truncated),
    };
    if identifier & 0x1f == 0x1f {
        return Err(Asn1Error::Unsupported);
    }
    match first {
        0..=0x7f => Ok((2, usize::from(first))),
        0x80 => Err(Asn1Error::Indefinite),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = bytes.get(2..2 + count).ok_or(Asn1Error::Truncated)?;
            let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
            Ok((2 + count, length))
        }
        _ => Err(Asn1Error::Unsupported),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_elements_and_keeps_their_bytes() {
        let bytes = [0x30, 0x06, 0x02, 0x01, 0x05, 0x01, 0x01, 0xff];
        let mut inner = Reader::single(&bytes, tag::SEQUENCE).unwrap().reader();
        assert_eq!(inner.unsigned().unwrap(), 5);
        assert!(inner.flag().unwrap());
        assert!(inner.finish().is_ok());
    }

    #[test]
    fn refuses_what_is_out_of_bounds() {
        assert_eq!(Reader::new(&[0x30, 0x05, 1]).next(), Err(Asn1Error::Truncated));
        assert_eq!(Reader::new(&[0x30, 0x80, 0, 0]).next(), Err(Asn1Error::Indefinite));
        assert_eq!(Reader::new(&[0x1f, 0x81, 0, 0]).next(), Err(Asn1Error::Unsupported));
        assert_eq!(
            Reader::new(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).next(),
            Err(Asn1Error::Truncated)
        );
        assert!(parse_unsigned(&[0x80]).is_err());
        assert!(parse_unsigned(&[1; 9]).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader::new(&bytes).all(1000);
        }
    }
}
