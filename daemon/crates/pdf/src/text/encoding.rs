//! The encodings of Latin text that have names (ISO 32000-2, annex D), and the names of glyphs.

use crate::Dictionary;
use crate::update::font as windows;
use std::sync::LazyLock;

/// What a code without `/Differences` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Standard,
    MacRoman,
    WinAnsi,
    /// Old figures and small capitals, which are not told apart from others: nothing is read.
    MacExpert,
}

impl Encoding {
    /// By its name (9.6.5); none for any other name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "StandardEncoding" => Some(Self::Standard),
            "MacRomanEncoding" => Some(Self::MacRoman),
            "WinAnsiEncoding" => Some(Self::WinAnsi),
            "MacExpertEncoding" => Some(Self::MacExpert),
            _ => None,
        }
    }

    /// Of a font that names none. One of the standard fonts has its own (table 112), an embedded one that of
    /// its program, which is taken for that of Windows.
    pub(super) fn of_none(font: &Dictionary) -> Self {
        let standard = font.name("Subtype") == Some("Type1") && !font.contains("FontDescriptor");
        if standard { Self::Standard } else { Self::WinAnsi }
    }

    /// The same of a code as it stands in a string; empty where it has none. Made once for all fonts.
    pub(super) fn text(self, code: u32) -> &'static str {
        const ALL: [Encoding; 4] =
            [Encoding::Standard, Encoding::MacRoman, Encoding::WinAnsi, Encoding::MacExpert];
        static TEXTS: LazyLock<[Vec<String>; 4]> = LazyLock::new(|| {
            let text = |letter: Option<char>| letter.map(String::from).unwrap_or_default();
            ALL.map(|one| (0..=255).map(|code| text(one.letter(code))).collect())
        });
        let of = ALL.iter().position(|one| *one == self).unwrap_or(0);
        TEXTS[of].get(code as usize).map_or("", String::as_str)
    }

    /// The letter of a code; none where it has none, or where readers differ about it.
    fn letter(self, code: u8) -> Option<char> {
        let above = |table: &str| table.chars().nth(usize::from(code) - 0x80).filter(|c| *c != ' ');
        match (self, code) {
            (Self::MacExpert, _) => None,
            (Self::Standard, b'\'') => Some('\u{2019}'),
            (Self::Standard, b'`') => Some('\u{2018}'),
            (Self::MacRoman, 0xca) => Some('\u{a0}'),
            (Self::Standard, 0x80..) => above(STANDARD),
            (Self::MacRoman, 0x80..) => above(MAC_ROMAN),
            _ => windows::letter(code),
        }
    }
}

/// Codes from 0x80 on, blanks where there is no letter (D.2).
const STANDARD: &str = concat!(
    "                                ",
    " ¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿",
    " `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—               ",
    " Æ ª    ŁØŒº     æ   ı  łøœß    ",
);
/// The same, without 0xDB: a sign for money that is not the same to all readers.
const MAC_ROMAN: &str = concat!(
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü",
    "†°¢£§•¶ß®©™´¨ ÆØ ±  ¥µ     ªº æø",
    "¿¡¬ ƒ  «»… ÀÃÕŒœ–—“”‘’÷ ÿŸ⁄ ‹›ﬁﬂ",
    "‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ",
);

/// A glyph's name: a letter, `uniXXXX`, or one of those that French is written with.
pub(super) fn named(name: &str) -> Option<char> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter);
    }
    if let Some(code) = name.strip_prefix("uni").and_then(|code| code.get(..4)) {
        return u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter).or(accented(name))
}

/// A letter of Latin-1 named after its accent, as in `iacute`.
fn accented(name: &str) -> Option<char> {
    const ACCENTS: [(&str, &str, &str); 7] = [
        ("acute", "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
        ("grave", "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
        ("circumflex", "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
        ("dieresis", "AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
        ("tilde", "ANOano", "ÃÑÕãñõ"),
        ("ring", "Aa", "Åå"),
        ("caron", "SZsz", "ŠŽšž"),
    ];
    let mut letters = name.chars();
    let (first, accent) = (letters.next()?, letters.as_str());
    let (_, plain, accented) = ACCENTS.iter().find(|(known, ..)| *known == accent)?;
    plain.chars().zip(accented.chars()).find(|(letter, _)| *letter == first).map(|(_, it)| it)
}

/// From the Adobe Glyph List.
#[rustfmt::skip]
const NAMES: &[(&str, char)] = &[
    ("space", ' '), ("period", '.'), ("comma", ','), ("colon", ':'), ("semicolon", ';'),
    ("hyphen", '-'), ("endash", '–'), ("emdash", '—'), ("underscore", '_'), ("slash", '/'),
    ("parenleft", '('), ("parenright", ')'), ("bracketleft", '['), ("bracketright", ']'),
    ("braceleft", '{'), ("braceright", '}'), ("quotesingle", '\''), ("quoteright", '\''),
    ("quoteleft", '\''), ("quotedbl", '"'), ("quotedblleft", '“'), ("quotedblright", '”'),
    ("guillemotleft", '«'), ("guillemotright", '»'), ("ampersand", '&'), ("at", '@'),
    ("asterisk", '*'), ("plus", '+'), ("equal", '='), ("percent", '%'), ("numbersign", '#'),
    ("dollar", '$'), ("question", '?'), ("exclam", '!'), ("degree", '°'), ("Euro", '€'),
    ("zero", '0'), ("one", '1'), ("two", '2'), ("three", '3'), ("four", '4'), ("five", '5'),
    ("six", '6'), ("seven", '7'), ("eight", '8'), ("nine", '9'), ("agrave", 'à'), ("acircumflex", 'â'),
    ("ccedilla", 'ç'), ("eacute", 'é'), ("egrave", 'è'), ("ecircumflex", 'ê'), ("edieresis", 'ë'),
    ("icircumflex", 'î'), ("idieresis", 'ï'), ("ocircumflex", 'ô'), ("ugrave", 'ù'),
    ("ucircumflex", 'û'), ("udieresis", 'ü'), ("oe", 'œ'), ("ae", 'æ'), ("Agrave", 'À'),
    ("Acircumflex", 'Â'), ("Ccedilla", 'Ç'), ("Eacute", 'É'), ("Egrave", 'È'),
    ("Ecircumflex", 'Ê'), ("Ocircumflex", 'Ô'), ("OE", 'Œ'), ("fi", 'ﬁ'), ("fl", 'ﬂ'),
    ("adieresis", 'ä'), ("odieresis", 'ö'), ("germandbls", 'ß'), ("ntilde", 'ñ'), ("ff", 'ﬀ'),
    ("less", '<'), ("greater", '>'), ("backslash", '\\'), ("asciicircum", '^'), ("grave", '`'), ("bar", '|'),
    ("asciitilde", '~'), ("bullet", '•'), ("ellipsis", '…'), ("AE", 'Æ'), ("Ccedilla", 'Ç'), ("Oslash", 'Ø'),
    ("oslash", 'ø'), ("Eth", 'Ð'), ("eth", 'ð'), ("Thorn", 'Þ'), ("thorn", 'þ'), ("section", '§'),
    ("paragraph", '¶'), ("copyright", '©'), ("registered", '®'), ("trademark", '™'), ("sterling", '£'),
    ("yen", '¥'), ("cent", '¢'), ("mu", 'µ'), ("plusminus", '±'), ("multiply", '×'), ("divide", '÷'),
    ("onesuperior", '¹'), ("twosuperior", '²'), ("threesuperior", '³'), ("onehalf", '½'),
    ("onequarter", '¼'), ("threequarters", '¾'), ("exclamdown", '¡'), ("questiondown", '¿'),
    ("ordfeminine", 'ª'), ("ordmasculine", 'º'), ("periodcentered", '·'), ("perthousand", '‰'),
    ("breve", '˘'), ("caron", 'ˇ'), ("circumflex", 'ˆ'), ("dotaccent", '˙'), ("hungarumlaut", '˝'),
    ("ogonek", '˛'), ("ring", '˚'), ("tilde", '˜'), ("acute", '´'), ("dieresis", '¨'), ("macron", '¯'),
    ("cedilla", '¸'), ("dagger", '†'), ("daggerdbl", '‡'), ("florin", 'ƒ'), ("fraction", '⁄'),
    ("guilsinglleft", '‹'), ("guilsinglright", '›'), ("quotesinglbase", '‚'), ("quotedblbase", '„'),
    ("minus", '−'), ("Lslash", 'Ł'), ("lslash", 'ł'), ("dotlessi", 'ı'), ("brokenbar", '¦'),
    ("currency", '¤'), ("logicalnot", '¬'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_letters_with_accents_are_known() {
        let names = ["Iacute", "ntilde", "ydieresis", "egrave", "Scaron", "nine", "oslash"];
        let letters: String = names.iter().filter_map(|name| named(name)).collect();
        assert_eq!(letters, "ÍñÿèŠ9ø");
        assert_eq!((named("qacute"), named("nothing")), (None, None));
    }

    #[test]
    fn codes_are_those_of_annex_d() {
        let read = |encoding: Encoding, codes: &[u8]| -> String {
            codes.iter().filter_map(|code| encoding.letter(*code)).collect()
        };
        assert_eq!(
            read(Encoding::MacRoman, b"\x8et\x8e \x88\x8d\xcf\xe9\xd5\xdb"),
            "été àçœÈ\u{2019}"
        );
        assert_eq!(read(Encoding::Standard, b"'\xe9\xfa\xae\xd0\xa9\x80\xff"), "\u{2019}Øœﬁ—'");
        assert_eq!(read(Encoding::WinAnsi, b"'\xe9\x9c\x80"), "'éœ€");
        assert_eq!(read(Encoding::MacExpert, b"019"), "");
        for table in [STANDARD, MAC_ROMAN] {
            assert_eq!(table.chars().count(), 128);
        }
    }
}
