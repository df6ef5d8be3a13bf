//! Finding objects by scanning, where the cross-references are broken.
//!
//! The rule of the field: the last definition of a number counts. A file whose last objects are
//! followed by no trailer is cut off, and is refused rather than repaired to an older state.

use super::part::{Body, Entry, Packed, Part};
use super::{Form, Xref};
use crate::document::data::StreamData;
use crate::document::object_stream::ObjectStream;
use crate::reader::{Budget, Reader};
use crate::syntax::{Parser, is_regular, is_space};
use crate::{Dictionary, Limits, Object, ObjectId, OpenError, ReadError, Stream};

const CHUNK: usize = 1 << 20;
/// The most that a header `n g obj` takes before its keyword, in bytes.
const HEADER: usize = 40;

/// Scans the whole file. `header` is where `%PDF-` stands.
pub(crate) fn rebuild(
    reader: &Reader<'_>,
    budget: &Budget,
    limits: &Limits,
    len: u64,
    header: u64,
) -> Result<Xref, OpenError> {
    let mut scan = Scan::new(reader, budget, limits, len);
    scan.run(header)?;
    let trailer = scan.trailer()?;
    let list = scan.list(header)?;
    let compressed = |entry: &(u32, Packed)| matches!(entry.1.entry(), Entry::InStream { .. });
    let form = if list.iter().any(compressed) { Form::Stream } else { Form::Table };
    let parts = vec![Part::new(Body::Listed(list))];
    Ok(Xref { parts, trailer, form, sections: Vec::new(), origin: header, repaired: true })
}

struct Scan<'r, 's> {
    reader: &'r Reader<'s>,
    budget: &'r Budget,
    limits: &'r Limits,
    len: u64,
    chunk: Vec<u8>,
    chunk_at: u64,
    found: Vec<Found>,
    object_streams: Vec<(ObjectId, Stream)>,
    trailers: Vec<(u64, Dictionary)>,
    catalog: Option<ObjectId>,
    /// Where the last object begins, whole or not.
    last_begun: u64,
}

/// A definition: its number, where it stands, and its entry.
struct Found {
    number: u32,
    at: u64,
    entry: Entry,
}

enum Marker {
    Object { at: u64, after: u64 },
    Trailer { after: u64 },
}

impl<'r, 's> Scan<'r, 's> {
    fn new(reader: &'r Reader<'s>, budget: &'r Budget, limits: &'r Limits, len: u64) -> Self {
        let (chunk, found, object_streams, trailers) = Default::default();
        let (chunk_at, catalog, last_begun) = Default::default();
        Self {
            reader,
            budget,
            limits,
            len,
            chunk,
            chunk_at,
            found,
            object_streams,
            trailers,
            catalog,
            last_begun,
        }
    }

    fn run(&mut self, from: u64) -> Result<(), ReadError> {
        let mut at = from;
        while let Some(marker) = self.next(at)? {
            at = match marker {
                Marker::Object { at, after } => self.object(at)?.unwrap_or(after),
                Marker::Trailer { after } => self.keep_trailer(after)?.unwrap_or(after),
            };
            if self.found.len() > self.limits.repaired_objects {
                return Err(ReadError::TooComplex { limit: "objects" });
            }
        }
        Ok(())
    }

    /// The next `n g obj` or `trailer` from `at`.
    fn next(&mut self, at: u64) -> Result<Option<Marker>, ReadError> {
        let mut at = at;
        while at < self.len {
            self.load(at)?;
            let start = (at - self.chunk_at) as usize;
            let object = memchr::memmem::find(&self.chunk[start..], b"obj").map(|at| start + at);
            let until = object.unwrap_or(self.chunk.len());
            if let Some(found) = memchr::memmem::find(&self.chunk[start..until], b"trailer") {
                return Ok(Some(Marker::Trailer { after: at + found as u64 + 7 }));
            }
            let Some(keyword) = object else {
                at = self.after_chunk();
                continue;
            };
            let after = self.chunk_at + keyword as u64 + 3;
            if let Some(header) = header_before(&self.chunk[..keyword]) {
                return Ok(Some(Marker::Object { at: self.chunk_at + header as u64, after }));
            }
            at = after;
        }
        Ok(None)
    }

    /// Has `at` and what may precede it in the chunk.
    fn load(&mut self, at: u64) -> Result<(), ReadError> {
        let end = self.chunk_at + self.chunk.len() as u64;
        let inside = at >= self.chunk_at && (at + HEADER as u64 <= end || end == self.len);
        if self.chunk.is_empty() || !inside {
            self.chunk_at = at.saturating_sub(HEADER as u64);
            self.chunk = self.reader.bytes(self.chunk_at, CHUNK)?;
        }
        Ok(())
    }

    /// Where to go on after a chunk without a marker: a marker may lie across its end.
    fn after_chunk(&self) -> u64 {
        let end = self.chunk_at + self.chunk.len() as u64;
        if end == self.len { end } else { end - 8 }
    }

    /// Reads the object at `at` and keeps it; gives back where it ends. An object that cannot be
    /// read is passed over.
    fn object(&mut self, at: u64) -> Result<Option<u64>, ReadError> {
        self.last_begun = at;
        let nesting = self.limits.nesting;
        let parsed =
            self.reader.parse(at, self.limits.object_len, self.budget, |bytes, complete| {
                Parser::new(bytes, complete, nesting).indirect()
            });
        let Some(parsed) = passable(parsed)? else { return Ok(None) };
        let Some(dictionary) = parsed.object.as_dictionary() else {
            self.keep(parsed.id, at);
            return Ok(Some(at + parsed.end as u64));
        };
        let Some(data) = parsed.data else {
            if dictionary.name("Type") == Some("Catalog") {
                self.catalog = Some(parsed.id);
            }
            self.keep(parsed.id, at);
            return Ok(Some(at + parsed.end as u64));
        };
        let stream = Stream {
            dictionary: dictionary.clone(),
            offset: at + data as u64,
            id: Some(parsed.id),
        };
        self.stream(parsed.id, at, stream)
    }

    fn stream(&mut self, id: ObjectId, at: u64, stream: Stream) -> Result<Option<u64>, ReadError> {
        let raw = self.data().raw_len(&stream, &|object| Ok(object.clone()));
        let Some(raw) = passable(raw)? else { return Ok(None) };
        let end = stream.offset.saturating_add(raw);
        self.keep(id, at);
        match stream.dictionary.name("Type") {
            Some("XRef") => self.trailers.push((at, stream.dictionary)),
            Some("ObjStm") => self.object_streams.push((id, stream)),
            _ => {}
        }
        Ok(Some(end))
    }

    fn data(&self) -> StreamData<'r, 's> {
        StreamData { reader: self.reader, budget: self.budget, len: self.len, crypt: None }
    }

    fn keep(&mut self, id: ObjectId, at: u64) {
        let entry = Entry::InFile { offset: at, generation: id.generation };
        self.found.push(Found { number: id.number, at, entry });
    }

    fn keep_trailer(&mut self, after: u64) -> Result<Option<u64>, ReadError> {
        let nesting = self.limits.nesting;
        let limit = self.limits.object_len;
        let parsed = self.reader.parse(after, limit, self.budget, |bytes, complete| {
            let mut parser = Parser::new(bytes, complete, nesting);
            Ok((parser.object()?, parser.lexer().position()))
        });
        let Some((Object::Dictionary(trailer), end)) = passable(parsed)? else { return Ok(None) };
        self.trailers.push((after, trailer));
        Ok(Some(after + end as u64))
    }

    /// The newest trailer that names a catalog, made free of what only its section was about.
    fn trailer(&self) -> Result<Dictionary, OpenError> {
        let Some((last, newest)) = self.trailers.last() else {
            return Err(OpenError::Truncated { what: "no trailer and no cross-reference stream" });
        };
        if self.last_begun > *last {
            return Err(OpenError::Truncated { what: "objects that no trailer follows" });
        }
        let rooted = self.trailers.iter().rev().map(|(_, trailer)| trailer);
        let mut trailer =
            rooted.clone().find(|trailer| trailer.contains("Root")).unwrap_or(newest).clone();
        for key in ["Prev", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length"] {
            trailer.remove(key);
        }
        if let (false, Some(catalog)) = (trailer.contains("Root"), self.catalog) {
            trailer.set("Root", catalog);
        }
        if trailer.contains("Root") {
            Ok(trailer)
        } else {
            Err(OpenError::Damaged { what: "no catalog", offset: *last })
        }
    }

    /// The newest definition of each number, as offsets from `origin`.
    fn list(mut self, origin: u64) -> Result<Vec<(u32, Packed)>, ReadError> {
        self.newest();
        let mut held = Vec::new();
        for (id, stream) in std::mem::take(&mut self.object_streams) {
            self.expand(id, &stream, &mut held)?;
        }
        self.found.append(&mut held);
        self.newest();
        let relative = |entry| match entry {
            Entry::InFile { offset, generation } => {
                Entry::InFile { offset: offset - origin, generation }
            }
            other => other,
        };
        let entry = |found: &Found| (found.number, Packed::new(relative(found.entry)));
        Ok(self.found.iter().map(entry).collect())
    }

    fn newest(&mut self) {
        self.found.sort_by_key(|found| (found.number, std::cmp::Reverse(found.at)));
        self.found.dedup_by_key(|found| found.number);
    }

    /// Lists what an object stream holds, where the stream is the newest of its number.
    fn expand(
        &self,
        id: ObjectId,
        stream: &Stream,
        held: &mut Vec<Found>,
    ) -> Result<(), ReadError> {
        let own = self.found.binary_search_by_key(&id.number, |found| found.number);
        let at = own.map_or(u64::MAX, |place| self.found[place].at);
        if at > stream.offset {
            return Ok(());
        }
        let plain = |object: &Object| Ok(object.clone());
        let read = ObjectStream::read(&self.data(), stream, self.limits, &plain);
        let Some(read) = passable(read)? else { return Ok(()) };
        for (index, number) in (0..).zip(read.numbers()) {
            held.push(Found { number, at, entry: Entry::InStream { container: id.number, index } });
        }
        if held.len() > self.limits.repaired_objects {
            return Err(ReadError::TooComplex { limit: "objects" });
        }
        Ok(())
    }
}

/// What can be passed over: damage. The end of the budget and of the medium cannot.
fn passable<T>(result: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::Damaged { .. } | ReadError::Encrypted) => Ok(None),
        Err(ReadError::TooComplex { limit }) if limit != "work" => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where `n g ` begins that `before` ends with.
pub(crate) fn header_before(before: &[u8]) -> Option<usize> {
    let generation = digits_before(before, before.len(), true)?;
    let number = digits_before(before, generation, false)?;
    let preceded = number.checked_sub(1).is_some_and(|at| is_regular(before[at]));
    (!preceded).then_some(number)
}

/// Where the digits begin that end at `end`, white space after them allowed; at least one is needed
/// unless `may_touch`.
fn digits_before(bytes: &[u8], end: usize, may_touch: bool) -> Option<usize> {
    let floor = end.saturating_sub(HEADER / 2);
    let mut at = end;
    while at > floor && is_space(bytes[at - 1]) {
        at -= 1;
    }
    if at == end && !may_touch {
        return None;
    }
    let last = at;
    while at > floor && bytes[at - 1].is_ascii_digit() {
        at -= 1;
    }
    (at < last).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_backwards() {
        assert_eq!(header_before(b"x\n12 0 "), Some(2));
        assert_eq!(header_before(b"12 0"), Some(0));
        assert_eq!(header_before(b"end"), None);
        assert_eq!(header_before(b"x12 0 "), None);
        assert_eq!(header_before(b"0 "), None);
    }
}
