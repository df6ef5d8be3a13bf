//! What came into a document after a signature, revision by revision (ISO 32000-2 §12.8.2.2).
//!
//! First form, strict: a later revision is an extension only when every object it defines is
//! explained by validation data (`/DSS`), a document timestamp or a further invisible signature.
//! Whatever is left over, or cannot be read, makes it a modification.

mod dss;
mod form;
mod step;

use std::io;

use sceau_pdf::{ByteSource, Document, Limits, Prefix};

use super::coverage::is_line_end;
use crate::report::{Change, ChangeKind};

/// Most revisions that are compared: each costs a look at all objects of the document.
const MAX_COMPARED: usize = 64;

/// The changes of all revisions of one document, each judged once.
pub(super) struct Changes<'s> {
    source: &'s dyn ByteSource,
    /// Where the revisions end, oldest first.
    ends: Vec<u64>,
    /// `judged[i]` tells what revision `i` did to revision `i - 1`.
    judged: Vec<Option<Change>>,
}

impl<'s> Changes<'s> {
    /// For a document with these revision ends.
    pub(super) fn new(source: &'s dyn ByteSource, ends: Vec<u64>) -> Self {
        let judged = vec![None; ends.len()];
        Self { source, ends, judged }
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
        if !is_line_end(self.source, last, self.source.len())? {
            changes.push(modification(self.source.len(), "bytes follow the last revision".into()));
        }
        Ok(changes)
    }

    fn judge(&mut self, index: usize) -> Change {
        if let Some(known) = &self.judged[index] {
            return known.clone();
        }
        let change = if self.judged.iter().flatten().count() < MAX_COMPARED {
            self.compare(self.ends[index - 1], self.ends[index])
        } else {
            modification(self.ends[index], format!("more than {MAX_COMPARED} revisions follow"))
        };
        self.judged[index] = Some(change.clone());
        change
    }

    fn compare(&self, old_end: u64, new_end: u64) -> Change {
        let (old, new) = (Prefix::new(self.source, old_end), Prefix::new(self.source, new_end));
        let limits = Limits::default();
        let documents = Document::open(&old, &limits)
            .and_then(|old_document| Ok((old_document, Document::open(&new, &limits)?)));
        match documents {
            Ok((old, new)) => match step::judge(&old, &new) {
                Ok(details) => {
                    Change { revision_end: new_end, kind: ChangeKind::Extension, details }
                }
                Err(reason) => modification(new_end, reason.0),
            },
            Err(error) => modification(new_end, format!("the revision cannot be opened: {error}")),
        }
    }
}

fn modification(revision_end: u64, reason: String) -> Change {
    Change { revision_end, kind: ChangeKind::Modification, details: vec![reason] }
}

/// Why a revision is a modification: one English phrase.
#[derive(Debug)]
pub(super) struct Modified(String);

impl Modified {
    fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<sceau_pdf::ReadError> for Modified {
    fn from(error: sceau_pdf::ReadError) -> Self {
        Self(format!("the revision cannot be read: {error}"))
    }
}
