//! The little of ASN.1 (X.690) that this room needs: a bounded reader that lends slices of the
//! original bytes, and a writer that produces DER.
//!
//! Invariant: the reader never copies, never recurses by itself and never panics; what it returns
//! always lies within the input, so that a digest or a signature is always computed over the very
//! bytes that were received.

mod ber;
mod reader;
mod time;
mod writer;

pub use ber::definite_lengths;
pub(crate) use reader::{Reader, Tlv, parse_unsigned, position};
pub(crate) use time::{generalized_time, parse_time, x509_time};
pub(crate) use writer::{
    bit_string, boolean, explicit, integer, integer_u64, null, octet_string, oid, sequence, set_of,
    string, tlv, utf8,
};

/// Universal and context-specific identifier octets (X.690 §8.1.2) used in this room.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const T61_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[n]` of a primitive value.
    pub(crate) const fn context(n: u8) -> u8 {
        0x80 | n
    }

    /// `[n]` of a constructed value.
    pub(crate) const fn constructed(n: u8) -> u8 {
        0xa0 | n
    }
}

/// Why bytes could not be read as ASN.1. The document or the peer that sent them is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Asn1Error {
    /// The input ends within a value.
    #[error("the encoding ends too early")]
    Truncated,
    /// A tag number above 30, or a length of more than four octets.
    #[error("a tag or length of the encoding is out of bounds")]
    Unsupported,
    /// An indefinite length (X.690 §8.1.3.6), which DER forbids.
    #[error("the encoding uses an indefinite length")]
    Indefinite,
    /// Another element was expected here.
    #[error("expected element 0x{expected:02x}, found 0x{found:02x}")]
    Unexpected {
        /// Identifier octet that the structure asks for.
        expected: u8,
        /// Identifier octet that was found.
        found: u8,
    },
    /// Bytes follow where the structure ends.
    #[error("bytes follow the end of the structure")]
    Trailing,
    /// The content of a value breaks the rules of its type.
    #[error("the value of a {0} is malformed")]
    Value(&'static str),
    /// More elements, or more bytes, than this room accepts.
    #[error("the {0} is larger than accepted")]
    TooLarge(&'static str),
}
