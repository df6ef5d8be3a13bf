//! Keys that stand twice in one dictionary, with another value each time. Their value is undefined (ISO
//! 32000-2 §7.3.7): some readers take the first, others the last, and each shows another document.

use crate::{Dictionary, Name, Object, ObjectId};
use serde::{Deserialize, Serialize};

/// The word of the danger.
pub(super) const KEY_TWICE: &str = "key-twice";
/// Most steps from an object to a dictionary within it.
const MAX_DEPTH: usize = 100;

/// A key that stands twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTwice {
    /// The object with the dictionary; absent where it is the trailer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<ObjectId>,
    /// The key, without its slash.
    pub key: String,
}

/// Tells every such key of an object, those of the dictionaries within it too.
pub(super) fn within(object: &Object, tell: &mut impl FnMut(&Name)) {
    look(object, MAX_DEPTH, tell);
}

/// The same of a dictionary.
pub(super) fn of(dictionary: &Dictionary, tell: &mut impl FnMut(&Name)) {
    entries(dictionary, MAX_DEPTH, tell);
}

fn look(object: &Object, depth: usize, tell: &mut impl FnMut(&Name)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match object {
        Object::Array(items) => items.iter().for_each(|item| look(item, depth, tell)),
        Object::Dictionary(dictionary) => entries(dictionary, depth, tell),
        Object::Stream(stream) => entries(&stream.dictionary, depth, tell),
        _ => {}
    }
}

fn entries(dictionary: &Dictionary, depth: usize, tell: &mut impl FnMut(&Name)) {
    let mut all: Vec<_> = dictionary.iter().collect();
    all.sort_by_key(|(name, _)| name.as_bytes());
    for one in all.chunk_by(|(name, _), (other, _)| name == other) {
        if one.iter().any(|(_, value)| *value != one[0].1) {
            tell(one[0].0);
        }
    }
    all.iter().for_each(|(_, value)| look(value, depth, tell));
}
