//! The field that takes a signature: a new invisible one, or an empty one of the document
//! (ISO 32000-2, 12.7.5.5).

use super::appearance::{self, Appearance};
use super::{FieldTarget, SignRefusal, SignatureRequest, SubFilter, tagged};
use crate::document::Field;
use crate::write::{Body, Increment, numbers};
use crate::{Dictionary, Document, Name, Object, ObjectId, PdfString};
use std::collections::HashSet;

/// `/F` of the widget: Print and Locked (table 167). PDF/A asks for the first.
const FLAGS: i64 = 4 + 128;

/// The field as it is asked for.
pub(super) struct Target {
    /// Its full name.
    pub(super) name: String,
    /// The existing field's object and dictionary.
    existing: Option<(ObjectId, Dictionary)>,
}

/// Finds the field that is asked for, or a free name for a new one.
pub(super) fn find(doc: &Document<'_>, req: &SignatureRequest) -> Result<Target, SignRefusal> {
    match &req.field {
        FieldTarget::New { name } if name.is_empty() || name.contains('.') => {
            Err(SignRefusal::Request { what: "a field name that is empty or has a full stop" })
        }
        FieldTarget::New { name } => Ok(Target { name: free_name(doc, name)?, existing: None }),
        FieldTarget::Existing { name } => existing(doc, name, req.sub_filter),
    }
}

impl Target {
    /// Whether the field has to be created.
    pub(super) fn is_new(&self) -> bool {
        self.existing.is_none()
    }

    /// What a signature over a field with a `/Lock` has to say (table 236).
    pub(super) fn lock_reference(
        &self,
        doc: &Document<'_>,
    ) -> Result<Option<Dictionary>, SignRefusal> {
        let Some((_, field)) = &self.existing else { return Ok(None) };
        let Object::Dictionary(lock) = doc.get(field, "Lock")? else { return Ok(None) };
        let mut parameters = Dictionary::new()
            .with("Type", Name::from("TransformParams"))
            .with("V", Name::from("1.2"));
        for key in ["Action", "Fields"] {
            if let Some(value) = lock.get(key) {
                parameters.set(key, value.clone());
            }
        }
        let reference = Dictionary::new()
            .with("Type", Name::from("SigRef"))
            .with("TransformMethod", Name::from("FieldMDP"))
            .with("TransformParams", parameters)
            .with("Data", doc.trailer().get("Root").cloned().unwrap_or(Object::Null));
        Ok(Some(reference))
    }
}

/// `wished`, or `wished-2`, `wished-3`… where fields have it.
fn free_name(doc: &Document<'_>, wished: &str) -> Result<String, SignRefusal> {
    let fields = doc.fields()?;
    let top = |field: &Field| field.name.split('.').next().unwrap_or_default().to_owned();
    let taken: HashSet<String> = fields.iter().map(top).collect();
    let numbered = (2..).map(|number| format!("{wished}-{number}"));
    let mut names = std::iter::once(wished.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    Ok(free.expect("invariant: there are more numbers than fields"))
}

fn existing(doc: &Document<'_>, name: &str, sub_filter: SubFilter) -> Result<Target, SignRefusal> {
    let refusal = |why| SignRefusal::Field { name: name.to_owned(), why };
    let field = doc.fields()?.into_iter().find(|field| field.name == name);
    let field = field.ok_or_else(|| refusal("there is none of this name"))?;
    if !field.is_signature() {
        return Err(refusal("it is no signature field"));
    }
    if doc.get(&field.dictionary, "V")? != Object::Null {
        return Err(refusal("it is signed already"));
    }
    seed(doc, &field.dictionary, sub_filter).map_err(|why| why.of(refusal))?;
    let object = field.object.ok_or_else(|| refusal("it is no indirect object"))?;
    Ok(Target { name: field.name, existing: Some((object, field.dictionary)) })
}

/// What a seed value dictionary has against this signature.
enum Against {
    Seed(&'static str),
    Read(crate::ReadError),
}

impl Against {
    fn of(self, refusal: impl Fn(&'static str) -> SignRefusal) -> SignRefusal {
        match self {
            Self::Seed(why) => refusal(why),
            Self::Read(error) => error.into(),
        }
    }
}

impl From<crate::ReadError> for Against {
    fn from(error: crate::ReadError) -> Self {
        Self::Read(error)
    }
}

/// Whether the constraints of `/SV` are met (table 237). Those that are marked required and are about
/// more than the filters are not looked into, but refused.
fn seed(doc: &Document<'_>, field: &Dictionary, sub_filter: SubFilter) -> Result<(), Against> {
    const FILTER: i64 = 1;
    const SUB_FILTER: i64 = 2;
    let Object::Dictionary(seed) = doc.get(field, "SV")? else { return Ok(()) };
    let required = doc.get(&seed, "Ff")?.as_integer().unwrap_or(0);
    if required & !(FILTER | SUB_FILTER) != 0 {
        return Err(Against::Seed("its seed value asks for what is not supported"));
    }
    let filter = doc.get(&seed, "Filter")?;
    if required & FILTER != 0 && filter.as_name() != Some("Adobe.PPKLite") {
        return Err(Against::Seed("its seed value asks for another filter"));
    }
    let allowed = doc.get(&seed, "SubFilter")?;
    let ours = |name: &Object| name.as_name() == Some(sub_filter.as_str());
    if required & SUB_FILTER != 0 && !allowed.as_array().unwrap_or_default().iter().any(ours) {
        return Err(Against::Seed("its seed value asks for another form of signature"));
    }
    Ok(())
}

/// Puts the signature into the field; gives back the field where it is new.
pub(super) fn write(
    increment: &mut Increment<'_, '_>,
    target: Target,
    value: ObjectId,
    seen: Option<&Appearance>,
) -> Result<Option<ObjectId>, SignRefusal> {
    match target.existing {
        Some((object, field)) => {
            fill(increment, object, field.with("V", value), seen)?;
            Ok(None)
        }
        None => create(increment, &target.name, value, seen).map(Some),
    }
}

/// An existing field: the appearance goes to its widget, itself or its first kid (12.7.4.1).
fn fill(
    increment: &mut Increment<'_, '_>,
    object: ObjectId,
    mut field: Dictionary,
    seen: Option<&Appearance>,
) -> Result<(), SignRefusal> {
    if let Some(seen) = seen {
        let kids = increment.get(&field, "Kids")?;
        let kid = kids.as_array().and_then(|kids| kids.first()).and_then(Object::as_reference);
        match kid.map(|kid| Ok::<_, crate::ReadError>((kid, increment.object(kid)?))).transpose()? {
            Some((kid, Object::Dictionary(widget))) if !field.contains("Rect") => {
                let widget = shown(increment, widget, seen)?;
                increment.put(kid, Body::Object(widget.into()));
            }
            _ => field = shown(increment, field, seen)?,
        }
    }
    increment.put(object, Body::Object(field.into()));
    Ok(())
}

/// The widget with its appearance, in its own rectangle.
fn shown(
    increment: &mut Increment<'_, '_>,
    mut widget: Dictionary,
    seen: &Appearance,
) -> Result<Dictionary, SignRefusal> {
    let spot = appearance::spot(increment.doc(), seen, Some(&widget))?;
    for (key, value) in appearance::drawn(increment, seen, &spot)?.0 {
        widget.set(&String::from_utf8_lossy(key.as_bytes()), value);
    }
    if !widget.contains("TU") {
        widget.set("TU", PdfString::text(&seen.accessible_name));
    }
    Ok(widget)
}

/// A field that is its own widget: where it is to be seen, or on page 1 without extent (12.7.5.5:
/// then it is invisible).
fn create(
    increment: &mut Increment<'_, '_>,
    name: &str,
    value: ObjectId,
    seen: Option<&Appearance>,
) -> Result<ObjectId, SignRefusal> {
    let mut widget = Dictionary::new()
        .with("Type", Name::from("Annot"))
        .with("Subtype", Name::from("Widget"))
        .with("FT", Name::from("Sig"))
        .with("T", PdfString::text(name))
        .with("V", value);
    let page = match seen {
        Some(seen) => {
            let spot = appearance::spot(increment.doc(), seen, None)?;
            widget.set("Rect", numbers(spot.rectangle));
            widget = shown_at(increment, widget, seen, &spot)?;
            spot.page
        }
        None => {
            widget.set("Rect", vec![Object::from(0); 4]);
            if let Some(empty) = appearance::empty(increment)? {
                widget.set("AP", empty);
            }
            increment.doc().page(0)?.ok_or(SignRefusal::NoPage)?
        }
    };
    let mut widget = widget.with("F", FLAGS).with("P", page.object);
    let field = increment.allocate()?;
    let mut dictionary = page.dictionary.clone();
    let grows = tagged::may_grow(increment)?;
    let ordered = grows && tagged::in_order(&mut dictionary);
    if grows && seen.is_some() {
        tagged::enter(increment, &mut widget, field, &page)?;
    }
    increment.put(field, Body::Object(widget.into()));
    if increment.push(&mut dictionary, "Annots", field.into())? || ordered {
        increment.put(page.object, Body::Object(dictionary.into()));
    }
    Ok(field)
}

fn shown_at(
    increment: &mut Increment<'_, '_>,
    mut widget: Dictionary,
    seen: &Appearance,
    spot: &appearance::Spot,
) -> Result<Dictionary, SignRefusal> {
    for (key, value) in appearance::drawn(increment, seen, spot)?.0 {
        widget.set(&String::from_utf8_lossy(key.as_bytes()), value);
    }
    Ok(widget.with("TU", PdfString::text(&seen.accessible_name)))
}
