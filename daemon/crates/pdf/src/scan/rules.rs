//! What makes a dictionary active. Each rule looks at one dictionary; names that stand in objects of
//! their own are followed, for that is how they are hidden.

use super::ActiveKind;
use crate::{Dictionary, Document, Object, ReadError};
use std::collections::BTreeSet;

/// What an object and all that stands directly in it are.
pub(super) fn kinds(
    doc: &Document<'_>,
    object: &Object,
) -> Result<BTreeSet<ActiveKind>, ReadError> {
    let mut kinds = BTreeSet::new();
    let mut open = vec![object];
    while let Some(object) = open.pop() {
        if let Object::Array(items) = object {
            open.extend(items);
        }
        if let Object::Stream(stream) = object {
            external(doc, &stream.dictionary, &mut kinds)?;
        }
        if let Some(dictionary) = object.as_dictionary() {
            of_dictionary(doc, dictionary, &mut kinds)?;
            open.extend(dictionary.iter().map(|(_, value)| value));
        }
    }
    Ok(kinds)
}

type Kinds = BTreeSet<ActiveKind>;

fn of_dictionary(
    doc: &Document<'_>,
    dictionary: &Dictionary,
    kinds: &mut Kinds,
) -> Result<(), ReadError> {
    if named(doc, dictionary, "Type")?.as_deref() != Some("StructElem") {
        let action = named(doc, dictionary, "S")?;
        kinds.extend(action.and_then(|action| of_action(&action, dictionary)));
    }
    let subtype = named(doc, dictionary, "Subtype")?;
    kinds.extend(subtype.and_then(|subtype| of_subtype(&subtype)));
    for (key, kind) in KEYS {
        if dictionary.get(key).is_some_and(|value| *value != Object::Null) {
            kinds.insert(kind);
        }
    }
    if acts_on_opening(doc, dictionary)? {
        kinds.insert(ActiveKind::OpenAction);
    }
    Ok(())
}

/// Keys that say enough by being there.
const KEYS: [(&str, ActiveKind); 5] = [
    ("JS", ActiveKind::JavaScript),
    ("XFA", ActiveKind::Xfa),
    ("EF", ActiveKind::EmbeddedFile),
    ("AA", ActiveKind::AdditionalAction),
    ("RichMediaContent", ActiveKind::RichMedia),
];

/// Types of actions (ISO 32000-2, table 201).
fn of_action(action: &str, dictionary: &Dictionary) -> Option<ActiveKind> {
    Some(match action {
        "JavaScript" => ActiveKind::JavaScript,
        "Launch" => ActiveKind::Launch,
        "SubmitForm" => ActiveKind::SubmitForm,
        "ImportData" => ActiveKind::ImportData,
        "GoToR" => ActiveKind::GoToRemote,
        "Thread" if dictionary.contains("F") => ActiveKind::GoToRemote,
        "GoToE" => ActiveKind::GoToEmbedded,
        "URI" => ActiveKind::Uri,
        "RichMediaExecute" => ActiveKind::RichMedia,
        "GoTo3DView" => ActiveKind::ThreeD,
        "Movie" | "Rendition" => ActiveKind::Movie,
        "Sound" => ActiveKind::Sound,
        "Hide" | "SetOCGState" => ActiveKind::Visibility,
        _ => return None,
    })
}

/// Types of annotations (table 171).
fn of_subtype(subtype: &str) -> Option<ActiveKind> {
    Some(match subtype {
        "RichMedia" => ActiveKind::RichMedia,
        "3D" => ActiveKind::ThreeD,
        "Movie" | "Screen" => ActiveKind::Movie,
        "Sound" => ActiveKind::Sound,
        "FileAttachment" => ActiveKind::EmbeddedFile,
        _ => return None,
    })
}

/// A stream whose data is another file's, or a form that stands for a page of one (7.3.8.2, 8.10.4).
fn external(
    doc: &Document<'_>,
    dictionary: &Dictionary,
    kinds: &mut Kinds,
) -> Result<(), ReadError> {
    let data = doc.get(dictionary, "F")? != Object::Null;
    let form = named(doc, dictionary, "Subtype")?.as_deref() == Some("Form");
    let page = form && doc.get(dictionary, "Ref")? != Object::Null;
    if data || page {
        kinds.insert(ActiveKind::ExternalStream);
    }
    Ok(())
}

/// `/OpenAction` that is more than a place to show (table 29).
fn acts_on_opening(doc: &Document<'_>, dictionary: &Dictionary) -> Result<bool, ReadError> {
    let Some(action) = dictionary.get("OpenAction") else { return Ok(false) };
    match readable(doc.resolve(action))? {
        Object::Dictionary(action) => Ok(named(doc, &action, "S")?.as_deref() != Some("GoTo")),
        _ => Ok(false),
    }
}

fn named(
    doc: &Document<'_>,
    dictionary: &Dictionary,
    key: &str,
) -> Result<Option<String>, ReadError> {
    Ok(readable(doc.get(dictionary, key))?.as_name().map(str::to_owned))
}

/// What is damaged is listed where it stands, not where it is referred to.
fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Null),
        other => other,
    }
}
