//! What a person sees of a file, as lopdf reads it: the pages with all that they draw, and what happens on
//! opening.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lopdf::{Dictionary, Document, Object, ObjectId};

/// Of the catalog, what may grow and shows nothing by itself; the form's fields are looked at on the pages.
const QUIET: [&[u8]; 5] = [b"AcroForm", b"DSS", b"Metadata", b"Extensions", b"Version"];
/// Of a field that is filled in: nothing locks it in these files.
const FILLED: [&[u8]; 3] = [b"V", b"AP", b"M"];
const BACK: [&[u8]; 3] = [b"Parent", b"P", b"Length"];

/// Whether both show the same. What lopdf cannot read shows something else.
pub(crate) fn same(old: &[u8], new: &[u8]) -> bool {
    match (picture(old), picture(new)) {
        (Some(old), Some(new)) => old == new,
        _ => false,
    }
}

/// Whether lopdf reads it at all.
pub(crate) fn reads(file: &[u8]) -> bool {
    picture(file).is_some()
}

pub(crate) fn picture(file: &[u8]) -> Option<String> {
    let document = Document::load_mem(file).ok()?;
    let mut out = String::new();
    let catalog = document.catalog().ok()?;
    let quiet: Vec<&[u8]> = QUIET.iter().chain(&[&b"Pages"[..]]).copied().collect();
    dictionary(&document, catalog, &quiet, &mut BTreeSet::new(), &mut out);
    for id in document.get_pages().values() {
        page(&document, *id, &mut out)?;
    }
    Some(out)
}

fn page(document: &Document, id: ObjectId, out: &mut String) -> Option<()> {
    let page = document.get_dictionary(id).ok()?;
    out.push_str("\npage");
    dictionary(document, page, &[b"Annots", b"Parent"], &mut BTreeSet::new(), out);
    // What the page inherits.
    let mut parent = page.get(b"Parent").ok().and_then(|parent| parent.as_reference().ok());
    for _ in 0..8 {
        let Some(above) = parent.and_then(|id| document.get_dictionary(id).ok()) else { break };
        dictionary(document, above, &[b"Kids", b"Parent", b"Count"], &mut BTreeSet::new(), out);
        parent = above.get(b"Parent").ok().and_then(|parent| parent.as_reference().ok());
    }
    let listed = page.get(b"Annots").ok().map(|value| resolve(document, value));
    for annotation in listed.and_then(|list| list.as_array().ok()).into_iter().flatten() {
        let Ok(annotation) = resolve(document, annotation).as_dict() else { continue };
        let is = |kind: &[u8]| {
            annotation.get(b"FT").is_ok_and(|ft| ft.as_name().is_ok_and(|n| n == kind))
        };
        if is(b"Sig") {
            continue;
        }
        let skipped: &[&[u8]] = if is(b"Tx") || is(b"Ch") { &FILLED } else { &[] };
        out.push_str("\nannotation");
        dictionary(document, annotation, skipped, &mut BTreeSet::new(), out);
    }
    Some(())
}

fn resolve<'d>(document: &'d Document, object: &'d Object) -> &'d Object {
    match object {
        Object::Reference(id) => document.get_object(*id).unwrap_or(&Object::Null),
        other => other,
    }
}

fn dictionary(
    document: &Document,
    dictionary: &Dictionary,
    skipped: &[&[u8]],
    within: &mut BTreeSet<ObjectId>,
    out: &mut String,
) {
    let mut entries: Vec<_> = dictionary.iter().collect();
    entries.sort_by_key(|(key, _)| key.to_vec());
    out.push_str("<<");
    for (key, value) in entries {
        if !skipped.contains(&key.as_slice()) && !BACK.contains(&key.as_slice()) {
            let _ = write!(out, "/{} ", String::from_utf8_lossy(key));
            object(document, value, within, out);
        }
    }
    out.push_str(">>");
}

fn object(document: &Document, value: &Object, within: &mut BTreeSet<ObjectId>, out: &mut String) {
    match value {
        Object::Reference(id) => {
            if within.insert(*id) {
                object(document, resolve(document, value), within, out);
                within.remove(id);
            }
        }
        Object::Array(items) => items.iter().for_each(|item| object(document, item, within, out)),
        Object::Dictionary(inner) => dictionary(document, inner, &[], within, out),
        Object::Stream(stream) => {
            dictionary(document, &stream.dict, &[], within, out);
            let _ = write!(out, "{:?}", stream.content);
        }
        other => {
            let _ = write!(out, "{other:?} ");
        }
    }
}
