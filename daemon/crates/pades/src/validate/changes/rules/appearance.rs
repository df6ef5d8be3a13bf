//! What a filled field shows: its value and nothing else (ISO 32000-2 §12.7.4.3).
//!
//! Letters are read where they stand, as a person reads them, and not in the order in which the content
//! has them. Whatever else is painted is a frame, or what fields of this kind have ([`canvas`]).

mod boxes;
mod canvas;
mod direction;
mod fonts;
mod format;
mod moment;
mod number;
mod reading;
mod shape;
mod value;

use std::collections::BTreeSet;

use sceau_pdf::{
    Dictionary, Document, Field, FormText, Object, ObjectId, Operation, ReadError, Stream,
    operations,
};

use self::canvas::{Canvas, Style};
pub(super) use self::value::inherited;
use self::value::{Value, squash};

use super::super::step::Step;
use super::{Guard, mark, signature};
use crate::report::What;

/// Most operations of one appearance.
const MAX_OPERATIONS: usize = 20_000;
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
    let widgets = widgets(step.new, filled)?;
    let value = step.new.get(filled, "V")?;
    let fits = match field.kind.as_deref() {
        Some("Btn") => {
            let before = self::widgets(step.old, &field.dictionary)?;
            buttons(step, &widgets, &value)? && boxes::look_alike(step, &before, &widgets)?
        }
        kind => texts(step, &field.dictionary, &widgets, (&value, kind == Some("Ch")))?,
    };
    let name = Some(field.name.as_str());
    Ok(fits || !step.refuse(Guard::Appearance, What::AppearanceSwapped, Some(shown), name))
}

/// A field as its own widget, and those that it has besides.
pub(super) fn widgets(
    doc: &Document<'_>,
    field: &Dictionary,
) -> Result<Vec<Dictionary>, ReadError> {
    let mut widgets = vec![field.clone()];
    for kid in doc.get(field, "Kids")?.as_array().unwrap_or_default() {
        widgets.extend(doc.resolve(kid)?.as_dictionary().cloned());
    }
    Ok(widgets)
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
    field: &Dictionary,
    widgets: &[Dictionary],
    (value, choice): (&Object, bool),
) -> Result<bool, ReadError> {
    let value = Value::of(step.old, field, choice, value)?;
    let ink = default_ink(step, field)?;
    for widget in widgets {
        let Object::Dictionary(appearance) = step.new.get(widget, "AP")? else { continue };
        for (_, state) in appearance.iter() {
            let Object::Stream(stream) = step.new.resolve(state)? else { return Ok(false) };
            let Some(bounds) = bounds(step, widget, &stream)? else { return Ok(false) };
            let (cells, list, combo) = (value.cells(), value.is_list(), value.is_combo());
            let style = Style { bounds, cells, list, combo, ink, signs: false };
            let Some((text, canvas)) = shown(step, &stream, &style)? else { return Ok(false) };
            if !is_of(&value, &text, &canvas, bounds) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The box of an appearance, which is as large as the widget: it is not made smaller until nobody reads it.
fn bounds(
    step: &Step<'_, '_>,
    widget: &Dictionary,
    stream: &Stream,
) -> Result<Option<[f64; 4]>, ReadError> {
    let Some(bounds) = signature::corners(&step.new.get(&stream.dictionary, "BBox")?) else {
        return Ok(None);
    };
    let Some(place) = signature::corners(&step.new.get(widget, "Rect")?) else {
        return Ok(Some(bounds));
    };
    let sides = |[x0, y0, x1, y1]: [f64; 4]| [x1 - x0, y1 - y0];
    let ([w, h], [own_w, own_h]) = (sides(place), sides(bounds));
    let alike = |a: f64, b: f64| (0.5..=2.0).contains(&(a / b));
    let fits = (alike(w, own_w) && alike(h, own_h)) || (alike(w, own_h) && alike(h, own_w));
    Ok(fits.then_some(bounds))
}

/// Whether something is filled over letters.
fn is_hidden(text: &FormText) -> bool {
    let beneath = |[x0, y0, x1, y1]: [f64; 4], (_, at): &(char, [f64; 4])| {
        let (x, y) = ((at[0] + at[2]) / 2.0, (at[1] + at[3]) / 2.0);
        x0 <= x && x <= x1 && y0 <= y && y <= y1
    };
    let hides = |(area, above): &([f64; 4], usize)| {
        text.letters.iter().take(*above).any(|letter| beneath(*area, letter))
    };
    text.fills.iter().any(hides)
}

/// Whether letters, read from above and from the left, are the value.
fn is_of(value: &Value, text: &FormText, canvas: &Canvas, bounds: [f64; 4]) -> bool {
    if is_hidden(text) {
        return false;
    }
    let turn = canvas.turn.unwrap_or(0);
    let Some(lines) = reading::lines(&text.letters, turn, bounds) else { return false };
    let all: String = lines.iter().map(|line| line.text.as_str()).collect();
    let barred = |middle: f64| canvas.bars.iter().any(|bar| bar[1] <= middle && middle <= bar[3]);
    let seen = lines.iter().filter(|line| line.seen > 0);
    let listed: Vec<_> = seen.map(|line| (line.text.clone(), barred(line.middle))).collect();
    value.is_shown_by(&all) || (value.is_list() && turn == 0 && value.is_list_of(&listed))
}

/// What an appearance shows; none where it shows more than text and what its style has.
fn shown(
    step: &Step<'_, '_>,
    stream: &Stream,
    style: &Style,
) -> Result<Option<(FormText, Canvas)>, ReadError> {
    let known = |key: &[u8]| KEYS.iter().any(|known| known.as_bytes() == key);
    if !stream.dictionary.iter().all(|(key, _)| known(key.as_bytes())) {
        return Ok(None);
    }
    let content = match step.new.stream_data(stream).and_then(|data| parsed(&data)) {
        Ok(content) => content,
        Err(ReadError::Io(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let Some(canvas) = canvas::look(&content, style) else { return Ok(None) };
    if !has_plain_colours(step, stream)? {
        return Ok(None);
    }
    let resources = fonts::of(step, stream)?;
    let taken = content.iter().filter(|operation| operation.operator == "Tf");
    let named: BTreeSet<&str> = taken
        .map(|operation| operation.operands.first().and_then(Object::as_name).unwrap_or_default())
        .collect();
    for name in named {
        if !fonts::may_write(step, &resources, name, style.signs)? {
            return Ok(None);
        }
    }
    Ok(step.new.form_text(stream, &resources)?.map(|text| (text, canvas)))
}

/// No space of its own in the place of those of the device (§8.6.5.6): there 0 may be white.
fn has_plain_colours(step: &Step<'_, '_>, stream: &Stream) -> Result<bool, ReadError> {
    const DEFAULTS: [&str; 3] = ["DefaultGray", "DefaultRGB", "DefaultCMYK"];
    let Object::Dictionary(own) = step.new.get(&stream.dictionary, "Resources")? else {
        return Ok(true);
    };
    let spaces = step.new.get(&own, "ColorSpace")?;
    let value = |key: &&str| spaces.as_dictionary().and_then(|spaces| spaces.get(key));
    let signed = |value: &Object| value.as_reference().is_some_and(|id| !step.differs(id));
    Ok(DEFAULTS.iter().filter_map(value).all(signed))
}

fn parsed(data: &[u8]) -> Result<Vec<Operation>, ReadError> {
    operations(data, MAX_OPERATIONS)
}

/// The luminance of the colour in which the signed form writes.
fn default_ink(step: &Step<'_, '_>, field: &Dictionary) -> Result<Option<f64>, ReadError> {
    let mut said = inherited(step.old, field, "DA")?;
    if said == Object::Null {
        let form = step.old.get(&step.old.catalog()?, "AcroForm")?;
        said = form.as_dictionary().map_or(Ok(Object::Null), |form| step.old.get(form, "DA"))?;
    }
    let Some(said) = said.as_string() else { return Ok(None) };
    let content = parsed(&said.bytes()).unwrap_or_default();
    let colour = content.iter().rfind(|one| matches!(&*one.operator, "g" | "rg" | "k"));
    Ok(colour.map(|one| {
        let numbers: Vec<f64> = one.operands.iter().filter_map(Object::as_number).collect();
        mark::luminance(&numbers)
    }))
}
