//! A document as plugins read it, whatever its bytes lie in.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sceau_pdf::{ByteSource, Document as Pdf, Limits, Object, ReadError};
use sceau_plugin_host::ports::{Document, PageBox, SignatureNote, Unreadable};
use sceau_store::BlobStore;
use sha2::{Digest as _, Sha256};

use super::at_once;
use super::crew;
use super::reader::Reader;
use super::texts::Texts;
use super::within::Overdue;

/// Who asks how many pages there are reads them next. Of a document of so many bytes at most, the texts of all pages
/// where they are few, and of the first where they are more, are read with their count: one way to the reader's
/// thread, who need not hold the document open, instead of one for each.
const SMALL: u64 = 1 << 20;
/// How many pages are few.
const FEW: u32 = 3;

/// A PDF, opened at the first question about what is in it. Clones share what is open.
#[derive(Debug)]
pub struct PdfDocument<S> {
    source: Arc<S>,
    digest: [u8; 32],
    name: String,
    deadline: Option<Instant>,
    reader: Arc<Mutex<Option<Reader>>>,
    texts: Option<Arc<Texts>>,
    blobs: Option<BlobStore>,
}

impl<S: ByteSource + 'static> PdfDocument<S> {
    /// The document of these bytes, whose digest is known.
    pub fn new(source: S, digest: [u8; 32], name: String) -> Self {
        let (source, reader) = (Arc::new(source), Arc::default());
        Self { source, digest, name, deadline: None, reader, texts: None, blobs: None }
    }

    /// No answer is waited for beyond this moment: the document may be as hostile as the plugin.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// What was read of it before, for whomever, is not read again.
    #[must_use]
    pub fn remembered(self, texts: Arc<Texts>) -> Self {
        Self { texts: Some(texts), ..self }
    }

    /// It is one of these: where it is small and in memory, who asks reads it himself.
    #[must_use]
    pub fn kept_in(self, blobs: &BlobStore) -> Self {
        Self { blobs: Some(blobs.clone()), ..self }
    }

    fn pdf<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Pdf<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Unreadable> {
        let Some(deadline) = self.deadline else {
            let pdf = Pdf::open(&*self.source, &Limits::default()).map_err(unreadable)?;
            return read(&pdf).map_err(unreadable);
        };
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = match &mut *reader {
            Some(reader) => reader,
            none => none.insert(Reader::start(Arc::clone(&self.source), deadline)?),
        };
        reader.ask(move |pdf| read(pdf).map_err(unreadable))?
    }
}

impl<S: ByteSource + 'static> PdfDocument<S> {
    /// The count of pages, kept with the texts that were read with it.
    fn looked_over(&self) -> Result<u32, Unreadable> {
        let open = self.reader.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let at_once = if open { None } else { self.at_once(look_over) };
        let (count, first) = match (at_once, self.deadline.filter(|_| !open)) {
            (Some(found), _) => found,
            (None, Some(deadline)) => {
                let look = |pdf: &Pdf<'_>| look_over(pdf).map_err(unreadable);
                Reader::once(Arc::clone(&self.source), deadline, look)??
            }
            (None, None) => self.pdf(look_over)?,
        };
        self.keep(|texts, digest| {
            texts.keep_count(digest, count);
            (1..).zip(&first).for_each(|(page, text)| texts.keep_page(digest, page, text));
        });
        Ok(count)
    }
}

impl<S: ByteSource> PdfDocument<S> {
    fn at_once<T>(&self, read: impl FnOnce(&Pdf<'_>) -> Result<T, ReadError>) -> Option<T> {
        let bytes = at_once::bytes(self.blobs.as_ref()?, self.digest, self.source.len())?;
        at_once::read(bytes, read)
    }
}

/// The count of pages, and the texts of the first ones.
fn look_over(pdf: &Pdf<'_>) -> Result<(u32, Vec<String>), ReadError> {
    let count = pdf.page_count()?;
    let first = if count <= FEW { count } else { 1 };
    // Why one cannot be read is told to who asks for it.
    Ok((count, (0..first).map_while(|at| pdf.page_text(at).ok()).collect()))
}

impl<S> Clone for PdfDocument<S> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            digest: self.digest,
            name: self.name.clone(),
            deadline: self.deadline,
            reader: Arc::clone(&self.reader),
            texts: self.texts.clone(),
            blobs: self.blobs.clone(),
        }
    }
}

impl<S> PdfDocument<S> {
    fn keep(&self, keep: impl FnOnce(&Texts, [u8; 32])) {
        if let Some(texts) = &self.texts {
            keep(texts, self.digest);
        }
    }
}

impl<S: ByteSource + AsRef<Vec<u8>> + 'static> PdfDocument<S> {
    /// The document of bytes in memory.
    pub fn hashed(source: S, name: String) -> Self {
        let digest = Sha256::digest(source.as_ref()).into();
        Self::new(source, digest, name)
    }
}

impl From<Overdue> for Unreadable {
    fn from(overdue: Overdue) -> Self {
        unreadable(overdue)
    }
}

impl<S: ByteSource + 'static> Document for PdfDocument<S> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn media_type(&self) -> String {
        "application/pdf".to_owned()
    }

    fn size(&self) -> u64 {
        self.source.len()
    }

    fn sha256(&self) -> [u8; 32] {
        self.digest
    }

    fn read(&mut self, offset: u64, count: u32) -> Result<Vec<u8>, Unreadable> {
        let source = Arc::clone(&self.source);
        let read = move || {
            let mut bytes = vec![0; count as usize];
            source.read_at(offset, &mut bytes).map(|()| bytes).map_err(unreadable)
        };
        match self.deadline {
            Some(deadline) => crew::answered(deadline, read)?,
            None => read(),
        }
    }

    fn page_count(&mut self) -> Result<u32, Unreadable> {
        if let Some(count) = self.texts.as_ref().and_then(|texts| texts.count(&self.digest)) {
            return Ok(count);
        }
        if self.texts.is_some() && self.source.len() <= SMALL {
            return self.looked_over();
        }
        let count = self.pdf(|pdf| pdf.page_count())?;
        self.keep(|texts, digest| texts.keep_count(digest, count));
        Ok(count)
    }

    fn page_text(&mut self, page: u32) -> Result<Option<String>, Unreadable> {
        if let Some(text) = self.texts.as_ref().and_then(|texts| texts.page(&self.digest, page)) {
            return Ok(Some(text));
        }
        let text = self.pdf(move |pdf| match index(page) {
            Some(at) if page <= pdf.page_count()? => pdf.page_text(at).map(Some),
            _ => Ok(None),
        })?;
        if let Some(text) = &text {
            self.keep(|texts, digest| texts.keep_page(digest, page, text));
        }
        Ok(text)
    }

    fn text_places(
        &mut self,
        page: u32,
        characters: Range<usize>,
    ) -> Result<Option<Vec<PageBox>>, Unreadable> {
        let Some(at) = index(page) else { return Ok(None) };
        let boxes = self.pdf(move |pdf| pdf.text_places(at, characters))?;
        Ok(boxes.map(|boxes| boxes.into_iter().map(page_box).collect()))
    }

    fn page_box(&mut self, page: u32) -> Result<Option<PageBox>, Unreadable> {
        let Some(at) = index(page) else { return Ok(None) };
        let size = self.pdf(move |pdf| pdf.page_size(at))?;
        Ok(size.map(|[width, height]| page_box([0.0, 0.0, width, height])))
    }

    fn metadata(&mut self, key: &str) -> Result<Option<String>, Unreadable> {
        const KEYS: [&str; 6] = ["Title", "Author", "Subject", "Keywords", "Creator", "Producer"];
        let Some(key) = KEYS.into_iter().find(|known| *known == key) else { return Ok(None) };
        self.pdf(move |pdf| {
            let Object::Dictionary(info) = pdf.get(pdf.trailer(), "Info")? else { return Ok(None) };
            Ok(match pdf.get(&info, key)? {
                Object::String(text) => Some(text.to_text()),
                _ => None,
            })
        })
    }

    fn signatures(&mut self) -> Result<Vec<SignatureNote>, Unreadable> {
        let size = self.source.len();
        self.pdf(move |pdf| {
            let filled = pdf.signature_fields()?.into_iter().filter_map(|field| {
                let value = field.value?;
                let end = value.byte_range.map(|[_, _, offset, len]| offset.saturating_add(len));
                Some(SignatureNote {
                    field: field.name,
                    signatory: value.name,
                    signed_at_ms: value.m.as_deref().and_then(claimed_ms),
                    covers_whole_document: end == Some(size),
                })
            });
            Ok(filled.collect())
        })
    }
}

/// From 0; `None` for no page that a document can have.
fn index(page: u32) -> Option<u32> {
    page.checked_sub(1).filter(|_| page <= 1 << 24)
}

fn page_box([x0, y0, x1, y1]: [f64; 4]) -> PageBox {
    // To a thousandth of a point: what is less is the arithmetic's.
    let round = |length: f64| (length * 1_000.0).round() / 1_000.0;
    PageBox { x: round(x0), y: round(y0), width: round(x1 - x0), height: round(y1 - y0) }
}

/// `/M` (ISO 32000-2, 7.9.4) in milliseconds since 1970; proven by nothing.
fn claimed_ms(text: &str) -> Option<u64> {
    u64::try_from(sceau_pades::claimed_time(text)?.as_millisecond()).ok()
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> Unreadable {
    Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::documents::of_objects;

    /// A document whose every byte takes its time.
    struct Slow;

    impl ByteSource for Slow {
        fn len(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> std::io::Result<()> {
            std::thread::sleep(Duration::from_secs(5));
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
    }

    #[test]
    fn no_answer_is_waited_for_beyond_the_end_of_the_step() {
        for texts in [None, Some(Arc::default())] {
            let (begun, limit) = (Instant::now(), Duration::from_millis(50));
            let slow = PdfDocument::new(Slow, [0; 32], "slow.pdf".to_owned());
            let mut slow = PdfDocument { texts, ..slow.until(begun + limit) };
            assert!(slow.page_count().expect_err("late").0.contains("longer than the step may"));
            assert!(slow.page_text(1).is_err() && slow.signatures().is_err());
            assert!(slow.read(0, 10).expect_err("late").0.contains("longer than the step may"));
            assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        }
    }

    /// A document that the reader breaks on.
    struct Breaking;

    impl ByteSource for Breaking {
        fn len(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> std::io::Result<()> {
            panic!("a fault of the reader");
        }
    }

    #[test]
    fn a_reader_that_breaks_is_not_told_as_late() {
        let deadline = Instant::now() + Duration::from_secs(60);
        for texts in [None, Some(Arc::default())] {
            let breaking = PdfDocument::new(Breaking, [0; 32], "broken.pdf".to_owned());
            let mut breaking = PdfDocument { texts, ..breaking.until(deadline) };
            assert!(breaking.page_count().expect_err("broken").0.contains("broke on it"));
        }
        assert!(Instant::now() < deadline);
    }

    /// A document of two pages that counts how often it is read.
    struct Counted(Vec<u8>, std::sync::atomic::AtomicU32);

    impl ByteSource for Counted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<()> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.0.read_at(offset, buf)
        }
    }

    fn two_pages() -> Vec<u8> {
        let page =
            |at: u32| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents {at} 0 R>>");
        let text = |text: &str| {
            let drawn = format!("BT /F 9 Tf ({text}) Tj ET");
            format!("<</Length {}>>stream\n{drawn}\nendstream", drawn.len())
        };
        let font = "<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>";
        let pages = format!("<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Resources<</Font{font}>>>>");
        let catalog = "<</Type/Catalog/Pages 2 0 R>>".to_owned();
        let objects = [catalog, pages, page(5), page(6), text("Bonjour"), text("Suite")];
        of_objects(&objects)
    }

    #[test]
    fn few_pages_of_a_small_document_are_read_with_their_count_and_once() {
        let source = Counted(two_pages(), 0.into());
        let later = Instant::now() + Duration::from_secs(60);
        let document = PdfDocument::new(source, [1; 32], "deux.pdf".to_owned()).until(later);
        let mut document = document.remembered(Arc::default());
        assert_eq!(document.page_count().ok(), Some(2));
        let reads = document.source.1.load(std::sync::atomic::Ordering::Relaxed);
        let text =
            |document: &mut PdfDocument<_>, page| document.page_text(page).expect("readable");
        assert_eq!(text(&mut document, 1).as_deref().map(str::trim), Some("Bonjour"));
        assert_eq!(text(&mut document, 2).as_deref().map(str::trim), Some("Suite"));
        assert_eq!(document.page_count().ok(), Some(2));
        assert_eq!(document.source.1.load(std::sync::atomic::Ordering::Relaxed), reads);
        assert_eq!(text(&mut document, 3), None);
    }

    #[test]
    fn the_claimed_time_of_a_signature_is_told_where_it_is_one() {
        assert_eq!(claimed_ms("D:20260302101500+01'00'"), Some(1_772_442_900_000));
        assert_eq!(claimed_ms("D:20260302091500Z"), Some(1_772_442_900_000));
        for none in ["", "yesterday", "D:19500101000000Z", "D:20261399000000Z"] {
            assert_eq!(claimed_ms(none), None, "{none:?}");
        }
    }
}
