//! Until when a document's last timestamp proves what it covers.

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits};
use sceau_pki::Certificate;
use sceau_pki::chain::TrustAnchors;
use sceau_pki::revocation::Material;
use sceau_pki::tsp::TimestampToken;

use super::chain::Chain;
use super::stored_material;
use super::subjects::{Role, Subject, of_token, subjects};
use crate::{ReadError, policy};

/// The moment before which a document at B-LTA needs a further document timestamp: the earliest end
/// of a certificate in the chain of the last one, the trust anchor apart, or of the policy's
/// acceptance of what it rests on ([`policy::accepted_until`]): the keys of the chain, the signatures on
/// its certificates, the timestamp's own signature and digest. Nothing without a document timestamp.
///
/// # Errors
/// [`ReadError`] where the document cannot be read.
pub fn proven_until(
    source: &dyn ByteSource,
    anchors: &TrustAnchors,
    now: Timestamp,
) -> Result<Option<Timestamp>, ReadError> {
    let document = Document::open(source, &Limits::default())?;
    let mut subjects = subjects(&document)?;
    subjects.retain(|subject| subject.role == Role::DocumentTimestamp);
    let Some(last) = subjects.pop() else { return Ok(None) };
    Ok(until(&last, &stored_material(&document)?, anchors, now))
}

/// The same of a token that stands in no document yet, as far as the certificates within it lead.
/// Nothing for what is no token.
#[must_use]
pub fn token_proven_until(
    token: &[u8],
    anchors: &TrustAnchors,
    now: Timestamp,
) -> Option<Timestamp> {
    let token = TimestampToken::parse(token).ok()?;
    let subject = of_token(&token, Role::DocumentTimestamp, 0)?;
    until(&subject, &Material::default(), anchors, now)
}

/// Whether a timestamp that proves until `end` proves longer than one that does until `before`; one
/// without a known end does, and so does any where there is none before.
#[must_use]
pub fn outlasts(end: Option<Timestamp>, before: Option<Timestamp>) -> bool {
    before.is_none_or(|before| end.is_none_or(|end| end > before))
}

fn until(
    stamp: &Subject,
    material: &Material,
    anchors: &TrustAnchors,
    now: Timestamp,
) -> Option<Timestamp> {
    let chain = Chain::of(stamp, material, anchors, now);
    let anchor = usize::from(chain.complete && chain.certificates.len() > 1);
    let own = chain.certificates.len() - anchor;
    let certificates = chain.certificates[..own].iter().map(Certificate::not_after);
    let mut used = stamp.used.clone();
    used.extend(chain.certificates.iter().flat_map(policy::of_key));
    used.extend(chain.links().flat_map(|(certificate, _)| policy::of_issuing(certificate)));
    certificates.chain(policy::accepted_until(&used)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ends_later_outlasts() {
        let [early, late] = [1, 2].map(|second| Timestamp::from_second(second).ok());
        assert!(outlasts(late, early) && outlasts(None, early) && outlasts(early, None));
        assert!(!outlasts(early, late) && !outlasts(early, early));
    }
}
