//! A signature field whose widget is an object of its own (ISO 32000-2 §12.5.6.19): the two say together what
//! others say in one.

use sceau_pdf::{Dictionary, Object, ObjectId, ReadError};

use super::super::super::step::Step;

/// What belongs to a field and not to its widget.
const OF_FIELD: [&str; 6] = ["T", "V", "Kids", "Lock", "SV", "Ff"];

/// The field as if it were one object, and its widget where that is another. None where the kids are not one
/// widget that came with the field.
pub(super) fn merged(
    step: &mut Step<'_, '_>,
    id: ObjectId,
    mut field: Dictionary,
) -> Result<Option<(Dictionary, Option<ObjectId>)>, ReadError> {
    let Some(kids) = field.get("Kids").cloned() else { return Ok(Some((field, None))) };
    let list = step.new.resolve(&kids)?;
    let [Object::Reference(kid)] = list.as_array().unwrap_or_default() else { return Ok(None) };
    let Object::Dictionary(mut widget) = step.new.object(*kid)? else { return Ok(None) };
    // Some writers leave out who its field is.
    let own = widget.get("Parent").is_none_or(|parent| parent.as_reference() == Some(id));
    let is_widget = widget.name("Subtype") == Some("Widget") && own;
    let apart = !OF_FIELD.iter().any(|key| widget.contains(key));
    if !is_widget || !apart || *kid == id || !step.is_fresh(*kid)? {
        return Ok(None);
    }
    field.remove("Kids");
    widget.remove("Parent");
    for (key, value) in widget.iter() {
        let Ok(key) = std::str::from_utf8(key.as_bytes()) else { return Ok(None) };
        if field.get(key).is_some_and(|known| known != value) {
            return Ok(None);
        }
        field.set(key, value.clone());
    }
    // The list of kids may be an object too.
    if let Some(list) = kids.as_reference()
        && !step.own(list, false)?
    {
        return Ok(None);
    }
    Ok(Some((field, Some(*kid))))
}
