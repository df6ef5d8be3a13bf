//! A document with all that it rests on, and what is at hand about that.

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, ReadError};
use sceau_pki::revocation::Material;

use super::at_hand::{AtHand, Holdings};
use super::stored_material;
use super::subjects::{Role, Subject, subjects};

pub(super) struct Case<'c> {
    pub(super) subjects: Vec<Subject>,
    /// Of the document itself, and what was brought.
    material: Material,
    holdings: Holdings<'c>,
    proofs: Vec<(u64, Timestamp)>,
    now: Timestamp,
}

impl<'c> Case<'c> {
    /// `document` was read from `source`; `material` was brought. Of its timestamps it is not asked here
    /// whether they hold: what they do not prove, the verdict says.
    pub(super) fn of(
        document: &Document<'_>,
        source: &'c dyn ByteSource,
        brought: &Material,
        now: Timestamp,
    ) -> Result<Self, ReadError> {
        let mut material = stored_material(document)?;
        material.merge(brought);
        let subjects = subjects(document)?;
        let stamps = subjects.iter().filter(|subject| subject.role == Role::DocumentTimestamp);
        let proofs = stamps.filter_map(|stamp| Some((stamp.end, stamp.time?))).collect();
        let holdings = Holdings::new(source, Vec::new());
        Ok(Self { subjects, material, holdings, proofs, now })
    }

    pub(super) fn at_hand(&self) -> AtHand<'_> {
        let Self { material, holdings, proofs, now, .. } = self;
        AtHand { material, holdings, proofs, now: *now }
    }
}
