//! Hebrew and Arabic as they stand on paper: from the right, in the forms that letters have there (Unicode
//! Standard Annex 9).

use unicode_bidi::BidiInfo;
use unicode_normalization::UnicodeNormalization as _;

/// Most bytes of a text that are put in order.
const LONGEST: usize = 64 << 10;

/// The letters of one line as they stand from left to right; none of what reads from the left alone, of
/// several lines, and of a text that sets directions itself: its value says one thing and shows another.
pub(super) fn from_the_left(text: &str) -> Option<String> {
    let steers = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.is_ascii() || text.len() > LONGEST {
        return None;
    }
    let bidi = BidiInfo::new(text, None);
    let [paragraph] = &bidi.paragraphs[..] else { return None };
    if !bidi.has_rtl() || text.contains(steers) {
        return None;
    }
    let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
    let run = |run: std::ops::Range<usize>| -> String {
        let letters = text[run.clone()].chars();
        if levels[run.start].is_rtl() {
            letters.rev().map(mirrored).collect()
        } else {
            letters.collect()
        }
    };
    Some(runs.into_iter().map(run).collect())
}

/// What the letters of Arabic are, whose forms for the beginning, the middle and the end of a word have codes
/// of their own; of several in one form the last stands left.
pub(super) fn without_forms(shown: &str) -> String {
    let plain = |letter: char| -> Vec<char> {
        match letter {
            '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                letter.nfkc().collect::<Vec<_>>().into_iter().rev().collect()
            }
            letter => vec![letter],
        }
    };
    shown.chars().flat_map(plain).collect()
}

/// A bracket within text from the right opens to the other side.
fn mirrored(letter: char) -> char {
    const PAIRS: [(char, char); 5] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»')];
    let other = |(a, b): &(char, char)| match letter {
        letter if letter == *a => Some(*b),
        letter if letter == *b => Some(*a),
        _ => None,
    };
    PAIRS.iter().find_map(other).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_right_stands_as_it_is_read() {
        assert_eq!(from_the_left("שלום").as_deref(), Some("םולש"));
        assert_eq!(from_the_left("סך 100 (שח)").as_deref(), Some("(חש) 100 ךס"));
        assert_eq!(from_the_left("Durand שלום 12").as_deref(), Some("Durand 12 םולש"));
        for other in ["Durand", "", "(100)", "שלום\nשלום", "\u{202e}100", "שלום\u{200e}12"]
        {
            assert_eq!(from_the_left(other), None, "{other}");
        }
    }

    #[test]
    fn forms_of_arabic_letters_are_the_letters() {
        // Alef, then lam and alef in one form, as they stand from the left.
        let (value, forms) = ("سلام", "\u{fee1}\u{fefc}\u{feb3}");
        assert_eq!(Some(without_forms(forms)), from_the_left(value));
        assert_eq!(without_forms("é1ﬁ"), "é1ﬁ");
    }
}
