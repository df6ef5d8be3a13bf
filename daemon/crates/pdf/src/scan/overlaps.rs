//! What lies over a field of the form: an annotation, or another field.

use super::inspect::Overlay;
use super::listed::{LeftOut, Listed};
use super::{ScanBounds, ScanError};
use crate::{Dictionary, Document, Object, PdfString, ReadError};
use std::ops::ControlFlow;

/// The word for one thing over another.
pub(super) const OVERLAY: &str = "overlay";
/// Most comparisons of two annotations, for one document.
const MAX_COMPARED: usize = 20_000_000;

struct Placed {
    rectangle: [f64; 4],
    field: bool,
    label: String,
}

/// What was found, and the first page (from 1) that was not looked at, where there was too much.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) overlays: Vec<Overlay>,
    pub(super) ended_at: Option<u32>,
}

pub(super) fn all(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<Found, ScanError> {
    let (mut found, mut left, mut ended_at) = (Listed::new(bounds), MAX_COMPARED, None);
    doc.for_each_page(|page| {
        let placed = annotations(doc, &page.dictionary)?;
        let compared = of_page(&placed, &mut left, |above, beneath| {
            found.add(OVERLAY, true, || Overlay {
                page: page.index + 1,
                above: above.label.clone(),
                beneath: beneath.label.clone(),
            });
        });
        if compared.is_none() {
            ended_at = Some(page.index + 1);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Found { overlays: found.end(left_out), ended_at })
}

/// Compares each annotation with the fields beneath it, and each field with all beneath it; none where
/// that is more than is left.
fn of_page(
    placed: &[Placed],
    left: &mut usize,
    mut found: impl FnMut(&Placed, &Placed),
) -> Option<()> {
    let mut fields: Vec<usize> = Vec::new();
    for (index, above) in placed.iter().enumerate() {
        let beneath = if above.field { index } else { fields.len() };
        *left = left.checked_sub(beneath)?;
        for at in 0..beneath {
            let beneath = &placed[if above.field { at } else { fields[at] }];
            if overlap(above.rectangle, beneath.rectangle) {
                found(above, beneath);
            }
        }
        if above.field {
            fields.push(index);
        }
    }
    Some(())
}

fn annotations(doc: &Document<'_>, page: &Dictionary) -> Result<Vec<Placed>, ReadError> {
    let mut placed = Vec::new();
    for item in doc.get(page, "Annots")?.as_array().unwrap_or_default() {
        let annotation = match doc.resolve(item) {
            Ok(Object::Dictionary(annotation)) => annotation,
            Ok(_) | Err(ReadError::Damaged { .. }) => continue,
            Err(error) => return Err(error),
        };
        let kind = annotation.name("Subtype").unwrap_or_default().to_owned();
        // A pop-up opens beside its note, and a link shows nothing.
        if matches!(kind.as_str(), "Popup" | "Link") {
            continue;
        }
        if let Some(rectangle) = corners(&doc.get(&annotation, "Rect")?) {
            let name = doc.get(&annotation, "T")?.as_string().map(PdfString::to_text);
            let label = format!("{kind} {}", name.unwrap_or_default()).trim_end().to_owned();
            placed.push(Placed { rectangle, field: kind == "Widget", label });
        }
    }
    Ok(placed)
}

/// A rectangle that is not empty, its corners put in order.
fn corners(rectangle: &Object) -> Option<[f64; 4]> {
    let numbers: Option<Vec<f64>> = rectangle.as_array()?.iter().map(Object::as_number).collect();
    let [x0, y0, x1, y1] = numbers?.try_into().ok()?;
    let ordered = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
    (ordered[0] < ordered[2] && ordered[1] < ordered[3]).then_some(ordered)
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    const TOUCH: f64 = 1.0;
    a[0] + TOUCH < b[2] && b[0] + TOUCH < a[2] && a[1] + TOUCH < b[3] && b[1] + TOUCH < a[3]
}
