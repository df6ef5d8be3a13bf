//! What codes of a font stand for, and how wide they are (ISO 32000-2, 9.5 to 9.10).

use super::encoding::{Encoding, named};
use super::program::letters_by_code;
use crate::syntax::{Lexer, Token};
use crate::update::font as widths;
use crate::{Dictionary, Document, Object, PdfString, ReadError};
use std::collections::HashMap;

/// The codes of one font that are looked at.
const MAX_CODES: usize = 70_000;

/// A font as far as finding text needs it.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Codes have two bytes.
    wide: bool,
    /// What codes stand for where `base` has it otherwise, or there is none.
    unicode: HashMap<u32, String>,
    base: Option<Encoding>,
    /// In thousandths of the size.
    widths: HashMap<u32, f64>,
    default_width: f64,
    /// One of the standard fonts without widths of its own: measured as Helvetica.
    standard: bool,
}

impl Font {
    /// What cannot be read of it is left out.
    pub(super) fn read(doc: &Document<'_>, font: &Dictionary) -> Result<Self, ReadError> {
        let wide = font.name("Subtype") == Some("Type0");
        let mut read = Self { wide, default_width: 500.0, ..Self::default() };
        if wide {
            read.composite(doc, font)?;
        } else {
            read.simple(doc, font)?;
        }
        match doc.get(font, "ToUnicode")? {
            Object::Stream(map) => {
                let map = passable(doc.stream_data(&map))?;
                read.read_map(&map.unwrap_or_default());
            }
            _ if wide => read.unicode = letters_by_code(doc, font, &descendant_of(doc, font)?)?,
            _ => {}
        }
        Ok(read)
    }

    /// The codes of a string, each with its text and its width in thousandths; whether it is a
    /// space of one byte, which word spacing is added to.
    pub(super) fn codes<'f>(
        &'f self,
        bytes: &'f [u8],
    ) -> impl Iterator<Item = (&'f str, f64, bool)> + 'f {
        bytes.chunks(if self.wide { 2 } else { 1 }).map(|code| {
            let value = code.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
            let text = match self.unicode.get(&value) {
                Some(text) => text,
                None => self.base.map_or("", |base| base.text(value)),
            };
            let width = match self.widths.get(&value) {
                Some(width) => *width,
                None if self.standard => widths::helvetica(text.chars().next().unwrap_or(' ')),
                None => self.default_width,
            };
            (text, width, !self.wide && value == 32)
        })
    }

    fn simple(&mut self, doc: &Document<'_>, font: &Dictionary) -> Result<(), ReadError> {
        let encoding = doc.get(font, "Encoding")?;
        let base = match &encoding {
            Object::Dictionary(encoding) => doc.get(encoding, "BaseEncoding")?,
            named => named.clone(),
        };
        let base = base.as_name().and_then(Encoding::named);
        self.base = Some(base.unwrap_or_else(|| Encoding::of_none(font)));
        if let Object::Dictionary(encoding) = encoding {
            self.differences(&doc.get(&encoding, "Differences")?);
        }
        let first = doc.get(font, "FirstChar")?.as_integer().unwrap_or(0).clamp(0, 255) as u32;
        match doc.get(font, "Widths")? {
            Object::Array(items) => {
                for (at, item) in (0u32..256).zip(&items) {
                    if let Some(width) = doc.resolve(item)?.as_number() {
                        self.widths.insert(first + at, width);
                    }
                }
            }
            _ => self.standard = true,
        }
        Ok(())
    }

    /// `/Differences`: a code, then the names from it on (table 112).
    fn differences(&mut self, list: &Object) {
        let mut code = 0;
        for item in list.as_array().unwrap_or_default().iter().take(1024) {
            match item {
                Object::Integer(start) => code = u32::try_from(*start).unwrap_or(0),
                Object::Name(name) => {
                    let letter = std::str::from_utf8(name.as_bytes()).ok().and_then(named);
                    self.unicode.insert(code, letter.map(String::from).unwrap_or_default());
                    code = code.saturating_add(1);
                }
                _ => {}
            }
        }
    }

    fn composite(&mut self, doc: &Document<'_>, font: &Dictionary) -> Result<(), ReadError> {
        let descendant = descendant_of(doc, font)?;
        self.default_width = doc.get(&descendant, "DW")?.as_number().unwrap_or(1000.0);
        let Object::Array(widths) = doc.get(&descendant, "W")? else { return Ok(()) };
        let mut at = 0;
        while at + 1 < widths.len() && self.widths.len() < MAX_CODES {
            at += self.width_run(doc, &widths[at..])?;
        }
        Ok(())
    }

    /// `c [w …]` or `first last w` (9.7.4.3); gives back how many items it took.
    fn width_run(&mut self, doc: &Document<'_>, run: &[Object]) -> Result<usize, ReadError> {
        let first = run[0].as_integer().and_then(|first| u32::try_from(first).ok()).unwrap_or(0);
        if let Object::Array(items) = doc.resolve(&run[1])? {
            for (code, item) in (first..).zip(items.iter().take(MAX_CODES)) {
                self.widths.insert(code, item.as_number().unwrap_or(self.default_width));
            }
            return Ok(2);
        }
        let last = run[1].as_integer().and_then(|last| u32::try_from(last).ok()).unwrap_or(0);
        if let Some(width) = run.get(2).and_then(Object::as_number) {
            for code in (first..=last).take(MAX_CODES) {
                self.widths.insert(code, width);
            }
        }
        Ok(3)
    }

    /// `bfchar` and `bfrange` of a CMap (9.10.3).
    fn read_map(&mut self, map: &[u8]) {
        let mut lexer = Lexer::new(map, true);
        let mut strings: Vec<Vec<u8>> = Vec::new();
        let mut in_array = None;
        while let Ok(Some(token)) = lexer.next() {
            match token {
                Token::String(raw) => strings.push(PdfString(raw.into()).bytes()),
                Token::ArrayOpen => in_array = Some(strings.len()),
                Token::ArrayClose => {
                    if let Some(from) = in_array.take().filter(|from| *from >= 2) {
                        let listed = strings.split_off(from);
                        let first = code_of(&strings[from - 2]);
                        for (code, text) in (first..).zip(listed) {
                            self.put(code, &text, 0);
                        }
                        strings.truncate(from - 2);
                    }
                }
                Token::Keyword(b"endbfchar") => {
                    strings
                        .chunks_exact(2)
                        .for_each(|pair| self.put(code_of(&pair[0]), &pair[1], 0));
                    strings.clear();
                }
                Token::Keyword(b"endbfrange") => {
                    for range in strings.chunks_exact(3) {
                        let (first, last) = (code_of(&range[0]), code_of(&range[1]));
                        for (step, code) in (first..=last).take(MAX_CODES).enumerate() {
                            self.put(code, &range[2], step as u32);
                        }
                    }
                    strings.clear();
                }
                Token::Keyword(_) => strings.clear(),
                _ => {}
            }
        }
    }

    /// Code `code` stands for the UTF-16 `text`, its last unit raised by `step`.
    fn put(&mut self, code: u32, text: &[u8], step: u32) {
        if self.unicode.len() >= MAX_CODES {
            return;
        }
        let mut units: Vec<u16> =
            text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        if let Some(last) = units.last_mut() {
            *last = last.wrapping_add(step as u16);
        }
        self.unicode.insert(code, String::from_utf16_lossy(&units));
    }
}

/// The one font that a composite font has (9.7.6); empty where it is missing.
fn descendant_of(doc: &Document<'_>, font: &Dictionary) -> Result<Dictionary, ReadError> {
    let descendants = doc.get(font, "DescendantFonts")?;
    let first = descendants.as_array().and_then(<[Object]>::first).unwrap_or(&Object::Null);
    Ok(doc.resolve(first)?.as_dictionary().cloned().unwrap_or_default())
}

fn code_of(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// What can be done without: damage. The end of the budget and of the medium cannot.
pub(super) fn passable<T>(result: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::TooComplex { limit: "work" }) => {
            Err(ReadError::TooComplex { limit: "work" })
        }
        Err(ReadError::Io(error)) => Err(ReadError::Io(error)),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_to_unicode_are_read() {
        let mut font = Font { wide: true, ..Font::default() };
        font.read_map(
            b"1 beginbfchar <0003> <0041> endbfchar 2 beginbfrange <0010> <0012> <0061> \
              <0020> <0021> [<00e9> <00660069>] endbfrange",
        );
        let text: String = font
            .codes(&[0, 3, 0, 0x10, 0, 0x12, 0, 0x20, 0, 0x21])
            .map(|(text, ..)| text)
            .collect();
        assert_eq!(text, "Aacéfi");
    }
}
