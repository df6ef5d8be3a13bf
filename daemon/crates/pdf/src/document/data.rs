//! The data of streams: its length, its filters, and its decoded bytes within bounds
//! (ISO 32000-2, 7.3.8).

use super::Document;
use crate::crypt::Crypt;
use crate::filter::{self, Filter, FilterError};
use crate::reader::{Budget, Reader};
use crate::{Dictionary, Object, ReadError, Stream};

impl Document<'_> {
    /// The decoded data of a stream that every reader decodes alike: it is not packed, or by `FlateDecode`
    /// alone, without parameters, whole, and with nothing behind. None of any other stream.
    ///
    /// # Errors
    /// As [`stream_data`](Self::stream_data).
    pub fn plain_data(&self, stream: &Stream) -> Result<Option<Vec<u8>>, ReadError> {
        let resolve = |object: &Object| self.resolve(object);
        self.data().plain(stream, self.limits.decoded_len, &resolve)
    }
}

/// What is needed to read the data of streams.
pub(crate) struct StreamData<'r, 's> {
    pub(crate) reader: &'r Reader<'s>,
    pub(crate) budget: &'r Budget,
    pub(crate) len: u64,
    pub(crate) crypt: Option<&'r Crypt>,
}

impl StreamData<'_, '_> {
    /// The decoded data of a stream that refers to nothing: a cross-reference stream.
    pub(crate) fn decoded_alone(
        &self,
        stream: &Stream,
        limit: usize,
    ) -> Result<Vec<u8>, ReadError> {
        self.decoded(stream, limit, &|object| Ok(object.clone()))
    }

    /// The decoded data, at most `limit` bytes; `resolve` follows references.
    pub(crate) fn decoded(
        &self,
        stream: &Stream,
        limit: usize,
        resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
    ) -> Result<Vec<u8>, ReadError> {
        let filters = filters(&stream.dictionary, resolve)?;
        let raw = self.raw(stream, limit, resolve)?;
        let decoded = filter::decode(raw, &filters, limit).map_err(filter_error)?;
        self.budget.spend(decoded.len())?;
        Ok(decoded)
    }

    /// The data where no reader unpacks it otherwise: as it stands, or by Flate alone, without parameters
    /// and whole. None of data in any other form.
    fn plain(
        &self,
        stream: &Stream,
        limit: usize,
        resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let value = |key: &str| stream.dictionary.get(key).map(resolve).transpose();
        let filter = match value("Filter")? {
            Some(Object::Array(items)) if items.len() == 1 => Some(resolve(&items[0])?),
            other => other,
        };
        let packed = match filter.as_ref().map(Object::as_name) {
            None => false,
            Some(Some("FlateDecode")) if value("DecodeParms")?.is_none() => true,
            Some(_) => return Ok(None),
        };
        let len = value("Length")?.and_then(|length| u64::try_from(length.as_integer()?).ok());
        if !len.map_or(Ok(false), |len| self.ends_at(stream.offset, len))? {
            return Ok(None);
        }
        let raw = self.raw(stream, limit, resolve)?;
        let whole = if packed { filter::inflate_whole(&raw, limit) } else { Some(raw) };
        self.budget.spend(whole.as_ref().map_or(0, Vec::len))?;
        Ok(whole)
    }

    /// The data as it stands in the file, decrypted.
    fn raw(
        &self,
        stream: &Stream,
        limit: usize,
        resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
    ) -> Result<Vec<u8>, ReadError> {
        if stream.dictionary.contains("F") {
            return Err(ReadError::damaged("a stream whose data lies in another file"));
        }
        let len = self.raw_len(stream, resolve)?;
        let len = usize::try_from(len).ok().filter(|len| *len <= limit.max(1 << 20) * 2);
        let len = len.ok_or(ReadError::TooComplex { limit: "stream length" })?;
        let raw = self.reader.bytes(stream.offset, len)?;
        self.budget.spend(raw.len())?;
        Ok(match (self.crypt, stream.id) {
            (Some(crypt), Some(id)) => crypt.decrypt_data(id, &stream.dictionary, raw),
            _ => raw,
        })
    }

    /// The length of the data as it stands: `/Length` where `endstream` follows it, otherwise up to
    /// the next `endstream`.
    pub(crate) fn raw_len(
        &self,
        stream: &Stream,
        resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
    ) -> Result<u64, ReadError> {
        let stated = match stream.dictionary.get("Length").map(resolve).transpose() {
            Ok(length) => length.and_then(|length| u64::try_from(length.as_integer()?).ok()),
            // A length that cannot be had is looked for.
            Err(ReadError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(length) = stated
            && self.ends_at(stream.offset, length)?
        {
            return Ok(length);
        }
        self.search_end(stream.offset)
    }

    fn ends_at(&self, offset: u64, length: u64) -> Result<bool, ReadError> {
        let Some(end) = offset.checked_add(length).filter(|end| *end < self.len) else {
            return Ok(false);
        };
        let after = self.reader.bytes(end, 32)?;
        let blank = after.iter().take_while(|byte| crate::syntax::is_space(**byte)).count();
        Ok(after[blank..].starts_with(b"endstream") || after[blank..].starts_with(b"endobj"))
    }

    fn search_end(&self, offset: u64) -> Result<u64, ReadError> {
        const LARGEST: usize = 256 << 10;
        const KEYWORD: &[u8] = b"endstream";
        let finder = memchr::memmem::Finder::new(KEYWORD);
        let (mut at, mut size) = (offset, 4 << 10);
        while at < self.len {
            let chunk = self.reader.bytes(at, size)?;
            self.budget.spend(chunk.len())?;
            if let Some(found) = finder.find(&chunk) {
                return Ok(without_end_of_line(&chunk[..found], at - offset));
            }
            if chunk.len() < size {
                break;
            }
            at += (size - KEYWORD.len()) as u64;
            size = (size * 4).min(LARGEST);
        }
        Err(ReadError::damaged("a stream without its end"))
    }
}

fn without_end_of_line(before: &[u8], passed: u64) -> u64 {
    let blank = match before {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    passed + (before.len() - blank) as u64
}

/// `/Filter` and `/DecodeParms` as a list, references followed.
fn filters(
    dictionary: &Dictionary,
    resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
) -> Result<Vec<Filter>, ReadError> {
    const MAX_FILTERS: usize = 8;
    let value = |key: &str| -> Result<Vec<Object>, ReadError> {
        match dictionary.get(key).map(resolve).transpose()? {
            None | Some(Object::Null) => Ok(Vec::new()),
            Some(Object::Array(items)) => items.iter().take(MAX_FILTERS + 1).map(resolve).collect(),
            Some(single) => Ok(vec![single]),
        }
    };
    let (names, parameters) = (value("Filter")?, value("DecodeParms")?);
    if names.len() > MAX_FILTERS {
        return Err(ReadError::TooComplex { limit: "filters" });
    }
    let filter = |(at, name): (usize, &Object)| {
        let name = name.as_name().ok_or(ReadError::damaged("a filter that is no name"))?;
        let parameters = parameters.get(at).and_then(Object::as_dictionary).cloned();
        Ok(Filter { name: name.to_owned(), parameters: parameters.unwrap_or_default() })
    };
    // What `Crypt` does was done before (7.4.10).
    let decodes = |(_, name): &(usize, &Object)| name.as_name() != Some("Crypt");
    names.iter().enumerate().filter(decodes).map(filter).collect()
}

fn filter_error(error: FilterError) -> ReadError {
    match error {
        FilterError::TooLong => ReadError::TooComplex { limit: "decoded stream length" },
        FilterError::Damaged(what) => ReadError::damaged(what),
        FilterError::Unsupported => ReadError::damaged("a filter that structure cannot have"),
    }
}
