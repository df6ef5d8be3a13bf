//! Lists with a bound for every kind of finding: however many there are of one, none is crowded out by
//! another, and no search ends because a list is full.

use super::ScanBounds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Findings of a kind that were counted and are not listed, for there are too many of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Their word, as in `uri` or `overlay`.
    pub word: String,
    /// Whether they are dangers, of which as many are listed as the bound allows.
    pub dangerous: bool,
    /// How many.
    pub count: u64,
}

/// A list that is being made.
pub(super) struct Listed<T> {
    items: Vec<T>,
    /// Most items of one kind.
    most: u64,
    counts: BTreeMap<(&'static str, bool), u64>,
}

impl<T> Listed<T> {
    pub(super) fn new(bounds: &ScanBounds) -> Self {
        Self { items: Vec::new(), most: bounds.findings as u64, counts: BTreeMap::new() }
    }

    /// Counts a finding, and lists it where there is room for its kind.
    pub(super) fn add(&mut self, word: &'static str, dangerous: bool, item: impl FnOnce() -> T) {
        let count = self.counts.entry((word, dangerous)).or_default();
        *count += 1;
        if *count <= self.most {
            self.items.push(item());
        }
    }

    /// What is listed; what is not is told in `left_out`.
    pub(super) fn end(self, left_out: &mut Vec<LeftOut>) -> Vec<T> {
        for ((word, dangerous), count) in self.counts {
            if count > self.most {
                let (word, count) = (word.to_owned(), count - self.most);
                left_out.push(LeftOut { word, dangerous, count });
            }
        }
        self.items
    }
}
