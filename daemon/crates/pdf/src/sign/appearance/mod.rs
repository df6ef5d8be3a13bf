//! The visible side of a signature: a box with lines of text and a picture (ISO 32000-2, 12.5.5 and
//! 12.7.5.5).
//!
//! Everything that is drawn is allowed in PDF/A: fonts are embedded subsets, colours are
//! calibrated, and where a document claims PDF/A nothing is transparent.

mod draw;
mod font;
mod layout;
mod picture;
mod place;
mod request;

pub use request::{Appearance, OnOverlap, PageChoice, Picture, Place};

use super::SignRefusal;
use crate::update::PdfA;
use crate::write::{Body, Increment};
use crate::{Dictionary, Document, Name, Object, ObjectId};
pub(super) use place::Spot;

/// Where the box goes: on which page, and where there.
pub(super) fn spot(
    doc: &Document<'_>,
    appearance: &Appearance,
    own: Option<&Dictionary>,
) -> Result<Spot, SignRefusal> {
    place::find(doc, appearance, own)
}

/// The entries of a widget with the appearance drawn: `/AP` and `/MK`.
pub(super) fn drawn(
    increment: &mut Increment<'_, '_>,
    appearance: &Appearance,
    spot: &Spot,
) -> Result<Dictionary, SignRefusal> {
    let opaque = PdfA::claimed(increment.doc())?.is_some();
    let form = draw::form(increment, appearance, spot, opaque)?;
    let rotation = i64::from(spot.page.rotate);
    Ok(Dictionary::new()
        .with("AP", Dictionary::new().with("N", form))
        .with("MK", Dictionary::new().with("R", rotation)))
}

/// The `/AP` of a field that is not seen, where the document has to have one: PDF/A-1 asks each field
/// for an appearance, whatever its extent (ISO 19005-1, 6.9).
pub(super) fn empty(increment: &mut Increment<'_, '_>) -> Result<Option<Dictionary>, SignRefusal> {
    if !PdfA::claimed(increment.doc())?.is_some_and(PdfA::is_first) {
        return Ok(None);
    }
    let form = Dictionary::new()
        .with("Type", Name::from("XObject"))
        .with("Subtype", Name::from("Form"))
        .with("BBox", vec![Object::from(0); 4]);
    let form = increment.add(Body::Stream { dictionary: form, data: Vec::new() })?;
    Ok(Some(Dictionary::new().with("N", form)))
}

/// An object that others refer to.
type Id = ObjectId;
