//! Proofs of existence by the document's own timestamps (EN 319 102-1 §5.6.2.3): what a document
//! timestamp that holds covers existed when it was made.

use jiff::Timestamp;

/// What is proven so far. Timestamps are judged from the newest to the oldest, so that each stands
/// on those after it.
pub(super) struct Proofs {
    now: Timestamp,
    /// Ends of ByteRanges with the time at which what they cover existed.
    proven: Vec<(u64, Timestamp)>,
    /// The same of document timestamps whose own signature verifies, trusted or not.
    intact: Vec<(u64, Timestamp)>,
}

/// When something existed at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Existence {
    pub(super) at: Timestamp,
    /// Whether a timestamp proves it; else it is the time of validation.
    pub(super) proven: bool,
}

impl Proofs {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, proven: Vec::new(), intact: Vec::new() }
    }

    /// Since when what ends at `end` is known to exist.
    pub(super) fn of(&self, end: u64) -> Existence {
        let covering = self.proven.iter().filter(|(covered, _)| *covered > end);
        match covering.map(|(_, time)| *time).min() {
            Some(at) => Existence { at, proven: true },
            None => Existence { at: self.now, proven: false },
        }
    }

    pub(super) fn add(&mut self, end: u64, time: Timestamp) {
        self.proven.push((end, time));
    }

    pub(super) fn proven(&self) -> &[(u64, Timestamp)] {
        &self.proven
    }

    pub(super) fn add_intact(&mut self, end: u64, time: Timestamp) {
        self.intact.push((end, time));
    }

    pub(super) fn intact(&self) -> &[(u64, Timestamp)] {
        &self.intact
    }
}
