//! TimeStampToken (RFC 3161 §2.4.2): reading and verifying.

use super::{Imprint, TimeStampRequest, TstInfo};
use crate::{
    asn1::Asn1Error,
    certificate::Certificate,
    chain::{ChainError, Path, Purpose, TrustAnchors, check_validity, validate},
    cms::{CmsError, SignedData, SignerInfo, SignerInfoError},
    oid,
};

/// A token as received.
#[derive(Debug, Clone)]
pub struct TimestampToken<'a> {
    cms: SignedData<'a>,
    content: &'a [u8],
    info: TstInfo,
}

/// Why a token is not one, or does not prove what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not a CMS message.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// What it says cannot be read.
    #[error("the token's content is malformed: {0}")]
    Malformed(#[from] Asn1Error),
    /// A CMS message that holds no TSTInfo, or not exactly one SignerInfo (RFC 3161 §2.4.2).
    #[error("the message is not a time-stamp token")]
    NotAToken,
    /// It was made for something else.
    #[error("the token was made for something else")]
    OtherImprint,
    /// It answers another request.
    #[error("the token bears another nonce or policy than asked for")]
    OtherRequest,
    /// The unit's certificate is neither in the token nor among those given.
    #[error("the certificate of the time-stamping unit is missing")]
    NoCertificate,
    /// Its signature does not verify.
    #[error("the token's signature: {0}")]
    Signature(#[from] SignerInfoError),
    /// The unit's certificate was not valid, or not meant for time-stamps, when the token was made.
    #[error("the time-stamping unit's certificate: {0}")]
    Chain(#[from] ChainError),
}

/// What a token proves, once verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// What it says: time, serial number, policy.
    pub info: TstInfo,
    /// From the unit's certificate to the anchor.
    pub path: Path,
}

impl VerifiedToken {
    /// The unit's certificate.
    pub fn unit(&self) -> &Certificate {
        &self.path.certificates()[0]
    }
}

impl<'a> TimestampToken<'a> {
    /// Reads a token: a ContentInfo with a SignedData over a TSTInfo.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TokenError> {
        Self::from_cms(SignedData::parse(bytes)?)
    }

    /// As [`Self::parse`], for the padded `/Contents` of a document time-stamp.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn parse_padded(bytes: &'a [u8]) -> Result<Self, TokenError> {
        Self::from_cms(SignedData::parse_padded(bytes)?)
    }

    fn from_cms(cms: SignedData<'a>) -> Result<Self, TokenError> {
        let content = cms.content().filter(|_| cms.content_type() == oid::TST_INFO);
        let content = content.ok_or(TokenError::NotAToken)?;
        cms.signer().ok_or(TokenError::NotAToken)?;
        Ok(Self { info: TstInfo::parse(content)?, content, cms })
    }

    /// What it says; nothing of it is proven before [`Self::verify`].
    pub fn info(&self) -> &TstInfo {
        &self.info
    }

    /// The CMS message.
    pub fn cms(&self) -> &SignedData<'a> {
        &self.cms
    }

    /// Whether it answers this request: same imprint, nonce, and policy where one was asked for.
    ///
    /// # Errors
    /// [`TokenError::OtherImprint`], [`TokenError::OtherRequest`].
    pub fn answers(&self, request: &TimeStampRequest) -> Result<(), TokenError> {
        if self.info.imprint != request.imprint {
            return Err(TokenError::OtherImprint);
        }
        let policy = request.policy.is_none_or(|policy| policy == self.info.policy);
        if self.info.nonce == request.nonce && policy {
            Ok(())
        } else {
            Err(TokenError::OtherRequest)
        }
    }

    /// The certificate of the unit that made it, in the token or among `others`.
    ///
    /// # Errors
    /// [`TokenError::NoCertificate`].
    pub fn unit(&self, others: &[Certificate]) -> Result<Certificate, TokenError> {
        let within = self.cms.certificates();
        let signer = self.signer()?;
        let found = signer.find_certificate(&within).or_else(|| signer.find_certificate(others));
        found.cloned().ok_or(TokenError::NoCertificate)
    }

    /// Verifies the token over `message` (for a signature time-stamp: the signature value): its
    /// imprint, its signature, and the unit's path, valid and meant for time-stamps when the token
    /// was made. `others` may help to find certificates.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(
        &self,
        message: &[u8],
        anchors: &TrustAnchors,
        others: &[Certificate],
    ) -> Result<VerifiedToken, TokenError> {
        let algorithm = self.info.imprint.accepted().ok_or(TokenError::OtherImprint)?;
        self.verify_imprint(&Imprint::of(algorithm, message), anchors, others)
    }

    /// As [`Self::verify`], over a digest that was made before, by the algorithm of the token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify_imprint(
        &self,
        imprint: &Imprint,
        anchors: &TrustAnchors,
        others: &[Certificate],
    ) -> Result<VerifiedToken, TokenError> {
        if self.info.imprint != *imprint || imprint.accepted().is_none() {
            return Err(TokenError::OtherImprint);
        }
        let unit = self.unit(others)?;
        self.verify_signature(&unit)?;
        let mut pool = self.cms.certificates();
        pool.extend_from_slice(others);
        let path = validate(&unit, &pool, anchors, self.info.gen_time, Purpose::Timestamping)?;
        Ok(VerifiedToken { info: self.info.clone(), path })
    }

    /// What a requester checks before it takes the token (RFC 3161 §2.4.2), without trust in the
    /// unit: its signature, and that its certificate, which the token holds, is one for time-stamps and
    /// was valid when the token was made.
    ///
    /// # Errors
    /// [`TokenError::NoCertificate`], [`TokenError::Signature`], [`TokenError::Chain`].
    pub fn verify_unit(&self) -> Result<(), TokenError> {
        let unit = self.unit(&[])?;
        Purpose::Timestamping.check(&unit)?;
        check_validity(&unit, self.info.gen_time)?;
        self.verify_signature(&unit)
    }

    /// Verifies the signature alone, without trust in the unit.
    ///
    /// # Errors
    /// [`TokenError::Signature`].
    pub fn verify_signature(&self, unit: &Certificate) -> Result<(), TokenError> {
        let signer = self.signer()?;
        let algorithm = signer.digest_algorithm().ok_or(SignerInfoError::UnsupportedDigest)?;
        signer.verify(unit, oid::TST_INFO, &algorithm.digest(self.content))?;
        Ok(())
    }

    fn signer(&self) -> Result<&SignerInfo<'a>, TokenError> {
        self.cms.signer().ok_or(TokenError::NotAToken)
    }
}
