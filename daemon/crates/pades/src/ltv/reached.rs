//! The level that a document's bytes really reach (EN 319 142-1 §6.3).

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits, Prefix};
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::Material;

use super::chain::{Chain, Known, known};
use super::stored_material;
use super::subjects::{Role, Subject, subjects};
use crate::{Level, ReadError};

/// What a document holds for the levels above B-T.
pub(crate) struct Reached<'r> {
    source: &'r dyn ByteSource,
    anchors: &'r TrustAnchors,
    now: Timestamp,
    subjects: Vec<Subject>,
    stored: Material,
}

impl<'r> Reached<'r> {
    pub(crate) fn new(
        source: &'r dyn ByteSource,
        document: &Document<'_>,
        anchors: &'r TrustAnchors,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        let subjects = subjects(document)?;
        let stored = match stored_material(document) {
            Err(error @ sceau_pdf::ReadError::Io(_)) => return Err(error.into()),
            // A broken store proves nothing; what it does to the document is judged elsewhere.
            other => other.unwrap_or_default(),
        };
        Ok(Self { source, anchors, now, subjects, stored })
    }

    /// What the document's own security store holds.
    pub(crate) fn stored(&self) -> &Material {
        &self.stored
    }

    /// The level of a signature at B-T, by what the document holds about it. `timestamps` are the
    /// ends of the ByteRanges of those document timestamps whose own signature verifies.
    pub(crate) fn level(&self, field: &str, timestamps: &[u64]) -> Level {
        if !self.holds_all(field, &self.stored) {
            return Level::T;
        }
        let covered = timestamps.iter().any(|end| self.held_at(field, *end));
        if covered { Level::Lta } else { Level::Lt }
    }

    /// Whether every chain of the signature and its timestamps can be validated from `material`.
    fn holds_all(&self, field: &str, material: &Material) -> bool {
        let own =
            |subject: &&Subject| subject.field == field && subject.role != Role::DocumentTimestamp;
        let mut subjects = self.subjects.iter().filter(own).peekable();
        subjects.peek().is_some() && subjects.all(|subject| self.holds(subject, material))
    }

    fn holds(&self, subject: &Subject, material: &Material) -> bool {
        let chain = Chain::of(subject, material, self.anchors, self.now);
        let known = |(certificate, issuer)| {
            matches!(known(subject, certificate, issuer, material, self.now), Known::Enough(_))
        };
        chain.complete && chain.links().all(known)
    }

    /// Whether the part of the document that a timestamp covers held it all.
    fn held_at(&self, field: &str, end: u64) -> bool {
        let after = |subject: &Subject| subject.field == field && subject.end < end;
        if !self.subjects.iter().any(after) {
            return false;
        }
        let prefix = Prefix::new(self.source, end);
        let Ok(document) = Document::open(&prefix, &Limits::default()) else { return false };
        stored_material(&document).is_ok_and(|material| self.holds_all(field, &material))
    }
}
