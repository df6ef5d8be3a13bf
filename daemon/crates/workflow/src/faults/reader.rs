//! Reads a TOML table, and notes every fault on the way.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, FaultCode, Faults};
use super::source::Source;
use super::suggest::{listed, nearest};
use super::values::{parse_duration, parse_size, show_duration, show_size};

/// A value with its place, so that later checks can point at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the source.
    pub span: Range<usize>,
}

/// A table being read. Every key is asked for by name; [`TableReader::finish`] notes those that
/// nobody asked for. A reading answers `None` when the key is absent or when its value is at fault;
/// the fault is noted then, and reading goes on.
#[derive(Debug)]
pub struct TableReader<'a> {
    source: Source<'a>,
    faults: &'a Faults,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> TableReader<'a> {
    /// Parses a text and hands its root table to `read`. Syntax faults are noted, and what could be
    /// read all the same is still handed over, so that its other faults are found in the same run.
    pub fn document<T>(
        source: Source<'_>,
        faults: &Faults,
        read: impl FnOnce(&TableReader<'_>) -> T,
    ) -> Option<T> {
        if source.text().len() > Source::MAX_LEN {
            let message = format!("the file is larger than {} bytes", Source::MAX_LEN);
            faults.note_file(FaultCode::OutOfRange, source.file(), message, None);
            return None;
        }
        let (root, errors) = DeTable::parse_recoverable(source.text());
        let before = faults.len();
        let read = read(&TableReader::new(source, faults, root.get_ref(), 0..0));
        if !errors.is_empty() {
            faults.forget_absences(before);
        }
        for error in errors {
            let message = error.message().to_owned();
            let span = error.span().unwrap_or(0..0);
            faults.note(source.fault(FaultCode::Syntax, span, message, None));
        }
        Some(read)
    }

    fn new(
        source: Source<'a>,
        faults: &'a Faults,
        table: &'a DeTable<'a>,
        span: Range<usize>,
    ) -> Self {
        Self { source, faults, table, span, asked: RefCell::default() }
    }

    /// The place of the table's own head.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The text that is being read.
    pub fn source(&self) -> Source<'a> {
        self.source
    }

    /// Where faults go.
    pub fn faults(&self) -> &'a Faults {
        self.faults
    }

    /// Notes a fault at a place.
    pub fn fault(
        &self,
        code: FaultCode,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) {
        self.faults.note(self.source.fault(code, span, message, help));
    }

    /// A fault at a place, not noted yet.
    pub fn make_fault(&self, code: FaultCode, span: Range<usize>, message: String) -> Fault {
        self.source.fault(code, span, message, None)
    }

    /// Whether the table has this key (it counts as asked for).
    pub fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Notes that a key is missing.
    pub fn missing(&self, key: &'static str, what: &str) {
        let message = format!("the key `{key}` is missing ({what})");
        self.fault(FaultCode::MissingKey, self.span(), message, None);
    }

    /// A text.
    pub fn string(&self, key: &'static str) -> Option<Read<String>> {
        self.text(key, "a text in quotation marks")
    }

    /// A text that must be there.
    pub fn need_string(&self, key: &'static str, what: &str) -> Option<Read<String>> {
        if !self.has(key) {
            self.missing(key, what);
        }
        self.string(key)
    }

    /// A text in some form of ours.
    pub fn parsed<T>(
        &self,
        key: &'static str,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Read<T>> {
        let text = self.text(key, form)?;
        match parse(&text.value) {
            Some(value) => Some(Read { value, span: text.span }),
            None => {
                let message = format!("`{}` is not {form}", clip(&text.value));
                self.fault(FaultCode::BadValue, text.span, message, None);
                None
            }
        }
    }

    /// One of some words.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.string(key)?;
        self.one_of(&text, words)
    }

    /// The meaning of a text that is one of some words.
    pub fn one_of<T: Copy>(&self, text: &Read<String>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(*meaning);
        }
        let known = || words.iter().map(|(word, _)| *word);
        let message = format!("`{}` is not {}", clip(&text.value), listed(known()));
        let help = nearest(&text.value, known()).map(|word| format!("did you mean `{word}`?"));
        self.fault(FaultCode::BadValue, text.span.clone(), message, help);
        None
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(answer) => Some(*answer),
            other => self.wrong_type(key, value.span(), "true or false", other),
        }
    }

    /// A whole number within bounds.
    pub fn integer(&self, key: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let value = self.get(key)?;
        let DeValue::Integer(digits) = value.get_ref() else {
            return self.wrong_type(key, value.span(), "a whole number", value.get_ref());
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let (least, most) = (bounds.start(), bounds.end());
        self.within(key, number, &bounds, value.span(), &format!("{least} to {most}"))
    }

    /// A duration within bounds, as a text with its unit.
    pub fn duration(
        &self,
        key: &'static str,
        bounds: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let form = "a duration such as \"500ms\", \"30s\", \"10min\", \"2h\" or \"21d\"";
        let read = self.parsed(key, form, parse_duration)?;
        let words =
            format!("{} to {}", show_duration(*bounds.start()), show_duration(*bounds.end()));
        self.within(key, Some(read.value), &bounds, read.span, &words)
    }

    /// A size in bytes within bounds, as a text with its unit.
    pub fn size(&self, key: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let form = "a size such as \"64KiB\", \"10MiB\" or \"4GiB\"";
        let read = self.parsed(key, form, parse_size)?;
        let words = format!("{} to {}", show_size(*bounds.start()), show_size(*bounds.end()));
        self.within(key, Some(read.value), &bounds, read.span, &words)
    }

    /// A list of texts; faulty members are noted and left out.
    pub fn strings(&self, key: &'static str) -> Option<Vec<Read<String>>> {
        let value = self.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            return self.wrong_type(key, value.span(), "a list of texts", value.get_ref());
        };
        let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
            DeValue::String(text) => {
                Some(Read { value: text.clone().into_owned(), span: item.span() })
            }
            other => self.wrong_type(key, item.span(), "a list of texts", other),
        };
        Some(items.iter().filter_map(text).collect())
    }

    /// A table.
    pub fn table(&self, key: &'static str) -> Option<TableReader<'a>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(self.inner(table, self.head(key, value))),
            other => self.wrong_type(key, value.span(), "a table", other),
        }
    }

    /// A list of tables; empty when the key is absent.
    pub fn tables(&self, key: &'static str) -> Vec<TableReader<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type::<()>(key, value.span(), "a list of tables", value.get_ref());
            return Vec::new();
        };
        let table = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::Table(table) => Some(self.inner(table, item.span())),
            other => self.wrong_type(key, item.span(), "a list of tables", other),
        };
        items.iter().filter_map(table).collect()
    }

    /// What a key holds, as canonical JSON; for settings whose form only a plugin knows.
    pub fn json(&self, key: &'static str) -> Option<serde_json::Value> {
        let value = self.get(key)?;
        self.to_json(key, value)
    }

    /// Whether the value of a key is a text, a list, a boolean or a table: `string`, `array`, ...
    pub fn type_of(&self, key: &'static str) -> Option<&'static str> {
        self.get(key).map(|value| value.get_ref().type_str())
    }

    /// The place of a key's value, or of the table where the key is absent.
    pub fn span_of(&self, key: &'static str) -> Range<usize> {
        self.get(key).map_or_else(|| self.span(), Spanned::span)
    }

    /// Notes every key that nobody asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter() {
            let name: &str = key.get_ref();
            if asked.contains(name) {
                continue;
            }
            let help = match nearest(name, asked.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", listed(asked.iter().copied())),
            };
            let message = format!("unknown key `{}`", clip(name));
            self.fault(FaultCode::UnknownKey, key.span(), message, Some(help));
        }
    }

    fn text(&self, key: &'static str, expected: &str) -> Option<Read<String>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => {
                Some(Read { value: text.clone().into_owned(), span: value.span() })
            }
            other => self.wrong_type(key, value.span(), expected, other),
        }
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    fn inner(&self, table: &'a DeTable<'a>, span: Range<usize>) -> TableReader<'a> {
        TableReader::new(self.source, self.faults, table, span)
    }

    /// The head of a table: its value's place or, where a dotted table has none, its key's.
    fn head(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Range<usize> {
        let own = value.span();
        match self.table.get_key_value(key) {
            Some((key, _)) if own.is_empty() => key.span(),
            _ => own,
        }
    }

    fn within<T: PartialOrd>(
        &self,
        key: &str,
        number: Option<T>,
        bounds: &RangeInclusive<T>,
        span: Range<usize>,
        words: &str,
    ) -> Option<T> {
        let good = number.filter(|number| bounds.contains(number));
        if good.is_none() {
            let message = format!("`{key}` is out of range: {words}");
            self.fault(FaultCode::OutOfRange, span, message, None);
        }
        good
    }

    fn wrong_type<T>(
        &self,
        key: &str,
        span: Range<usize>,
        expected: &str,
        found: &DeValue<'_>,
    ) -> Option<T> {
        let message = format!("`{key}` is {expected}, not {}", named(found));
        self.fault(FaultCode::WrongType, span, message, None);
        None
    }

    fn to_json(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<serde_json::Value> {
        use serde_json::Value;
        Some(match value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Boolean(answer) => Value::from(*answer),
            DeValue::Integer(digits) => {
                let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
                let words = "a whole number of 64 bits";
                Value::from(self.within(
                    "a number",
                    number,
                    &(i64::MIN..=i64::MAX),
                    value.span(),
                    words,
                )?)
            }
            DeValue::Array(items) => {
                Value::Array(items.iter().filter_map(|item| self.to_json(key, item)).collect())
            }
            DeValue::Table(table) => {
                let entry = |(key, value): (&Spanned<_>, _)| {
                    let key: &std::borrow::Cow<'_, str> = key.get_ref();
                    Some((key.clone().into_owned(), self.to_json(key, value)?))
                };
                Value::Object(table.iter().filter_map(entry).collect())
            }
            other @ (DeValue::Float(_) | DeValue::Datetime(_)) => {
                let expected = "a text, whole number, boolean, list or table";
                return self.wrong_type(key, value.span(), expected, other);
            }
        })
    }
}

fn named(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// As much of a text as a message can bear.
fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}
