//! From bytes to objects (ISO 32000-2, 7.2 and 7.3), and no knowledge of the file around them.

mod lexer;
mod parser;
mod text;

pub(crate) use lexer::{Lexer, Token, is_regular, is_space};
pub(crate) use parser::{Indirect, Parser, Spans};

/// Why bytes are no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyntaxError {
    /// The bytes at hand end before the object does.
    Incomplete,
    /// The bytes cannot be read as what was asked for.
    Malformed(&'static str),
    /// Containers stand too deep within each other.
    TooDeep,
    /// One object holds more than memory should be given for.
    TooLarge,
}
