//! What a filled field shows: its value and nothing else (ISO 32000-2 §12.7.4.3).

use sceau_pdf::{
    Dictionary, Document, Field, Object, ObjectId, Operation, PdfString, ReadError, Stream,
    operations,
};

use super::super::step::Step;
use super::Guard;
use crate::report::What;

/// Most operations of one appearance.
const MAX_OPERATIONS: usize = 20_000;
/// Operators that paint paths and text, and set how: no image, no shading, no form.
const OPERATORS: [&str; 49] = [
    "q", "Q", "cm", "w", "J", "j", "M", "d", "i", "ri", "m", "l", "c", "v", "y", "h", "re", "S",
    "s", "f", "F", "f*", "B", "B*", "b", "b*", "n", "W", "W*", "BT", "ET", "Tc", "Tw", "Tz", "TL",
    "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", "\"", "BMC", "BDC", "EMC",
];
const COLOURS: [&str; 6] = ["g", "G", "rg", "RG", "k", "K"];
/// What an appearance stream has.
const KEYS: [&str; 10] = [
    "Type",
    "Subtype",
    "FormType",
    "BBox",
    "Matrix",
    "Resources",
    "Length",
    "Filter",
    "DecodeParms",
    "Name",
];

/// The streams that show a widget, by their objects.
pub(super) fn streams(doc: &Document<'_>, widget: &Dictionary) -> Result<Vec<ObjectId>, ReadError> {
    let Object::Dictionary(appearance) = doc.get(widget, "AP")? else { return Ok(Vec::new()) };
    Ok(appearance.iter().filter_map(|(_, value)| value.as_reference()).collect())
}

/// Whether each widget of the field shows the field's value; refused where not.
pub(super) fn check(
    step: &mut Step<'_, '_>,
    field: &Field,
    filled: &Dictionary,
    shown: ObjectId,
) -> Result<bool, ReadError> {
    let mut widgets = vec![filled.clone()];
    for kid in step.new.get(filled, "Kids")?.as_array().unwrap_or_default() {
        widgets.extend(step.new.resolve(kid)?.as_dictionary().cloned());
    }
    let value = step.new.get(filled, "V")?;
    let fits = match field.kind.as_deref() {
        Some("Btn") => buttons(step, &widgets, &value)?,
        _ => texts(step, filled, &widgets, &value)?,
    };
    let name = Some(field.name.as_str());
    Ok(fits || !step.refuse(Guard::Appearance, What::AppearanceSwapped, Some(shown), name))
}

/// The state of a box is its value, or off, and one that the signed document had.
fn buttons(step: &Step<'_, '_>, widgets: &[Dictionary], value: &Object) -> Result<bool, ReadError> {
    let value = value.as_name().unwrap_or("Off");
    for state in widgets.iter().filter_map(|widget| widget.name("AS").map(|state| (widget, state)))
    {
        let (widget, state) = state;
        let shown = step.new.get(widget, "AP")?;
        let shown = shown.as_dictionary().map(|shown| step.new.get(shown, "N")).transpose()?;
        let known = shown.is_some_and(|n| n.as_dictionary().is_some_and(|n| n.contains(state)));
        if state != "Off" && (state != value || !known) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn texts(
    step: &Step<'_, '_>,
    filled: &Dictionary,
    widgets: &[Dictionary],
    value: &Object,
) -> Result<bool, ReadError> {
    let mut values = Vec::new();
    collect(value, &mut values);
    // A choice shows the words for its value, or the whole list.
    let mut options = Vec::new();
    collect(&step.new.get(filled, "Opt")?, &mut options);
    for widget in widgets {
        let Object::Dictionary(appearance) = step.new.get(widget, "AP")? else { continue };
        for (_, state) in appearance.iter() {
            let Object::Stream(stream) = step.new.resolve(state)? else { return Ok(false) };
            let Some(text) = shown(step, &stream)? else { return Ok(false) };
            if !text.is_of(&values, &options) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn collect(object: &Object, texts: &mut Vec<String>) {
    match object {
        Object::String(text) => texts.push(text.to_text()),
        Object::Name(_) => texts.extend(object.as_name().map(str::to_owned)),
        Object::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        _ => {}
    }
}

/// What an appearance shows.
#[derive(Default)]
struct Shown {
    text: String,
    /// Part of it is in a font of the signed document whose codes are not characters.
    opaque: bool,
}

impl Shown {
    fn is_of(&self, values: &[String], options: &[String]) -> bool {
        let (text, value) = (squash(&self.text), squash(&values.concat()));
        let masked = !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '•'));
        let listed = || {
            options
                .iter()
                .any(|one| squash(one) == text || squash(&options.concat()).contains(&text))
        };
        self.opaque
            || text == value
            || masked
            || number(&text).is_some_and(|shown| Some(shown) == number(&value))
            || (!options.is_empty() && !text.is_empty() && listed())
    }
}

fn squash(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}' && *c != '\u{feff}').collect()
}

/// A number as people write it, with a sign for money.
fn number(text: &str) -> Option<f64> {
    let digits: String = text.chars().filter(|c| !"€$£%'".contains(*c)).collect();
    let decimal = digits.rfind([',', '.']).filter(|at| digits.len() - at <= 3);
    let plain: String = digits
        .char_indices()
        .filter_map(|(at, c)| match c {
            ',' | '.' if Some(at) == decimal => Some('.'),
            ',' | '.' => None,
            c => Some(c),
        })
        .collect();
    plain.parse().ok()
}

/// The text of an appearance; none where it shows more than text.
fn shown(step: &Step<'_, '_>, stream: &Stream) -> Result<Option<Shown>, ReadError> {
    let known = |key: &[u8]| KEYS.iter().any(|known| known.as_bytes() == key);
    if !stream.dictionary.iter().all(|(key, _)| known(key.as_bytes())) {
        return Ok(None);
    }
    let content =
        match step.new.stream_data(stream).and_then(|data| operations(&data, MAX_OPERATIONS)) {
            Ok(content) => content,
            Err(ReadError::Io(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
    let resources = step.new.get(&stream.dictionary, "Resources")?;
    let resources = resources.as_dictionary().cloned().unwrap_or_default();
    let mut shown = Shown::default();
    let mut readable = true;
    for operation in &content {
        let operator = operation.operator.as_str();
        if !OPERATORS.contains(&operator) && !COLOURS.contains(&operator) {
            return Ok(None);
        }
        if operator == "Tf" {
            match font(step, &resources, operation)? {
                Some(reads) => readable = reads,
                None => return Ok(None),
            }
        }
        if matches!(operator, "Tj" | "TJ" | "'" | "\"") {
            shown.opaque |= !readable;
            operation.operands.iter().for_each(|operand| strings(operand, &mut shown.text));
        }
    }
    Ok(Some(shown))
}

fn strings(operand: &Object, text: &mut String) {
    match operand {
        Object::String(string) => text.push_str(&PdfString::to_text(string)),
        Object::Array(items) => items.iter().for_each(|item| strings(item, text)),
        _ => {}
    }
}

/// Whether the codes of a font are characters; none where the font came with the filling and could
/// show anything.
fn font(
    step: &Step<'_, '_>,
    resources: &Dictionary,
    operation: &Operation,
) -> Result<Option<bool>, ReadError> {
    let Some(name) = operation.operands.first().and_then(Object::as_name) else { return Ok(None) };
    let own = step.new.get(resources, "Font")?;
    let mut font = own.as_dictionary().and_then(|fonts| fonts.get(name)).cloned();
    if font.is_none() {
        font = default_font(step, name)?;
    }
    let Some(font) = font else { return Ok(Some(true)) };
    let signed = font.as_reference().is_some_and(|id| !step.differs(id));
    let Object::Dictionary(dictionary) = step.new.resolve(&font)? else { return Ok(None) };
    let composite = dictionary.name("Subtype") == Some("Type0");
    let standard = dictionary.name("Subtype") == Some("Type1")
        && !dictionary.contains("FontDescriptor")
        && dictionary.get("Encoding").is_none_or(|encoding| encoding.as_name().is_some());
    Ok((signed || standard).then_some(!composite))
}

/// A font of the form's default resources.
fn default_font(step: &Step<'_, '_>, name: &str) -> Result<Option<Object>, ReadError> {
    let mut at = step.new.get(&step.new.catalog()?, "AcroForm")?;
    for key in ["DR", "Font"] {
        at = match at.as_dictionary() {
            Some(dictionary) => step.new.get(dictionary, key)?,
            None => return Ok(None),
        };
    }
    Ok(at.as_dictionary().and_then(|fonts| fonts.get(name)).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(shown: &str, value: &str) -> bool {
        let shown = Shown { text: shown.to_owned(), opaque: false };
        shown.is_of(&[value.to_owned()], &[])
    }

    #[test]
    fn a_value_may_be_broken_masked_or_written_as_a_number() {
        assert!(fits("two words", "two\nwords"));
        assert!(fits("****", "word"));
        assert!(fits("1 234,50 €", "1234.5"));
        assert!(fits("1.234,50", "1234.50"));
        assert!(!fits("1 234,50", "123450"));
        assert!(!fits("", "100"));
        assert!(!fits("1000", "100"));
    }
}
