//! Pages whose annotations grew by what was added, and arrays of annotations of their own.

use sceau_pdf::{Dictionary, Object, ObjectId, ReadError};

use super::super::places::{Places, Role, listed};
use super::super::step::{Step, differing_keys};
use super::form::appended;
use super::{Guard, annotation, signature};
use crate::report::What;

/// Explains pages and arrays that differ in nothing but permitted annotations.
pub(super) fn explain(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let open = step.unexplained();
    if open.is_empty() {
        return Ok(());
    }
    let wanted = open.iter().map(|id| id.number).collect();
    let places = Places::of(&[step.old], &wanted);
    for id in open {
        match places.role(id.number) {
            Some(Role::Page) => page(step, id)?,
            Some(Role::Annotations) => {
                let (old, new) = (step.old.object(id)?, step.new.object(id)?);
                let listed = matches!((&old, &new), (Object::Array(_), Object::Array(_)));
                if listed && grown(step, &old, &new)? {
                    step.explain(id);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn page(step: &mut Step<'_, '_>, id: ObjectId) -> Result<(), ReadError> {
    let (Object::Dictionary(old), Object::Dictionary(new)) =
        (step.old.object(id)?, step.new.object(id)?)
    else {
        return Ok(());
    };
    if !differing_keys(&old, &new).iter().all(|key| key == "Annots") {
        return Ok(());
    }
    let null = Object::Null;
    let (before, after) = (old.get("Annots"), new.get("Annots"));
    let old_list = step.old.resolve(before.unwrap_or(&null))?;
    let new_list = step.new.resolve(after.unwrap_or(&null))?;
    if let Some(Object::Reference(array)) = after
        && !step.own(*array, before == after)?
    {
        return Ok(());
    }
    if grown(step, &old_list, &new_list)? {
        step.explain(id);
    }
    Ok(())
}

/// Whether the annotations that were there stayed, and those that came may come.
fn grown(step: &mut Step<'_, '_>, old: &Object, new: &Object) -> Result<bool, ReadError> {
    let Some(added) = appended(old, new) else { return Ok(false) };
    for id in added {
        let fits = if step.widgets.contains(&id.number) {
            is_apart(step, id, old)?
        } else {
            annotation::explain(step, id)?
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a shown signature covers none of the annotations that were there, and no text of the page: it
/// may stand over text as ink does, but not hide it.
fn is_apart(step: &mut Step<'_, '_>, id: ObjectId, others: &Object) -> Result<bool, ReadError> {
    let object = step.new.object(id)?;
    let Some(field) = object.as_dictionary().filter(|field| signature::is_visible(field)) else {
        return Ok(true);
    };
    let Some(own) = field.get("Rect").and_then(signature::corners) else { return Ok(true) };
    for other in listed(step.old, Some(others))? {
        let Object::Dictionary(other) = step.old.resolve(&other)? else { continue };
        if rectangle(step, &other)?.is_some_and(|other| overlap(own, other)) {
            return Ok(!step.refuse(Guard::Overlap, What::SignatureOverlaps, Some(id), None));
        }
    }
    if let Some(text) = step.new.text_beneath(id)? {
        let text = Some(text.as_str()).filter(|text| !text.is_empty());
        return Ok(!step.refuse(Guard::Overlap, What::SignatureOverlaps, Some(id), text));
    }
    Ok(true)
}

fn rectangle(step: &Step<'_, '_>, other: &Dictionary) -> Result<Option<[f64; 4]>, ReadError> {
    Ok(signature::corners(&step.old.get(other, "Rect")?))
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
