//! Validation data that was added: the document security store (ISO 32000-2 §12.8.4.3).

use sceau_pdf::{Dictionary, Object, ObjectId, ReadError};

use super::super::step::{Step, told};
use super::Guard;
use crate::report::What;

/// Most objects that a security store refers to.
const MAX_OBJECTS: usize = 10_000;

/// Why the walk ended.
enum Stop {
    /// It is not of the standard's form.
    Strange,
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Explains every changed object of the new security store, if it is one by its shape.
pub(super) fn explain(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), ReadError> {
    let Some(new) = new else {
        if old.is_some() {
            step.refuse(Guard::ValidationData, What::ValidationDataRemoved, None, None);
        }
        return Ok(());
    };
    let mut walk = Walk { step, found: Vec::new() };
    let walked = walk.store(new);
    let found: Vec<ObjectId> = walk.found;
    match walked {
        Ok(()) => {}
        Err(Stop::Read(error)) => return Err(error),
        Err(Stop::Strange) => {
            let id = new.as_reference();
            if step.refuse(Guard::ValidationData, What::ValidationDataStrange, id, None) {
                return Ok(());
            }
        }
    }
    adopt(step, old, &found)
}

fn adopt(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    found: &[ObjectId],
) -> Result<(), ReadError> {
    let earlier = earlier(step, old)?;
    let mut any = false;
    for &id in found.iter().filter(|id| step.differs(**id)).collect::<Vec<_>>() {
        let fits = step.is_fresh(id)? || earlier.contains(&id);
        if !fits && step.refuse(Guard::ValidationData, What::Repurposed, Some(id), Some(&told(id)))
        {
            return Ok(());
        }
        step.explain(id);
        any = true;
    }
    if any {
        step.tell(What::ValidationDataAdded, None, None);
    }
    Ok(())
}

/// The dictionaries and arrays of the old store: these alone may be replaced.
fn earlier(step: &Step<'_, '_>, old: Option<&Object>) -> Result<Vec<ObjectId>, ReadError> {
    let Some(old) = old else { return Ok(Vec::new()) };
    let mut found: Vec<ObjectId> = old.as_reference().into_iter().collect();
    if let Object::Dictionary(dictionary) = step.old.resolve(old)? {
        found.extend(dictionary.iter().filter_map(|(_, value)| value.as_reference()));
        if let Object::Dictionary(related) = step.old.get(&dictionary, "VRI")? {
            found.extend(related.iter().filter_map(|(_, value)| value.as_reference()));
        }
    }
    Ok(found)
}

/// A new dictionary of `/VRI` that no store has any more: pyHanko left it behind when it wrote another store. By its
/// shape it shows nothing, wherever it is mentioned.
pub(super) fn left_behind(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    for id in step.unexplained() {
        let related = match step.new.object(id) {
            Ok(Object::Dictionary(entry)) if entry.name("Type") == Some("VRI") => entry,
            Ok(_) | Err(ReadError::Damaged { .. }) => continue,
            Err(error) => return Err(error),
        };
        let mut walk = Walk { step, found: vec![id] };
        let walked = walk.entry(&related);
        let found = walk.found;
        match walked {
            Ok(()) if all_fresh(step, &found)? => found.iter().for_each(|id| step.explain(*id)),
            Ok(()) | Err(Stop::Strange) => {}
            Err(Stop::Read(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Whether those that differ are new.
fn all_fresh(step: &Step<'_, '_>, found: &[ObjectId]) -> Result<bool, ReadError> {
    for id in found.iter().filter(|id| step.differs(**id)) {
        if !step.is_fresh(*id)? {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Walk<'w, 'd, 's> {
    step: &'w Step<'d, 's>,
    found: Vec<ObjectId>,
}

impl Walk<'_, '_, '_> {
    fn store(&mut self, store: &Object) -> Result<(), Stop> {
        let store = self.dictionary(store)?;
        for (name, value) in store.iter() {
            match name.as_bytes() {
                b"Type" => {}
                b"Certs" | b"OCSPs" | b"CRLs" => self.streams(value)?,
                b"VRI" => self.related(value)?,
                _ => return Err(Stop::Strange),
            }
        }
        Ok(())
    }

    /// `/VRI`: a dictionary for each signature (ISO 32000-2, table 262).
    fn related(&mut self, value: &Object) -> Result<(), Stop> {
        for (_, entry) in self.dictionary(value)?.iter() {
            let entry = self.dictionary(entry)?;
            self.entry(&entry)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Dictionary) -> Result<(), Stop> {
        for (name, value) in entry.iter() {
            match name.as_bytes() {
                b"Type" | b"TU" => {}
                b"Cert" | b"CRL" | b"OCSP" => self.streams(value)?,
                b"TS" => self.stream(value)?,
                _ => return Err(Stop::Strange),
            }
        }
        Ok(())
    }

    fn streams(&mut self, value: &Object) -> Result<(), Stop> {
        match self.target(value)? {
            Object::Array(items) => items.iter().try_for_each(|item| self.stream(item)),
            _ => Err(Stop::Strange),
        }
    }

    /// A stream of DER and nothing that a page could show by name.
    fn stream(&mut self, value: &Object) -> Result<(), Stop> {
        let Object::Stream(stream) = self.target(value)? else { return Err(Stop::Strange) };
        let known = |name: &[u8]| {
            matches!(name, b"Length" | b"Filter" | b"DecodeParms" | b"Size" | b"Type")
        };
        if stream.dictionary.iter().all(|(name, _)| known(name.as_bytes())) {
            if let Some(length @ Object::Reference(_)) = stream.dictionary.get("Length") {
                self.target(length)?;
            }
            return Ok(());
        }
        Err(Stop::Strange)
    }

    fn dictionary(&mut self, value: &Object) -> Result<Dictionary, Stop> {
        match self.target(value)? {
            Object::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(Stop::Strange),
        }
    }

    fn target(&mut self, value: &Object) -> Result<Object, Stop> {
        if let Object::Reference(id) = value {
            if self.found.len() >= MAX_OBJECTS {
                return Err(Stop::Strange);
            }
            self.found.push(*id);
        }
        Ok(self.step.new.resolve(value)?)
    }
}
