//! Validation data that was added: the document security store (ISO 32000-2 §12.8.4.3).

use sceau_pdf::{Dictionary, Object, ObjectId};

use super::Modified;
use super::step::Step;

/// Most objects that a security store refers to.
const MAX_OBJECTS: usize = 10_000;

/// Explains every changed object of the new security store, if it is one by its shape.
pub(super) fn explain(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), Modified> {
    let Some(new) = new else {
        return match old {
            None => Ok(()),
            Some(_) => Err(Modified::because("the validation data was removed")),
        };
    };
    let mut walk = Walk { step, found: Vec::new() };
    walk.store(new)?;
    let found: Vec<ObjectId> = walk.found;
    let earlier = earlier(step, old)?;
    let mut any = false;
    for id in found {
        if !step.changed.contains_key(&id.number) {
            continue;
        }
        if !step.is_fresh(id)? && !earlier.contains(&id) {
            return Err(Modified::because(format!("object {id} was turned into validation data")));
        }
        step.explain(id);
        any = true;
    }
    if any {
        step.details.push("validation data is added".to_owned());
    }
    Ok(())
}

/// The dictionaries and arrays of the old store: these alone may be replaced.
fn earlier(step: &Step<'_, '_>, old: Option<&Object>) -> Result<Vec<ObjectId>, Modified> {
    let Some(Object::Reference(store)) = old else { return Ok(Vec::new()) };
    let mut found = vec![*store];
    if let Object::Dictionary(dictionary) = step.old.object(*store)? {
        found.extend(dictionary.iter().filter_map(|(_, value)| value.as_reference()));
    }
    Ok(found)
}

struct Walk<'w, 'd, 's> {
    step: &'w Step<'d, 's>,
    found: Vec<ObjectId>,
}

impl Walk<'_, '_, '_> {
    fn store(&mut self, store: &Object) -> Result<(), Modified> {
        let store = self.dictionary(store)?;
        for (name, value) in store.iter() {
            match name.as_bytes() {
                b"Type" => {}
                b"Certs" | b"OCSPs" | b"CRLs" => self.streams(value)?,
                b"VRI" => self.related(value)?,
                _ => return Err(strange()),
            }
        }
        Ok(())
    }

    /// `/VRI`: a dictionary for each signature (ISO 32000-2, table 262).
    fn related(&mut self, value: &Object) -> Result<(), Modified> {
        for (_, entry) in self.dictionary(value)?.iter() {
            for (name, value) in self.dictionary(entry)?.iter() {
                match name.as_bytes() {
                    b"Type" | b"TU" => {}
                    b"Cert" | b"CRL" | b"OCSP" => self.streams(value)?,
                    b"TS" => self.stream(value)?,
                    _ => return Err(strange()),
                }
            }
        }
        Ok(())
    }

    fn streams(&mut self, value: &Object) -> Result<(), Modified> {
        match self.target(value)? {
            Object::Array(items) => items.iter().try_for_each(|item| self.stream(item)),
            _ => Err(strange()),
        }
    }

    /// A stream of DER and nothing that a page could show by name.
    fn stream(&mut self, value: &Object) -> Result<(), Modified> {
        let Object::Stream(stream) = self.target(value)? else { return Err(strange()) };
        let known = |name: &[u8]| {
            matches!(name, b"Length" | b"Filter" | b"DecodeParms" | b"Size" | b"Type")
        };
        if stream.dictionary.iter().all(|(name, _)| known(name.as_bytes())) {
            return Ok(());
        }
        Err(strange())
    }

    fn dictionary(&mut self, value: &Object) -> Result<Dictionary, Modified> {
        match self.target(value)? {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(strange()),
        }
    }

    fn target(&mut self, value: &Object) -> Result<Object, Modified> {
        if let Object::Reference(id) = value {
            if self.found.len() >= MAX_OBJECTS {
                return Err(strange());
            }
            self.found.push(*id);
        }
        Ok(self.step.new.resolve(value)?)
    }
}

fn strange() -> Modified {
    Modified::because("the validation data is not of the standard's form")
}
