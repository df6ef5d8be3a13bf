//! Keys that stand twice in one dictionary, with another value each time. Their value is undefined (ISO
//! 32000-2 §7.3.7): some readers take the first, others the last, and each shows another document.

use crate::{Dictionary, Object, ObjectId};
use serde::{Deserialize, Serialize};

/// The word of the danger.
pub(super) const KEY_TWICE: &str = "key-twice";

/// A key that stands twice, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTwice {
    /// The object with the dictionary; absent where it is the trailer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectId>,
    /// The key, without its slash.
    pub key: String,
}

/// A key with more than one value, and the way to its dictionary.
#[derive(Debug)]
pub struct Twofold<'o> {
    /// From the object to the dictionary.
    pub way: Vec<Way<'o>>,
    /// The key.
    pub key: &'o [u8],
    /// What it stands for each time, in order.
    pub values: Vec<&'o Object>,
}

/// A step towards a dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'o> {
    /// The value of a key.
    Key(&'o [u8]),
    /// An item of an array, from 0.
    Item(usize),
}

impl Twofold<'_> {
    /// Most that are found in one object: whoever finds so many has seen enough.
    pub const MOST: usize = 1_000;
}

/// The keys of an object that stand for two values, those of the dictionaries within it too; the first
/// [`Twofold::MOST`] of them.
#[must_use]
pub fn twofold(object: &Object) -> Vec<Twofold<'_>> {
    let mut found = Vec::new();
    look(object, &mut Vec::new(), &mut found);
    found
}

fn look<'o>(object: &'o Object, way: &mut Vec<Way<'o>>, found: &mut Vec<Twofold<'o>>) {
    // Invariant: how deep it goes was bounded when it was read ([`crate::Limits`]).
    if found.len() >= Twofold::MOST {
        return;
    }
    match object {
        Object::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                within(Way::Item(at), item, way, found);
            }
        }
        Object::Dictionary(dictionary) => entries(dictionary, way, found),
        Object::Stream(stream) => entries(&stream.dictionary, way, found),
        _ => {}
    }
}

fn entries<'o>(dictionary: &'o Dictionary, way: &mut Vec<Way<'o>>, found: &mut Vec<Twofold<'o>>) {
    let mut all: Vec<_> = dictionary.iter().map(|(key, value)| (key.as_bytes(), value)).collect();
    all.sort_by_key(|(key, _)| *key);
    for group in all.chunk_by(|(one, _), (other, _)| one == other) {
        let differ = group.iter().any(|(_, value)| *value != group[0].1);
        if differ && found.len() < Twofold::MOST {
            let values = group.iter().map(|(_, value)| *value).collect();
            found.push(Twofold { way: way.clone(), key: group[0].0, values });
        }
    }
    for (key, value) in all {
        within(Way::Key(key), value, way, found);
    }
}

fn within<'o>(
    step: Way<'o>,
    object: &'o Object,
    way: &mut Vec<Way<'o>>,
    found: &mut Vec<Twofold<'o>>,
) {
    way.push(step);
    look(object, way, found);
    way.pop();
}
