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
    /// Whether a number stands there twice.
    repeats: bool,
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
        Ok(Self::of(data, count, first, limits.nesting))
    }

    fn of(data: Vec<u8>, count: usize, first: usize, nesting: usize) -> Self {
        let places = places(&data, count, first);
        let mut numbers: Vec<u32> = places.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let repeats = numbers.windows(2).any(|pair| pair[0] == pair[1]);
        Self { places, repeats, data, nesting }
    }

    /// Whether whoever looks for `number` by its index finds what is found by the number alone.
    pub(crate) fn is_sure(&self, number: u32, index: u32) -> bool {
        !self.repeats && self.places.get(index as usize).is_some_and(|place| place.0 == number)
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
        ObjectStream::of(data.to_vec(), count, first, 9)
    }

    #[test]
    fn objects_are_found_by_index_or_by_number() {
        let stream = stream(b"4 0 7 5 (ab) [1 2]", 2, 8);
        assert_eq!(stream.object(7, 1).0.unwrap().as_array().unwrap().len(), 2);
        assert!(stream.object(4, 99).0.unwrap().as_string().is_some());
        assert_eq!(stream.object(5, 0).0.unwrap(), Object::Null);
    }

    #[test]
    fn an_object_is_sure_where_index_and_number_lead_to_one_place() {
        let once = stream(b"4 0 7 5 (ab) [1 2]", 2, 8);
        assert!(once.is_sure(4, 0) && once.is_sure(7, 1));
        assert!(!once.is_sure(4, 1) && !once.is_sure(7, 2) && !once.is_sure(5, 0));
        assert!(!stream(b"4 0 4 5 (ab) [1 2]", 2, 8).is_sure(4, 1));
    }

    #[test]
    fn bogus_counts_and_offsets_are_harmless() {
        let stream = stream(b"4 99999999999 5 -1", usize::MAX, usize::MAX);
        assert!(stream.object(4, 0).0.is_err());
        assert_eq!(stream.object(5, 1).0.unwrap(), Object::Null);
    }
}
