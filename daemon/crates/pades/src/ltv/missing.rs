//! What a document still lacks for B-LT, so that whoever can fetch does.

use jiff::{SignedDuration, Timestamp};
use sceau_pdf::{ByteSource, Document, Limits};
use sceau_pki::Certificate;
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::{Material, Source, Status};

use super::at_hand::AtHand;
use super::case::Case;
use super::chain::{Chain, Known, known};
use super::subjects::{Role, Subject};
use crate::ReadError;

/// What is wanted of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Its issuer's certificate; [`Certificate::ca_issuer_urls`] says where to ask.
    Issuer,
    /// Its status; [`Certificate::ocsp_urls`] and [`Certificate::crl_urls`] say where to ask.
    Status {
        /// Its issuer.
        issuer: Certificate,
        /// As new as this at least: what is at hand is older.
        newer_than: Option<Timestamp>,
    },
}

/// Something that a document lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The field of the signature that rests on it, of the newest where several do.
    pub field: String,
    /// The certificate it is about.
    pub certificate: Certificate,
    /// What is wanted of it.
    pub wanted: Wanted,
    /// Why what is at hand does not do, one English phrase each.
    pub why: Vec<String>,
}

/// What the document lacks, beyond its own security store and `material`, for every chain in it to
/// be validated from its own bytes: the chains of signers and of signature timestamps, and of
/// document timestamps, whose data must be current `now`. Empty when nothing is lacking.
///
/// # Errors
/// [`ReadError`] where the document cannot be read.
pub fn missing(
    source: &dyn ByteSource,
    anchors: &TrustAnchors,
    material: &Material,
    now: Timestamp,
) -> Result<Vec<Missing>, ReadError> {
    let case = opened(source, material, now)?;
    let mut found: Vec<Missing> = Vec::new();
    for subject in renewed(&case.subjects, now) {
        for one in of_subject(&subject, anchors, case.at_hand()) {
            match found.iter_mut().find(|known| same(known, &one)) {
                Some(known) => known.field = one.field,
                None => found.push(one),
            }
        }
    }
    Ok(found)
}

/// What newer answers are worth asking for before the next document timestamp: what is at hand about the
/// chains that this one will be the first to cover ended before `now`. Nothing is lacking without them;
/// but whoever validates when those chains have ended goes back to the end of the newest answer (EN 319
/// 102-1 §5.6.2.2), and the timestamp proves that nothing of it existed then.
///
/// Not asked for is what has ended itself, for which there are no answers any more, and what is
/// revoked, for which there is nothing newer.
///
/// # Errors
/// [`ReadError`] where the document cannot be read.
pub fn ageing(
    source: &dyn ByteSource,
    anchors: &TrustAnchors,
    material: &Material,
    now: Timestamp,
) -> Result<Vec<Missing>, ReadError> {
    let case = opened(source, material, now)?;
    let at_hand = case.at_hand();
    let mut found: Vec<Missing> = Vec::new();
    for subject in uncovered(&case.subjects) {
        let chain = Chain::of(subject, at_hand.material, anchors, now);
        for (certificate, issuer) in chain.links() {
            let about = [certificate.clone()].into_iter();
            let responder = responder(certificate, issuer, at_hand);
            let ended = about.chain(responder).filter_map(|one| {
                let newer_than = Some(ended_of(&one, issuer, at_hand)?);
                let wanted = Wanted::Status { issuer: issuer.clone(), newer_than };
                let field = subject.field.clone();
                Some(Missing { field, certificate: one, wanted, why: Vec::new() })
            });
            let new: Vec<Missing> =
                ended.filter(|one| !found.iter().any(|known| same(known, one))).collect();
            found.extend(new);
        }
    }
    Ok(found)
}

fn opened<'s>(
    source: &'s dyn ByteSource,
    material: &Material,
    now: Timestamp,
) -> Result<Case<'s>, ReadError> {
    let document = Document::open(source, &Limits::default())?;
    Ok(Case::of(&document, source, material, now)?)
}

/// Signers and signature timestamps over which there is no document timestamp yet.
fn uncovered(subjects: &[Subject]) -> impl Iterator<Item = &Subject> {
    let stamps = subjects.iter().filter(|subject| subject.role == Role::DocumentTimestamp);
    let covered = stamps.map(|stamp| stamp.end).max().unwrap_or(0);
    subjects.iter().filter(move |subject| subject.end > covered)
}

/// The moment that an answer must reach to be newer than one that has ended; nothing where none has.
fn ended_of(
    certificate: &Certificate,
    issuer: &Certificate,
    at_hand: AtHand<'_>,
) -> Option<Timestamp> {
    let Status::Good(evidence) = at_hand.status(certificate, issuer) else { return None };
    let now = at_hand.now;
    let ended = !evidence.is_current_at(now) && certificate.not_after() >= now;
    ended.then(|| evidence.this_update.saturating_add(SignedDuration::from_secs(1)).ok()).flatten()
}

/// The responder whose word is at hand, where his own status counts.
fn responder(
    certificate: &Certificate,
    issuer: &Certificate,
    at_hand: AtHand<'_>,
) -> Option<Certificate> {
    let status = at_hand.status(certificate, issuer);
    match &status.evidence()?.source {
        Source::Ocsp { responder, no_check: false, .. } => responder.clone(),
        _ => None,
    }
}

fn same(one: &Missing, other: &Missing) -> bool {
    one.certificate == other.certificate && one.wanted == other.wanted
}

/// A document timestamp is renewed while its chain is good: what is asked about the last one is asked
/// for now, and about one before for the time of the one that renewed it. `subjects` are in the order
/// of their ByteRanges.
pub(super) fn renewed(subjects: &[Subject], now: Timestamp) -> Vec<Subject> {
    let mut renewed_at = now;
    let mut subjects = subjects.to_vec();
    for subject in subjects.iter_mut().rev() {
        if subject.role == Role::DocumentTimestamp {
            let made = subject.time.replace(renewed_at);
            renewed_at = made.map_or(renewed_at, |made| made.min(renewed_at));
        }
    }
    subjects
}

fn of_subject(subject: &Subject, anchors: &TrustAnchors, at_hand: AtHand<'_>) -> Vec<Missing> {
    let chain = Chain::of(subject, at_hand.material, anchors, at_hand.now);
    let missing = |certificate: &Certificate, wanted, why| Missing {
        field: subject.field.clone(),
        certificate: certificate.clone(),
        wanted,
        why,
    };
    let mut found = Vec::new();
    for (certificate, issuer) in chain.links() {
        let Known::Lacking { newer_than, why, responders } =
            known(subject, certificate, issuer, at_hand)
        else {
            continue;
        };
        let wanted = || Wanted::Status { issuer: issuer.clone(), newer_than };
        found.extend(responders.iter().map(|one| missing(one, wanted(), why.clone())));
        found.push(missing(certificate, wanted(), why));
    }
    if let (false, Some(last)) = (chain.complete, chain.certificates.last()) {
        found.push(missing(last, Wanted::Issuer, Vec::new()));
    }
    found
}
