//! Object streams (ISO 32000-2, 7.5.7).

use super::data::StreamData;
use crate::syntax::{Lexer, Parser, SyntaxError, Token};
use crate::{Limits, Object, ReadError, Stream};

/// The objects of one stream; the standard's writers hold to some hundred.
const MAX_OBJECTS: usize = 500_000;

/// An inflated object stream and the places of its objects.
#[derive(Debug)]
pub(crate) struct ObjectStream {
    /// Number, and offset in `data`.
    places: Vec<(u32, usize)>,
    data: Vec<u8>,
    nesting: usize,
}

impl ObjectStream {
    pub(crate) fn read(
        from: &StreamData<'_, '_>,
        stream: &Stream,
        limits: &Limits,
        resolve: &dyn Fn(&Object) -> Result<Object, ReadError>,
    ) -> Result<Self, ReadError> {
        let damaged = ReadError::damaged("an object stream without /N and /First");
        let number = |key: &str| -> Result<Option<usize>, ReadError> {
            let value = stream.dictionary.get(key).map(resolve).transpose()?;
            Ok(value.and_then(|value| usize::try_from(value.as_integer()?).ok()))
        };
        let (Some(count), Some(first)) = (number("N")?, number("First")?) else {
            return Err(damaged);
        };
        let data = from.decoded(stream, limits.decoded_len, resolve)?;
        let places = places(&data, count, first);
        Ok(Self { places, data, nesting: limits.nesting })
    }

    /// The numbers of the objects, in order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.places.iter().map(|(number, _)| *number)
    }

    /// The places where a number is looked for whose index is wrong.
    fn searched(&self) -> &[(u32, usize)] {
        &self.places[..self.places.len().min(4096)]
    }

    /// Bytes of memory that it holds.
    pub(crate) fn size(&self) -> usize {
        self.data.len() + self.places.len() * 16
    }

    /// Object `number`, which should stand at `index`, and the bytes that were read for it, broken or
    /// not; `Null` where it is not there.
    pub(crate) fn object(&self, number: u32, index: u32) -> (Result<Object, ReadError>, usize) {
        let at_index = self.places.get(index as usize).filter(|place| place.0 == number);
        let place = at_index.or_else(|| self.searched().iter().find(|place| place.0 == number));
        let Some((_, offset)) = place else { return (Ok(Object::Null), self.searched().len()) };
        let bytes = self.data.get(*offset..).unwrap_or_default();
        let mut parser = Parser::new(bytes, true, self.nesting);
        let object = parser.object().map_err(|error| match error {
            SyntaxError::TooDeep => ReadError::TooComplex { limit: "nesting" },
            SyntaxError::TooLarge => ReadError::TooComplex { limit: "things in one object" },
            _ => ReadError::damaged("an object in an object stream is malformed"),
        });
        (object, parser.lexer().position())
    }
}

/// The pairs at the start: number and offset from `first`. They end where they stop making sense.
fn places(data: &[u8], count: usize, first: usize) -> Vec<(u32, usize)> {
    let mut lexer = Lexer::new(data, true);
    let mut places = Vec::new();
    while places.len() < count.min(MAX_OBJECTS) {
        let (Ok(Some(Token::Integer(number))), Ok(Some(Token::Integer(offset)))) =
            (lexer.next(), lexer.next())
        else {
            break;
        };
        let (Ok(number), Ok(offset)) = (u32::try_from(number), usize::try_from(offset)) else {
            break;
        };
        places.push((number, first.saturating_add(offset)));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(data: &[u8], count: usize, first: usize) -> ObjectStream {
        ObjectStream { places: places(data, count, first), data: data.to_vec(), nesting: 9 }
    }

    #[test]
    fn objects_are_found_by_index_or_by_number() {
        let stream = stream(b"4 0 7 5 (ab) [1 2]", 2, 8);
        assert_eq!(stream.object(7, 1).0.unwrap().as_array().unwrap().len(), 2);
        assert!(stream.object(4, 99).0.unwrap().as_string().is_some());
        assert_eq!(stream.object(5, 0).0.unwrap(), Object::Null);
    }

    #[test]
    fn bogus_counts_and_offsets_are_harmless() {
        let stream = stream(b"4 99999999999 5 -1", usize::MAX, usize::MAX);
        assert!(stream.object(4, 0).0.is_err());
        assert_eq!(stream.object(5, 1).0.unwrap(), Object::Null);
    }
}
