//! Which page an object belongs to: the page itself, its annotations, and their actions.

use crate::{Dictionary, Document, Object, ObjectId, ReadError};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// More objects than this are not placed.
const MAX_PLACED: usize = 200_000;

pub(super) fn of_objects(doc: &Document<'_>) -> Result<HashMap<ObjectId, u32>, ReadError> {
    let mut placed = HashMap::new();
    let walked = doc.for_each_page(|page| {
        placed.entry(page.object).or_insert(page.index);
        place_actions(&page.dictionary, page.index, &mut placed);
        for annotation in annotations(doc, &page.dictionary)? {
            place_annotation(doc, &annotation, page.index, &mut placed)?;
        }
        let full = placed.len() > MAX_PLACED;
        Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    });
    match walked {
        // A broken page tree places what was found before the break.
        Ok(()) | Err(ReadError::Damaged { .. }) => Ok(placed),
        Err(error) => Err(error),
    }
}

fn annotations(doc: &Document<'_>, page: &Dictionary) -> Result<Vec<Object>, ReadError> {
    Ok(doc.get(page, "Annots")?.as_array().unwrap_or_default().to_vec())
}

fn place_annotation(
    doc: &Document<'_>,
    annotation: &Object,
    page: u32,
    placed: &mut HashMap<ObjectId, u32>,
) -> Result<(), ReadError> {
    let Some(object) = annotation.as_reference() else { return Ok(()) };
    placed.entry(object).or_insert(page);
    if let Some(dictionary) = doc.object(object)?.as_dictionary() {
        place_actions(dictionary, page, placed);
    }
    Ok(())
}

/// What `/A` and `/AA` refer to, and the files of an attachment.
fn place_actions(dictionary: &Dictionary, page: u32, placed: &mut HashMap<ObjectId, u32>) {
    for key in ["A", "AA", "FS"] {
        let value = dictionary.get(key);
        let inner = value.and_then(Object::as_dictionary);
        let inner = inner.into_iter().flat_map(|inner| inner.iter().map(|(_, value)| value));
        for reference in value.into_iter().chain(inner).filter_map(Object::as_reference) {
            placed.entry(reference).or_insert(page);
        }
    }
}
