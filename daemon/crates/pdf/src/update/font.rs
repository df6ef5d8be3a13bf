//! Helvetica with its WinAnsi encoding: codes and widths (ISO 32000-2, 9.6.2.2 and annex D).

/// The widths of the codes from 32 on, in thousandths of the size: Adobe's metrics of the font.
const WIDTHS: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, //
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, //
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, //
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, //
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, //
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350, //
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350, //
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667, //
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333, //
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, //
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, //
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, //
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278, //
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500, //
];

/// What code page 1252 has from 0x80 to 0x9f, blanks where it has nothing.
const SPECIAL: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// The codes of `text`, or the first character that the encoding lacks.
pub(super) fn encode(text: &str) -> Result<Vec<u8>, char> {
    text.chars().map(|character| code(character).ok_or(character)).collect()
}

fn code(character: char) -> Option<u8> {
    match character {
        ' '..='~' => Some(character as u8),
        '\u{a0}'..='\u{ff}' => Some(character as u8),
        // What French typography puts before signs.
        '\u{202f}' | '\u{2009}' => Some(0xa0),
        other => SPECIAL.chars().position(|special| special == other).map(|at| 0x80 + at as u8),
    }
}

/// The letter of a code of Windows code page 1252.
pub(crate) fn letter(code: u8) -> Option<char> {
    match code {
        b' '..=b'~' | 0xa0..=0xff => Some(char::from(code)),
        0x80..=0x9f => {
            SPECIAL.chars().nth(usize::from(code - 0x80)).filter(|letter| *letter != ' ')
        }
        _ => None,
    }
}

/// The width of a letter of Helvetica, in thousandths of the size; that of a blank where it has none.
pub(crate) fn helvetica(letter: char) -> f64 {
    width(&[code(letter).unwrap_or(b' ')], 1000.0)
}

/// The width of `codes` at `size`, in points.
pub(super) fn width(codes: &[u8], size: f64) -> f64 {
    let units: u32 = codes
        .iter()
        .map(|code| u32::from(WIDTHS[usize::from(code.saturating_sub(32)).min(WIDTHS.len() - 1)]))
        .sum();
    f64::from(units) * size / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_encoded_and_what_is_not_there_is_named() {
        assert_eq!(encode("é€œ—’Ÿ"), Ok(vec![0xe9, 0x80, 0x9c, 0x97, 0x92, 0x9f]));
        assert_eq!(encode("a\u{202f}:"), Ok(vec![b'a', 0xa0, b':']));
        assert_eq!(encode("日"), Err('日'));
        assert_eq!(encode("\n"), Err('\n'));
    }

    #[test]
    fn widths_are_those_of_the_metrics() {
        assert!((width(b"Mi", 10.0) - 10.55).abs() < 1e-9);
        assert!((width(&encode("œ").unwrap(), 1000.0) - 944.0).abs() < 1e-9);
        assert!((width(&encode("ÿ").unwrap(), 1000.0) - 500.0).abs() < 1e-9);
        assert!((width(&encode("À").unwrap(), 1000.0) - 667.0).abs() < 1e-9);
    }
}
