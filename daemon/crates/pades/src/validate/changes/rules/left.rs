//! What no rule explained.

use std::collections::BTreeSet;

use sceau_pdf::{Dictionary, Object, ObjectId, ReadError, Stream};

use super::super::awaited::{Awaited, mentions};
use super::super::places::{Places, Role};
use super::super::step::{MAX_OBJECTS, Step, differing_keys, told};
use super::Guard;
use crate::report::What;

/// Most objects that are named.
const MAX_NAMED: usize = 50;

/// Cross-reference and object streams hold other objects and are none themselves.
pub(super) fn containers(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    for id in step.unexplained() {
        let is_container = match step.new.object(id) {
            Ok(Object::Stream(stream)) => {
                matches!(stream.dictionary.name("Type"), Some("XRef" | "ObjStm"))
            }
            Ok(_) | Err(ReadError::Damaged { .. }) => false,
            Err(error) => return Err(error),
        };
        if is_container && step.is_fresh(id)? {
            step.explain(id);
        }
    }
    Ok(())
}

/// A new form without content shows nothing, wherever it is mentioned. pyHanko leaves one behind when it shows
/// a signature, and PDFium when it fills a field that nothing showed, packed and with the fonts of the form.
pub(super) fn empty_forms(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    const KEYS: [&[u8]; 6] = [b"Type", b"Subtype", b"BBox", b"Resources", b"Length", b"Filter"];
    for id in step.unexplained() {
        let Object::Stream(stream) = readable(step.new.object(id))? else { continue };
        let form = &stream.dictionary;
        let bare = form.iter().all(|(key, _)| KEYS.contains(&key.as_bytes()))
            && matches!(form.name("Type"), None | Some("XObject"))
            && matches!(form.name("Subtype"), None | Some("Form"));
        if bare && step.is_fresh(id)? && is_empty(step, &stream)? {
            step.explain(id);
        }
    }
    Ok(())
}

fn is_empty(step: &Step<'_, '_>, stream: &Stream) -> Result<bool, ReadError> {
    /// Nothing, packed.
    const LONGEST: i64 = 32;
    if stream.dictionary.integer("Length").is_none_or(|length| length > LONGEST) {
        return Ok(false);
    }
    match step.new.plain_data(stream) {
        Err(ReadError::Io(error)) => Err(error.into()),
        data => Ok(data.is_ok_and(|data| data.is_some_and(|data| data.is_empty()))),
    }
}

/// Every object that is left is a modification, told by what it is.
pub(super) fn nothing(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let left = step.unexplained();
    if left.is_empty() || !step.guards.hold(Guard::NothingLeft) {
        return Ok(());
    }
    let wanted = left.iter().map(|id| id.number).collect();
    let places = Places::of(&[step.old, step.new], &wanted);
    for id in left.iter().take(MAX_NAMED) {
        let (what, subject) = what(step, *id, places.role(id.number))?;
        step.refuse(Guard::NothingLeft, what, Some(*id), subject.as_deref());
    }
    if left.len() > MAX_NAMED {
        let more = format!("{} objects", left.len());
        step.refuse(Guard::NothingLeft, What::ObjectChanged, None, Some(&more));
    }
    Ok(())
}

fn what(
    step: &Step<'_, '_>,
    id: ObjectId,
    role: Option<Role>,
) -> Result<(What, Option<String>), ReadError> {
    let (old, new) = (readable(step.old.object(id))?, readable(step.new.object(id))?);
    let empty = Dictionary::new();
    let (before, after) = (content(&old, &empty), content(&new, &empty));
    let own = Some(told(id));
    Ok(match role {
        Some(Role::Page) if !step.is_fresh(id)? => page(before, after),
        Some(Role::Page) => (What::PagesChanged, None),
        Some(Role::Content) => (What::PageContentChanged, None),
        Some(Role::Annotation | Role::Annotations) => (What::AnnotationChanged, None),
        _ if old == Object::Null => (What::ObjectAdded, own),
        _ if new == Object::Null => (What::ObjectRemoved, own),
        _ => (by_type(before), own),
    })
}

fn page(before: &Dictionary, after: &Dictionary) -> (What, Option<String>) {
    let keys = differing_keys(before, after);
    match keys.first().map(String::as_str) {
        Some("Contents") => (What::PageContentChanged, None),
        Some("Annots") if keys.len() == 1 => (What::AnnotationChanged, None),
        _ => (What::PageChanged, Some(keys.into_iter().collect::<Vec<_>>().join(", "))),
    }
}

fn by_type(before: &Dictionary) -> What {
    match (before.name("Type"), before.name("Subtype")) {
        (Some("Pages"), _) => What::PagesChanged,
        (Some("Font" | "FontDescriptor" | "Encoding"), _) => What::FontChanged,
        (Some("Annot"), _) => What::AnnotationChanged,
        (_, Some("Form" | "Image")) => What::ImageChanged,
        _ => What::ObjectChanged,
    }
}

fn content<'o>(object: &'o Object, empty: &'o Dictionary) -> &'o Dictionary {
    match object {
        Object::Stream(stream) => &stream.dictionary,
        other => other.as_dictionary().unwrap_or(empty),
    }
}

fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Boolean(false)),
        other => other,
    }
}

/// A number that the old revision mentions without defining it is a trap: defining it later changes
/// what the old revision shows.
pub(super) fn nothing_awaited(
    step: &mut Step<'_, '_>,
    awaited: &mut Awaited,
) -> Result<(), ReadError> {
    let mut fresh = BTreeSet::new();
    for id in step.changed.values() {
        if step.is_fresh(*id)? {
            fresh.insert(id.number);
        }
    }
    if fresh.is_empty() {
        return Ok(());
    }
    let changed: Vec<ObjectId> = step.changed.values().copied().collect();
    for number in awaited.among(step.old, step.new, &fresh, &changed)? {
        let id = ObjectId::new(number, 0);
        step.refuse(Guard::Awaited, What::Awaited, Some(id), Some(&told(id)));
    }
    Ok(())
}

/// A stream that showed a field and was replaced may have been mentioned by that field alone, and so may what
/// names it: were it part of a page too, filling the field would change the page.
pub(super) fn nothing_shared(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    if step.replaced.is_empty() || step.is_refused() {
        return Ok(());
    }
    let mut shared = BTreeSet::new();
    for id in step.old.object_ids(MAX_OBJECTS)? {
        let object = readable(step.old.object(id))?;
        let theirs = step.replaced.contains(&id.number);
        if theirs || object.as_dictionary().is_some_and(is_widget) {
            continue;
        }
        mentions(&object, &mut |mentioned| {
            if step.replaced.contains(&mentioned.number) {
                shared.insert(mentioned);
            }
        });
    }
    for id in shared {
        step.refuse(Guard::Appearance, What::AppearanceSwapped, Some(id), Some(&told(id)));
    }
    Ok(())
}

fn is_widget(dictionary: &Dictionary) -> bool {
    dictionary.name("Subtype") == Some("Widget") && dictionary.name("Type") != Some("Page")
}
