//! The form: its fields by full name, and the signature fields among them (ISO 32000-2, 12.7).

use super::signature::SignatureField;
use super::{Document, SignatureDictionary};
use crate::{Dictionary, Object, ObjectId, PdfString, ReadError};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How deep the tree of fields may be.
const DEPTH: usize = 32;

/// What the names and dictionaries of all fields may take of memory together, in bytes: names pile up
/// from level to level, and many fields may have one long string for theirs.
const MAX_KEPT: usize = 64 << 20;

/// A field that has no fields under it.
#[derive(Debug, Clone)]
pub struct Field {
    /// The full name: the partial names from the root, joined by full stops.
    pub name: String,
    /// `/FT`, own or inherited.
    pub kind: Option<String>,
    /// The field's object; none where it stands directly in an array.
    pub object: Option<ObjectId>,
    /// The field's own dictionary.
    pub dictionary: Dictionary,
}

/// What a field inherits.
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    kind: Option<String>,
}

impl Document<'_> {
    /// All signature fields in the form's order, signed or empty.
    ///
    /// # Errors
    /// [`ReadError`] where the form is broken or beyond a limit.
    pub fn signature_fields(&self) -> Result<Vec<SignatureField>, ReadError> {
        let fields = self.fields()?;
        fields.into_iter().filter(Field::is_signature).map(|field| self.signature(field)).collect()
    }

    /// All fields of the form that have none under them, in the form's order.
    ///
    /// # Errors
    /// As [`signature_fields`](Self::signature_fields).
    pub fn fields(&self) -> Result<Vec<Field>, ReadError> {
        let Object::Dictionary(form) = self.get(&self.catalog()?, "AcroForm")? else {
            return Ok(Vec::new());
        };
        let (found, visited, texts) = Default::default();
        let mut walk = Walk { doc: self, found, visited, texts, nodes: 0, kept: 0 };
        walk.list(&self.get(&form, "Fields")?, &Inherited::default(), DEPTH)?;
        Ok(walk.found)
    }

    fn signature(&self, field: Field) -> Result<SignatureField, ReadError> {
        let value = match field.dictionary.get("V") {
            Some(value) => SignatureDictionary::read(self, value)?,
            None => None,
        };
        let Field { name, object, dictionary, .. } = field;
        Ok(SignatureField { name, object, dictionary, value })
    }
}

impl Field {
    pub(crate) fn is_signature(&self) -> bool {
        self.kind.as_deref() == Some("Sig")
    }
}

struct Walk<'d, 's> {
    doc: &'d Document<'s>,
    found: Vec<Field>,
    visited: HashSet<ObjectId>,
    /// The texts and names that stand in objects of their own, for many fields may refer to one.
    texts: HashMap<ObjectId, Option<Rc<str>>>,
    nodes: usize,
    /// About so many bytes of memory are used so far.
    kept: usize,
}

impl Walk<'_, '_> {
    fn list(&mut self, items: &Object, above: &Inherited, depth: usize) -> Result<(), ReadError> {
        let depth = depth.checked_sub(1).ok_or(ReadError::TooComplex { limit: "field depth" })?;
        for item in items.as_array().unwrap_or_default() {
            self.node(item, above, depth)?;
        }
        Ok(())
    }

    fn node(&mut self, item: &Object, above: &Inherited, depth: usize) -> Result<(), ReadError> {
        self.nodes += 1;
        if self.nodes > self.doc.limits().fields {
            return Err(ReadError::TooComplex { limit: "fields" });
        }
        let object = item.as_reference();
        if object.is_some_and(|id| !self.visited.insert(id)) {
            return Ok(());
        }
        let Object::Dictionary(dictionary) = self.doc.resolve(item)? else { return Ok(()) };
        let own = self.inherit(&dictionary, above)?;
        self.keep(own.name.len())?;
        let kids = self.doc.get(&dictionary, "Kids")?;
        if self.has_fields(&kids)? {
            return self.list(&kids, &own, depth);
        }
        self.keep(size(&dictionary))?;
        self.found.push(Field { name: own.name, kind: own.kind, object, dictionary });
        Ok(())
    }

    fn keep(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > MAX_KEPT { Err(ReadError::TooComplex { limit: "fields" }) } else { Ok(()) }
    }

    fn inherit(
        &mut self,
        dictionary: &Dictionary,
        above: &Inherited,
    ) -> Result<Inherited, ReadError> {
        let mut own = above.clone();
        let partial = |object: &Object| object.as_string().map(PdfString::to_text);
        if let Some(partial) = self.text(dictionary.get("T"), partial)? {
            let dot = if own.name.is_empty() { "" } else { "." };
            own.name = format!("{}{dot}{partial}", own.name);
        }
        let kind = |object: &Object| object.as_name().map(str::to_owned);
        if let Some(kind) = self.text(dictionary.get("FT"), kind)? {
            own.kind = Some((*kind).to_owned());
        }
        Ok(own)
    }

    /// What `read` makes of a value; an object that holds one is read once.
    fn text(
        &mut self,
        value: Option<&Object>,
        read: impl Fn(&Object) -> Option<String>,
    ) -> Result<Option<Rc<str>>, ReadError> {
        let Some(value) = value else { return Ok(None) };
        let Some(id) = value.as_reference() else { return Ok(read(value).map(Rc::from)) };
        if let Some(known) = self.texts.get(&id) {
            return Ok(known.clone());
        }
        let text: Option<Rc<str>> = read(&self.doc.resolve(value)?).map(Rc::from);
        self.keep(text.as_ref().map_or(0, |text| text.len()))?;
        self.texts.insert(id, text.clone());
        Ok(text)
    }

    /// Kids without a partial name are the field's widgets (12.7.4.1).
    fn has_fields(&self, kids: &Object) -> Result<bool, ReadError> {
        for kid in kids.as_array().unwrap_or_default() {
            if let Object::Dictionary(kid) = self.doc.resolve(kid)?
                && kid.contains("T")
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// About what a dictionary takes of memory, in bytes.
fn size(dictionary: &Dictionary) -> usize {
    let entry =
        |(name, value): (&crate::Name, &Object)| 48 + name.as_bytes().len() + size_of(value);
    dictionary.iter().map(entry).sum()
}

fn size_of(object: &Object) -> usize {
    std::mem::size_of::<Object>()
        + match object {
            Object::String(string) => string.0.len(),
            Object::Name(name) => name.as_bytes().len(),
            Object::Real(real) => real.as_str().len(),
            Object::Array(items) => items.iter().map(size_of).sum(),
            Object::Dictionary(dictionary) => size(dictionary),
            _ => 0,
        }
}
