//! What lies over a field of the form: an annotation, or another field.

use super::inspect::Overlay;
use super::{ScanBounds, ScanError};
use crate::{Dictionary, Document, Object, PdfString, ReadError};
use std::ops::ControlFlow;

/// Most annotations of one page that are compared with each other.
const MAX_COMPARED: usize = 500;

struct Placed {
    rectangle: [f64; 4],
    field: bool,
    label: String,
}

pub(super) fn all(doc: &Document<'_>, bounds: &ScanBounds) -> Result<Vec<Overlay>, ScanError> {
    let mut found = Vec::new();
    doc.for_each_page(|page| {
        let placed = annotations(doc, &page.dictionary)?;
        for (index, above) in placed.iter().enumerate() {
            for beneath in &placed[..index] {
                if (above.field || beneath.field) && overlap(above.rectangle, beneath.rectangle) {
                    found.push(Overlay {
                        page: page.index + 1,
                        above: above.label.clone(),
                        beneath: beneath.label.clone(),
                    });
                }
            }
        }
        let full = found.len() >= bounds.findings;
        Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    found.truncate(bounds.findings);
    Ok(found)
}

fn annotations(doc: &Document<'_>, page: &Dictionary) -> Result<Vec<Placed>, ReadError> {
    let mut placed = Vec::new();
    for item in doc.get(page, "Annots")?.as_array().unwrap_or_default().iter().take(MAX_COMPARED) {
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
