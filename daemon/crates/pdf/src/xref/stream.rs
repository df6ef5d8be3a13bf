//! Cross-reference streams (ISO 32000-2, 7.5.8).

use super::part::Entry;
use crate::{Dictionary, Object, ReadError};

/// The inflated rows, as they are.
#[derive(Debug)]
pub(crate) struct Rows {
    /// First number, count, and the first row.
    index: Vec<(u32, u32, usize)>,
    widths: [usize; 3],
    data: Vec<u8>,
}

impl Rows {
    /// Reads `/W`, `/Index` and `/Size` over `data`. Rows that are missing count as not there.
    pub(super) fn new(dictionary: &Dictionary, data: Vec<u8>) -> Result<Self, ReadError> {
        let widths = widths(dictionary)?;
        let rows = data.len() / widths.iter().sum::<usize>();
        let mut index = Vec::new();
        let mut row = 0;
        for pair in pairs(dictionary)? {
            let count = pair.1.min(u32::try_from(rows - row).unwrap_or(u32::MAX));
            index.push((pair.0, count.min(u32::MAX - pair.0), row));
            row += count as usize;
            if row == rows {
                break;
            }
        }
        Ok(Self { index, widths, data })
    }

    pub(super) fn entry(&self, number: u32) -> Option<Entry> {
        let holds =
            |(first, count, _): &&(u32, u32, usize)| number >= *first && number - first < *count;
        let (first, _, row) = self.index.iter().find(holds)?;
        Some(self.row(row + (number - first) as usize))
    }

    pub(super) fn end(&self) -> u64 {
        self.index
            .iter()
            .map(|(first, count, _)| u64::from(*first) + u64::from(*count))
            .max()
            .unwrap_or(0)
    }

    pub(super) fn for_each(
        &self,
        visit: &mut dyn FnMut(u32, Entry) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for (first, count, row) in &self.index {
            for place in 0..*count {
                visit(first + place, self.row(row + place as usize))?;
            }
        }
        Ok(())
    }

    /// A row (table 18). A type that is not known counts as free.
    fn row(&self, row: usize) -> Entry {
        let start = row * self.widths.iter().sum::<usize>();
        let field = |before: usize, width: usize| {
            let bytes = self.data.get(start + before..start + before + width).unwrap_or_default();
            bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
        };
        let [w0, w1, w2] = self.widths;
        let kind = if w0 == 0 { 1 } else { field(0, w0) };
        let (second, third) = (field(w0, w1), field(w0 + w1, w2));
        let narrow = u32::try_from(third).unwrap_or(u32::MAX);
        match (kind, u32::try_from(second)) {
            (1, _) if second > 0 => Entry::InFile { offset: second, generation: narrow },
            (2, Ok(container)) => Entry::InStream { container, index: narrow },
            _ => Entry::Free,
        }
    }
}

fn widths(dictionary: &Dictionary) -> Result<[usize; 3], ReadError> {
    let damaged = || ReadError::damaged("a cross-reference stream's /W is malformed");
    let items = dictionary.get("W").and_then(Object::as_array).ok_or_else(damaged)?;
    let mut widths = [0; 3];
    for (width, item) in widths.iter_mut().zip(items) {
        let value = item.as_integer().and_then(|value| usize::try_from(value).ok());
        *width = value.filter(|value| *value <= 8).ok_or_else(damaged)?;
    }
    if items.len() < 3 || widths[1] == 0 { Err(damaged()) } else { Ok(widths) }
}

/// `/Index`, or all from 0 up to `/Size`.
fn pairs(dictionary: &Dictionary) -> Result<Vec<(u32, u32)>, ReadError> {
    let damaged = || ReadError::damaged("a cross-reference stream's /Index is malformed");
    let Some(index) = dictionary.get("Index").and_then(Object::as_array) else {
        let size = dictionary.integer("Size").and_then(|size| u32::try_from(size).ok());
        return Ok(vec![(0, size.ok_or_else(damaged)?)]);
    };
    let number = |object: &Object| object.as_integer().and_then(|n| u32::try_from(n).ok());
    index
        .chunks_exact(2)
        .map(|pair| number(&pair[0]).zip(number(&pair[1])).ok_or_else(damaged))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Parser;

    fn rows(dictionary: &str, data: &[u8]) -> Result<Rows, ReadError> {
        let object = Parser::new(dictionary.as_bytes(), true, 9).object().unwrap();
        Rows::new(object.as_dictionary().unwrap(), data.to_vec())
    }

    #[test]
    fn rows_are_found_by_number() {
        let data = [0, 0, 0, 255, 1, 1, 0, 2, 2, 0, 9, 4];
        let rows = rows("<</W[1 2 1]/Index[0 2 7 1]/Size 8>>", &data).unwrap();
        assert_eq!(rows.entry(0), Some(Entry::Free));
        assert_eq!(rows.entry(1), Some(Entry::InFile { offset: 256, generation: 2 }));
        assert_eq!(rows.entry(7), Some(Entry::InStream { container: 9, index: 4 }));
        assert_eq!(rows.entry(2), None);
        assert_eq!(rows.end(), 8);
    }

    #[test]
    fn a_missing_type_is_one_and_missing_rows_are_not_there() {
        let rows = rows("<</W[0 1 0]/Size 4294967295>>", &[5, 6]).unwrap();
        assert_eq!(rows.entry(1), Some(Entry::InFile { offset: 6, generation: 0 }));
        assert_eq!(rows.entry(2), None);
    }

    #[test]
    fn hostile_shapes_are_damage() {
        for dictionary in [
            "<</Size 1>>",
            "<</W[0 0 0]/Size 1>>",
            "<</W[9 9 9]/Size 1>>",
            "<</W[1 -1 1]/Size 1>>",
            "<</W[1 1]/Size 1>>",
            "<</W[1 1 1]/Size -1>>",
            "<</W[1 1 1]/Index[-1 4]>>",
        ] {
            assert!(rows(dictionary, &[0; 9]).is_err(), "{dictionary}");
        }
    }
}
