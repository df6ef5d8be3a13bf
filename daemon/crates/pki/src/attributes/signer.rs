//! `signer-attributes-v2` (EN 319 122-1 §5.2.6.1): what the signer says of himself.
//!
//! Only `claimedAttributes [0]` is written. Each claimed role is an attribute of its own with one
//! UTF8String; the délégation is one more attribute, whose value is a SEQUENCE under an identifier
//! of ours. DSS shows every character string among the claimed attributes as a role and passes over
//! all other values; pyHanko keeps unknown types as they are. Hence the value of an attribute of
//! ours must not be a bare character string.

use serde::{Deserialize, Serialize};

use super::{Attribute, parse_attributes};
use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    name::text,
    oid,
};

/// What a signer claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerAttributes {
    /// Readable roles, in order.
    pub claimed_roles: Vec<String>,
    /// Other claimed attributes, opaque to this room; a value is best a SEQUENCE, never a bare
    /// character string, which readers would show as a role.
    pub others: Vec<Attribute>,
}

impl SignerAttributes {
    /// Whether nothing is claimed; the attribute must then be left out.
    pub fn is_empty(&self) -> bool {
        self.claimed_roles.is_empty() && self.others.is_empty()
    }
}

/// The attribute.
pub fn signer_attributes_v2(claimed: &SignerAttributes) -> Attribute {
    let role = |role: &String| Attribute::new(oid::NAME, asn1::utf8(role)).to_der();
    let roles = claimed.claimed_roles.iter().map(role);
    let others = claimed.others.iter().map(Attribute::to_der);
    let attributes = asn1::sequence(&roles.chain(others).collect::<Vec<_>>());
    let value = asn1::sequence(&[asn1::explicit(0, &[attributes])]);
    Attribute::new(oid::SIGNER_ATTRIBUTES_V2, value)
}

/// Reads the value of a signer-attributes-v2 attribute. Certified attributes and signed assertions
/// are passed over.
///
/// # Errors
/// [`Asn1Error`] when it is malformed.
pub fn parse_signer_attributes(value: &[u8]) -> Result<SignerAttributes, Asn1Error> {
    let mut fields = Reader::single(value, tag::SEQUENCE)?.reader();
    let mut claimed = SignerAttributes::default();
    let Some(list) = fields.optional(tag::constructed(0))? else {
        return Ok(claimed);
    };
    let mut list = list.reader();
    for attribute in parse_attributes(list.expect(tag::SEQUENCE)?.value)? {
        for value in &attribute.values {
            let element = Reader::new(value).next()?;
            match element.tag {
                tag::UTF8_STRING | tag::PRINTABLE_STRING => {
                    claimed.claimed_roles.push(text(&element))
                }
                _ => claimed.others.push(Attribute::new(attribute.id, value.to_vec())),
            }
        }
    }
    list.finish()?;
    Ok(claimed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_comes_back() {
        let delegation = asn1::sequence(&[asn1::octet_string(b"id"), asn1::octet_string(&[7; 32])]);
        let claimed = SignerAttributes {
            claimed_roles: vec!["Expert-comptable".into(), "Collaborateur habilité".into()],
            others: vec![Attribute::new(oid::DELEGATION, delegation)],
        };
        let attribute = signer_attributes_v2(&claimed);
        assert_eq!(attribute.id, oid::SIGNER_ATTRIBUTES_V2);
        assert_eq!(parse_signer_attributes(&attribute.value), Ok(claimed));
    }
}
