//! Reading a SignedData as slices of the original bytes.

use super::{SignerInfo, embedded};
use crate::{
    asn1::{Asn1Error, Reader, Tlv, tag},
    certificate::Certificate,
    crl::RevocationList,
    ocsp::OcspResponse,
    oid::{self, Oid},
};

/// Largest CMS message accepted, in octets.
pub const MAX_CMS: usize = 8 * 1024 * 1024;

/// Most certificates, signers or algorithms of one message.
const MAX_PARTS: usize = 128;

/// Why bytes are no SignedData: whoever gave them is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CmsError {
    /// The encoding is not that of a SignedData.
    #[error("not a CMS SignedData: {0}")]
    Malformed(#[from] Asn1Error),
    /// A ContentInfo of another type.
    #[error("a CMS message of type {0} where SignedData was expected")]
    OtherContent(Oid),
    /// Bytes other than zeros behind the message.
    #[error("bytes that are not padding follow the CMS message")]
    Trailing,
}

/// A SignedData (RFC 5652 §5.1) as received.
#[derive(Debug, Clone)]
pub struct SignedData<'a> {
    whole: &'a [u8],
    content_type: Oid,
    content: Option<&'a [u8]>,
    certificates: Vec<&'a [u8]>,
    revocation: Vec<Tlv<'a>>,
    signers: Vec<SignerInfo<'a>>,
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo that holds a SignedData.
    ///
    /// # Errors
    /// [`CmsError`]; also for more than 8 MiB, or indefinite lengths: BER from elsewhere goes
    /// through [`definite_lengths`](crate::definite_lengths) first.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let (message, rest) = Self::parse_prefix(bytes)?;
        if rest.is_empty() { Ok(message) } else { Err(CmsError::Trailing) }
    }

    /// As [`Self::parse`], for the `/Contents` of a PDF signature: zeros may follow, to fill the
    /// placeholder (ISO 32000-2 §12.8.1).
    ///
    /// # Errors
    /// [`CmsError`].
    pub fn parse_padded(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let (message, rest) = Self::parse_prefix(bytes)?;
        if rest.iter().all(|octet| *octet == 0) { Ok(message) } else { Err(CmsError::Trailing) }
    }

    fn parse_prefix(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), CmsError> {
        let mut reader = Reader::new(bytes);
        let outer = reader.expect(tag::SEQUENCE)?;
        if outer.whole.len() > MAX_CMS {
            return Err(Asn1Error::TooLarge("CMS message").into());
        }
        let mut fields = outer.reader();
        match fields.oid()? {
            oid::SIGNED_DATA => {}
            other => return Err(CmsError::OtherContent(other)),
        }
        let content = fields.expect(tag::constructed(0))?;
        fields.finish()?;
        let signed = Reader::single(content.value, tag::SEQUENCE)?;
        Ok((Self::from_fields(outer.whole, signed.reader())?, reader.rest()))
    }

    fn from_fields(whole: &'a [u8], mut fields: Reader<'a>) -> Result<Self, CmsError> {
        fields.unsigned()?;
        fields.expect(tag::SET)?;
        let (content_type, content) = encapsulated(fields.sequence()?)?;
        let certificates = fields.optional(tag::constructed(0))?;
        let revocation = fields.optional(tag::constructed(1))?;
        let infos = fields.expect(tag::SET)?.reader().all(MAX_PARTS)?;
        fields.finish()?;
        Ok(Self {
            whole,
            content_type,
            content,
            certificates: certificates.map_or(Ok(Vec::new()), |set| plain_certificates(&set))?,
            revocation: revocation.map_or(Ok(Vec::new()), |set| set.reader().all(MAX_PARTS))?,
            signers: infos.iter().map(SignerInfo::parse).collect::<Result<_, _>>()?,
        })
    }

    /// The message without padding.
    pub fn bytes(&self) -> &'a [u8] {
        self.whole
    }

    /// The type of what is signed.
    pub fn content_type(&self) -> Oid {
        self.content_type
    }

    /// What is signed, when it stands within.
    pub fn content(&self) -> Option<&'a [u8]> {
        self.content
    }

    /// The certificates within. One that cannot be read is passed over: it serves nobody.
    pub fn certificates(&self) -> Vec<Certificate> {
        self.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// Whether revocation data stands within, where PAdES does not want it (EN 319 142-1 §6.3).
    pub fn has_crls(&self) -> bool {
        !self.revocation.is_empty()
    }

    /// The revocation lists and answers within (RFC 5652 §10.2.1, RFC 5940 §2.1), and those of the
    /// signer's attribute of ISO 32000-1 §12.8.3.3. What cannot be read is passed over.
    pub fn revocation(&self) -> (Vec<RevocationList>, Vec<OcspResponse>) {
        let mut found = (Vec::new(), Vec::new());
        for choice in &self.revocation {
            embedded::choice(choice, &mut found);
        }
        for signer in &self.signers {
            for value in signer.revocation_archives() {
                embedded::archive(value, &mut found);
            }
        }
        found
    }

    /// Every SignerInfo. PAdES wants exactly one (EN 319 142-1 §4.1).
    pub fn signers(&self) -> &[SignerInfo<'a>] {
        &self.signers
    }

    /// The SignerInfo when there is exactly one.
    pub fn signer(&self) -> Option<&SignerInfo<'a>> {
        match self.signers.as_slice() {
            [signer] => Some(signer),
            _ => None,
        }
    }
}

/// EncapsulatedContentInfo (RFC 5652 §5.2).
fn encapsulated(mut fields: Reader<'_>) -> Result<(Oid, Option<&[u8]>), Asn1Error> {
    let content_type = fields.oid()?;
    let content = match fields.optional(tag::constructed(0))? {
        None => None,
        Some(explicit) => Some(Reader::single(explicit.value, tag::OCTET_STRING)?.value),
    };
    fields.finish()?;
    Ok((content_type, content))
}

/// The X.509 certificates of a CertificateSet; attribute certificates are passed over.
fn plain_certificates<'a>(set: &Tlv<'a>) -> Result<Vec<&'a [u8]>, Asn1Error> {
    let all = set.reader().all(MAX_PARTS)?;
    Ok(all.iter().filter(|one| one.tag == tag::SEQUENCE).map(|one| one.whole).collect())
}
