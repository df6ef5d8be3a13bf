//! Appending a signature: its dictionary with an exact hole, its field, and the form around it.

mod appearance;
mod field;
mod form;
mod locks;
mod request;
mod tagged;

pub use appearance::{Appearance, OnOverlap, PageChoice, Picture, Place};
pub(crate) use form::declare_extension;
pub use request::{FieldTarget, Lock, SignRefusal, SignatureRequest, SubFilter};

use crate::write::{Body, Increment, WriteError};
use crate::{Dictionary, Document, Name, Object, PdfString, ReadError, Revision};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Appends a signature to `doc`: the revision's hole waits for the CMS.
///
/// The revision has a signature dictionary (ISO 32000-2, 12.8.1), a new field or the existing one,
/// its appearance where one is asked for, and what has to know of them: the page's annotations, the
/// form, the catalog. A new field without an appearance is invisible and stands on page 1.
///
/// # Errors
/// [`SignRefusal`] where the document, or a lock in it, forbids the signature.
pub fn append_signature(
    doc: &Document<'_>,
    req: &SignatureRequest,
) -> Result<Revision, SignRefusal> {
    if req.contents_len == 0 {
        return Err(SignRefusal::Request { what: "a hole of no bytes" });
    }
    if let Some(closed) = doc.closed() {
        return Err(closed.into());
    }
    let target = field::find(doc, req)?;
    permitted(doc, &target)?;
    locks::check(doc, req.sub_filter, &target.name)?;
    let mut increment = Increment::new(doc);
    let entries = entries(req).with_reference(target.lock_reference(doc)?);
    let value = increment.add(Body::Signature { entries, contents_len: req.contents_len })?;
    let created = field::write(&mut increment, target, value, req.appearance.as_ref())?;
    form::write(&mut increment, created, req.sub_filter)?;
    Ok(increment.finish(req.file_id)?)
}

/// Whether whoever opens an encrypted document without a password may sign it (table 22).
fn permitted(doc: &Document<'_>, target: &field::Target) -> Result<(), SignRefusal> {
    let Some(crypt) = doc.crypt() else { return Ok(()) };
    let permissions = crypt.permissions();
    let allowed =
        if target.is_new() { permissions.create_fields() } else { permissions.fill_fields() };
    if allowed { Ok(()) } else { Err(SignRefusal::Forbidden) }
}

/// The signature dictionary without its byte range and contents (ISO 32000-2, table 255;
/// EN 319 142-1, 5.3: neither `/Cert` nor, in a timestamp, a time).
fn entries(req: &SignatureRequest) -> Dictionary {
    let timestamp = req.sub_filter == SubFilter::EtsiRfc3161;
    let mut entries = Dictionary::new()
        .with("Type", Name::from(if timestamp { "DocTimeStamp" } else { "Sig" }))
        .with("Filter", Name::from("Adobe.PPKLite"))
        .with("SubFilter", Name::from(req.sub_filter.as_str()));
    if timestamp {
        return entries;
    }
    let texts = [
        ("Name", &req.name),
        ("Location", &req.location),
        ("Reason", &req.reason),
        ("ContactInfo", &req.contact_info),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            entries.set(key, PdfString::text(text));
        }
    }
    match req.signing_time {
        Some(time) => entries.with("M", date(time)),
        None => entries,
    }
}

impl Dictionary {
    fn with_reference(self, reference: Option<Dictionary>) -> Self {
        match reference {
            Some(reference) => self.with("Reference", vec![Object::from(reference)]),
            None => self,
        }
    }
}

/// A date in UTC, to the second (ISO 32000-2, 7.9.4).
pub(crate) fn date(time: Timestamp) -> PdfString {
    let time = time.to_zoned(TimeZone::UTC);
    let (day, clock) = (time.date(), time.time());
    PdfString::literal(
        format!(
            "D:{:04}{:02}{:02}{:02}{:02}{:02}Z",
            day.year(),
            day.month(),
            day.day(),
            clock.hour(),
            clock.minute(),
            clock.second()
        )
        .as_bytes(),
    )
}

impl From<WriteError> for SignRefusal {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Unsupported(what) => Self::Unsupported { what },
            WriteError::Read(ReadError::Encrypted) => Self::Encrypted,
            WriteError::Read(error) => Self::Read(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_utc() {
        let time: Timestamp = "2026-03-29T02:30:15.999+02:00".parse().unwrap();
        assert_eq!(date(time).source(), b"(D:20260329003015Z)");
    }
}
