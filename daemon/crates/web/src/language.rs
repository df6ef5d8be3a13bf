//! French first, English complete: which of the two a caller wants (RFC 9110, 12.5.4).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// The language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    French,
    English,
}

impl Language {
    /// The tag for `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// One of two texts.
    pub(crate) fn of<'t>(self, fr: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::French => fr,
            Self::English => en,
        }
    }

    /// What the caller prefers; French where it does not say, or wants neither.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let weight = |wanted: &str| weight_of(headers, wanted);
        if weight("en") > weight("fr") { Self::English } else { Self::French }
    }
}

/// The weight of a language in thousandths; the exact range counts more than `*`.
fn weight_of(headers: &HeaderMap, wanted: &str) -> u16 {
    let lines = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(',')).take(64).map(range);
    let mut named = None;
    let mut any = 0;
    for (tag, weight) in ranges {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case(wanted) {
            named = named.max(Some(weight));
        } else if tag == "*" {
            any = weight;
        }
    }
    named.unwrap_or(any)
}

fn range(text: &str) -> (&str, u16) {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
    (tag, weight)
}

fn thousandths(text: &str) -> u16 {
    let value: f32 = text.parse().unwrap_or(0.0);
    (value.clamp(0.0, 1.0) * 1000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, value.parse().unwrap());
        Language::asked(&headers)
    }

    #[test]
    fn french_unless_english_is_preferred() {
        assert_eq!(Language::asked(&HeaderMap::new()), Language::French);
        for french in ["", "fr", "de", "en;q=0.3, fr", "*", "fr-CA, en", "en;q=x"] {
            assert_eq!(asked(french), Language::French, "{french}");
        }
        for english in ["en", "en-GB, fr;q=0.9", "de, en;q=0.4", "fr;q=0, *", "EN"] {
            assert_eq!(asked(english), Language::English, "{english}");
        }
    }
}
