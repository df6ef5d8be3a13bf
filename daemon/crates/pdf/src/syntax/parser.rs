//! Objects from tokens (ISO 32000-2, 7.3).

use super::{Lexer, SyntaxError, Token};
use crate::object::{Dictionary, Name, Object, ObjectId, PdfString, Real};
use std::ops::Range;

/// What one object may weigh: a value or a key weighs one, a container [`CONTAINER`] more. Each takes
/// some fifty bytes of memory where its text takes two.
const MAX_WEIGHT: usize = 750_000;
const CONTAINER: usize = 4;

/// Reads objects from a slice.
#[derive(Debug, Clone)]
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    nesting: usize,
    /// What the object at hand may still weigh.
    left: usize,
}

/// `n g obj` and what follows (7.3.10), its stream's data left aside.
#[derive(Debug)]
pub(crate) struct Indirect {
    pub(crate) id: ObjectId,
    pub(crate) object: Object,
    /// Where the data of a stream begins, from the start of the slice.
    pub(crate) data: Option<usize>,
    /// The position after the object, or after `stream` and its end of line.
    pub(crate) end: usize,
    /// Where the values of the outermost dictionary stand.
    pub(crate) spans: Spans,
}

/// The values of a dictionary by place: key, and the value's bytes from the start of the slice.
pub(crate) type Spans = Vec<(Name, Range<usize>)>;

impl<'a> Parser<'a> {
    /// A parser of `bytes` that refuses more than `nesting` containers within each other.
    pub(crate) fn new(bytes: &'a [u8], complete: bool, nesting: usize) -> Self {
        Self { lexer: Lexer::new(bytes, complete), nesting, left: MAX_WEIGHT }
    }

    pub(crate) fn lexer(&mut self) -> &mut Lexer<'a> {
        &mut self.lexer
    }

    /// One object, not a stream.
    pub(crate) fn object(&mut self) -> Result<Object, SyntaxError> {
        self.left = MAX_WEIGHT;
        let token = self.token()?;
        self.object_from(token, self.nesting)
    }

    /// An indirect object from its number on.
    pub(crate) fn indirect(&mut self) -> Result<Indirect, SyntaxError> {
        self.left = MAX_WEIGHT;
        let id = self.header()?;
        let start = self.lexer.clone();
        let mut spans = Spans::new();
        let object = match self.token()? {
            Token::DictionaryOpen => self.dictionary(self.nesting, Some(&mut spans))?,
            Token::Keyword(b"endobj") => {
                self.lexer = start;
                Object::Null
            }
            token => self.object_from(token, self.nesting)?,
        };
        let data = self.stream_data(&object)?;
        Ok(Indirect { id, object, data, end: self.lexer.position(), spans })
    }

    fn header(&mut self) -> Result<ObjectId, SyntaxError> {
        let number = self.small_integer()?;
        let generation = self.small_integer()?;
        match self.token()? {
            Token::Keyword(b"obj") => Ok(ObjectId { number, generation }),
            // `1 0 obj[` lexes well; `1 0 objtrue` does not occur.
            _ => Err(SyntaxError::Malformed("no object where one should begin")),
        }
    }

    fn small_integer(&mut self) -> Result<u32, SyntaxError> {
        match self.token()? {
            Token::Integer(value) => {
                u32::try_from(value).map_err(|_| SyntaxError::Malformed("an object number"))
            }
            _ => Err(SyntaxError::Malformed("no object where one should begin")),
        }
    }

    fn token(&mut self) -> Result<Token<'a>, SyntaxError> {
        self.lexer.next()?.ok_or(SyntaxError::Malformed("the file ends within an object"))
    }

    /// Takes off what the object may still weigh.
    fn weigh(&mut self, weight: usize) -> Result<(), SyntaxError> {
        self.left = self.left.checked_sub(weight).ok_or(SyntaxError::TooLarge)?;
        Ok(())
    }

    fn object_from(&mut self, token: Token<'a>, depth: usize) -> Result<Object, SyntaxError> {
        self.weigh(1)?;
        Ok(match token {
            Token::Integer(value) => self.reference(value)?.unwrap_or(Object::Integer(value)),
            Token::Real(text) => Object::Real(Real(text.into())),
            Token::String(raw) => Object::String(PdfString(raw.into())),
            Token::Name(raw) => Object::Name(Name::decode(raw)),
            Token::ArrayOpen => self.array(depth)?,
            Token::DictionaryOpen => self.dictionary(depth, None)?,
            Token::Keyword(word) => keyword(word)?,
            Token::ArrayClose | Token::DictionaryClose => {
                return Err(SyntaxError::Malformed("a closing bracket without its opening"));
            }
        })
    }

    /// `n g R`, seen from `n`.
    fn reference(&mut self, number: i64) -> Result<Option<Object>, SyntaxError> {
        let before = self.lexer.position();
        if let (Ok(number), Some(Token::Integer(generation))) =
            (u32::try_from(number), self.lexer.next()?)
            && let (Ok(generation), Some(Token::Keyword(b"R"))) =
                (u32::try_from(generation), self.lexer.next()?)
        {
            return Ok(Some(Object::Reference(ObjectId { number, generation })));
        }
        self.lexer.seek(before);
        Ok(None)
    }

    fn array(&mut self, depth: usize) -> Result<Object, SyntaxError> {
        let depth = depth.checked_sub(1).ok_or(SyntaxError::TooDeep)?;
        self.weigh(CONTAINER)?;
        let mut items = Vec::new();
        loop {
            match self.token()? {
                Token::ArrayClose => return Ok(Object::Array(items)),
                token => items.push(self.object_from(token, depth)?),
            }
        }
    }

    fn dictionary(
        &mut self,
        depth: usize,
        mut spans: Option<&mut Spans>,
    ) -> Result<Object, SyntaxError> {
        let depth = depth.checked_sub(1).ok_or(SyntaxError::TooDeep)?;
        self.weigh(CONTAINER)?;
        let mut entries = Vec::new();
        loop {
            let key = match self.token()? {
                Token::DictionaryClose => return Ok(Object::Dictionary(Dictionary(entries))),
                Token::Name(raw) => Name::decode(raw),
                _ => return Err(SyntaxError::Malformed("a dictionary key that is no name")),
            };
            self.weigh(1)?;
            self.lexer.skip_space();
            let start = self.lexer.position();
            let Some(value) = self.value(depth)? else {
                entries.push((key, Object::Null));
                return Ok(Object::Dictionary(Dictionary(entries)));
            };
            if let Some(spans) = spans.as_deref_mut() {
                spans.push((key.clone(), start..self.lexer.position()));
            }
            entries.push((key, value));
        }
    }

    /// A dictionary's value; none where the dictionary ends after the key, as some writers do.
    fn value(&mut self, depth: usize) -> Result<Option<Object>, SyntaxError> {
        match self.token()? {
            Token::DictionaryClose => Ok(None),
            token => self.object_from(token, depth).map(Some),
        }
    }

    /// Where a stream's data begins: after `stream` and its end of line (7.3.8.1).
    fn stream_data(&mut self, object: &Object) -> Result<Option<usize>, SyntaxError> {
        let Object::Dictionary(_) = object else { return Ok(None) };
        let before = self.lexer.position();
        if self.lexer.next()? != Some(Token::Keyword(b"stream")) {
            self.lexer.seek(before);
            return Ok(None);
        }
        let rest = self.lexer.rest();
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        let skip = match (rest.get(blanks), rest.get(blanks + 1)) {
            (Some(b'\r'), Some(b'\n')) => blanks + 2,
            (Some(b'\n'), _) => blanks + 1,
            (Some(b'\r'), Some(_)) => blanks + 1,
            (None, _) | (_, None) if !self.lexer.is_complete() => {
                return Err(SyntaxError::Incomplete);
            }
            _ => 0,
        };
        self.lexer.seek(self.lexer.position() + skip);
        Ok(Some(self.lexer.position()))
    }
}

/// `true`, `false` and `null`. An unknown word counts as `null`, as other readers have it; a word
/// of the file's structure means that the object never ended.
fn keyword(word: &[u8]) -> Result<Object, SyntaxError> {
    match word {
        b"true" => Ok(Object::Boolean(true)),
        b"false" => Ok(Object::Boolean(false)),
        b"endobj" | b"endstream" | b"stream" | b"obj" | b"xref" | b"trailer" | b"startxref" => {
            Err(SyntaxError::Malformed("an object without its end"))
        }
        _ => Ok(Object::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(source: &str) -> Result<Object, SyntaxError> {
        Parser::new(source.as_bytes(), true, 50).object()
    }

    #[test]
    fn references_and_numbers_are_told_apart() {
        let found = object("[1 2 3 0 R 4 5 65536 R]").unwrap();
        let reference = |number, generation| Object::Reference(ObjectId { number, generation });
        assert_eq!(
            found,
            Object::Array(vec![1.into(), 2.into(), reference(3, 0), 4.into(), reference(5, 65536)])
        );
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let found = object("<</A 1/A 2/B>>").unwrap();
        assert_eq!(found.as_dictionary().unwrap().integer("A"), Some(2));
        assert_eq!(found.as_dictionary().unwrap().get("B"), Some(&Object::Null));
    }

    #[test]
    fn nesting_ends_in_an_error_and_not_in_a_crash() {
        let deep = "[".repeat(100_000);
        assert_eq!(object(&deep), Err(SyntaxError::TooDeep));
        let deep = "<</A ".repeat(100_000);
        assert_eq!(object(&deep), Err(SyntaxError::TooDeep));
    }

    /// Two bytes of text would take fifty of memory.
    #[test]
    fn an_object_of_too_many_things_is_refused() {
        for one in ["0 ", "/ ", "[0]", "<</A 0>>", "3 0 R "] {
            let many = format!("[{}]", one.repeat(MAX_WEIGHT));
            assert_eq!(object(&many), Err(SyntaxError::TooLarge), "{one}");
        }
        assert!(object(&format!("[{}]", "3 0 R ".repeat(500_000))).is_ok());
    }

    #[test]
    fn a_stream_begins_after_its_end_of_line() {
        for (source, data) in [
            ("1 0 obj<</Length 2>>stream\nab", 27),
            ("1 0 obj<</Length 2>>stream\r\nab", 28),
            ("1 0 obj<</Length 2>>stream \r\nab", 29),
        ] {
            let found = Parser::new(source.as_bytes(), true, 50).indirect().unwrap();
            assert_eq!(found.data, Some(data), "{source:?}");
        }
        let cut = b"1 0 obj<</Length 2>>stream\r";
        let found = Parser::new(cut, false, 50).indirect();
        assert_eq!(found.unwrap_err(), SyntaxError::Incomplete);
    }

    #[test]
    fn spans_say_where_each_value_stands() {
        let source = "7 0 obj << /Contents <00> /B [ 1 ] >> endobj";
        let found = Parser::new(source.as_bytes(), true, 50).indirect().unwrap();
        let texts: Vec<_> = found.spans.iter().map(|(_, span)| &source[span.clone()]).collect();
        assert_eq!(texts, ["<00>", "[ 1 ]"]);
    }

    #[test]
    fn an_empty_object_is_null() {
        let found = Parser::new(b"7 0 obj endobj", true, 50).indirect().unwrap();
        assert_eq!(found.object, Object::Null);
    }
}
