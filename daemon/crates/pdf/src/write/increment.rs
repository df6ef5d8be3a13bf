//! The objects of a new revision, over those of the base.

use super::section::Writer;
use super::serialize::{write, write_dictionary, write_entries};
use super::{WriteError, section};
use crate::crypt::Crypt;
use crate::{Dictionary, Document, Hole, Object, ObjectId, ReadError, Revision};
use std::collections::BTreeMap;

/// Object numbers beyond this are not handed out: readers in the field count in 32 signed bits.
const LAST_NUMBER: u64 = i32::MAX as u64 - 1;

/// The width of a byte range's numbers in the file: 64 bits fit.
const RANGE_WIDTH: usize = 3 * 20 + 2;

/// A revision in the making: new and changed objects.
pub(crate) struct Increment<'d, 's> {
    doc: &'d Document<'s>,
    bodies: BTreeMap<u32, (u32, Body)>,
    next: u64,
}

/// What stands between `obj` and `endobj`.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// An object that is no stream.
    Object(Object),
    /// A stream; `/Length` is added.
    Stream { dictionary: Dictionary, data: Vec<u8> },
    /// A signature dictionary; `/ByteRange` and a `/Contents` of so many bytes are added.
    Signature { entries: Dictionary, contents_len: usize },
}

impl<'d, 's> Increment<'d, 's> {
    pub(crate) fn new(doc: &'d Document<'s>) -> Self {
        Self { doc, bodies: BTreeMap::new(), next: doc.xref().next_number() }
    }

    pub(crate) fn doc(&self) -> &'d Document<'s> {
        self.doc
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// The object as this revision has it.
    pub(crate) fn object(&self, id: ObjectId) -> Result<Object, ReadError> {
        match self.bodies.get(&id.number) {
            Some((generation, Body::Object(object))) if *generation == id.generation => {
                Ok(object.clone())
            }
            _ => self.doc.object(id),
        }
    }

    /// `object`, or what it refers to in this revision.
    pub(crate) fn resolve(&self, object: &Object) -> Result<Object, ReadError> {
        match object {
            Object::Reference(id) => self.object(*id),
            other => Ok(other.clone()),
        }
    }

    /// What stands under `key`; `Null` where nothing does.
    pub(crate) fn get(&self, dictionary: &Dictionary, key: &str) -> Result<Object, ReadError> {
        dictionary.get(key).map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// A number of its own for a new object.
    pub(crate) fn allocate(&mut self) -> Result<ObjectId, WriteError> {
        let number = u32::try_from(self.next).ok().filter(|_| self.next <= LAST_NUMBER);
        let number = number.ok_or(WriteError::Unsupported("its object numbers are used up"))?;
        self.next += 1;
        Ok(ObjectId::new(number, 0))
    }

    /// Sets an object, new or of the base.
    pub(crate) fn put(&mut self, id: ObjectId, body: Body) {
        self.bodies.insert(id.number, (id.generation, body));
    }

    /// Adds a new object.
    pub(crate) fn add(&mut self, body: Body) -> Result<ObjectId, WriteError> {
        let id = self.allocate()?;
        self.put(id, body);
        Ok(id)
    }

    /// The catalog's place.
    pub(crate) fn root(&self) -> Result<ObjectId, WriteError> {
        let root = self.doc.trailer().get("Root").and_then(Object::as_reference);
        root.ok_or(WriteError::Unsupported("its catalog is no indirect object"))
    }

    /// The catalog as this revision has it.
    pub(crate) fn catalog(&self) -> Result<Dictionary, WriteError> {
        match self.object(self.root()?)? {
            Object::Dictionary(catalog) => Ok(catalog),
            _ => Err(WriteError::Unsupported("its catalog is no indirect object")),
        }
    }

    /// Adds `item` to the array under `key`: in the array's own object where it has one, otherwise in
    /// `holder`. Gives back whether `holder` has changed.
    pub(crate) fn push(
        &mut self,
        holder: &mut Dictionary,
        key: &str,
        item: Object,
    ) -> Result<bool, WriteError> {
        let own = holder.get(key).and_then(Object::as_reference);
        let (mut items, own) = match (self.get(holder, key)?, own) {
            (Object::Array(items), own) => (items, own),
            (Object::Null, _) => (Vec::new(), None),
            _ => {
                return Err(
                    ReadError::damaged("something else stands where an array should").into()
                );
            }
        };
        items.push(item);
        match own {
            Some(id) => self.put(id, Body::Object(items.into())),
            None => holder.set(key, items),
        }
        Ok(own.is_none())
    }

    /// The revision. `file_id` is the new second half of `/ID`; without one it is derived from what
    /// is written.
    pub(crate) fn finish(self, file_id: Option<[u8; 16]>) -> Result<Revision, WriteError> {
        let base_len = self.doc.source().len();
        let mut writer = Writer::new(base_len, self.doc.xref().origin);
        if !ends_with_newline(self.doc)? {
            writer.tail.push(b'\n');
        }
        let mut hole = None;
        for (number, (generation, body)) in &self.bodies {
            writer.begin(ObjectId::new(*number, *generation));
            let id = ObjectId::new(*number, *generation);
            let closed = self.doc.crypt().map(|crypt| body.encrypted(crypt, id));
            hole = closed.as_ref().unwrap_or(body).write(&mut writer).or(hole);
            writer.tail.extend(b"\nendobj\n");
        }
        section::finish(self.doc, &mut writer, self.next, file_id)?;
        let mut revision = Revision { base_len, tail: writer.tail, hole: None };
        if let Some(hole) = hole {
            revision.hole = Some(Hole { start: hole.start, len: hole.len });
            write_range(&mut revision, hole.range);
        }
        Ok(revision)
    }
}

/// A hole and the place in the tail of its byte range.
#[derive(Clone, Copy)]
struct HoleAt {
    start: u64,
    len: u64,
    range: usize,
}

impl Body {
    /// As it has to stand in an encrypted file (7.6.2): all but the `/Contents` of a signature.
    fn encrypted(&self, crypt: &Crypt, id: ObjectId) -> Self {
        let strings = |dictionary: &Dictionary| match crypt.encrypt(id, dictionary.clone().into()) {
            Object::Dictionary(dictionary) => dictionary,
            _ => dictionary.clone(),
        };
        match self {
            Self::Object(object) => Self::Object(crypt.encrypt(id, object.clone())),
            Self::Stream { dictionary, data } => Self::Stream {
                dictionary: strings(dictionary),
                data: crypt.encrypt_data(id, dictionary, data),
            },
            Self::Signature { entries, contents_len } => {
                Self::Signature { entries: strings(entries), contents_len: *contents_len }
            }
        }
    }

    fn write(&self, writer: &mut Writer) -> Option<HoleAt> {
        match self {
            Self::Object(object) => write(object, &mut writer.tail),
            Self::Stream { dictionary, data } => {
                let dictionary = dictionary.clone().with("Length", data.len() as i64);
                write_dictionary(&dictionary, &mut writer.tail);
                writer.tail.extend(b"\nstream\n");
                writer.tail.extend(data);
                writer.tail.extend(b"\nendstream");
            }
            Self::Signature { entries, contents_len } => {
                return Some(write_signature(entries, *contents_len, writer));
            }
        }
        None
    }
}

fn write_signature(entries: &Dictionary, contents_len: usize, writer: &mut Writer) -> HoleAt {
    let tail = &mut writer.tail;
    tail.extend(b"<<");
    write_entries(entries, tail);
    tail.extend(b" /ByteRange [0 ");
    let range = tail.len();
    tail.resize(range + RANGE_WIDTH, b' ');
    tail.extend(b"] /Contents ");
    let start = writer.base_len + tail.len() as u64;
    let digits = contents_len * 2;
    tail.push(b'<');
    tail.resize(tail.len() + digits, b'0');
    tail.extend(b"> >>");
    HoleAt { start, len: digits as u64 + 2, range }
}

/// Writes the last three numbers of the byte range over the blanks left for them.
fn write_range(revision: &mut Revision, at: usize) {
    let Some([_, before, after, rest]) = revision.byte_range() else { return };
    let numbers = format!("{before} {after} {rest}");
    revision.tail[at..at + numbers.len()].copy_from_slice(numbers.as_bytes());
}

fn ends_with_newline(doc: &Document<'_>) -> Result<bool, WriteError> {
    let mut last = [0];
    let Some(at) = doc.source().len().checked_sub(1) else { return Ok(true) };
    doc.source().read_at(at, &mut last).map_err(ReadError::Io)?;
    Ok(matches!(last[0], b'\n' | b'\r'))
}
