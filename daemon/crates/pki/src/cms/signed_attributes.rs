//! SignedAttributes: what a key really signs (RFC 5652 §5.4).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    asn1::{self, Asn1Error, Reader, tag},
    attributes::{
        Attribute, SignerAttributes, content_type, message_digest, parse_attributes,
        signer_attributes_v2, signing_certificate_v2,
    },
    base64_octets,
    certificate::Certificate,
    digest::{DigestAlgorithm, sha256},
    oid::Oid,
};

/// The signed attributes of one signature, as the DER of their SET OF: the bytes to be signed.
///
/// In stored records it is that DER in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    der: Vec<u8>,
}

impl SignedAttributes {
    /// The baseline attributes of EN 319 122-1 §6.3 for PAdES: content-type, message-digest,
    /// signing-certificate-v2, and signer-attributes-v2 where something is claimed. There is no
    /// signing-time (EN 319 142-1 §6.3): the PDF's `/M` tells it.
    ///
    /// `digest` is that of the content, by `algorithm`.
    pub fn baseline(
        content: Oid,
        algorithm: DigestAlgorithm,
        digest: &[u8],
        certificate: &Certificate,
        claimed: &SignerAttributes,
    ) -> Self {
        let mut attributes = vec![
            content_type(content),
            message_digest(digest),
            signing_certificate_v2(certificate, algorithm),
        ];
        if !claimed.is_empty() {
            attributes.push(signer_attributes_v2(claimed));
        }
        Self::from_attributes(&attributes)
    }

    /// The given attributes, put into DER's order.
    pub fn from_attributes(attributes: &[Attribute]) -> Self {
        Self { der: asn1::set_of(attributes.iter().map(Attribute::to_der).collect()) }
    }

    /// Takes back bytes that [`Self::to_be_signed`] gave.
    ///
    /// # Errors
    /// [`Asn1Error`] when they are no SET OF attributes.
    pub fn from_der(der: &[u8]) -> Result<Self, Asn1Error> {
        parse_attributes(Reader::single(der, tag::SET)?.value)?;
        Ok(Self { der: der.to_vec() })
    }

    /// The bytes to be signed: the SET OF in DER.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the bytes to be signed: the name of the act.
    pub fn act(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The same attributes as a SignerInfo carries them: `[0] IMPLICIT`.
    pub(crate) fn implicit(&self) -> Vec<u8> {
        let mut der = self.der.clone();
        der[0] = tag::constructed(0);
        der
    }
}

impl Serialize for SignedAttributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        base64_octets::serialize(&self.der, serializer)
    }
}

impl<'de> Deserialize<'de> for SignedAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let der = base64_octets::deserialize(deserializer)?;
        Self::from_der(&der).map_err(de::Error::custom)
    }
}
