//! What came into a document after a signature, revision by revision (ISO 32000-2 §12.8.2.2).
//!
//! Strict: a later revision is an extension only when every object that differs is explained by one
//! of the small rules in [`rules`]. Whatever is left over, or cannot be read, makes it a
//! modification.

mod awaited;
mod places;
mod rules;
mod same;
mod step;

use std::io;

use sceau_pdf::{Allowance, ByteSource, Document, Limits, Prefix, ReadError};

use self::awaited::Awaited;
use super::coverage::is_line_end;
use super::guards::{Guard, Guards};
use crate::report::{Change, ChangeItem, What};

/// Most revisions that are compared: each costs a look at all objects of the document.
const MAX_COMPARED: usize = 64;
/// Bytes that may be worked through for one revision, beyond eight times its length.
const WORK: u64 = 16 << 20;

/// The changes of all revisions of one document, each judged once.
pub(super) struct Changes<'s> {
    source: &'s dyn ByteSource,
    guards: Guards,
    /// Where the revisions end, oldest first.
    ends: Vec<u64>,
    /// `judged[i]` tells what revision `i` did to revision `i - 1`.
    judged: Vec<Option<Change>>,
    awaited: Awaited,
    /// What all revisions together may cost.
    allowance: Allowance,
}

impl<'s> Changes<'s> {
    /// For a document with these revision ends.
    pub(super) fn new(source: &'s dyn ByteSource, ends: Vec<u64>, guards: Guards) -> Self {
        let judged = vec![None; ends.len()];
        let (awaited, allowance) = (Awaited::default(), Allowance::for_document(source.len()));
        Self { source, guards, ends, judged, awaited, allowance }
    }

    /// For whatever opens a revision of this document: all of them share what they may cost.
    pub(super) fn limits(&self) -> Limits {
        Limits { work: WORK, shared: Some(self.allowance.clone()), ..Limits::default() }
    }

    /// The ends of the revisions.
    pub(super) fn ends(&self) -> &[u64] {
        &self.ends
    }

    /// What every revision after byte `end` does, and whatever stands behind the last of them.
    pub(super) fn after(&mut self, end: u64) -> io::Result<Vec<Change>> {
        let mut changes = Vec::new();
        for index in 1..self.ends.len() {
            let start = self.ends[index - 1];
            // The range may end before or behind the revision's last end of line.
            if start < end && !is_line_end(self.source, start, end)? {
                continue;
            }
            if self.ends[index] > end && !is_line_end(self.source, end, self.ends[index])? {
                changes.push(self.judge(index));
            }
        }
        let last = self.ends.last().copied().unwrap_or(0).max(end);
        let behind = !is_line_end(self.source, last, self.source.len())?;
        if behind && self.guards.hold(Guard::NothingBehind) {
            changes.push(refused(self.source.len(), What::BytesFollow, None));
        }
        Ok(changes)
    }

    fn judge(&mut self, index: usize) -> Change {
        if let Some(known) = &self.judged[index] {
            return known.clone();
        }
        let change = if self.judged.iter().flatten().count() < MAX_COMPARED {
            self.compare(index)
        } else {
            let reason = format!("more than {MAX_COMPARED} revisions follow");
            refused(self.ends[index], What::TooMuch, Some(reason))
        };
        self.judged[index] = Some(change.clone());
        change
    }

    fn compare(&mut self, index: usize) -> Change {
        let (old_end, new_end) = (self.ends[index - 1], self.ends[index]);
        let (old, new) = (Prefix::new(self.source, old_end), Prefix::new(self.source, new_end));
        let limits = self.limits();
        let documents = Document::open(&old, &limits)
            .and_then(|old_document| Ok((old_document, Document::open(&new, &limits)?)));
        match documents {
            Ok((old, new)) => {
                let items = step::judge(&old, &new, self.guards, &mut self.awaited);
                Change::of(new_end, items)
            }
            Err(error) => refused(new_end, What::Unreadable, Some(error.to_string())),
        }
    }
}

fn refused(end: u64, what: What, subject: Option<String>) -> Change {
    Change::of(end, vec![ChangeItem::new(what, None, None, subject)])
}

/// What a reading fault makes of a revision.
fn unreadable(error: &ReadError) -> (What, Option<String>) {
    match error {
        ReadError::TooComplex { limit } => (What::TooMuch, Some((*limit).to_owned())),
        ReadError::Encrypted => (What::Encrypted, None),
        error => (What::Unreadable, Some(error.to_string())),
    }
}
