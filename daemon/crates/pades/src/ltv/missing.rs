//! What a document still lacks for B-LT, so that whoever can fetch does.

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits};
use sceau_pki::Certificate;
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::Material;

use super::chain::{Chain, Known, known};
use super::stored_material;
use super::subjects::{Role, Subject, subjects};
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
    let document = Document::open(source, &Limits::default())?;
    let mut at_hand = stored_material(&document)?;
    at_hand.merge(material);
    let mut found: Vec<Missing> = Vec::new();
    for subject in renewed(subjects(&document)?, now) {
        for one in of_subject(&subject, anchors, &at_hand, now) {
            match found.iter_mut().find(|known| same(known, &one)) {
                Some(known) => known.field = one.field,
                None => found.push(one),
            }
        }
    }
    Ok(found)
}

fn same(one: &Missing, other: &Missing) -> bool {
    one.certificate == other.certificate && one.wanted == other.wanted
}

/// A document timestamp is renewed while its chain is good: what is asked about the last one is asked
/// for now, and about one before for the time of the one that renewed it. `subjects` are in the order
/// of their ByteRanges.
pub(super) fn renewed(subjects: Vec<Subject>, now: Timestamp) -> Vec<Subject> {
    let mut renewed_at = now;
    let mut subjects = subjects;
    for subject in subjects.iter_mut().rev() {
        if subject.role == Role::DocumentTimestamp {
            let made = subject.time.replace(renewed_at);
            renewed_at = made.map_or(renewed_at, |made| made.min(renewed_at));
        }
    }
    subjects
}

fn of_subject(
    subject: &Subject,
    anchors: &TrustAnchors,
    material: &Material,
    now: Timestamp,
) -> Vec<Missing> {
    let chain = Chain::of(subject, material, anchors, now);
    let missing = |certificate: &Certificate, wanted, why| Missing {
        field: subject.field.clone(),
        certificate: certificate.clone(),
        wanted,
        why,
    };
    let mut found = Vec::new();
    for (certificate, issuer) in chain.links() {
        let Known::Lacking { newer_than, why, responders } =
            known(subject, certificate, issuer, material, now)
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
