//! How much of a hostile document is looked at before it is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bounds on one open document. Every loop and allocation that a document can steer is held by one.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The bytes of one object's text (a stream's data apart), in bytes.
    pub object_len: usize,
    /// The depth of arrays and dictionaries within each other.
    pub nesting: usize,
    /// The number of cross-reference sections in a chain of `/Prev`.
    pub xref_sections: usize,
    /// The decoded bytes of all cross-reference streams together.
    pub xref_bytes: usize,
    /// The decoded bytes of one stream.
    pub decoded_len: usize,
    /// The pages that a walk of the page tree visits.
    pub pages: usize,
    /// The fields that a walk of the form visits.
    pub fields: usize,
    /// The objects that a repair by scanning keeps.
    pub repaired_objects: usize,
    /// The bytes that are parsed, searched or inflated, beyond eight times the file's length: a
    /// hostile file has the same bytes worked through again and again.
    pub work: u64,
    /// What it shares with other documents: the revisions of one file, say.
    pub shared: Option<Allowance>,
}

/// Bytes that several documents together may work through.
#[derive(Debug, Clone)]
pub struct Allowance(Arc<Spent>);

#[derive(Debug)]
struct Spent {
    left: AtomicU64,
    refused: AtomicBool,
}

impl Allowance {
    /// So many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(Spent { left: AtomicU64::new(bytes), refused: AtomicBool::new(false) }))
    }

    /// What several readings of a document of `len` bytes may cost together: sixteen times that and 128
    /// MiB; of large files four times and 4 GiB, whatever is less.
    #[must_use]
    pub fn for_document(len: u64) -> Self {
        let large = len.saturating_mul(4).saturating_add(4 << 30);
        Self::new(len.saturating_mul(16).min(large).saturating_add(128 << 20))
    }

    /// Bytes that are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0.left.load(Ordering::Relaxed)
    }

    /// Whether more was wanted than was left: what was read then may be less than what there is.
    #[must_use]
    pub fn was_too_little(&self) -> bool {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Nothing is left from now on: whoever works through a document ends at its next step.
    pub fn end(&self) {
        self.0.left.store(0, Ordering::Relaxed);
    }

    /// Takes `bytes` off; false where that many are not left.
    pub(crate) fn spend(&self, bytes: u64) -> bool {
        let less = |left: u64| left.checked_sub(bytes);
        let spent = self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        if !spent {
            self.0.refused.store(true, Ordering::Relaxed);
        }
        spent
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_len: 16 << 20,
            nesting: 200,
            xref_sections: 4096,
            xref_bytes: 24 << 20,
            decoded_len: 16 << 20,
            pages: 1_000_000,
            fields: 100_000,
            repaired_objects: 1_000_000,
            work: 64 << 20,
            shared: None,
        }
    }
}
