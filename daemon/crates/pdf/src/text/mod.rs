//! Where a text stands on a page (ISO 32000-2, 9.4): for boxes that are placed by it; and the text itself.
//!
//! Letters are taken in the order in which the page shows them, white space left out, so that it
//! does not matter how a writer splits or spaces a line. What a font does not tell is not found;
//! nothing here is a reason to refuse a document.

mod content;
mod covered;
mod encoding;
mod font;
mod form;
mod ink;
mod matrix;
mod paint;
mod places;
mod program;
mod words;

pub(crate) use covered::{Beneath, Look, normal_appearance};
pub use form::FormText;
pub use matrix::Matrix;
pub(crate) use program::Letters;

use crate::{Document, Page, ReadError};
use content::Reader;

/// The letters of one page that are looked at.
const MAX_LETTERS: usize = 1_000_000;

/// A letter and the box that it takes on the page: x0, y0, x1, y1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Letter {
    letter: char,
    at: [f64; 4],
}

/// The box around the first occurrence of `wanted` on `page`, in the page's own space.
///
/// # Errors
/// [`ReadError`] where the medium fails or the document's budget ends; other damage hides text.
pub(crate) fn find(
    doc: &Document<'_>,
    page: &Page,
    wanted: &str,
) -> Result<Option<[f64; 4]>, ReadError> {
    let wanted: Vec<char> = wanted.chars().filter_map(plain).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let letters = Reader::new(doc).read(page)?;
    Ok(position(&letters, &wanted).map(|at| around(&letters[at..at + wanted.len()])))
}

impl Document<'_> {
    /// The text of a page (from 0), in the order in which the page shows it: a blank where letters
    /// stand apart, a line's end where the next letter stands on another line. Empty where there is
    /// no such page. What a font does not tell is not there.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails or the document's budget ends; other damage hides text.
    pub fn page_text(&self, index: u32) -> Result<String, ReadError> {
        let Some(page) = self.page(index)? else { return Ok(String::new()) };
        Ok(written(&Reader::new(self).read(&page)?))
    }
}

/// Letters as a text.
fn written(letters: &[Letter]) -> String {
    characters(letters).into_iter().map(|(letter, _)| letter).collect()
}

/// The characters of a text, each with the box of its letter; the blanks and line ends between have none.
/// Distances are told in shares of the letter's height, which is that of its font.
fn characters(letters: &[Letter]) -> Vec<(char, Option<[f64; 4]>)> {
    const APART: f64 = 0.15;
    const ANOTHER_LINE: f64 = 0.5;
    let (mut text, mut last) = (Vec::with_capacity(letters.len()), None::<[f64; 4]>);
    for Letter { letter, at } in letters {
        if let Some(before) = last.filter(|before| before != at) {
            let height = (before[3] - before[1]).abs().max(f64::EPSILON);
            if (at[1] - before[1]).abs() > ANOTHER_LINE * height {
                text.push(('\n', None));
            } else if at[0] - before[2] > APART * height || at[2] < before[0] {
                text.push((' ', None));
            }
        }
        text.push((*letter, Some(*at)));
        last = Some(*at);
    }
    text
}

fn position(letters: &[Letter], wanted: &[char]) -> Option<usize> {
    let fits = |window: &[Letter]| window.iter().zip(wanted).all(|(a, b)| a.letter == *b);
    letters.windows(wanted.len()).position(fits)
}

fn around(letters: &[Letter]) -> [f64; 4] {
    letters.iter().fold(letters[0].at, |[x0, y0, x1, y1], Letter { at, .. }| {
        [x0.min(at[0]), y0.min(at[1]), x1.max(at[2]), y1.max(at[3])]
    })
}

/// A letter as it is compared: none for white space, one kind of apostrophe, hyphen and case kept.
fn plain(letter: char) -> Option<char> {
    match letter {
        '\u{2019}' | '\u{2018}' => Some('\''),
        '\u{2010}' | '\u{2011}' | '\u{ad}' => Some('-'),
        letter if letter.is_whitespace() || letter.is_control() => None,
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of size 10 whose left edges stand at these places, each 5 wide.
    fn letters(placed: &[(char, f64, f64)]) -> Vec<Letter> {
        let letter = |(letter, x, y): &(char, f64, f64)| Letter {
            letter: *letter,
            at: [*x, *y - 2.0, *x + 5.0, *y + 8.0],
        };
        placed.iter().map(letter).collect()
    }

    #[test]
    fn blanks_and_lines_come_of_the_places_of_letters() {
        let close = letters(&[('a', 0.0, 0.0), ('b', 5.3, 0.0), ('c', 13.1, 0.0)]);
        assert_eq!(written(&close), "ab c");
        let lines = letters(&[('a', 50.0, 100.0), ('b', 0.0, 88.0), ('c', 5.0, 90.0)]);
        assert_eq!(written(&lines), "a\nbc", "a raised letter stands on its line");
        let back = letters(&[('a', 50.0, 0.0), ('b', 0.0, 0.0)]);
        assert_eq!(written(&back), "a b");
        assert_eq!(written(&[]), "");
    }
}
