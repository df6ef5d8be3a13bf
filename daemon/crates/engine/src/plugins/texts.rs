//! What was read of documents a moment ago: a dossier's next step asks for the same pages. Only what the
//! bytes say, by their digest; nothing of who asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Documents that are remembered.
const MOST_DOCUMENTS: usize = 64;
/// Bytes of text that are remembered of all of them.
const MOST_TEXT: usize = 4 << 20;

/// Page counts and page texts by a document's SHA-256; the oldest go first.
#[derive(Debug, Default)]
pub struct Texts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    documents: VecDeque<([u8; 32], Known)>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Known {
    count: Option<u32>,
    pages: BTreeMap<u32, String>,
}

impl Texts {
    pub(super) fn count(&self, digest: &[u8; 32]) -> Option<u32> {
        self.lock().known(digest)?.count
    }

    /// The text of a page, counted from 1.
    pub(super) fn page(&self, digest: &[u8; 32], page: u32) -> Option<String> {
        self.lock().known(digest)?.pages.get(&page).cloned()
    }

    pub(super) fn keep_count(&self, digest: [u8; 32], count: u32) {
        self.lock().of(digest).count = Some(count);
    }

    pub(super) fn keep_page(&self, digest: [u8; 32], page: u32, text: &str) {
        let mut kept = self.lock();
        if text.len() > MOST_TEXT / 4 {
            return;
        }
        if kept.of(digest).pages.insert(page, text.to_owned()).is_none() {
            kept.bytes += text.len();
        }
        kept.forget();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn known(&self, digest: &[u8; 32]) -> Option<&Known> {
        self.documents.iter().find(|(known, _)| known == digest).map(|(_, known)| known)
    }

    fn of(&mut self, digest: [u8; 32]) -> &mut Known {
        if self.known(&digest).is_none() {
            self.documents.push_front((digest, Known::default()));
        }
        self.forget();
        let place = self.documents.iter().position(|(known, _)| *known == digest).unwrap_or(0);
        &mut self.documents[place].1
    }

    /// Invariant: the newest document stays.
    fn forget(&mut self) {
        while self.documents.len() > 1
            && (self.documents.len() > MOST_DOCUMENTS || self.bytes > MOST_TEXT)
        {
            let oldest = self.documents.pop_back().map(|(_, known)| known).unwrap_or_default();
            self.bytes -= oldest.pages.values().map(String::len).sum::<usize>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_known_and_the_oldest_goes() {
        let texts = Texts::default();
        for n in 0..=64 {
            texts.keep_count([n; 32], u32::from(n));
            texts.keep_page([n; 32], 1, "a page");
        }
        assert_eq!((texts.count(&[0; 32]), texts.page(&[0; 32], 1)), (None, None));
        assert_eq!(texts.count(&[64; 32]), Some(64));
        assert_eq!(texts.page(&[1; 32], 1).as_deref(), Some("a page"));
        assert_eq!(texts.page(&[1; 32], 2), None);
        assert_eq!(texts.lock().bytes, 64 * "a page".len());
    }

    #[test]
    fn long_texts_are_bounded_all_together() {
        let texts = Texts::default();
        let long = "x".repeat(1 << 20);
        for n in 0..10 {
            (1..=2).for_each(|page| texts.keep_page([n; 32], page, &long));
        }
        texts.keep_page([10; 32], 1, &"x".repeat((1 << 20) + 1));
        assert_eq!(texts.page(&[10; 32], 1), None);
        assert!(texts.lock().bytes <= MOST_TEXT);
        assert_eq!(texts.page(&[9; 32], 2).map(|text| text.len()), Some(1 << 20));
        // Kept again, it counts once.
        texts.keep_page([9; 32], 2, &long);
        let sum: usize = texts
            .lock()
            .documents
            .iter()
            .flat_map(|(_, known)| known.pages.values())
            .map(String::len)
            .sum();
        assert_eq!(texts.lock().bytes, sum);
    }
}
