//! Which texts show the value of a field: of a text field itself, of a choice what its list says for it
//! (ISO 32000-2 §12.7.5.3, §12.7.5.4).

use sceau_pdf::{Dictionary, Document, Object, ReadError};

use super::direction::{from_the_left, without_forms};
use super::format::Format;

/// How far up a field inherits.
const MAX_DEPTH: usize = 32;
/// Flags of fields (tables 231 and 233): a password, cells, a choice that opens.
const PASSWORD: i64 = 1 << 13;
const COMB: i64 = 1 << 24;
const COMBO: i64 = 1 << 17;

/// What the signed document says of a field, and the value that it has now.
#[derive(Default)]
pub(super) struct Value {
    /// The value; several of a list.
    texts: Vec<String>,
    /// What is shown for each value of a choice.
    options: Vec<(String, String)>,
    /// What the signed field's own action makes of a value.
    format: Option<Format>,
    flags: i64,
    choice: bool,
    cells: Option<u32>,
}

impl Value {
    /// Of `field` as it was signed, filled with `filled`.
    pub(super) fn of(
        old: &Document<'_>,
        field: &Dictionary,
        choice: bool,
        filled: &Object,
    ) -> Result<Self, ReadError> {
        let number = |key| Ok::<_, ReadError>(inherited(old, field, key)?.as_integer());
        let mut texts = Vec::new();
        collect(filled, &mut texts);
        let mut options = Vec::new();
        for option in inherited(old, field, "Opt")?.as_array().unwrap_or_default() {
            let mut pair = Vec::new();
            collect(&old.resolve(option)?, &mut pair);
            options.extend(pair.first().cloned().zip(pair.last().cloned()));
        }
        let cells = number("MaxLen")?.and_then(|len| u32::try_from(len).ok());
        let flags = number("Ff")?.unwrap_or(0);
        Ok(Self { texts, options, format: format(old, field)?, flags, choice, cells })
    }

    /// Whether it is a list of which several lines are seen.
    pub(super) fn is_list(&self) -> bool {
        self.choice && self.flags & COMBO == 0
    }

    pub(super) fn is_combo(&self) -> bool {
        self.choice && self.flags & COMBO != 0
    }

    /// The cells into which it is written, letter by letter.
    pub(super) fn cells(&self) -> Option<u32> {
        self.cells.filter(|_| !self.choice && self.flags & COMB != 0)
    }

    /// Whether `text` shows it.
    pub(super) fn is_shown_by(&self, text: &str) -> bool {
        let (text, value) = (squash(text), squash(&self.texts.concat()));
        let chosen: Vec<&str> = self.texts.iter().map(|value| self.option(value)).collect();
        let masked = || {
            self.flags & PASSWORD != 0
                && !value.is_empty()
                && text.chars().all(|c| matches!(c, '*' | '•'))
                && !text.is_empty()
        };
        let formatted = || {
            self.format.as_ref().is_some_and(|format| format.writes(&text, &self.texts.concat()))
        };
        let from_the_right = || {
            let told = [self.texts.concat(), chosen.concat()].map(|told| from_the_left(&told));
            let shown = without_forms(&text);
            told.iter().flatten().any(|told| squash(told) == shown)
        };
        text == value
            || text == squash(&chosen.concat())
            || masked()
            || formatted()
            || from_the_right()
    }

    /// Whether these lines are of the list, one after the other, and those with a bar behind them are the
    /// chosen ones.
    pub(super) fn is_list_of(&self, lines: &[(String, bool)]) -> bool {
        let shown: Vec<String> = self.options.iter().map(|(_, shown)| squash(shown)).collect();
        let fits = |from: usize| {
            lines.iter().zip(from..).all(|((line, bar), at)| {
                let (value, _) = &self.options[at];
                let chosen = self.texts.iter().any(|one| one == value || squash(one) == shown[at]);
                squash(line) == shown[at] && *bar == chosen
            })
        };
        !lines.is_empty()
            && (0..=shown.len().saturating_sub(lines.len()))
                .any(|from| from + lines.len() <= shown.len() && fits(from))
    }

    fn option<'v>(&'v self, value: &'v str) -> &'v str {
        let shown = self.options.iter().find(|(export, _)| export == value);
        shown.map_or(value, |(_, shown)| shown)
    }
}

fn collect(object: &Object, texts: &mut Vec<String>) {
    match object {
        Object::String(text) => texts.push(text.to_text()),
        Object::Name(_) => texts.extend(object.as_name().map(str::to_owned)),
        Object::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        _ => {}
    }
}

/// A value that a field has itself or from above.
pub(in super::super) fn inherited(
    doc: &Document<'_>,
    field: &Dictionary,
    key: &str,
) -> Result<Object, ReadError> {
    let mut field = field.clone();
    for _ in 0..MAX_DEPTH {
        let value = doc.get(&field, key)?;
        if value != Object::Null {
            return Ok(value);
        }
        let Object::Dictionary(parent) = doc.get(&field, "Parent")? else { break };
        field = parent;
    }
    Ok(Object::Null)
}

/// What the field's own actions say of the form in which it shows its value.
fn format(doc: &Document<'_>, field: &Dictionary) -> Result<Option<Format>, ReadError> {
    let Some(format) = script(doc, field, "F")? else { return Ok(None) };
    Ok(Some(Format::of(&format, script(doc, field, "K")?.as_deref())))
}

/// The script of an action: `F` writes the value in another form, `K` looks at what is typed (§12.6.3).
fn script(doc: &Document<'_>, field: &Dictionary, at: &str) -> Result<Option<String>, ReadError> {
    let mut action = inherited(doc, field, "AA")?;
    for key in [at, "JS"] {
        let Object::Dictionary(dictionary) = action else { return Ok(None) };
        action = doc.get(&dictionary, key)?;
    }
    Ok(match action {
        Object::String(script) => Some(script.to_text()),
        Object::Stream(script) => {
            Some(String::from_utf8_lossy(&doc.stream_data(&script)?).into_owned())
        }
        _ => None,
    })
}

/// Letters as they are compared: white space left out, one kind of apostrophe and of hyphen.
pub(super) fn squash(text: &str) -> String {
    let mut squashed = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'ﬁ' => squashed.push_str("fi"),
            'ﬂ' => squashed.push_str("fl"),
            'ﬀ' => squashed.push_str("ff"),
            '\u{2018}' | '\u{2019}' => squashed.push('\''),
            '\u{2010}' | '\u{2011}' | '\u{ad}' => squashed.push('-'),
            '\u{feff}' => {}
            letter if letter.is_whitespace() || letter.is_control() => {}
            letter => squashed.push(letter),
        }
    }
    squashed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value { texts: vec![text.to_owned()], ..Value::default() }
    }

    #[test]
    fn a_value_is_itself_whatever_its_spaces_and_apostrophes() {
        assert!(value("two\nwords").is_shown_by("two words"));
        assert!(value("l\u{2019}été").is_shown_by("l'été"));
        for (shown, text) in
            [("", "100"), ("1000", "100"), ("1234", "1.234"), ("$100", "€100"), ("***", "abc")]
        {
            assert!(!value(text).is_shown_by(shown), "{shown} for {text}");
        }
        assert!(Value { flags: PASSWORD, ..value("abc") }.is_shown_by("***"));
    }

    #[test]
    fn a_value_from_the_right_is_read_from_there() {
        assert!(value("סך 100").is_shown_by("100 ךס"));
        assert!(!value("סך 100").is_shown_by("001 ךס") && !value("סך 100").is_shown_by("ךס"));
        assert!(!value("100").is_shown_by("001"));
    }

    #[test]
    fn a_value_is_written_otherwise_by_a_signed_format_alone() {
        let euro = "AFNumber_Format(2, 2, 0, 0, \" \\u20AC\", false);";
        let formatted = Value { format: Some(Format::of(euro, None)), ..value("1234.5") };
        assert!(formatted.is_shown_by("1 234,50 €") && !formatted.is_shown_by("1 235,50 €"));
        assert!(!value("1234.5").is_shown_by("1 234,50"), "no format");
    }

    fn list(chosen: &[&str], flags: i64) -> Value {
        let options = [("o", "Oui"), ("n", "Non"), ("p", "Peut-être")];
        Value {
            texts: chosen.iter().map(|one| (*one).to_owned()).collect(),
            options: options.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec(),
            choice: true,
            flags,
            ..Value::default()
        }
    }

    #[test]
    fn a_choice_shows_the_words_for_its_value_alone() {
        let no = list(&["n"], COMBO);
        assert!(no.is_shown_by("Non") && no.is_shown_by("n"));
        for text in ["Oui", "o", "OuiNon", "NonPeut-être", ""] {
            assert!(!no.is_shown_by(text), "{text}");
        }
    }

    #[test]
    fn a_list_marks_what_is_chosen() {
        let lines = |lines: &[(&str, bool)]| -> Vec<(String, bool)> {
            lines.iter().map(|(text, bar)| ((*text).to_owned(), *bar)).collect()
        };
        let no = list(&["n"], 0);
        assert!(no.is_list_of(&lines(&[("Oui", false), ("Non", true), ("Peut-être", false)])));
        assert!(no.is_list_of(&lines(&[("Non", true), ("Peut-être", false)])));
        for wrong in [
            lines(&[("Oui", true), ("Non", false)]),
            lines(&[("Oui", false), ("Non", false)]),
            lines(&[("Non", true), ("Oui", false)]),
            lines(&[("Oui", false), ("Non", true), ("Peut-être", false), ("Non", true)]),
            lines(&[]),
        ] {
            assert!(!no.is_list_of(&wrong), "{wrong:?}");
        }
    }
}
