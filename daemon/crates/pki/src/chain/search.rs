//! The bounded search for a path.

use jiff::Timestamp;

use super::{ChainError, TrustAnchors};
use crate::{
    certificate::{Certificate, KeyUsage},
    oid::{self, Oid},
};

/// Most certificates of a path.
pub(super) const MAX_DEPTH: usize = 10;

/// Most signatures that are verified in one search.
const MAX_SIGNATURES: usize = 64;

/// Critical extensions that are looked at, or that bind nothing that is decided here.
const KNOWN: [Oid; 6] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::CERTIFICATE_POLICIES,
    oid::QC_STATEMENTS,
    oid::CRL_DISTRIBUTION_POINTS,
];

pub(super) fn search(
    certificate: &Certificate,
    intermediates: &[Certificate],
    anchors: &TrustAnchors,
    at: Timestamp,
) -> Result<Vec<Certificate>, ChainError> {
    let mut search = Search { intermediates, anchors, at, signatures: 0, farthest: None };
    let mut path = vec![certificate.clone()];
    if search.extend(&mut path) {
        return Ok(path);
    }
    let nothing = ChainError::NoPath { subject: certificate.subject().to_string() };
    Err(search.farthest.unwrap_or(nothing))
}

struct Search<'s> {
    intermediates: &'s [Certificate],
    anchors: &'s TrustAnchors,
    at: Timestamp,
    signatures: usize,
    farthest: Option<ChainError>,
}

impl<'s> Search<'s> {
    /// Prolongs the path until it ends at an anchor and is valid; leaves it as it was otherwise.
    fn extend(&mut self, path: &mut Vec<Certificate>) -> bool {
        let last = path.last().expect("invariant: a path is never empty").clone();
        if self.anchors.contains(&last) {
            return self.complete(path);
        }
        let candidates = self.anchors.certificates().iter().chain(self.intermediates);
        let candidates: Vec<&'s Certificate> =
            candidates.filter(|candidate| named(candidate, &last)).collect();
        if candidates.is_empty() {
            self.note(ChainError::NoPath { subject: last.subject().to_string() });
        }
        candidates.into_iter().any(|issuer| self.try_issuer(path, &last, issuer))
    }

    fn try_issuer(
        &mut self,
        path: &mut Vec<Certificate>,
        last: &Certificate,
        issuer: &Certificate,
    ) -> bool {
        if path.contains(issuer) {
            return false;
        }
        if path.len() == MAX_DEPTH || self.signatures == MAX_SIGNATURES {
            self.note(ChainError::TooComplex);
            return false;
        }
        self.signatures += 1;
        if last.verify_signed_by(issuer).is_err() {
            self.note(ChainError::BadSignature { subject: last.subject().to_string() });
            return false;
        }
        path.push(issuer.clone());
        let found = self.extend(path);
        if !found {
            path.pop();
        }
        found
    }

    /// Judges a path that reached an anchor.
    fn complete(&mut self, path: &[Certificate]) -> bool {
        match check(path, self.at) {
            Ok(()) => true,
            Err(error) => {
                self.note(error);
                false
            }
        }
    }

    fn note(&mut self, error: ChainError) {
        let farther = |known: &ChainError| error.progress() > known.progress();
        if self.farthest.as_ref().is_none_or(farther) {
            self.farthest = Some(error);
        }
    }
}

/// Whether `issuer` is named by `certificate` as its issuer, and signed it.
pub(super) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    named(issuer, certificate) && certificate.verify_signed_by(issuer).is_ok()
}

/// Whether `issuer` bears the name, and the key identifier where both tell one, that `certificate`
/// gives for its issuer (RFC 5280 §6.1.3, §4.2.1.1).
fn named(issuer: &Certificate, certificate: &Certificate) -> bool {
    let ids = (certificate.authority_key_identifier(), issuer.subject_key_identifier());
    let same_key = !matches!(ids, (Some(wanted), Some(found)) if wanted != found);
    same_key && issuer.subject() == certificate.issuer() && !issuer.subject().is_empty()
}

/// Everything but signatures and names, from the anchor down.
fn check(path: &[Certificate], at: Timestamp) -> Result<(), ChainError> {
    for (below, certificate) in path.iter().enumerate().rev() {
        let is_anchor = below + 1 == path.len();
        if !is_anchor {
            check_validity(certificate, at)?;
            check_critical(certificate)?;
        }
        if below > 0 {
            check_authority(certificate, is_anchor, &path[1..below])?;
        }
    }
    Ok(())
}

/// Whether a certificate was valid at `at` (RFC 5280 §4.1.2.5).
pub(crate) fn check_validity(certificate: &Certificate, at: Timestamp) -> Result<(), ChainError> {
    let subject = || certificate.subject().to_string();
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    // Certificates tell whole seconds; their last one is still theirs.
    if at.as_second() > not_after.as_second() {
        Err(ChainError::Expired { subject: subject(), not_after })
    } else if at < not_before {
        Err(ChainError::NotYetValid { subject: subject(), not_before })
    } else {
        Ok(())
    }
}

fn check_critical(certificate: &Certificate) -> Result<(), ChainError> {
    let unknown = |id: &Oid| !KNOWN.contains(id);
    let mut critical = certificate.extensions().iter().filter(|extension| extension.critical);
    match critical.find(|extension| unknown(&extension.id)) {
        None => Ok(()),
        Some(extension) => Err(ChainError::CriticalExtension {
            subject: certificate.subject().to_string(),
            extension: extension.id,
        }),
    }
}

/// An issuer must be an authority (an anchor may be of version 1, which cannot say so), may sign
/// certificates, and may have no more authorities below it than it allows (§6.1.4 k to n).
fn check_authority(
    issuer: &Certificate,
    is_anchor: bool,
    authorities_below: &[Certificate],
) -> Result<(), ChainError> {
    let subject = || issuer.subject().to_string();
    let constraints = issuer.basic_constraints();
    let authority = constraints.map_or(is_anchor, |constraints| constraints.ca);
    let signs = issuer.key_usage().is_none_or(|usage| usage.contains(KeyUsage::KEY_CERT_SIGN));
    if !authority || !signs {
        return Err(ChainError::NotAnAuthority { subject: subject() });
    }
    let below = authorities_below.iter().filter(|one| !one.is_self_issued()).count() as u64;
    match constraints.and_then(|constraints| constraints.path_len) {
        Some(allowed) if below > allowed => Err(ChainError::PathLength { subject: subject() }),
        _ => Ok(()),
    }
}
