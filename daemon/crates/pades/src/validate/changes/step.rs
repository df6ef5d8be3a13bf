//! One revision against the one before: every object that differs must be explained.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use sceau_pdf::{Dictionary, DocMdp, Document, Locks, Object, ObjectId, ReadError};

use super::awaited::Awaited;
use super::places::{Places, first_other_page};
use super::same::{by_name, same};
use super::{Guard, Guards, rules, unreadable};
use crate::report::{ChangeItem, What};

/// Most objects that a comparison looks at.
pub(super) const MAX_OBJECTS: u64 = 500_000;
/// Most things that are told of one revision.
const MAX_TOLD: usize = 200;
/// Most new objects that hang on one.
const MAX_ADOPTED: usize = 10_000;

/// Two neighbouring revisions and what is explained of their difference so far.
pub(super) struct Step<'d, 's> {
    pub(super) old: &'d Document<'s>,
    pub(super) new: &'d Document<'s>,
    pub(super) guards: Guards,
    /// Every object whose place differs, by number, as the new revision names it.
    pub(super) changed: BTreeMap<u32, ObjectId>,
    pub(super) explained: BTreeSet<u32>,
    /// Streams of the old revision that show a field and were replaced, and the dictionaries that name them.
    pub(super) replaced: BTreeSet<u32>,
    /// What shows the signature fields that were added and explained, by number.
    pub(super) widgets: BTreeSet<u32>,
    /// Fonts that came with the new revision, by number: whether the old one had the same.
    pub(super) fonts: RefCell<BTreeMap<u32, bool>>,
    /// What was looked at for that.
    pub(super) font_looks: Cell<usize>,
    rights: OnceCell<Rights>,
    told: Vec<Told>,
}

/// What the old revision's signatures allow to come after them. It takes a walk of the whole form, and is
/// asked about each field that was filled.
pub(super) struct Rights {
    pub(super) mdp: Option<DocMdp>,
    pub(super) locks: Locks,
}

struct Told {
    what: What,
    object: Option<ObjectId>,
    subject: Option<String>,
}

/// What the new revision does, in the order in which the rules saw it.
pub(super) fn judge(
    old: &Document<'_>,
    new: &Document<'_>,
    guards: Guards,
    awaited: &mut Awaited,
) -> Vec<ChangeItem> {
    let mut step = Step {
        old,
        new,
        guards,
        changed: BTreeMap::new(),
        explained: BTreeSet::new(),
        replaced: BTreeSet::new(),
        widgets: BTreeSet::new(),
        fonts: RefCell::default(),
        font_looks: Cell::default(),
        rights: OnceCell::new(),
        told: Vec::new(),
    };
    if let Err(error) = rules::apply(&mut step, awaited) {
        let (what, subject) = unreadable(&error);
        step.told.push(Told { what, object: None, subject });
    }
    step.items()
}

impl Step<'_, '_> {
    /// Finds out what differs.
    pub(super) fn look(&mut self) -> Result<(), ReadError> {
        let changed = self.new.changed_objects(self.old, MAX_OBJECTS)?;
        self.changed = changed.into_iter().map(|id| (id.number, id)).collect();
        Ok(())
    }

    /// What may come after the old revision.
    pub(super) fn rights(&self) -> Result<&Rights, ReadError> {
        if let Some(known) = self.rights.get() {
            return Ok(known);
        }
        let rights = Rights { mdp: self.old.strictest_mdp()?, locks: self.old.locks()? };
        Ok(self.rights.get_or_init(|| rights))
    }

    pub(super) fn explain(&mut self, id: ObjectId) {
        self.explained.insert(id.number);
    }

    pub(super) fn unexplained(&self) -> Vec<ObjectId> {
        let open = |(number, _): &(&u32, &ObjectId)| !self.explained.contains(number);
        self.changed.iter().filter(open).map(|(_, id)| *id).collect()
    }

    pub(super) fn differs(&self, id: ObjectId) -> bool {
        self.changed.contains_key(&id.number)
    }

    /// Whether the number stood for nothing in the old revision.
    pub(super) fn is_fresh(&self, id: ObjectId) -> Result<bool, ReadError> {
        Ok(self.differs(id)
            && self.old.object(id)? == Object::Null
            && !self.old.defines(id.number)?)
    }

    /// Tells what is permitted.
    pub(super) fn tell(&mut self, what: What, object: Option<ObjectId>, subject: Option<&str>) {
        if self.told.len() < MAX_TOLD {
            self.told.push(Told { what, object, subject: subject.map(str::to_owned) });
        }
    }

    /// Tells what is not; false where the guard was taken away.
    pub(super) fn refuse(
        &mut self,
        guard: Guard,
        what: What,
        object: Option<ObjectId>,
        subject: Option<&str>,
    ) -> bool {
        let holds = self.guards.hold(guard);
        if holds {
            self.told.push(Told { what, object, subject: subject.map(str::to_owned) });
        }
        holds
    }

    /// Whether anything was refused.
    pub(super) fn is_refused(&self) -> bool {
        self.told.iter().any(|told| !told.what.is_permitted())
    }

    /// An object that serves a purpose in the new revision: the one that served it before, or a new
    /// one. Explains it; false, and refused, where it was something else.
    pub(super) fn own(&mut self, id: ObjectId, same: bool) -> Result<bool, ReadError> {
        if !self.differs(id) {
            return Ok(true);
        }
        let fits = same || self.is_fresh(id)?;
        if !fits && self.refuse(Guard::Form, What::Repurposed, Some(id), Some(&told(id))) {
            return Ok(false);
        }
        self.explain(id);
        Ok(true)
    }

    /// Explains every new object that hangs on `value`. Objects of the old revision are not entered;
    /// one that differs and is not new is refused, but for what `/P`, `/Parent`, `/Popup`, `/IRT`
    /// and `/Data` lead back to.
    pub(super) fn adopt(&mut self, value: &Object) -> Result<bool, ReadError> {
        let (mut open, mut count) = (vec![value.clone()], 0);
        while let Some(value) = open.pop() {
            match value {
                Object::Reference(id) => {
                    if !self.differs(id) || self.explained.contains(&id.number) {
                        continue;
                    }
                    count += 1;
                    if count > MAX_ADOPTED {
                        return Err(ReadError::TooComplex { limit: "new objects" });
                    }
                    if !self.is_fresh(id)? {
                        let name = told(id);
                        return Ok(!self.refuse(
                            Guard::NewSignature,
                            What::Repurposed,
                            Some(id),
                            Some(&name),
                        ));
                    }
                    self.explain(id);
                    open.push(self.new.object(id)?);
                }
                Object::Array(items) => open.extend(items),
                Object::Dictionary(dictionary) => open.extend(forward(&dictionary)),
                Object::Stream(stream) => open.extend(forward(&stream.dictionary)),
                _ => {}
            }
        }
        Ok(true)
    }

    fn items(self) -> Vec<ChangeItem> {
        let wanted: BTreeSet<u32> =
            self.told.iter().filter_map(|told| told.object).map(|id| id.number).collect();
        let places = Places::of(&[self.new, self.old], &wanted);
        let moved = self.told.iter().any(|told| told.what == What::PagesChanged);
        let moved = moved.then(|| first_other_page(self.old, self.new)).flatten();
        let item = |one: Told| {
            let own = one.object.and_then(|id| places.page(id.number));
            let page = if one.what == What::PagesChanged { moved.or(own) } else { own };
            let page = page.map(|page| page + 1);
            ChangeItem::new(one.what, one.object.map(told), page, one.subject)
        };
        self.told.into_iter().map(item).collect()
    }
}

/// `12 0 R`.
pub(super) fn told(id: ObjectId) -> String {
    format!("{} {} R", id.number, id.generation)
}

fn forward(dictionary: &Dictionary) -> Vec<Object> {
    const BACK: [&[u8]; 5] = [b"P", b"Parent", b"Popup", b"IRT", b"Data"];
    let ahead = |(name, _): &(&sceau_pdf::Name, &Object)| !BACK.contains(&name.as_bytes());
    dictionary.iter().filter(ahead).map(|(_, value)| value.clone()).collect()
}

/// The keys whose values differ, references unresolved.
pub(super) fn differing_keys(old: &Dictionary, new: &Dictionary) -> BTreeSet<String> {
    let (old, new) = (by_name(old), by_name(new));
    let differs = |key: &&&[u8]| match (old.get(*key), new.get(*key)) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    };
    let keys = old.keys().chain(new.keys()).filter(differs);
    keys.map(|key| String::from_utf8_lossy(key).into_owned()).collect()
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
