//! Until when a document's last timestamp proves what it covers.

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits};
use sceau_pki::Certificate;
use sceau_pki::chain::TrustAnchors;

use super::chain::Chain;
use super::stored_material;
use super::subjects::{Role, subjects};
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
    let chain = Chain::of(&last, &stored_material(&document)?, anchors, now);
    let anchor = usize::from(chain.complete && chain.certificates.len() > 1);
    let own = chain.certificates.len() - anchor;
    let certificates = chain.certificates[..own].iter().map(Certificate::not_after);
    let mut used = last.used.clone();
    used.extend(chain.certificates.iter().flat_map(policy::of_key));
    used.extend(chain.links().flat_map(|(certificate, _)| policy::of_issuing(certificate)));
    Ok(certificates.chain(policy::accepted_until(&used)).min())
}
