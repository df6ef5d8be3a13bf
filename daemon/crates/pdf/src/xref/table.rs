//! Cross-reference tables (ISO 32000-2, 7.5.4).

use super::part::{Body, Entry, Packed};
use crate::reader::{Budget, Reader};
use crate::syntax::{Lexer, SyntaxError, Token, is_space};
use crate::{Limits, ReadError};

/// An entry's length in bytes, its end of line included.
const ENTRY: u64 = 20;

/// A table whose entries stay in the file.
#[derive(Debug)]
pub(crate) struct Table {
    /// Where they overlap, the first counts.
    subsections: Vec<Subsection>,
}

#[derive(Debug, Clone, Copy)]
struct Subsection {
    first: u32,
    count: u32,
    /// Of the first entry, from the start of the file.
    offset: u64,
}

impl Table {
    pub(super) fn entry(
        &self,
        number: u32,
        reader: &Reader<'_>,
    ) -> Result<Option<Entry>, ReadError> {
        let holds = |sub: &&Subsection| number >= sub.first && number - sub.first < sub.count;
        let Some(sub) = self.subsections.iter().find(holds) else { return Ok(None) };
        sub.entry(number, reader).map(Some)
    }

    pub(super) fn end(&self) -> u64 {
        self.subsections
            .iter()
            .map(|sub| u64::from(sub.first) + u64::from(sub.count))
            .max()
            .unwrap_or(0)
    }

    pub(super) fn for_each(
        &self,
        reader: &Reader<'_>,
        visit: &mut dyn FnMut(u32, Entry) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for sub in &self.subsections {
            for number in sub.first..sub.first + sub.count {
                visit(number, sub.entry(number, reader)?)?;
            }
        }
        Ok(())
    }
}

/// `nnnnnnnnnn ggggg n` and two bytes of end of line.
fn entry(bytes: &[u8; ENTRY as usize]) -> Option<Entry> {
    let offset = digits(&bytes[..10])?;
    let generation = digits(&bytes[11..16])?;
    let ends = is_space(bytes[10]) && bytes[16] == b' ' && is_space(bytes[18]);
    match bytes[17] {
        // Offset 0 is the header's: writers that mean "free" put it there.
        b'n' if ends && offset > 0 => Some(Entry::InFile { offset, generation: generation as u32 }),
        b'n' | b'f' if ends => Some(Entry::Free),
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0u64, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0'))
    })
}

/// Reads the table at `offset`; gives back its entries and the offset of its trailer dictionary.
///
/// Only the first and the last entry of each subsection are looked at. Where they are not of the
/// standard's form, all of the table is read by tokens.
pub(super) fn read(
    offset: u64,
    reader: &Reader<'_>,
    budget: &Budget,
    len: u64,
    limits: &Limits,
) -> Result<(Body, u64), ReadError> {
    match in_place(offset, reader, len)? {
        Some((table, trailer)) => Ok((Body::Table(table), trailer)),
        None => by_tokens(offset, reader, budget, limits),
    }
}

fn in_place(offset: u64, reader: &Reader<'_>, len: u64) -> Result<Option<(Table, u64)>, ReadError> {
    let mut subsections = Vec::new();
    let mut at = offset + b"xref".len() as u64;
    loop {
        match line(&reader.bytes(at, 64)?) {
            Line::Trailer { start } => return Ok(Some((Table { subsections }, at + start))),
            Line::Subsection { first, count, length } => {
                let sub = Subsection { first, count, offset: at + length };
                let end = sub.offset + u64::from(count) * ENTRY;
                if end > len || subsections.len() > MAX_SUBSECTIONS || !sub.fits(reader)? {
                    return Ok(None);
                }
                subsections.push(sub.renumbered(reader)?);
                at = end;
            }
            Line::Other => return Ok(None),
        }
    }
}

/// More are read by tokens, where they are sorted and searched faster.
const MAX_SUBSECTIONS: usize = 512;

enum Line {
    Trailer { start: u64 },
    Subsection { first: u32, count: u32, length: u64 },
    Other,
}

fn line(bytes: &[u8]) -> Line {
    let mut lexer = Lexer::new(bytes, true);
    match (lexer.next(), lexer.next()) {
        (Ok(Some(Token::Keyword(b"trailer"))), _) => {
            let start = bytes.windows(7).position(|seven| seven == b"trailer").unwrap_or(0) + 7;
            Line::Trailer { start: start as u64 }
        }
        (Ok(Some(Token::Integer(first))), Ok(Some(Token::Integer(count)))) => {
            lexer.skip_space();
            match (u32::try_from(first), u32::try_from(count)) {
                (Ok(first), Ok(count)) if first.checked_add(count).is_some() => {
                    Line::Subsection { first, count, length: lexer.position() as u64 }
                }
                _ => Line::Other,
            }
        }
        _ => Line::Other,
    }
}

impl Subsection {
    fn entry(&self, number: u32, reader: &Reader<'_>) -> Result<Entry, ReadError> {
        let mut bytes = [0; ENTRY as usize];
        reader.copy(self.offset + u64::from(number - self.first) * ENTRY, &mut bytes)?;
        entry(&bytes).ok_or(ReadError::damaged("a cross-reference entry is malformed"))
    }

    /// Whether the first and the last entry are of the standard's form.
    fn fits(&self, reader: &Reader<'_>) -> Result<bool, ReadError> {
        let Some(last) = self.count.checked_sub(1) else { return Ok(true) };
        for place in [0, last] {
            let bytes = reader.bytes(self.offset + u64::from(place) * ENTRY, ENTRY as usize)?;
            let Ok(bytes) = <[u8; ENTRY as usize]>::try_from(bytes) else { return Ok(false) };
            if entry(&bytes).is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Some writers count from 1 where the head of the free list says that it is object 0.
    fn renumbered(self, reader: &Reader<'_>) -> Result<Self, ReadError> {
        if self.first != 1 || self.count == 0 {
            return Ok(self);
        }
        let head = reader.bytes(self.offset, ENTRY as usize)?;
        let is_head = head.starts_with(b"0000000000 65535 f");
        Ok(Self { first: if is_head { 0 } else { 1 }, ..self })
    }
}

fn by_tokens(
    offset: u64,
    reader: &Reader<'_>,
    budget: &Budget,
    limits: &Limits,
) -> Result<(Body, u64), ReadError> {
    let at = offset + b"xref".len() as u64;
    let (mut list, end) = reader.parse(at, limits.xref_bytes, budget, all_entries)?;
    list.sort_by_key(|(number, _)| *number);
    list.dedup_by_key(|(number, _)| *number);
    Ok((Body::Listed(list), at + end as u64))
}

type Entries = Vec<(u32, Packed)>;

/// All entries up to `trailer`, and the position after it.
fn all_entries(bytes: &[u8], complete: bool) -> Result<(Entries, usize), SyntaxError> {
    let mut lexer = Lexer::new(bytes, complete);
    let mut list = Vec::new();
    while subsection(&mut lexer, &mut list)? {}
    Ok((list, lexer.position()))
}

/// One subsection; false at `trailer`.
fn subsection(lexer: &mut Lexer<'_>, list: &mut Entries) -> Result<bool, SyntaxError> {
    let malformed = SyntaxError::Malformed("the cross-reference table is malformed");
    let first = match lexer.next()? {
        Some(Token::Keyword(b"trailer")) => return Ok(false),
        Some(Token::Integer(first)) => u32::try_from(first).map_err(|_| malformed)?,
        _ => return Err(malformed),
    };
    let Some(Token::Integer(count)) = lexer.next()? else { return Err(malformed) };
    for place in 0..count {
        let (
            Some(Token::Integer(offset)),
            Some(Token::Integer(generation)),
            Some(Token::Keyword(kind)),
        ) = (lexer.next()?, lexer.next()?, lexer.next()?)
        else {
            return Err(malformed);
        };
        let number = u32::try_from(i64::from(first) + place).map_err(|_| malformed)?;
        list.push((number, Packed::new(listed(offset, generation, kind))));
    }
    Ok(true)
}

fn listed(offset: i64, generation: i64, kind: &[u8]) -> Entry {
    match (u64::try_from(offset), u32::try_from(generation), kind) {
        (Ok(offset @ 1..), Ok(generation), b"n") => Entry::InFile { offset, generation },
        _ => Entry::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(source: &str) -> (Body, u64) {
        let bytes = source.as_bytes().to_vec();
        let budget = Budget::new(&Limits { work: 1 << 20, ..Limits::default() }, 0);
        read(0, &Reader::new(&bytes), &budget, bytes.len() as u64, &Limits::default()).unwrap()
    }

    fn lookup(source: &str, number: u32) -> Option<Entry> {
        let bytes = source.as_bytes().to_vec();
        let (body, _) = read_all(source);
        super::super::Part::new(body).entry(number, &Reader::new(&bytes)).unwrap()
    }

    const GOOD: &str = "xref\n0 2\n0000000000 65536 f \n0000000017 00000 n \n5 1\n0000000099 00003 n\r\ntrailer\n<<>>";

    #[test]
    fn a_good_table_stays_in_the_file() {
        assert!(matches!(read_all(GOOD).0, Body::Table(_)));
        assert_eq!(lookup(GOOD, 1), Some(Entry::InFile { offset: 17, generation: 0 }));
        assert_eq!(lookup(GOOD, 5), Some(Entry::InFile { offset: 99, generation: 3 }));
        assert_eq!(lookup(GOOD, 0), Some(Entry::Free));
        assert_eq!(lookup(GOOD, 2), None);
        let (_, trailer) = read_all(GOOD);
        assert_eq!(&GOOD[trailer as usize..], "\n<<>>");
    }

    #[test]
    fn entries_of_nineteen_bytes_are_read_by_tokens() {
        let odd = "xref\n0 2\n0000000000 65535 f\n0000000017 00000 n\ntrailer\n<<>>    ";
        assert!(matches!(read_all(odd).0, Body::Listed(_)));
        assert_eq!(lookup(odd, 1), Some(Entry::InFile { offset: 17, generation: 0 }));
    }

    #[test]
    fn a_table_that_counts_from_one_is_understood() {
        let odd = "xref\n1 2\n0000000000 65535 f \n0000000017 00000 n \ntrailer\n<<>>";
        assert_eq!(lookup(odd, 1), Some(Entry::InFile { offset: 17, generation: 0 }));
    }

    #[test]
    fn a_bogus_count_is_damage_and_costs_nothing() {
        let bogus = b"xref\n0 4294967295\n0000000000 65535 f \ntrailer\n<<>>".to_vec();
        let reader = Reader::new(&bogus);
        let budget = Budget::new(&Limits { work: 1 << 20, ..Limits::default() }, 0);
        assert!(read(0, &reader, &budget, bogus.len() as u64, &Limits::default()).is_err());
    }
}
