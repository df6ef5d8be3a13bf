//! Where objects lie: cross-reference tables, streams, hybrids, their chain, and repair
//! (ISO 32000-2, 7.5.4 and 7.5.8).
//!
//! Well-formed tables are not read into memory: an entry is read from the file when it is asked for.
//! The rows of streams are kept as they were inflated. So 320,000 objects cost some bytes of memory,
//! or as many as their rows have.

mod chain;
mod part;
mod repair;
mod stream;
mod table;

pub(crate) use chain::load;
pub(crate) use part::{Entry, Part};
pub(crate) use repair::{header_before, rebuild};

use crate::reader::{Budget, Reader};
use crate::{Dictionary, ReadError};
use std::collections::HashMap;

/// The form of the newest section, which an appended one has to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A table, with or without a stream for newer readers beside it.
    Table,
    /// A stream.
    Stream,
}

/// All that is known of where objects lie.
#[derive(Debug)]
pub(crate) struct Xref {
    /// Newest first.
    pub(crate) parts: Vec<Part>,
    /// The trailer of the newest section.
    pub(crate) trailer: Dictionary,
    pub(crate) form: Form,
    /// The offset of each section, newest first, from the start of the file; a hybrid's stream
    /// apart.
    pub(crate) sections: Vec<u64>,
    /// What the file's own offsets leave out: junk before its header.
    pub(crate) origin: u64,
    /// Whether all this was found by scanning.
    pub(crate) repaired: bool,
}

impl Xref {
    /// The newest entry of `number`; free where there is none.
    pub(crate) fn entry(&self, number: u32, reader: &Reader<'_>) -> Result<Entry, ReadError> {
        for part in &self.parts {
            match part.entry(number, reader)? {
                None => {}
                Some(Entry::Free) if part.yields_to_next => {}
                Some(entry) => return Ok(entry.shifted(self.origin)),
            }
        }
        Ok(Entry::Free)
    }

    /// A number from which on none is used: past `/Size` and past all that a section names. A `/Size`
    /// beyond what implementations hold to (ISO 32000-1, annex C) is bogus.
    pub(crate) fn next_number(&self) -> u64 {
        const LARGEST_SIZE: u64 = 8_388_608;
        let named = self.parts.iter().map(Part::end).max().unwrap_or(0);
        let size = self.trailer.integer("Size").and_then(|size| u64::try_from(size).ok());
        named.max(size.filter(|size| *size <= LARGEST_SIZE).unwrap_or(0)).max(1)
    }

    /// Every entry of every section, newest first.
    pub(crate) fn each_entry(
        &self,
        reader: &Reader<'_>,
        visit: &mut dyn FnMut(u32, Entry) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for part in &self.parts {
            part.for_each(reader, &mut |number, entry| visit(number, entry.shifted(self.origin)))?;
        }
        Ok(())
    }

    /// Every object in use with its newest entry. `limit` bounds the entries that are looked at.
    pub(crate) fn in_use(
        &self,
        reader: &Reader<'_>,
        budget: &Budget,
        limit: u64,
    ) -> Result<Vec<(u32, Entry)>, ReadError> {
        let mut seen = Seen::default();
        let mut found = Vec::new();
        let mut left = limit;
        for part in &self.parts {
            part.for_each(reader, &mut |number, entry| {
                left = left.checked_sub(1).ok_or(ReadError::TooComplex { limit: "objects" })?;
                budget.spend(1)?;
                if matches!(entry, Entry::Free) && part.yields_to_next {
                    return Ok(());
                }
                if seen.first_time(number) && entry != Entry::Free {
                    found.push((number, entry.shifted(self.origin)));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}

/// A set of numbers, compact where they lie close together.
#[derive(Default)]
struct Seen(HashMap<u32, u64>);

impl Seen {
    fn first_time(&mut self, number: u32) -> bool {
        let bits = self.0.entry(number / 64).or_default();
        let bit = 1 << (number % 64);
        let first = *bits & bit == 0;
        *bits |= bit;
        first
    }
}
