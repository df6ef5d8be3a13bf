//! A small document that is in memory already, read by who asks for it: to wake the reader's thread and to be woken
//! by it costs more than most of what is read.
//!
//! No clock ends it, but a bound on what is worked through: less than ten milliseconds. Whatever is not done within it,
//! or cannot be read, is left to the reader's thread ([`super::reader`]), which has all the step's time and says why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sceau_pdf::{Allowance, Document as Pdf, Limits, ReadError};
use sceau_store::{BlobId, BlobStore};

/// Most bytes of such a document.
const MOST: u64 = 64 << 10;
/// Most bytes that are parsed, searched or inflated.
const WORK: u64 = 512 << 10;

/// The document, where it is one of these and no disk has to be waited for.
pub(super) fn bytes(blobs: &BlobStore, digest: [u8; 32], len: u64) -> Option<Vec<u8>> {
    let most = usize::try_from(len).ok().filter(|_| len <= MOST)?;
    let bytes = blobs.read_at_once(&BlobId(digest), most)?;
    (bytes.len() == most).then_some(bytes)
}

/// What is read of it, whole or not at all.
pub(super) fn read<T>(
    bytes: Vec<u8>,
    read: impl FnOnce(&Pdf<'_>) -> Result<T, ReadError>,
) -> Option<T> {
    let allowance = Allowance::new(WORK);
    let limits = Limits { shared: Some(allowance.clone()), ..Limits::default() };
    let look = || {
        let pdf = Pdf::open(&bytes, &limits).ok()?;
        read(&pdf).ok()
    };
    // A reader that breaks on it breaks once more, where that is told.
    let found = catch_unwind(AssertUnwindSafe(look)).ok().flatten();
    found.filter(|_| !allowance.was_too_little())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::documents::of_objects;

    /// A document of one page whose content is so many blanks, in so many streams that are one and the same.
    fn pages(content: &str, times: usize) -> Vec<u8> {
        let contents = "4 0 R ".repeat(times);
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents[{contents}]\
                 /Resources<</Font<</F 5 0 R>>>>>>"
            ),
            format!("<</Length {}>>stream\n{content}\nendstream ", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ];
        of_objects(&objects)
    }

    #[test]
    fn what_takes_little_is_read_and_what_takes_more_is_left() {
        let text = |bytes: Vec<u8>| read(bytes, |pdf| pdf.page_text(0));
        let little = pages("BT /F 9 Tf (Bonjour) Tj ET", 1);
        assert_eq!(text(little).as_deref().map(str::trim), Some("Bonjour"));
        let blanks = format!("{}BT /F 9 Tf (Bonjour) Tj ET", " ".repeat(32 << 10));
        assert!(text(pages(&blanks, 1)).is_some());
        let much = pages(&blanks, 64);
        assert!(much.len() < MOST as usize, "{}", much.len());
        assert_eq!(text(much), None, "two million bytes");
        assert_eq!(text(b"no document".to_vec()), None);
    }

    #[test]
    fn a_reader_that_breaks_is_left_to_its_thread() {
        let broken = read(pages("", 1), |_| -> Result<(), ReadError> { panic!("a fault") });
        assert_eq!(broken, None);
    }
}
