//! Texts as they are compared, with the way back to where each letter stood.

/// A text in small letters without accents, one blank between words.
pub(crate) struct Plain {
    letters: Vec<char>,
    /// For each letter, which character of the text it was.
    at: Vec<u32>,
}

impl Plain {
    pub(crate) fn of(text: &str) -> Self {
        let (mut letters, mut at) = (Vec::new(), Vec::new());
        let mut blank = false;
        for (index, letter) in (0..).zip(text.chars()) {
            if letter.is_whitespace() {
                blank = !letters.is_empty();
                continue;
            }
            if std::mem::take(&mut blank) {
                letters.push(' ');
                at.push(index);
            }
            for small in letter.to_lowercase() {
                letters.push(bare(small));
                at.push(index);
            }
        }
        Self { letters, at }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Where `wanted` stands first: the first character of the text, and how many.
    pub(crate) fn find(&self, wanted: &[char]) -> Option<(u32, u32)> {
        if wanted.is_empty() {
            return None;
        }
        let from = self.letters.windows(wanted.len()).position(|window| window == wanted)?;
        let (first, last) = (*self.at.get(from)?, *self.at.get(from + wanted.len() - 1)?);
        Some((first, last - first + 1))
    }
}

/// The letters of a text, as they are compared.
pub(crate) fn plain(text: &str) -> Vec<char> {
    Plain::of(text).letters
}

fn bare(letter: char) -> char {
    match letter {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        '’' | '‘' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_leads_back_to_its_characters() {
        let text = Plain::of("  Établi \n à  Lyon");
        assert_eq!(text.find(&plain("etabli à")), Some((2, 10)));
        assert_eq!(text.find(&plain("LYON")), Some((14, 4)));
        assert_eq!(text.find(&plain("lyon ")), Some((14, 4)), "blanks at the ends do not count");
        assert_eq!((text.find(&plain("paris")), text.find(&[])), (None, None));
        assert!(Plain::of(" \n").is_empty());
    }
}
