//! Notes and marks, where the certification allows them (ISO 32000-2 §12.8.2.2, `/P 3`).

use sceau_pdf::{Dictionary, DocMdp, Object, ObjectId, ReadError, operations};

use super::super::step::Step;
use super::Guard;
use crate::report::What;

/// Notes, whose look readers draw themselves.
const NOTES: [&str; 2] = ["Text", "Popup"];
/// Marks upon text.
const MARKS: [&str; 4] = ["Highlight", "Underline", "Squiggly", "StrikeOut"];
/// What a note or a mark has (tables 166, 172, 175, 182). No action, no layer.
const KEYS: [&str; 27] = [
    "Type",
    "Subtype",
    "Rect",
    "Contents",
    "P",
    "NM",
    "M",
    "F",
    "AP",
    "Border",
    "C",
    "T",
    "Popup",
    "CA",
    "RC",
    "CreationDate",
    "IRT",
    "Subj",
    "RT",
    "Open",
    "Name",
    "State",
    "StateModel",
    "QuadPoints",
    "Parent",
    "ca",
    "BM",
];
const MAX_OPERATIONS: usize = 5_000;

/// Explains one new annotation, or says by `false` that it may not be there.
pub(super) fn explain(step: &mut Step<'_, '_>, id: ObjectId) -> Result<bool, ReadError> {
    let object = step.new.object(id)?;
    let (Some(annotation), true) = (object.as_dictionary(), step.is_fresh(id)?) else {
        return Ok(false);
    };
    let kind = annotation.name("Subtype").unwrap_or_default().to_owned();
    if step.old.strictest_mdp()? != Some(DocMdp::Annotate)
        && step.refuse(Guard::Annotation, What::AnnotationForbidden, Some(id), Some(&kind))
    {
        return Ok(false);
    }
    if !is_harmless(step, annotation, &kind)?
        && step.refuse(Guard::Annotation, What::AnnotationCovers, Some(id), Some(&kind))
    {
        return Ok(false);
    }
    step.explain(id);
    if let Some(appearance) = annotation.get("AP")
        && !step.adopt(appearance)?
    {
        return Ok(false);
    }
    step.tell(What::NoteAdded, Some(id), Some(&kind));
    Ok(true)
}

/// Whether it can hide nothing: a note without a look of its own, or a mark that lets the page
/// through.
fn is_harmless(
    step: &Step<'_, '_>,
    annotation: &Dictionary,
    kind: &str,
) -> Result<bool, ReadError> {
    let known = |key: &[u8]| KEYS.iter().any(|known| known.as_bytes() == key);
    if !annotation.iter().all(|(key, _)| known(key.as_bytes())) {
        return Ok(false);
    }
    let Object::Dictionary(appearance) = step.new.get(annotation, "AP")? else {
        return Ok(NOTES.contains(&kind) || MARKS.contains(&kind));
    };
    if !MARKS.contains(&kind) {
        return Ok(false);
    }
    for (_, state) in appearance.iter() {
        if !lets_through(step, &step.new.resolve(state)?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lines alone, or whatever multiplies with what lies beneath.
fn lets_through(step: &Step<'_, '_>, state: &Object) -> Result<bool, ReadError> {
    const FILLS: [&str; 9] = ["f", "F", "f*", "B", "B*", "b", "b*", "sh", "Tj"];
    const OTHERS: [&str; 6] = ["Do", "BI", "TJ", "'", "\"", "scn"];
    let Object::Stream(stream) = state else { return Ok(false) };
    let resources = step.new.get(&stream.dictionary, "Resources")?;
    let multiplies = multiplies(step, resources.as_dictionary())?;
    let data = match step.new.stream_data(stream) {
        Ok(data) => data,
        Err(ReadError::Io(error)) => return Err(error.into()),
        Err(_) => return Ok(false),
    };
    let Ok(content) = operations(&data, MAX_OPERATIONS) else { return Ok(false) };
    let mut set = false;
    for operation in &content {
        let operator = operation.operator.as_str();
        set |= operator == "gs" && multiplies;
        let thin = operator != "w"
            || operation.operands.first().and_then(Object::as_number).is_some_and(|w| w <= 2.0);
        if OTHERS.contains(&operator) || !thin || (FILLS.contains(&operator) && !set) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether every graphics state of the resources has the blend mode `Multiply`.
fn multiplies(step: &Step<'_, '_>, resources: Option<&Dictionary>) -> Result<bool, ReadError> {
    let Some(resources) = resources else { return Ok(false) };
    let Object::Dictionary(states) = step.new.get(resources, "ExtGState")? else {
        return Ok(false);
    };
    for (_, state) in states.iter() {
        let state = step.new.resolve(state)?;
        let mode = state.as_dictionary().and_then(|state| state.name("BM"));
        if mode != Some("Multiply") {
            return Ok(false);
        }
    }
    Ok(!states.is_empty())
}
