//! Numbers that a revision mentions without having them: traps, for whoever defines them later
//! changes what the revision shows.

use std::collections::{BTreeSet, HashSet};

use sceau_pdf::{Dictionary, Document, Object, ObjectId, ReadError};

use super::step::MAX_OBJECTS;

/// More of them than this is an attack on the memory.
const MAX_AWAITED: usize = 500_000;

/// What the newest revision that was looked at awaits. The first look reads every object, each
/// further one the changed objects alone.
#[derive(Default)]
pub(super) struct Awaited {
    /// The length of that revision in bytes; 0 before the first look.
    of: u64,
    numbers: BTreeSet<u32>,
}

impl Awaited {
    /// The awaited ones among `fresh`, numbers that `new` defines and `old` does not.
    pub(super) fn among(
        &mut self,
        old: &Document<'_>,
        new: &Document<'_>,
        fresh: &BTreeSet<u32>,
        changed: &[ObjectId],
    ) -> Result<Vec<u32>, ReadError> {
        if self.of != old.source().len() {
            self.numbers.clear();
            self.read(old, &old.object_ids(MAX_OBJECTS)?)?;
        }
        let awaited = self.numbers.intersection(fresh).copied().collect();
        self.read(new, changed)?;
        self.of = new.source().len();
        Ok(awaited)
    }

    fn read(&mut self, document: &Document<'_>, objects: &[ObjectId]) -> Result<(), ReadError> {
        let known: HashSet<u32> =
            document.object_ids(MAX_OBJECTS)?.iter().map(|id| id.number).collect();
        for id in objects {
            // A broken object mentions nothing that a reader would follow.
            let object = match document.object(*id) {
                Ok(object) => object,
                Err(ReadError::Damaged { .. }) => continue,
                Err(error) => return Err(error),
            };
            mentions(&object, &mut |id| {
                if !known.contains(&id.number) {
                    self.numbers.insert(id.number);
                }
            });
            if self.numbers.len() > MAX_AWAITED {
                return Err(ReadError::TooComplex { limit: "dangling references" });
            }
        }
        self.numbers.retain(|number| !known.contains(number));
        Ok(())
    }
}

/// Every reference that stands in an object.
pub(super) fn mentions(object: &Object, found: &mut impl FnMut(ObjectId)) {
    match object {
        Object::Reference(id) => found(*id),
        Object::Array(items) => items.iter().for_each(|item| mentions(item, found)),
        Object::Dictionary(dictionary) => within(dictionary, found),
        Object::Stream(stream) => within(&stream.dictionary, found),
        _ => {}
    }
}

fn within(dictionary: &Dictionary, found: &mut impl FnMut(ObjectId)) {
    dictionary.iter().for_each(|(_, value)| mentions(value, found));
}
