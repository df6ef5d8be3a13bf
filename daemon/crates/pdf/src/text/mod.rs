//! Where a text stands on a page (ISO 32000-2, 9.4): for boxes that are placed by it.
//!
//! Letters are taken in the order in which the page shows them, white space left out, so that it
//! does not matter how a writer splits or spaces a line. What a font does not tell is not found;
//! nothing here is a reason to refuse a document.

mod content;
mod font;
mod matrix;

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
