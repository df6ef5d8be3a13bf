//! The interactive form: its fields and settings (ISO 32000-2 §12.7.3).

use sceau_pdf::{Dictionary, Object, ObjectId, ReadError};

use super::super::step::{Step, differing_keys};
use super::{Guard, signature};
use crate::report::What;

/// Explains the changes of the form, and the fields that it gained.
pub(super) fn explain(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), ReadError> {
    let null = Object::Null;
    let before = step.old.resolve(old.unwrap_or(&null))?.as_dictionary().cloned();
    let after = step.new.resolve(new.unwrap_or(&null))?.as_dictionary().cloned();
    let Some(after) = after else {
        if before.is_some() {
            step.refuse(Guard::Form, What::FormReplaced, None, None);
        }
        return Ok(());
    };
    if let (Some(Object::Reference(old)), Some(Object::Reference(new))) = (old, new)
        && old != new
    {
        step.refuse(Guard::Form, What::FormReplaced, Some(*new), None);
        return Ok(());
    }
    if let Some(Object::Reference(id)) = new
        && !step.own(*id, old == new)?
    {
        return Ok(());
    }
    settings(step, before.as_ref(), &after)?;
    let before = before.unwrap_or_default();
    fields(step, before.get("Fields"), after.get("Fields"))
}

/// All settings stay, but that a signature may set `/SigFlags`, that fonts may come for fields to be
/// filled, and that readers may be told to believe the appearances.
fn settings(
    step: &mut Step<'_, '_>,
    before: Option<&Dictionary>,
    after: &Dictionary,
) -> Result<(), ReadError> {
    let empty = Dictionary::new();
    let first = before.is_none_or(|form| form.get("Fields").is_none_or(is_empty));
    for key in differing_keys(before.unwrap_or(&empty), after) {
        let (old, new) = (before.and_then(|form| form.get(&key)), after.get(&key));
        let fits = match (key.as_str(), new) {
            ("Fields" | "SigFlags", _) => true,
            ("NeedAppearances", None | Some(Object::Boolean(false))) => true,
            ("DA" | "Q", Some(_)) => old.is_none(),
            ("DR", Some(new)) => fonts(step, old, new)?,
            ("XFA", _) => false,
            _ => first && old.is_none() && new.is_some_and(|new| *new == Object::Null),
        };
        if !fits {
            step.refuse(Guard::Form, What::FormChanged, None, Some(&key));
        }
    }
    Ok(())
}

fn is_empty(fields: &Object) -> bool {
    fields.as_array().is_some_and(<[Object]>::is_empty)
}

/// Default resources that kept what they had.
fn fonts(step: &mut Step<'_, '_>, old: Option<&Object>, new: &Object) -> Result<bool, ReadError> {
    let null = Object::Null;
    let before = step.old.resolve(old.unwrap_or(&null))?.as_dictionary().cloned();
    let Object::Dictionary(after) = step.new.resolve(new)? else { return Ok(false) };
    for (name, group) in before.unwrap_or_default().iter() {
        let name = String::from_utf8_lossy(name.as_bytes());
        let Object::Dictionary(group) = step.old.resolve(group)? else { continue };
        let kept = step.new.get(&after, &name)?;
        let kept = kept.as_dictionary().cloned().unwrap_or_default();
        if group.iter().any(|(n, v)| kept.get(&String::from_utf8_lossy(n.as_bytes())) != Some(v)) {
            return Ok(false);
        }
    }
    step.adopt(new)
}

fn fields(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), ReadError> {
    let null = Object::Null;
    let old_list = step.old.resolve(old.unwrap_or(&null))?;
    let new_list = step.new.resolve(new.unwrap_or(&null))?;
    if let Some(Object::Reference(id)) = new
        && !step.own(*id, old == new)?
    {
        return Ok(());
    }
    let Some(added) = appended(&old_list, &new_list) else {
        step.refuse(Guard::Form, What::FieldsRemoved, None, None);
        return Ok(());
    };
    added.into_iter().try_for_each(|id| signature::new_field(step, id))
}

/// What the new array has behind the old one's items, when these are all references.
pub(super) fn appended(old: &Object, new: &Object) -> Option<Vec<ObjectId>> {
    let old = old.as_array().unwrap_or_default();
    let new = new.as_array().unwrap_or_default();
    let rest = new.strip_prefix(old)?;
    rest.iter().map(Object::as_reference).collect()
}
