//! The lengths at which a file was once complete (ISO 32000-2, 7.5.6).

use super::Document;
use crate::{ReadError, reader::Reader};

impl Document<'_> {
    /// The ends of the revisions, oldest first, in bytes: each is a length at which the file was
    /// once complete, its `%%EOF` and end of line included. A repaired document has one.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails.
    pub fn revisions(&self) -> Result<Vec<u64>, ReadError> {
        let len = self.source().len();
        let mut ends: Vec<u64> = Vec::new();
        let mut older = 0;
        // A section before an older one is the first-page section of a linearised file (annex F):
        // both belong to one revision.
        for section in self.xref().sections.iter().rev() {
            if *section < older {
                continue;
            }
            older = *section;
            let end = end_after(&Reader::new(self.source()), *section, len)?;
            ends.push(end.unwrap_or(len));
        }
        if ends.is_empty() {
            ends.push(len);
        }
        ends.dedup();
        Ok(ends)
    }

    /// Whether the cross-references are those of `older` and one section more (7.5.6).
    #[must_use]
    pub fn adds_one_section_to(&self, older: &Document<'_>) -> bool {
        self.xref().sections.get(1..) == Some(&older.xref().sections[..])
    }
}

/// Where `%%EOF` and its end of line end, the first after `offset`.
fn end_after(reader: &Reader<'_>, offset: u64, len: u64) -> Result<Option<u64>, ReadError> {
    const CHUNK: usize = 64 << 10;
    const MARK: &[u8] = b"%%EOF";
    let mut at = offset;
    while at < len {
        let chunk = reader.bytes(at, CHUNK)?;
        if let Some(found) = memchr::memmem::find(&chunk, MARK) {
            let end = at + (found + MARK.len()) as u64;
            let after = reader.bytes(end, 2)?;
            let line = match after.as_slice() {
                [b'\r', b'\n'] => 2,
                [b'\r' | b'\n', ..] => 1,
                _ => 0,
            };
            return Ok(Some(end + line));
        }
        if chunk.len() < CHUNK {
            break;
        }
        at += (CHUNK - MARK.len()) as u64;
    }
    Ok(None)
}
