//! Attachments: an embedded file, its specification, the name tree and the associated files
//! (ISO 32000-2, 7.11.3, 7.11.4, 7.9.6, 14.13).

use super::{Attachment, Relationship, UpdateRefusal};
use crate::filter::deflate;
use crate::sign::date;
use crate::write::{Body, Increment};
use crate::{Dictionary, Name, Object, ObjectId, PdfString, ReadError};
use std::collections::HashSet;

/// More attachments than this are not sorted into.
const MAX_NAMES: usize = 10_000;
/// How deep the name tree may be.
const DEPTH: usize = 32;

pub(super) fn apply(
    increment: &mut Increment<'_, '_>,
    attachment: &Attachment,
) -> Result<(), UpdateRefusal> {
    let name = &attachment.file_name;
    if name.is_empty() || name.contains(['/', '\\', '\0']) {
        return Err(UpdateRefusal::Request {
            what: "an attachment's name that is empty or a path",
        });
    }
    let file = increment.add(embedded(attachment))?;
    let specification = specification(attachment, file);
    let specification = increment.add(Body::Object(specification.into()))?;
    let mut catalog = increment.catalog()?;
    add_name(increment, &mut catalog, name, specification)?;
    increment.push(&mut catalog, "AF", specification.into())?;
    increment.put(increment.root()?, Body::Object(catalog.into()));
    Ok(())
}

/// The embedded file stream (table 44), deflated where that makes it smaller.
fn embedded(attachment: &Attachment) -> Body {
    let mut parameters = Dictionary::new().with("Size", attachment.bytes.len() as i64);
    if let Some(modified) = attachment.modified {
        parameters.set("ModDate", date(modified));
    }
    let dictionary = Dictionary::new()
        .with("Type", Name::from("EmbeddedFile"))
        .with("Subtype", Name::new(attachment.media_type.as_bytes()))
        .with("Params", parameters);
    let deflated = deflate(&attachment.bytes);
    if deflated.len() < attachment.bytes.len() {
        let dictionary = dictionary.with("Filter", Name::from("FlateDecode"));
        return Body::Stream { dictionary, data: deflated };
    }
    Body::Stream { dictionary, data: attachment.bytes.clone() }
}

/// The file specification (table 43).
fn specification(attachment: &Attachment, file: ObjectId) -> Dictionary {
    let name = PdfString::text(&attachment.file_name);
    let mut specification = Dictionary::new()
        .with("Type", Name::from("Filespec"))
        .with("F", name.clone())
        .with("UF", name)
        .with("AFRelationship", Name::from(relationship(attachment.relationship)))
        .with("EF", Dictionary::new().with("F", file).with("UF", file));
    if let Some(description) = &attachment.description {
        specification.set("Desc", PdfString::text(description));
    }
    specification
}

fn relationship(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Source => "Source",
        Relationship::Data => "Data",
        Relationship::Alternative => "Alternative",
        Relationship::Supplement => "Supplement",
        Relationship::Unspecified => "Unspecified",
    }
}

/// Writes the name tree anew as one leaf, with the new name sorted in. Changes `catalog` where the
/// names stand in it.
fn add_name(
    increment: &mut Increment<'_, '_>,
    catalog: &mut Dictionary,
    wished: &str,
    specification: ObjectId,
) -> Result<(), UpdateRefusal> {
    let names_own = catalog.get("Names").and_then(Object::as_reference);
    let names = increment.get(catalog, "Names")?;
    let mut names = names.as_dictionary().cloned().unwrap_or_default();
    let tree = increment.get(&names, "EmbeddedFiles")?;
    let mut walk = Walk { increment, entries: Vec::new(), visited: HashSet::new() };
    walk.node(&tree, DEPTH)?;
    let mut entries = walk.entries;
    let taken: HashSet<Vec<u8>> = entries.iter().map(|(key, _)| key.bytes()).collect();
    entries.push((free_key(wished, &taken), specification.into()));
    entries.sort_by_key(|(key, _)| key.bytes());
    let flat: Vec<Object> =
        entries.into_iter().flat_map(|(key, value)| [Object::from(key), value]).collect();
    let leaf = Body::Object(Dictionary::new().with("Names", flat).into());
    match names.get("EmbeddedFiles").and_then(Object::as_reference) {
        Some(own) => increment.put(own, leaf),
        None => {
            names.set("EmbeddedFiles", increment.add(leaf)?);
            match names_own {
                Some(own) => increment.put(own, Body::Object(names.into())),
                None => catalog.set("Names", names),
            }
        }
    }
    Ok(())
}

fn free_key(wished: &str, taken: &HashSet<Vec<u8>>) -> PdfString {
    let numbered = (2..).map(|number| format!("{wished} ({number})"));
    let mut keys =
        std::iter::once(wished.to_owned()).chain(numbered).map(|key| PdfString::text(&key));
    let free = keys.find(|key| !taken.contains(&key.bytes()));
    free.expect("invariant: there are more numbers than names")
}

/// Collects the leaves of a name tree.
struct Walk<'i, 'd, 's> {
    increment: &'i Increment<'d, 's>,
    entries: Vec<(PdfString, Object)>,
    visited: HashSet<ObjectId>,
}

impl Walk<'_, '_, '_> {
    fn node(&mut self, node: &Object, depth: usize) -> Result<(), UpdateRefusal> {
        let depth = depth
            .checked_sub(1)
            .ok_or(UpdateRefusal::Unsupported { what: "its tree of attachments is too deep" })?;
        let Some(node) = node.as_dictionary() else { return Ok(()) };
        let names = self.increment.get(node, "Names")?;
        for pair in names.as_array().unwrap_or_default().chunks_exact(2) {
            if let Object::String(key) = self.increment.resolve(&pair[0])? {
                self.entries.push((key, pair[1].clone()));
            }
        }
        if self.entries.len() > MAX_NAMES {
            return Err(UpdateRefusal::Unsupported { what: "it has too many attachments" });
        }
        let kids = self.increment.get(node, "Kids")?;
        for kid in kids.as_array().unwrap_or_default() {
            let seen = kid.as_reference().is_some_and(|id| !self.visited.insert(id));
            if seen {
                return Err(ReadError::damaged("the tree of attachments is a loop").into());
            }
            let kid = self.increment.resolve(kid)?;
            self.node(&kid, depth)?;
        }
        Ok(())
    }
}
