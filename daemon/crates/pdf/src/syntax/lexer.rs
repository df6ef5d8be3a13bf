//! Tokens, each a slice of the source (ISO 32000-2, 7.2).

use super::SyntaxError;

/// A token. Slices are the source's own bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    /// A number that fits.
    Integer(i64),
    /// Any other number: its text, of `0-9 + - .` only.
    Real(&'a str),
    /// A string, delimiters included.
    String(&'a [u8]),
    /// A name without its slash, escapes as they stand.
    Name(&'a [u8]),
    ArrayOpen,
    ArrayClose,
    DictionaryOpen,
    DictionaryClose,
    /// Any other run of regular characters, or a lone delimiter.
    Keyword(&'a [u8]),
}

/// Reads tokens from a slice. `complete` says that the slice ends where the source ends; otherwise a
/// token that touches the end is `Incomplete`, for more of it may follow.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    position: usize,
    complete: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(bytes: &'a [u8], complete: bool) -> Self {
        Self { bytes, position: 0, complete }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn seek(&mut self, position: usize) {
        self.position = position.min(self.bytes.len());
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The next token; none at the end of a complete source.
    pub(crate) fn next(&mut self) -> Result<Option<Token<'a>>, SyntaxError> {
        self.skip_space();
        let Some(&first) = self.bytes.get(self.position) else {
            return if self.complete { Ok(None) } else { Err(SyntaxError::Incomplete) };
        };
        let token = match first {
            b'/' => self.name(),
            b'(' => self.literal(),
            b'<' => self.angle(),
            b'>' => self.close_angle(),
            b'[' => self.single(Token::ArrayOpen),
            b']' => self.single(Token::ArrayClose),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            b'{' | b'}' | b')' => self.delimiter(),
            _ => self.keyword(),
        };
        token.map(Some)
    }

    /// Whitespace and comments (7.2.3, 7.2.4).
    pub(crate) fn skip_space(&mut self) {
        while let Some(&byte) = self.bytes.get(self.position) {
            match byte {
                b'%' => self.position += line_len(&self.bytes[self.position..]),
                byte if is_space(byte) => self.position += 1,
                _ => return,
            }
        }
    }

    fn name(&mut self) -> Result<Token<'a>, SyntaxError> {
        self.position += 1;
        Ok(Token::Name(self.run(is_regular)?))
    }

    fn keyword(&mut self) -> Result<Token<'a>, SyntaxError> {
        Ok(Token::Keyword(self.run(is_regular)?))
    }

    fn number(&mut self) -> Result<Token<'a>, SyntaxError> {
        let run = self.run(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'))?;
        let text = std::str::from_utf8(run).map_err(|_| SyntaxError::Malformed("a number"))?;
        Ok(text.parse().map_or(Token::Real(text), Token::Integer))
    }

    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> Result<&'a [u8], SyntaxError> {
        let rest = self.rest();
        let len = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
        self.take(len, len == rest.len())
    }

    /// A literal string with balanced parentheses (7.3.4.2).
    fn literal(&mut self) -> Result<Token<'a>, SyntaxError> {
        let rest = self.rest();
        let (mut open, mut at) = (0u32, 0);
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            at += 1;
            if open == 0 {
                return Ok(Token::String(self.take(at, false)?));
            }
        }
        Err(self.unterminated("a string without its end"))
    }

    fn angle(&mut self) -> Result<Token<'a>, SyntaxError> {
        let rest = self.rest();
        match rest.get(1) {
            Some(b'<') => self.double(Token::DictionaryOpen),
            None if !self.complete => Err(SyntaxError::Incomplete),
            _ => match memchr::memchr(b'>', rest) {
                Some(end) => Ok(Token::String(self.take(end + 1, false)?)),
                None => Err(self.unterminated("a hexadecimal string without its end")),
            },
        }
    }

    fn close_angle(&mut self) -> Result<Token<'a>, SyntaxError> {
        match self.rest().get(1) {
            Some(b'>') => self.double(Token::DictionaryClose),
            None if !self.complete => Err(SyntaxError::Incomplete),
            _ => self.delimiter(),
        }
    }

    fn single(&mut self, token: Token<'a>) -> Result<Token<'a>, SyntaxError> {
        self.position += 1;
        Ok(token)
    }

    fn double(&mut self, token: Token<'a>) -> Result<Token<'a>, SyntaxError> {
        self.position += 2;
        Ok(token)
    }

    fn delimiter(&mut self) -> Result<Token<'a>, SyntaxError> {
        Ok(Token::Keyword(self.take(1, false)?))
    }

    fn take(&mut self, len: usize, touches_end: bool) -> Result<&'a [u8], SyntaxError> {
        if touches_end && !self.complete {
            return Err(SyntaxError::Incomplete);
        }
        let taken = &self.bytes[self.position..self.position + len];
        self.position += len;
        Ok(taken)
    }

    fn unterminated(&self, what: &'static str) -> SyntaxError {
        if self.complete { SyntaxError::Malformed(what) } else { SyntaxError::Incomplete }
    }
}

/// White-space characters (table 1).
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Neither white space nor a delimiter (table 2).
pub(crate) fn is_regular(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn line_len(bytes: &[u8]) -> usize {
    memchr::memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(source: &str) -> Vec<Token<'_>> {
        let mut lexer = Lexer::new(source.as_bytes(), true);
        std::iter::from_fn(|| lexer.next().unwrap()).collect()
    }

    #[test]
    fn every_kind_of_token() {
        assert_eq!(
            all("<</A#20 -1.50 (a(b)\\)c)>>[<4a>true +7]%c\nR"),
            [
                Token::DictionaryOpen,
                Token::Name(b"A#20"),
                Token::Real("-1.50"),
                Token::String(b"(a(b)\\)c)"),
                Token::DictionaryClose,
                Token::ArrayOpen,
                Token::String(b"<4a>"),
                Token::Keyword(b"true"),
                Token::Integer(7),
                Token::ArrayClose,
                Token::Keyword(b"R"),
            ]
        );
    }

    #[test]
    fn a_number_beyond_64_bits_keeps_its_text() {
        assert_eq!(all("99999999999999999999"), [Token::Real("99999999999999999999")]);
        assert_eq!(all("0obj"), [Token::Integer(0), Token::Keyword(b"obj")]);
        assert_eq!(all("--5"), [Token::Real("--5")]);
    }

    #[test]
    fn what_touches_the_end_of_a_part_is_incomplete() {
        for part in ["12", "/Na", "(a", "<4", "<", ">", "tru", "", "(a\\"] {
            let found = Lexer::new(part.as_bytes(), false).next();
            assert_eq!(found, Err(SyntaxError::Incomplete), "{part}");
        }
        assert!(matches!(Lexer::new(b"(a\\", true).next(), Err(SyntaxError::Malformed(_))));
    }
}
