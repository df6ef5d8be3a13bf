//! The cross-reference section of a revision, in the form of the base's newest one
//! (ISO 32000-2, 7.5.4, 7.5.5, 7.5.8).

use super::WriteError;
use super::serialize::write_dictionary;
use crate::xref::{Entry, Form};
use crate::{Dictionary, Document, Name, Object, ObjectId, PdfString};
use std::collections::BTreeMap;

/// What a table's ten digits hold.
const TABLE_LIMIT: u64 = 9_999_999_999;

/// The tail as it grows, and where its objects stand.
pub(super) struct Writer {
    pub(super) base_len: u64,
    pub(super) tail: Vec<u8>,
    /// What the file's own offsets leave out.
    origin: u64,
    entries: BTreeMap<u32, Entry>,
}

impl Writer {
    pub(super) fn new(base_len: u64, origin: u64) -> Self {
        Self { base_len, tail: Vec::new(), origin, entries: BTreeMap::new() }
    }

    /// The end of the tail as the file counts.
    fn offset(&self) -> u64 {
        self.base_len + self.tail.len() as u64 - self.origin
    }

    /// Writes `n g obj` and keeps its place.
    pub(super) fn begin(&mut self, id: ObjectId) {
        let entry = Entry::InFile { offset: self.offset(), generation: id.generation };
        self.entries.insert(id.number, entry);
        self.tail.extend(format!("{id} obj\n").bytes());
    }
}

/// Appends the section, its trailer and the end of the file. `next` is the first free number.
pub(super) fn finish(
    doc: &Document<'_>,
    writer: &mut Writer,
    next: u64,
    file_id: Option<[u8; 16]>,
) -> Result<(), WriteError> {
    let file_id = file_id.unwrap_or_else(|| derived_id(writer, doc.trailer()));
    let mut trailer = carried(doc, file_id);
    match doc.xref().sections.first() {
        Some(newest) => trailer.set("Prev", (newest - writer.origin) as i64),
        None => take_over(doc, writer)?,
    }
    let start = writer.offset();
    match doc.xref().form {
        Form::Table => table(writer, trailer.with("Size", next as i64))?,
        Form::Stream => stream(writer, trailer, next)?,
    }
    writer.tail.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    Ok(())
}

/// The base's trailer without what only its own section was about (7.5.6).
fn carried(doc: &Document<'_>, file_id: [u8; 16]) -> Dictionary {
    const OWN: [&str; 10] =
        ["Size", "Prev", "XRefStm", "ID", "Type", "W", "Index", "Filter", "DecodeParms", "Length"];
    let mut trailer = doc.trailer().settled();
    OWN.iter().for_each(|key| trailer.remove(key));
    let new = Object::from(PdfString::hexadecimal(&file_id));
    // A direct array in the trailer is never encrypted and never indirect in a file that is not.
    let first = match doc.get(doc.trailer(), "ID") {
        Ok(Object::Array(halves)) => {
            halves.into_iter().next().filter(|half| half.as_string().is_some())
        }
        _ => None,
    };
    match first {
        // The key of an encrypted file is made from the first half, or from there being none.
        None if doc.crypt().is_some() => trailer,
        first => trailer.with("ID", vec![first.unwrap_or_else(|| new.clone()), new]),
    }
}

/// A repaired base has no section that could be continued: the new one lists all objects.
fn take_over(doc: &Document<'_>, writer: &mut Writer) -> Result<(), WriteError> {
    let base = doc.in_use(doc.limits().repaired_objects as u64)?;
    let origin = writer.origin;
    for (number, entry) in base {
        let entry = match entry {
            Entry::InFile { offset, generation } => {
                Entry::InFile { offset: offset - origin, generation }
            }
            other => other,
        };
        writer.entries.entry(number).or_insert(entry);
    }
    writer.entries.insert(0, Entry::Free);
    fill_gaps(&mut writer.entries);
    Ok(())
}

/// The first section of a file has every number (7.5.4); absurd gaps are left.
fn fill_gaps(entries: &mut BTreeMap<u32, Entry>) {
    let last = entries.keys().next_back().copied().unwrap_or(0);
    if u64::from(last) < 2 * entries.len() as u64 + 1000 {
        for number in 0..last {
            entries.entry(number).or_insert(Entry::Free);
        }
    }
}

fn table(writer: &mut Writer, trailer: Dictionary) -> Result<(), WriteError> {
    let mut lines = String::from("xref\n");
    for run in runs(&writer.entries) {
        lines.push_str(&format!("{} {}\n", run.first, run.entries.len()));
        for entry in run.entries {
            lines.push_str(&line(entry)?);
        }
    }
    writer.tail.extend(lines.bytes());
    writer.tail.extend(b"trailer\n");
    write_dictionary(&trailer, &mut writer.tail);
    writer.tail.push(b'\n');
    Ok(())
}

fn line(entry: Entry) -> Result<String, WriteError> {
    match entry {
        Entry::Free => Ok("0000000000 65535 f \n".to_owned()),
        Entry::InFile { offset, generation } if offset <= TABLE_LIMIT => {
            Ok(format!("{offset:010} {:05} n \n", generation.min(65535)))
        }
        _ => Err(WriteError::Unsupported("it is too large for its cross-reference table")),
    }
}

fn stream(writer: &mut Writer, trailer: Dictionary, next: u64) -> Result<(), WriteError> {
    let number = u32::try_from(next)
        .map_err(|_| WriteError::Unsupported("its object numbers are used up"))?;
    let at = writer.offset();
    writer.entries.insert(number, Entry::InFile { offset: at, generation: 0 });
    let runs = runs(&writer.entries);
    let widths = [
        1,
        width(writer.entries.values().map(|entry| second(*entry)), 1),
        width(writer.entries.values().map(|entry| third(*entry)), 2),
    ];
    let index = runs.iter().flat_map(|run| [i64::from(run.first), run.entries.len() as i64]);
    let data: Vec<u8> = writer.entries.values().flat_map(|entry| row(*entry, widths)).collect();
    let dictionary = trailer
        .with("Type", Name::from("XRef"))
        .with("Size", next as i64 + 1)
        .with("W", widths.map(|width| Object::from(width as i64)).to_vec())
        .with("Index", index.map(Object::from).collect::<Vec<_>>())
        .with("Length", data.len() as i64);
    writer.tail.extend(format!("{number} 0 obj\n").bytes());
    write_dictionary(&dictionary, &mut writer.tail);
    writer.tail.extend(b"\nstream\n");
    writer.tail.extend(data);
    writer.tail.extend(b"\nendstream\nendobj\n");
    Ok(())
}

fn second(entry: Entry) -> u64 {
    match entry {
        Entry::Free => 0,
        Entry::InFile { offset, .. } => offset,
        Entry::InStream { container, .. } => u64::from(container),
    }
}

fn third(entry: Entry) -> u64 {
    match entry {
        Entry::Free => 65535,
        Entry::InFile { generation, .. } => u64::from(generation),
        Entry::InStream { index, .. } => u64::from(index),
    }
}

/// The bytes that the largest value needs, at least `least`.
fn width(values: impl Iterator<Item = u64>, least: usize) -> usize {
    let largest = values.max().unwrap_or(0);
    (largest.checked_ilog2().unwrap_or(0) as usize / 8 + 1).max(least)
}

fn row(entry: Entry, widths: [usize; 3]) -> Vec<u8> {
    let kind = match entry {
        Entry::Free => 0,
        Entry::InFile { .. } => 1,
        Entry::InStream { .. } => 2,
    };
    let fields = [kind, second(entry), third(entry)];
    fields
        .iter()
        .zip(widths)
        .flat_map(|(field, width)| field.to_be_bytes()[8 - width..].to_vec())
        .collect()
}

/// Entries of numbers that follow each other.
struct Run {
    first: u32,
    entries: Vec<Entry>,
}

fn runs(entries: &BTreeMap<u32, Entry>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (number, entry) in entries {
        match runs.last_mut() {
            Some(run) if u64::from(run.first) + run.entries.len() as u64 == u64::from(*number) => {
                run.entries.push(*entry);
            }
            _ => runs.push(Run { first: *number, entries: vec![*entry] }),
        }
    }
    runs
}

/// A value that changes with what is written: FNV-1a over the old identifier, the length of the base
/// and the new objects. It identifies (14.4), it protects nothing.
fn derived_id(writer: &Writer, trailer: &Dictionary) -> [u8; 16] {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut old = Vec::new();
    if let Some(id) = trailer.get("ID") {
        super::serialize::write(id, &mut old);
    }
    old.extend(writer.base_len.to_be_bytes());
    let bytes = old.iter().chain(&writer.tail);
    let hash = bytes.fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    hash.to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_what_values_need() {
        assert_eq!(width([0].into_iter(), 1), 1);
        assert_eq!(width([255, 3].into_iter(), 1), 1);
        assert_eq!(width([256].into_iter(), 1), 2);
        assert_eq!(width([u64::MAX].into_iter(), 1), 8);
        assert_eq!(width([7].into_iter(), 2), 2);
    }

    #[test]
    fn a_table_holds_ten_digits() {
        let entry = |offset| Entry::InFile { offset, generation: 0 };
        assert_eq!(line(entry(TABLE_LIMIT)).unwrap(), "9999999999 00000 n \n");
        assert!(line(entry(TABLE_LIMIT + 1)).is_err());
        assert!(line(Entry::InStream { container: 1, index: 1 }).is_err());
    }
}
