//! Writing a SignedData, and telling its size before there is a signature.

use super::SignedAttributes;
use crate::{
    algorithm::SignatureAlgorithm,
    asn1::{self, Asn1Error, Reader, tag},
    attributes::{Attribute, signature_timestamp},
    certificate::Certificate,
    oid::{self, Oid},
};

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// `id-data`, kept outside: a PDF signature (EN 319 142-1 §4.1).
    Detached,
    /// Content of this type within: a time-stamp token.
    Encapsulated(Oid, &'a [u8]),
}

/// The parts of a SignedData with one SignerInfo.
#[derive(Debug, Clone, Copy)]
pub struct Assembly<'a> {
    /// What is signed.
    pub content: Content<'a>,
    /// The signed attributes.
    pub signed_attributes: &'a SignedAttributes,
    /// With what they are signed.
    pub algorithm: SignatureAlgorithm,
    /// The certificate of the signing key.
    pub signer: &'a Certificate,
    /// Further certificates to put in: the chain. The signer's own is added unless `bare`.
    pub chain: &'a [Certificate],
    /// Leave all certificates out (RFC 3161 §2.4.1, certReq absent).
    pub bare: bool,
    /// Unsigned attributes.
    pub unsigned: &'a [Attribute],
}

impl Assembly<'_> {
    /// The ContentInfo in DER.
    pub fn finish(&self, signature: &[u8]) -> Vec<u8> {
        let unsigned = self.unsigned.iter().map(Attribute::to_der).collect();
        let info = self.signer_info(signature, unsigned);
        let signed_data = asn1::sequence(&self.fields(info));
        content_info(signed_data)
    }

    /// Upper bound of the size in octets, with a signature time-stamp token of `timestamp` octets
    /// among the unsigned attributes where one is to come: exact for RSA, and but for the few
    /// octets by which ECDSA signatures vary. Measured on a message with zeros in their places, so
    /// that no length prefix is forgotten.
    pub fn max_len(&self, timestamp: Option<usize>) -> usize {
        let key = self.signer.public_key().map_or(0, |key| key.max_signature_len());
        let token = timestamp.map(|len| signature_timestamp(&vec![0; len]).to_der());
        let unsigned = self.unsigned.iter().map(Attribute::to_der).chain(token).collect();
        let info = self.signer_info(&vec![0; key], unsigned);
        content_info(asn1::sequence(&self.fields(info))).len()
    }

    /// The fields of SignedData (RFC 5652 §5.1).
    fn fields(&self, signer_info: Vec<u8>) -> Vec<Vec<u8>> {
        let digest = self.algorithm.digest().identifier();
        let mut fields = vec![
            asn1::integer_u64(self.version()),
            asn1::set_of(vec![digest]),
            self.encapsulated(),
        ];
        if !self.bare {
            fields.push(self.certificates());
        }
        fields.push(asn1::set_of(vec![signer_info]));
        fields
    }

    /// RFC 5652 §5.1: 3 for content other than id-data, else 1.
    fn version(&self) -> u64 {
        match self.content {
            Content::Detached => 1,
            Content::Encapsulated(..) => 3,
        }
    }

    fn encapsulated(&self) -> Vec<u8> {
        match self.content {
            Content::Detached => asn1::sequence(&[asn1::oid(&oid::DATA)]),
            Content::Encapsulated(id, octets) => {
                let content = asn1::explicit(0, &[asn1::octet_string(octets)]);
                asn1::sequence(&[asn1::oid(&id), content])
            }
        }
    }

    /// CertificateSet, in DER's order and without repetition.
    fn certificates(&self) -> Vec<u8> {
        let all = std::iter::once(self.signer).chain(self.chain);
        let mut encodings: Vec<_> = all.map(Certificate::der).collect();
        encodings.sort_unstable();
        encodings.dedup();
        asn1::explicit(0, &encodings)
    }

    /// SignerInfo (RFC 5652 §5.3), version 1: the signer by issuer and serial number.
    fn signer_info(&self, signature: &[u8], mut unsigned: Vec<Vec<u8>>) -> Vec<u8> {
        let serial = asn1::tlv(tag::INTEGER, self.signer.serial());
        let mut fields = vec![
            asn1::integer_u64(1),
            asn1::sequence(&[self.signer.issuer().der(), &serial]),
            self.algorithm.digest().identifier(),
            self.signed_attributes.implicit(),
            self.algorithm.identifier(),
            asn1::octet_string(signature),
        ];
        if !unsigned.is_empty() {
            unsigned.sort_unstable();
            fields.push(asn1::explicit(1, &unsigned));
        }
        asn1::sequence(&fields)
    }
}

fn content_info(signed_data: Vec<u8>) -> Vec<u8> {
    asn1::sequence(&[asn1::oid(&oid::SIGNED_DATA), asn1::explicit(0, &[signed_data])])
}

/// The same CMS with one more unsigned attribute in its only SignerInfo; every other byte stays as
/// it was.
///
/// # Errors
/// [`Asn1Error`] when `cms` is no SignedData with exactly one SignerInfo.
pub fn add_unsigned_attribute(cms: &[u8], attribute: &Attribute) -> Result<Vec<u8>, Asn1Error> {
    let mut outer = Reader::single(cms, tag::SEQUENCE)?.reader();
    let content_type = outer.expect(tag::OID)?.whole;
    let mut explicit = outer.expect(tag::constructed(0))?.reader();
    let mut fields = explicit.expect(tag::SEQUENCE)?.reader().all(8)?;
    let infos = fields.pop().filter(|last| last.tag == tag::SET);
    let infos = infos.ok_or(Asn1Error::Value("SignedData"))?;
    let info = Reader::single(infos.value, tag::SEQUENCE)?;

    let extended = asn1::set_of(vec![extend(info.value, attribute)?]);
    let mut parts: Vec<&[u8]> = fields.iter().map(|field| field.whole).collect();
    parts.push(&extended);
    let content = asn1::explicit(0, &[asn1::sequence(&parts)]);
    Ok(asn1::sequence(&[content_type, &content]))
}

/// A SignerInfo's content with one more unsigned attribute.
fn extend(info: &[u8], attribute: &Attribute) -> Result<Vec<u8>, Asn1Error> {
    let mut fields = Reader::new(info).all(8)?;
    let mut unsigned = vec![attribute.to_der()];
    if let Some(old) = fields.pop_if(|last| last.tag == tag::constructed(1)) {
        unsigned.extend(old.reader().all(64)?.iter().map(|one| one.whole.to_vec()));
    }
    unsigned.sort_unstable();
    let unsigned = asn1::explicit(1, &unsigned);
    let mut parts: Vec<&[u8]> = fields.iter().map(|field| field.whole).collect();
    parts.push(&unsigned);
    Ok(asn1::sequence(&parts))
}
