//! What is at hand about revocation, whose algorithms are judged for when it is known to exist
//! (EN 319 102-1 §5.2.8).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use sceau_pdf::{ByteSource, Document, Limits, Prefix};
use sceau_pki::revocation::{Evidence, Material, Source, Status, evaluate_where};
use sceau_pki::{Certificate, sha256};

use crate::policy;

/// Revocation data, and what proves since when it exists.
#[derive(Clone, Copy)]
pub(crate) struct AtHand<'a> {
    pub(crate) material: &'a Material,
    pub(crate) holdings: &'a Holdings<'a>,
    /// Ends of the ByteRanges of document timestamps, with their times: what they cover existed then.
    pub(crate) proofs: &'a [(u64, Timestamp)],
    pub(crate) now: Timestamp,
}

impl AtHand<'_> {
    /// The status of a certificate that `issuer` issued, by what is known now. A good one counts only
    /// where what it rests on is accepted, now or at a moment when it is proven to have existed; a
    /// revocation always does.
    pub(crate) fn status(&self, certificate: &Certificate, issuer: &Certificate) -> Status {
        let accepted = |evidence: &Evidence, issuer: &Certificate| self.accepted(evidence, issuer);
        evaluate_where(certificate, issuer, self.material, self.now, &accepted)
    }

    fn accepted(&self, evidence: &Evidence, issuer: &Certificate) -> Result<(), String> {
        let used = policy::of_evidence(evidence, issuer);
        let Some(why) = policy::refusal(&used, self.now) else { return Ok(()) };
        let in_time = |time: Timestamp| policy::refusal(&used, time).is_none();
        let mut proofs = self.proofs.iter().filter(|(_, time)| in_time(*time));
        match proofs.any(|(end, _)| self.holdings.held(&evidence.source, *end)) {
            true => Ok(()),
            false => Err(why),
        }
    }
}

/// Where in a document which revocation data stands.
pub(crate) struct Holdings<'h> {
    source: &'h dyn ByteSource,
    /// What stands in signatures, with the offset that a timestamp over it must pass.
    embedded: Vec<(u64, Material)>,
    /// SHA-256 of what the security store held, by the end of a ByteRange: looked up when first asked.
    stored: RefCell<BTreeMap<u64, HashSet<[u8; 32]>>>,
}

impl<'h> Holdings<'h> {
    pub(crate) fn new(source: &'h dyn ByteSource, embedded: Vec<(u64, Material)>) -> Self {
        Self { source, embedded, stored: RefCell::default() }
    }

    /// Whether the first `end` bytes of the document held it.
    fn held(&self, piece: &Source, end: u64) -> bool {
        let mut covered = self.embedded.iter().filter(|(offset, _)| *offset < end);
        if covered.any(|(_, material)| is_in(piece, material)) {
            return true;
        }
        let fingerprint = match piece {
            Source::Ocsp { response, .. } => response.fingerprint(),
            Source::Crl(list) => list.fingerprint(),
        };
        let mut stored = self.stored.borrow_mut();
        stored.entry(end).or_insert_with(|| self.stored_at(end)).contains(&fingerprint)
    }

    /// A store that cannot be read proves nothing.
    fn stored_at(&self, end: u64) -> HashSet<[u8; 32]> {
        let prefix = Prefix::new(self.source, end);
        let document = Document::open(&prefix, &Limits::default()).ok();
        let store = document.and_then(|document| document.security_store().ok());
        let store = store.unwrap_or_default();
        store.ocsps.iter().chain(&store.crls).map(|der| sha256(der)).collect()
    }
}

fn is_in(piece: &Source, material: &Material) -> bool {
    match piece {
        Source::Ocsp { response, .. } => material.ocsps.contains(response),
        Source::Crl(list) => material.crls.contains(list),
    }
}

#[cfg(test)]
mod tests {
    use sceau_pki::SignatureAlgorithm;
    use sceau_pki::crl::RevocationList;
    use sceau_pki::testing::TestPki;

    use super::*;

    #[test]
    fn what_stands_in_a_signature_is_held_by_what_passes_its_end() {
        let pki = TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256);
        let [list, other] = pki.crls(&[]).map(|list| RevocationList::parse(list.der()).unwrap());
        let material = Material { crls: vec![list.clone()], ..Material::default() };
        let no_document = Vec::<u8>::new();
        let holdings = Holdings::new(&no_document, vec![(10, material)]);
        assert!(holdings.held(&Source::Crl(list.clone()), 11));
        assert!(!holdings.held(&Source::Crl(list), 10));
        assert!(!holdings.held(&Source::Crl(other), 11));
    }
}
