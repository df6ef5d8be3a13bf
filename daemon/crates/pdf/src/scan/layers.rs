//! Layers: optional content, and whether it is shown when the document opens (ISO 32000-2, 8.11).

use super::ScanBounds;
use super::listed::{LeftOut, Listed};
use crate::{Dictionary, Document, Object, ObjectId, PdfString, ReadError};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The word for a layer that is hidden.
pub(super) const HIDDEN: &str = "hidden-layer";

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Whether it is hidden when the document opens.
    pub hidden: bool,
}

pub(super) fn all(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<Layer>, ReadError> {
    let Object::Dictionary(properties) = doc.get(&doc.catalog()?, "OCProperties")? else {
        return Ok(Vec::new());
    };
    let state = doc.get(&properties, "D")?.as_dictionary().cloned().unwrap_or_default();
    let (on, off) = (named(doc, &state, "ON")?, named(doc, &state, "OFF")?);
    let base_off = state.name("BaseState") == Some("OFF");
    let mut layers = Listed::new(bounds);
    for group in doc.get(&properties, "OCGs")?.as_array().unwrap_or_default() {
        let name = match doc.resolve(group)? {
            Object::Dictionary(group) => doc.get(&group, "Name")?,
            _ => Object::Null,
        };
        let group = group.as_reference();
        let hidden = off.contains(&group) || (base_off && !on.contains(&group));
        let name = || name.as_string().map(PdfString::to_text).unwrap_or_default();
        let word = if hidden { HIDDEN } else { "layer" };
        layers.add(word, hidden, || Layer { name: name(), hidden });
    }
    Ok(layers.end(left_out))
}

/// The groups that a list names. They are indirect objects (8.11.2.1); what is none counts as one.
fn named(
    doc: &Document<'_>,
    of: &Dictionary,
    key: &str,
) -> Result<HashSet<Option<ObjectId>>, ReadError> {
    let listed = doc.get(of, key)?;
    Ok(listed.as_array().unwrap_or_default().iter().map(Object::as_reference).collect())
}
