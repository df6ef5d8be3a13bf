//! Text of a page that something opaque covers: an annotation, a field, a picture or a filled area that
//! is painted later.
//!
//! A letter is covered where five points of it lie beneath filled paths or pictures through which nothing
//! shines. Not told apart: areas of shadings, patterns and letters, and annotations that a reader draws
//! by itself. Dots and lines to write upon are no text here.

use super::listed::{LeftOut, Listed};
use super::{ScanBounds, ScanError};
use crate::text::{Beneath, Look, normal_appearance};
use crate::{Dictionary, Document, Object, ObjectId, Page, PdfString, ReadError};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Most annotations of one page that are looked at.
const MAX_ANNOTATIONS: usize = 2_000;

/// Text that is not seen, because something lies over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredText {
    /// The page, from 1.
    pub page: u32,
    /// What covers it: the annotation, or the stream that paints; absent where it is no object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectId>,
    /// An annotation's subtype and name, or `content`.
    pub by: String,
    /// Whether the text would be seen without an object that shows none of it: one later entry in the
    /// cross-references would take it away.
    pub apart: bool,
    /// How many letters and digits are covered.
    pub letters: u32,
    /// The first of them.
    pub text: String,
}

/// The word for text beneath something that could be taken away.
pub(super) const COVERED: &str = "covered-text";

/// What was found, the pages (from 1) that cannot be read, and the first that was not looked at, where
/// there was too much.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) texts: Vec<CoveredText>,
    pub(super) unreadable: Vec<u32>,
    pub(super) ended_at: Option<u32>,
}

/// At most half of the work that is left goes into this look: nothing else may starve for it.
pub(super) fn all(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<Found, ScanError> {
    let (mut found, mut texts) = (Found::default(), Listed::new(bounds));
    let reserve = doc.work_left() / 2;
    let mut look = Look::new(doc, reserve);
    doc.for_each_page(|page| {
        let number = page.index + 1;
        match of_page(doc, &mut look, &page) {
            Ok(Some(of_page)) => {
                of_page.into_iter().for_each(|text| texts.add(COVERED, text.apart, || text));
            }
            Ok(None) | Err(ReadError::TooComplex { limit: "work" }) => {
                found.ended_at = Some(number)
            }
            Err(error @ (ReadError::Io(_) | ReadError::Encrypted)) => return Err(error),
            Err(_) if found.unreadable.len() < bounds.findings => found.unreadable.push(number),
            Err(_) => found.ended_at = Some(number),
        }
        let ends = found.ended_at.is_some();
        Ok(if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    found.texts = texts.end(left_out);
    Ok(found)
}

fn of_page(
    doc: &Document<'_>,
    look: &mut Look<'_, '_>,
    page: &Page,
) -> Result<Option<Vec<CoveredText>>, ReadError> {
    look.page(page)?;
    let mut labels = Vec::new();
    for item in doc.get(&page.dictionary, "Annots")?.as_array().unwrap_or_default() {
        if labels.len() >= MAX_ANNOTATIONS {
            return Ok(None);
        }
        let Object::Dictionary(annotation) = readable(doc.resolve(item))? else { continue };
        labels.push((item.as_reference(), label(doc, &annotation)?));
        shown(doc, look, item.as_reference(), &annotation)?;
    }
    let told = |beneath: Beneath| {
        let first = beneath.source.first().copied();
        let annotation = labels.iter().find(|(id, _)| id.is_some() && *id == first);
        CoveredText {
            page: page.index + 1,
            object: if annotation.is_some() { first } else { beneath.source.last().copied() },
            by: annotation.map_or("content", |(_, label)| label).to_owned(),
            apart: beneath.apart,
            letters: beneath.letters,
            text: beneath.text,
        }
    };
    Ok(look.end().map(|beneath| beneath.into_iter().map(told).collect()))
}

/// Adds the appearance of an annotation, where one is shown.
fn shown(
    doc: &Document<'_>,
    look: &mut Look<'_, '_>,
    id: Option<ObjectId>,
    annotation: &Dictionary,
) -> Result<(), ReadError> {
    /// Hidden and NoView (12.5.3).
    const UNSEEN: i64 = 2 | 32;
    let flags = doc.get(annotation, "F")?.as_integer().unwrap_or(0);
    if flags & UNSEEN != 0 || annotation.name("Subtype") == Some("Popup") {
        return Ok(());
    }
    match (normal_appearance(doc, annotation)?, doc.rectangle_of(annotation, "Rect")?) {
        (Some(form), Some(rectangle)) => look.appearance(id, &form, rectangle),
        _ => Ok(()),
    }
}

fn label(doc: &Document<'_>, annotation: &Dictionary) -> Result<String, ReadError> {
    let kind = annotation.name("Subtype").unwrap_or("Annotation");
    let name = readable(doc.get(annotation, "T"))?.as_string().map(PdfString::to_text);
    Ok(format!("{kind} {}", name.unwrap_or_default()).trim_end().to_owned())
}

fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Null),
        other => other,
    }
}
