//! Objects that are there and not seen: nothing refers to them, or no cross-reference names them.
//! Shadow attacks keep the second document in such objects.

use super::listed::{LeftOut, Listed};
use super::{ScanBounds, ScanError, in_order};
use crate::xref::{Entry, header_before};
use crate::{Dictionary, Document, Object, ObjectId, ReadError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// An object that is not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenObject {
    /// Its number.
    pub object: ObjectId,
    /// How it is hidden.
    pub kind: HiddenKind,
    /// `/Type`, where it says one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub what: Option<String>,
}

/// How an object is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenKind {
    /// The cross-references name it, and nothing refers to it.
    Unreferenced,
    /// It stands in the file, and no cross-reference names it: one entry would bring it back.
    HiddenObject,
}

impl HiddenKind {
    /// Its word in settings and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreferenced => "unreferenced",
            Self::HiddenObject => "hidden-object",
        }
    }
}

impl HiddenObject {
    /// Writers leave small things behind; a page or a catalog that nothing refers to is a second
    /// document, and so is what no cross-reference names.
    #[must_use]
    pub fn is_dangerous(&self) -> bool {
        let document = matches!(self.what.as_deref(), Some("Catalog" | "Pages" | "Page"));
        self.kind == HiddenKind::HiddenObject || document
    }
}

/// What is hidden; `look` is shown every object that something refers to, for each is read here.
pub(super) fn all(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
    look: &mut dyn FnMut(ObjectId, &Object),
) -> Result<Vec<HiddenObject>, ScanError> {
    // A repaired document has neither revisions nor entries to compare with.
    if doc.is_repaired() {
        return Ok(Vec::new());
    }
    let mut found = Listed::new(bounds);
    let mut add = |hidden: HiddenObject| {
        found.add(hidden.kind.word(), hidden.is_dangerous(), || hidden);
    };
    unreferenced(doc, bounds, &mut add, look)?;
    unnamed(doc, bounds, &mut add)?;
    Ok(found.end(left_out))
}

type Add<'a> = &'a mut dyn FnMut(HiddenObject);

fn unreferenced(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    add: Add<'_>,
    look: &mut dyn FnMut(ObjectId, &Object),
) -> Result<(), ScanError> {
    let mut seen = HashSet::new();
    let mut open: Vec<ObjectId> = Vec::new();
    within(doc.trailer(), &mut open);
    while let Some(id) = open.pop() {
        if seen.insert(id.number) {
            let object = readable(doc.object(id))?;
            look(id, &object);
            mentions(&object, &mut open);
        }
    }
    for object in in_order(doc, bounds)? {
        if seen.contains(&object.number) {
            continue;
        }
        let value = readable(doc.object(object))?;
        let what = value.as_dictionary().or(stream(&value)).and_then(|d| d.name("Type"));
        if !matches!(what, Some("XRef" | "ObjStm")) {
            let what = what.map(str::to_owned);
            add(HiddenObject { object, kind: HiddenKind::Unreferenced, what });
        }
    }
    Ok(())
}

fn stream(object: &Object) -> Option<&Dictionary> {
    match object {
        Object::Stream(stream) => Some(&stream.dictionary),
        _ => None,
    }
}

fn mentions(object: &Object, open: &mut Vec<ObjectId>) {
    match object {
        Object::Reference(id) => open.push(*id),
        Object::Array(items) => items.iter().for_each(|item| mentions(item, open)),
        Object::Dictionary(dictionary) => within(dictionary, open),
        Object::Stream(stream) => within(&stream.dictionary, open),
        _ => {}
    }
}

fn within(dictionary: &Dictionary, open: &mut Vec<ObjectId>) {
    dictionary.iter().for_each(|(_, value)| mentions(value, open));
}

fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Null),
        other => other,
    }
}

/// Definitions that no section of any revision names. What lies within the data of a stream is none.
fn unnamed(doc: &Document<'_>, bounds: &ScanBounds, add: Add<'_>) -> Result<(), ScanError> {
    let known = known(doc, bounds)?;
    // The object that stood before the last definition, and where its stream ends.
    let mut stream: Option<(u64, Option<u64>)> = None;
    for (at, object) in definitions(doc, bounds)? {
        if known.contains(&at) {
            continue;
        }
        if let Some(&before) = known.range(..at).next_back() {
            let (_, end) = match stream {
                Some(last) if last.0 == before => last,
                _ => *stream.insert((before, doc.stream_end(before)?)),
            };
            if end.is_some_and(|end| at < end) {
                continue;
            }
        }
        add(HiddenObject { object, kind: HiddenKind::HiddenObject, what: None });
    }
    Ok(())
}

/// The place of every object that a section of the chain names, and of the sections themselves.
fn known(doc: &Document<'_>, bounds: &ScanBounds) -> Result<BTreeSet<u64>, ScanError> {
    let mut known: BTreeSet<u64> = doc.xref().sections.iter().copied().collect();
    let mut left = bounds.objects;
    doc.each_entry(&mut |_, entry| {
        left = left.checked_sub(1).ok_or(ReadError::TooComplex { limit: "objects" })?;
        if let Entry::InFile { offset, .. } = entry {
            known.insert(offset);
        }
        Ok(())
    })?;
    Ok(known)
}

/// Every `n g obj` of the file.
fn definitions(doc: &Document<'_>, bounds: &ScanBounds) -> Result<Vec<(u64, ObjectId)>, ScanError> {
    const CHUNK: usize = 1 << 20;
    const HEADER: usize = 40;
    let (source, mut found, mut at) = (doc.source(), Vec::new(), 0u64);
    let mut chunk = vec![0; CHUNK];
    while at < source.len() {
        let len = (source.len() - at).min(CHUNK as u64) as usize;
        source.read_at(at, &mut chunk[..len]).map_err(ReadError::from)?;
        for keyword in memchr::memmem::find_iter(&chunk[..len], b"obj") {
            let Some(start) = header_before(&chunk[..keyword]) else { continue };
            if let Some(object) = numbers(&chunk[start..keyword]) {
                found.push((at + start as u64, object));
            }
        }
        if found.len() as u64 > bounds.objects {
            return Err(ScanError::TooComplex { limit: bounds.objects });
        }
        if len < CHUNK {
            break;
        }
        at += (CHUNK - HEADER) as u64;
    }
    found.dedup();
    Ok(found)
}

fn numbers(header: &[u8]) -> Option<ObjectId> {
    let text = std::str::from_utf8(header).ok()?;
    let mut words = text.split_ascii_whitespace();
    Some(ObjectId::new(words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}
