//! All that a document is and holds, before it is signed or when somebody wonders.

use super::covered::{self, CoveredText};
use super::hidden::{self, HiddenObject};
use super::layers::{self, Layer};
use super::listed::LeftOut;
use super::listed::Listed;
use super::twice::{self, KeyTwice, twofold};
use super::{ActiveContent, ScanBounds, ScanError, active, fonts, overlaps};
use crate::{DocMdp, Document, Object, ObjectId, SignatureDictionary};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The version of the JSON form of [`Inspection`].
const INSPECTION_VERSION: u8 = 2;

/// What an inspection tells. Page numbers count from 1, object numbers are the file's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The version of this form.
    pub version: u8,
    /// The length of the file in bytes.
    pub len: u64,
    /// The version of PDF, as in `1.7`.
    pub pdf_version: String,
    /// The number of pages.
    pub pages: u32,
    /// Where the revisions end, in bytes, oldest first.
    pub revisions: Vec<u64>,
    /// Whether the cross-references are broken, so that readers may show different documents.
    pub broken_references: bool,
    /// The fields of the form.
    pub fields: Vec<InspectedField>,
    /// What is permitted after the signatures that stand there.
    pub permissions: Permissions,
    /// Fonts that are not in the file, by the name that pages ask for.
    pub missing_fonts: Vec<MissingFont>,
    /// What acts or reaches outside.
    pub active: Vec<ActiveContent>,
    /// Layers, shown or not.
    pub layers: Vec<Layer>,
    /// Annotations that lie over fields, or fields over each other.
    pub overlays: Vec<Overlay>,
    /// Objects that nothing refers to, or that no cross-reference names.
    pub hidden: Vec<HiddenObject>,
    /// Keys that stand twice in a dictionary, so that readers may show different documents.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub keys_twice: Vec<KeyTwice>,
    /// Text of pages that something covers.
    #[serde(default)]
    pub covered_text: Vec<CoveredText>,
    /// Where nobody looked, for it was too much or cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_looked_at: Vec<NotLookedAt>,
    /// Findings that were counted and are not listed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub left_out: Vec<LeftOut>,
}

/// Pages of which it is not known whether something lies over something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotLookedAt {
    /// For what nobody looked: `covered-text` or `overlay`.
    pub what: String,
    /// The page, from 1.
    pub page: u32,
    /// Whether the pages after it were not looked at either.
    pub onward: bool,
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedField {
    /// The full name.
    pub name: String,
    /// `/FT`, as in `Tx`, `Btn`, `Ch`, `Sig`.
    pub kind: Option<String>,
    /// Whether it is a signature field that is signed.
    pub signed: bool,
    /// The `/SubFilter` of its signature.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sub_filter: Option<String>,
    /// The signature that locks it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locked_by: Option<String>,
}

/// What may be done to the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// What certification and signatures allow; absent where nothing restricts.
    pub doc_mdp: Option<DocMdp>,
}

/// A font that readers replace by one of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingFont {
    /// `/BaseFont`.
    pub name: String,
    /// Whether it is one of the fourteen that readers must have (ISO 32000-1, 9.6.2.2).
    pub standard: bool,
    /// The object that asks for it.
    pub object: ObjectId,
}

/// Two things on a page, one over the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlay {
    /// The page, from 1.
    pub page: u32,
    /// What lies on top, by its subtype and name.
    pub above: String,
    /// The field beneath.
    pub beneath: String,
}

/// Why a guard would stop a document, in a word that settings and reports share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Danger {
    /// The word, as in `javascript` or `hidden-object`.
    pub word: String,
    /// Where, as in `object 12 0 R` or `page 3`.
    pub place: String,
    /// The page, from 1, where it is on one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<u32>,
    /// The object, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectId>,
}

impl Danger {
    fn new(word: &str, page: Option<u32>, object: Option<ObjectId>) -> Self {
        let parts = [
            page.map(|page| format!("page {page}")),
            object.map(|id| format!("object {} {} R", id.number, id.generation)),
        ];
        let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Self { word: word.to_owned(), place, page, object }
    }

    fn at(word: &str, place: String) -> Self {
        Self { place, ..Self::new(word, None, None) }
    }
}

impl Inspection {
    /// What could change what is seen after somebody signed: scripts and actions that are more than a
    /// link, external content, hidden layers, overlays, text beneath an object that one entry would take away,
    /// objects that one entry would bring back, dictionaries that say something twice.
    #[must_use]
    pub fn dangers(&self) -> Vec<Danger> {
        let active = self.active.iter().filter(|item| item.kind.is_dangerous());
        let of = |item: &ActiveContent| Danger::new(item.kind.word(), item.page, Some(item.object));
        let mut found: Vec<Danger> = active.map(of).collect();
        let off = self.layers.iter().filter(|layer| layer.hidden);
        found.extend(off.map(|one| Danger::at(layers::HIDDEN, format!("layer {}", one.name))));
        let over = self.overlays.iter();
        found.extend(over.map(|over| Danger::new(overlaps::OVERLAY, Some(over.page), None)));
        let covered = self.covered_text.iter().filter(|text| text.apart);
        let of = |text: &CoveredText| Danger::new(covered::COVERED, Some(text.page), text.object);
        found.extend(covered.map(of));
        let unseen = self.not_looked_at.iter();
        found.extend(unseen.map(|one| Danger::new("not-looked-at", Some(one.page), None)));
        let hidden = self.hidden.iter().filter(|object| object.is_dangerous());
        found.extend(hidden.map(|one| Danger::new(one.kind.word(), None, Some(one.object))));
        let twice = self.keys_twice.iter();
        found.extend(twice.map(|one| Danger::new(twice::KEY_TWICE, None, one.object)));
        if self.broken_references {
            found.push(Danger::at("broken-references", "the file".to_owned()));
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Inspects a document, within bounds.
///
/// # Errors
/// [`ScanError`] where the bounds end the scan, or the document is encrypted or broken.
pub fn inspect(doc: &Document<'_>, bounds: &ScanBounds) -> Result<Inspection, ScanError> {
    let mut left_out = Vec::new();
    let active = active(doc, bounds, &mut left_out)?;
    let overlays = overlaps::all(doc, bounds, &mut left_out)?;
    let (hidden, keys_twice) = hidden_and_twice(doc, bounds, &mut left_out)?;
    let (major, minor) = doc.version();
    let mut inspection = Inspection {
        version: INSPECTION_VERSION,
        len: doc.source().len(),
        pdf_version: format!("{major}.{minor}"),
        pages: doc.page_count()?,
        revisions: doc.revisions()?,
        broken_references: doc.is_repaired(),
        fields: fields(doc)?,
        permissions: Permissions {
            encrypted: doc.trailer().contains("Encrypt"),
            doc_mdp: doc.strictest_mdp()?,
        },
        missing_fonts: fonts::missing(doc, bounds, &mut left_out)?,
        active,
        layers: layers::all(doc, bounds, &mut left_out)?,
        overlays: overlays.overlays,
        hidden,
        keys_twice,
        covered_text: Vec::new(),
        not_looked_at: unseen(overlaps::OVERLAY, overlays.ended_at, true).collect(),
        left_out: Vec::new(),
    };
    // Last, for it may take what work is left.
    let covered = covered::all(doc, bounds, &mut left_out)?;
    inspection.not_looked_at.extend(unseen(covered::COVERED, covered.unreadable, false));
    inspection.not_looked_at.extend(unseen(covered::COVERED, covered.ended_at, true));
    (inspection.covered_text, inspection.left_out) = (covered.texts, left_out);
    Ok(inspection)
}

/// Both in one look at all objects. A title that is said twice, as LaTeX writes it, is no danger.
fn hidden_and_twice(
    doc: &Document<'_>,
    bounds: &ScanBounds,
    left_out: &mut Vec<LeftOut>,
) -> Result<(Vec<HiddenObject>, Vec<KeyTwice>), ScanError> {
    let mut found = Listed::new(bounds);
    let mut add = |place: Option<ObjectId>, object: &Object| {
        for one in twofold(object) {
            let key = String::from_utf8_lossy(one.key).into_owned();
            found.add(twice::KEY_TWICE, true, || KeyTwice { object: place, key });
        }
    };
    add(None, &Object::Dictionary(doc.trailer().clone()));
    let information = doc.trailer().get("Info").and_then(Object::as_reference);
    let hidden = hidden::all(doc, bounds, left_out, &mut |id, object| {
        if Some(id) != information {
            add(Some(id), object);
        }
    })?;
    Ok((hidden, found.end(left_out)))
}

fn unseen(
    what: &str,
    pages: impl IntoIterator<Item = u32>,
    onward: bool,
) -> impl Iterator<Item = NotLookedAt> {
    pages.into_iter().map(move |page| NotLookedAt { what: what.to_owned(), page, onward })
}

fn fields(doc: &Document<'_>) -> Result<Vec<InspectedField>, ScanError> {
    let signatures = doc.signature_fields()?;
    let values: HashMap<&str, &SignatureDictionary> = signatures
        .iter()
        .rev()
        .filter_map(|one| Some((one.name.as_str(), one.value.as_ref()?)))
        .collect();
    let locks = doc.locks()?;
    let mut fields = Vec::new();
    for field in doc.fields()? {
        let signature = values.get(field.name.as_str());
        fields.push(InspectedField {
            kind: field.kind,
            signed: signature.is_some(),
            sub_filter: signature.and_then(|value| value.sub_filter.clone()),
            locked_by: locks.of(&field.name).map(str::to_owned),
            name: field.name,
        });
    }
    Ok(fields)
}
