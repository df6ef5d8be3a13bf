//! A value that knows its line, whichever form it was written in.

use super::Fault;
use crate::notes::Text;

/// A value and the line on which it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// A number, a boolean or a date, as it was written.
    Scalar(String),
    List(Vec<Node>),
    /// Keys in the file's order, each with its line.
    Table(Vec<(String, usize, Node)>),
    /// JSON's null.
    Null,
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self { ends: ends.map(|(offset, _)| offset).collect() }
    }

    /// The line, from 1, on which the byte at `offset` stands.
    pub(super) fn at(&self, offset: usize) -> usize {
        1 + self.ends.partition_point(|end| *end < offset)
    }
}

/// A fault of the syntax itself, with the parser's own words.
pub(super) fn syntax(line: usize, message: &str) -> Fault {
    let text = Text::new(
        format!("la syntaxe est fausse ({message})"),
        format!("the syntax is wrong ({message})"),
    );
    Fault { line, text }
}
