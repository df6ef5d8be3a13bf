//! Notes and marks, where the certification allows them (ISO 32000-2 §12.8.2.2, `/P 3`).

use sceau_pdf::{Dictionary, DocMdp, Object, ObjectId, ReadError};

use super::super::step::Step;
use super::{Guard, mark};
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

/// Explains one new annotation, or says by `false` that it may not be there.
pub(super) fn explain(step: &mut Step<'_, '_>, id: ObjectId) -> Result<bool, ReadError> {
    let object = step.new.object(id)?;
    let (Some(annotation), true) = (object.as_dictionary(), step.is_fresh(id)?) else {
        return Ok(false);
    };
    let kind = annotation.name("Subtype").unwrap_or_default().to_owned();
    if step.rights()?.mdp != Some(DocMdp::Annotate)
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
        if !mark::lets_through(step, &step.new.resolve(state)?)? {
            return Ok(false);
        }
    }
    Ok(true)
}
