//! Roboto, of which only the letters in use are embedded (ISO 32000-2, 9.7 and 9.9).

use super::Id;
use crate::sign::SignRefusal;
use crate::write::{Body, Increment};
use crate::{Dictionary, Name, Object, PdfString};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;
use ttf_parser::{Face as Outlines, GlyphId};

static REGULAR: &[u8] = include_bytes!("../../../fonts/Roboto-Regular-Latin.ttf");
static MEDIUM: &[u8] = include_bytes!("../../../fonts/Roboto-Medium-Latin.ttf");

/// Which of the two fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// For lines.
    Regular = 0,
    /// For the title.
    Medium = 1,
}

/// A font as it is measured.
pub(super) struct Face {
    weight: Weight,
    outlines: Outlines<'static>,
}

impl Face {
    /// None only where the font that was built in is none.
    pub(super) fn new(weight: Weight) -> Option<Self> {
        Some(Self { weight, outlines: Outlines::parse(data(weight), 0).ok()? })
    }

    /// The width of `text` in sizes of the letters.
    pub(super) fn width(&self, text: &str) -> f64 {
        let advances = text.chars().map(|letter| f64::from(self.advance(self.glyph(letter))));
        advances.sum::<f64>() / self.units()
    }

    /// The first character that the font does not have.
    pub(super) fn missing(&self, text: &str) -> Option<char> {
        text.chars().find(|letter| self.outlines.glyph_index(*letter).is_none())
    }

    fn glyph(&self, letter: char) -> GlyphId {
        self.outlines.glyph_index(letter).unwrap_or(GlyphId(0))
    }

    fn advance(&self, glyph: GlyphId) -> u16 {
        self.outlines.glyph_hor_advance(glyph).unwrap_or(0)
    }

    fn units(&self) -> f64 {
        f64::from(self.outlines.units_per_em())
    }

    fn thousandths(&self, value: i16) -> i64 {
        (f64::from(value) * 1000.0 / self.units()).round() as i64
    }
}

fn data(weight: Weight) -> &'static [u8] {
    match weight {
        Weight::Regular => REGULAR,
        Weight::Medium => MEDIUM,
    }
}

/// The letters in use of one font, as they are collected.
pub(super) struct Used<'f> {
    face: &'f Face,
    glyphs: GlyphRemapper,
    /// Glyphs of the subset: their letter and their advance.
    letters: BTreeMap<u16, (char, u16)>,
}

impl<'f> Used<'f> {
    pub(super) fn new(face: &'f Face) -> Self {
        Self { face, glyphs: GlyphRemapper::new(), letters: BTreeMap::new() }
    }

    /// The string that shows `text`.
    pub(super) fn string(&mut self, text: &str) -> PdfString {
        let mut codes = Vec::new();
        for letter in text.chars() {
            let glyph = self.face.glyph(letter);
            let code = self.glyphs.remap(glyph.0);
            self.letters.entry(code).or_insert((letter, self.face.advance(glyph)));
            codes.extend(code.to_be_bytes());
        }
        PdfString::hexadecimal(&codes)
    }

    /// Embeds the subset; gives back the font's object.
    pub(super) fn embed(self, increment: &mut Increment<'_, '_>) -> Result<Id, SignRefusal> {
        let subset = subsetter::subset(data(self.face.weight), 0, &self.glyphs);
        let subset = subset.map_err(|_| SignRefusal::Request { what: "a font without letters" })?;
        let length = subset.len() as i64;
        let file = Dictionary::new().with("Length1", length);
        let file = increment.add(super::draw::deflated(file, &subset))?;
        let set = Body::Stream { dictionary: Dictionary::new(), data: self.cid_set(&subset) };
        let set = increment.add(set)?;
        let descriptor = increment.add(Body::Object(self.descriptor(file, set).into()))?;
        let descendant = increment.add(Body::Object(self.descendant(descriptor).into()))?;
        let unicode =
            increment.add(super::draw::deflated(Dictionary::new(), &self.to_unicode()))?;
        let font = Dictionary::new()
            .with("Type", Name::from("Font"))
            .with("Subtype", Name::from("Type0"))
            .with("BaseFont", Name::from(self.name().as_str()))
            .with("Encoding", Name::from("Identity-H"))
            .with("DescendantFonts", vec![Object::from(descendant)])
            .with("ToUnicode", unicode);
        Ok(increment.add(Body::Object(font.into()))?)
    }

    /// One bit for each glyph of the subset (ISO 19005-1, 6.3.5; -2, 6.2.11.4.2): those in use, and
    /// those that they are composed of, as `é` is.
    fn cid_set(&self, subset: &[u8]) -> Vec<u8> {
        let there = Outlines::parse(subset, 0).map(|outlines| outlines.number_of_glyphs());
        let there = usize::from(there.unwrap_or(self.glyphs.num_gids()));
        let mut bits = vec![0xff; there.div_ceil(8)];
        if let Some(last) = bits.last_mut() {
            *last = 0xff << (there.div_ceil(8) * 8 - there);
        }
        bits
    }

    /// The tag of a subset is six letters (9.9.2), here of what is in it.
    fn name(&self) -> String {
        let mut hash = self.letters.values().fold(5381u64, |hash, (letter, _)| {
            hash.wrapping_mul(33) ^ u64::from(u32::from(*letter))
        });
        let mut tag = String::new();
        for _ in 0..6 {
            tag.push(char::from(b'A' + (hash % 26) as u8));
            hash /= 26;
        }
        let weight = match self.face.weight {
            Weight::Regular => "Regular",
            Weight::Medium => "Medium",
        };
        format!("{tag}+Roboto-{weight}")
    }

    fn descriptor(&self, file: Id, set: Id) -> Dictionary {
        /// Symbolic: the codes are glyphs (table 121).
        const FLAGS: i64 = 4;
        let outlines = &self.face.outlines;
        let bounds = outlines.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        let bounds = bounds.map(|value| Object::from(self.face.thousandths(value)));
        let capital = outlines.capital_height().unwrap_or(1456);
        Dictionary::new()
            .with("Type", Name::from("FontDescriptor"))
            .with("FontName", Name::from(self.name().as_str()))
            .with("Flags", FLAGS)
            .with("FontBBox", bounds.to_vec())
            .with("ItalicAngle", 0)
            .with("Ascent", self.face.thousandths(outlines.ascender()))
            .with("Descent", self.face.thousandths(outlines.descender()))
            .with("CapHeight", self.face.thousandths(capital))
            .with("StemV", 80)
            .with("FontFile2", file)
            .with("CIDSet", set)
    }

    fn descendant(&self, descriptor: Id) -> Dictionary {
        let system = Dictionary::new()
            .with("Registry", PdfString::text("Adobe"))
            .with("Ordering", PdfString::text("Identity"))
            .with("Supplement", 0);
        let width = |advance: u16| {
            Object::from((f64::from(advance) * 1000.0 / self.face.units()).round() as i64)
        };
        let widths = self.letters.iter().flat_map(|(code, (_, advance))| {
            [Object::from(i64::from(*code)), Object::Array(vec![width(*advance)])]
        });
        Dictionary::new()
            .with("Type", Name::from("Font"))
            .with("Subtype", Name::from("CIDFontType2"))
            .with("BaseFont", Name::from(self.name().as_str()))
            .with("CIDSystemInfo", system)
            .with("FontDescriptor", descriptor)
            .with("DW", 0)
            .with("W", widths.collect::<Vec<_>>())
            .with("CIDToGIDMap", Name::from("Identity"))
    }

    /// So that the text can be read and copied (9.10.3).
    fn to_unicode(&self) -> Vec<u8> {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n",
        );
        let letters: Vec<_> = self.letters.iter().collect();
        for hundred in letters.chunks(100) {
            map.push_str(&format!("{} beginbfchar\n", hundred.len()));
            for (code, (letter, _)) in hundred {
                map.push_str(&format!("<{code:04x}> <{:04x}>\n", u32::from(*letter)));
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map.into_bytes()
    }
}
