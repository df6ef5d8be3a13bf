//! The attributes of a CMS signature: what EN 319 122-1 (CAdES) and EN 319 142-1 (PAdES) ask for.

mod signer;
mod signing_certificate;

use serde::{Deserialize, Serialize};

pub use signer::{SignerAttributes, parse_signer_attributes, signer_attributes_v2};
pub use signing_certificate::{
    CertificateReference, parse_signing_certificate_v1, parse_signing_certificate_v2,
    signing_certificate_v2,
};

use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    oid::{self, Oid},
};

/// Most values that an attribute may have.
const MAX_VALUES: usize = 64;

/// An attribute with one value, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its type.
    pub id: Oid,
    /// Its value in DER.
    #[serde(with = "crate::base64_octets")]
    pub value: Vec<u8>,
}

impl Attribute {
    /// An attribute with one value, in DER.
    pub fn new(id: Oid, value: Vec<u8>) -> Self {
        Self { id, value }
    }

    /// `Attribute ::= SEQUENCE { type, SET OF value }` in DER (RFC 5652 §5.3).
    pub fn to_der(&self) -> Vec<u8> {
        asn1::sequence(&[asn1::oid(&self.id), asn1::set_of(vec![self.value.clone()])])
    }
}

/// `content-type` (RFC 5652 §11.1).
pub fn content_type(content: Oid) -> Attribute {
    Attribute::new(oid::CONTENT_TYPE, asn1::oid(&content))
}

/// `message-digest` (RFC 5652 §11.2).
pub fn message_digest(digest: &[u8]) -> Attribute {
    Attribute::new(oid::MESSAGE_DIGEST, asn1::octet_string(digest))
}

/// `signature-time-stamp` (EN 319 122-1 §5.3), unsigned: a token over the signature value.
pub fn signature_timestamp(token: &[u8]) -> Attribute {
    Attribute::new(oid::SIGNATURE_TIMESTAMP, token.to_vec())
}

/// An attribute as received: slices of the original bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeView<'a> {
    /// Its type.
    pub id: Oid,
    /// Its values, each with its tag and length.
    pub values: Vec<&'a [u8]>,
}

impl<'a> AttributeView<'a> {
    /// Its value when it has exactly one.
    pub fn single(&self) -> Option<&'a [u8]> {
        match self.values.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }
}

/// Reads consecutive `Attribute`s.
pub(crate) fn parse_attributes(content: &[u8]) -> Result<Vec<AttributeView<'_>>, Asn1Error> {
    let mut reader = Reader::new(content);
    let mut attributes = Vec::new();
    while !reader.is_empty() {
        if attributes.len() == MAX_VALUES {
            return Err(Asn1Error::TooLarge("list of attributes"));
        }
        let mut fields = reader.sequence()?;
        let id = fields.oid()?;
        let values = fields.expect(tag::SET)?.reader().all(MAX_VALUES)?;
        fields.finish()?;
        attributes.push(AttributeView { id, values: values.iter().map(|v| v.whole).collect() });
    }
    Ok(attributes)
}
