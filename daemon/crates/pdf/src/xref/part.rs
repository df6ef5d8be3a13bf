//! One section's entries, in whatever form keeps them small.

use super::stream::Rows;
use super::table::Table;
use crate::ReadError;
use crate::reader::Reader;

/// Where an object lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nowhere.
    Free,
    /// At an offset of the file.
    InFile { offset: u64, generation: u32 },
    /// In an object stream, at a place.
    InStream { container: u32, index: u32 },
}

impl Entry {
    pub(super) fn shifted(self, origin: u64) -> Self {
        match self {
            Self::InFile { offset, generation } => {
                Self::InFile { offset: offset.saturating_add(origin), generation }
            }
            other => other,
        }
    }
}

/// The entries of one section.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) body: Body,
    /// In a hybrid file a table's free entry gives way to the stream beside it (7.5.8.4).
    pub(crate) yields_to_next: bool,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// A well-formed table, left in the file.
    Table(Table),
    /// An inflated stream.
    Rows(Rows),
    /// Entries sorted by number: an odd table, or a repaired file.
    Listed(Vec<(u32, Packed)>),
}

/// An entry in 12 bytes: offsets up to 2^48, generations up to 2^17.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed {
    low: u32,
    high: u32,
    generation: u32,
}

impl Packed {
    const IN_STREAM: u32 = 1 << 31;
    const FREE: u32 = u32::MAX;

    /// `entry`, free where its offset cannot be one.
    pub(crate) fn new(entry: Entry) -> Self {
        match entry {
            Entry::InFile { offset, generation } if offset < 1 << 48 => {
                Self { low: offset as u32, high: (offset >> 32) as u32, generation }
            }
            Entry::InStream { container, index } => {
                Self { low: container, high: Self::IN_STREAM, generation: index }
            }
            _ => Self { low: 0, high: Self::FREE, generation: 0 },
        }
    }

    pub(crate) fn entry(self) -> Entry {
        match self.high {
            Self::FREE => Entry::Free,
            Self::IN_STREAM => Entry::InStream { container: self.low, index: self.generation },
            high => Entry::InFile {
                offset: u64::from(high) << 32 | u64::from(self.low),
                generation: self.generation,
            },
        }
    }
}

impl Part {
    pub(super) fn new(body: Body) -> Self {
        Self { body, yields_to_next: false }
    }

    /// The entry of `number`, where this section has one.
    pub(super) fn entry(
        &self,
        number: u32,
        reader: &Reader<'_>,
    ) -> Result<Option<Entry>, ReadError> {
        match &self.body {
            Body::Table(table) => table.entry(number, reader),
            Body::Rows(rows) => Ok(rows.entry(number)),
            Body::Listed(list) => {
                let found = list.binary_search_by_key(&number, |(number, _)| *number);
                Ok(found.ok().map(|at| list[at].1.entry()))
            }
        }
    }

    /// One more than the highest number.
    pub(super) fn end(&self) -> u64 {
        match &self.body {
            Body::Table(table) => table.end(),
            Body::Rows(rows) => rows.end(),
            Body::Listed(list) => list.last().map_or(0, |(number, _)| u64::from(*number) + 1),
        }
    }

    pub(super) fn for_each(
        &self,
        reader: &Reader<'_>,
        visit: &mut dyn FnMut(u32, Entry) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        match &self.body {
            Body::Table(table) => table.for_each(reader, visit),
            Body::Rows(rows) => rows.for_each(visit),
            Body::Listed(list) => {
                list.iter().try_for_each(|(number, packed)| visit(*number, packed.entry()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_loses_nothing_that_a_file_can_hold() {
        for entry in [
            Entry::Free,
            Entry::InFile { offset: 0, generation: 65536 },
            Entry::InFile { offset: (1 << 48) - 1, generation: 3 },
            Entry::InStream { container: u32::MAX, index: 70_000 },
        ] {
            assert_eq!(Packed::new(entry).entry(), entry);
        }
        assert_eq!(size_of::<(u32, Packed)>(), 16);
        let beyond = Entry::InFile { offset: u64::MAX, generation: 0 };
        assert_eq!(Packed::new(beyond).entry(), Entry::Free);
    }
}
