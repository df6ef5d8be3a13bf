//! SignerInfo (RFC 5652 §5.3) and its verification (§5.6).

use jiff::Timestamp;

use crate::{
    algorithm::{Scheme, SignatureError},
    asn1::{Asn1Error, Reader, Tlv, parse_time, tag},
    attributes::{
        AttributeView, CertificateReference, SignerAttributes, parse_attributes,
        parse_signer_attributes, parse_signing_certificate_v1, parse_signing_certificate_v2,
    },
    certificate::Certificate,
    digest::DigestAlgorithm,
    oid::{self, Oid},
};

/// By what a SignerInfo names its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignerId<'a> {
    /// Issuer's name in DER and serial number's content octets.
    IssuerSerial(&'a [u8], &'a [u8]),
    /// Subject key identifier.
    KeyIdentifier(&'a [u8]),
}

impl SignerId<'_> {
    /// Whether it names this certificate.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        match *self {
            Self::IssuerSerial(issuer, serial) => {
                certificate.issuer().der() == issuer && certificate.serial() == serial
            }
            Self::KeyIdentifier(id) => certificate.subject_key_identifier() == Some(id),
        }
    }
}

/// A SignerInfo as received.
#[derive(Debug, Clone)]
pub struct SignerInfo<'a> {
    id: SignerId<'a>,
    digest: Option<DigestAlgorithm>,
    signed: Option<&'a [u8]>,
    signed_attributes: Vec<AttributeView<'a>>,
    algorithm: &'a [u8],
    signature: &'a [u8],
    unsigned_attributes: Vec<AttributeView<'a>>,
}

/// Why a SignerInfo does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerInfoError {
    /// There are no signed attributes, which CAdES demands (EN 319 122-1 §5.1.1, §5.1.2).
    #[error("the signature has no signed attributes")]
    NoSignedAttributes,
    /// A required attribute is missing, doubled, or has not exactly one value.
    #[error("the signed attribute {0} is missing or not there exactly once")]
    Attribute(Oid),
    /// An attribute cannot be read.
    #[error("a signed attribute is malformed: {0}")]
    Malformed(#[from] Asn1Error),
    /// The content-type attribute names another type than that of the content (RFC 5652 §11.1).
    #[error("the content-type attribute differs from the type of the content")]
    ContentType,
    /// The digest algorithm is not accepted here.
    #[error("the digest algorithm is not accepted")]
    UnsupportedDigest,
    /// The content is not what was signed (HASH_FAILURE of EN 319 102-1).
    #[error("the signed content was changed")]
    DigestMismatch,
    /// The signing-certificate attribute names another certificate.
    #[error("the signature names another signing certificate")]
    OtherCertificate,
    /// The signature value does not verify (SIG_CRYPTO_FAILURE of EN 319 102-1), or its key or
    /// algorithm is not accepted.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl<'a> SignerInfo<'a> {
    pub(super) fn parse(element: &Tlv<'a>) -> Result<Self, Asn1Error> {
        let mut fields = Reader::single(element.whole, tag::SEQUENCE)?.reader();
        fields.unsigned()?;
        let id = signer_id(&fields.next()?)?;
        let digest = DigestAlgorithm::from_identifier(fields.sequence()?)?;
        let signed = fields.optional(tag::constructed(0))?;
        let algorithm = fields.expect(tag::SEQUENCE)?.whole;
        let signature = fields.expect(tag::OCTET_STRING)?.value;
        let unsigned = fields.optional(tag::constructed(1))?;
        fields.finish()?;
        let attributes = |set: Option<Tlv<'a>>| parse_attributes(set.map_or(&[], |set| set.value));
        Ok(Self {
            id,
            digest,
            signed: signed.map(|set| set.whole),
            signed_attributes: attributes(signed)?,
            algorithm,
            signature,
            unsigned_attributes: attributes(unsigned)?,
        })
    }

    /// By what it names its certificate.
    pub fn id(&self) -> SignerId<'a> {
        self.id
    }

    /// The digest algorithm of the content; `None` when it is not accepted here.
    pub fn digest_algorithm(&self) -> Option<DigestAlgorithm> {
        self.digest
    }

    /// `AlgorithmIdentifier` of the signature.
    pub fn signature_algorithm(&self) -> &'a [u8] {
        self.algorithm
    }

    /// How the signer signed; `None` for a way that is not accepted here.
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::from_identifier(self.algorithm, self.digest).ok()
    }

    /// The signature value: what a signature time-stamp covers.
    pub fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// The signed attributes, in order.
    pub fn signed_attributes(&self) -> &[AttributeView<'a>] {
        &self.signed_attributes
    }

    /// The unsigned attributes, in order.
    pub fn unsigned_attributes(&self) -> &[AttributeView<'a>] {
        &self.unsigned_attributes
    }

    /// The bytes that were signed: the attributes as received, their `[0]` tag replaced by that of
    /// a SET (RFC 5652 §5.4).
    pub fn to_be_verified(&self) -> Option<Vec<u8>> {
        let mut bytes = self.signed?.to_vec();
        bytes[0] = tag::SET;
        Some(bytes)
    }

    /// The value of a signed attribute that stands there exactly once, with exactly one value.
    ///
    /// # Errors
    /// [`SignerInfoError::Attribute`].
    pub fn signed_attribute(&self, id: Oid) -> Result<&'a [u8], SignerInfoError> {
        let mut found = self.signed_attributes.iter().filter(|attribute| attribute.id == id);
        match (found.next().and_then(AttributeView::single), found.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(SignerInfoError::Attribute(id)),
        }
    }

    /// The content's digest that was signed.
    ///
    /// # Errors
    /// [`SignerInfoError`].
    pub fn message_digest(&self) -> Result<&'a [u8], SignerInfoError> {
        let value = self.signed_attribute(oid::MESSAGE_DIGEST)?;
        Ok(Reader::single(value, tag::OCTET_STRING)?.value)
    }

    /// The certificate reference of signing-certificate-v2, or of its forerunner when that stands
    /// there alone (EN 319 122-1 §5.2.2.1).
    ///
    /// # Errors
    /// [`SignerInfoError`].
    pub fn signing_certificate(&self) -> Result<CertificateReference, SignerInfoError> {
        if self.has_signed(oid::SIGNING_CERTIFICATE)
            && !self.has_signed(oid::SIGNING_CERTIFICATE_V2)
        {
            let value = self.signed_attribute(oid::SIGNING_CERTIFICATE)?;
            return Ok(parse_signing_certificate_v1(value)?);
        }
        let value = self.signed_attribute(oid::SIGNING_CERTIFICATE_V2)?;
        Ok(parse_signing_certificate_v2(value)?)
    }

    fn has_signed(&self, id: Oid) -> bool {
        self.signed_attributes.iter().any(|attribute| attribute.id == id)
    }

    /// What the signer claims of himself; nothing when the attribute is absent.
    ///
    /// # Errors
    /// [`SignerInfoError`].
    pub fn signer_attributes(&self) -> Result<SignerAttributes, SignerInfoError> {
        if !self.has_signed(oid::SIGNER_ATTRIBUTES_V2) {
            return Ok(SignerAttributes::default());
        }
        Ok(parse_signer_attributes(self.signed_attribute(oid::SIGNER_ATTRIBUTES_V2)?)?)
    }

    /// The time that the signer claims by signing-time (RFC 5652 §11.3); none where there is no such
    /// attribute, or it cannot be read.
    pub fn signing_time(&self) -> Option<Timestamp> {
        let value = self.signed_attribute(oid::SIGNING_TIME).ok()?;
        let mut reader = Reader::new(value);
        let time = reader.next().ok()?;
        reader.finish().ok()?;
        parse_time(&time).ok()
    }

    /// The signature time-stamp tokens, in order.
    pub fn signature_timestamps(&self) -> Vec<&'a [u8]> {
        let tokens = self.unsigned_attributes.iter().filter(|a| a.id == oid::SIGNATURE_TIMESTAMP);
        tokens.flat_map(|attribute| attribute.values.iter().copied()).collect()
    }

    /// The archives of revocation data, signed ones and others (ISO 32000-1 §12.8.3.3).
    pub(super) fn revocation_archives(&self) -> impl Iterator<Item = &'a [u8]> {
        let attributes = self.signed_attributes.iter().chain(&self.unsigned_attributes);
        let archives = attributes.filter(|attribute| attribute.id == oid::REVOCATION_ARCHIVAL);
        archives.flat_map(|attribute| attribute.values.iter().copied())
    }

    /// The certificate that it names, among these.
    pub fn find_certificate<'c>(&self, certificates: &'c [Certificate]) -> Option<&'c Certificate> {
        certificates.iter().find(|certificate| self.id.matches(certificate))
    }

    /// Verifies the signature: the content by its digest, its type, the reference to the
    /// certificate, and the signature value over the attributes as received (RFC 5652 §5.6,
    /// RFC 5035 §3). The certificate's own validity is not looked at.
    ///
    /// # Errors
    /// [`SignerInfoError`].
    pub fn verify(
        &self,
        certificate: &Certificate,
        content_type: Oid,
        content_digest: &[u8],
    ) -> Result<(), SignerInfoError> {
        let bytes = self.over(content_type, content_digest)?;
        if !self.signing_certificate()?.matches(certificate) {
            return Err(SignerInfoError::OtherCertificate);
        }
        self.verify_value(certificate, &bytes)
    }

    /// The same for the signatures of ISO 32000-1 (`adbe.pkcs7.detached`), which need not name their
    /// certificate by its digest; where they do, it counts.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_plain(
        &self,
        certificate: &Certificate,
        content_type: Oid,
        content_digest: &[u8],
    ) -> Result<(), SignerInfoError> {
        let named = [oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2];
        if named.into_iter().any(|id| self.has_signed(id)) {
            return self.verify(certificate, content_type, content_digest);
        }
        let bytes = self.over(content_type, content_digest)?;
        self.verify_value(certificate, &bytes)
    }

    /// The signed bytes, where they are over this content.
    fn over(&self, content_type: Oid, content_digest: &[u8]) -> Result<Vec<u8>, SignerInfoError> {
        self.digest.ok_or(SignerInfoError::UnsupportedDigest)?;
        let bytes = self.to_be_verified().ok_or(SignerInfoError::NoSignedAttributes)?;
        if self.message_digest()? != content_digest {
            return Err(SignerInfoError::DigestMismatch);
        }
        if Reader::new(self.signed_attribute(oid::CONTENT_TYPE)?).oid()? != content_type {
            return Err(SignerInfoError::ContentType);
        }
        Ok(bytes)
    }

    fn verify_value(&self, certificate: &Certificate, bytes: &[u8]) -> Result<(), SignerInfoError> {
        let scheme = Scheme::from_identifier(self.algorithm, self.digest)?;
        // RFC 5652 §5.4: one digest algorithm for content and attributes.
        if self.digest != Some(scheme.digest()) {
            return Err(SignatureError::UnsupportedAlgorithm.into());
        }
        Ok(scheme.verify(&certificate.key()?, bytes, self.signature)?)
    }
}

/// SignerIdentifier (RFC 5652 §5.3).
fn signer_id<'a>(element: &Tlv<'a>) -> Result<SignerId<'a>, Asn1Error> {
    match element.tag {
        tag::SEQUENCE => {
            let mut fields = element.reader();
            let issuer = fields.expect(tag::SEQUENCE)?.whole;
            Ok(SignerId::IssuerSerial(issuer, fields.integer()?))
        }
        found if found == tag::context(0) => Ok(SignerId::KeyIdentifier(element.value)),
        found => Err(Asn1Error::Unexpected { expected: tag::SEQUENCE, found }),
    }
}
