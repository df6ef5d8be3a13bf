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
use crate::{Dictionary, Document, Name, Object, ObjectId, Page, Real};
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

/// A number with three places.
fn number(value: f64) -> Object {
    Object::Real(Real(format!("{value:.3}").into()))
}

pub(super) fn numbers<const N: usize>(values: [f64; N]) -> Object {
    Object::Array(values.map(number).to_vec())
}

/// The rectangle `[x, y, width, height]` of the page as shown, from its upper left corner, in the
/// page's own space.
fn to_user_space(page: &Page, [x, y, width, height]: [f64; 4]) -> [f64; 4] {
    let [x0, y0, x1, y1] = page.crop_box;
    match page.rotate {
        90 => [x0 + y, y0 + x, x0 + y + height, y0 + x + width],
        180 => [x1 - x - width, y0 + y, x1 - x, y0 + y + height],
        270 => [x1 - y - height, y1 - x - width, x1 - y, y1 - x],
        _ => [x0 + x, y1 - y - height, x0 + x + width, y1 - y],
    }
}

/// The same the other way.
fn as_shown(page: &Page, [ax, ay, bx, by]: [f64; 4]) -> [f64; 4] {
    let [x0, y0, x1, y1] = page.crop_box;
    match page.rotate {
        90 => [ay - y0, ax - x0, by - ay, bx - ax],
        180 => [x1 - bx, ay - y0, bx - ax, by - ay],
        270 => [y1 - by, x1 - bx, by - ay, bx - ax],
        _ => [ax - x0, y1 - by, bx - ax, by - ay],
    }
}

/// The width and height of the page as shown.
fn size_shown(page: &Page) -> (f64, f64) {
    let [x0, y0, x1, y1] = page.crop_box;
    if page.rotate % 180 == 90 { (y1 - y0, x1 - x0) } else { (x1 - x0, y1 - y0) }
}

/// An object that others refer to.
type Id = ObjectId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spaces_fit_each_other_whatever_the_rotation() {
        for rotate in [0, 90, 180, 270] {
            let page = Page {
                index: 0,
                object: ObjectId::new(1, 0),
                dictionary: Dictionary::new(),
                resources: Object::Null,
                media_box: [0.0, 0.0, 700.0, 900.0],
                crop_box: [50.0, 20.0, 650.0, 820.0],
                rotate,
            };
            let shown = [10.0, 30.0, 120.0, 40.0];
            let user = to_user_space(&page, shown);
            assert_eq!(as_shown(&page, user), shown, "{rotate}");
            assert!(user[0] >= 50.0 && user[1] >= 20.0 && user[2] <= 650.0 && user[3] <= 820.0);
        }
    }
}
