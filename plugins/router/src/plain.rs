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

/// Whether `name` is as `pattern` says, where `*` stands for anything.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_spacing_do_not_matter() {
        assert_eq!(plain("  L’Œuvre \n ÉTÉ"), "l'oeuvre ete");
    }

    #[test]
    fn patterns_are_anchored_at_both_ends() {
        for (pattern, name) in
            [("a", "a"), ("*", ""), ("a*", "abc"), ("*c", "abc"), ("a*b*c", "a-b-c")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "ab"), ("a*a", "a"), ("*b", "abc"), ("a*x*c", "abc")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
