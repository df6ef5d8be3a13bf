//! Where a box goes: by field, by coordinates, or by a text on a page; never over another field.

use super::{Appearance, OnOverlap, PageChoice, Place};
use crate::sign::SignRefusal;
use crate::{Dictionary, Document, Object, Page, ReadError, text};
use std::ops::ControlFlow;

/// The least a box may be, in points: less cannot be read.
const LEAST: [f64; 2] = [20.0, 10.0];
/// Kept free between a moved box and other fields, in points.
const GAP: f64 = 4.0;
/// The widgets of one page that are looked at.
const MAX_WIDGETS: usize = 10_000;

/// A place for a box.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) page: Page,
    /// In the page's own space: x0, y0, x1, y1.
    pub(crate) rectangle: [f64; 4],
    /// The width and height as shown.
    pub(super) size: (f64, f64),
}

pub(super) fn find(
    doc: &Document<'_>,
    appearance: &Appearance,
    own: Option<&Dictionary>,
) -> Result<Spot, SignRefusal> {
    match (&appearance.place, own) {
        (_, Some(field)) => of_field(doc, field),
        (Place::Field, None) => Err(request("a place by a field needs an existing field")),
        (Place::At { page, x, y, width, height }, None) => {
            let page = page_of(doc, *page)?;
            free(doc, page, [*x, *y, *width, *height], appearance.on_overlap)
        }
        (Place::Anchor { text, page, dx, dy, width, height }, None) => {
            let (page, found) = anchor(doc, text, *page)?;
            let [x, y, _, tall] = page.as_shown(found);
            let wished = [x + dx, y + tall + dy, *width, *height];
            free(doc, page, wished, appearance.on_overlap)
        }
    }
}

fn request(what: &'static str) -> SignRefusal {
    SignRefusal::Request { what }
}

/// An existing field keeps its rectangle.
fn of_field(doc: &Document<'_>, field: &Dictionary) -> Result<Spot, SignRefusal> {
    let rectangle = doc.rectangle_of(field, "Rect")?.ok_or(SignRefusal::Place {
        why: "the field has no extent: it is an invisible one".to_owned(),
    })?;
    let named = field.get("P").and_then(Object::as_reference);
    let mut found = None;
    doc.for_each_page(|page| {
        if named.is_none_or(|named| named == page.object) {
            found = Some(page);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let page = found.ok_or(SignRefusal::NoPage)?;
    let [_, _, width, height] = page.as_shown(rectangle);
    Ok(Spot { page, rectangle, size: (width, height) })
}

fn page_of(doc: &Document<'_>, choice: PageChoice) -> Result<Page, SignRefusal> {
    let index = match choice {
        PageChoice::Number(number) => number.checked_sub(1).ok_or(request("pages count from 1"))?,
        PageChoice::Last => doc.page_count()?.checked_sub(1).ok_or(SignRefusal::NoPage)?,
    };
    doc.page(index)?.ok_or_else(|| SignRefusal::Place {
        why: format!("the document has no page {}", index + 1),
    })
}

/// The first page on which the text stands, and where.
fn anchor(
    doc: &Document<'_>,
    wanted: &str,
    page: Option<PageChoice>,
) -> Result<(Page, [f64; 4]), SignRefusal> {
    let missing = || SignRefusal::Place { why: format!("the text {wanted:?} is not found") };
    if let Some(page) = page {
        let page = page_of(doc, page)?;
        let found = text::find(doc, &page, wanted)?;
        return found.map(|found| (page, found)).ok_or_else(missing);
    }
    let mut found = None;
    doc.for_each_page(|page| {
        if let Some(at) = text::find(doc, &page, wanted)? {
            found = Some((page, at));
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    found.ok_or_else(missing)
}

/// The wished place, or the nearest free one where that is allowed.
fn free(
    doc: &Document<'_>,
    page: Page,
    wished: [f64; 4],
    on_overlap: OnOverlap,
) -> Result<Spot, SignRefusal> {
    let [_, _, width, height] = wished;
    if !wished.iter().all(|number| number.is_finite()) || width < LEAST[0] || height < LEAST[1] {
        return Err(request("a box of less than 20 by 10 points"));
    }
    let taken = widgets(doc, &page)?;
    let (page_width, page_height) = page.size_shown();
    let fits = |[x, y, width, height]: [f64; 4]| {
        let inside = x >= 0.0 && y >= 0.0 && x + width <= page_width && y + height <= page_height;
        inside && !taken.iter().any(|other| overlap([x, y, width, height], *other))
    };
    let chosen = match on_overlap {
        _ if fits(wished) => Some(wished),
        OnOverlap::Refuse => None,
        OnOverlap::Move => nearest(wished, &taken, [page_width, page_height], fits),
    };
    let Some(chosen) = chosen else {
        return Err(SignRefusal::Place {
            why: "the box would lie over another field or beyond the page".to_owned(),
        });
    };
    let rectangle = page.to_user_space(chosen);
    Ok(Spot { page, rectangle, size: (width, height) })
}

/// Of the places beside the edges of the page and of the fields, the nearest that is free.
fn nearest(
    [x, y, width, height]: [f64; 4],
    taken: &[[f64; 4]],
    [page_width, page_height]: [f64; 2],
    fits: impl Fn([f64; 4]) -> bool,
) -> Option<[f64; 4]> {
    const MOST: usize = 200;
    let mut xs = vec![x, GAP, page_width - width - GAP];
    let mut ys = vec![y, GAP, page_height - height - GAP];
    for [ox, oy, owidth, oheight] in taken.iter().take(MOST) {
        xs.extend([ox - width - GAP, ox + owidth + GAP]);
        ys.extend([oy - height - GAP, oy + oheight + GAP]);
    }
    let places = xs.iter().flat_map(|x| ys.iter().map(move |y| [*x, *y, width, height]));
    let distance = |place: &[f64; 4]| (place[0] - x).powi(2) + (place[1] - y).powi(2);
    places.filter(|place| fits(*place)).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
}

/// Where the page's fields lie, as shown.
fn widgets(doc: &Document<'_>, page: &Page) -> Result<Vec<[f64; 4]>, ReadError> {
    let Object::Array(annotations) = doc.get(&page.dictionary, "Annots")? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for annotation in annotations.iter().take(MAX_WIDGETS) {
        let Object::Dictionary(annotation) = doc.resolve(annotation)? else { continue };
        if annotation.name("Subtype") == Some("Widget")
            && let Some(rectangle) = doc.rectangle_of(&annotation, "Rect")?
        {
            found.push(page.as_shown(rectangle));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_free_place_is_beside_what_is_in_the_way() {
        let taken = [[100.0, 100.0, 50.0, 20.0]];
        let fits = |place: [f64; 4]| place[0] >= 0.0 && !overlap(place, taken[0]);
        let place = nearest([110.0, 105.0, 40.0, 20.0], &taken, [600.0, 800.0], fits).unwrap();
        assert_eq!(place, [110.0, 124.0, 40.0, 20.0]);
    }
}
