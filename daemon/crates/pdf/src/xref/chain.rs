//! From `startxref` down the chain of `/Prev` (ISO 32000-2, 7.5.5, 7.5.6, 7.5.8.4).

use super::part::{Body, Part};
use super::repair::header_before;
use super::stream::Rows;
use super::{Form, Xref, table};
use crate::document::data::StreamData;
use crate::reader::{Budget, Reader};
use crate::syntax::{Indirect, Lexer, Parser, Token};
use crate::{Dictionary, Limits, Object, ReadError, Stream};
use std::collections::HashSet;

/// How far from the end `startxref` is looked for, in bytes: far more than the kilobyte of Acrobat,
/// for mail gateways append.
const TAIL: usize = 64 << 10;

/// Reads the whole chain. `header` is where `%PDF-` stands.
pub(crate) fn load(
    reader: &Reader<'_>,
    budget: &Budget,
    limits: &Limits,
    len: u64,
    header: u64,
) -> Result<Xref, ReadError> {
    let start = start(reader, len)?;
    let read = |origin: u64| {
        let chain = Chain::new(reader, budget, limits, len, origin);
        chain.load(start)
    };
    match read(0) {
        Err(ReadError::Damaged { .. }) if header > 0 => read(header),
        other => other,
    }
}

/// The number after the last `startxref`.
fn start(reader: &Reader<'_>, len: u64) -> Result<u64, ReadError> {
    let tail = reader.bytes(len.saturating_sub(TAIL as u64), TAIL)?;
    let missing = ReadError::damaged("no startxref near the end");
    let Some(at) = memchr::memmem::rfind(&tail, b"startxref") else { return Err(missing) };
    let after = &tail[at + b"startxref".len()..];
    if begins_object(after) {
        return Err(ReadError::damaged("an update that is cut off"));
    }
    let mut lexer = Lexer::new(after, true);
    match lexer.next() {
        Ok(Some(Token::Integer(offset))) => u64::try_from(offset).map_err(|_| missing),
        _ => Err(missing),
    }
}

/// Whether an object begins in `bytes`: after the last `startxref` that is an update cut off.
fn begins_object(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"obj").any(|at| header_before(&bytes[..at]).is_some())
}

struct Chain<'r, 's> {
    reader: &'r Reader<'s>,
    budget: &'r Budget,
    limits: &'r Limits,
    len: u64,
    origin: u64,
    parts: Vec<Part>,
    sections: Vec<u64>,
    visited: HashSet<u64>,
    bytes_left: usize,
}

/// A section: its entries and its trailer.
struct Section {
    body: Body,
    trailer: Dictionary,
    form: Form,
}

impl<'r, 's> Chain<'r, 's> {
    fn new(
        reader: &'r Reader<'s>,
        budget: &'r Budget,
        limits: &'r Limits,
        len: u64,
        origin: u64,
    ) -> Self {
        let (parts, sections, visited) = Default::default();
        let bytes_left = limits.xref_bytes;
        Self { reader, budget, limits, len, origin, parts, sections, visited, bytes_left }
    }

    fn load(mut self, start: u64) -> Result<Xref, ReadError> {
        let newest = self.section(start)?;
        let (form, trailer) = (newest.form, newest.trailer.clone());
        let mut next = self.keep(newest)?;
        while let Some(offset) = next {
            let section = self.section(offset)?;
            next = self.keep(section)?;
        }
        let Self { parts, sections, origin, .. } = self;
        Ok(Xref { parts, trailer, form, sections, origin, repaired: false })
    }

    /// The section at `offset` as the file counts.
    fn section(&mut self, offset: u64) -> Result<Section, ReadError> {
        let at = offset.checked_add(self.origin).filter(|at| *at < self.len);
        let at = at.ok_or(ReadError::damaged("a cross-reference offset past the end"))?;
        if !self.visited.insert(at) {
            return Err(ReadError::damaged("the chain of cross-references is a loop"));
        }
        if self.visited.len() > self.limits.xref_sections {
            return Err(ReadError::TooComplex { limit: "cross-reference sections" });
        }
        let head = self.reader.bytes(at, 64)?;
        let blank = head.iter().take_while(|byte| crate::syntax::is_space(**byte)).count();
        let at = at + blank as u64;
        self.sections.push(at);
        if head[blank..].starts_with(b"xref") { self.table(at) } else { self.stream(at) }
    }

    fn table(&mut self, at: u64) -> Result<Section, ReadError> {
        let (body, after) = table::read(at, self.reader, self.budget, self.len, self.limits)?;
        let (nesting, limit) = (self.limits.nesting, self.limits.object_len);
        let trailer = self.reader.parse(after, limit, self.budget, |bytes, complete| {
            Parser::new(bytes, complete, nesting).object()
        })?;
        match trailer {
            Object::Dictionary(trailer) => Ok(Section { body, trailer, form: Form::Table }),
            _ => Err(ReadError::damaged("a trailer that is no dictionary")),
        }
    }

    fn stream(&mut self, at: u64) -> Result<Section, ReadError> {
        let (nesting, limit) = (self.limits.nesting, self.limits.object_len);
        let found = self.reader.parse(at, limit, self.budget, |bytes, complete| {
            Parser::new(bytes, complete, nesting).indirect()
        })?;
        let Indirect { object: Object::Dictionary(dictionary), data: Some(data), .. } = found
        else {
            return Err(ReadError::damaged("no cross-reference section at its offset"));
        };
        if dictionary.name("Type") != Some("XRef") {
            return Err(ReadError::damaged("no cross-reference section at its offset"));
        }
        let stream = Stream { dictionary, offset: at + data as u64, id: None };
        let data =
            StreamData { reader: self.reader, budget: self.budget, len: self.len, crypt: None };
        let rows = data.decoded_alone(&stream, self.bytes_left)?;
        self.bytes_left = self.bytes_left.saturating_sub(rows.len());
        let body = Body::Rows(Rows::new(&stream.dictionary, rows)?);
        Ok(Section { body, trailer: stream.dictionary, form: Form::Stream })
    }

    /// Keeps a section, and a hybrid's stream after its table; gives back the next offset.
    fn keep(&mut self, section: Section) -> Result<Option<u64>, ReadError> {
        let beside = section.trailer.get("XRefStm").and_then(Object::as_integer);
        // A stream that a newer section has read is a copied, stale key.
        let beside = beside
            .filter(|_| section.form == Form::Table)
            .map(|offset| u64::try_from(offset).unwrap_or(u64::MAX))
            .filter(|offset| !self.visited.contains(&offset.saturating_add(self.origin)));
        let previous = offset_of(&section.trailer);
        let yields_to_next = beside.is_some();
        self.parts.push(Part { body: section.body, yields_to_next });
        if let Some(offset) = beside {
            let stream = self.section(offset)?;
            self.sections.pop();
            self.parts.push(Part::new(stream.body));
        }
        Ok(previous)
    }
}

/// `/Prev`; 0 is what some writers put for none.
fn offset_of(trailer: &Dictionary) -> Option<u64> {
    let previous = trailer.get("Prev")?.as_number()?;
    (previous >= 1.0).then_some(previous as u64)
}
