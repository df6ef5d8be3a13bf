//! A text with the name under which its faults are reported.

use std::ops::Range;

use super::fault::{Fault, FaultCode, Spot};

/// A file's text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    file: &'s str,
    text: &'s str,
}

impl<'s> Source<'s> {
    /// Longest text that is read, in bytes.
    pub const MAX_LEN: usize = 1 << 20;

    /// The text of a file, with the file's name as the user knows it.
    pub const fn new(file: &'s str, text: &'s str) -> Self {
        Self { file, text }
    }

    /// The file's name.
    pub const fn file(&self) -> &'s str {
        self.file
    }

    /// The whole text.
    pub const fn text(&self) -> &'s str {
        self.text
    }

    /// Where a range of bytes lies. Only its first line is shown.
    pub fn spot(&self, span: Range<usize>) -> Spot {
        let start = self.boundary(span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |end| start + end);
        let end = self.boundary(span.end).clamp(start, line_end);
        let line = self.text[line_start..line_end].trim_end_matches('\r');
        Spot {
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            width: self.text[start..end].trim_end().chars().count().max(1),
            shown: line.chars().take(200).collect(),
        }
    }

    /// A fault at a range of bytes.
    pub fn fault(
        &self,
        code: FaultCode,
        span: Range<usize>,
        message: String,
        suggestion: Option<String>,
    ) -> Fault {
        let spot = Some(self.spot(span));
        Fault { code, file: self.file.to_owned(), spot, message, suggestion }
    }

    fn boundary(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("x.toml", "a = 1\nété = \"é\"\r\n");
        let at = source.text().find("\"é\"").unwrap();
        let spot = source.spot(at..at + 4);
        assert_eq!((spot.line, spot.column, spot.width), (2, 7, 3));
        assert_eq!(spot.shown, "été = \"é\"");
    }

    #[test]
    fn offsets_beyond_the_text_do_no_harm() {
        let source = Source::new("x.toml", "é");
        assert_eq!(source.spot(1..99).column, 1);
        assert_eq!(source.spot(99..120).line, 1);
    }
}
