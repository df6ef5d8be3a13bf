//! A signature that was added: its field, its value, the form and the page around it.

use sceau_pdf::{Dictionary, DocMdp, Object, ObjectId};

use super::Modified;
use super::step::{Step, differing_keys, is_plain};

/// What a new invisible signature field may have (ISO 32000-2 §12.7.4, §12.5.2).
const FIELD_KEYS: [&str; 13] =
    ["Type", "Subtype", "FT", "T", "TU", "V", "F", "P", "Rect", "Ff", "Lock", "SV", "DA"];

/// Explains the changes of the interactive form (ISO 32000-2 §12.7.3).
pub(super) fn explain(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), Modified> {
    if let (Some(Object::Reference(old)), Some(Object::Reference(new))) = (old, new)
        && old != new
    {
        return Err(Modified::because("the form was replaced"));
    }
    let (old_form, new_form) = (form(step, old, true)?, form(step, new, false)?);
    if old_form.is_some() && new_form.is_none() {
        return Err(Modified::because("the form was removed"));
    }
    let Some(new_form) = new_form else { return Ok(()) };
    if let Some(Object::Reference(id)) = new {
        own(step, *id, old == new)?;
    }
    let old_form = old_form.unwrap_or_default();
    for key in differing_keys(&old_form, &new_form) {
        if !matches!(key.as_str(), "Fields" | "SigFlags") {
            return Err(Modified::because(format!("the form's /{key} was changed")));
        }
    }
    fields(step, old_form.get("Fields"), new_form.get("Fields"))
}

fn form(
    step: &Step<'_, '_>,
    value: Option<&Object>,
    of_old: bool,
) -> Result<Option<Dictionary>, Modified> {
    let Some(value) = value else { return Ok(None) };
    match if of_old { step.old.resolve(value)? } else { step.new.resolve(value)? } {
        Object::Dictionary(dictionary) => Ok(Some(dictionary)),
        Object::Null => Ok(None),
        _ => Err(Modified::because("the form is no dictionary")),
    }
}

/// An object that served the same purpose before, or is new.
fn own(step: &mut Step<'_, '_>, id: ObjectId, same: bool) -> Result<(), Modified> {
    if !step.changed.contains_key(&id.number) {
        return Ok(());
    }
    if !same && !step.is_fresh(id)? {
        return Err(Modified::because(format!("object {id} was turned into something else")));
    }
    step.explain(id);
    Ok(())
}

fn fields(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), Modified> {
    let null = Object::Null;
    let old_list = step.old.resolve(old.unwrap_or(&null))?;
    let new_list = step.new.resolve(new.unwrap_or(&null))?;
    if let Some(Object::Reference(id)) = new {
        own(step, *id, old == new)?;
    }
    let added = appended(&old_list, &new_list)
        .ok_or_else(|| Modified::because("fields of the form were removed or reordered"))?;
    for id in added {
        new_field(step, id)?;
    }
    filled_fields(step)
}

/// What the new array has behind the old one's items, when these are all references.
fn appended(old: &Object, new: &Object) -> Option<Vec<ObjectId>> {
    let old = old.as_array().unwrap_or_default();
    let new = new.as_array().unwrap_or_default();
    let rest = new.strip_prefix(old)?;
    rest.iter().map(Object::as_reference).collect()
}

/// A field that was not there: an invisible signature field with its value, or without.
fn new_field(step: &mut Step<'_, '_>, id: ObjectId) -> Result<(), Modified> {
    let Object::Dictionary(field) = step.new.object(id)? else {
        return Err(Modified::because(format!("the added field {id} is no dictionary")));
    };
    if field.name("FT") != Some("Sig") || !step.is_fresh(id)? {
        return Err(Modified::because(format!("the added field {id} is no new signature field")));
    }
    let known = |name: &[u8]| FIELD_KEYS.iter().any(|key| key.as_bytes() == name);
    if !field.iter().all(|(name, _)| known(name.as_bytes())) || !is_invisible(&field) {
        return Err(Modified::because("a signature that is shown on a page was added"));
    }
    check_name(step, &field)?;
    step.explain(id);
    value(step, field.get("V"))
}

/// A field without a rectangle, or with an empty one that stands in the field itself.
fn is_invisible(field: &Dictionary) -> bool {
    let Some(rectangle) = field.get("Rect") else { return true };
    let corners: Option<Vec<f64>> =
        rectangle.as_array().and_then(|corners| corners.iter().map(Object::as_number).collect());
    matches!(corners.as_deref(), Some([x0, y0, x1, y1]) if x0 == x1 && y0 == y1)
}

/// Two fields of one name would be one field with two values.
fn check_name(step: &Step<'_, '_>, field: &Dictionary) -> Result<(), Modified> {
    let name = field.get("T");
    let taken = step.old.signature_fields()?.iter().any(|old| old.dictionary.get("T") == name);
    if taken || name.is_none() {
        return Err(Modified::because("a signature field was added under a name in use"));
    }
    Ok(())
}

/// Empty signature fields of the old revision that got a value and nothing else.
fn filled_fields(step: &mut Step<'_, '_>) -> Result<(), Modified> {
    for id in step.unexplained() {
        let (Object::Dictionary(old), Object::Dictionary(new)) =
            (step.old.object(id)?, step.new.object(id)?)
        else {
            continue;
        };
        if old.name("FT") != Some("Sig") || old.contains("V") {
            continue;
        }
        if differing_keys(&old, &new).iter().any(|key| key != "V") {
            return Err(Modified::because(format!("the signature field {id} was changed")));
        }
        refuse_locks(step)?;
        step.explain(id);
        value(step, new.get("V"))?;
    }
    Ok(())
}

/// Locks of fields (ISO 32000-2 §12.8.2.4) are not judged yet: filling a field under one is taken
/// for a modification.
fn refuse_locks(step: &Step<'_, '_>) -> Result<(), Modified> {
    let locks = |dictionary: &Dictionary| dictionary.contains("Reference");
    let fields = step.old.signature_fields()?;
    if fields.iter().filter_map(|field| field.value.as_ref()).any(|sig| locks(&sig.dictionary)) {
        return Err(Modified::because("a field was filled under a lock"));
    }
    Ok(())
}

/// The signature dictionary: new, with nothing in it that leads elsewhere.
fn value(step: &mut Step<'_, '_>, value: Option<&Object>) -> Result<(), Modified> {
    let Some(value) = value else {
        step.details.push("an empty signature field is added".to_owned());
        return Ok(());
    };
    let Some(id) = value.as_reference().filter(|id| step.changed.contains_key(&id.number)) else {
        return Err(Modified::because("an added signature has no value of its own"));
    };
    let Object::Dictionary(signature) = step.new.object(id)? else {
        return Err(Modified::because("an added signature is no dictionary"));
    };
    if !step.is_fresh(id)? || !signature.iter().all(|(_, value)| is_plain(value)) {
        return Err(Modified::because("an added signature refers to other objects"));
    }
    step.explain(id);
    let timestamp = signature.name("SubFilter") == Some("ETSI.RFC3161");
    if !timestamp && step.old.doc_mdp()? == Some(DocMdp::NoChange) {
        return Err(Modified::because("a signature was added to a document that allows no change"));
    }
    let what = if timestamp { "a document timestamp" } else { "a further signature" };
    step.details.push(format!("{what} is added"));
    Ok(())
}

/// Pages whose annotations grew by the new fields, and arrays of annotations of their own.
pub(super) fn explain_pages(step: &mut Step<'_, '_>) -> Result<(), Modified> {
    for id in step.unexplained() {
        let (old, new) = (step.old.object(id)?, step.new.object(id)?);
        let grown = match (&old, &new) {
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                let only_annotations = differing_keys(old, new).iter().all(|key| key == "Annots");
                if old.name("Type") != Some("Page") || !only_annotations {
                    continue;
                }
                annotations(step, old.get("Annots"), new.get("Annots"))?
            }
            (Object::Array(_), Object::Array(_)) => appended(&old, &new),
            _ => continue,
        };
        if grown.is_some_and(|added| added.iter().all(|widget| is_added_field(step, *widget))) {
            step.explain(id);
        }
    }
    Ok(())
}

/// The annotations that a page gained; none where others went or moved.
fn annotations(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<Option<Vec<ObjectId>>, Modified> {
    let null = Object::Null;
    let old_list = step.old.resolve(old.unwrap_or(&null))?;
    let new_list = step.new.resolve(new.unwrap_or(&null))?;
    if let Some(Object::Reference(id)) = new {
        own(step, *id, old == new)?;
    }
    Ok(appended(&old_list, &new_list))
}

/// Whether an object is a field that this revision added and that was explained already.
fn is_added_field(step: &Step<'_, '_>, id: ObjectId) -> bool {
    let explained = step.explained.contains(&id.number) && step.is_fresh(id).is_ok_and(|new| new);
    let is_field = |object: Object| {
        object.as_dictionary().is_some_and(|field| field.name("FT") == Some("Sig"))
    };
    explained && step.new.object(id).is_ok_and(is_field)
}
