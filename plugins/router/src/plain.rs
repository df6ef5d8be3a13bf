//! Texts as they are compared: small letters without accents, one blank between words.

/// The text in small letters, without accents, with one blank where there was any white space.
pub(crate) fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().flat_map(char::to_lowercase).flat_map(bare).collect()
}

/// French letters without their marks.
fn bare(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'à' | 'â' | 'ä' => ('a', None),
        'é' | 'è' | 'ê' | 'ë' => ('e', None),
        'î' | 'ï' => ('i', None),
        'ô' | 'ö' => ('o', None),
        'ù' | 'û' | 'ü' => ('u', None),
        'ÿ' => ('y', None),
        'ç' => ('c', None),
        'œ' => ('o', Some('e')),
        'æ' => ('a', Some('e')),
        '’' | '‘' => ('\'', None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_spacing_do_not_matter() {
        assert_eq!(plain("  L’Œuvre \n ÉTÉ"), "l'oeuvre ete");
    }
}
