//! The letters of an embedded font program, by its own table from letters to glyphs read backwards: for fonts
//! whose codes are glyphs and which have no `/ToUnicode` (ISO 32000-2, 9.7.4.2 and 9.9).

use super::font::passable;
use crate::{Dictionary, Document, Object, ReadError, Stream};
use std::collections::HashMap;
use std::sync::Arc;
use ttf_parser::Face;
use ttf_parser::cmap::{Format, Subtable};

/// Tables of one program that are looked at until one fits.
const MAX_TABLES: u16 = 16;
/// What asking for all letters costs, in bytes of the document's work.
const WORK: usize = 128 << 10;

/// Letters by their glyphs.
pub(crate) type Letters = HashMap<u16, char>;

/// What the codes of a font with two-byte codes stand for, by the program that it embeds; nothing where its
/// codes are no glyphs of a TrueType program.
pub(super) fn letters_by_code(
    doc: &Document<'_>,
    font: &Dictionary,
    descendant: &Dictionary,
) -> Result<HashMap<u32, String>, ReadError> {
    let none = Ok(HashMap::new());
    let codes_are_cids = matches!(font.name("Encoding"), Some("Identity-H" | "Identity-V"));
    if !codes_are_cids || descendant.name("Subtype") != Some("CIDFontType2") {
        return none;
    }
    let Object::Dictionary(descriptor) = doc.get(descendant, "FontDescriptor")? else {
        return none;
    };
    let Object::Stream(program) = doc.get(&descriptor, "FontFile2")? else { return none };
    let letters = letters_of(doc, &program)?;
    match doc.get(descendant, "CIDToGIDMap")? {
        Object::Stream(map) => {
            let map = passable(doc.stream_data(&map))?.unwrap_or_default();
            let glyphs = map.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            let named = (0..=0xffff).zip(glyphs).filter_map(|(code, glyph)| {
                letters.get(&glyph).map(|letter| (code, letter.to_string()))
            });
            Ok(named.collect())
        }
        _ => Ok(letters
            .iter()
            .map(|(glyph, letter)| ((*glyph).into(), letter.to_string()))
            .collect()),
    }
}

/// Asked once for each of the last programs: every field of a form is shown in the same fonts.
fn letters_of(doc: &Document<'_>, program: &Stream) -> Result<Arc<Letters>, ReadError> {
    if let Some(known) = program.id.and_then(|id| doc.programs().get(id)) {
        return Ok(known);
    }
    doc.spend(WORK)?;
    let data = passable(doc.stream_data(program))?.unwrap_or_default();
    let letters = Arc::new(read(&data));
    if let Some(id) = program.id {
        doc.programs().put(id, Arc::clone(&letters));
    }
    Ok(letters)
}

/// A glyph of several letters is the first of them: `µ` and not the Greek letter.
fn read(program: &[u8]) -> Letters {
    let mut letters = Letters::new();
    let Ok(face) = Face::parse(program, 0) else { return letters };
    let Some(tables) = face.tables().cmap.map(|cmap| cmap.subtables) else { return letters };
    let tables = (0..tables.len().min(MAX_TABLES)).filter_map(|at| tables.get(at));
    let Some(table) = tables.into_iter().find(is_sought_in) else { return letters };
    for letter in (' '..='\u{ffff}').filter(|letter| !is_private(*letter)) {
        if let Some(glyph) = table.glyph_index(letter.into()).filter(|glyph| glyph.0 != 0) {
            letters.entry(glyph.0).or_insert(letter);
        }
    }
    letters
}

/// Of Unicode, in a form in which a letter is found without looking at all others.
fn is_sought_in(table: &Subtable<'_>) -> bool {
    let sought = matches!(
        table.format,
        Format::SegmentMappingToDeltaValues(_)
            | Format::SegmentedCoverage(_)
            | Format::TrimmedTableMapping(_)
            | Format::TrimmedArray(_)
    );
    table.is_unicode() && sought
}

fn is_private(letter: char) -> bool {
    ('\u{e000}'..='\u{f8ff}').contains(&letter) || letter.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROBOTO: &[u8] = include_bytes!("../../fonts/Roboto-Regular-Latin.ttf");

    #[test]
    fn glyphs_are_named_by_the_table_of_their_program() {
        let face = Face::parse(ROBOTO, 0).unwrap();
        let letters = read(ROBOTO);
        for letter in "Aé9€œÈ".chars() {
            assert_eq!(letters.get(&face.glyph_index(letter).unwrap().0), Some(&letter));
        }
        assert!(!letters.contains_key(&0), "what is missing is no letter");
    }

    #[test]
    fn what_is_no_font_names_nothing() {
        for len in [0, 4, 100, ROBOTO.len() / 2] {
            let broken = &ROBOTO[..len];
            assert!(read(broken).len() <= read(ROBOTO).len());
        }
        assert_eq!(read(b"not a font at all"), Letters::new());
    }
}
