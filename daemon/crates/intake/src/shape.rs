//! Has a file the head and the tail of a PDF? No more than that is looked at here: what is between
//! them is the reader's business (`sceau-pdf`).
//!
//! A size that no longer changes is no completeness (Windows' CopyFile sets the final length
//! first), so both ends must be there: `%PDF-` within the first 1024 bytes (PDF Reference 1.7,
//! appendix H, note 13) and `%%EOF` within the last 2048 (note 18 says 1024; some writers pad).

use sceau_disk::{DiskError, ReadFile};

/// How far from the start `%PDF-` may stand, in bytes.
pub const HEAD: u64 = 1024;
/// How far from the end `%%EOF` may stand, in bytes.
pub const TAIL: u64 = 2048;

/// What a file looks like from its two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It has no byte.
    Empty,
    /// Its head is not that of a PDF.
    NoHead,
    /// It begins as a PDF, its end is missing.
    NoTail,
    /// Both ends are there.
    Whole,
}

/// Looks at both ends of `file`, whose length is `len`. Reads at most 3072 bytes.
///
/// # Errors
/// Those of the reads.
pub fn look(file: &dyn ReadFile, len: u64) -> Result<Shape, DiskError> {
    let head = read(file, 0, HEAD)?;
    let tail = read(file, len.saturating_sub(TAIL), TAIL)?;
    Ok(shape(&head, &tail))
}

/// The shape of a file that begins with `head` and ends with `tail`.
#[must_use]
pub fn shape(head: &[u8], tail: &[u8]) -> Shape {
    match (head.is_empty(), contains(head, b"%PDF-"), contains(tail, b"%%EOF")) {
        (true, _, _) => Shape::Empty,
        (_, false, _) => Shape::NoHead,
        (_, true, false) => Shape::NoTail,
        (_, true, true) => Shape::Whole,
    }
}

fn contains(window: &[u8], needle: &[u8]) -> bool {
    window.windows(needle.len()).any(|bytes| bytes == needle)
}

fn read(file: &dyn ReadFile, offset: u64, most: u64) -> Result<Vec<u8>, DiskError> {
    let mut bytes = vec![0; most as usize];
    let mut done = 0;
    while done < bytes.len() {
        match file.read_at(offset + done as u64, &mut bytes[done..])? {
            0 => break,
            read => done += read,
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_must_be_there() {
        assert_eq!(shape(b"", b""), Shape::Empty);
        assert_eq!(shape(b"PK\x03\x04", b"%%EOF"), Shape::NoHead);
        assert_eq!(shape(&[0; 1024], &[0; 1024]), Shape::NoHead);
        assert_eq!(shape(b"%PDF-1.7\n", b"endobj"), Shape::NoTail);
        assert_eq!(shape(b"junk\n%PDF-1.7\n", b"startxref\n9\n%%EOF\r\n"), Shape::Whole);
    }
}
