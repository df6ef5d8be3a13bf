//! One entry of `revokedCertificates` (RFC 5280 §5.3).

use jiff::Timestamp;

use super::CrlError;
use crate::{
    asn1::{Reader, Tlv, parse_time, tag},
    oid,
    revocation::RevocationReason,
};

/// Most extensions of one entry.
const MAX_EXTENSIONS: usize = 16;

/// That a certificate is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Since when.
    pub at: Timestamp,
    /// Why, if told.
    pub reason: Option<RevocationReason>,
    /// Since when its key is thought to be in other hands, if told (§5.3.2).
    pub invalid_since: Option<Timestamp>,
}

/// The serial number's content octets of an entry, and what stands behind it.
pub(super) fn serial<'a>(element: &Tlv<'a>) -> Result<(&'a [u8], Reader<'a>), CrlError> {
    let mut fields = Reader::single(element.whole, tag::SEQUENCE)?.reader();
    let serial = fields.integer()?;
    Ok((serial, fields))
}

impl RevokedEntry {
    /// What stands behind the serial number.
    pub(super) fn parse(mut fields: Reader<'_>) -> Result<Self, CrlError> {
        let at = parse_time(&fields.next()?)?;
        let mut entry = Self { at, reason: None, invalid_since: None };
        if let Some(extensions) = fields.optional(tag::SEQUENCE)? {
            for one in extensions.reader().all(MAX_EXTENSIONS)? {
                entry.take(&one)?;
            }
        }
        fields.finish()?;
        Ok(entry)
    }

    fn take(&mut self, extension: &Tlv<'_>) -> Result<(), CrlError> {
        let (id, critical, value) = extension.extension()?;
        match id {
            oid::CRL_REASON => {
                let code = Reader::single(value, tag::ENUMERATED)?.value;
                self.reason = match code {
                    [code] => RevocationReason::from_code(*code),
                    _ => None,
                };
            }
            oid::INVALIDITY_DATE => {
                let time = Reader::single(value, tag::GENERALIZED_TIME)?;
                self.invalid_since = Some(parse_time(&time)?);
            }
            // Only indirect lists have it, and they are refused as a whole.
            other if critical => return Err(CrlError::CriticalExtension(other)),
            _ => {}
        }
        Ok(())
    }
}
