//! Fonts that are not in the file: what is seen then depends on the reader.

use super::inspect::MissingFont;
use super::listed::{LeftOut, Listed};
use super::{ScanBounds, ScanError, in_order};
use crate::{Dictionary, Document, Object, ReadError};

const STANDARD: [&str; 14] = [
    "Courier",
    "Courier-Bold",
    "Courier-Oblique",
    "Courier-BoldOblique",
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-Oblique",
    "Helvetica-BoldOblique",
    "Times-Roman",
    "Times-Bold",
    "Times-Italic",
    "Times-BoldItalic",
    "Symbol",
    "ZapfDingbats",
];

pub(super) fn missing(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<MissingFont>, ScanError> {
    let mut found = Listed::new(bounds);
    for object in in_order(doc, bounds)? {
        let value = match doc.object(object) {
            Ok(value) => value,
            Err(ReadError::Damaged { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let Some(font) = value.as_dictionary().filter(|font| is_simple(font)) else { continue };
        if !is_embedded(doc, font)? {
            let name = font.name("BaseFont").unwrap_or("?").to_owned();
            let standard = STANDARD.contains(&name.as_str());
            found.add("missing-font", false, || MissingFont { name, standard, object });
        }
    }
    let mut found = found.end(left_out);
    found.sort();
    Ok(found)
}

/// A font with a programme of its own: neither a composite one nor one that is drawn.
fn is_simple(font: &Dictionary) -> bool {
    const KINDS: [&str; 5] = ["Type1", "MMType1", "TrueType", "CIDFontType0", "CIDFontType2"];
    font.name("Type") == Some("Font") && font.name("Subtype").is_some_and(|s| KINDS.contains(&s))
}

fn is_embedded(doc: &Document<'_>, font: &Dictionary) -> Result<bool, ReadError> {
    let Object::Dictionary(descriptor) = doc.get(font, "FontDescriptor")? else { return Ok(false) };
    Ok(["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains(key)))
}
