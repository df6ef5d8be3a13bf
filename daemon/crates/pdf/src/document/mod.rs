//! An open document: what it says about itself, read only where it is asked.

mod cache;
mod compare;
pub(crate) mod data;
mod encryption;
mod fields;
mod header;
pub(crate) mod object_stream;
mod pages;
mod permissions;
mod revisions;
mod shown;
mod signature;

pub use fields::Field;
pub use pages::Page;
pub(crate) use permissions::FieldLock;
pub use permissions::{DocMdp, Locks};
pub use signature::{SignatureDictionary, SignatureField};

use crate::crypt::{Closed, Crypt};
use crate::reader::{Budget, Reader};
use crate::syntax::{Indirect, Parser};
use crate::xref::{self, Entry, Xref};
use crate::{ByteSource, Dictionary, Limits, Object, ObjectId, OpenError, ReadError, Stream};
use cache::{Cache, LARGE_AGAIN, Large, Programs};
use data::StreamData;
use header::Header;
use object_stream::ObjectStream;
use std::sync::Arc;

/// How deep the structure of one object may ask for others: an object stream, its length, its
/// filters. More is a loop.
const DEPTH: u8 = 4;

/// A PDF file held open. Objects are read from the source when they are asked for.
pub struct Document<'s> {
    source: &'s dyn ByteSource,
    limits: Limits,
    budget: Budget,
    /// For objects.
    reader: Reader<'s>,
    /// For the entries of tables, so that the two do not push out each other's block.
    entries: Reader<'s>,
    xref: Xref,
    header: Header,
    cache: Cache,
    large: Large,
    programs: Programs,
    /// How it is decrypted, or why it is not; none where it is not encrypted.
    crypt: Option<Result<Crypt, Closed>>,
}

/// An object and, where it stands in the file itself, its place.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    pub(crate) object: Object,
    /// The offset of `n g obj`.
    pub(crate) offset: Option<u64>,
    pub(crate) spans: crate::syntax::Spans,
}

impl<'s> Document<'s> {
    /// Opens a document: reads its tail and its chain of cross-references, and no more.
    ///
    /// A document that asks for a password opens, so that its trailer can be read; its objects do
    /// not. One that is encrypted with an empty password reads as if it were not.
    ///
    /// # Errors
    /// [`OpenError`] where it is no PDF, or cut off, or damaged beyond repair, or beyond `limits`.
    pub fn open(source: &'s dyn ByteSource, limits: &Limits) -> Result<Self, OpenError> {
        let header = header::find(source)?;
        match Self::as_stated(source, limits, header)? {
            Some(stated) if stated.is_sound()? => Ok(stated),
            stated => Self::repaired(source, limits, header, stated),
        }
    }

    /// By the file's own cross-references; none where they are damaged.
    fn as_stated(
        source: &'s dyn ByteSource,
        limits: &Limits,
        header: Header,
    ) -> Result<Option<Self>, OpenError> {
        let budget = Budget::of(limits, source);
        match xref::load(&Reader::new(source), &budget, limits, source.len(), header.offset) {
            Ok(xref) => Ok(Some(Self::with(source, limits, header, xref))),
            Err(ReadError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// By scanning, or as stated where scanning does not mend it.
    fn repaired(
        source: &'s dyn ByteSource,
        limits: &Limits,
        header: Header,
        stated: Option<Self>,
    ) -> Result<Self, OpenError> {
        let budget = Budget::of(limits, source);
        let reader = Reader::new(source);
        let rebuilt = xref::rebuild(&reader, &budget, limits, source.len(), header.offset)
            .map(|xref| Self::with(source, limits, header, xref));
        match (rebuilt, stated) {
            (Ok(rebuilt), Some(stated)) if !rebuilt.is_sound()? => Ok(stated.rooted()?),
            (Err(OpenError::Damaged { .. }), Some(stated)) => Ok(stated.rooted()?),
            (rebuilt, _) => Ok(rebuilt?.rooted()?),
        }
    }

    fn with(source: &'s dyn ByteSource, limits: &Limits, header: Header, xref: Xref) -> Self {
        let mut document = Self {
            source,
            limits: limits.clone(),
            budget: Budget::of(limits, source),
            reader: Reader::new(source),
            entries: Reader::new(source),
            xref,
            header,
            cache: Cache::default(),
            large: Large::default(),
            programs: Programs::default(),
            crypt: None,
        };
        document.crypt = document.unlocked();
        // What was read on the way was not decrypted.
        document.large = Large::default();
        document
    }

    /// Itself, where its catalog and the root of its pages can be read.
    fn rooted(self) -> Result<Self, ReadError> {
        if !self.trailer().contains("Root") {
            return Err(ReadError::damaged("the trailer names no catalog"));
        }
        if !self.is_encrypted() {
            self.page_root()?;
        }
        Ok(self)
    }

    /// Whether what every use begins with is where the cross-references say.
    fn is_sound(&self) -> Result<bool, ReadError> {
        match self.first_objects() {
            Err(ReadError::Damaged { .. }) => Ok(false),
            Err(ReadError::Io(error)) => Err(ReadError::Io(error)),
            Ok(()) | Err(ReadError::Encrypted | ReadError::TooComplex { .. }) => Ok(true),
        }
    }

    fn first_objects(&self) -> Result<(), ReadError> {
        let catalog = self.catalog()?;
        self.page(0)?;
        if let Object::Dictionary(form) = self.get(&catalog, "AcroForm")? {
            for field in self.get(&form, "Fields")?.as_array().unwrap_or_default().iter().take(8) {
                self.resolve(field)?;
            }
        }
        Ok(())
    }

    /// The bytes that it was opened from.
    #[must_use]
    pub fn source(&self) -> &'s dyn ByteSource {
        self.source
    }

    /// The limits that it was opened with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The version as major and minor: the catalog's where it is higher than the header's
    /// (ISO 32000-2, 7.2.2).
    #[must_use]
    pub fn version(&self) -> (u8, u8) {
        let catalog = self.catalog().unwrap_or_default();
        let stated = catalog.name("Version").and_then(|name| header::version(name.as_bytes()));
        stated.unwrap_or_default().max(self.header.version)
    }

    /// The newest trailer, or the dictionary of the newest cross-reference stream.
    #[must_use]
    pub fn trailer(&self) -> &Dictionary {
        &self.xref.trailer
    }

    /// Whether the cross-references were broken and the objects found by scanning.
    #[must_use]
    pub fn is_repaired(&self) -> bool {
        self.xref.repaired
    }

    /// An indirect object; `Null` where there is none (ISO 32000-2, 7.3.10).
    ///
    /// # Errors
    /// [`ReadError`] where it is broken, encrypted or beyond a limit.
    pub fn object(&self, id: ObjectId) -> Result<Object, ReadError> {
        self.locate(id, DEPTH).map(|located| located.object)
    }

    /// `object`, or what it refers to.
    ///
    /// # Errors
    /// As [`object`](Self::object).
    pub fn resolve(&self, object: &Object) -> Result<Object, ReadError> {
        self.resolve_within(object, DEPTH)
    }

    /// What stands under `key`, references followed; `Null` where it is absent.
    ///
    /// # Errors
    /// As [`object`](Self::object).
    pub fn get(&self, dictionary: &Dictionary, key: &str) -> Result<Object, ReadError> {
        dictionary.get(key).map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// The catalog (ISO 32000-2, 7.7.2).
    ///
    /// # Errors
    /// [`ReadError`] where it is missing or broken.
    pub fn catalog(&self) -> Result<Dictionary, ReadError> {
        match self.get(self.trailer(), "Root")? {
            Object::Dictionary(catalog) => Ok(catalog),
            _ => Err(ReadError::damaged("the catalog is missing")),
        }
    }

    /// The decoded data of a stream, at most [`Limits::decoded_len`] bytes.
    ///
    /// # Errors
    /// [`ReadError`] where a filter is not one for structure, or the data is damaged or too long.
    pub fn stream_data(&self, stream: &Stream) -> Result<Vec<u8>, ReadError> {
        let resolve = |object: &Object| self.resolve(object);
        self.data().decoded(stream, self.limits.decoded_len, &resolve)
    }

    /// The letters of the font programs that were read last.
    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Takes `bytes` off what may still be worked through.
    pub(crate) fn spend(&self, bytes: usize) -> Result<(), ReadError> {
        self.budget.spend(bytes)
    }

    /// Bytes that may still be worked through.
    pub(crate) fn work_left(&self) -> u64 {
        self.budget.left()
    }

    pub(crate) fn xref(&self) -> &Xref {
        &self.xref
    }

    pub(crate) fn entry(&self, number: u32) -> Result<Entry, ReadError> {
        self.xref.entry(number, &self.entries)
    }

    /// Every object in use, with where it lies.
    pub(crate) fn in_use(&self, limit: u64) -> Result<Vec<(u32, Entry)>, ReadError> {
        self.xref.in_use(&self.entries, &self.budget, limit)
    }

    /// Every entry of every section, newest first, superseded ones too.
    pub(crate) fn each_entry(
        &self,
        visit: &mut dyn FnMut(u32, Entry) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.xref.each_entry(&self.entries, visit)
    }

    /// Where the data of the stream ends that stands at `offset`; none where there is no stream.
    pub(crate) fn stream_end(&self, offset: u64) -> Result<Option<u64>, ReadError> {
        let (nesting, limit) = (self.limits.nesting, self.limits.object_len);
        let parsed = self.reader.parse(offset, limit, &self.budget, |bytes, complete| {
            Parser::new(bytes, complete, nesting).indirect()
        });
        let (dictionary, data) = match parsed {
            Ok(Indirect { object: Object::Dictionary(dictionary), data: Some(data), .. }) => {
                (dictionary, data)
            }
            Ok(_) | Err(ReadError::Damaged { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let stream = Stream { dictionary, offset: offset + data as u64, id: None };
        let resolve = |object: &Object| self.resolve(object);
        match self.data().raw_len(&stream, &resolve) {
            Ok(len) => Ok(Some(stream.offset + len)),
            Err(ReadError::Damaged { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn located(&self, id: ObjectId) -> Result<Located, ReadError> {
        self.locate(id, DEPTH)
    }

    /// Whether all readers find the same under this number: of one in an object stream, whether its index and
    /// its number lead to one place (7.5.7, 7.5.8.3).
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn is_sure(&self, id: ObjectId) -> Result<bool, ReadError> {
        Ok(match self.entry(id.number)? {
            Entry::InStream { container, index } => {
                self.container(container, DEPTH)?.is_sure(id.number, index)
            }
            _ => true,
        })
    }

    fn resolve_within(&self, object: &Object, depth: u8) -> Result<Object, ReadError> {
        let mut object = object.clone();
        // A reference may lead to a reference; a chain of them is damage.
        for _ in 0..DEPTH {
            match object {
                Object::Reference(id) => object = self.locate(id, depth)?.object,
                other => return Ok(other),
            }
        }
        Err(ReadError::damaged("a chain of references"))
    }

    fn locate(&self, id: ObjectId, depth: u8) -> Result<Located, ReadError> {
        if self.is_encrypted() {
            return Err(ReadError::Encrypted);
        }
        self.locate_open(id, depth)
    }

    fn locate_open(&self, id: ObjectId, depth: u8) -> Result<Located, ReadError> {
        let depth = depth.checked_sub(1);
        let depth = depth.ok_or(ReadError::damaged_at(id, "an object that needs itself"))?;
        if let Some((held, len)) = self.large.get(id) {
            self.budget.spend(len / LARGE_AGAIN)?;
            return Ok(held);
        }
        match self.entry(id.number)? {
            Entry::InFile { offset, generation } if generation == id.generation => {
                let (located, read) = self.in_file(id, offset)?;
                let located = self.decrypted(id, located);
                self.large.keep(id, &located, read);
                Ok(located)
            }
            Entry::InStream { container, index } if id.generation == 0 => {
                let held = self.container(container, depth)?;
                let (object, read) = held.object(id.number, index);
                self.budget.spend(read)?;
                let located = Located::alone(object.map_err(|error| error.of(id))?);
                self.large.keep(id, &located, read);
                Ok(located)
            }
            _ => Ok(Located::alone(Object::Null)),
        }
    }

    /// The object at `offset`, and the length of its text in bytes.
    fn in_file(&self, id: ObjectId, offset: u64) -> Result<(Located, usize), ReadError> {
        let (nesting, limit) = (self.limits.nesting, self.limits.object_len);
        let parsed = self.reader.parse(offset, limit, &self.budget, |bytes, complete| {
            Parser::new(bytes, complete, nesting).indirect()
        });
        let parsed = parsed.map_err(|error| error.of(id))?;
        if parsed.id.number != id.number {
            return Err(ReadError::damaged_at(id, "another object stands in its place"));
        }
        let Indirect { object, data, end, spans, .. } = parsed;
        let object = match (object, data) {
            (Object::Dictionary(dictionary), Some(data)) => {
                Object::Stream(Stream { dictionary, offset: offset + data as u64, id: Some(id) })
            }
            (object, _) => object,
        };
        Ok((Located { object, offset: Some(offset), spans }, end))
    }

    fn container(&self, number: u32, depth: u8) -> Result<Arc<ObjectStream>, ReadError> {
        if let Some(held) = self.cache.get(number) {
            return Ok(held);
        }
        let id = ObjectId::new(number, 0);
        let Entry::InFile { offset, .. } = self.entry(number)? else {
            return Err(ReadError::damaged_at(id, "an object stream within another"));
        };
        let Object::Stream(stream) = self.in_file(id, offset)?.0.object else {
            return Err(ReadError::damaged_at(id, "an object stream that is no stream"));
        };
        let resolve = |object: &Object| self.resolve_within(object, depth);
        let read = ObjectStream::read(&self.data(), &stream, &self.limits, &resolve);
        let held = Arc::new(read.map_err(|error| error.of(id))?);
        self.cache.put(number, Arc::clone(&held));
        Ok(held)
    }

    fn data(&self) -> StreamData<'_, 's> {
        let (reader, budget) = (&self.reader, &self.budget);
        StreamData { reader, budget, len: self.source.len(), crypt: self.crypt() }
    }
}

impl Located {
    fn alone(object: Object) -> Self {
        Self { object, offset: None, spans: Vec::new() }
    }
}
