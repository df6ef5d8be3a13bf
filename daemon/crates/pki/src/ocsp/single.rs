//! SingleResponse (RFC 6960 §4.2.1): what is said of one certificate.

use jiff::Timestamp;

use super::CertId;
use crate::{
    asn1::{Asn1Error, Reader, Tlv, parse_time, tag},
    oid,
    revocation::RevocationReason,
};

/// Most extensions of one response.
const MAX_EXTENSIONS: usize = 32;

/// What a responder says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why, if told.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know it.
    Unknown,
}

/// What is said of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleResponse {
    /// Of which.
    pub cert_id: CertId,
    /// Its status.
    pub status: CertificateStatus,
    /// The moment for which it is known to be right.
    pub this_update: Timestamp,
    /// Until when newer knowledge will be there, if told.
    pub next_update: Option<Timestamp>,
    /// The responder keeps the status of certificates that expired after this moment
    /// (RFC 6960 §4.4.4).
    pub archive_cutoff: Option<Timestamp>,
    /// Whether it has a critical extension that is not known here: then it says nothing.
    pub unknown_critical: bool,
}

impl SingleResponse {
    pub(super) fn parse(element: &Tlv<'_>) -> Result<Self, Asn1Error> {
        let mut fields = Reader::single(element.whole, tag::SEQUENCE)?.reader();
        let cert_id = CertId::parse(fields.sequence()?)?;
        let status = status(&fields.next()?)?;
        let this_update = parse_time(&fields.expect(tag::GENERALIZED_TIME)?)?;
        let next_update = fields.optional(tag::constructed(0))?;
        let next_update = next_update.map(|next| explicit_time(&next)).transpose()?;
        let extensions = Extensions::parse(fields.optional(tag::constructed(1))?)?;
        fields.finish()?;
        Ok(Self {
            cert_id,
            status,
            this_update,
            next_update,
            archive_cutoff: extensions.archive_cutoff,
            unknown_critical: extensions.unknown_critical,
        })
    }
}

fn status(element: &Tlv<'_>) -> Result<CertificateStatus, Asn1Error> {
    match element.tag {
        found if found == tag::context(0) => Ok(CertificateStatus::Good),
        found if found == tag::constructed(1) => revoked(element.reader()),
        found if found == tag::context(2) => Ok(CertificateStatus::Unknown),
        found => Err(Asn1Error::Unexpected { expected: tag::context(0), found }),
    }
}

fn revoked(mut fields: Reader<'_>) -> Result<CertificateStatus, Asn1Error> {
    let at = parse_time(&fields.expect(tag::GENERALIZED_TIME)?)?;
    let reason = match fields.optional(tag::constructed(0))? {
        None => None,
        Some(element) => match Reader::single(element.value, tag::ENUMERATED)?.value {
            [code] => RevocationReason::from_code(*code),
            _ => return Err(Asn1Error::Value("CRLReason")),
        },
    };
    fields.finish()?;
    Ok(CertificateStatus::Revoked { at, reason })
}

fn explicit_time(element: &Tlv<'_>) -> Result<Timestamp, Asn1Error> {
    parse_time(&Reader::single(element.value, tag::GENERALIZED_TIME)?)
}

/// The extensions of a response, or of one single response.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) nonce: Option<Vec<u8>>,
    archive_cutoff: Option<Timestamp>,
    pub(super) unknown_critical: bool,
}

impl Extensions {
    /// `[n] EXPLICIT Extensions OPTIONAL`.
    pub(super) fn parse(element: Option<Tlv<'_>>) -> Result<Self, Asn1Error> {
        let mut extensions = Self::default();
        let Some(element) = element else { return Ok(extensions) };
        for one in Reader::single(element.value, tag::SEQUENCE)?.reader().all(MAX_EXTENSIONS)? {
            let (id, critical, value) = one.extension()?;
            match id {
                // Some responders leave out the inner OCTET STRING (RFC 6960 §4.4.1 is unclear).
                oid::OCSP_NONCE => {
                    let inner = Reader::single(value, tag::OCTET_STRING);
                    extensions.nonce = Some(inner.map_or(value, |inner| inner.value).to_vec());
                }
                oid::OCSP_ARCHIVE_CUTOFF => {
                    let time = Reader::single(value, tag::GENERALIZED_TIME)?;
                    extensions.archive_cutoff = Some(parse_time(&time)?);
                }
                _ => extensions.unknown_critical |= critical,
            }
        }
        Ok(extensions)
    }
}
