//! The level that a document's bytes really reach (EN 319 142-1 §6.3).

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits, Prefix};
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::Material;

use super::at_hand::{AtHand, Holdings};
use super::chain::{Chain, Known, known};
use super::stored_material;
use super::subjects::{Role, Subject, subjects};
use crate::{Level, ReadError};

/// What a document holds for the levels above B-T.
pub(crate) struct Reached<'r> {
    source: &'r dyn ByteSource,
    anchors: &'r TrustAnchors,
    now: Timestamp,
    holdings: &'r Holdings<'r>,
    subjects: Vec<Subject>,
    stored: Material,
}

/// The ends of the ByteRanges of document timestamps whose own signature verifies, with their times.
type Intact<'i> = &'i [(u64, Timestamp)];

impl<'r> Reached<'r> {
    pub(crate) fn new(
        source: &'r dyn ByteSource,
        document: &Document<'_>,
        stored: Material,
        anchors: &'r TrustAnchors,
        holdings: &'r Holdings<'r>,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        let subjects = subjects(document)?;
        Ok(Self { source, anchors, now, holdings, subjects, stored })
    }

    /// The level of a signature at B-T, by what the document holds about it.
    pub(crate) fn level(&self, field: &str, timestamps: Intact<'_>) -> Level {
        if !self.holds_all(field, &self.stored, timestamps) {
            return Level::T;
        }
        let covered = timestamps.iter().any(|(end, _)| self.held_at(field, *end, timestamps));
        if covered { Level::Lta } else { Level::Lt }
    }

    /// Whether every chain of the signature and its timestamps can be validated from `material`.
    fn holds_all(&self, field: &str, material: &Material, proofs: Intact<'_>) -> bool {
        let own =
            |subject: &&Subject| subject.field == field && subject.role != Role::DocumentTimestamp;
        let mut subjects = self.subjects.iter().filter(own).peekable();
        let at_hand = AtHand { material, holdings: self.holdings, proofs, now: self.now };
        subjects.peek().is_some() && subjects.all(|subject| self.holds(subject, at_hand))
    }

    fn holds(&self, subject: &Subject, at_hand: AtHand<'_>) -> bool {
        let chain = Chain::of(subject, at_hand.material, self.anchors, self.now);
        let known = |(certificate, issuer)| {
            matches!(known(subject, certificate, issuer, at_hand), Known::Enough(_))
        };
        chain.complete && chain.links().all(known)
    }

    /// Whether the part of the document that a timestamp covers held it all.
    fn held_at(&self, field: &str, end: u64, proofs: Intact<'_>) -> bool {
        let after = |subject: &Subject| subject.field == field && subject.end < end;
        if !self.subjects.iter().any(after) {
            return false;
        }
        let prefix = Prefix::new(self.source, end);
        let Ok(document) = Document::open(&prefix, &Limits::default()) else { return false };
        stored_material(&document).is_ok_and(|material| self.holds_all(field, &material, proofs))
    }
}
