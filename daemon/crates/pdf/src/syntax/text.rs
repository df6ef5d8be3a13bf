//! Names and strings between source form and value (ISO 32000-2, 7.3.4, 7.3.5, 7.9.2).

use crate::object::{Name, PdfString};
use crate::revision::hex_pair;

impl Name {
    /// From the source's bytes after the slash: `#xx` stands for a byte (7.3.5).
    pub(crate) fn decode(raw: &[u8]) -> Self {
        if !raw.contains(&b'#') {
            return Self::new(raw);
        }
        let mut bytes = Vec::with_capacity(raw.len());
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            let escape = (byte == b'#').then(|| escaped(raw.get(at + 1..at + 3)?)).flatten();
            bytes.push(escape.unwrap_or(byte));
            at += if escape.is_some() { 3 } else { 1 };
        }
        Self(bytes.into())
    }

    /// Appends the source form, slash included.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'/');
        for &byte in &self.0 {
            if matches!(byte, b'!'..=b'~') && super::is_regular(byte) && byte != b'#' {
                out.push(byte);
            } else {
                out.push(b'#');
                out.extend(hex_pair(byte));
            }
        }
    }
}

/// A character of PDFDocEncoding (ISO 32000-2, annex D.2): Latin-1 but for the accents, the typographer's
/// signs and the Euro. Codes that stand for nothing are as in Latin-1.
fn pdf_doc(byte: u8) -> char {
    const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const SIGNS: [char; 31] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚',
        '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž',
    ];
    match byte {
        0x18..=0x1f => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0x9e => SIGNS[usize::from(byte - 0x80)],
        0xa0 => '€',
        latin => char::from(latin),
    }
}

impl PdfString {
    /// A text string (7.9.2.2): plain where it is ASCII, else UTF-16 with its mark.
    #[must_use]
    pub fn text(text: &str) -> Self {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self::literal(text.as_bytes());
        }
        let units = text.encode_utf16().flat_map(u16::to_be_bytes);
        Self::hexadecimal(&[0xfe, 0xff].into_iter().chain(units).collect::<Vec<_>>())
    }

    /// A literal string of bytes that are printable ASCII.
    pub(crate) fn literal(bytes: &[u8]) -> Self {
        let mut raw = vec![b'('];
        for &byte in bytes {
            if matches!(byte, b'(' | b')' | b'\\') {
                raw.push(b'\\');
            }
            raw.push(byte);
        }
        raw.push(b')');
        Self(raw.into())
    }

    /// A hexadecimal string of any bytes.
    pub(crate) fn hexadecimal(bytes: &[u8]) -> Self {
        let mut raw = vec![b'<'];
        raw.extend(bytes.iter().flat_map(|byte| hex_pair(*byte)));
        raw.push(b'>');
        Self(raw.into())
    }

    /// Appends the source form as it was read. A hexadecimal string that holds more than digits and white
    /// space (7.3.4.3) is written anew: readers agree on it in one file only if they read it alike.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let belongs =
            |byte: &u8| digit(*byte).is_some() || matches!(byte, b'\t' | b'\n' | b'\r' | b' ');
        match &*self.0 {
            [b'<', inner @ .., b'>'] if !inner.iter().all(belongs) => {
                out.extend(Self::hexadecimal(&unhex(inner)).0);
            }
            source => out.extend(source),
        }
    }

    /// The source form, delimiters included.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.0
    }

    /// The bytes that the string stands for (7.3.4).
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let inner = self.0.get(1..self.0.len().saturating_sub(1)).unwrap_or_default();
        if self.0.first() == Some(&b'<') { unhex(inner) } else { unescape(inner) }
    }

    /// The text: UTF-16 or UTF-8 by its mark, else PDFDocEncoding (7.9.2.2).
    #[must_use]
    pub fn to_text(&self) -> String {
        let bytes = self.bytes();
        match bytes.as_slice() {
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            plain => plain.iter().map(|byte| pdf_doc(*byte)).collect(),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn escaped(pair: &[u8]) -> Option<u8> {
    Some(digit(pair[0])? << 4 | digit(pair[1])?)
}

/// Hexadecimal digits; others are passed over, a missing last one is 0 (7.3.4.3).
fn unhex(inner: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = inner.iter().filter_map(|byte| digit(*byte)).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// The escapes of a literal string (table 3).
fn unescape(inner: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inner.len());
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        at += 1;
        match byte {
            b'\\' => at += escape(&inner[at..], &mut bytes),
            b'\r' => {
                bytes.push(b'\n');
                at += usize::from(inner.get(at) == Some(&b'\n'));
            }
            byte => bytes.push(byte),
        }
    }
    bytes
}

/// What stands after a backslash; gives back its length.
fn escape(rest: &[u8], bytes: &mut Vec<u8>) -> usize {
    let plain = match rest.first() {
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'\n') => return 1,
        Some(b'\r') => return 1 + usize::from(rest.get(1) == Some(&b'\n')),
        Some(b'0'..=b'7') => return octal(rest, bytes),
        Some(&other) => other,
        None => return 0,
    };
    bytes.push(plain);
    1
}

fn octal(rest: &[u8], bytes: &mut Vec<u8>) -> usize {
    let digits = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let value = rest[..digits].iter().fold(0u32, |value, byte| value * 8 + u32::from(byte - b'0'));
    bytes.push(value as u8);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_bytes() {
        let name = Name::decode(b"A#20b#zz#2");
        assert_eq!(name.as_bytes(), b"A b#zz#2");
        let mut out = Vec::new();
        name.write(&mut out);
        assert_eq!(out, b"/A#20b#23zz#232");
    }

    #[test]
    fn literal_strings_decode() {
        let string = PdfString(b"(a\\)\\051\\5n\\\r\nb\\n\r\nc\\q)".as_slice().into());
        assert_eq!(string.bytes(), b"a))\x05nb\n\ncq");
    }

    #[test]
    fn text_is_plain_or_utf16() {
        assert_eq!(PdfString::text("a (b)").source(), b"(a \\(b\\))");
        assert_eq!(PdfString::text("\u{e9}").source(), b"<feff00e9>");
        for text in ["Attestation", "Sociéte \u{1f600} (x)", "\n\t", ""] {
            assert_eq!(PdfString::text(text).to_text(), text);
        }
    }

    #[test]
    fn text_without_a_mark_is_in_pdf_doc_encoding() {
        let text = |bytes: &[u8]| PdfString::hexadecimal(bytes).to_text();
        assert_eq!(text(b"L\x90\x9cuvre, 10 \xa0 \x85 \xe9t\xe9"), "L’œuvre, 10 € – été");
        assert_eq!(text(&[0x18, 0x1f, 0x80, 0x9e, 0x7f]), "˘˜•ž\u{7f}");
    }

    #[test]
    fn an_odd_hexadecimal_digit_counts_as_followed_by_zero() {
        assert_eq!(PdfString(b"<4 a5>".as_slice().into()).bytes(), [0x4a, 0x50]);
        assert_eq!(PdfString(b"<".as_slice().into()).bytes(), b"");
    }
}
