//! One revision against the one before: every object that differs must be explained.

use std::collections::{BTreeMap, BTreeSet};

use sceau_pdf::{Dictionary, Document, Object, ObjectId};

use super::{Modified, dss, form};

/// Most objects that a comparison looks at.
const MAX_OBJECTS: u64 = 500_000;

/// Two neighbouring revisions and what is explained of their difference so far.
pub(super) struct Step<'d, 's> {
    pub(super) old: &'d Document<'s>,
    pub(super) new: &'d Document<'s>,
    /// Every object whose place differs, by number, as the new revision names it.
    pub(super) changed: BTreeMap<u32, ObjectId>,
    pub(super) explained: BTreeSet<u32>,
    pub(super) details: Vec<String>,
}

/// What the new revision adds, when it is an extension.
pub(super) fn judge(old: &Document<'_>, new: &Document<'_>) -> Result<Vec<String>, Modified> {
    if old.is_repaired() || new.is_repaired() {
        return Err(Modified::because("the cross-references are broken: nothing can be compared"));
    }
    if old.is_encrypted() || new.is_encrypted() {
        return Err(Modified::because("the document is encrypted: nothing can be compared"));
    }
    let changed = new.changed_objects(old, MAX_OBJECTS)?;
    let changed = changed.into_iter().map(|id| (id.number, id)).collect();
    let (explained, details) = Default::default();
    let mut step = Step { old, new, changed, explained, details };
    step.trailer()?;
    step.catalog()?;
    form::explain_pages(&mut step)?;
    step.containers()?;
    step.nothing_left()?;
    step.nothing_awaited()?;
    Ok(step.details)
}

impl Step<'_, '_> {
    /// The new revision may not have another catalog, another encryption or other information on
    /// the document than the old one.
    fn trailer(&self) -> Result<(), Modified> {
        for key in ["Root", "Encrypt", "Info"] {
            if self.old.trailer().get(key) != self.new.trailer().get(key) {
                return Err(Modified::because(format!("the trailer's /{key} was changed")));
            }
        }
        Ok(())
    }

    /// ISO 32000-2 §7.7.2: of the catalog, only the form, the validation data and the named
    /// extensions may differ.
    fn catalog(&mut self) -> Result<(), Modified> {
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        if let Some(root) = self.new.trailer().get("Root").and_then(Object::as_reference) {
            self.explain(root);
        }
        for key in differing_keys(&old, &new) {
            match key.as_str() {
                "AcroForm" | "DSS" => {}
                "Extensions" if new.get(&key).is_some_and(is_plain) => {}
                _ => return Err(Modified::because(format!("the catalog's /{key} was changed"))),
            }
        }
        dss::explain(self, old.get("DSS"), new.get("DSS"))?;
        form::explain(self, old.get("AcroForm"), new.get("AcroForm"))
    }

    /// Cross-reference and object streams hold other objects and are none themselves.
    fn containers(&mut self) -> Result<(), Modified> {
        for id in self.unexplained() {
            let is_container = match self.new.object(id)? {
                Object::Stream(stream) => {
                    matches!(stream.dictionary.name("Type"), Some("XRef" | "ObjStm"))
                }
                _ => false,
            };
            if is_container && self.is_fresh(id)? {
                self.explain(id);
            }
        }
        Ok(())
    }

    fn nothing_left(&self) -> Result<(), Modified> {
        let Some(id) = self.unexplained().into_iter().next() else { return Ok(()) };
        let verb = match (self.is_fresh(id)?, self.new.object(id)?) {
            (true, _) => "added",
            (false, Object::Null) => "removed",
            (false, _) => "changed",
        };
        let count = self.unexplained().len();
        Err(Modified::because(format!("object {id} was {verb} ({count} not explained in all)")))
    }

    /// A number that the old revision mentions without defining it is a trap: defining it later
    /// would change what the old revision shows.
    fn nothing_awaited(&self) -> Result<(), Modified> {
        let mut fresh = BTreeSet::new();
        for id in self.changed.values() {
            if self.is_fresh(*id)? {
                fresh.insert(id.number);
            }
        }
        if fresh.is_empty() {
            return Ok(());
        }
        for id in self.old.object_ids(MAX_OBJECTS)? {
            // A broken object mentions nothing that a reader would follow.
            let Ok(object) = self.old.object(id) else { continue };
            if let Some(number) = mentioned(&object, &fresh) {
                let reason =
                    format!("object {number} was awaited by object {id} before it was added");
                return Err(Modified::because(reason));
            }
        }
        Ok(())
    }

    pub(super) fn explain(&mut self, id: ObjectId) {
        self.explained.insert(id.number);
    }

    pub(super) fn unexplained(&self) -> Vec<ObjectId> {
        let open = |(number, _): &(&u32, &ObjectId)| !self.explained.contains(number);
        self.changed.iter().filter(open).map(|(_, id)| *id).collect()
    }

    /// Whether the number stood for nothing in the old revision.
    pub(super) fn is_fresh(&self, id: ObjectId) -> Result<bool, Modified> {
        let known = self.changed.contains_key(&id.number);
        Ok(known && self.old.object(id)? == Object::Null && !self.old.defines(id.number)?)
    }
}

/// The keys whose values differ, references unresolved.
pub(super) fn differing_keys(old: &Dictionary, new: &Dictionary) -> BTreeSet<String> {
    let keys = old.iter().chain(new.iter()).map(|(name, _)| name);
    keys.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned())
        .filter(|key| old.get(key) != new.get(key))
        .collect()
}

/// Whether a value mentions no other object.
pub(super) fn is_plain(object: &Object) -> bool {
    match object {
        Object::Reference(_) | Object::Stream(_) => false,
        Object::Array(items) => items.iter().all(is_plain),
        Object::Dictionary(dictionary) => dictionary.iter().all(|(_, value)| is_plain(value)),
        _ => true,
    }
}

fn mentioned(object: &Object, numbers: &BTreeSet<u32>) -> Option<u32> {
    match object {
        Object::Reference(id) => numbers.get(&id.number).copied(),
        Object::Array(items) => items.iter().find_map(|item| mentioned(item, numbers)),
        Object::Dictionary(dictionary) => within(dictionary, numbers),
        Object::Stream(stream) => within(&stream.dictionary, numbers),
        _ => None,
    }
}

fn within(dictionary: &Dictionary, numbers: &BTreeSet<u32>) -> Option<u32> {
    dictionary.iter().find_map(|(_, value)| mentioned(value, numbers))
}
