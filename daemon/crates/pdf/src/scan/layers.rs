//! Layers: optional content, and whether it is shown when the document opens (ISO 32000-2, 8.11).

use crate::{Dictionary, Document, Object, PdfString, ReadError};
use serde::{Deserialize, Serialize};

/// Most layers that are listed.
const MAX_LAYERS: usize = 1_000;

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Whether it is hidden when the document opens.
    pub hidden: bool,
}

pub(super) fn all(doc: &Document<'_>) -> Result<Vec<Layer>, ReadError> {
    let Object::Dictionary(properties) = doc.get(&doc.catalog()?, "OCProperties")? else {
        return Ok(Vec::new());
    };
    let state = doc.get(&properties, "D")?.as_dictionary().cloned().unwrap_or_default();
    let (on, off) = (listed(doc, &state, "ON")?, listed(doc, &state, "OFF")?);
    let base_off = state.name("BaseState") == Some("OFF");
    let mut layers = Vec::new();
    for group in listed(doc, &properties, "OCGs")?.into_iter().take(MAX_LAYERS) {
        let name = match doc.resolve(&group)? {
            Object::Dictionary(group) => doc.get(&group, "Name")?,
            _ => Object::Null,
        };
        let name = name.as_string().map(PdfString::to_text).unwrap_or_default();
        let hidden = off.contains(&group) || (base_off && !on.contains(&group));
        layers.push(Layer { name, hidden });
    }
    Ok(layers)
}

fn listed(doc: &Document<'_>, of: &Dictionary, key: &str) -> Result<Vec<Object>, ReadError> {
    Ok(doc.get(of, key)?.as_array().unwrap_or_default().to_vec())
}
