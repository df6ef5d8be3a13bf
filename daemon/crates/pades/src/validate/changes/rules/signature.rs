//! A signature that was added: in a new field, or in one that waited for it (ISO 32000-2 §12.7.5.5).

mod widget;

use sceau_pdf::{Dictionary, DocMdp, Object, ObjectId, PdfString, ReadError};

use super::super::step::{Step, told};
use super::Guard;
use crate::report::What;

/// What a new signature field may have (ISO 32000-2 §12.7.4, §12.5.2).
const FIELD_KEYS: [&str; 22] = [
    "Type",
    "Subtype",
    "FT",
    "T",
    "TU",
    "V",
    "F",
    "P",
    "Rect",
    "Ff",
    "Lock",
    "SV",
    "DA",
    "DV",
    "AP",
    "MK",
    "Border",
    "BS",
    "H",
    "StructParent",
    "DR",
    "Q",
];

/// A field that was not there: a signature field with its value, or an invisible one without.
pub(super) fn new_field(step: &mut Step<'_, '_>, id: ObjectId) -> Result<(), ReadError> {
    let Object::Dictionary(field) = step.new.object(id)? else {
        step.refuse(Guard::NewField, What::FieldAdded, Some(id), None);
        return Ok(());
    };
    let name = step.new.get(&field, "T")?.as_string().map(PdfString::to_text).unwrap_or_default();
    let is_new = field.name("FT") == Some("Sig") && step.is_fresh(id)?;
    if !is_new && step.refuse(Guard::NewField, What::FieldAdded, Some(id), Some(&name)) {
        return Ok(());
    }
    let taken = || -> Result<bool, ReadError> {
        Ok(name.is_empty() || step.old.fields()?.iter().any(|old| is_within(&old.name, &name)))
    };
    if taken()? && step.refuse(Guard::FieldName, What::FieldNameTaken, Some(id), Some(&name)) {
        return Ok(());
    }
    let Some((field, widget)) = widget::merged(step, id, field)? else {
        let text = format!("{name}, /Kids");
        step.refuse(Guard::NewField, What::SignatureStrange, Some(id), Some(&text));
        return Ok(());
    };
    if !shape(step, id, &field, &name)? || !shown(step, id, &field, &name)? {
        return Ok(());
    }
    step.explain(id);
    widget.iter().for_each(|id| step.explain(*id));
    if field.name("FT") == Some("Sig") {
        step.widgets.insert(widget.unwrap_or(id).number);
    }
    for key in ["AP", "MK", "Lock", "SV", "DR", "TU", "DA", "Rect", "Border", "BS"] {
        if let Some(value) = field.get(key)
            && !step.adopt(value)?
        {
            return Ok(());
        }
    }
    let what = if is_visible(&field) { What::VisibleSignatureAdded } else { What::SignatureAdded };
    value(step, widget.unwrap_or(id), field.get("V"), &name, what)
}

fn is_within(old: &str, name: &str) -> bool {
    old.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// No key that a signature field has not.
fn shape(
    step: &mut Step<'_, '_>,
    id: ObjectId,
    field: &Dictionary,
    name: &str,
) -> Result<bool, ReadError> {
    let known = |key: &[u8]| FIELD_KEYS.iter().any(|known| known.as_bytes() == key);
    let strange = field.iter().find(|(key, _)| !known(key.as_bytes()));
    let Some((key, _)) = strange else { return Ok(true) };
    let text = format!("{name}, /{}", String::from_utf8_lossy(key.as_bytes()));
    Ok(!step.refuse(Guard::NewField, What::SignatureStrange, Some(id), Some(&text)))
}

/// What is shown needs a signature behind it, and a document that is not certified: there the places
/// of signatures are laid out before the certification.
fn shown(
    step: &mut Step<'_, '_>,
    id: ObjectId,
    field: &Dictionary,
    name: &str,
) -> Result<bool, ReadError> {
    let placeless = field.contains("AP") && !field.contains("Rect");
    if !is_visible(field) && !placeless {
        return Ok(true);
    }
    if !field.contains("V") || field.get("Rect").is_none_or(|rect| corners(rect).is_none()) {
        return Ok(!step.refuse(Guard::NewField, What::SignatureStrange, Some(id), Some(name)));
    }
    if step.rights()?.mdp.is_some() {
        let guard = Guard::OverCertified;
        return Ok(!step.refuse(guard, What::SignatureOverCertified, Some(id), Some(name)));
    }
    Ok(true)
}

/// A field with a rectangle that is not empty, or that stands elsewhere.
pub(super) fn is_visible(field: &Dictionary) -> bool {
    let Some(rectangle) = field.get("Rect") else { return false };
    !matches!(corners(rectangle), Some([x0, y0, x1, y1]) if x0 == x1 || y0 == y1)
}

/// The corners of a rectangle that stands in place, put in order.
pub(super) fn corners(rectangle: &Object) -> Option<[f64; 4]> {
    let numbers: Option<Vec<f64>> = rectangle.as_array()?.iter().map(Object::as_number).collect();
    let [x0, y0, x1, y1] = numbers?.try_into().ok()?;
    Some([x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)])
}

/// A field of the old revision that got its signature: `name` is its own.
pub(super) fn signed(
    step: &mut Step<'_, '_>,
    id: ObjectId,
    field: &Dictionary,
    name: &str,
) -> Result<(), ReadError> {
    if let Some(by) = step.rights()?.locks.of(name).map(str::to_owned) {
        let text = format!("{name}, {by}");
        if step.refuse(Guard::FieldLock, What::FieldLocked, Some(id), Some(&text)) {
            return Ok(());
        }
    }
    value(step, id, field.get("V"), name, What::SignatureFieldSigned)
}

/// The signature dictionary: new, with nothing in it that leads to what is shown.
fn value(
    step: &mut Step<'_, '_>,
    field: ObjectId,
    value: Option<&Object>,
    name: &str,
    what: What,
) -> Result<(), ReadError> {
    let Some(value) = value else {
        step.tell(What::EmptySignatureFieldAdded, Some(field), Some(name));
        return Ok(());
    };
    let id = value.as_reference().filter(|id| step.differs(*id));
    let signature = id.map(|id| step.new.object(id)).transpose()?;
    let (Some(id), Some(Object::Dictionary(signature))) = (id, signature) else {
        step.refuse(Guard::NewSignature, What::SignatureStrange, Some(field), Some(name));
        return Ok(());
    };
    let fresh = step.is_fresh(id)?;
    if !fresh && step.refuse(Guard::NewSignature, What::Repurposed, Some(id), Some(&told(id))) {
        return Ok(());
    }
    step.explain(id);
    if !step.adopt(&Object::Dictionary(signature.clone()))? {
        return Ok(());
    }
    let timestamp = signature.name("SubFilter") == Some("ETSI.RFC3161");
    let closed = !timestamp && step.rights()?.mdp == Some(DocMdp::NoChange);
    if closed && step.refuse(Guard::DocMdp, What::SignatureForbidden, Some(field), Some(name)) {
        return Ok(());
    }
    if timestamp {
        step.tell(What::DocumentTimestampAdded, None, None);
    } else {
        let seen = what != What::SignatureAdded;
        step.tell(what, seen.then_some(field), Some(name));
    }
    Ok(())
}
